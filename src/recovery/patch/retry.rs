//! Retry: what failed alone is asked for again, pass by pass.

use std::collections::BTreeSet;

use super::abandon::AbandonRule;
use super::partial_unit::PartialUnits;
use crate::base::sector::SectorRange;
use crate::recovery::answer::{Answer, FailureBehaviour};
use crate::recovery::model::failure_rate::FailureRates;
use crate::recovery::model::map_view::MapView;
use crate::recovery::model::regions::Regions;
use crate::recovery::params::Params;
use crate::recovery::unit::Unit;

/// So many passes over all that was tried in vain, each forward, past the drive's cache.
///
/// Forward only: whether a unit works this time is luck, the same from either side, and a
/// backward pass pays a seek for each unit where a forward one skims over the sound ones.
///
/// It ends because a pass moves forward only, a visit of a unit ends with a command that brings nothing (a few
/// where luck has something to win) or when nothing is missing, and the passes are counted; the extra is one more, the rounds through a region are counted too.
#[derive(Clone, Debug)]
pub(super) struct Retry {
    unit: Unit,
    pass: u32,
    passes: u32,
    /// Behind the last unit that this pass is through with, sector.
    at: u64,
    /// The unit that is being visited.
    visiting: Option<u64>,
    /// Where the commands of this visit began that brought nothing.
    vain: Vec<u64>,
    /// How many of them came last.
    in_a_row: u32,
    /// So many of them end the visit of a unit of which a sector came late.
    luck: u32,
    /// Past the cache: not for what a success of the same visit has left in it.
    fua: bool,
    partial: PartialUnits,
    /// With a budget: where chances are best, and the stretch that is being retried.
    regions: Option<Regions>,
    stretch: Option<(u64, u64)>,
    /// Failures of the pass under way, and units it made whole.
    failures: u64,
    worked: u64,
    /// A unit was left out of the pass under way that a later one asks for.
    deferred_some: bool,
    /// Attempts and units made whole of the pass before.
    before: (u64, u64),
    /// The part of the last pass's failures that an extra may cost: one in so many; 0 for none.
    extra_failures: u64,
    extra_hits: u64,
    extra: Option<ExtraPass>,
}

/// A last pass over some of what failed, evenly strewn.
#[derive(Clone, Copy, Debug)]
struct ExtraPass {
    /// So many units are asked
    units: u64,
    /// of so many.
    of: u64,
    /// Units passed by.
    seen: u64,
    /// Where the disc ends, sector: what the status line says.
    end: u64,
}

impl Retry {
    /// Goes on in `pass` at sector `at`.
    pub(super) fn new(params: &Params, pass: u32, passes: u32, at: u64) -> Self {
        Self {
            unit: Unit::new(params.unit),
            pass,
            passes,
            at,
            visiting: None,
            vain: Vec::new(),
            in_a_row: 0,
            luck: params.luck,
            fua: true,
            partial: PartialUnits::new(params),
            regions: None,
            stretch: None,
            failures: 0,
            worked: 0,
            deferred_some: false,
            before: (0, 0),
            extra_failures: params.extra_failures,
            extra_hits: params.extra_hits.max(1),
            extra: None,
        }
    }

    /// Goes where chances are best in place of pass by pass, up to `passes` rounds through each region: for a budget.
    pub(super) fn by_regions(mut self, regions: Regions, passes: u32) -> Self {
        (self.regions, self.passes) = (Some(regions), passes);
        self
    }

    /// The next command and whether past the cache; `None` when all passes are done or nothing is left. The units of
    /// `twice` have had the attempt of the first of several passes.
    pub(super) fn next(
        &mut self,
        view: &MapView,
        rates: &FailureRates,
        abandon: &AbandonRule,
        twice: &BTreeSet<u64>,
    ) -> Option<(SectorRange, bool)> {
        loop {
            if let Some(unit) = self.visiting {
                let command = self.partial.command(unit, self.pass, view);
                if let Some(range) = command.filter(|range| self.is_worth(*range)) {
                    return Some((range, self.fua));
                }
                self.leave(unit);
            }
            if self.regions.is_some() {
                let unit = self.next_in_region(view, rates, abandon, twice)?;
                (self.at, self.visiting, self.fua) = (self.unit.times(unit), Some(unit), true);
                continue;
            }
            if self.pass > self.passes && self.extra.is_none() {
                return None;
            }
            if let Some(unit) = self.next_unit(view, rates, abandon, twice) {
                self.at = self.unit.times(unit);
                (self.visiting, self.fua) = (Some(unit), true);
            } else if (self.at == 0 && !self.deferred_some) || self.extra.is_some() {
                return None;
            } else {
                self.extra = (self.pass == self.passes).then(|| self.extra(view, rates)).flatten();
                self.pass = self.pass.saturating_add(1);
                self.before = (self.failures + self.worked, self.worked);
                (self.at, self.failures, self.worked, self.deferred_some) = (0, 0, 0, false);
            }
        }
    }

    /// A sector is tried twice in one visit, not more: what a drive says at once again is not new.
    fn is_worth(&self, range: SectorRange) -> bool {
        self.vain.iter().filter(|start| **start == range.start()).count() < 2
    }

    /// What may follow the last pass.
    fn extra(&self, view: &MapView, rates: &FailureRates) -> Option<ExtraPass> {
        let units = self.failures.checked_div(self.extra_failures)? + self.worked / self.extra_hits;
        let of = rates.failed().len() as u64;
        (units.min(of) > 0).then(|| ExtraPass { units: units.min(of), of, seen: 0, end: view.sectors() })
    }

