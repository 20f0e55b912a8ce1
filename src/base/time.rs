//! The clocks of films, one type each, and the only conversions between them.
//!
//! Tables of Blu-ray count in 45 kHz, time stamps of streams in 90 kHz, Matroska in nanoseconds. Sums and differences
//! stop at the ends of their type instead of going round: times come from discs, and a disc may say anything.

use std::ops::{Add, AddAssign, Neg, Sub};
use std::time::Duration;

const TICKS_45_PER_SECOND: u32 = 45_000;
const TICKS_90_PER_SECOND: i64 = 90_000;
const NANOSECONDS_PER_SECOND: u64 = 1_000_000_000;
const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;

/// A time on a clip's clock, or the length of a stretch of it, in ticks of 45 kHz: 0 up to 26.5 hours.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Ticks45(pub u32);

/// A time or a length in ticks of 90 kHz. Times may lie before zero: decoding begins before a film does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Ticks90(pub i64);

/// A time since the start of a film, or a length, in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Nanoseconds(pub u64);

impl Ticks45 {
    /// The start of a clock.
    pub const ZERO: Self = Self(0);
    /// One second.
    pub const SECOND: Self = Self(TICKS_45_PER_SECOND);
    /// The end of the clock.
    pub const MAX: Self = Self(u32::MAX);

    /// How far apart two times are, whichever is later.
    #[inline]
    #[must_use]
    pub fn distance(self, other: Self) -> Self {
        Self(self.0.abs_diff(other.0))
    }

    /// In seconds.
    #[must_use]
    pub fn seconds(self) -> f64 {
        f64::from(self.0) / f64::from(TICKS_45_PER_SECOND)
    }
}

impl Ticks90 {
    /// The start of a clock.
    pub const ZERO: Self = Self(0);
    /// One second.
    pub const SECOND: Self = Self(TICKS_90_PER_SECOND);
    /// The earliest time there is.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest time there is.
    pub const MAX: Self = Self(i64::MAX);

    /// Whole seconds as ticks, the latest time at most.
    #[must_use]
    pub fn from_seconds(seconds: u64) -> Self {
        Self(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(TICKS_90_PER_SECOND))
    }

    /// `count` things of which `rate` last a second (samples, say), rounded to the nearest tick, a half up.
    /// A rate of 0 counts as 1.
    #[inline]
    #[must_use]
    pub fn from_count(count: u64, rate: u32) -> Self {
        let rate = u128::from(rate.max(1));
        let ticks = (u128::from(count) * u128::from(TICKS_90_PER_SECOND.unsigned_abs()) + rate / 2) / rate;
        Self(i64::try_from(ticks).unwrap_or(i64::MAX))
    }

    /// How far apart two times are, whichever is later.
    #[inline]
    #[must_use]
    pub fn distance(self, other: Self) -> Self {
        Self(i64::try_from(self.0.abs_diff(other.0)).unwrap_or(i64::MAX))
    }

    /// Without its sign.
    #[inline]
    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }

    /// Half of it, towards zero.
    #[inline]
    #[must_use]
    pub fn half(self) -> Self {
        Self(self.0 / 2)
    }

    /// `count` times as long.
    #[inline]
    #[must_use]
    pub fn times(self, count: i64) -> Self {
        Self(self.0.saturating_mul(count))
    }

    /// On a clock of 45 kHz, the tick at or before it; a time before zero is zero, one behind the end the end.
    #[must_use]
    pub fn ticks_45(self) -> Ticks45 {
        Ticks45(u32::try_from(self.0.max(0) / 2).unwrap_or(u32::MAX))
    }

    /// In nanoseconds, rounded to the nearest; a time before zero is zero.
    #[inline]
    #[must_use]
    pub fn nanoseconds(self) -> Nanoseconds {
        // 100,000 to 9 is a second of nanoseconds to one of ticks, in lowest terms.
        let ticks = u128::from(self.0.max(0).unsigned_abs());
        Nanoseconds(u64::try_from((ticks * 100_000 + 4) / 9).unwrap_or(u64::MAX))
    }

    /// In seconds.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.0 as f64 / TICKS_90_PER_SECOND as f64
    }

    /// In whole seconds, those begun not counted; a time before zero is zero.
    #[must_use]
    pub fn whole_seconds(self) -> u64 {
        self.0.max(0).unsigned_abs() / TICKS_90_PER_SECOND.unsigned_abs()
    }

    /// As a duration, rounded to the nearest nanosecond; a time before zero is none.
    #[must_use]
    pub fn duration(self) -> Duration {
        let ticks = Self(self.0.max(0) % TICKS_90_PER_SECOND);
        Duration::from_secs(self.whole_seconds()) + Duration::from_nanos(ticks.nanoseconds().0)
    }
}

impl Nanoseconds {
    /// The start of a film.
    pub const ZERO: Self = Self(0);
    /// One second.
    pub const SECOND: Self = Self(NANOSECONDS_PER_SECOND);
    /// One millisecond.
    pub const MILLISECOND: Self = Self(NANOSECONDS_PER_MILLISECOND);
    /// The latest time there is.
    pub const MAX: Self = Self(u64::MAX);

