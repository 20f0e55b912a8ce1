//! Picture order counts of H.264 and H.265, and the times of pictures that have none of their own. Pure.

use crate::base::time::Ticks90;
use crate::codec::facts::Rational;

/// Pictures are shown no further than this from those decoded before: what lies further off is no time.
const MOST_AWAY: i64 = 64;
/// Rounding moves a stamp by a tick at most.
const JITTER: Ticks90 = Ticks90(2);

/// Place of a picture in the order of showing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Order {
    /// The count, from the last picture on that resets it.
    pub(crate) count: i64,
    /// The count begins from scratch with this picture: all before it are shown earlier.
    pub(crate) resets: bool,
}

/// Makes whole counts of their low bits (H.264, 8.2.1.1; H.265, 8.3.1).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OrderCount {
    high: i64,
    low: i64,
}

impl OrderCount {
    /// The count of the next picture, of which the `bits` low ones are `low`. `counts`: later pictures go by it.
    pub(crate) fn next(&mut self, low: u32, bits: u32, resets: bool, counts: bool) -> Order {
        if resets {
            *self = Self::default();
        }
        let (low, size) = (i64::from(low), 1i64 << bits.min(32));
        let high = match low - self.low {
            ahead if ahead > size / 2 => self.high - size,
            ahead if -ahead >= size / 2 => self.high + size,
            _ => self.high,
        };
        if counts {
            (self.high, self.low) = (high, low);
        }
        Order { count: high + low, resets }
    }
}

/// Gives every picture its time.
#[derive(Debug, Default)]
pub(crate) struct OrderClock {
    /// A picture of the current count whose time is known.
    anchor: Option<(i64, Ticks90)>,
    /// Ticks of this many counts, as two stamps showed.
    pace: Option<(i64, i64)>,
    /// End of the last picture in the order of decoding, and of showing.
    last: Option<Ticks90>,
    end: Option<Ticks90>,
}

impl OrderClock {
    /// The time of the next picture in the order of decoding: its own stamp, else by its count, of which there are
    /// `per_frame` to one of `rate`; else behind the one before it. `None`: nothing tells.
    pub(crate) fn time(
        &mut self,
        stamp: Option<Ticks90>,
        order: Option<Order>,
        rate: Option<Rational>,
        per_frame: u32,
    ) -> Option<Ticks90> {
        let step = rate.map_or(Ticks90::ZERO, |rate| Ticks90::from_count(rate.den.into(), rate.num));
        if order.is_some_and(|order| order.resets) {
            self.anchor = None;
        }
        let declared = rate.and_then(|rate| pace(rate, per_frame));
        let counted = order.and_then(|order| match self.anchor {
            Some(anchor) => at(anchor, self.pace.or(declared)?, order.count),
            None => self.end.filter(|_| order.resets),
        });
        let is_near = |time: &Ticks90| {
            step == Ticks90::ZERO || self.last.is_none_or(|last| time.distance(last) <= step.times(MOST_AWAY))
        };
        let time = stamp.or(counted.filter(is_near)).or(self.last)?;
        if let (Some(order), true) = (order, stamp.is_some() || self.anchor.is_none()) {
            if let (Some(anchor), Some(stamp)) = (self.anchor, stamp) {
                self.measure(anchor, order.count, stamp, declared);
            }
            self.anchor = Some((order.count, time));
        }
        self.last = Some(time + step);
        self.end = self.end.max(self.last);
        Some(time)
    }

    /// Finds out from two stamps how long a count lasts, where that is not what the stream declares.
    fn measure(&mut self, anchor: (i64, Ticks90), count: i64, stamp: Ticks90, declared: Option<(i64, i64)>) {
        let known = self.pace.or(declared).and_then(|pace| at(anchor, pace, count));
        let (ticks, counts) = ((stamp - anchor.1).0, count.saturating_sub(anchor.0));
        if known.is_none_or(|known| known.distance(stamp) > JITTER) && ticks.signum() == counts.signum() && ticks != 0 {
            self.pace = Some((ticks.saturating_abs(), counts.saturating_abs()));
        }
    }

