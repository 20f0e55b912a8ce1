//! What is known of the surroundings of a unit: which units failed, how many nearby, what the periods say.

use std::collections::BTreeSet;

use super::map_view::MapView;
use super::periodicity::Periodicity;
use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;
use crate::mapfile::status::Status;
use crate::recovery::answer::Answer;
use crate::recovery::params::{
    ASIDE_WEIGHT, BEYOND, LEARN_FROM, Params, RATE_BOUNDS, RATE_PRIOR, RATE_ROUNDS, RUN_LEAST,
};
use crate::recovery::unit::Unit;

/// Units that failed, and what their distances tell.
#[derive(Clone, Debug)]
pub(crate) struct FailureRates {
    unit: Unit,
    window: u64,
    failed: BTreeSet<u64>,
    /// Numbers of units that were set aside, as ranges.
    aside: SectorSet,
    periods: Periodicity,
}

impl FailureRates {
    /// What `view` tells already. A patch may begin with a map only.
    pub(crate) fn new(params: &Params, view: &MapView) -> Self {
        let unit = Unit::new(params.unit);
        let mut rates = Self {
            unit,
            window: params.rate_window,
            failed: BTreeSet::new(),
            aside: SectorSet::new(),
            periods: Periodicity::new(params.periods),
        };
        for status in [Status::NonTrimmed, Status::NonScraped, Status::Bad] {
            for run in view.map().runs(status).filter(|run| status > Status::NonTrimmed || unit.count(*run) == 1) {
                let last = unit.index(run.end().saturating_sub(1));
                rates.failed.extend(unit.index(run.start())..=last);
            }
        }
        rates.learn_periods(view);
        rates
    }

    /// Fills the table from what lies behind each failed unit, up to the next.
    fn learn_periods(&mut self, view: &MapView) {
        let failed: Vec<u64> = self.failed.iter().copied().take(LEARN_FROM).collect();
        for (i, at) in failed.iter().enumerate() {
            let rate = self.around(view, *at);
            for distance in 1..=self.periods.most() {
                let there = at + distance;
                if failed.get(i + 1) == Some(&there) {
                    self.periods.note(distance, rate, true);
                    break;
                }
                if view.is_good(self.unit.times(there)) {
                    self.periods.note(distance, rate, false);
                }
            }
        }
    }

    /// The units that failed and are still missing something.
    pub(crate) fn failed(&self) -> &BTreeSet<u64> {
        &self.failed
    }

    /// These sectors were set aside.
    pub(crate) fn set_aside(&mut self, range: SectorRange) {
        self.aside.insert(self.units(range));
    }

    /// Units are what they were: those that had failed have so again.
    pub(crate) fn note_again(&mut self, range: SectorRange, view: &MapView) {
        let units = self.units(range);
        self.failed.extend((units.start()..units.end()).filter(|unit| view.has_failed(self.unit.whole(*unit))));
    }

    /// They are so no more.
    pub(crate) fn bring_back(&mut self, range: SectorRange) {
        self.aside.remove(self.units(range));
    }

    /// Units in `low..high` that were set aside.
    pub(crate) fn aside(&self, low: u64, high: u64) -> u64 {
        self.aside.within(SectorRange::new(low, high)).map(SectorRange::len).sum()
    }

    /// Attempts in `low..high` that came to nothing: failed units, and those that were set aside for as many as they cost.
    pub(crate) fn in_vain(&self, low: u64, high: u64) -> u64 {
        self.failed.range(low..high).count() as u64 + ASIDE_WEIGHT * self.aside(low, high)
    }

    /// What failed in `low..high` counts no more, until it fails again.
    pub(crate) fn forget(&mut self, low: u64, high: u64) {
        self.failed.retain(|unit| !(low..high).contains(unit));
    }

    /// The numbers of the units that `range` touches.
    fn units(&self, range: SectorRange) -> SectorRange {
        SectorRange::new(self.unit.index(range.start()), self.unit.index(self.unit.ceil(range.end())))
    }

    /// Takes an answer; the view knows it already.
    pub(crate) fn note(&mut self, answer: &Answer, view: &MapView) {
        if answer.is_blank() || answer.asked.is_empty() {
            return;
        }
        let units = self.unit.index(answer.asked.start())..=self.unit.index(answer.asked.end() - 1);
        for unit in units {
            let whole = self.unit.whole(unit);
            let failed = view.has_failed(whole);
            let known = failed || view.is_good(whole.start());
            if known && !self.failed.contains(&unit) {
                let (left, right) = self.neighbours(unit);
                for distance in [left, right].into_iter().flatten() {
                    let rate = self.around(view, unit);
                    self.periods.note(distance, rate, failed);
                }
            }
            if failed {
                self.failed.insert(unit);
            } else {
                self.failed.remove(&unit);
            }
        }
    }

    /// Units to the nearest failed one on either side, as far as the table reaches.
    fn neighbours(&self, unit: u64) -> (Option<u64>, Option<u64>) {
        let most = self.periods.most();
        let left = self.failed.range(unit.saturating_sub(most)..unit).next_back().map(|at| unit - at);
        let right = self.failed.range(unit + 1..=unit.saturating_add(most)).next().map(|at| at - unit);
        (left, right)
    }

    /// The rate at which reads around `unit` fail: failed units of those known.
    pub(crate) fn around(&self, view: &MapView, unit: u64) -> f64 {
        let (failed, known) = self.counts(view, unit, self.window);
        estimate(failed, known)
    }

    /// Failed units so near to `unit`, and known ones. Damage has edges: of a sound run that is far longer than failures
    /// lie apart only a part counts, else the sound rates beside a damage makes its rim look better than it is.
    fn counts(&self, view: &MapView, unit: u64, reach: u64) -> (f64, f64) {
        let (low, high) = (unit.saturating_sub(reach), unit.saturating_add(reach + 1));
        let failed = (self.failed.range(low..high).count() as u64 + self.aside(low, high)) as f64;
        let around = SectorRange::new(self.unit.times(low), self.unit.times(high));
        let runs: Vec<f64> = view.good_runs(around).map(|run| run.len() as f64 / self.unit.times(1) as f64).collect();
        let mut known = failed + runs.iter().sum::<f64>();
        if failed > 0.0 {
            for _ in 0..RATE_ROUNDS {
                let longest = (BEYOND / estimate(failed, known)).max(RUN_LEAST);
                known = failed + runs.iter().map(|run| run.min(longest)).sum::<f64>();
            }
        }
        (failed, known)
    }

    /// The chance that a read of `unit`, which was not tried, fails; `rate` is that of its surroundings.
    pub(crate) fn risk(&self, unit: u64, rate: f64) -> f64 {
        let (left, right) = self.neighbours(unit);
        let factor = |distance: Option<u64>| distance.map_or(1.0, |distance| self.periods.factor(distance, rate));
        (rate * factor(left) * factor(right)).clamp(RATE_BOUNDS.0, RATE_BOUNDS.1)
    }
}

/// The rate that `failed` of `known` units speak for.
fn estimate(failed: f64, known: f64) -> f64 {
    ((failed + RATE_PRIOR.0) / (known + RATE_PRIOR.1)).max(RATE_BOUNDS.0)
}
