//! Skip: how far to leave a place where a read failed.

use crate::recovery::params::Params;
use crate::recovery::unit::Unit;

/// The level rises by one with each failure and falls by one with each share of the disc that was read well.
///
/// It is counted in disc read, not in time or in good reads: teeth of a comb have a good read
/// between any two of them and are near each other all the same, while pits strewn over the disc
/// are not.
#[derive(Clone, Debug)]
pub(crate) struct Skip {
    level: u32,
    read: u64,
    decay: u64,
    first: u64,
    growth: u64,
    cap: u64,
}

impl Skip {
    /// No failure yet, on a disc of `sectors`.
    pub(crate) fn new(params: &Params, sectors: u64) -> Self {
        // On a small disc such a share is shorter than a turn, and the good reads of a comb would end the skips.
        let decay = (sectors / params.skip_decay).max(params.near_damage).max(1);
        let cap = (sectors / params.skip_cap).max(params.unit);
        let first = Unit::new(params.unit).times(params.first_skip);
        Self { level: 0, read: 0, decay, first, growth: params.skip_growth, cap }
    }

    /// That number of sectors was read well.
    pub(crate) fn read(&mut self, sectors: u64) {
        self.read = if self.level > 0 { self.read.saturating_add(sectors) } else { 0 };
        while self.read >= self.decay && self.level > 0 {
            self.read -= self.decay;
            self.level -= 1;
        }
    }

    /// A read failed: how many sectors to leave out behind it. Beyond the longest skip the level does not rise, since that
    /// would change nothing but the time to fall.
    pub(crate) fn fail(&mut self) -> u64 {
        let at_cap = self.level > 0 && self.length() >= self.cap;
        self.level = self.level.saturating_add(u32::from(!at_cap));
        self.length()
    }

    /// Sectors over which a failure makes the next skip longer.
    pub(crate) fn reach(&self) -> u64 {
        self.decay
    }

    fn length(&self) -> u64 {
        self.first.saturating_mul(self.growth.saturating_pow(self.level - 1)).min(self.cap)
    }
}
