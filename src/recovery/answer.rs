//! What an outcome says about the sectors that were asked for.

use super::unit::Unit;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::mapfile::status::Status;

/// An outcome, laid over the range that was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Answer {
    /// What was asked for.
    pub(super) asked: SectorRange,
    /// What arrived.
    pub(super) good: SectorRange,
    /// What did not; empty after a success.
    pub(super) rest: SectorRange,
    /// The rest is missing because nothing was ever written there.
    pub(super) blank: bool,
}

impl Answer {
    /// An outcome that claims more sectors than were asked for is taken to have brought those.
    pub(super) fn new(asked: SectorRange, outcome: &Outcome) -> Self {
        let (good, rest) = asked.split_at(outcome.sectors);
        Self { asked, good, rest, blank: outcome.fault == Some(Fault::Blank) }
    }

    /// Whether all arrived.
    pub(super) fn is_complete(&self) -> bool {
        self.rest.is_empty()
    }

    /// What the command failed on, and its status now. A command within one unit has tried just
    /// that unit. In a longer one the unit at fault is known only when something arrived before
    /// it: it is the next one, and those behind it were never reached. When nothing arrived, any
    /// of them may be at fault: some drives hand over nothing of a command that fails.
    pub(super) fn failed(&self, unit: Unit) -> (SectorRange, Status) {
        if unit.count(self.asked) == 1 {
            (self.rest, Status::NonScraped)
        } else if self.good.is_empty() {
            (self.rest, Status::NonTrimmed)
        } else {
            (unit.first_piece(self.rest), Status::NonTrimmed)
        }
    }

    /// What is blank for certain, when the outcome says that something is: the same reasoning.
    pub(super) fn blank_piece(&self, unit: Unit) -> Option<SectorRange> {
        let known = unit.count(self.asked) == 1 || !self.good.is_empty();
        known.then(|| unit.first_piece(self.rest))
    }

    /// Whether the drive handed over the head of a unit and not the rest: it gives parts of units.
    pub(super) fn ends_within(&self, unit: Unit) -> bool {
        !self.is_complete() && !self.good.is_empty() && !unit.begins_at(self.rest.start())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(start: u64, len: u64, sectors: u64) -> Answer {
        Answer::new(SectorRange::with_len(start, len), &Outcome::failed(sectors, Fault::Damage, 4.0))
    }

    #[test]
    fn the_unit_at_fault_is_known_after_a_prefix_only() {
        let unit = Unit::new(16);
        assert_eq!(answer(16, 16, 0).failed(unit), (SectorRange::new(16, 32), Status::NonScraped));
        assert_eq!(answer(20, 4, 1).failed(unit), (SectorRange::new(21, 24), Status::NonScraped));
        assert_eq!(answer(0, 64, 0).failed(unit), (SectorRange::new(0, 64), Status::NonTrimmed));
        assert_eq!(answer(0, 64, 16).failed(unit), (SectorRange::new(16, 32), Status::NonTrimmed));
        assert_eq!(answer(0, 64, 19).failed(unit), (SectorRange::new(19, 32), Status::NonTrimmed));
    }

    #[test]
    fn a_prefix_proves_parts_only_when_it_ends_inside_a_unit() {
        let unit = Unit::new(16);
        assert!(!answer(0, 64, 16).ends_within(unit));
        assert!(answer(0, 64, 17).ends_within(unit));
        assert!(!answer(5, 8, 0).ends_within(unit));
        assert!(!answer(0, 17, 17).ends_within(unit));
    }

    #[test]
    fn more_than_was_asked_is_clamped() {
        let a = answer(8, 8, u64::MAX);
        assert!(a.is_complete());
        assert_eq!(a.good, SectorRange::new(8, 16));
    }
}
