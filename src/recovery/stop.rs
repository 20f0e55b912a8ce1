//! Stop rule: when a core has shown that it is dead.

use super::chart::Chart;
use super::params::Params;
use super::terrain::Terrain;
use super::unit::Unit;
use crate::base::sector::SectorRange;

/// A run of sound units longer than this is no hit inside a core but its rim.
const RIM: u64 = 3;

/// A span that was left: what it would cost to go on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Stopped {
    /// Its sectors.
    pub range: SectorRange,
    /// Units in it, none of them sound.
    pub units: u64,
    /// Of these, how many were asked for and failed.
    pub failed: u64,
    /// Chance of a unit that so many failures leave possible, 95 % of the time (rule of three).
    pub chance_below: f64,
    /// Seconds to ask each of its units once more.
    pub seconds: f64,
}

/// Decides from map and terrain alone, so that a new start decides the same.
#[derive(Clone, Debug)]
pub(super) struct StopRule {
    unit: Unit,
    failures: u64,
    share: f64,
    off: bool,
}

impl StopRule {
    pub(super) fn new(params: &Params, thorough: bool) -> Self {
        Self { unit: Unit::new(params.unit), failures: params.stop_failures, share: params.stop_share, off: thorough }
    }

    /// The span around `unit`, when nothing more is worth asking for inside it.
    pub(super) fn stopped(&self, unit: u64, chart: &Chart, terrain: &Terrain) -> Option<(u64, u64)> {
        if self.off {
            return None;
        }
        let (low, high) = chart.span(self.unit, unit);
        if high - low < self.failures {
            return None;
        }
        let failed = terrain.failed().range(low..high).count() as u64;
        if failed < self.failures {
            return None;
        }
        let reach = high - low;
        let (hits_before, failed_before) = self.around(chart, low, low.saturating_sub(reach), terrain);
        let (hits_behind, failed_behind) = self.around(chart, high, high.saturating_add(reach), terrain);
        let hits = (hits_before + hits_behind) as f64;
        let reads = hits + (failed + failed_before + failed_behind) as f64;
        (hits == 0.0 || (hits + 1.0) / (reads + 1.0) < self.share).then_some((low, high))
    }

    /// Hits and failures from the edge of a span outward up to `limit` or the sound rim.
    fn around(&self, chart: &Chart, edge: u64, limit: u64, terrain: &Terrain) -> (u64, u64) {
        let outward = limit > edge;
        let (mut hits, mut run, mut end) = (0, 0, edge);
        while end != limit {
            let at = if outward { end } else { end - 1 };
            if chart.is_good(self.unit.times(at)) && !terrain.failed().contains(&at) {
                run += 1;
                if run > RIM {
                    break;
                }
            } else {
                if self.unit.times(at) >= chart.sectors() {
                    break;
                }
                (hits, run) = (hits + run, 0);
            }
            end = if outward { end + 1 } else { end - 1 };
        }
        let failed = if outward { terrain.failed().range(edge..end) } else { terrain.failed().range(end..edge) };
        (hits, failed.count() as u64)
    }

    /// What is left in a stopped span, for the person.
    pub(super) fn describe(&self, span: (u64, u64), terrain: &Terrain, failure_seconds: f64) -> Stopped {
        let failed = terrain.failed().range(span.0..span.1).count() as u64;
        let units = span.1 - span.0;
        Stopped {
            range: SectorRange::new(self.unit.times(span.0), self.unit.times(span.1)),
            units,
            failed,
            chance_below: (3.0 / failed.max(1) as f64).min(1.0),
            seconds: units as f64 * failure_seconds,
        }
    }
}