    /// When pictures are shown of whose times nothing is known but that of the one behind them, `first`; all in the order of
    /// decoding. Also how long one is shown.
    pub(crate) fn before(
        &self,
        pictures: &[Option<Order>],
        first: (Option<Order>, Ticks90),
        rate: Option<Rational>,
        per_frame: u32,
    ) -> (Vec<Ticks90>, Ticks90) {
        let pace = self.pace.or(rate.and_then(|rate| pace(rate, per_frame)));
        let per_frame = i64::from(per_frame);
        let step = pace.and_then(|pace| at((0, Ticks90::ZERO), pace, per_frame)).unwrap_or_default();
        let (mut behind, mut time) = first;
        let mut anchor = behind.map(|order| (order.count, time));
        let mut times = vec![Ticks90::ZERO; pictures.len()];
        for (n, slot) in times.iter_mut().enumerate().rev() {
            let before = pictures.get(..=n).unwrap_or_default();
            if behind.is_none_or(|order| order.resets) {
                // The last one of the count that ends here is shown just before the picture behind.
                anchor = last_of_count(before).map(|last| (last.saturating_add(per_frame), time));
            }
            behind = before.last().copied().flatten();
            let counted =
                behind.zip(anchor).zip(pace).and_then(|((order, anchor), pace)| at(anchor, pace, order.count));
            time = counted.unwrap_or(time - step);
            *slot = time;
        }
        (times, step)
    }

    /// Bytes are missing: the next time is that of a stamp.
    pub(crate) fn discontinuity(&mut self) {
        *self = Self { pace: self.pace, ..Self::default() };
    }
}

/// The time of a count, by that of another one and the ticks of this many counts.
fn at((count, pts): (i64, Ticks90), (ticks, counts): (i64, i64), wanted: i64) -> Option<Ticks90> {
    let away = i128::from(wanted.saturating_sub(count)) * i128::from(ticks);
    let counts = i128::from(counts);
    Some(pts + Ticks90(i64::try_from((away + counts / 2).div_euclid(counts)).ok()?))
}

/// The largest count of those at the end that belong together.
fn last_of_count(pictures: &[Option<Order>]) -> Option<i64> {
    let mut largest = None;
    for order in pictures.iter().rev().map_while(|order| *order) {
        largest = largest.max(Some(order.count));
        if order.resets {
            break;
        }
    }
    largest
}

