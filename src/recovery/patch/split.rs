//! Split: what failed inside a command of several units is asked for unit by unit.

use std::collections::BTreeSet;

use crate::base::sector::SectorRange;
use crate::mapfile::status::Status;
use crate::recovery::answer::Answer;
use crate::recovery::model::map_view::MapView;
use crate::recovery::params::Params;
use crate::recovery::unit::Unit;

/// One pass over all `*`. Each read leaves no `*` where it read, so it ends, and it
/// ends when none is left.
///
/// Of a long command that brought nothing the first unit is the likeliest to be at fault, for most drives hand
/// over what comes before a fault. It is asked last, and not at all when all others of its command are sound:
/// then it is known that it was the one that failed.
#[derive(Clone, Debug)]
pub(super) struct Split {
    unit: Unit,
    max: u64,
    clean: u64,
    /// Before this sector all `*` lies in units that the retries ask for.
    from: u64,
    /// The command that is being split, and whether all of it that was asked so far is sound.
    command: Option<(SectorRange, bool)>,
    /// Units that failed alone and are the first of their long command that did: that, too, failed on them.
    twice: BTreeSet<u64>,
}

impl Split {
    pub(super) fn new(params: &Params) -> Self {
        let unit = Unit::new(params.unit);
        Self {
            unit,
            max: params.max_sectors,
            clean: params.clean_sectors,
            from: 0,
            command: None,
            twice: BTreeSet::new(),
        }
    }

    /// The next command, within one unit; `None` when nothing is left. Units of which a part came are left to
    /// the retries, which know how to ask for parts.
    pub(super) fn next(&mut self, view: &MapView) -> Option<SectorRange> {
        loop {
            let run = view.next(Status::NonTrimmed, self.from)?;
            let first = self.unit.first_piece(run);
            if view.any_good(self.unit.around(first.start())) {
                self.from = first.end();
                continue;
            }
            self.from = run.start();
            if self.command.is_none_or(|(command, _)| !command.contains(run.start())) {
                let command = run.split_at(self.clean.max(first.len())).0;
                self.command = Some((command, self.unit.count(command) > 1));
            }
            let command = self.command.map_or(run, |(command, _)| command);
            let later = view.next(Status::NonTrimmed, first.end()).map(|later| later.intersect(command));
            let piece = later.filter(|later| !later.is_empty()).map_or(first, |later| self.unit.first_piece(later));
            return Some(piece.split_at(self.max).0);
        }
    }

    /// Begins anew: more was read in long commands.
    pub(super) fn again(&mut self) {
        self.from = 0;
    }

    /// Units that have failed twice before the first retry.
    pub(super) fn twice(&self) -> &BTreeSet<u64> {
        &self.twice
    }

    /// Takes the answer; the view knows it already. Tells what is known to have failed without being asked.
    pub(super) fn observe(&mut self, answer: &Answer, view: &MapView) -> Option<SectorRange> {
        let (command, sound) = self.command.as_mut()?;
        *sound &= answer.is_complete();
        if !answer.is_complete() && !answer.blank && self.unit.count(*command) > 1 {
            let (low, high) = (self.unit.index(command.start()), self.unit.index(command.end() - 1));
            let unit = self.unit.index(answer.rest.start());
            let first = self.twice.range(low..=high).next().copied().unwrap_or(u64::MAX);
            if unit < first {
                self.twice.remove(&first);
                self.twice.insert(unit);
            }
        }
        let left = view.next(Status::NonTrimmed, command.start())?;
        let others = view.next(Status::NonTrimmed, left.end()).is_some_and(|other| other.start() < command.end());
        (*sound && !others && left == self.unit.first_piece(*command)).then_some(left)
    }
}
