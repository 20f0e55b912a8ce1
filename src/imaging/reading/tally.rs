//! Counts of one run.

use crate::base::outcome::Outcome;
use crate::base::sector::SectorRange;

use super::meter::per_second;

/// A drive reads slowly for a while after a failure: sectors until its speed says something again.
const CALM_AFTER: u64 = 64 << 9;

/// Counts of one run.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(in crate::imaging) struct Tally {
    /// Read commands sent.
    pub(in crate::imaging) commands: u64,
    /// Of these, how many failed.
    pub(in crate::imaging) failed: u64,
    /// Seconds on the source's clock, reads and pauses.
    pub(in crate::imaging) seconds: f64,
    /// Sectors that arrived for the first time.
    pub(in crate::imaging) new_sectors: u64,
    /// Sectors that were read far from any failure, and the seconds they took.
    pub(in crate::imaging) calm: (u64, f64),
    /// Sectors read since the last failure.
    since_failure: Option<u64>,
}

impl Tally {
    /// New bytes a second of the source's time.
    pub(in crate::imaging) fn speed(&self) -> u64 {
        per_second(self.new_sectors, self.seconds)
    }

    /// How fast the drive reads where nothing slows it down.
    pub(super) fn measure(&mut self, range: SectorRange, outcome: &Outcome) {
        if outcome.fault.is_some() || outcome.recovered {
            self.since_failure = Some(0);
            return;
        }
        let is_calm = self.since_failure.is_none_or(|sectors| sectors >= CALM_AFTER);
        if is_calm {
            self.calm.0 += range.len();
            self.calm.1 += outcome.seconds;
        } else if let Some(sectors) = &mut self.since_failure {
            *sectors += range.len();
        }
    }
}
