//! 33-bit time stamps of MPEG systems, laid on an endless line.

/// Ticks a second of PTS and DTS.
pub const TICKS_PER_SECOND: i64 = 90_000;

const PERIOD: i64 = 1 << 33;

/// Reads the 33 bits of a PTS or DTS from its five bytes (ISO/IEC 13818-1, 2.4.3.7).
/// The marker bits are not looked at: damaged ones say nothing about the number.
#[must_use]
pub fn read(field: [u8; 5]) -> i64 {
    let [a, b, c, d, e] = field.map(i64::from);
    ((a >> 1) & 7) << 30 | b << 22 | (c >> 1) << 15 | d << 7 | e >> 1
}

/// Follows one clock over its wraps (every 26.5 hours).
///
/// Each stamp is placed at most half a period from the one before, whichever stream of the clock that came from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwrapper {
    last: Option<i64>,
}

impl Unwrapper {
    /// Puts `stamp` (33 bits) on the line, in 90 kHz ticks.
    pub fn place(&mut self, stamp: i64) -> i64 {
        let placed = match self.last {
            None => stamp,
            Some(last) => {
                let half = PERIOD / 2;
                last.saturating_add((stamp.wrapping_sub(last).wrapping_add(half)).rem_euclid(PERIOD) - half)
            }
        };
        self.last = Some(placed);
        placed
    }

    /// Says where on the line the clock is now: the next stamp is placed nearest to `ticks`.
    pub fn expect(&mut self, ticks: i64) {
        self.last = Some(ticks);
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
        assert_eq!(read([0x21, 0x00, 0x01, 0x00, 0x01]), 0);
        assert_eq!(read([0x2F, 0xFF, 0xFF, 0xFF, 0xFF]), PERIOD - 1);
        assert_eq!(read([0x21, 0x00, 0x05, 0xBF, 0x21]), 90_000);
    }

    #[test]
    fn goes_on_over_the_wrap_and_back() {
        let mut clock = Unwrapper::default();
        assert_eq!(clock.place(PERIOD - 10), PERIOD - 10);
        assert_eq!(clock.place(5), PERIOD + 5);
        assert_eq!(clock.place(PERIOD - 3), PERIOD - 3);
        clock.reset();
        assert_eq!(clock.place(7), 7);
        clock.expect(PERIOD * 3);
        assert_eq!(clock.place(9), PERIOD * 3 + 9);
    }

    proptest! {
        #[test]
        fn steps_below_half_a_period_are_kept(start in 0..PERIOD, steps in prop::collection::vec(-PERIOD / 2 + 1..PERIOD / 2, 0..50)) {
            let mut clock = Unwrapper::default();
            let mut truth = clock.place(start);
            for step in steps {
                truth += step;
                prop_assert_eq!(clock.place(truth.rem_euclid(PERIOD)), truth);
            }
        }
    }
}
