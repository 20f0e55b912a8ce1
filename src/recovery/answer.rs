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
}

impl FailureBehaviour {
    /// Takes what an answer shows. A short transfer shows nothing: the drive named no fault.
    pub(super) fn note(&mut self, answer: &Answer) {
        self.prefix |= answer.is_failure() && !answer.good.is_empty();
    }
}

/// How a command ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ending {
    /// All arrived.
    Complete,
    /// It failed on what is missing.
    Failed,
    /// Something of what is missing was never written.
    Blank,
    /// It succeeded and brought less than was asked for: the rest was not tried.
    Short,
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
    ending: Ending,
    /// The sector of the rest that the drive named.
    named: Option<u64>,
}

impl Answer {
    /// An outcome that claims more sectors than were asked for is taken to have brought those. A short transfer that
    /// brings nothing is a failure: asking on would never end.
    pub(super) fn new(asked: SectorRange, outcome: &Outcome) -> Self {
        let (good, rest) = asked.split_at(outcome.sectors);
        let ending = match outcome.fault {
            _ if rest.is_empty() => Ending::Complete,
            Some(Fault::Blank) => Ending::Blank,
            _ if outcome.short && !good.is_empty() => Ending::Short,
            _ => Ending::Failed,
        };
        Self { asked, good, rest, ending, named: outcome.information.filter(|sector| rest.contains(*sector)) }
    }

    /// Whether all arrived.
    pub(super) fn is_complete(&self) -> bool {
        self.ending == Ending::Complete
    }

    /// Whether the drive could not read what is missing.
    pub(super) fn is_failure(&self) -> bool {
        self.ending == Ending::Failed
    }

    /// Whether something of what is missing was never written.
    pub(super) fn is_blank(&self) -> bool {
        self.ending == Ending::Blank
    }

    /// What the command failed on, with its status now. `/` is for what failed within its unit. Of a command for several
    /// units the unit at fault is `*`, if it is known: the first that did not come, where the drive hands over what comes
    /// before a fault, or the one that the drive named; the other units were not reached, or are not to blame. Where it
    /// is not known, all units are `*`.
    pub(super) fn failed(&self, unit: Unit, behaviour: FailureBehaviour) -> Option<(SectorRange, Status)> {
        if !self.is_failure() {
            return None;
        }
        if unit.count(self.asked) == 1 {
            return Some((self.rest, Status::NonScraped));
        }
        let first = (!self.good.is_empty()).then_some(self.rest.start());
        let at_fault = first.or(self.named).or(behaviour.prefix.then_some(self.rest.start()));
        let range = at_fault.map_or(self.rest, |sector| unit.around(sector).intersect(self.rest));
        Some((range, Status::NonTrimmed))
    }

    /// The sector that is blank for certain: the one that the drive named, or the only one that was asked for.
    pub(super) fn blank_sector(&self) -> Option<SectorRange> {
        let sector = self.named.or((self.asked.len() == 1).then_some(self.rest.start()));
        sector.filter(|_| self.is_blank()).map(|sector| SectorRange::with_len(sector, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: u64 = 16;

    fn answer(start: u64, len: u64, outcome: &Outcome) -> Answer {
        Answer::new(SectorRange::with_len(start, len), outcome)
    }

    fn damage(sectors: u64) -> Outcome {
        Outcome::failed(sectors, Fault::Damage, 4.0)
    }

    #[test]
    fn what_fails_within_its_unit_failed_alone_and_of_a_longer_command_only_the_unit_at_fault_failed() {
        use Status::{NonScraped, NonTrimmed};
        let failed = |start, len, outcome, prefix| {
            let behaviour = FailureBehaviour { prefix };
            answer(start, len, &outcome).failed(Unit::new(UNIT), behaviour)
        };
        let r = SectorRange::new;
        assert_eq!(failed(16, 16, damage(0), false), Some((r(16, 32), NonScraped)));
        assert_eq!(failed(16, 16, damage(3), false), Some((r(19, 32), NonScraped)));
        assert_eq!(failed(20, 4, damage(1), true), Some((r(21, 24), NonScraped)));
        assert_eq!(failed(0, 64, damage(0), false), Some((r(0, 64), NonTrimmed)));
        assert_eq!(failed(0, 64, damage(0), true), Some((r(0, 16), NonTrimmed)));
        assert_eq!(failed(0, 64, damage(16), false), Some((r(16, 32), NonTrimmed)));
        assert_eq!(failed(0, 64, damage(19), false), Some((r(19, 32), NonTrimmed)));
        let named = |lba| Outcome { information: Some(lba), ..damage(0) };
        assert_eq!(failed(0, 64, named(40), false), Some((r(32, 48), NonTrimmed)));
        assert_eq!(failed(0, 64, named(64), false), Some((r(0, 64), NonTrimmed)), "a sector that was not asked for");
    }

    #[test]
    fn a_short_transfer_says_nothing_of_the_rest_nor_of_how_the_drive_fails() {
        let unit = Unit::new(UNIT);
        let short = answer(0, 64, &Outcome { short: true, ..damage(19) });
        let mut behaviour = FailureBehaviour::default();
        behaviour.note(&short);
        assert_eq!((short.failed(unit, behaviour), behaviour), (None, FailureBehaviour::default()));
        assert!(!short.is_complete() && !short.is_failure());
        let nothing = answer(0, 16, &Outcome { short: true, ..damage(0) });
        assert!(nothing.is_failure(), "asked again it would be the same");
    }

    #[test]
    fn only_the_sector_that_was_named_or_asked_for_alone_is_blank() {
        let blank = |start, len, information| {
            let outcome = Outcome { information, ..Outcome::failed(0, Fault::Blank, 0.1) };
            answer(start, len, &outcome).blank_sector()
        };
        assert_eq!(blank(0, 64, Some(40)), Some(SectorRange::new(40, 41)));
        assert_eq!(blank(0, 64, None), None);
        assert_eq!(blank(40, 1, None), Some(SectorRange::new(40, 41)));
        assert_eq!(answer(40, 1, &damage(0)).blank_sector(), None);
    }

    #[test]
    fn more_than_was_asked_is_clamped() {
        let a = answer(8, 8, &damage(u64::MAX));
        assert!(a.is_complete());
        assert_eq!(a.good, SectorRange::new(8, 16));
    }
}
