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
    /// Reads in a row of which the drive has refused FUA.
    pub(super) fua_refusals: u32,
    pub(super) spin_cycles: u32,
}

/// Reads of which FUA is refused before it is no longer asked for: once may have been an accident, and without FUA a second
/// read may be the first one, from the cache.
const FUA_REFUSALS: u32 = 3;

impl Memory {
    /// Whether the drive does not know FUA.
    pub(super) fn refuses_fua(&self) -> bool {
        self.fua_refusals >= FUA_REFUSALS
    }
}
