//! Retry: what failed alone is asked for again, pass by pass.

use std::collections::BTreeSet;

use super::answer::{Answer, Habits};
use super::chart::Chart;
use super::params::Params;
use super::stop::StopRule;
use super::subunit::SubUnit;
use super::terrain::Terrain;
use super::tracts::Tracts;
use super::unit::Unit;
use crate::base::sector::SectorRange;

/// So many passes over all that was tried in vain, each forward, past the drive's cache.
///
/// Forward only: whether a unit works this time is luck, the same from either side, and a
/// backward pass pays a seek for each unit where a forward one skims over the sound ones.
///
/// It ends because a pass moves forward only, a visit of a unit ends with a command that brings nothing (a few
/// where luck has something to win) or when nothing is missing, and the passes are counted; the encore is one more, the rounds through a tract are counted too.
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
    sub: SubUnit,
    /// With a budget: where chances are best, and the stretch that is being retried.
    tracts: Option<Tracts>,
    stretch: Option<(u64, u64)>,
    /// Failures of the pass under way, and units it made whole.
    failures: u64,
    worked: u64,
    /// A unit was left out of the pass under way that a later one asks for.
    rested: bool,
    /// Attempts and units made whole of the pass before.
    before: (u64, u64),
    /// The part of the last pass's failures that an encore may cost: one in so many; 0 for none.
    encore_share: u64,
    encore_hits: u64,
    encore: Option<Encore>,
}

