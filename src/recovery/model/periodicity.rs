//! Failure periodicity: how likely a unit fails at each distance from one that failed.

use crate::recovery::params::{PERIOD_FLAT, PERIOD_WEIGHT};

/// Failures seen and failures that the local rate would have led one to expect, by distance.
///
/// A scratch across the turns hits every turn: its period shows here with no geometry. Where
/// damage is random the table is flat and changes nothing.
#[derive(Clone, Debug)]
pub(crate) struct Periodicity {
    seen: Vec<f64>,
    expected: Vec<f64>,
}

impl Periodicity {
    /// Knows nothing of periods up to `most`.
    pub(crate) fn new(most: usize) -> Self {
        Self { seen: vec![0.0; most + 1], expected: vec![0.0; most + 1] }
    }

    /// The longest distance.
    pub(crate) fn most(&self) -> u64 {
        self.seen.len() as u64 - 1
    }

    /// A unit at this distance was read where `rate` of the units fail.
    pub(crate) fn note(&mut self, distance: u64, rate: f64, failed: bool) {
        let Ok(distance) = usize::try_from(distance) else { return };
        if let (Some(seen), Some(expected)) = (self.seen.get_mut(distance), self.expected.get_mut(distance)) {
            *seen += f64::from(u8::from(failed));
            *expected += rate;
        }
    }

    /// Factor on `rate` at this distance. Before anything was seen damage is taken to be a run: a neighbour of a
    /// failed unit fails as often as not, the next half as often.
    pub(crate) fn factor(&self, distance: u64, rate: f64) -> f64 {
        let Ok(at) = usize::try_from(distance) else { return 1.0 };
        match (self.seen.get(at), self.expected.get(at)) {
            (Some(seen), Some(expected)) if distance > 0 => {
                let prior = rate.max(0.5f64.powi(at.min(60) as i32));
                let flat = PERIOD_FLAT.max(PERIOD_WEIGHT * rate);
                (seen + flat + PERIOD_WEIGHT * (prior - rate)) / (expected + flat)
            }
            _ => 1.0,
        }
    }
}
