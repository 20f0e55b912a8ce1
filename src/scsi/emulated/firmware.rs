//! Firmware that gives up after failures.

use std::collections::VecDeque;

use super::plan::faults::Wedge;
use crate::base::outcome::Sense;

/// What failures do to the drive's firmware.
#[derive(Debug, Default)]
pub(super) struct Firmware {
    zero_after: Option<u64>,
    wedge: Option<Wedge>,
    failures: u64,
    /// Moments of the last failures, seconds.
    recent: VecDeque<f64>,
    wedged: bool,
}

impl Firmware {
    pub(super) fn new(zero_after: Option<u64>, wedge: Option<Wedge>) -> Self {
        Self { zero_after, wedge, ..Self::default() }
    }

    /// A read failed at this moment, in seconds.
    pub(super) fn failed(&mut self, now: f64) {
        self.failures += 1;
        let Some(wedge) = self.wedge else { return };
        self.recent.push_back(now);
        self.recent.retain(|then| now - then <= wedge.seconds);
        self.wedged |= self.recent.len() as u64 >= wedge.errors;
    }

    /// What every read is answered by firmware that is stuck.
    pub(super) fn refusal(&self) -> Option<Sense> {
        self.wedge.filter(|_| self.wedged).map(|wedge| wedge.sense)
    }

    pub(super) fn gives_zeros(&self) -> bool {
        self.zero_after.is_some_and(|errors| self.failures >= errors)
    }

    /// The disc was stopped and started.
    pub(super) fn restarted(&mut self) {
        self.failures = 0;
        self.recent.clear();
        self.wedged &= self.wedge.is_some_and(|wedge| wedge.stuck);
    }
}
