//! What reads cost on this drive, learned from its own answers.

use crate::recovery::answer::Answer;
use crate::recovery::params::{FAR_SEEK, TIMES_MEMORY, TIMES_WEIGHT, Times};
use crate::recovery::unit::Unit;

/// Seconds of a sound unit, of a failure, of a seek: running means that begin at the preset.
#[derive(Clone, Debug)]
pub(crate) struct Costs {
    sound: Mean,
    failure: Mean,
    seek: Mean,
}

impl Costs {
    /// What is believed before the first answer.
    pub(crate) fn new(times: Times) -> Self {
        Self { sound: Mean::new(times.sound), failure: Mean::new(times.failure), seek: Mean::new(times.seek) }
    }

    /// Takes the time of a command. `travel` is the way from the end of the last one, in units; a read that
    /// follows on tells what a unit costs, one that begins elsewhere also tells the seek.
    pub(crate) fn learn(&mut self, answer: &Answer, seconds: f64, travel: u64, unit: Unit) {
        if !(seconds.is_finite() && seconds > 0.0 && (answer.is_complete() || answer.is_failure())) {
            return;
        }
        let units = unit.count(answer.good) as f64;
        if answer.is_failure() {
            self.failure.add(seconds);
        } else if travel == 0 {
            self.sound.add(seconds / units.max(1.0));
        } else if travel > FAR_SEEK {
            self.seek.add((seconds - units * self.sound.value).max(1e-4));
        }
    }

    /// What was learned, once the drive has told enough of it: a failure at least.
    pub(crate) fn learned(&self) -> Option<Times> {
        let known = self.failure.weight > TIMES_WEIGHT && self.sound.weight > TIMES_WEIGHT;
        known.then_some(Times { sound: self.sound.value, failure: self.failure.value, seek: self.seek.value })
    }

    /// Seconds of a unit that follows on and is sound.
    pub(crate) fn sound(&self) -> f64 {
        self.sound.value
    }

    /// Seconds of a command that fails.
    pub(crate) fn failure(&self) -> f64 {
        self.failure.value
    }

    /// Seconds of a seek.
    pub(crate) fn seek(&self) -> f64 {
        self.seek.value
    }
}

/// A mean that forgets slowly: drives slow down and recover.
#[derive(Clone, Copy, Debug)]
struct Mean {
    value: f64,
    weight: f64,
}

impl Mean {
    fn new(value: f64) -> Self {
        Self { value, weight: TIMES_WEIGHT }
    }

    fn add(&mut self, value: f64) {
        self.weight = (self.weight + 1.0).min(TIMES_MEMORY);
        self.value += (value - self.value) / self.weight;
    }
}
