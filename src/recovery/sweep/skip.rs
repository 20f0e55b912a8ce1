//! Skip and skip: how far to leave a place where a read failed.

use crate::recovery::params::Params;
use crate::recovery::unit::Unit;

/// Rises by one with each failure, falls by one with each share of the disc that was read well.
///
/// Skip is counted in disc read, not in time or in good reads: teeth of a comb have a good read
/// between any two of them and are near each other all the same, while pits strewn over the disc
/// are not.
#[derive(Clone, Debug)]
pub(super) struct Skip {
    degrees: u32,
    hottest: u32,
    cooled: u64,
    skip_decay: u64,
    first: u64,
    growth: u64,
    cap: u64,
}

impl Skip {
    /// Cold, on a disc of `sectors`.
    pub(super) fn new(params: &Params, sectors: u64) -> Self {
        let unit = Unit::new(params.unit);
        let first = unit.times(params.first_skip);
        let cap = (sectors / params.skip_cap).max(params.unit);
        let mut hottest = 1;
        let mut skip = first;
        // Hotter than the longest skip would change nothing but the time to cool.
        while skip < cap && params.skip_growth > 1 {
            skip = skip.saturating_mul(params.skip_growth);
            hottest += 1;
        }
        // On a small disc such a share is shorter than a turn, and the good reads of a comb would cool it.
        let skip_decay = (sectors / params.skip_decay).max(params.near_damage).max(1);
        Self { degrees: 0, hottest, cooled: 0, skip_decay, first, growth: params.skip_growth, cap }
    }

    /// So many sectors were read well.
    pub(super) fn read(&mut self, sectors: u64) {
        if self.degrees == 0 {
            return;
        }
        self.cooled = self.cooled.saturating_add(sectors);
        while self.cooled >= self.skip_decay && self.degrees > 0 {
            self.cooled -= self.skip_decay;
            self.degrees -= 1;
        }
        if self.degrees == 0 {
            self.cooled = 0;
        }
    }

    /// A read failed: how many sectors to leave out behind it.
    pub(super) fn fail(&mut self) -> u64 {
        self.degrees = (self.degrees + 1).min(self.hottest);
        self.first.saturating_mul(self.growth.saturating_pow(self.degrees - 1)).min(self.cap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::media::Media;

    const DISC: u64 = 1 << 20;

    #[test]
    fn jumps_grow_up_to_a_twenty_fifth_of_the_disc() {
        let mut skip = Skip::new(&Params::preset(Media::Bd).checked(), DISC);
        let skips: Vec<u64> = (0..8).map(|_| skip.fail()).collect();
        assert_eq!(skips, [96, 3072, 41943, 41943, 41943, 41943, 41943, 41943]);
    }

    #[test]
    fn heat_falls_with_disc_read_and_not_with_the_number_of_reads() {
        let mut skip = Skip::new(&Params::preset(Media::Dvd).checked(), DISC);
        skip.fail();
        skip.fail();
        for _ in 0..100 {
            skip.read(16);
        }
        assert_eq!(skip.fail(), DISC / 25, "a comb of good reads between failures keeps it hot");
        skip.read(3 * DISC / 250);
        assert_eq!(skip.fail(), 48, "far from the damage it is cold");
    }
}
