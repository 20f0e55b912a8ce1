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
    /// What was asked for: without what no command came to.
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
    pub(super) fn new(range: SectorRange, outcome: &Outcome) -> Self {
        let asked = outcome.asked_of(range);
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
