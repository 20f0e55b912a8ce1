//! Sense data, and what an answer as a whole asks for.

use super::Reply;
use crate::base::bytes::{Bytes, Short};
use crate::base::outcome::{Fault, Sense};

/// SCSI status bytes (SAM-5, 5.3.1).
pub mod status {
    /// GOOD.
    pub const GOOD: u8 = 0x00;
    /// CHECK CONDITION: sense data tells.
    pub const CHECK_CONDITION: u8 = 0x02;
    /// BUSY.
    pub const BUSY: u8 = 0x08;
    /// RESERVATION CONFLICT.
    pub const RESERVATION_CONFLICT: u8 = 0x18;
    /// TASK SET FULL.
    pub const TASK_SET_FULL: u8 = 0x28;
    /// TASK ABORTED.
    pub const TASK_ABORTED: u8 = 0x40;
}

/// Linux host status `DID_TIME_OUT`: no answer in time, the kernel has aborted the command.
pub const HOST_TIME_OUT: u16 = 3;

/// Linux driver status: the low four bits say what happened.
const DRIVER_SENSE: u16 = 8;
const DRIVER_TIMEOUT: u16 = 6;

/// Decoded sense data.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SenseData {
    /// Key, code and qualifier.
    pub sense: Sense,
    /// The INFORMATION field when it is valid: on a read, the address of a block.
    pub information: Option<u64>,
    /// The data is about an earlier command; the present one was not carried out.
    pub deferred: bool,
}

/// Decodes sense data in fixed (70h, 71h) or descriptor format (72h, 73h) (SPC-4, 4.5.2 and 4.5.3).
/// `None` when there is none, or none of a known format.
#[must_use]
pub fn decode(data: &[u8]) -> Option<SenseData> {
    let format = data.first()? & 0x7F;
    let deferred = format & 1 != 0;
    match format {
        0x70 | 0x71 => fixed(data, deferred).ok(),
        0x72 | 0x73 => descriptors(data, deferred).ok(),
        _ => None,
    }
}

fn fixed(data: &[u8], deferred: bool) -> Result<SenseData, Short> {
    let key = Bytes::at(data, 2)?.u8()? & 0x0F;
    // Byte 7 says how many bytes follow it; what lies behind them means nothing.
    let declared = data.get(7).map_or(data.len(), |length| 8 + usize::from(*length));
    let data = data.get(..declared).unwrap_or(data);
    let information = if data.first().is_some_and(|b| b & 0x80 != 0) {
        Bytes::at(data, 3).and_then(|mut b| b.u32_be()).ok().map(u64::from)
    } else {
        None
    };
    let [asc, ascq] = Bytes::at(data, 12).and_then(|mut b| b.array()).unwrap_or_default();
    Ok(SenseData { sense: Sense::new(key, asc, ascq), information, deferred })
}

fn descriptors(data: &[u8], deferred: bool) -> Result<SenseData, Short> {
    let [_, key, asc, ascq] = Bytes::new(data).array()?;
    let declared = data.get(7).map_or(data.len(), |length| 8 + usize::from(*length));
    let mut rest = Bytes::new(data.get(8..declared.min(data.len())).unwrap_or_default());
    let mut information = None;
    while let Ok([kind, length]) = rest.array() {
        let Ok(mut body) = rest.sub(usize::from(length)) else { break };
        // The information sense data descriptor: VALID, a reserved byte, eight bytes.
        if kind == 0
            && let (Ok([flags, _]), Ok(value)) = (body.array(), body.u64_be())
        {
            information = information.or((flags & 0x80 != 0).then_some(value));
        }
    }
    Ok(SenseData { sense: Sense::new(key & 0x0F, asc, ascq), information, deferred })
}

/// Sense data in fixed format, 18 bytes, as a drive sends it (SPC-4, 4.5.3).
#[must_use]
pub fn encode_fixed(sense: Sense, information: Option<u32>) -> Vec<u8> {
    let mut data = vec![0x70 | if information.is_some() { 0x80 } else { 0 }, 0, sense.key & 0x0F];
    data.extend(information.unwrap_or(0).to_be_bytes());
    data.extend([10, 0, 0, 0, 0, sense.asc, sense.ascq, 0, 0, 0, 0]);
    data
}