    /// The next unit of the region under way, else of the best one.
    fn next_in_region(
        &mut self,
        view: &MapView,
        rates: &FailureRates,
        abandon: &AbandonRule,
        twice: &BTreeSet<u64>,
    ) -> Option<u64> {
        loop {
            if let Some((_, end)) = self.stretch {
                let unit = self.next_unit(view, rates, abandon, twice).filter(|unit| *unit < end);
                if unit.is_some() {
                    return unit;
                }
            }
            let regions = self.regions.as_mut()?;
            let next = regions.best(rates, self.passes)?;
            self.pass = regions.begin(next.0);
            (self.stretch, self.at) = (Some(next), self.unit.times(next.0));
        }
    }

    /// Attempts at failed units, and how many made one whole, in the last pass that is through and the one under way.
    pub(super) fn recent(&self) -> (u64, u64) {
        (self.before.0 + self.failures + self.worked, self.before.1 + self.worked)
    }

    /// With a budget: takes what an attempt at a damaged unit came to.
    pub(super) fn learn(&mut self, unit: u64, hit: bool) {
        if let Some(regions) = &mut self.regions {
            regions.note(unit, hit);
        }
    }

    /// The next unit to visit in this pass. Of a abandoned span that is one, as a probe, so that a weak core is not lost
    /// for good.
    fn next_unit(
        &mut self,
        view: &MapView,
        rates: &FailureRates,
        abandon: &AbandonRule,
        twice: &BTreeSet<u64>,
    ) -> Option<u64> {
        let mut at = self.at;
        loop {
            let unit = self.unit.index(view.next_missing(at)?);
            let counted = self.pass == 1 && self.passes > 1 && twice.contains(&unit);
            if counted || self.partial.is_deferred(unit, self.pass, view) {
                self.deferred_some = true;
                at = self.unit.times(unit + 1);
                continue;
            }
            if let Some(extra) = &mut self.extra {
                extra.seen += 1;
                if extra.seen * extra.units / extra.of == (extra.seen - 1) * extra.units / extra.of {
                    at = self.unit.times(unit + 1);
                    continue;
                }
            }
            let Some((low, high)) = abandon.abandoned(unit, view, rates) else { return Some(unit) };
            match probe(low, high, self.pass, rates).filter(|wanted| *wanted >= unit) {
                Some(wanted) if wanted == unit => return Some(unit),
                Some(wanted) => at = self.unit.times(wanted),
                None => at = self.unit.times(high),
            }
        }
    }

    fn leave(&mut self, unit: u64) {
        self.visiting = None;
        self.vain.clear();
        self.in_a_row = 0;
        self.at = self.unit.times(unit + 1);
    }

    /// Takes the answer to the command that `next` gave; the view knows it already.
    pub(super) fn observe(&mut self, answer: &Answer, behaviour: FailureBehaviour, view: &MapView) {
        self.note(answer, behaviour, view);
        self.failures += u64::from(!answer.is_complete());
        let whole = self.visiting.map(|unit| self.unit.whole(unit));
        self.worked += u64::from(whole.is_some_and(|whole| view.missing(whole).is_empty()));
        self.fua = !answer.is_complete();
        if let Some(unit) = self.visiting {
            if answer.blank {
                self.leave(unit);
            } else if answer.good.is_empty() {
                self.in_vain(unit, answer.asked.start());
            } else {
                self.in_a_row = 0;
                if self.pass > 1 && !self.partial.climbs() {
                    self.partial.won_late(unit);
                }
            }
        }
    }

    /// A command of this visit brought nothing: that ends it, unless luck has something to win in this unit.
    fn in_vain(&mut self, unit: u64, start: u64) {
        self.vain.push(start);
        self.in_a_row += 1;
        if !self.partial.is_marginal(unit) || self.in_a_row >= self.luck {
            self.leave(unit);
        }
    }

    /// A command of a visit worked and took so long; a failure takes so long.
    pub(super) fn took(&mut self, seconds: f64, failure: f64) {
        self.partial.took(seconds, failure);
    }

    /// Takes what a command before the first retry shows about the drive.
    pub(super) fn note(&mut self, answer: &Answer, behaviour: FailureBehaviour, view: &MapView) {
        self.partial.note(answer, behaviour, view);
    }

    /// The pass under way, from 1.
    pub(super) fn pass(&self) -> u32 {
        self.pass.min(self.passes)
    }

    /// Where the pass stands, sector.
    pub(super) fn position(&self) -> u64 {
        self.extra.map_or(self.at, |extra| extra.end)
    }
}

/// The failed unit of a abandoned span that this pass asks again: its borders in turn, where damage is least, and in
/// every third pass one inside, another each time, spread by the golden section.
fn probe(low: u64, high: u64, pass: u32, rates: &FailureRates) -> Option<u64> {
    match pass % 3 {
        1 => return Some(high - 1),
        0 => return Some(low),
        _ => {}
    }
    let inside = rates.failed().range(low + 1..high.saturating_sub(1).max(low + 1));
    let count = inside.clone().count() as u64;
    let place = u64::from(pass) * GOLDEN % MILLION * count / MILLION;
    inside.clone().nth(usize::try_from(place).ok()?).copied()
}

/// The golden section in millionths: steps of it never fall on the same place again.
const GOLDEN: u64 = 618_034;
const MILLION: u64 = 1_000_000;
