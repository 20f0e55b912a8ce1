//! What reads of a drive have taught.

use std::time::Duration;

use crate::base::sector::SectorRange;

/// What earlier reads teach the next one.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// A range that was read well: proof, when it reads again, that the drive is alive.
    pub(super) last_good: Option<SectorRange>,
    /// Where hardware errors occurred in a row.
    pub(super) soft_errors: Vec<u64>,
    /// The longest that a failing read took.
    pub(super) slowest_failure: Duration,
    /// The drive has carried out a read with FUA.
    pub(super) fua_works: bool,
    /// The drive refuses FUA.
    pub(super) fua_refused: bool,
    pub(super) spin_cycles: u32,
}
