//! Failures are kept apart in time, whoever reads and whyever: some firmware gives up after seven of them in 6.5 s and
//! stays so until it loses power.

use std::collections::VecDeque;
use std::time::Duration;

/// Most failures in any [`WINDOW`].
const MOST: usize = 6;
const WINDOW: Duration = Duration::from_millis(6500);

/// The moments of the last failures.
#[derive(Debug, Default)]
pub(super) struct Pace {
    failures: VecDeque<Duration>,
}

impl Pace {
    /// A read failed, and ended at `now`.
    pub(super) fn failed(&mut self, now: Duration) {
        self.failures.push_back(now);
        if self.failures.len() > MOST {
            self.failures.pop_front();
        }
    }

    /// How long to wait at `now` before a read that may fail.
    pub(super) fn wait(&self, now: Duration) -> Duration {
        let oldest = self.failures.front().filter(|_| self.failures.len() >= MOST);
        oldest.map_or(Duration::ZERO, |oldest| oldest.saturating_add(WINDOW).saturating_sub(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_window_holds_more_failures_than_six(times in prop::collection::vec(0u64..3000, 1..200)) {
            let (mut pace, mut now, mut failures) = (Pace::default(), Duration::ZERO, Vec::new());
            for milliseconds in times {
                now += pace.wait(now) + Duration::from_millis(milliseconds);
                pace.failed(now);
                failures.push(now);
            }
            prop_assert!(failures.windows(MOST + 1).all(|seven| seven[MOST] - seven[0] >= WINDOW));
        }
    }

    #[test]
    fn slow_failures_cost_no_pause() {
        let mut pace = Pace::default();
        for i in 1..50 {
            let now = Duration::from_millis(1300 * i);
            pace.failed(now);
            assert_eq!(pace.wait(now), Duration::ZERO);
        }
    }
}
