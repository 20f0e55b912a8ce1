//! The clock of a title: from a stream's time stamps to the time since the title's start.
//!
//! Every part of a title runs on the clock of its clip. A time stamp is brought to the title by
//! `out = (PTS - IN) + sum of (OUT - IN) of the parts before`.

use std::time::Duration;

/// Ticks of 90 kHz, the unit of time stamps in transport and program streams.
pub const TICKS_PER_SECOND: u64 = 90_000;

/// Time stamps have 33 bits, and go round after 26.5 hours.
const WRAP: u64 = 1 << 33;

/// The clock of one part of a title.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PartClock {
    /// Where the part starts on the clip's clock, in ticks of 90 kHz; below 2^33.
    in_time: u64,
    /// How long it is, in ticks of 90 kHz.
    length: u64,
    /// Where it starts on the title's clock, in ticks of 90 kHz.
    start: u64,
}

impl PartClock {
    /// The clock of a part from `in_time` to `out_time` of its clip, in ticks of **45 kHz**, that starts at `start`
    /// of the title, in ticks of 90 kHz. An OUT before IN makes an empty part.
    #[must_use]
    pub fn new(in_time: u32, out_time: u32, start: u64) -> Self {
        Self { in_time: u64::from(in_time) * 2, length: u64::from(out_time.saturating_sub(in_time)) * 2, start }
    }

    /// Where the part starts on the title's clock, in ticks of 90 kHz.
    #[must_use]
    pub fn start(&self) -> u64 {
        self.start
    }

    /// Where it ends, and the next one starts.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.start + self.length
    }

    /// How far behind IN a time stamp lies, in ticks of 90 kHz; negative in front of it. The stamp's 33 bits are
    /// taken to go round once at most.
    #[must_use]
    pub fn since_in(&self, stamp: u64) -> i64 {
        let ahead = (stamp % WRAP + WRAP - self.in_time) % WRAP;
        // Both are below 2^33.
        let signed = i64::try_from(ahead).unwrap_or(i64::MAX);
        if ahead >= WRAP / 2 { signed - (1 << 33) } else { signed }
    }

    /// The time stamp on the title's clock, in ticks of 90 kHz, wherever it lies.
    #[must_use]
    pub fn to_title(&self, stamp: u64) -> i64 {
        i64::try_from(self.start).unwrap_or(i64::MAX).saturating_add(self.since_in(stamp))
    }

    /// Whether the part plays what has this time stamp: from IN up to, not including, OUT.
    #[must_use]
    pub fn plays(&self, stamp: u64) -> bool {
        u64::try_from(self.since_in(stamp)).is_ok_and(|since| since < self.length)
    }
}

/// Ticks of 90 kHz as a duration.
#[must_use]
pub fn duration(ticks: u64) -> Duration {
    Duration::new(ticks / TICKS_PER_SECOND, nanoseconds(ticks % TICKS_PER_SECOND))
}

/// Ticks below a second as nanoseconds, rounded to the nearest.
fn nanoseconds(ticks: u64) -> u32 {
    u32::try_from((ticks * 100_000 + 4) / 9).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parts_follow_each_other_whatever_their_clips_count() {
        let first = PartClock::new(600 * 45_000, 610 * 45_000, 0);
        let second = PartClock::new(4200 * 45_000, 4205 * 45_000, first.end());
        assert_eq!(first.to_title(600 * 90_000), 0);
        assert_eq!(first.to_title(609 * 90_000 + 45_001), 9 * 90_000 + 45_001);
        assert_eq!(second.to_title(4200 * 90_000), 10 * 90_000);
        assert_eq!(second.end(), 15 * 90_000);
        assert!(second.plays(4205 * 90_000 - 1) && !second.plays(4205 * 90_000));
        assert!(!second.plays(4200 * 90_000 - 1));
        assert_eq!(second.since_in(4200 * 90_000 - 1), -1);
    }

    #[test]
    fn stamps_that_went_round_go_on() {
        let clock = PartClock::new(u32::MAX - 10, u32::MAX, 0);
        assert_eq!(clock.since_in(5), 27);
        assert_eq!(PartClock::new(0, 90, 1000).to_title(WRAP - 1), 999);
    }

    #[test]
    fn durations_are_exact_to_the_nanosecond() {
        assert_eq!(duration(90_000 * 3 + 45_000), Duration::from_millis(3500));
        assert_eq!(duration(1).as_nanos(), 11_111);
        assert_eq!(duration(89_999).as_nanos(), 999_988_889);
        assert!(duration(u64::MAX).as_secs() > 0);
    }

    proptest! {
        #[test]
        fn no_time_stamp_overflows(in_time: u32, out_time: u32, start in 0u64..1 << 62, stamp: u64) {
            let clock = PartClock::new(in_time, out_time, start);
            let _ = (clock.to_title(stamp), clock.end());
            prop_assert_eq!(clock.plays(stamp), (0..clock.length as i64).contains(&clock.since_in(stamp)));
        }
    }
}
