//! Luck that a seed repeats: SplitMix64.

/// A generator of numbers; the same seed gives the same numbers on every machine.
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        // Seeds that follow each other must not give sequences that are one step apart.
        let mut rng = Self(seed.wrapping_mul(0xD134_2543_DE82_EF95));
        Self(rng.next())
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    }

    /// From 0 up to, and without, `limit`; 0 when that is 0.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { self.next() % limit }
    }

    /// From `low` up to and with `high`.
    pub(crate) fn within(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// True so often in a hundred.
    pub(crate) fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap_or(0)]
    }

    /// Seconds between `10^low` and `10^high`, each power as likely as the next.
    pub(crate) fn seconds(&mut self, low: f64, high: f64) -> f64 {
        let share = self.below(1 << 20) as f64 / f64::from(1 << 20);
        let seconds = 10f64.powf(low + (high - low) * share);
        (seconds * 1000.0).round() / 1000.0
    }
}
