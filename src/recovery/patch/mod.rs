//! Patch: fill, split, retry, in this order.

mod abandon;
mod candidates;
mod fill;
mod partial_unit;
mod retry;
mod split;

use std::time::Duration;

use crate::base::outcome::Outcome;
use crate::base::sector::set::SectorSet;
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::{Phase as MapPhase, Status, StatusLine};
use crate::recovery::answer::{Answer, FailureBehaviour};
use crate::recovery::blank::UnnamedBlank;
use crate::recovery::forecast::{Abandoned, Forecast};
use crate::recovery::limits::Limits;
use crate::recovery::model::costs::Costs;
use crate::recovery::model::failure_rate::FailureRates;
use crate::recovery::model::map_view::MapView;
use crate::recovery::model::regions::Regions;
use crate::recovery::params::{BUDGET_ROUNDS, LABOURED, Params, RATE_PRIOR, Times};
use crate::recovery::phase::Phase;
use crate::recovery::step::{Change, Step};
use crate::recovery::strategy::Strategy;
use crate::recovery::unit::Unit;
use abandon::AbandonRule;
use candidates::Model;
use fill::Fill;
use retry::Retry;
use split::Split;

/// What is being done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    Fill,
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
    view: MapView,
    unit: Unit,
    stage: Stage,
    fill: Fill,
    split: Split,
    retry: Retry,
    passes: u32,
    rates: FailureRates,
    costs: Costs,
    behaviour: FailureBehaviour,
    abandon: AbandonRule,
    /// Where the last command ended, sector.
    head: u64,
    /// Drive time that may still be spent.
    budget: Option<Duration>,
    blank: UnnamedBlank,
    /// What was asked for last; other reads are not of this order.
    asked: SectorRange,
}

impl Patch {
    /// A patch of what `map` lacks within `domain`, with the retry passes of `limits`. It goes on in the
    /// pass and at the position of `start` when that line says that a retry pass was under way
    /// and nothing is left to do before it.
    #[must_use]
    pub fn new(map: SectorMap, params: Params, start: StatusLine, domain: &SectorSet, limits: Limits) -> Self {
        let passes = limits.passes;
        let params = params.checked();
        let view = MapView::new(map, domain, &params);
        let unit = Unit::new(params.unit);
        let before = view.next(Status::NonTried, 0).or_else(|| view.next_several(unit, 0)).is_some();
        let (pass, at) = if before { (1, 0) } else { resume(start, passes) };
        let rates = FailureRates::new(&params, &view);
        let units = view.sectors() / params.skip_decay / params.unit;
        let regions = limits.budget.map(|_| Regions::new(units, &rates));
        let passes = if regions.is_some() { passes.max(BUDGET_ROUNDS) } else { passes };
        let mut patch = Self {
            unit,
            stage: Stage::Fill,
            fill: Fill::new(&params),
            split: Split::new(&params),
            retry: Retry::new(&params, (pass, passes), at, regions),
            passes,
            rates,
            costs: Costs::new(params.times),
            behaviour: FailureBehaviour::default(),
            abandon: AbandonRule::new(&params, limits.thorough),
            head: u64::MAX,
            budget: limits.budget,
            blank: UnnamedBlank::default(),
            asked: SectorRange::default(),
            view,
        };
        patch.command();
        patch
    }

    /// The same beside sectors that were set aside; they are no part of the domain.
    #[must_use]
    pub fn beside(mut self, aside: &SectorSet) -> Self {
        if !aside.is_empty() {
            aside.ranges().iter().for_each(|range| self.rates.set_aside(*range));
            self.fill.choose_again();
            self.command();
        }
        self
    }

    /// The command that comes next and whether past the cache, `None` at the end; moves on to
    /// the stage that it belongs to.
    fn command(&mut self) -> Option<(SectorRange, bool)> {
        loop {
            let (command, following) = match self.stage {
                Stage::Fill => {
                    let model = Model {
                        view: &self.view,
                        rates: &self.rates,
                        costs: &self.costs,
                        abandon: &self.abandon,
                        head: self.unit.index(self.head),
                    };
                    let range = self.fill.next(&model);
                    (range.map(|range| (range, false)), Stage::Split)
                }
                Stage::Split => (self.split.next(&self.view).map(|range| (range, false)), Stage::Retry),
                Stage::Retry => (self.retry.next(&self.view, &self.rates, &self.abandon), Stage::Done),
                Stage::Done => return None,
            };
            if command.is_some() {
                return command;
            }
            self.stage = following;
        }
    }

