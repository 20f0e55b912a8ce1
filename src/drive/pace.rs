//! Failures are kept apart in time, whoever reads and for whatever reason: some firmware gives up after seven of them in
//! 6.5 s and stays so until it loses power. Drives that are known not to mind are spared the waits.

use std::collections::VecDeque;
use std::time::Duration;

use super::identity::Identity;
use crate::source::drive::Pacing;

/// Most failures in any [`WINDOW`]: one below what is known to make a drive give up.
const MOST: usize = 6;

/// Failures in a window from which on the drive wants a rest from reads that may fail: one is left for a read that was not
/// expected to.
const REST_FROM: usize = MOST - 1;

/// The time in which seven failures are known to make a drive give up.
const WINDOW: Duration = Duration::from_millis(6500);

/// Beginnings of vendor and model of drives in software. They have no firmware that gives up.
const SOFTWARE: [(&str, &str); 6] =
    [("QEMU", ""), ("VMware", ""), ("NECVMWar", ""), ("VBOX", ""), ("Msft", "Virtual"), ("LIO-ORG", "")];

/// The moments of the last failures.
#[derive(Debug)]
pub(super) struct Pace {
    pacing: Pacing,
    in_software: bool,
    failures: VecDeque<Duration>,
    /// During a trial, more failures came in a window than a drive is let have otherwise.
    outdone: bool,
}

impl Pace {
    /// For a drive with this name.
    pub(super) fn new(identity: &Identity) -> Self {
        let is =
            |(vendor, model): &(&str, &str)| identity.vendor.starts_with(vendor) && identity.model.starts_with(model);
        let in_software = SOFTWARE.iter().any(is);
        let pacing = if in_software { Pacing::NotNeeded } else { Pacing::Unknown };
        Self { pacing, in_software, failures: VecDeque::new(), outdone: false }
    }

    /// Whether failures are kept apart.
    pub(super) fn pacing(&self) -> Pacing {
        self.pacing
    }

    /// What else is known of the drive. A drive in software stays as it is.
    pub(super) fn set(&mut self, pacing: Pacing) {
        if !self.in_software {
            self.pacing = pacing;
        }
    }

    /// Whether a trial has gone beyond what a drive is let have otherwise.
    pub(super) fn is_outdone(&self) -> bool {
        self.outdone
    }

    /// A read failed, and ended at `now`.
    pub(super) fn failed(&mut self, now: Duration) {
        self.failures.push_back(now);
        if self.failures.len() > MOST + 1 {
            self.failures.pop_front();
        }
        let oldest = self.failures.front().filter(|_| self.failures.len() > MOST);
        self.outdone |=
            self.pacing == Pacing::Trial && oldest.is_some_and(|oldest| now.saturating_sub(*oldest) < WINDOW);
    }

    /// How long to wait at `now` before any read.
    pub(super) fn wait(&self, now: Duration) -> Duration {
        self.until_fewer_than(MOST, now)
    }

    /// How long the drive wants no read that may fail.
    pub(super) fn rest(&self, now: Duration) -> Duration {
        self.until_fewer_than(REST_FROM, now)
    }

    /// Until fewer than that many failures lie in the window.
    fn until_fewer_than(&self, most: usize, now: Duration) -> Duration {
        if matches!(self.pacing, Pacing::NotNeeded | Pacing::Trial) {
            return Duration::ZERO;
        }
        let decisive = self.failures.len().checked_sub(most).and_then(|index| self.failures.get(index));
        decisive.map_or(Duration::ZERO, |then| then.saturating_add(WINDOW).saturating_sub(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn drive(vendor: &str, model: &str) -> Pace {
        Pace::new(&Identity { vendor: vendor.into(), model: model.into(), ..Identity::default() })
    }

    proptest! {
        #[test]
        fn no_window_holds_more_failures_than_six(times in prop::collection::vec(0u64..3000, 1..200)) {
            let (mut pace, mut now, mut failures) = (drive("X", "Y"), Duration::ZERO, Vec::new());
            for milliseconds in times {
                now += pace.wait(now) + Duration::from_millis(milliseconds);
                pace.failed(now);
                failures.push(now);
            }
            prop_assert!(failures.windows(MOST + 1).all(|seven| seven[MOST] - seven[0] >= WINDOW));
        }

        #[test]
        fn who_rests_as_long_as_is_wanted_never_has_to_wait(times in prop::collection::vec(0u64..3000, 1..200)) {
            let (mut pace, mut now) = (drive("X", "Y"), Duration::ZERO);
            for milliseconds in times {
                now += pace.rest(now) + Duration::from_millis(milliseconds);
                prop_assert_eq!(pace.wait(now), Duration::ZERO);
                pace.failed(now);
            }
        }
    }

    #[test]
    fn slow_failures_cost_no_pause() {
        let mut pace = drive("X", "Y");
        for i in 1..50 {
            let now = Duration::from_millis(1300 * i);
            pace.failed(now);
            assert_eq!(pace.wait(now), Duration::ZERO);
        }
    }

    #[test]
    fn drives_in_software_and_drives_on_trial_wait_for_nothing() {
        for (vendor, model) in
            [("QEMU", "QEMU DVD-ROM"), ("VBOX", "CD-ROM"), ("Msft", "Virtual DVD-ROM"), ("NECVMWar", "")]
        {
            let mut pace = drive(vendor, model);
            pace.set(Pacing::Needed);
            (1..50).for_each(|i| pace.failed(Duration::from_millis(i)));
            assert_eq!((pace.wait(Duration::from_millis(50)), pace.is_outdone()), (Duration::ZERO, false), "{vendor}");
        }
        assert_eq!(drive("Msft", "DVD").pacing(), Pacing::Unknown);
        let mut pace = drive("X", "Y");
        pace.set(Pacing::Trial);
        (1..=6).for_each(|i| pace.failed(Duration::from_millis(i)));
        assert!(!pace.is_outdone());
        pace.failed(Duration::from_millis(7));
        assert!(pace.is_outdone() && pace.rest(Duration::from_millis(7)).is_zero());
        pace.set(Pacing::Needed);
        assert!(!pace.wait(Duration::from_millis(7)).is_zero());
    }
}