/// Ticks of this many counts by what the stream declares.
fn pace(rate: Rational, per_frame: u32) -> Option<(i64, i64)> {
    let (num, den) = (90_000 * i64::from(rate.den), i64::from(rate.num) * i64::from(per_frame));
    (den > 0).then_some((num, den))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FILM: Option<Rational> = Some(Rational { num: 24_000, den: 1001 });

    fn film(n: i64) -> i64 {
        (n * 375_375 + 50) / 100
    }

    #[test]
    fn low_bits_go_on_where_they_end() {
        let mut count = OrderCount::default();
        let lows = [0u32, 12, 4, 8, 8, 0, 4, 12];
        let counts: Vec<i64> = lows.iter().map(|low| count.next(*low, 4, false, *low != 4).count).collect();
        assert_eq!(counts, [0, -4, 4, -8, -8, 0, 4, -4]);
        let mut count = OrderCount::default();
        let counts: Vec<i64> = [0u32, 6, 2, 4, 12, 8, 2].iter().map(|l| count.next(*l, 4, false, true).count).collect();
        assert_eq!(counts, [0, 6, 2, 4, 12, 8, 2]);
        assert_eq!(count.next(3, 4, true, true), Order { count: 3, resets: true });
    }

    #[test]
    fn a_picture_that_resets_the_count_follows_all_before() {
        let mut clock = OrderClock::default();
        let order = |count, resets| Some(Order { count, resets });
        assert_eq!(clock.time(Some(Ticks90(1000)), order(0, true), FILM, 2), Some(Ticks90(1000)));
        assert_eq!(clock.time(None, order(4, false), FILM, 2), Some(Ticks90(1000 + 7508)));
        assert_eq!(clock.time(None, order(2, false), FILM, 2), Some(Ticks90(1000 + 3754)));
        assert_eq!(clock.time(None, order(0, true), FILM, 2), Some(Ticks90(1000 + 7508 + 3754)));
    }

    #[test]
    fn what_nothing_tells_comes_behind_the_picture_before_and_nothing_behind_a_loss() {
        let mut clock = OrderClock::default();
        assert_eq!(clock.time(None, None, FILM, 2), None);
        clock.time(Some(Ticks90(0)), None, FILM, 2);
        assert_eq!(clock.time(None, None, FILM, 2), Some(Ticks90(3754)));
        // A count that leads nowhere near is not believed.
        clock.time(Some(Ticks90(7508)), Some(Order { count: 0, resets: false }), FILM, 2);
        assert_eq!(clock.time(None, Some(Order { count: 9000, resets: false }), FILM, 2), Some(Ticks90(7508 + 3754)));
        clock.discontinuity();
        assert_eq!(clock.time(None, Some(Order { count: 2, resets: false }), FILM, 2), None);
    }

    #[test]
    fn what_comes_before_the_first_time_lies_before_it_by_its_count() {
        let clock = OrderClock::default();
        let order = |count, resets| Some(Order { count, resets });
        let before = |pictures: &[Option<Order>], first| clock.before(pictures, first, FILM, 2).0;
        // The first of a group, and one that is shown behind the known one.
        let (times, step) = clock.before(&[order(0, true), order(6, false)], (order(2, false), Ticks90(9000)), FILM, 2);
        assert_eq!((times, step), (vec![Ticks90(9000 - 3754), Ticks90(9000 + 7508)], Ticks90(3754)));
        // A group of its own, in front of another one.
        let group = [order(0, true), order(4, false), order(2, false)];
        let times = [78_739, 86_246, 82_493].map(Ticks90);
        assert_eq!(before(&group, (order(0, true), Ticks90(90_000))), times);
        // Nothing is counted.
        assert_eq!(before(&[None, None], (None, Ticks90(90_000))), [82_492, 86_246].map(Ticks90));
    }

    proptest! {
        /// Whichever stamps are left out, the times are those of the full stream.
        #[test]
        fn stamps_that_are_left_out_are_found(
            groups in prop::collection::vec(1i64..8, 1..10),
            left_out in prop::collection::vec(any::<bool>(), 64),
            per_frame in 1u32..=2,
        ) {
            let mut order = vec![0];
            for size in groups {
                let first = order.len() as i64;
                order.push(first + size - 1);
                order.extend(first..first + size - 1);
            }
            let mut clock = OrderClock::default();
            for (n, place) in order.into_iter().enumerate() {
                let stamp = Some(Ticks90(film(place))).filter(|_| n == 0 || !left_out[n % 64]);
                let count = Order { count: place * i64::from(per_frame), resets: n == 0 };
                let time = clock.time(stamp, Some(count), FILM, per_frame).unwrap();
                prop_assert!(time.distance(Ticks90(film(place))) <= Ticks90(2));
            }
        }

        #[test]
        fn no_numbers_make_it_fail(
            pictures in prop::collection::vec((any::<Option<i64>>(), any::<Option<(u32, u32, bool)>>()), 0..20),
            rate in any::<Option<(u32, u32)>>(),
        ) {
            let (mut clock, mut count) = (OrderClock::default(), OrderCount::default());
            let rate = rate.map(|(num, den)| Rational { num, den });
            for (stamp, order) in pictures {
                let order = order.map(|(low, bits, resets)| count.next(low, bits % 17, resets, true));
                clock.time(stamp.map(Ticks90), order, rate, 2);
                clock.before(&[order, None, order], (order, stamp.map_or(Ticks90::ZERO, Ticks90)), rate, 2);
            }
        }
    }
}