    /// What to do while the source wants a rest: a read of a gap that is expected to work, else nothing.
    fn during(&mut self, rest: Duration) -> Step {
        let head = if self.head == u64::MAX { 0 } else { self.head };
        let calm = || self.calm(head).or_else(|| self.calm(0));
        if let Some(gap) = (self.stage == Stage::Fill).then(calm).flatten() {
            self.asked = self.fill.elsewhere(gap);
            return Step::Read { range: self.asked, fua: false };
        }
        self.spend(rest.as_secs_f64());
        Step::Pause(rest)
    }

    /// What was not tried behind `from`, lies far from damage, and where reads fail no more often than where nothing is
    /// known.
    fn calm(&self, from: u64) -> Option<SectorRange> {
        let mut gap = self.view.next_calm(from)?;
        while self.rates.around(&self.view, self.unit.index(gap.start())) > RATE_PRIOR.0 / RATE_PRIOR.1 {
            gap = self.view.next_calm(gap.end())?;
        }
        Some(gap)
    }

    /// The spans that the stop rule left, each with what it would take to go on.
    fn report(&self) -> Vec<Abandoned> {
        let (mut spans, mut at) = (Vec::new(), 0);
        let missing = |at| [self.view.next_missing(at), self.view.next(Status::NonTried, at).map(SectorRange::start)];
        while let Some(sector) = missing(at).into_iter().flatten().min() {
            let unit = self.unit.index(sector);
            at = self.unit.times(unit + 1);
            if let Some(span) = self.abandon.abandoned(unit, &self.view, &self.rates) {
                spans.push(self.abandon.describe(span, &self.rates, self.costs.failure()));
                at = self.unit.times(span.1);
            }
        }
        spans
    }

    /// Drive time is spent.
    fn spend(&mut self, seconds: f64) {
        let time = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        self.budget = self.budget.map(|left| left.saturating_sub(time));
    }

    /// Tells the retries what came of an attempt at a damaged unit: one that failed now or before, or came with labour.
    fn learn(&mut self, answer: &Answer, seconds: f64) {
        if answer.is_failure() {
            self.retry.learn(self.unit.index(answer.rest.start()), false);
        } else if answer.is_complete() && !answer.asked.is_empty() && self.unit.count(answer.asked) == 1 {
            let unit = self.unit.index(answer.asked.start());
            if self.rates.failed().contains(&unit) || seconds > LABOURED * self.costs.seek() {
                self.retry.learn(unit, true);
            }
        }
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
        MapPhase::Scraping | MapPhase::Retrying if start.pass > passes => (1, 0),
        MapPhase::Scraping => (start.pass.max(1), sector),
        MapPhase::Retrying => (start.pass.max(1), if start.pass % 2 == 1 { sector } else { 0 }),
        _ => (1, 0),
    }
}

impl Strategy for Patch {
    fn next(&mut self, _now: Duration, rest: Duration) -> Step {
        if self.budget.is_some_and(|left| left.is_zero()) {
            return Step::Done;
        }
        let blank = self.blank.next(&self.view).map(|sector| (sector, false));
        // What was never written costs the drive nothing, and a longer command would only be told the same again.
        let needs_no_rest = rest.is_zero() || blank.is_some();
        match blank.or_else(|| self.command()) {
            None => Step::Done,
            Some((range, fua)) if needs_no_rest => {
                self.asked = range;
                Step::Read { range, fua }
            }
            Some(_) => self.during(rest),
        }
    }

