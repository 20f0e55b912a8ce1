//! Retry: what failed alone is asked for again, pass by pass.

use super::abandon::AbandonRule;
use super::partial_unit::PartialUnits;
use crate::base::sector::SectorRange;
use crate::recovery::answer::{Answer, FailureBehaviour};
use crate::recovery::model::failure_rate::FailureRates;
use crate::recovery::model::map_view::MapView;
use crate::recovery::model::regions::Regions;
use crate::recovery::params::Params;
use crate::recovery::unit::Unit;

/// A number of passes over all that was tried in vain, each forward, past the drive's cache.
///
/// Forward only: whether a unit works this time is chance, the same from either side, and a
/// backward pass pays a seek for each unit where a forward one skims over the sound ones.
///
/// It ends because a pass moves forward only, a visit of a unit ends with a command that brings nothing or when nothing
/// is missing, and the passes, or the rounds through a region, are counted.
#[derive(Clone, Debug)]
pub(super) struct Retry {
    unit: Unit,
    pass: u32,
    passes: u32,
    /// Behind the last unit that this pass is through with, sector.
    at: u64,
    /// The unit that is being visited.
    visiting: Option<u64>,
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
}

impl Retry {
    /// Goes on in `pass` of `passes` at sector `at`; with `regions`, where chances are best in place of pass by pass.
    pub(super) fn new(params: &Params, (pass, passes): (u32, u32), at: u64, regions: Option<Regions>) -> Self {
        Self {
            unit: Unit::new(params.unit),
            pass,
            passes,
            at,
            visiting: None,
            fua: true,
            partial: PartialUnits::new(params),
            regions,
            stretch: None,
            failures: 0,
            worked: 0,
            deferred_some: false,
            before: (0, 0),
        }
    }

    /// The next command and whether past the cache; `None` when all passes are done or nothing is left.
    pub(super) fn next(
        &mut self,
        view: &MapView,
        rates: &FailureRates,
        abandon: &AbandonRule,
    ) -> Option<(SectorRange, bool)> {
        loop {
            if let Some(unit) = self.visiting {
                if let Some(range) = self.partial.command(unit, self.pass, view) {
                    return Some((range, self.fua));
                }
                self.leave(unit);
            }
            if self.regions.is_some() {
                let unit = self.next_in_region(view, rates, abandon)?;
                (self.at, self.visiting, self.fua) = (self.unit.times(unit), Some(unit), true);
                continue;
            }
            if self.pass > self.passes {
                return None;
            }
            if let Some(unit) = self.next_unit(view, rates, abandon) {
                self.at = self.unit.times(unit);
                (self.visiting, self.fua) = (Some(unit), true);
            } else if self.at == 0 && !self.deferred_some {
                return None;
            } else {
                self.pass = self.pass.saturating_add(1);
                self.before = (self.failures + self.worked, self.worked);
                (self.at, self.failures, self.worked, self.deferred_some) = (0, 0, 0, false);
            }
        }
    }

    /// The next unit of the region under way, else of the best one.
    fn next_in_region(&mut self, view: &MapView, rates: &FailureRates, abandon: &AbandonRule) -> Option<u64> {
        loop {
            if let Some((_, end)) = self.stretch {
                let unit = self.next_unit(view, rates, abandon).filter(|unit| *unit < end);
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

    /// The next unit to visit in this pass; none of a span that is abandoned.
    fn next_unit(&mut self, view: &MapView, rates: &FailureRates, abandon: &AbandonRule) -> Option<u64> {
        let mut at = self.at;
        loop {
            let unit = self.unit.index(view.next_missing(at)?);
            if self.partial.is_deferred(unit, self.pass, view) {
                self.deferred_some = true;
                at = self.unit.times(unit + 1);
                continue;
            }
            let Some((_, high)) = abandon.abandoned(unit, view, rates) else { return Some(unit) };
            at = self.unit.times(high);
        }
    }

    /// The visit of a unit ends: what it asked for was set aside.
    pub(super) fn give_way(&mut self) {
        if let Some(unit) = self.visiting {
            self.leave(unit);
        }
    }

    fn leave(&mut self, unit: u64) {
        self.visiting = None;
        self.at = self.unit.times(unit + 1);
    }

    /// Takes the answer to the command that `next` gave; the view knows it already.
    pub(super) fn observe(&mut self, answer: &Answer, view: &MapView) {
        self.failures += u64::from(answer.is_failure());
        let whole = self.visiting.map(|unit| self.unit.whole(unit));
        self.worked += u64::from(whole.is_some_and(|whole| view.missing(whole).is_empty()));
        self.fua = !answer.is_complete();
        // What else is blank in the unit is asked for in the next command of this visit, if the drive named what is.
        let unnamed = answer.is_blank() && answer.blank_sector().is_none();
        let in_vain = answer.is_failure() && answer.good.is_empty();
        if let Some(unit) = self.visiting.filter(|_| unnamed || in_vain) {
            self.leave(unit);
        }
    }

    /// Takes what any command shows about the drive.
    pub(super) fn note(&mut self, answer: &Answer, behaviour: FailureBehaviour, view: &MapView) {
        self.partial.note(answer, behaviour, view);
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
