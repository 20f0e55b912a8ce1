//! What an outcome says about the sectors that were asked for.

use super::unit::Unit;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::mapfile::status::Status;

/// What a drive has shown of how it fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct FailureBehaviour {
    /// Of a command that fails it hands over what comes before the fault.
    pub(super) prefix: bool,
    /// The same within a unit.
    pub(super) parts: bool,
}

impl FailureBehaviour {
    /// Takes what an answer shows.
    pub(super) fn note(&mut self, answer: &Answer, unit: Unit) {
        let failed = !answer.is_complete() && !answer.blank && !answer.good.is_empty();
        self.prefix |= failed;
        self.parts |= failed && answer.ends_within(unit);
    }
}

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

    /// What the command failed on, each part with its status now. The unit at fault is the first that did not
    /// come, if the command was for one unit or the drive hands over what comes before a fault; those behind it
    /// were never reached. On another drive any of them may be at fault. A fault inside a unit of which a part
    /// came is one sector; the rest of that unit was not tried.
    pub(super) fn failed(&self, unit: Unit, behaviour: FailureBehaviour) -> [(SectorRange, Status); 2] {
        let none = SectorRange::new(self.rest.end(), self.rest.end());
        if unit.count(self.asked) > 1 && self.good.is_empty() && !behaviour.prefix {
            return [(self.rest, Status::NonTrimmed), (none, Status::NonTrimmed)];
        }
        let piece = unit.first_piece(self.rest);
        let inside = !unit.begins_at(piece.start()) || piece.len() < unit.times(1);
        if self.ends_within(unit) || (inside && behaviour.parts) {
            let (sector, behind) = piece.split_at(1);
            return [(sector, Status::NonScraped), (behind, Status::NonTrimmed)];
        }
        [(piece, Status::NonScraped), (none, Status::NonTrimmed)]
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
    fn the_unit_at_fault_is_known_after_a_prefix_or_where_the_drive_gives_them() {
        use Status::{NonScraped, NonTrimmed};
        let unit = Unit::new(16);
        let failed = |start, len, came, prefix, parts| {
            let parts = answer(start, len, came).failed(unit, FailureBehaviour { prefix, parts });
            parts.into_iter().filter(|(r, _)| !r.is_empty()).collect::<Vec<_>>()
        };
        let r = SectorRange::new;
        assert_eq!(failed(16, 16, 0, false, false), [(r(16, 32), NonScraped)]);
        assert_eq!(failed(0, 64, 0, false, false), [(r(0, 64), NonTrimmed)]);
        assert_eq!(failed(0, 64, 0, true, false), [(r(0, 16), NonScraped)]);
        assert_eq!(failed(0, 64, 16, false, false), [(r(16, 32), NonScraped)]);
        assert_eq!(failed(0, 64, 19, false, false), [(r(19, 20), NonScraped), (r(20, 32), NonTrimmed)]);
        assert_eq!(failed(20, 4, 1, false, false), [(r(21, 22), NonScraped), (r(22, 24), NonTrimmed)]);
        assert_eq!(failed(20, 4, 0, false, false), [(r(20, 24), NonScraped)]);
        assert_eq!(failed(20, 4, 0, true, true), [(r(20, 21), NonScraped), (r(21, 24), NonTrimmed)]);
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
