//! One step of a strategy.

use std::time::Duration;

use crate::base::sector::SectorRange;

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
    /// Let this time pass; the drive needs a rest.
    Pause(Duration),
    /// Nothing is left to do.
    Done,
}
