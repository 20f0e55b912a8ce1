//! The clock of a title: from a stream's time stamps to the time since the title's start.
//!
//! Every part of a title runs on the clock of its clip. A time stamp is brought to the title by
//! `out = (PTS - IN) + sum of (OUT - IN) of the parts before`.

use crate::base::time::{Ticks45, Ticks90};

/// Time stamps have 33 bits, and go round after 26.5 hours.
const WRAP: i64 = 1 << 33;

/// The clock of one part of a title.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PartClock {
    /// Where the part starts on the clip's clock; below 2^33.
    in_time: Ticks90,
    /// How long it is.
    length: Ticks90,
    /// Where it starts on the title's clock.
    start: Ticks90,
}

impl PartClock {
    /// The clock of a part from `in_time` to `out_time` of its clip that starts at `start` of the title.
    /// An OUT before IN makes an empty part.
    #[must_use]
    pub fn new(in_time: Ticks45, out_time: Ticks45, start: Ticks90) -> Self {
        Self { in_time: in_time.into(), length: (out_time - in_time).into(), start }
    }

    /// Where the part starts on the title's clock.
    #[must_use]
    pub fn start(&self) -> Ticks90 {
        self.start
    }

    /// Where it ends, and the next one starts.
    #[must_use]
    pub fn end(&self) -> Ticks90 {
        self.start + self.length
    }

    /// How far behind IN a time stamp lies; negative in front of it. Only the stamp's lower 33 bits count, and they are
    /// taken to go round once at most.
    #[must_use]
    pub fn since_in(&self, stamp: Ticks90) -> Ticks90 {
        let ahead = (stamp.0.rem_euclid(WRAP) - self.in_time.0).rem_euclid(WRAP);
        Ticks90(if ahead >= WRAP / 2 { ahead - WRAP } else { ahead })
    }

    /// The time stamp on the title's clock, wherever it lies.
    #[must_use]
    pub fn to_title(&self, stamp: Ticks90) -> Ticks90 {
        self.start + self.since_in(stamp)
    }

    /// Whether the part plays what has this time stamp: from IN up to, not including, OUT.
    #[must_use]
    pub fn plays(&self, stamp: Ticks90) -> bool {
        (Ticks90::ZERO..self.length).contains(&self.since_in(stamp))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn second(seconds: u32) -> Ticks45 {
        Ticks45(seconds * Ticks45::SECOND.0)
    }

    #[test]
    fn parts_follow_each_other_whatever_their_clips_count() {
        let at = Ticks90::from_seconds;
        let tick = Ticks90(1);
        let first = PartClock::new(second(600), second(610), Ticks90::ZERO);
        let next = PartClock::new(second(4200), second(4205), first.end());
        assert_eq!(first.to_title(at(600)), Ticks90::ZERO);
        assert_eq!(first.to_title(at(609) + tick), at(9) + tick);
        assert_eq!(next.to_title(at(4200)), at(10));
        assert_eq!(next.end(), at(15));
        assert!(next.plays(at(4205) - tick) && !next.plays(at(4205)));
        assert!(!next.plays(at(4200) - tick));
        assert_eq!(next.since_in(at(4200) - tick), -tick);
    }

    #[test]
    fn stamps_that_went_round_go_on() {
        let clock = PartClock::new(Ticks45(u32::MAX - 10), Ticks45::MAX, Ticks90::ZERO);
        assert_eq!(clock.since_in(Ticks90(5)), Ticks90(27));
        let clock = PartClock::new(Ticks45(0), Ticks45(90), Ticks90(1000));
        assert_eq!(clock.to_title(Ticks90(WRAP - 1)), Ticks90(999));
    }

    proptest! {
        #[test]
        fn no_time_stamp_overflows(in_time: u32, out_time: u32, start: i64, stamp: i64) {
            let clock = PartClock::new(Ticks45(in_time), Ticks45(out_time), Ticks90(start));
            let stamp = Ticks90(stamp);
            let _ = (clock.to_title(stamp), clock.end());
            prop_assert_eq!(clock.plays(stamp), (0..clock.length.0).contains(&clock.since_in(stamp).0));
        }
    }
}