/// A last pass over some of what failed, evenly strewn.
#[derive(Clone, Copy, Debug)]
struct Encore {
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
            sub: SubUnit::new(params),
            tracts: None,
            stretch: None,
            failures: 0,
            worked: 0,
            rested: false,
            before: (0, 0),
            encore_share: params.encore_share,
            encore_hits: params.encore_hits.max(1),
            encore: None,
        }
    }

    /// Goes where chances are best in place of pass by pass, up to `passes` rounds through each tract: for a budget.
    pub(super) fn by_tracts(mut self, tracts: Tracts, passes: u32) -> Self {
        (self.tracts, self.passes) = (Some(tracts), passes);
        self
    }

    /// The next command and whether past the cache; `None` when all passes are done or nothing is left. The units of
    /// `twice` have had the attempt of the first of several passes.
    pub(super) fn next(
        &mut self,
        chart: &Chart,
        land: &Terrain,
        stop: &StopRule,
        twice: &BTreeSet<u64>,
    ) -> Option<(SectorRange, bool)> {
        loop {
            if let Some(unit) = self.visiting {
                let command = self.sub.command(unit, self.pass, chart);
                if let Some(range) = command.filter(|range| self.is_worth(*range)) {
                    return Some((range, self.fua));
                }
                self.leave(unit);
            }
            if self.tracts.is_some() {
                let unit = self.next_in_tract(chart, land, stop, twice)?;
                (self.at, self.visiting, self.fua) = (self.unit.times(unit), Some(unit), true);
                continue;
            }
            if self.pass > self.passes && self.encore.is_none() {
                return None;
            }
            if let Some(unit) = self.next_unit(chart, land, stop, twice) {
                self.at = self.unit.times(unit);
                (self.visiting, self.fua) = (Some(unit), true);
            } else if (self.at == 0 && !self.rested) || self.encore.is_some() {
                return None;
            } else {
                self.encore = (self.pass == self.passes).then(|| self.encore(chart, land)).flatten();
                self.pass = self.pass.saturating_add(1);
                self.before = (self.failures + self.worked, self.worked);
                (self.at, self.failures, self.worked, self.rested) = (0, 0, 0, false);
            }
        }
    }

    /// A sector is tried twice in one visit, not more: what a drive says at once again is not new.
    fn is_worth(&self, range: SectorRange) -> bool {
        self.vain.iter().filter(|start| **start == range.start()).count() < 2
    }

    /// What may follow the last pass.
    fn encore(&self, chart: &Chart, land: &Terrain) -> Option<Encore> {
        let units = self.failures.checked_div(self.encore_share)? + self.worked / self.encore_hits;
        let of = land.failed().len() as u64;
        (units.min(of) > 0).then(|| Encore { units: units.min(of), of, seen: 0, end: chart.sectors() })
    }

    /// The next unit of the tract under way, else of the best one.
    fn next_in_tract(&mut self, chart: &Chart, land: &Terrain, stop: &StopRule, twice: &BTreeSet<u64>) -> Option<u64> {
        loop {
            if let Some((_, end)) = self.stretch {
                let unit = self.next_unit(chart, land, stop, twice).filter(|unit| *unit < end);
                if unit.is_some() {
                    return unit;
                }
            }
            let tracts = self.tracts.as_mut()?;
            let next = tracts.best(land, self.passes)?;
            self.pass = tracts.begin(next.0);
            (self.stretch, self.at) = (Some(next), self.unit.times(next.0));
        }
    }

    /// Attempts at failed units, and how many made one whole, in the last pass that is through and the one under way.
    pub(super) fn recent(&self) -> (u64, u64) {
        (self.before.0 + self.failures + self.worked, self.before.1 + self.worked)
    }

    /// With a budget: takes what an attempt at a damaged unit came to.
    pub(super) fn learn(&mut self, unit: u64, hit: bool) {
        if let Some(tracts) = &mut self.tracts {
            tracts.note(unit, hit);
        }
    }

    /// The next unit to visit in this pass. Of a stopped span that is one, as a scout, so that a weak core is not lost
    /// for good.
    fn next_unit(&mut self, chart: &Chart, land: &Terrain, stop: &StopRule, twice: &BTreeSet<u64>) -> Option<u64> {
        let mut at = self.at;
        loop {
            let unit = self.unit.index(chart.next_missing(at)?);
            let counted = self.pass == 1 && self.passes > 1 && twice.contains(&unit);
            if counted || self.sub.rests(unit, self.pass, chart) {
                self.rested = true;
                at = self.unit.times(unit + 1);
                continue;
            }
            if let Some(encore) = &mut self.encore {
                encore.seen += 1;
                if encore.seen * encore.units / encore.of == (encore.seen - 1) * encore.units / encore.of {
                    at = self.unit.times(unit + 1);
                    continue;
                }
            }
            let Some((low, high)) = stop.stopped(unit, chart, land) else { return Some(unit) };
            match scout(low, high, self.pass, land).filter(|wanted| *wanted >= unit) {
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

    /// Takes the answer to the command that `next` gave; the chart knows it already.
    pub(super) fn observe(&mut self, answer: &Answer, habits: Habits, chart: &Chart) {
        self.note(answer, habits, chart);
        self.failures += u64::from(!answer.is_complete());
        let whole = self.visiting.map(|unit| self.unit.whole(unit));
        self.worked += u64::from(whole.is_some_and(|whole| chart.missing(whole).is_empty()));
        self.fua = !answer.is_complete();
        if let Some(unit) = self.visiting {
            if answer.blank {
                self.leave(unit);
            } else if answer.good.is_empty() {
                self.in_vain(unit, answer.asked.start());
            } else {
                self.in_a_row = 0;
                if self.pass > 1 && !self.sub.climbs() {
                    self.sub.won_late(unit);
                }
            }
        }
    }

    /// A command of this visit brought nothing: that ends it, unless luck has something to win in this unit.
    fn in_vain(&mut self, unit: u64, start: u64) {
        self.vain.push(start);
        self.in_a_row += 1;
        if !self.sub.is_lucky(unit) || self.in_a_row >= self.luck {
            self.leave(unit);
        }
    }

    /// A command of a visit worked and took so long; a failure takes so long.
    pub(super) fn took(&mut self, seconds: f64, failure: f64) {
        self.sub.took(seconds, failure);
    }

    /// Takes what a command before the first retry shows about the drive.
    pub(super) fn note(&mut self, answer: &Answer, habits: Habits, chart: &Chart) {
        self.sub.note(answer, habits, chart);
    }

    /// The pass under way, from 1.
    pub(super) fn pass(&self) -> u32 {
        self.pass.min(self.passes)
    }

    /// Where the pass stands, sector.
    pub(super) fn position(&self) -> u64 {
        self.encore.map_or(self.at, |encore| encore.end)
    }
}

/// The failed unit of a stopped span that this pass asks again: its borders in turn, where damage is least, and in
/// every third pass one inside, another each time, spread by the golden section.
fn scout(low: u64, high: u64, pass: u32, land: &Terrain) -> Option<u64> {
    match pass % 3 {
        1 => return Some(high - 1),
        0 => return Some(low),
        _ => {}
    }
    let inside = land.failed().range(low + 1..high.saturating_sub(1).max(low + 1));
    let count = inside.clone().count() as u64;
    let place = u64::from(pass) * GOLDEN % MILLION * count / MILLION;
    inside.clone().nth(usize::try_from(place).ok()?).copied()
}

/// The golden section in millionths: steps of it never fall on the same place again.
const GOLDEN: u64 = 618_034;
const MILLION: u64 = 1_000_000;
