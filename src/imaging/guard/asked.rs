//! Reads of a source, counted.

use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::source::{ReadRequest, SectorSource};

/// What was asked of a source so far.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(in crate::imaging) struct Asked {
    /// Read commands sent.
    pub(in crate::imaging) commands: u64,
    /// Of these, how many failed.
    pub(in crate::imaging) failed: u64,
    /// Seconds on the source's clock.
    pub(in crate::imaging) seconds: f64,
}

impl Asked {
    /// One read of `source`.
    pub(in crate::imaging) fn read(
        &mut self,
        source: &mut dyn SectorSource,
        request: &ReadRequest,
        buffer: &mut [u8],
    ) -> Outcome {
        let before = source.clock().now();
        let mut outcome = source.read(request, buffer);
        outcome.sectors = outcome.sectors.min(request.range.len());
        self.commands += 1;
        self.seconds += source.clock().now().saturating_sub(before).as_secs_f64().max(outcome.seconds);
        self.failed += u64::from(outcome.fault == Some(Fault::Damage));
        outcome
    }
}

/// A buffer for that many sectors.
pub(in crate::imaging) fn spare(range: SectorRange) -> Vec<u8> {
    vec![0; usize::try_from(range.len()).unwrap_or(0).saturating_mul(SECTOR_SIZE)]
}

/// Whether an outcome is about the disc as a whole, or about what the drive lets anybody have: it may be said but once, or
/// everywhere, so whoever hears of it by the way passes it on.
pub(in crate::imaging) fn must_be_told(outcome: &Outcome) -> bool {
    is_of_the_drive(outcome) && outcome.fault.is_some_and(|fault| !fault.may_be_a_place())
}

/// Whether an outcome says something about the drive and nothing about the sectors.
pub(in crate::imaging) fn is_of_the_drive(outcome: &Outcome) -> bool {
    !matches!(outcome.fault, None | Some(Fault::Damage | Fault::Blank))
}
