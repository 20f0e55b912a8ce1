//! Sweep: one pass forward over the disc that leaves damage quickly.

pub(crate) mod read_length;
mod skip;

use std::time::Duration;

use crate::base::outcome::Outcome;
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::base::set::SectorSet;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::{Phase as MapPhase, Status, StatusLine};
use crate::recovery::answer::{Answer, FailureBehaviour};
use crate::recovery::model::map_view::MapView;
use crate::recovery::pacing::Pacing;
use crate::recovery::params::Params;
use crate::recovery::phase::Phase;
use crate::recovery::step::{Change, Step};
use crate::recovery::strategy::Strategy;
use crate::recovery::unit::Unit;
use read_length::ReadLength;
use skip::Skip;

/// The first pass: reads what was not tried, forward, and skips away from failures. What it
/// skips over stays `?` for [`Patch`](crate::recovery::Patch).
///
/// It ends because its position only moves forward: by each read, whatever came of it, but a
/// long one that found blank sectors; its first unit is then asked for alone.
#[derive(Clone, Debug)]
pub struct Sweep {
    view: MapView,
    unit: Unit,
    position: u64,
    skip: Skip,
    length: ReadLength,
    behaviour: FailureBehaviour,
    pacing: Pacing,
}

impl Sweep {
    /// A sweep over what `map` calls not tried within `domain`. It goes on at the position of
    /// `start` when that line says that a first copying pass was under way; from any other line
    /// it begins at the start of the disc.
    #[must_use]
    pub fn new(map: SectorMap, params: Params, start: StatusLine, domain: &SectorSet) -> Self {
        let params = params.checked();
        let view = MapView::new(map, domain);
        let under_way = start.phase == MapPhase::Copying && start.pass == 1;
        let position = if under_way { start.position / SECTOR_BYTES } else { 0 };
        let skip = Skip::new(&params, view.sectors());
        Self {
            view,
            unit: Unit::new(params.unit),
            position,
            skip,
            length: ReadLength::cold(&params),
            behaviour: FailureBehaviour::default(),
            pacing: Pacing::new(&params),
        }
    }

    /// The command that comes next, `None` at the end of the pass.
    fn command(&self) -> Option<SectorRange> {
        self.view.next(Status::NonTried, self.position).map(|stretch| self.length.command(stretch))
    }

    /// Where to go on after `answer`.
    fn position_after(&mut self, answer: &Answer, now: Duration, changes: &mut Vec<Change>) -> u64 {
        if answer.is_complete() {
            return answer.rest.end();
        }
        if answer.blank {
            self.length.blank(answer.asked.end());
            let blank = answer.blank_piece(self.unit);
            return blank.map_or(answer.asked.start(), |piece| self.view.leave_blank(piece));
        }
        self.behaviour.note(answer, self.unit);
        let mut end = answer.rest.start();
        for (failed, status) in answer.failed(self.unit, self.behaviour) {
            self.view.raise(failed, status, changes);
            end = if failed.is_empty() { end } else { failed.end() };
        }
        self.pacing.failed(now);
        self.length.fail();
        self.unit.ceil(self.unit.ceil(end).saturating_add(self.skip.fail()))
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
        self.view.raise(answer.good, Status::Finished, changes);
        self.skip.read(answer.good.len());
        self.length.read(answer.good.len());
        let behind = self.position_after(&answer, now, changes);
        self.position = self.position.max(behind);
    }

    fn phase(&self) -> Phase {
        Phase::Sweep
    }

    fn leave_out(&mut self, range: SectorRange) {
        self.view.leave_out(range);
    }

    fn map(&self) -> &SectorMap {
        self.view.map()
    }

    fn blank(&self) -> &SectorSet {
        self.view.blank()
    }

    fn status_line(&self) -> StatusLine {
        match self.command() {
            Some(range) => StatusLine { position: range.byte_start(), phase: MapPhase::Copying, pass: 1 },
            None => self.view.line_for_rest(),
        }
    }
}
