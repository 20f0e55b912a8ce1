//! 33-bit time stamps of MPEG systems, laid on an endless line.

use crate::base::time::Ticks90;

/// Ticks after which the 33 bits go round.
const PERIOD: i64 = 1 << 33;

/// Reads the 33 bits of a PTS or DTS from its five bytes (ISO/IEC 13818-1, 2.4.3.7).
/// The marker bits are not looked at: damaged ones say nothing about the number.
#[must_use]
pub fn read(field: [u8; 5]) -> Ticks90 {
    let [a, b, c, d, e] = field.map(i64::from);
    Ticks90(((a >> 1) & 7) << 30 | b << 22 | (c >> 1) << 15 | d << 7 | e >> 1)
}

/// How far it is from one stamp to another, half a period at most either way; of both only 33 bits count.
#[must_use]
pub fn step(from: Ticks90, to: Ticks90) -> Ticks90 {
    let half = PERIOD / 2;
    Ticks90((to.0.wrapping_sub(from.0).wrapping_add(half)).rem_euclid(PERIOD) - half)
}

/// Follows one clock over its wraps (every 26.5 hours).
///
/// Each stamp is placed at most half a period from the one before, whichever stream of the clock that came from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwrapper {
    last: Option<Ticks90>,
}

impl Unwrapper {
    /// Puts `stamp` (33 bits) on the line.
    pub fn place(&mut self, stamp: Ticks90) -> Ticks90 {
        let placed = match self.last {
            None => stamp,
            Some(last) => last + step(last, stamp),
        };
        self.last = Some(placed);
        placed
    }

    /// Says where on the line the clock is now: the next stamp is placed nearest to `time`.
    pub fn expect(&mut self, time: Ticks90) {
        self.last = Some(time);
    }

    /// Forgets the clock: the next stamp is taken as it is.
    pub fn reset(&mut self) {
        self.last = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_the_bits_between_the_markers() {
        assert_eq!(read([0x21, 0x00, 0x01, 0x00, 0x01]), Ticks90(0));
        assert_eq!(read([0x2F, 0xFF, 0xFF, 0xFF, 0xFF]), Ticks90(PERIOD - 1));
        assert_eq!(read([0x21, 0x00, 0x05, 0xBF, 0x21]), Ticks90::SECOND);
    }

    #[test]
    fn goes_on_over_the_wrap_and_back() {
        let mut clock = Unwrapper::default();
        assert_eq!(clock.place(Ticks90(PERIOD - 10)), Ticks90(PERIOD - 10));
        assert_eq!(clock.place(Ticks90(5)), Ticks90(PERIOD + 5));
        assert_eq!(clock.place(Ticks90(PERIOD - 3)), Ticks90(PERIOD - 3));
        clock.reset();
        assert_eq!(clock.place(Ticks90(7)), Ticks90(7));
        clock.expect(Ticks90(PERIOD * 3));
        assert_eq!(clock.place(Ticks90(9)), Ticks90(PERIOD * 3 + 9));
    }

    proptest! {
        #[test]
        fn steps_below_half_a_period_are_kept(start in 0..PERIOD, steps in prop::collection::vec(-PERIOD / 2 + 1..PERIOD / 2, 0..50)) {
            let mut clock = Unwrapper::default();
            let mut truth = clock.place(Ticks90(start));
            for step in steps {
                truth += Ticks90(step);
                prop_assert_eq!(clock.place(Ticks90(truth.0.rem_euclid(PERIOD))), truth);
            }
        }
    }
}