/// What an answer asks for. The drive layer carries it out and bounds every wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Everything was done and transferred.
    Good,
    /// GOOD status, but a part of the data is missing: the buffer's tail is stale and the missing part has failed.
    Short,
    /// 01/xx: done, with effort. Data is good as far as it was transferred.
    Recovered,
    /// 02/04/00 and 01: becoming ready; wait with TEST UNIT READY, up to a minute.
    BecomingReady,
    /// 02/04/02: wants START UNIT.
    StartUnit,
    /// Any other 02: wait with TEST UNIT READY, once, then it is not ready.
    NotReady,
    /// 03/57: the table of contents cannot be read; try once more.
    CannotReadToc,
    /// 04/09: servo or focus lost; move the head away, spin down and up, then it is damage.
    Servo,
    /// Any other 04, seen once: damage, after a pause; at distant places in a row a sign of wedged firmware.
    SoftHardware,
    /// 05 on a command that is right: wedged firmware when it was a read.
    Refused,
    /// Any other 06: reset (29), parameters changed (2A), the drive itself changed (3F) and what else there is: mode page
    /// and speed may be lost and are looked at before the next read.
    SettingsLost,
    /// 0B, TASK ABORTED or a deferred error: try once more after TEST UNIT READY.
    Aborted,
    /// BUSY, TASK SET FULL, RESERVATION CONFLICT: three waits of a second.
    Busy,
    /// The way to the drive failed, or the drive complains without a reason: long waits, then give up.
    Transport,
    /// No answer in time; the kernel has aborted the command.
    TimedOut,
    /// Nothing is to be done but to say so.
    Fault(Fault),
}

/// Reads an answer as a whole: transport first, then status, then sense data, then the residual count.
#[must_use]
pub fn classify(reply: &Reply) -> Verdict {
    let driver = reply.driver_status & 0x0F;
    if reply.host_status == HOST_TIME_OUT || driver == DRIVER_TIMEOUT {
        return Verdict::TimedOut;
    }
    if reply.host_status != 0 || !matches!(driver, 0 | DRIVER_SENSE) {
        return Verdict::Transport;
    }
    let data = decode(&reply.sense);
    match reply.status {
        status::GOOD => match data {
            Some(data) if data.sense.key == 1 && !data.deferred => Verdict::Recovered,
            _ if reply.residual > 0 => Verdict::Short,
            _ => Verdict::Good,
        },
        status::CHECK_CONDITION => match data {
            Some(data) if data.deferred => Verdict::Aborted,
            Some(data) => by_sense(data.sense),
            None => Verdict::Transport,
        },
        status::BUSY | status::TASK_SET_FULL | status::RESERVATION_CONFLICT => Verdict::Busy,
        status::TASK_ABORTED => Verdict::Aborted,
        _ => Verdict::Fault(Fault::Unknown),
    }
}

/// What sense data of a CHECK CONDITION asks for, each key with its default.
fn by_sense(sense: Sense) -> Verdict {
    match (sense.key, sense.asc, sense.ascq) {
        // A complaint that names nothing comes from a confused bridge.
        (0x0, 0, 0) => Verdict::Transport,
        (0x1, ..) => Verdict::Recovered,
        (0x2, 0x04, 0x00 | 0x01) => Verdict::BecomingReady,
        (0x2, 0x04, 0x02) => Verdict::StartUnit,
        (0x2, 0x30, _) => Verdict::Fault(Fault::Incompatible),
        (0x2, 0x3A, _) => Verdict::Fault(Fault::NoMedium),
        (0x2, ..) => Verdict::NotReady,
        (0x3, 0x57, _) => Verdict::CannotReadToc,
        (0x3, ..) => Verdict::Fault(Fault::Damage),
        // No seek complete: like a medium error.
        (0x4, 0x02, _) => Verdict::Fault(Fault::Damage),
        (0x4, 0x09, _) => Verdict::Servo,
        (0x4, ..) => Verdict::SoftHardware,
        (0x5, 0x21 | 0x63, _) => Verdict::Fault(Fault::OutOfRange),
        (0x5, 0x64, _) => Verdict::Fault(Fault::WrongTrack),
        (0x5, 0x6F, 0x04 | 0x05) => Verdict::Fault(Fault::Region),
        (0x5, 0x6F, _) => Verdict::Fault(Fault::Protected),
        (0x5, ..) => Verdict::Refused,
        (0x6, 0x28, _) => Verdict::Fault(Fault::MediumChanged),
        (0x6, ..) => Verdict::SettingsLost,
        (0x8, ..) => Verdict::Fault(Fault::Blank),
        (0xB, ..) => Verdict::Aborted,
        _ => Verdict::Fault(Fault::Unknown),
    }
}

#[cfg(test)]
#[path = "sense_tests.rs"]
mod tests;
