//! Sweep: one pass forward over the disc that leaves damage quickly.

pub(crate) mod read_length;
pub(crate) mod skip;

use std::time::Duration;

use crate::base::outcome::Outcome;
use crate::base::sector::set::SectorSet;
use crate::base::sector::{SECTOR_BYTES, SectorRange};
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
    /// What was asked for last; other reads are not of this order.
    asked: SectorRange,
    /// Where earlier runs have ended.
    ends: SectorSet,
    /// What was passed over behind places that are set aside, and what of it is asked for after all.
    passed_over: SectorSet,
    again: SectorSet,
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
            asked: SectorRange::default(),
            ends: SectorSet::new(),
            passed_over: SectorSet::new(),
            again: SectorSet::new(),
            view,
        }
    }

    /// The same beside places at which earlier runs have ended; they are no part of the domain. Right behind one of them the
    /// sweep goes on further away, the further the more of them lie near each other.
    #[must_use]
    pub fn beside(mut self, ends: SectorSet) -> Self {
        self.ends = ends;
        self
    }

    /// The sweep goes on behind `part`.
    fn leave(&mut self, part: SectorRange) {
        self.position = self.position.max(part.end());
        self.again.remove(part);
    }

    /// Skips away from a place at which an earlier run has ended, when the next command would touch it.
    fn skip_ends(&mut self) {
        let next = |sweep: &Self| sweep.view.next(Status::NonTried, sweep.position).map(SectorRange::start);
        while let Some(start) = next(self).filter(|start| *start > 0 && self.ends.contains(start - 1)) {
            let (ends, first) = self.ends_before(start);
            let mut skip = 0;
            (0..ends).for_each(|_| skip = self.skip.fail());
            // Each is skipped but once.
            self.ends.remove(SectorRange::new(first, start));
            self.position = self.unit.ceil(start).saturating_add(skip);
            self.passed_over.insert(SectorRange::new(start, self.position));
        }
    }

    /// How many places at which runs have ended lie before `start` with little read well between them, and where the first begins.
    fn ends_before(&self, start: u64) -> (usize, u64) {
        let before: Vec<SectorRange> = self.ends.within(SectorRange::new(0, start)).collect();
        let (mut count, mut first) = (0, start);
        for end in before.into_iter().rev() {
            let good: u64 = self.view.good_runs(SectorRange::new(end.end(), first)).map(SectorRange::len).sum();
            if good >= self.skip.reach() {
                break;
            }
            (count, first) = (count + 1, end.start());
        }
        (count, first)
    }

    /// The command that comes next, `None` at the end of the pass.
    fn command(&self) -> Option<SectorRange> {
        let ahead = || self.view.next(Status::NonTried, self.position).map(|stretch| self.length.command(stretch));
        self.blank.next(&self.view).or_else(ahead).or_else(|| self.command_again())
    }

    /// The first command for what was passed over for the sake of a place that has come.
    fn command_again(&self) -> Option<SectorRange> {
        let untried = |part: &SectorRange| Some(self.view.next(Status::NonTried, part.start())?.intersect(*part));
        let parts = self.again.ranges().iter().filter_map(untried);
        parts.filter(|stretch| !stretch.is_empty()).map(|stretch| self.length.command(stretch)).next()
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
        self.skip_ends();
        let command = match self.command() {
            None => return Step::Done,
            // What was never written costs the drive nothing, and a longer command would only be told the same again.
            Some(range) if rest.is_zero() || self.blank.next(&self.view).is_some() => Some(range),
            Some(_) => self.calm_command(),
        };
        self.asked = command.unwrap_or(self.asked);
        command.map_or(Step::Pause(rest), |range| Step::Read { range, fua: false })
    }

    fn observe(&mut self, range: SectorRange, outcome: &Outcome, _now: Duration, changes: &mut Vec<Change>) {
        let answer = Answer::new(range, outcome);
        self.behaviour.note(&answer);
        self.blank.note(&answer);
        let failed = self.view.take(&answer, self.behaviour, self.unit, changes);
        if self.asked != range {
            return;
        }
        self.skip.read(answer.good.len());
        self.length.read(answer.good.len());
        let mut behind = answer.rest.start();
        if !answer.is_complete() && !answer.is_blank() {
            self.length.fail();
        }
        if let Some(failed) = failed {
            behind = self.unit.ceil(failed.end()).saturating_add(self.skip.fail());
        }
        self.leave(SectorRange::new(range.start(), behind));
    }

    fn phase(&self) -> Phase {
        Phase::Sweep
    }

    fn leave_out(&mut self, range: SectorRange) {
        self.view.leave_out(range);
    }

    fn set_aside(&mut self, range: SectorRange) {
        self.view.leave_out(range);
        if self.asked == range {
            self.length.fail();
            let behind = self.unit.ceil(range.end()).saturating_add(self.skip.fail());
            self.passed_over.insert(SectorRange::new(range.end(), behind));
            self.leave(SectorRange::new(range.start(), behind));
        }
    }

    fn set_back(&mut self, before: &[Change]) {
        self.view.set_back(before);
    }

    fn bring_back(&mut self, range: SectorRange) {
        self.view.bring_back(range);
    }

    fn came_back(&mut self, range: SectorRange) {
        self.ends.remove(range);
        let passed_over = self.passed_over.ranges();
        let first = passed_over.partition_point(|part| part.start() < range.start());
        let end = self.unit.ceil(range.end());
        let behind = passed_over.iter().skip(first).take_while(|part| part.start() <= end);
        behind.for_each(|part| self.again.insert(*part));
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
