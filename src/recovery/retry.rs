//! Retry: what failed alone is asked for again, pass by pass.

use super::answer::Answer;
use super::chart::Chart;
use super::params::Params;
use super::subunit::{SubUnit, Task};
use super::unit::Unit;
use crate::base::sector::SectorRange;

/// So many passes over all `/` and `-`, each forward, each unit once and past the drive's cache.
///
/// Forward only: whether a unit works this time is luck, the same from either side, and a
/// backward pass pays a seek for each unit where a forward one skims over the sound ones.
///
/// It ends because a pass moves forward only, each visit of a unit replaces its task by lesser
/// ones ([`SubUnit::follow`]), and the passes are counted.
#[derive(Clone, Debug)]
pub(super) struct Retry {
    unit: Unit,
    max: u64,
    pass: u32,
    passes: u32,
    /// Behind the last unit that this pass is through with.
    at: u64,
    /// What is being tried now, lesser tasks last; empty between two units.
    todo: Vec<Task>,
    /// End of what is being tried now.
    visit_end: u64,
    sub: SubUnit,
}

impl Retry {
    /// Goes on in `pass` at sector `at`.
    pub(super) fn new(params: &Params, pass: u32, passes: u32, at: u64) -> Self {
        Self {
            unit: Unit::new(params.unit),
            max: params.max_sectors,
            pass,
            passes,
            at,
            todo: Vec::new(),
            visit_end: at,
            sub: SubUnit::new(params, pass),
        }
    }

    /// The next command and whether past the cache; `None` when all passes are done or nothing
    /// is left.
    pub(super) fn next(&mut self, chart: &Chart) -> Option<(SectorRange, bool)> {
        loop {
            if let Some(task) = self.todo.last() {
                return Some(self.sub.command(*task));
            }
            if self.pass > self.passes {
                return None;
            }
            if let Some(piece) = chart.next_failed(self.at, self.unit) {
                let piece = piece.split_at(self.max).0;
                let partly_good = chart.any_good(self.unit.around(piece.start()));
                self.todo.push(self.sub.approach(piece, partly_good));
                (self.at, self.visit_end) = (piece.start(), piece.end());
            } else if self.at == 0 {
                return None;
            } else {
                self.pass = self.pass.saturating_add(1);
                self.at = 0;
                self.sub.begin_pass(self.pass);
            }
        }
    }

    /// Takes the answer to the command that `next` gave; the chart knows it already.
    pub(super) fn observe(&mut self, answer: &Answer) {
        self.sub.note(answer);
        if let Some(task) = self.todo.pop() {
            if answer.blank {
                self.todo.clear();
            } else {
                self.sub.follow(task, answer, &mut self.todo);
            }
        }
        if self.todo.is_empty() {
            self.at = self.visit_end;
        }
    }

    /// Takes what a command before the first retry shows about the drive.
    pub(super) fn note(&mut self, answer: &Answer) {
        self.sub.note(answer);
    }

    /// The pass under way, from 1.
    pub(super) fn pass(&self) -> u32 {
        self.pass.min(self.passes)
    }

    /// Where the pass stands, sector.
    pub(super) fn position(&self) -> u64 {
        self.at
    }
}