    fn observe(&mut self, range: SectorRange, outcome: &Outcome, _now: Duration, changes: &mut Vec<Change>) {
        let answer = Answer::new(range, outcome);
        self.spend(outcome.seconds);
        self.behaviour.note(&answer);
        self.blank.note(&answer);
        self.view.take(&answer, self.behaviour, self.unit, changes);
        let travel =
            if self.head == range.start() { 0 } else { self.unit.index(range.start().abs_diff(self.head)).max(1) };
        self.costs.learn(&answer, outcome.seconds, travel, self.unit);
        self.head = answer.rest.start();
        self.learn(&answer, outcome.seconds);
        self.rates.note(&answer, &self.view);
        self.retry.note(&answer, self.behaviour, &self.view);
        match self.stage {
            Stage::Fill if self.asked == range => self.fill.observe(&answer),
            Stage::Retry if self.asked == range => self.retry.observe(&answer, &self.view),
            Stage::Fill | Stage::Retry | Stage::Split | Stage::Done => {}
        }
    }

    fn phase(&self) -> Phase {
        match self.stage {
            Stage::Fill => Phase::Fill,
            Stage::Split => Phase::Split,
            Stage::Retry | Stage::Done => Phase::Retry { pass: self.retry.pass(), passes: self.passes },
        }
    }

    fn times(&self) -> Option<Times> {
        self.costs.learned()
    }

    fn leave_out(&mut self, range: SectorRange) {
        self.view.leave_out(range);
    }

    fn set_aside(&mut self, range: SectorRange) {
        self.view.leave_out(range);
        self.rates.set_aside(range);
        match self.stage {
            Stage::Fill if self.asked == range => self.fill.set_aside(range),
            Stage::Retry if self.asked == range => self.retry.give_way(),
            Stage::Fill | Stage::Retry | Stage::Split | Stage::Done => {}
        }
    }

    fn set_back(&mut self, before: &[Change]) {
        self.view.set_back(before);
        before.iter().for_each(|(range, _)| self.rates.note_again(*range, &self.view));
    }

    fn bring_back(&mut self, range: SectorRange) {
        self.view.bring_back(range);
        self.rates.bring_back(range);
    }

    fn came_back(&mut self, range: SectorRange) {
        let before = self.unit.index(range.start()).checked_sub(1);
        let behind = Some(self.unit.index(self.unit.ceil(range.end())));
        for unit in [before, behind].into_iter().flatten() {
            let span = self.view.span(self.unit, unit);
            let is_left = self.view.next(Status::NonTried, self.unit.times(span.0));
            let is_left = is_left.is_some_and(|gap| self.unit.index(gap.start()) < span.1);
            if is_left && self.abandon.abandoned(unit, &self.view, &self.rates).is_none() {
                self.fill.choose_in(span, self.stage != Stage::Fill);
                self.stage = Stage::Fill;
            }
        }
    }

    fn stopped(&self) -> Vec<SectorRange> {
        self.report().into_iter().map(|span| span.range).collect()
    }

    fn revive(&mut self, span: SectorRange) {
        let behind = self.unit.index(self.unit.ceil(span.end()));
        self.rates.forget(self.unit.index(span.start()), behind);
        self.fill.choose_again();
        self.stage = Stage::Fill;
    }

    fn map(&self) -> &SectorMap {
        self.view.map()
    }

    fn forecast(&self) -> Option<Forecast> {
        let abandoned = self.report();
        let left: u64 = abandoned.iter().map(|span| span.failed).sum();
        let (attempts, worked) = self.retry.recent();
        Some(Forecast {
            failed_units: (self.rates.failed().len() as u64).saturating_sub(left),
            attempts,
            worked,
            failure_seconds: self.costs.failure(),
            abandoned,
        })
    }

    fn blank(&self) -> &SectorSet {
        self.view.blank()
    }

    fn status_line(&self) -> StatusLine {
        let rest = self.view.line_for_rest();
        match (self.stage, rest.phase) {
            (Stage::Retry, MapPhase::Trimming | MapPhase::Scraping | MapPhase::Retrying) => StatusLine {
                phase: if rest.phase == MapPhase::Retrying { rest.phase } else { MapPhase::Scraping },
                position: self.retry.position().saturating_mul(SECTOR_BYTES),
                pass: self.retry.pass(),
            },
            (Stage::Done, MapPhase::Trimming | MapPhase::Scraping | MapPhase::Retrying) => {
                StatusLine { phase: MapPhase::Finished, ..rest }
            }
            _ => rest,
        }
    }
}