    /// `count` things of which `rate` last a second, rounded to the nearest nanosecond, a half up. `None` for a rate
    /// of 0 and for more than 584 years.
    #[must_use]
    pub fn from_count(count: u32, rate: u32) -> Option<Self> {
        let (count, rate) = (u64::from(count), u64::from(rate));
        (count * NANOSECONDS_PER_SECOND + rate / 2).checked_div(rate).map(Self)
    }

    /// The nearest millisecond, a half up.
    #[inline]
    #[must_use]
    pub fn milliseconds(self) -> u64 {
        let (whole, rest) = (self.0 / NANOSECONDS_PER_MILLISECOND, self.0 % NANOSECONDS_PER_MILLISECOND);
        whole + u64::from(rest >= NANOSECONDS_PER_MILLISECOND / 2)
    }

    /// In ticks of 90 kHz, the tick at or before it.
    #[must_use]
    pub fn ticks_90(self) -> Ticks90 {
        Ticks90(i64::try_from(u128::from(self.0) * 9 / 100_000).unwrap_or(i64::MAX))
    }

    /// In seconds.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.0 as f64 / NANOSECONDS_PER_SECOND as f64
    }

    /// As a duration.
    #[must_use]
    pub fn duration(self) -> Duration {
        Duration::from_nanos(self.0)
    }
}

/// Exact.
impl From<Ticks45> for Ticks90 {
    #[inline]
    fn from(ticks: Ticks45) -> Self {
        Self(i64::from(ticks.0) * 2)
    }
}

macro_rules! arithmetic {
    ($clock:ty) => {
        /// Ends at the latest time there is.
        impl Add for $clock {
            type Output = Self;
            #[inline]
            fn add(self, other: Self) -> Self {
                Self(self.0.saturating_add(other.0))
            }
        }

        /// Ends at the earliest time there is.
        impl Sub for $clock {
            type Output = Self;
            #[inline]
            fn sub(self, other: Self) -> Self {
                Self(self.0.saturating_sub(other.0))
            }
        }

        /// Ends at the latest time there is.
        impl AddAssign for $clock {
            #[inline]
            fn add_assign(&mut self, other: Self) {
                *self = *self + other;
            }
        }
    };
}

arithmetic!(Ticks45);
arithmetic!(Ticks90);
arithmetic!(Nanoseconds);

impl Neg for Ticks90 {
    type Output = Self;
    #[inline]
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_second_is_a_second_on_every_clock() {
        assert_eq!(Ticks90::from(Ticks45::SECOND), Ticks90::SECOND);
        assert_eq!(Ticks90::SECOND.ticks_45(), Ticks45::SECOND);
        assert_eq!(Ticks90::SECOND.nanoseconds(), Nanoseconds::SECOND);
        assert_eq!(Nanoseconds::SECOND.ticks_90(), Ticks90::SECOND);
        assert_eq!(Ticks90::SECOND.duration(), Nanoseconds::SECOND.duration());
        assert_eq!(
            (Ticks45::SECOND.seconds(), Ticks90::SECOND.seconds(), Nanoseconds::SECOND.seconds()),
            (1.0, 1.0, 1.0)
        );
        assert_eq!(Ticks90::from_seconds(3), Ticks90::from_count(144_000, 48_000));
    }

    #[test]
    fn conversions_round_as_they_say() {
        assert_eq!(Ticks90(1).nanoseconds(), Nanoseconds(11_111));
        assert_eq!(Ticks90(89_999).duration().as_nanos(), 999_988_889);
        assert_eq!(Ticks90(3).ticks_45(), Ticks45(1));
        assert_eq!(Ticks90::from_count(1536, 44_100), Ticks90(3135));
        assert_eq!(Nanoseconds::from_count(1001, 30_000), Some(Nanoseconds(33_366_667)));
        assert_eq!([Nanoseconds(499_999).milliseconds(), Nanoseconds(500_000).milliseconds()], [0, 1]);
    }

    #[test]
    fn times_before_zero_are_zero_where_there_is_none() {
        let early = Ticks90(-5);
        assert_eq!((early.nanoseconds(), early.ticks_45()), (Nanoseconds::ZERO, Ticks45::ZERO));
        assert_eq!((early.duration(), early.whole_seconds()), (Duration::ZERO, 0));
        assert_eq!(Ticks45(4) - Ticks45(5), Ticks45::ZERO);
    }

    proptest! {
        #[test]
        fn nothing_overflows(a: i64, b: i64, count: u64, rate: u32) {
            let (a, b) = (Ticks90(a), Ticks90(b));
            let _ = (a + b, a - b, -a, a.abs(), a.distance(b), a.times(b.0), a.duration(), a.nanoseconds(), a.ticks_45());
            let _ = (Ticks90::from_count(count, rate), Ticks90::from_seconds(count), Nanoseconds(count).ticks_90());
            let _ = (Nanoseconds::from_count(rate, rate / 3), Nanoseconds(count).milliseconds());
        }

        #[test]
        fn a_time_comes_back_from_another_clock(ticks in 0i64..1 << 40) {
            prop_assert_eq!(Ticks90(ticks).nanoseconds().ticks_90().distance(Ticks90(ticks)) <= Ticks90(1), true);
            let table = Ticks45(u32::try_from(ticks >> 8).unwrap());
            prop_assert_eq!(Ticks90::from(table).ticks_45(), table);
        }
    }
}
