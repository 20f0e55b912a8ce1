//! The recent speed of reading.

use std::collections::VecDeque;
use std::time::Duration;

use crate::base::sector::SECTOR_BYTES;

/// How far back "recent" goes.
const SPAN: Duration = Duration::from_secs(10);

/// Closest that two kept points lie.
const STEP: Duration = Duration::from_millis(500);

/// Sectors read over the last ten seconds of the source's time.
#[derive(Debug)]
pub(in crate::imaging) struct Meter {
    /// (time, sectors read so far), oldest first.
    points: VecDeque<(Duration, u64)>,
}

impl Meter {
    /// Nothing read at `now`.
    pub(in crate::imaging) fn new(now: Duration) -> Self {
        Self { points: VecDeque::from([(now, 0)]) }
    }

    /// Takes the number of sectors read so far and returns bytes per second.
    pub(in crate::imaging) fn update(&mut self, now: Duration, sectors: u64) -> u64 {
        if self.points.back().is_none_or(|(t, _)| now.saturating_sub(*t) >= STEP) {
            self.points.push_back((now, sectors));
        }
        while self.points.len() > 2 && self.points.get(1).is_some_and(|(t, _)| now.saturating_sub(*t) >= SPAN) {
            self.points.pop_front();
        }
        let Some((from, before)) = self.points.front() else { return 0 };
        let seconds = now.saturating_sub(*from).as_secs_f64();
        per_second(sectors.saturating_sub(*before), seconds)
    }
}

/// Bytes a second when that many sectors took so long; 0 where no time passed.
#[expect(clippy::cast_sign_loss, reason = "seconds are positive and sectors have no sign")]
pub(in crate::imaging) fn per_second(sectors: u64, seconds: f64) -> u64 {
    if seconds > 0.0 { (sectors.saturating_mul(SECTOR_BYTES) as f64 / seconds) as u64 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_what_was_long_ago() {
        let mut meter = Meter::new(Duration::ZERO);
        for second in 1..=100 {
            meter.update(Duration::from_secs(second), second * 512);
        }
        assert_eq!(meter.update(Duration::from_secs(100), 100 * 512), 512 * 2048);
        for second in 101..=130 {
            meter.update(Duration::from_secs(second), 100 * 512);
        }
        assert_eq!(meter.update(Duration::from_secs(130), 100 * 512), 0);
        assert!(meter.points.len() < 64);
    }
}
