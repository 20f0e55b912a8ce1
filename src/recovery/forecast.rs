//! Forecast: what asking again for what is left would bring.

use crate::base::sector::SectorRange;

/// A span that was left: what it would cost to go on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Abandoned {
    /// Its sectors.
    pub range: SectorRange,
    /// Units in it, none of them sound.
    pub units: u64,
    /// Of these, how many were asked for and failed.
    pub failed: u64,
    /// Highest chance of a unit that the failures leave possible, 95 % of the time (rule of three).
    pub chance_below: f64,
    /// Seconds to ask each of its units once more.
    pub seconds: f64,
}

/// What a patch leaves, and what its last retries came to.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Forecast {
    /// Units that failed, those of abandoned spans left out.
    pub failed_units: u64,
    /// Attempts of the last retry pass at units that had failed before.
    pub attempts: u64,
    /// How many of them brought all that was missing.
    pub worked: u64,
    /// Seconds of an attempt that fails.
    pub failure_seconds: f64,
    /// Spans that the stop rule left.
    pub abandoned: Vec<Abandoned>,
}

impl Forecast {
    /// Attempts that an hour of drive time holds.
    fn attempts_an_hour(&self) -> f64 {
        if self.failure_seconds > 0.0 { 3600.0 / self.failure_seconds } else { 0.0 }
    }

    /// Units that an hour of further attempts would bring, those of abandoned spans left out: what is to be expected when
    /// some worked, and what 95 of 100 such discs would stay below when none did (rule of three). `None` when
    /// nothing was asked again.
    #[must_use]
    pub fn units_an_hour(&self) -> Option<f64> {
        let (units, attempts) = (self.failed_units as f64, self.attempts as f64);
        if self.attempts == 0 || self.failed_units == 0 {
            return None;
        }
        let chance = if self.worked == 0 { 3.0 / attempts } else { self.worked as f64 / attempts };
        let rounds = self.attempts_an_hour() / units;
        Some(units * (1.0 - (1.0 - chance.min(1.0)).powf(rounds)))
    }
}
