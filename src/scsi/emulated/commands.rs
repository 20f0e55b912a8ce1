//! The commands that the emulated drive knows.

use std::io;

use super::drive::{ERROR_PAGE_DEFAULT, EmulatedDrive, MEDIA_REMOVAL, MEDIUM_CHANGED, NEW_MEDIA};
use super::ending::{Ending, ILLEGAL_REQUEST, allocation, give};
use super::latency::RETRIES_DEFAULT;
use super::plan::faults::{Refrain, Response};
use crate::base::bytes::Bytes;
use crate::base::outcome::Sense;
use crate::scsi::Data;
use crate::scsi::answers::TYPE_OPTICAL;
use crate::scsi::cdb::{self, op};
use crate::scsi::sense;

/// Sense key of a drive that cannot be used now.
const NOT_READY: u8 = 2;

impl EmulatedDrive {
    /// Carries a command out; tells how it ends and how many seconds that takes.
    pub(super) fn carry_out(&mut self, cdb: &[u8], data: &mut Data<'_>) -> io::Result<(Ending, f64)> {
        let opcode = cdb.first().copied().unwrap_or_default();
        let seconds = self.mechanism.command_seconds();
        let told_anyway = matches!(
            opcode,
            op::INQUIRY | op::REPORT_LUNS | op::REQUEST_SENSE | op::GET_CONFIGURATION | op::GET_EVENT_STATUS
        );
        if let Some(sense) = (!told_anyway).then(|| self.attentions.pop_front()).flatten() {
            return Ok((Ending::Check { sense, information: None, transferred: 0 }, seconds));
        }
        if let Some((ending, more)) = self.refrain(opcode) {
            return Ok((ending, seconds + more));
        }
        let sets = matches!(opcode, op::MODE_SELECT_10 | op::SET_CD_SPEED | op::SET_STREAMING);
        if sets && self.refuses_settings {
            return Ok((Ending::check(ILLEGAL_REQUEST, 0x26, 0), seconds));
        }
        let ending = match opcode {
            op::READ_10 | op::READ_12 => return self.read(cdb, data),
            op::TEST_UNIT_READY => self.unready().unwrap_or(Ending::Good(0)),
            op::REQUEST_SENSE => self.request_sense(cdb, data),
            op::INQUIRY => inquiry(cdb, data),
            op::REPORT_LUNS => report_luns(cdb, data),
            op::START_STOP_UNIT => self.start_stop(cdb),
            op::PREVENT_ALLOW => {
                self.locked = cdb.get(4).is_some_and(|b| b & 1 != 0);
                Ending::Good(0)
            }
            op::READ_CAPACITY => self.unready().unwrap_or_else(|| self.capacity(data)),
            op::READ_TOC => self.unready().unwrap_or_else(|| self.toc(cdb, data)),
            op::GET_CONFIGURATION => self.configuration(cdb, data),
            op::READ_DISC_INFORMATION => self.unready().unwrap_or_else(|| self.disc_information(cdb, data)),
            op::MODE_SENSE_6 | op::MODE_SENSE_10 => self.mode_sense(cdb, data),
            op::MODE_SELECT_10 => self.mode_select(data),
            op::READ_TRACK_INFORMATION => self.unready().unwrap_or_else(|| self.track_information(cdb, data)),
            op::READ_DISC_STRUCTURE => self.unready().unwrap_or_else(|| self.structure(cdb, data)),
            op::GET_EVENT_STATUS => self.event_status(cdb, data),
            op::SET_STREAMING => self.set_streaming(data),
            op::SET_CD_SPEED => {
                let speed = Bytes::at(cdb, 2).and_then(|mut b| b.u16_be()).unwrap_or(u16::MAX);
                self.set_speed((speed != u16::MAX).then_some(speed.into()));
                Ending::Good(0)
            }
            // INVALID COMMAND OPERATION CODE.
            _ => Ending::check(ILLEGAL_REQUEST, 0x20, 0),
        };
        Ok((ending, seconds))
    }

