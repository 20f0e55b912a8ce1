//! Patch: delimit, split, retry, in this order.

use std::time::Duration;

use super::answer::Answer;
use super::chart::Chart;
use super::delimit::Delimit;
use super::pacing::Pacing;
use super::params::Params;
use super::retry::Retry;
use super::split::Split;
use super::unit::Unit;
use super::{Change, Step, Strategy};
use crate::base::outcome::Outcome;
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::base::set::SectorSet;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::{Phase, Status, StatusLine};

/// What is being done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    Delimit,
    Split,
    Retry,
    Done,
}

/// Gets what a sweep left: reads its gaps, splits what failed in long commands, and retries what
/// failed alone.
///
/// Each stage ends by itself (its file says why), and none brings back what an earlier one took
/// away: a sector's status only rises.
#[derive(Clone, Debug)]
pub struct Patch {
    chart: Chart,
    unit: Unit,
    stage: Stage,
    delimit: Delimit,
    split: Split,
    retry: Retry,
    passes: u32,
    pacing: Pacing,
}

impl Patch {
    /// A patch of what `map` lacks within `domain`, with so many retry passes. It goes on in the
    /// pass and at the position of `start` when that line says that a retry pass was under way
    /// and nothing is left to do before it.
    #[must_use]
    pub fn new(map: SectorMap, params: Params, start: StatusLine, domain: &SectorSet, passes: u32) -> Self {
        let params = params.checked();
        let chart = Chart::new(map, domain);
        let before = [Status::NonTried, Status::NonTrimmed].iter().any(|status| chart.next(*status, 0).is_some());
        let (pass, at) = if before { (1, 0) } else { resume(start, passes) };
        let mut patch = Self {
            unit: Unit::new(params.unit),
            stage: Stage::Delimit,
            delimit: Delimit::new(&params),
            split: Split::new(&params),
            retry: Retry::new(&params, pass, passes, at),
            passes,
            pacing: Pacing::new(&params),
            chart,
        };
        patch.command();
        patch
    }

    /// The command that comes next and whether past the cache, `None` at the end; moves on to
    /// the stage that it belongs to.
    fn command(&mut self) -> Option<(SectorRange, bool)> {
        loop {
            let (command, following) = match self.stage {
                Stage::Delimit => (self.delimit.next(&self.chart).map(|range| (range, false)), Stage::Split),
                Stage::Split => (self.split.next(&self.chart).map(|range| (range, false)), Stage::Retry),
                Stage::Retry => (self.retry.next(&self.chart), Stage::Done),
                Stage::Done => return None,
            };
            if command.is_some() {
                return command;
            }
            self.stage = following;
        }
    }

    /// What is missing in the map after `answer`.
    fn mark_missing(&mut self, answer: &Answer, now: Duration, changes: &mut Vec<Change>) {
        if answer.is_complete() {
            return;
        }
        if answer.blank {
            if let Some(piece) = answer.blank_piece(self.unit) {
                self.chart.leave_blank(piece);
            }
            return;
        }
        let (failed, status) = answer.failed(self.unit);
        self.chart.raise(failed, status, changes);
        self.pacing.failed(now);
    }
}

/// Pass and sector at which the retries go on.
///
/// ddrescue goes backward in its even passes, and what it has tried then lies behind the
/// position. Scraping is written here only by a retry (ddrescue scrapes in one pass, 1, and going
/// on where it was does no harm), and those are all forward.
fn resume(start: StatusLine, passes: u32) -> (u32, u64) {
    let sector = start.position / SECTOR_BYTES;
    match start.phase {
        Phase::Scraping | Phase::Retrying if start.pass > passes => (1, 0),
        Phase::Scraping => (start.pass.max(1), sector),
        Phase::Retrying => (start.pass.max(1), if start.pass % 2 == 1 { sector } else { 0 }),
        _ => (1, 0),
    }
}

impl Strategy for Patch {
    fn next(&mut self, now: Duration) -> Step {
        match (self.command(), self.pacing.wait(now)) {
            (None, _) => Step::Done,
            (Some(_), Some(wait)) => Step::Pause(wait),
            (Some((range, fua)), None) => Step::Read { range, fua },
        }
    }

    fn observe(&mut self, range: SectorRange, outcome: &Outcome, now: Duration, changes: &mut Vec<Change>) {
        let answer = Answer::new(range, outcome);
        self.chart.raise(answer.good, Status::Finished, changes);
        self.mark_missing(&answer, now, changes);
        match self.stage {
            Stage::Delimit => {
                self.delimit.observe(&answer);
                self.retry.note(&answer);
            }
            Stage::Split => self.retry.note(&answer),
            Stage::Retry => self.retry.observe(&answer),
            Stage::Done => {}
        }
    }

    fn phase(&self) -> String {
        match self.stage {
            Stage::Delimit => "delimit".to_owned(),
            Stage::Split => "split".to_owned(),
            Stage::Retry | Stage::Done => format!("retry {}/{}", self.retry.pass(), self.passes),
        }
    }

    fn leave_out(&mut self, range: SectorRange) {
        self.chart.leave_out(range);
    }

    fn map(&self) -> &SectorMap {
        self.chart.map()
    }

    fn blank(&self) -> &SectorSet {
        self.chart.blank()
    }

    fn status_line(&self) -> StatusLine {
        let rest = self.chart.line_for_rest();
        match (self.stage, rest.phase) {
            (Stage::Retry, Phase::Scraping | Phase::Retrying) => StatusLine {
                position: self.retry.position().saturating_mul(SECTOR_BYTES),
                pass: self.retry.pass(),
                ..rest
            },
            (Stage::Done, Phase::Scraping | Phase::Retrying) => StatusLine { phase: Phase::Finished, ..rest },
            _ => rest,
        }
    }
}
