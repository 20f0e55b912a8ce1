//! How far apart pictures are by their time stamps, whatever the stream declares. Pure.

use crate::base::time::Ticks90;
use crate::codec::facts::Rational;

/// Stamps that are looked at, in the order of decoding.
const STAMPS: usize = 48;
/// Of these, those first in the order of showing, this many, have no gaps that later ones fill.
const SETTLED: usize = 32;
/// Rounding moves a stamp by a tick at most.
const JITTER: i64 = 2;

/// Pictures a second that films have.
const RATES: [Rational; 10] = [
    Rational { num: 24_000, den: 1001 },
    Rational { num: 24, den: 1 },
    Rational { num: 25, den: 1 },
    Rational { num: 30_000, den: 1001 },
    Rational { num: 30, den: 1 },
    Rational { num: 50, den: 1 },
    Rational { num: 60_000, den: 1001 },
    Rational { num: 60, den: 1 },
    Rational { num: 120_000, den: 1001 },
    Rational { num: 120, den: 1 },
];

/// Watches the stamps at the start of a stream.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    stamps: Vec<i64>,
    is_done: bool,
}

impl Pace {
    /// A picture with a stamp of its own came. Gives, once, the pictures a second if they are evenly spaced;
    /// `declared` where that is what they are.
    pub(crate) fn add(&mut self, pts: Ticks90, declared: Option<Rational>) -> Option<Rational> {
        if self.is_done {
            return None;
        }
        self.stamps.push(pts.0);
        if self.stamps.len() < STAMPS {
            return None;
        }
        self.is_done = true;
        let mut stamps = std::mem::take(&mut self.stamps);
        stamps.sort_unstable();
        stamps.truncate(SETTLED);
        rate(&stamps, declared)
    }

    /// Bytes are missing: what comes is not evenly spaced with what came.
    pub(crate) fn discontinuity(&mut self) {
        self.stamps.clear();
    }
}

/// Pictures a second of stamps in order.
fn rate(stamps: &[i64], declared: Option<Rational>) -> Option<Rational> {
    let gaps = || stamps.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
    let (shortest, longest) = (gaps().min()?, gaps().max()?);
    let span = stamps.last()?.saturating_sub(*stamps.first()?);
    if shortest <= 0 || longest.saturating_sub(shortest) > JITTER {
        return None;
    }
    let count = i64::try_from(stamps.len()).ok()? - 1;
    let fits = |rate: &Rational| {
        // Both sides times the numerator: the span, and as many pictures of that rate.
        let (num, den) = (i128::from(rate.num), i128::from(rate.den));
        let off = i128::from(span) * num - i128::from(count) * i128::from(Ticks90::SECOND.0) * den;
        off.abs() <= i128::from(JITTER) * num
    };
    let measured = || {
        let (num, den) = (u32::try_from(count * Ticks90::SECOND.0).ok()?, u32::try_from(span).ok()?);
        Some(Rational { num, den }.reduced())
    };
    declared.into_iter().chain(RATES).find(fits).or_else(measured)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn watch(stamps: impl Iterator<Item = i64>, declared: Option<Rational>) -> Option<Rational> {
        let mut pace = Pace::default();
        stamps.filter_map(|pts| pace.add(Ticks90(pts), declared)).next()
    }

    fn film(n: i64) -> i64 {
        (n * 375_375 + 50) / 100
    }

    #[test]
    fn what_is_declared_holds_where_it_fits() {
        let declared = Rational { num: 24_000, den: 1001 };
        assert_eq!(watch((0..60).map(film), Some(declared)), Some(declared));
        assert_eq!(watch((0..60).map(film), Some(Rational { num: 24, den: 1 })), Some(declared));
        assert_eq!(watch((0..60).map(film), None), Some(declared));
    }

    #[test]
    fn fields_count_one_by_one() {
        let frames = Some(Rational { num: 25, den: 1 });
        assert_eq!(watch((0..60).map(|n| n * 1800), frames), Some(Rational { num: 50, den: 1 }));
        assert_eq!(watch((0..60).map(|n| n * 9000), frames), Some(Rational { num: 10, den: 1 }));
    }

    #[test]
    fn uneven_pictures_have_no_pace() {
        let frames = Some(Rational { num: 30_000, den: 1001 });
        assert_eq!(watch((0..60).map(|n| n * 3003 + n / 2 * 1500), frames), None);
        assert_eq!(watch((0..60).map(|_| 7), frames), None);
        assert_eq!(watch((0..40).map(|n| n * 3003), frames), None);
    }

    proptest! {
        #[test]
        fn the_order_of_decoding_does_not_matter(between in 0usize..8, start in -1i64 << 40..1 << 40) {
            let groups = (0..200i64).step_by(between + 1);
            let order = groups.flat_map(|first| {
                let last = first + i64::try_from(between).unwrap();
                std::iter::once(last).chain(first..last)
            });
            prop_assert_eq!(watch(order.map(|n| start + film(n)), None), Some(RATES[0]));
        }

        #[test]
        fn no_stamps_make_it_fail(stamps in prop::collection::vec(any::<i64>(), 48..60)) {
            watch(stamps.into_iter(), Some(Rational { num: u32::MAX, den: u32::MAX }));
        }
    }
}
