//! Regions: where on the disc a further attempt has the best chance.

use std::collections::BTreeMap;

use super::failure_rate::FailureRates;
use crate::recovery::params::REGION_PRIOR;

/// Attempts and hits by region, stretches of equal length. Damage of one cause lies together, and what it leaves of the
/// chance of an attempt is alike there; from one region to another it differs by factors.
#[derive(Clone, Debug)]
pub(crate) struct Regions {
    units: u64,
    /// Hits, attempts.
    known: BTreeMap<u64, (f64, f64)>,
    /// Rounds of retries done.
    rounds: BTreeMap<u64, u32>,
}

impl Regions {
    /// Stretches of `units` each; what failed before counts as an attempt each.
    pub(crate) fn new(units: u64, rates: &FailureRates) -> Self {
        let mut regions = Self { units: units.max(1), known: BTreeMap::new(), rounds: BTreeMap::new() };
        rates.failed().iter().for_each(|unit| regions.note(*unit, false));
        regions
    }

    /// An attempt at a damaged unit came to this. A unit that came slowly counts too: the drive had to try.
    pub(crate) fn note(&mut self, unit: u64, hit: bool) {
        let (hits, attempts) = self.known.entry(unit / self.units).or_default();
        *hits += f64::from(u8::from(hit));
        *attempts += 1.0;
    }

    /// The region to go to: the best chance among those that hold failed units and had fewer than `rounds` rounds; first
    /// unit and the one behind the last.
    pub(crate) fn best(&self, rates: &FailureRates, rounds: u32) -> Option<(u64, u64)> {
        let mut best: Option<(f64, u64)> = None;
        let mut at = 0;
        while let Some(unit) = rates.failed().range(at..).next() {
            let region = unit / self.units;
            at = (region + 1).saturating_mul(self.units);
            if self.round(region) >= rounds {
                continue;
            }
            let (hits, attempts) = self.known.get(&region).copied().unwrap_or_default();
            let chance = (hits + REGION_PRIOR.0) / (attempts + REGION_PRIOR.1);
            if best.is_none_or(|(most, _)| chance > most) {
                best = Some((chance, region));
            }
        }
        best.map(|(_, region)| (region * self.units, (region + 1) * self.units))
    }

    /// A round of retries through the region of `unit` begins; tells its number, from 1.
    pub(crate) fn begin(&mut self, unit: u64) -> u32 {
        let round = self.rounds.entry(unit / self.units).or_default();
        *round += 1;
        *round
    }

    fn round(&self, region: u64) -> u32 {
        self.rounds.get(&region).copied().unwrap_or(0)
    }
}
