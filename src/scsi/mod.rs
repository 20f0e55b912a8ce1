//! SCSI commands and the way they reach a device.

pub mod answers;
pub mod cdb;
pub mod emulated;
pub mod sense;
pub mod sg_io;
pub mod tracks;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::Clock;

/// Data that goes with a command.
#[derive(Debug)]
pub enum Data<'a> {
    /// None.
    None,
    /// From the device.
    In(&'a mut [u8]),
    /// To the device.
    Out(&'a [u8]),
}

impl Data<'_> {
    /// Bytes of the buffer.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::In(buffer) => buffer.len(),
            Self::Out(buffer) => buffer.len(),
        }
    }

    /// Whether there is no room for any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Most bytes of sense data that are kept (SPC-4, 4.5: descriptor format may be longer; 252 is the limit of REQUEST SENSE).
pub const SENSE_MAX: usize = 252;

/// What a device answered. Whoever asks looks at all of it: a GOOD status alone says little.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reply {
    /// SCSI status byte: 00 GOOD, 02 CHECK CONDITION, 08 BUSY, 18 RESERVATION CONFLICT, 28 TASK SET FULL (SAM-5, 5.3.1).
    pub status: u8,
    /// Linux host status (`DID_*`); 0 when the way to the device worked.
    pub host_status: u16,
    /// Linux driver status; 08 only says that sense data is there.
    pub driver_status: u16,
    /// Bytes of the data buffer that were not transferred.
    pub residual: usize,
    /// Sense data, as long as it arrived.
    pub sense: Vec<u8>,
    /// How long the command took on the transport's clock.
    pub duration: Duration,
}

/// What the system says of a device that commands do not reach any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It is there, as far as the system knows.
    There,
    /// The system has given it up, after its error handler could do nothing for it, and passes no command on.
    Offline,
    /// The system has it no more: it was unplugged, or its power failed.
    Gone,
}

/// The way to a SCSI device. The hardware starts here: the emulated drive is another one of these.
pub trait Transport: Send {
    /// Sends one command and waits for its answer, at most about `timeout`. No retries, no resets.
    ///
    /// # Errors
    /// The command could not be sent at all (the device node is gone, the kernel refused it).
    fn execute(&mut self, cdb: &[u8], data: Data<'_>, timeout: Duration) -> io::Result<Reply>;

    /// Most bytes that one command may transfer.
    fn max_transfer(&self) -> usize;

    /// What the system says of the device.
    fn standing(&self) -> Standing {
        Standing::There
    }

    /// The clock that [`Reply::duration`] is measured on.
    fn clock(&self) -> Arc<dyn Clock>;
}
