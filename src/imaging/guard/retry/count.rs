//! Does the drive obey a lower retry count? Timing on known-bad units tells. Pure.

use crate::base::outcome::{Fault, Outcome};

/// Failures quicker than this are not worth making quicker, seconds.
const WORTH: f64 = 0.5;

/// The drive obeys when a failure takes less than this share of what it took at its own count.
const SHARE: f64 = 0.6;

/// Units that must agree: one may have been chance.
const PROOFS: u32 = 2;

/// Attempts to find out; a unit that reads at the second attempt proves nothing.
const TRIES: u32 = 6;

/// The search for the answer.
#[derive(Clone, Copy, Debug)]
pub(in crate::imaging) struct RetryCount {
    open: bool,
    proofs: u32,
    tries: u32,
}

/// What one more measurement means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::imaging) enum Finding {
    /// Nothing for certain: back to the drive's own count, and again at the next failure.
    Unsure,
    /// The drive obeys: the count stays low.
    Obeys,
    /// It does not, or there is no telling: back to its own count for good.
    Gives,
}

impl RetryCount {
    /// A search, unless nobody wants one.
    pub(in crate::imaging) fn new(wanted: bool) -> Self {
        Self { open: wanted, proofs: 0, tries: 0 }
    }

    /// Whether this failure should be measured again at a count of 0.
    pub(in crate::imaging) fn wants(&self, outcome: &Outcome) -> bool {
        self.open && outcome.fault == Some(Fault::Damage) && outcome.seconds >= WORTH
    }

    /// The drive takes no other count.
    pub(in crate::imaging) fn refuse(&mut self) {
        self.open = false;
    }

    /// The same unit at the drive's own count and at 0.
    pub(in crate::imaging) fn measured(&mut self, own: &Outcome, low: &Outcome) -> Finding {
        self.tries += 1;
        let failed = low.fault == Some(Fault::Damage);
        if failed && low.seconds < SHARE * own.seconds {
            self.proofs += 1;
        }
        let slow = failed && low.seconds >= SHARE * own.seconds;
        if self.proofs >= PROOFS {
            self.open = false;
            Finding::Obeys
        } else if slow || self.tries >= TRIES {
            self.open = false;
            Finding::Gives
        } else {
            Finding::Unsure
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(seconds: f64) -> Outcome {
        Outcome::failed(0, Fault::Damage, seconds)
    }

    #[test]
    fn two_quick_failures_prove_that_a_drive_obeys() {
        let mut probe = RetryCount::new(true);
        assert!(probe.wants(&failed(4.0)) && !probe.wants(&failed(0.1)) && !probe.wants(&Outcome::complete(1, 4.0)));
        assert_eq!(probe.measured(&failed(4.0), &failed(0.2)), Finding::Unsure);
        assert_eq!(probe.measured(&failed(4.0), &Outcome::complete(16, 0.2)), Finding::Unsure);
        assert_eq!(probe.measured(&failed(4.0), &failed(2.3)), Finding::Obeys);
        assert!(!probe.wants(&failed(4.0)));
    }

    #[test]
    fn one_slow_failure_or_too_much_luck_ends_the_search() {
        let mut probe = RetryCount::new(true);
        assert_eq!(probe.measured(&failed(4.0), &failed(3.9)), Finding::Gives);
        let mut probe = RetryCount::new(true);
        let findings: Vec<_> = (0..6).map(|_| probe.measured(&failed(4.0), &Outcome::complete(16, 0.2))).collect();
        assert_eq!((findings[4], findings[5]), (Finding::Unsure, Finding::Gives));
        assert!(!RetryCount::new(false).wants(&failed(9.0)));
    }
}
