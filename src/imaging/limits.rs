//! When a person wants a run to end before it is done. Pure.

use std::time::Duration;

/// Ends that a person sets; none by default. Times are the source's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Limits {
    /// No sector came home for so long.
    pub give_up_after: Option<Duration>,
    /// More than that many reads failed.
    pub max_errors: Option<u64>,
    /// The run took so long.
    pub budget: Option<Duration>,
}

/// Which of them ended a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limit {
    /// [`Limits::give_up_after`]
    GiveUpAfter(Duration),
    /// [`Limits::max_errors`]
    MaxErrors(u64),
    /// [`Limits::budget`]
    Budget(Duration),
}

impl Limit {
    /// The option's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GiveUpAfter(_) => "give-up-after",
            Self::MaxErrors(_) => "max-errors",
            Self::Budget(_) => "budget",
        }
    }
}

/// How far a run is, as far as limits look at it.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::imaging) struct Passed {
    /// Time of the drive, reads and pauses.
    pub(in crate::imaging) all: Duration,
    /// Since a sector came home.
    pub(in crate::imaging) barren: Duration,
    /// Reads that failed.
    pub(in crate::imaging) errors: u64,
}

impl Limits {
    /// The limit that is reached, if one is.
    pub(in crate::imaging) fn reached(&self, passed: Passed) -> Option<Limit> {
        let errors = self.max_errors.filter(|most| passed.errors > *most).map(Limit::MaxErrors);
        let barren = || self.give_up_after.filter(|most| passed.barren >= *most).map(Limit::GiveUpAfter);
        let all = || self.budget.filter(|most| passed.all >= *most).map(Limit::Budget);
        errors.or_else(barren).or_else(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_ends_a_run_when_it_is_reached() {
        let second = Duration::from_secs(1);
        let passed = Passed { all: second * 100, barren: second * 10, errors: 5 };
        let with = |give_up_after, max_errors, budget| Limits { give_up_after, max_errors, budget }.reached(passed);
        assert_eq!(Limits::default().reached(passed), None);
        assert_eq!(with(Some(second * 11), Some(5), Some(second * 101)), None);
        assert_eq!(with(Some(second * 10), None, None), Some(Limit::GiveUpAfter(second * 10)));
        assert_eq!(with(None, Some(4), None), Some(Limit::MaxErrors(4)));
        assert_eq!(with(None, None, Some(second * 100)), Some(Limit::Budget(second * 100)));
    }
}
