//! How a command ends.

use std::time::Duration;

use super::plan::faults::Answered;
use crate::base::bytes::Bytes;
use crate::base::outcome::Sense;
use crate::scsi::Data;

/// Sense key of a command that asks for what cannot be.
pub(super) const ILLEGAL_REQUEST: u8 = 5;

/// What a command ends with, before it becomes a [`Reply`](crate::scsi::Reply).
pub(super) enum Ending {
    /// GOOD; that many bytes of the buffer were transferred.
    Good(usize),
    /// CHECK CONDITION; a part may have been transferred, and an address may belong to the sense.
    Check { sense: Sense, information: Option<u32>, transferred: usize },
    /// Another status, or a way to the drive that fails.
    Other { status: u8, host_status: u16, transferred: usize },
}

impl Ending {
    pub(super) fn check(key: u8, asc: u8, ascq: u8) -> Self {
        Self::Check { sense: Sense::new(key, asc, ascq), information: None, transferred: 0 }
    }

    /// What a plan says, with the address that it is about, after so many bytes.
    pub(super) fn planned(what: Answered, information: Option<u32>, transferred: usize) -> Self {
        match what {
            Answered::Sense(sense) => Self::Check { sense, information, transferred },
            Answered::Status(status) => Self::Other { status, host_status: 0, transferred },
            Answered::Host(host_status) => Self::Other { status: 0, host_status, transferred },
            // Nobody will hear it.
            Answered::Hang => Self::Good(0),
        }
    }

    /// Seconds that such an answer takes beyond the usual.
    pub(super) fn planned_seconds(what: Answered, after: Duration) -> f64 {
        if what == Answered::Hang { f64::INFINITY } else { after.as_secs_f64() }
    }
}

/// The allocation length of a 10-byte command.
pub(super) fn allocation(cdb: &[u8]) -> usize {
    Bytes::at(cdb, 7).and_then(|mut b| b.u16_be()).unwrap_or(0).into()
}

/// Transfers as much of an answer as was asked for and there is room for.
pub(super) fn give(data: &mut Data<'_>, answer: &[u8], allocation: usize) -> Ending {
    let Data::In(buffer) = data else { return Ending::Good(0) };
    let length = answer.len().min(allocation).min(buffer.len());
    for (to, from) in buffer.iter_mut().zip(answer.iter().take(length)) {
        *to = *from;
    }
    Ending::Good(length)
}
