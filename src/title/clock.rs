//! The clock of a title: from a stream's time stamps to the time since the title's start.
//!
//! Every part of a title runs on the clock of its clip. A time stamp is brought to the title by
//! `out = (PTS - IN) + sum of (OUT - IN) of the parts before`.

use std::ops::Range;

use crate::base::time::Ticks90;

/// Time stamps have 33 bits, and go round after 26.5 hours.
const WRAP: i64 = 1 << 33;

/// The clock of one part of a title.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PartClock {
    /// Tells the clocks of one clip apart.
    number: u32,
    /// Where the part starts on the clip's clock; 33 bits.
    in_time: Ticks90,
    /// How long it is.
    length: Ticks90,
    /// Where it starts on the title's clock.
    start: Ticks90,
    /// Its length is an estimate.
    is_open: bool,
}

impl PartClock {
    /// The clock of a part that plays `times` of its clip's clock number `number`, and starts at `start` of the title.
    /// An end before the start makes an empty part.
    #[must_use]
    pub fn new(number: u32, times: Range<Ticks90>, start: Ticks90) -> Self {
        let in_time = Ticks90(times.start.0.rem_euclid(WRAP));
        Self { number, in_time, length: (times.end - times.start).max(Ticks90::ZERO), start, is_open: false }
    }

    /// The clock of a part that begins at `in_time` and plays until its bytes end, about `length` long, whatever other
    /// clocks they go over to on the way.
    #[must_use]
    pub fn open(in_time: Ticks90, length: Ticks90, start: Ticks90) -> Self {
        Self { is_open: true, ..Self::new(0, in_time..in_time + length, start) }
    }

    /// Whether its end is an estimate: the part plays until its bytes end.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Tells the clocks of one clip apart.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Where the part starts on its clip's clock.
    #[must_use]
    pub fn in_time(&self) -> Ticks90 {
        self.in_time
    }

    /// Where it ends on its clip's clock.
    #[must_use]
    pub fn out_time(&self) -> Ticks90 {
        self.in_time + self.length
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

    /// How far behind IN a time stamp lies; negative in front of it. The stamp's 33 bits are taken to go round once
    /// at most.
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seconds(seconds: u64) -> Ticks90 {
        Ticks90::from_seconds(seconds)
    }

    #[test]
    fn parts_follow_each_other_whatever_their_clips_count() {
        let first = PartClock::new(0, seconds(600)..seconds(610), Ticks90::ZERO);
        let second = PartClock::new(0, seconds(4200)..seconds(4205), first.end());
        assert_eq!(first.to_title(seconds(600)), Ticks90::ZERO);
        assert_eq!(first.to_title(seconds(609) + Ticks90(45_001)), seconds(9) + Ticks90(45_001));
        assert_eq!(second.to_title(seconds(4200)), seconds(10));
        assert_eq!((second.end(), second.out_time()), (seconds(15), seconds(4205)));
        assert_eq!(second.since_in(seconds(4200) - Ticks90(1)), Ticks90(-1));
    }

    #[test]
    fn stamps_that_went_round_go_on() {
        let clock = PartClock::new(0, Ticks90(WRAP - 22)..Ticks90(WRAP - 2), Ticks90::ZERO);
        assert_eq!(clock.since_in(Ticks90(5)), Ticks90(27));
        assert_eq!(
            PartClock::new(0, Ticks90(0)..Ticks90(180), Ticks90(1000)).to_title(Ticks90(WRAP - 1)),
            Ticks90(999)
        );
    }

    #[test]
    fn an_end_before_the_start_makes_an_empty_part() {
        let clock = PartClock::new(0, seconds(2)..seconds(1), seconds(7));
        assert_eq!((clock.start(), clock.end()), (seconds(7), seconds(7)));
    }

    proptest! {
        #[test]
        fn no_time_stamp_overflows(from: i64, to: i64, start: i64, stamp: i64) {
            let clock = PartClock::new(0, Ticks90(from)..Ticks90(to), Ticks90(start));
            let _ = (clock.to_title(Ticks90(stamp)), clock.end(), clock.out_time());
            prop_assert!(clock.start() <= clock.end());
            prop_assert!((-WRAP / 2..WRAP / 2).contains(&clock.since_in(Ticks90(stamp)).0));
        }
    }
}
