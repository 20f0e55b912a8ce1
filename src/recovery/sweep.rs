//! Sweep: one pass forward over the disc that leaves damage quickly.

use std::time::Duration;

use super::answer::{Answer, Habits};
use super::chart::Chart;
use super::hot::HotZone;
use super::jump::Heat;
use super::pacing::Pacing;
use super::params::Params;
use super::unit::Unit;
use super::{Change, Step, Strategy};
use crate::base::outcome::Outcome;
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::base::set::SectorSet;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::{Phase, Status, StatusLine};

/// The first pass: reads what was not tried, forward, and jumps away from failures. What it
/// jumps over stays `?` for [`Patch`](super::Patch).
///
/// It ends because its position only moves forward: by each read, whatever came of it, but a
/// long one that found blank sectors; its first unit is then asked for alone.
#[derive(Clone, Debug)]
pub struct Sweep {
    chart: Chart,
    unit: Unit,
    position: u64,
    heat: Heat,
    hot: HotZone,
    habits: Habits,
    pacing: Pacing,
}

impl Sweep {
    /// A sweep over what `map` calls not tried within `domain`. It goes on at the position of
    /// `start` when that line says that a first copying pass was under way; from any other line
    /// it begins at the start of the disc.
    #[must_use]
    pub fn new(map: SectorMap, params: Params, start: StatusLine, domain: &SectorSet) -> Self {
        let params = params.checked();
        let chart = Chart::new(map, domain);
        let under_way = start.phase == Phase::Copying && start.pass == 1;
        let position = if under_way { start.position / SECTOR_BYTES } else { 0 };
        let heat = Heat::new(&params, chart.sectors());
        Self {
            chart,
            unit: Unit::new(params.unit),
            position,
            heat,
            hot: HotZone::cold(&params),
            habits: Habits::default(),
            pacing: Pacing::new(&params),
        }
    }

    /// The command that comes next, `None` at the end of the pass.
    fn command(&self) -> Option<SectorRange> {
        self.chart.next(Status::NonTried, self.position).map(|stretch| self.hot.command(stretch))
    }

    /// Where to go on after `answer`.
    fn position_after(&mut self, answer: &Answer, now: Duration, changes: &mut Vec<Change>) -> u64 {
        if answer.is_complete() {
            return answer.rest.end();
        }
        if answer.blank {
            self.hot.blank(answer.asked.end());
            let blank = answer.blank_piece(self.unit);
            return blank.map_or(answer.asked.start(), |piece| self.chart.leave_blank(piece));
        }
        self.habits.note(answer, self.unit);
        let mut end = answer.rest.start();
        for (failed, status) in answer.failed(self.unit, self.habits) {
            self.chart.raise(failed, status, changes);
            end = if failed.is_empty() { end } else { failed.end() };
        }
        self.pacing.failed(now);
        self.hot.fail();
        self.unit.ceil(self.unit.ceil(end).saturating_add(self.heat.fail()))
    }
}

impl Strategy for Sweep {
    fn next(&mut self, now: Duration) -> Step {
        match (self.command(), self.pacing.wait(now)) {
            (None, _) => Step::Done,
            (Some(_), Some(wait)) => Step::Pause(wait),
            (Some(range), None) => Step::Read { range, fua: false },
        }
    }

    fn observe(&mut self, range: SectorRange, outcome: &Outcome, now: Duration, changes: &mut Vec<Change>) {
        let answer = Answer::new(range, outcome);
        self.chart.raise(answer.good, Status::Finished, changes);
        self.heat.read(answer.good.len());
        self.hot.read(answer.good.len());
        let behind = self.position_after(&answer, now, changes);
        self.position = self.position.max(behind);
    }

    fn phase(&self) -> String {
        "sweep".to_owned()
    }

    fn retry_pass(&self) -> u32 {
        0
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
        match self.command() {
            Some(range) => StatusLine { position: range.byte_start(), phase: Phase::Copying, pass: 1 },
            None => self.chart.line_for_rest(),
        }
    }
}