    /// What the plan says to a command of this code, whatever it asks for, and how many seconds more that takes.
    fn refrain(&mut self, opcode: u8) -> Option<(Ending, f64)> {
        let meant = |r: &&mut Refrain| r.times != Some(0) && r.opcode.is_none_or(|code| code == opcode);
        let refrain = self.refrains.iter_mut().find(meant)?;
        refrain.times = refrain.times.map(|times| times - 1);
        let Response { what, after, .. } = refrain.response;
        Some((Ending::planned(what, None, 0), Ending::planned_seconds(what, after)))
    }

    fn set_speed(&mut self, kilobytes: Option<u32>) {
        // What a drive cannot do it rounds down.
        self.speed = kilobytes.filter(|k| f64::from(*k) < self.mechanism.top_speed());
        self.mechanism.set_speed(self.speed);
    }

    /// SET STREAMING with one performance descriptor of 28 bytes.
    fn set_streaming(&mut self, data: &mut Data<'_>) -> Ending {
        let Data::Out(list) = data else { return Ending::Good(0) };
        let mut words = Bytes::new(list);
        let (Ok(flags), Ok([_, _, size, time])) = (words.array::<4>(), read_words(&mut words)) else {
            return Ending::check(ILLEGAL_REQUEST, 0x1A, 0);
        };
        // RDD: restore the drive's defaults.
        if flags[0] & 0b100 != 0 {
            self.set_speed(None);
        } else if time == 0 || list.len() != 28 {
            return Ending::check(ILLEGAL_REQUEST, 0x26, 0);
        } else {
            let speed = u64::from(size) * 1000 / u64::from(time);
            self.set_speed(Some(u32::try_from(speed).unwrap_or(u32::MAX)));
        }
        Ending::Good(list.len())
    }

    /// Why the medium cannot be used now, if it cannot.
    pub(super) fn unready(&self) -> Option<Ending> {
        if !self.disc_in {
            // MEDIUM NOT PRESENT - TRAY OPEN, or CLOSED.
            return Some(Ending::check(NOT_READY, 0x3A, if self.tray_open { 2 } else { 1 }));
        }
        if self.not_ready_until.is_some() {
            // LOGICAL UNIT IS IN PROCESS OF BECOMING READY.
            return Some(Ending::check(NOT_READY, 0x04, 1));
        }
        // LOGICAL UNIT NOT READY, INITIALIZING COMMAND REQUIRED.
        self.stopped.then(|| Ending::check(NOT_READY, 0x04, 2))
    }

    fn request_sense(&mut self, cdb: &[u8], data: &mut Data<'_>) -> Ending {
        let sense = match (self.attentions.pop_front(), self.unready()) {
            (Some(sense), _) | (None, Some(Ending::Check { sense, .. })) => sense,
            _ => Sense::default(),
        };
        give(data, &sense::encode_fixed(sense, None), cdb.get(4).copied().unwrap_or(0).into())
    }

    fn start_stop(&mut self, cdb: &[u8]) -> Ending {
        let bits = cdb.get(4).copied().unwrap_or_default();
        match (bits & 2 != 0, bits & 1 != 0) {
            // MEDIUM REMOVAL PREVENTED.
            (true, false) if self.locked => return Ending::check(ILLEGAL_REQUEST, 0x53, 2),
            (true, false) => {
                (self.disc_in, self.tray_open, self.media_event) = (false, true, MEDIA_REMOVAL);
            }
            (true, true) => {
                if !self.disc_in {
                    self.attend(MEDIUM_CHANGED);
                    self.media_event = NEW_MEDIA;
                }
                (self.disc_in, self.tray_open, self.stopped) = (true, false, false);
                self.firmware.restarted();
            }
            (false, true) => {
                if self.stopped {
                    self.firmware.restarted();
                }
                self.stopped = false;
            }
            (false, false) => self.stopped = true,
        }
        Ending::Good(0)
    }

