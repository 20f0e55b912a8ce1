//! Retry: what failed alone is asked for again, pass by pass.

use super::answer::{Answer, Habits};
use super::chart::Chart;
use super::params::Params;
use super::stop::StopRule;
use super::subunit::SubUnit;
use super::terrain::Terrain;
use super::unit::Unit;
use crate::base::sector::SectorRange;

/// So many passes over all that was tried in vain, each forward, past the drive's cache.
///
/// Forward only: whether a unit works this time is luck, the same from either side, and a
/// backward pass pays a seek for each unit where a forward one skims over the sound ones.
///
/// It ends because a pass moves forward only, a visit of a unit ends with a command that brings nothing (or when
/// nothing is missing), and the passes are counted.
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
    sub: SubUnit,
}

impl Retry {
    /// Goes on in `pass` at sector `at`.
    pub(super) fn new(params: &Params, pass: u32, passes: u32, at: u64) -> Self {
        Self { unit: Unit::new(params.unit), pass, passes, at, visiting: None, fua: true, sub: SubUnit::new(params) }
    }

    /// The next command and whether past the cache; `None` when all passes are done or nothing
    /// is left.
    pub(super) fn next(&mut self, chart: &Chart, land: &Terrain, stop: &StopRule) -> Option<(SectorRange, bool)> {
        loop {
            if let Some(unit) = self.visiting {
                if let Some(range) = self.sub.command(unit, self.pass, chart) {
                    return Some((range, self.fua));
                }
                self.leave(unit);
            }
            if self.pass > self.passes {
                return None;
            }
            if let Some(unit) = self.next_unit(chart, land, stop) {
                self.at = self.unit.times(unit);
                (self.visiting, self.fua) = (Some(unit), true);
            } else if self.at == 0 {
                return None;
            } else {
                self.pass = self.pass.saturating_add(1);
                self.at = 0;
            }
        }
    }

    /// The next unit to visit in this pass. Of a stopped span that is one of its borders and one unit inside, as
    /// scouts, so that a weak core is not lost for good.
    fn next_unit(&self, chart: &Chart, land: &Terrain, stop: &StopRule) -> Option<u64> {
        let mut at = self.at;
        loop {
            let unit = self.unit.index(chart.next_missing(at)?);
            if self.sub.rests(unit, self.pass, chart) {
                at = self.unit.times(unit + 1);
                continue;
            }
            let Some((low, high)) = stop.stopped(unit, chart, land) else { return Some(unit) };
            let scout = scout(low, high, self.pass, land);
            let border = if self.pass.is_multiple_of(2) { low } else { high - 1 };
            let wanted = [Some(border), scout].into_iter().flatten().filter(|wanted| *wanted >= unit).min();
            match wanted {
                Some(wanted) if wanted == unit => return Some(unit),
                Some(wanted) => at = self.unit.times(wanted),
                None => at = self.unit.times(high),
            }
        }
    }

    fn leave(&mut self, unit: u64) {
        self.visiting = None;
        self.at = self.unit.times(unit + 1);
    }

    /// Takes the answer to the command that `next` gave; the chart knows it already.
    pub(super) fn observe(&mut self, answer: &Answer, habits: Habits, chart: &Chart) {
        self.note(answer, habits, chart);
        self.fua = false;
        if let Some(unit) = self.visiting {
            if answer.blank || answer.good.is_empty() {
                self.leave(unit);
            } else if self.pass > 1 {
                self.sub.is_lucky(unit);
            }
        }
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
        self.at
    }
}

/// The failed unit inside a stopped span that this pass asks again: another in each pass, spread by the golden section.
fn scout(low: u64, high: u64, pass: u32, land: &Terrain) -> Option<u64> {
    let inside = land.failed().range(low + 1..high.saturating_sub(1).max(low + 1));
    let count = inside.clone().count() as u64;
    let place = u64::from(pass) * GOLDEN % MILLION * count / MILLION;
    inside.clone().nth(usize::try_from(place).ok()?).copied()
}

/// The golden section in millionths: steps of it never fall on the same place again.
const GOLDEN: u64 = 618_034;
const MILLION: u64 = 1_000_000;
