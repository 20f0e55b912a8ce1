//! What a person does to a drive by hand, without reading: open and close the tray, set the speed.

use std::path::Path;
use std::sync::Arc;

use super::controls::speed;
use super::find::open_transport;
use super::link::{COMMAND_LIMIT, Link, READY_LIMIT};
use super::{DriveError, identify};
use crate::base::cancel::Cancel;
use crate::base::clock::SystemClock;
use crate::base::human::printable;
use crate::scsi::sg_io::Sharing;
use crate::scsi::{Transport, answers, cdb};

/// One of these deeds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    /// Unlock the tray and open it.
    Eject,
    /// Close the tray.
    Close,
    /// Set the speed of reading, kB/s; `None` is the fastest.
    Speed(Option<u16>),
}

/// Does it to the drive behind a node, when nobody else uses it. Whether the drive did it.
///
/// # Errors
/// [`DriveError`]: the drive cannot be had, or is none.
pub fn act(path: &Path, deed: Deed) -> Result<bool, DriveError> {
    let name = printable(&path.to_string_lossy());
    let (transport, _guard) = open_transport(path, Sharing::Exclusive, Arc::new(SystemClock::new()))?;
    act_on(Box::new(transport), &name, deed)
}

pub(super) fn act_on(transport: Box<dyn Transport>, name: &str, deed: Deed) -> Result<bool, DriveError> {
    let mut link = Link::new(transport, Cancel::new());
    identify(&mut link, name)?;
    Ok(match deed {
        Deed::Eject => {
            // A run that was killed may have left it locked.
            link.tell(&cdb::prevent_removal(false), COMMAND_LIMIT);
            link.tell(&cdb::start_stop_unit(false, true), READY_LIMIT)
        }
        Deed::Close => link.tell(&cdb::start_stop_unit(true, true), READY_LIMIT),
        Deed::Speed(kilobytes) => {
            let _ = link.wait_ready();
            let answer = link.ask(&cdb::read_capacity(), 8).ok();
            let last = answer.and_then(|answer| answers::capacity(&answer)).map_or(u32::MAX, |capacity| capacity.last);
            speed::set(&mut link, kilobytes, last)
        }
    })
}
