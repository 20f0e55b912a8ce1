//! Which sectors a sample reads: places that chance picks, one in each of as many equal parts of the disc. Pure.

use serde::Serialize;

use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;

/// Sectors of one place: whole ECC units of any kind of disc.
const PLACE: u64 = 32;

/// Fewest places, whatever the share: 2,048 sectors.
const PLACES_MIN: u64 = 64;

/// A sample of a disc.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Sample {
    /// Share of the disc, per cent, above 0 and up to 100.
    pub percent: f64,
    /// What chance begins with: the same seed gives the same places.
    pub seed: u64,
}

impl Sample {
    /// Its sectors on a disc of `sectors`: at least 2,048 of them, the first and the last among them.
    #[must_use]
    pub fn of(self, sectors: u64) -> SectorSet {
        let all = sectors.div_ceil(PLACE);
        #[expect(clippy::cast_sign_loss, reason = "the share is positive, and a disc has no 2^53 places")]
        let wanted = (all as f64 * self.percent / 100.0).ceil() as u64;
        let count = wanted.max(PLACES_MIN).min(all);
        let mut chance = self.seed;
        (0..count)
            .map(|part| {
                let (first, end) = (share(all, part, count), share(all, part + 1, count));
                let place = match part {
                    0 => 0,
                    _ if part + 1 == count => all - 1,
                    _ => first + next(&mut chance) % (end - first).max(1),
                };
                SectorRange::with_len(place * PLACE, PLACE).intersect(SectorRange::new(0, sectors))
            })
            .collect()
    }
}

/// `part` of `count` equal parts of `all`.
fn share(all: u64, part: u64, count: u64) -> u64 {
    u64::try_from(u128::from(all) * u128::from(part) / u128::from(count.max(1))).unwrap_or(all)
}

/// `SplitMix64`: a counter and a mixer (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut word = *state;
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(percent: f64, seed: u64, sectors: u64) -> SectorSet {
        Sample { percent, seed }.of(sectors)
    }

    #[test]
    fn a_sample_has_both_ends_and_a_place_in_every_part() {
        let sectors = 1_000_003;
        for (percent, least) in [(0.001, 2048), (5.0, 50_000), (50.0, 500_000)] {
            let set = sample(percent, 7, sectors);
            assert!(set.contains(0) && set.contains(sectors - 1), "{percent}");
            assert!(set.len() + PLACE >= least && set.len() < least + least / 50 + PLACE, "{percent}: {}", set.len());
            for part in 0..32 {
                let part = SectorRange::new(sectors * part / 32, sectors * (part + 1) / 32);
                assert!(set.within(part).next().is_some(), "{percent}: {part}");
            }
        }
    }

    #[test]
    fn the_seed_alone_decides_and_a_hundred_per_cent_is_all() {
        assert_eq!(sample(1.0, 3, 500_000), sample(1.0, 3, 500_000));
        assert_ne!(sample(1.0, 3, 500_000), sample(1.0, 4, 500_000));
        for sectors in [1, 31, 33, 2048, 70_001] {
            assert_eq!(sample(100.0, 3, sectors).len(), sectors);
        }
        assert_eq!(sample(0.5, 3, 2000).len(), 2000, "a small disc is compared whole");
        assert!(sample(1.0, 3, 0).is_empty());
    }
}
