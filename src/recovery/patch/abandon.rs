//! Stop rule: when a core has shown that it is dead.

use crate::base::sector::SectorRange;
use crate::recovery::forecast::Abandoned;
use crate::recovery::model::failure_rate::FailureRates;
use crate::recovery::model::map_view::MapView;
use crate::recovery::params::{Params, RIM};
use crate::recovery::unit::Unit;

/// Decides from map and rates alone, so that a new start decides the same.
#[derive(Clone, Debug)]
pub(super) struct AbandonRule {
    unit: Unit,
    failures: u64,
    rate: f64,
    off: bool,
}

impl AbandonRule {
    pub(super) fn new(params: &Params, thorough: bool) -> Self {
        Self {
            unit: Unit::new(params.unit),
            failures: params.abandon_failures,
            rate: params.abandon_rate,
            off: thorough,
        }
    }

    /// The span around `unit`, when nothing more is worth asking for inside it.
    pub(super) fn abandoned(&self, unit: u64, view: &MapView, rates: &FailureRates) -> Option<(u64, u64)> {
        let (low, high) = view.span(self.unit, unit);
        let failed = rates.in_vain(low, high);
        let span = SectorRange::new(self.unit.times(low), self.unit.times(high));
        // Beyond a longest skip the damage may have ended.
        if self.off || failed < self.failures || view.has_wide_gap(span) {
            return None;
        }
        let reach = high - low;
        let (hits_before, failed_before) = self.around(view, low, low.saturating_sub(reach), rates);
        let (hits_behind, failed_behind) = self.around(view, high, high.saturating_add(reach), rates);
        let hits = (hits_before + hits_behind) as f64;
        let reads = hits + (failed + failed_before + failed_behind) as f64;
        (hits == 0.0 || (hits + 1.0) / (reads + 1.0) < self.rate).then_some((low, high))
    }

    /// Hits and failures from the edge of a span outward up to `limit` or the sound rim.
    fn around(&self, view: &MapView, edge: u64, limit: u64, rates: &FailureRates) -> (u64, u64) {
        let outward = limit > edge;
        let (mut hits, mut run, mut end) = (0, 0, edge);
        while end != limit {
            let at = if outward { end } else { end - 1 };
            if view.is_good(self.unit.times(at)) && !rates.failed().contains(&at) {
                run += 1;
                if run > RIM {
                    break;
                }
            } else {
                if self.unit.times(at) >= view.sectors() {
                    break;
                }
                (hits, run) = (hits + run, 0);
            }
            end = if outward { end + 1 } else { end - 1 };
        }
        let failed = if outward { rates.failed().range(edge..end) } else { rates.failed().range(end..edge) };
        (hits, failed.count() as u64)
    }

    /// What is left in an abandoned span, for the person.
    pub(super) fn describe(&self, span: (u64, u64), rates: &FailureRates, failure_seconds: f64) -> Abandoned {
        let failed = rates.failed().range(span.0..span.1).count() as u64;
        let units = (span.1 - span.0).saturating_sub(rates.aside(span.0, span.1));
        let in_vain = rates.in_vain(span.0, span.1);
        Abandoned {
            range: SectorRange::new(self.unit.times(span.0), self.unit.times(span.1)),
            units,
            failed,
            chance_below: (3.0 / in_vain.max(1) as f64).min(1.0),
            seconds: units as f64 * failure_seconds,
        }
    }
}
