//! What is known of the surroundings of a unit: which units failed, how many nearby, what the lags say.

use std::collections::BTreeSet;

use super::answer::Answer;
use super::chart::Chart;
use super::lags::Lags;
use super::params::Params;
use super::unit::Unit;
use crate::base::sector::SectorRange;
use crate::mapfile::status::Status;

/// Fewest units that a share is taken from, where there are so many.
const KNOWN_ENOUGH: f64 = 16.0;

/// Least share of failures that any place is credited with.
const SHARE_LEAST: f64 = 0.001;

/// A run of sound units so many times as long as failures lie apart is land beyond the damage: inside it, one in twenty
/// runs would be as long.
const BEYOND: f64 = 3.0;

/// A sound run of so many units counts in any case.
const RUN_LEAST: f64 = 4.0;

/// Rounds of working out the share and what lies beyond; each changes less than the one before.
const ROUNDS: usize = 3;

/// Units that failed, and what their distances tell.
#[derive(Clone, Debug)]
pub(super) struct Terrain {
    unit: Unit,
    window: u64,
    failed: BTreeSet<u64>,
    lags: Lags,
}

impl Terrain {
    /// What `chart` tells already. A patch may begin with a map only.
    pub(super) fn new(params: &Params, chart: &Chart) -> Self {
        let unit = Unit::new(params.unit);
        let mut terrain =
            Self { unit, window: params.share_window, failed: BTreeSet::new(), lags: Lags::new(params.lags) };
        for status in [Status::NonScraped, Status::Bad] {
            for run in chart.map().runs(status) {
                let last = unit.index(run.end().saturating_sub(1));
                terrain.failed.extend(unit.index(run.start())..=last);
            }
        }
        terrain.learn_lags(chart);
        terrain
    }

    /// Fills the table from what lies behind each failed unit, up to the next.
    fn learn_lags(&mut self, chart: &Chart) {
        let failed: Vec<u64> = self.failed.iter().copied().take(4096).collect();
        for (i, at) in failed.iter().enumerate() {
            let share = self.share(chart, *at);
            for lag in 1..=self.lags.most() {
                let there = at + lag;
                if failed.get(i + 1) == Some(&there) {
                    self.lags.note(lag, share, true);
                    break;
                }
                if chart.is_good(self.unit.times(there)) {
                    self.lags.note(lag, share, false);
                }
            }
        }
    }

    /// The units that failed and are still missing something.
    pub(super) fn failed(&self) -> &BTreeSet<u64> {
        &self.failed
    }

    /// Takes an answer; the chart knows it already.
    pub(super) fn note(&mut self, answer: &Answer, chart: &Chart) {
        if answer.blank || answer.asked.is_empty() {
            return;
        }
        let units = self.unit.index(answer.asked.start())..=self.unit.index(answer.asked.end() - 1);
        for unit in units {
            let whole = self.unit.whole(unit);
            let failed = chart.any_failed(whole);
            let known = failed || chart.is_good(whole.start());
            if known && !self.failed.contains(&unit) {
                let (left, right) = self.lags_of(unit);
                for lag in [left, right].into_iter().flatten() {
                    let share = self.share(chart, unit);
                    self.lags.note(lag, share, failed);
                }
            }
            if failed {
                self.failed.insert(unit);
            } else {
                self.failed.remove(&unit);
            }
        }
    }

    /// A unit is known to have failed though it was not asked alone.
    pub(super) fn failed_too(&mut self, unit: u64) {
        self.failed.insert(unit);
    }

    /// Units to the nearest failed one on either side, as far as the table reaches.
    fn lags_of(&self, unit: u64) -> (Option<u64>, Option<u64>) {
        let most = self.lags.most();
        let left = self.failed.range(unit.saturating_sub(most)..unit).next_back().map(|at| unit - at);
        let right = self.failed.range(unit + 1..=unit.saturating_add(most)).next().map(|at| at - unit);
        (left, right)
    }

    /// Failed units of those known around `unit`; wider where few are known, but of a wider ring no more counts than is
    /// wanting: a tract far away says little about this place.
    pub(super) fn share(&self, chart: &Chart, unit: u64) -> f64 {
        let mut reach = self.window;
        let (mut failed, mut known) = self.counts(chart, unit, reach);
        while known < KNOWN_ENOUGH && reach < self.window * 64 {
            reach *= 2;
            let (failed_in, known_in) = self.counts(chart, unit, reach);
            let part = ((KNOWN_ENOUGH - known) / (known_in - known).max(1.0)).clamp(0.0, 1.0);
            failed += (failed_in - failed) * part;
            known += (known_in - known) * part;
        }
        estimate(failed, known)
    }

    /// Failed units so near to `unit`, and known ones. Damage has edges: of a sound run that is far longer than failures
    /// lie apart only a part counts, else the sound land beside a damage makes its rim look better than it is.
    fn counts(&self, chart: &Chart, unit: u64, reach: u64) -> (f64, f64) {
        let (low, high) = (unit.saturating_sub(reach), unit.saturating_add(reach + 1));
        let failed = self.failed.range(low..high).count() as f64;
        let around = SectorRange::new(self.unit.times(low), self.unit.times(high));
        let runs: Vec<f64> = chart.good_runs(around).map(|run| run.len() as f64 / self.unit.times(1) as f64).collect();
        let mut known = failed + runs.iter().sum::<f64>();
        if failed > 0.0 {
            for _ in 0..ROUNDS {
                let longest = (BEYOND / estimate(failed, known)).max(RUN_LEAST);
                known = failed + runs.iter().map(|run| run.min(longest)).sum::<f64>();
            }
        }
        (failed, known)
    }

    /// The chance that a read of `unit`, which was not tried, fails; `share` is that of its surroundings.
    pub(super) fn risk(&self, unit: u64, share: f64) -> f64 {
        let (left, right) = self.lags_of(unit);
        let factor = |lag: Option<u64>| lag.map_or(1.0, |lag| self.lags.factor(lag, share));
        (share * factor(left) * factor(right)).clamp(SHARE_LEAST, 0.98)
    }
}

/// The share that so many failures among so many known units speak for.
fn estimate(failed: f64, known: f64) -> f64 {
    ((failed + 0.05) / (known + 1.0)).max(SHARE_LEAST)
}
