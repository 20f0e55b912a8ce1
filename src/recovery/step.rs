//! One step of a strategy, and what it changes.

use std::time::Duration;

use crate::base::sector::SectorRange;
use crate::mapfile::status::Status;

/// A change of the map: these sectors now have this status.
pub type Change = (SectorRange, Status);

/// What a strategy wants done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Read these sectors with one command.
    Read {
        /// Not empty.
        range: SectorRange,
        /// Past the drive's cache.
        fua: bool,
    },
    /// Let this time pass: the source wants a rest, and nothing is left that is expected to work.
    Pause(Duration),
    /// Nothing is left to do.
    Done,
}
