//! What reads of a drive have taught.

use std::time::Duration;

use crate::base::sector::SectorRange;

/// What earlier reads teach the next one.
#[derive(Debug, Default)]
pub(in crate::drive) struct Memory {
    /// A range that was read well: proof, when it reads again, that the drive is alive.
    pub(in crate::drive) last_good: Option<SectorRange>,
    /// The first sector that was read well: by now the drive's cache has others.
    pub(in crate::drive) first_good: Option<u64>,
    /// Where hardware errors occurred in a row.
    pub(in crate::drive) soft_errors: Vec<u64>,
    /// The longest that a failing read took. One that was never answered says nothing of how long the drive needs.
    pub(in crate::drive) slowest_failure: Duration,
    /// Second tries with all patience that were not answered either.
    pub(in crate::drive) patience_in_vain: u32,
    /// The drive has carried out a read with FUA.
    pub(in crate::drive) fua_works: bool,
    /// Reads in a row of which the drive has refused FUA.
    pub(in crate::drive) fua_refusals: u32,
    pub(in crate::drive) spin_cycles: u32,
}

/// Reads of which FUA is refused before it is no longer asked for: once may have been an accident, and without FUA a second
/// read may be the first one, from the cache.
const FUA_REFUSALS: u32 = 3;

/// Second tries with all patience that may be in vain: then it is known what a drive does that does not answer, and a disc with
/// many such places is read in hours instead of days.
const PATIENCE_IN_VAIN: u32 = 2;

impl Memory {
    /// A range was read well.
    pub(in crate::drive) fn note_good(&mut self, range: SectorRange) {
        self.last_good = Some(range);
        self.first_good.get_or_insert(range.start());
    }

    /// Tries that follow a read that was not answered in time.
    pub(in crate::drive) fn tries_after_time_out(&self) -> u32 {
        u32::from(self.patience_in_vain < PATIENCE_IN_VAIN)
    }

    /// Whether the drive does not know FUA.
    pub(in crate::drive) fn refuses_fua(&self) -> bool {
        self.fua_refusals >= FUA_REFUSALS
    }
}
