//! Pacing: failures are kept apart in time, so that the drive's firmware does not give up.

use std::collections::VecDeque;
use std::time::Duration;

use super::params::Params;

/// The moments of the last failures.
#[derive(Clone, Debug)]
pub(super) struct Pacing {
    on: bool,
    most: usize,
    window: Duration,
    failures: VecDeque<Duration>,
}

impl Pacing {
    /// Nothing has failed yet.
    pub(super) fn new(params: &Params) -> Self {
        let (most, window) = (params.pace_failures, params.pace_window);
        Self { on: params.pacing, most, window, failures: VecDeque::new() }
    }

    /// A read failed, and ended at `now`.
    pub(super) fn failed(&mut self, now: Duration) {
        if self.on {
            self.failures.push_back(now);
            while self.failures.len() > self.most {
                self.failures.pop_front();
            }
        }
    }

    /// How long to wait at `now`, so that one more failure is not one too many: until the oldest
    /// of the last `most` lies a whole window back.
    pub(super) fn wait(&self, now: Duration) -> Option<Duration> {
        if self.failures.len() < self.most {
            return None;
        }
        let until = self.failures.front()?.saturating_add(self.window);
        until.checked_sub(now).filter(|wait| !wait.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::media::Media;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_window_ever_holds_more_failures_than_allowed(times in prop::collection::vec(0u64..3000, 1..200)) {
            let params = Params::preset(Media::Bd).for_source(64, true);
            let mut pacing = Pacing::new(&params);
            let (mut now, mut failures) = (Duration::ZERO, Vec::new());
            for milliseconds in times {
                if let Some(wait) = pacing.wait(now) {
                    now += wait;
                    prop_assert_eq!(pacing.wait(now), None, "one pause is enough");
                }
                now += Duration::from_millis(milliseconds);
                pacing.failed(now);
                failures.push(now);
            }
            for seven in failures.windows(params.pace_failures + 1) {
                prop_assert!(seven[params.pace_failures] - seven[0] >= params.pace_window);
            }
        }
    }

    #[test]
    fn slow_failures_cost_no_pause_and_image_files_never_pause() {
        let mut drive = Pacing::new(&Params::preset(Media::Bd).for_source(64, true));
        let mut file = Pacing::new(&Params::preset(Media::Bd).for_source(64, false));
        for i in 1..50 {
            drive.failed(Duration::from_millis(1300 * i));
            file.failed(Duration::from_millis(i));
            assert_eq!(drive.wait(Duration::from_millis(1300 * i)).unwrap_or_default(), Duration::ZERO);
            assert_eq!(file.wait(Duration::from_millis(i)), None);
        }
    }
}
