//! Sweep: one pass forward over the disc that leaves damage quickly.

pub(crate) mod read_length;
pub(crate) mod skip;

use std::time::Duration;

use crate::base::outcome::Outcome;
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::base::set::SectorSet;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::{Phase as MapPhase, Status, StatusLine};
use crate::recovery::answer::{Answer, FailureBehaviour};
use crate::recovery::blank::UnnamedBlank;
use crate::recovery::model::map_view::MapView;
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
/// It ends because each read turns some `?` into something else, or takes it out of the domain, and its position only
/// moves forward. Behind its position it reads only while the source wants a rest.
#[derive(Clone, Debug)]
pub struct Sweep {
    view: MapView,
    unit: Unit,
    position: u64,
    skip: Skip,
    length: ReadLength,
    blank: UnnamedBlank,
    behaviour: FailureBehaviour,
}

impl Sweep {
    /// A sweep over what `map` calls not tried within `domain`. It goes on at the position of
    /// `start` when that line says that a first copying pass was under way; from any other line
    /// it begins at the start of the disc.
    #[must_use]
    pub fn new(map: SectorMap, params: Params, start: StatusLine, domain: &SectorSet) -> Self {
        let params = params.checked();
        let view = MapView::new(map, domain, &params);
        let under_way = start.phase == MapPhase::Copying && start.pass == 1;
        let position = if under_way { start.position / SECTOR_BYTES } else { 0 };
        Self {
            unit: Unit::new(params.unit),
            position,
            skip: Skip::new(&params, view.sectors()),
            length: ReadLength::far(&params),
            blank: UnnamedBlank::default(),
            behaviour: FailureBehaviour::default(),
            view,
        }
    }

    /// The command that comes next, `None` at the end of the pass.
    fn command(&self) -> Option<SectorRange> {
        let ahead = || self.view.next(Status::NonTried, self.position).map(|stretch| self.length.command(stretch));
        self.blank.next(&self.view).or_else(ahead)
    }

    /// A command that is expected to work, for a source that wants a rest: ahead, where the position then goes on from
    /// there, else behind.
    fn calm_command(&mut self) -> Option<SectorRange> {
        let ahead = self.view.next_calm(self.position);
        self.position = ahead.map_or(self.position, SectorRange::start);
        ahead.or_else(|| self.view.next_calm(0)).map(|stretch| self.length.command(stretch))
    }
}

impl Strategy for Sweep {
    fn next(&mut self, _now: Duration, rest: Duration) -> Step {
        match self.command() {
            None => Step::Done,
            Some(range) if rest.is_zero() => Step::Read { range, fua: false },
            Some(_) => self.calm_command().map_or(Step::Pause(rest), |range| Step::Read { range, fua: false }),
        }
    }

    fn observe(&mut self, range: SectorRange, outcome: &Outcome, _now: Duration, changes: &mut Vec<Change>) {
        let answer = Answer::new(range, outcome);
        self.behaviour.note(&answer);
        self.blank.note(&answer);
        let failed = self.view.take(&answer, self.behaviour, self.unit, changes);
        self.skip.read(answer.good.len());
        self.length.read(answer.good.len());
        let mut behind = answer.rest.start();
        if !answer.is_complete() && !answer.is_blank() {
            self.length.fail();
        }
        if let Some(failed) = failed {
            behind = self.unit.ceil(failed.end()).saturating_add(self.skip.fail());
        }
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