    /// MODE SENSE (10), and (6), which MMC leaves out and which drives on a bridge are asked for. There are no block
    /// descriptors, whether they are wanted or not.
    fn mode_sense(&self, cdb: &[u8], data: &mut Data<'_>) -> Ending {
        let (Some(page), is_short) = (cdb.get(2), cdb.first() == Some(&op::MODE_SENSE_6)) else {
            return Ending::check(ILLEGAL_REQUEST, 0x24, 0);
        };
        let body = match (page & 0x3F, page >> 6) {
            (cdb::CAPABILITIES_PAGE, _) => self.capabilities(),
            // Changeable values: the bits of byte 2 and the retry count.
            (cdb::ERROR_PAGE, 1) => vec![0x01, 10, 0x37, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0],
            (cdb::ERROR_PAGE, 2) => ERROR_PAGE_DEFAULT.to_vec(),
            // SAVING PARAMETERS NOT SUPPORTED.
            (cdb::ERROR_PAGE, 3) => return Ending::check(ILLEGAL_REQUEST, 0x39, 0),
            (cdb::ERROR_PAGE, _) => self.error_page.clone(),
            _ => return Ending::check(ILLEGAL_REQUEST, 0x24, 0),
        };
        let mut answer = if is_short {
            vec![u8::try_from(body.len() + 3).unwrap_or(u8::MAX), 0, 0, 0]
        } else {
            let [high, low] = u16::try_from(body.len() + 6).unwrap_or(u16::MAX).to_be_bytes();
            vec![high, low, 0, 0, 0, 0, 0, 0]
        };
        answer.extend(body);
        let room = if is_short { cdb.get(4).copied().unwrap_or(0).into() } else { allocation(cdb) };
        give(data, &answer, room)
    }

    fn mode_select(&mut self, data: &mut Data<'_>) -> Ending {
        let Data::Out(list) = data else { return Ending::Good(0) };
        match list.get(8..) {
            Some([]) => Ending::Good(list.len()),
            Some(page) if page.len() == 12 && page.starts_with(&[0x01, 10]) && page.iter().skip(4).all(|b| *b == 0) => {
                self.error_page = page.to_vec();
                self.mechanism.set_retries(page.get(3).copied().unwrap_or(RETRIES_DEFAULT));
                Ending::Good(list.len())
            }
            // INVALID FIELD IN PARAMETER LIST, or PARAMETER LIST LENGTH ERROR.
            Some(_) => Ending::check(ILLEGAL_REQUEST, 0x26, 0),
            None => Ending::check(ILLEGAL_REQUEST, 0x1A, 0),
        }
    }
}

fn inquiry(cdb: &[u8], data: &mut Data<'_>) -> Ending {
    let length = Bytes::at(cdb, 3).and_then(|mut b| b.u16_be()).unwrap_or(0).into();
    let mut answer = vec![TYPE_OPTICAL];
    match (cdb.get(1).map(|b| b & 1), cdb.get(2)) {
        (Some(0), Some(0)) => {
            answer.extend([0x80, 0x05, 0x02, 31, 0, 0, 0]);
            answer.extend(b"FREEMKV EMULATED DRIVE  1.00");
        }
        (Some(1), Some(0x00)) => answer.extend([0x00, 0, 2, 0x00, 0x80]),
        (Some(1), Some(0x80)) => answer.extend(b"\x80\0\x08EMULATED"),
        _ => return Ending::check(ILLEGAL_REQUEST, 0x24, 0),
    }
    give(data, &answer, length)
}

/// REPORT LUNS: there is one, number 0.
fn report_luns(cdb: &[u8], data: &mut Data<'_>) -> Ending {
    let length = Bytes::at(cdb, 6).and_then(|mut b| b.u32_be()).unwrap_or(0);
    give(data, &[0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], usize::try_from(length).unwrap_or(usize::MAX))
}

fn read_words(bytes: &mut Bytes<'_>) -> Result<[u32; 4], crate::base::bytes::Short> {
    Ok([bytes.u32_be()?, bytes.u32_be()?, bytes.u32_be()?, bytes.u32_be()?])
}
