//! Identifiers that are the same whenever the same title of the same disc is written.

/// Makes the UIDs of one file from a 128-bit identity of its content.
///
/// Every UID is an output of SplitMix64 (Steele, Lea, Flood 2014; increment `0x9E3779B97F4A7C15`): the mix of
/// `seed + n × increment`, where `n` says what the UID is for. The mix is a bijection and the increment is odd,
/// so two `n` never share a UID within a file. RFC 9559 forbids the UID 0; the one `n` that would give it takes
/// the output of `n + 2⁶³`, which stands for nothing else.
#[derive(Clone, Copy, Debug)]
pub struct Uids {
    seed: u64,
}

const INCREMENT: u64 = 0x9E37_79B9_7F4A_7C15;
const EDITION: u64 = 2;
const TRACKS: u64 = 1 << 32;
const CHAPTERS: u64 = 2 << 32;

impl Uids {
    /// UIDs for the content that `identity` stands for.
    #[must_use]
    pub fn new(identity: u128) -> Self {
        let [high, low] = [(identity >> 64) as u64, identity as u64];
        Self { seed: mix(low.wrapping_add(INCREMENT)) ^ high }
    }

    /// The SegmentUUID.
    #[must_use]
    pub fn segment(self) -> u128 {
        u128::from(self.nth(0)) << 64 | u128::from(self.nth(1))
    }

    /// The EditionUID of the only edition.
    #[must_use]
    pub fn edition(self) -> u64 {
        self.nth(EDITION)
    }

    /// The TrackUID of the track that carries `stream`.
    #[must_use]
    pub fn track(self, stream: u32) -> u64 {
        self.nth(TRACKS | u64::from(stream))
    }

    /// The ChapterUID of the chapter at `index`.
    #[must_use]
    pub fn chapter(self, index: u32) -> u64 {
        self.nth(CHAPTERS | u64::from(index))
    }

    fn nth(self, n: u64) -> u64 {
        let at = |n: u64| mix(self.seed.wrapping_add(n.wrapping_mul(INCREMENT)));
        match at(n) {
            0 => at(n | 1 << 63),
            uid => uid,
        }
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_published_generator() {
        // The first outputs of SplitMix64 seeded with 0 are those of n = 1, 2 here.
        let uids = Uids { seed: 0 };
        assert_eq!(uids.nth(1), 0xE220_A839_7B1D_CDAF);
        assert_eq!(uids.nth(2), 0x6E78_9E6A_A1B9_65F4);
    }

    #[test]
    fn never_gives_zero() {
        // mix(0) is 0: seed 0 and n = 0 would give it.
        assert_ne!(Uids { seed: 0 }.nth(0), 0);
    }

    #[test]
    fn differs_by_content_stream_and_kind() {
        let [a, b] = [Uids::new(7), Uids::new(7 << 64)];
        let all = [a.track(1), a.track(2), a.chapter(1), a.edition(), b.track(1), b.edition()];
        let distinct: std::collections::BTreeSet<u64> = all.into_iter().collect();
        assert_eq!(distinct.len(), all.len());
        assert_eq!(a.track(1), Uids::new(7).track(1));
    }
}
