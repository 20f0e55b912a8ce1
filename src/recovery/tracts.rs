//! Tracts: where on the disc a further attempt has the best chance.

use std::collections::BTreeMap;

use super::terrain::Terrain;

/// What a tract of which nothing is known is credited with: hits and attempts.
const PRIOR: (f64, f64) = (0.2, 10.0);

/// Attempts and hits by tract, a stretch of so many units. Damage of one cause lies together, and what it leaves of the
/// chance of an attempt is alike there; from one tract to another it differs by factors.
#[derive(Clone, Debug)]
pub(super) struct Tracts {
    units: u64,
    /// Hits, attempts.
    known: BTreeMap<u64, (f64, f64)>,
    /// Rounds of retries done.
    rounds: BTreeMap<u64, u32>,
}

impl Tracts {
    /// Stretches of so many units; what failed before counts as an attempt each.
    pub(super) fn new(units: u64, land: &Terrain) -> Self {
        let mut tracts = Self { units: units.max(1), known: BTreeMap::new(), rounds: BTreeMap::new() };
        land.failed().iter().for_each(|unit| tracts.note(*unit, false));
        tracts
    }

    /// An attempt at a damaged unit came to this. A unit that came slowly counts too: the drive had to try.
    pub(super) fn note(&mut self, unit: u64, hit: bool) {
        let (hits, attempts) = self.known.entry(unit / self.units).or_default();
        *hits += f64::from(u8::from(hit));
        *attempts += 1.0;
    }

    /// The tract to go to: the best chance among those that hold failed units and had fewer than `rounds` rounds; first
    /// unit and the one behind the last.
    pub(super) fn best(&self, land: &Terrain, rounds: u32) -> Option<(u64, u64)> {
        let mut best: Option<(f64, u64)> = None;
        let mut at = 0;
        while let Some(unit) = land.failed().range(at..).next() {
            let tract = unit / self.units;
            at = (tract + 1).saturating_mul(self.units);
            if self.round(tract) >= rounds {
                continue;
            }
            let (hits, attempts) = self.known.get(&tract).copied().unwrap_or_default();
            let chance = (hits + PRIOR.0) / (attempts + PRIOR.1);
            if best.is_none_or(|(most, _)| chance > most) {
                best = Some((chance, tract));
            }
        }
        best.map(|(_, tract)| (tract * self.units, (tract + 1) * self.units))
    }

    /// A round of retries through the tract of `unit` begins; tells its number, from 1.
    pub(super) fn begin(&mut self, unit: u64) -> u32 {
        let round = self.rounds.entry(unit / self.units).or_default();
        *round += 1;
        *round
    }

    fn round(&self, tract: u64) -> u32 {
        self.rounds.get(&tract).copied().unwrap_or(0)
    }
}
