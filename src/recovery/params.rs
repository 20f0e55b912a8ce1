//! The numbers that the rules work with. `docs/recovery.md` gives the physical reason of each.

use super::model::costs::Times;
use crate::base::media::Media;

/// Retry passes when the person asks for no other number.
pub const DEFAULT_PASSES: u32 = 3;

/// Units of the first look back into a gap from its sound far end.
pub(super) const FIRST_STRIDE: u64 = 8;
/// Chance that it meets damage.
pub(super) const STRIDE_CHANCE: f64 = 0.5;
/// Units beside the ends of a gap at each of which a read may begin; further in at doubling distances.
pub(super) const NEAR_STARTS: u64 = 12;
/// Longest planned read, units.
pub(super) const LONGEST_READ: u64 = 64;
/// A read is not planned past the point that it reaches with a smaller chance.
pub(super) const FAINT_CHANCE: f64 = 0.05;
/// Units around a change within which gaps are reckoned again at once.
pub(super) const RECKON_NEAR: u64 = 16;
/// How often the best gap of an old reckoning is reckoned again for one choice.
pub(super) const RECKON_AGAIN: usize = 8;

/// Parameters of sweep and patch. Lengths are in sectors unless they say units.
#[derive(Clone, PartialEq, Debug)]
pub struct Params {
    /// The ECC unit: what the drive corrects, and therefore loses, together.
    pub unit: u64,
    /// Most that the source takes in one command.
    pub max_sectors: u64,
    /// Length of a command far from damage.
    pub clean_sectors: u64,
    /// Good sectors after a failure before clean commands come back.
    pub near_damage: u64,
    /// Length of the first skip, units.
    pub first_skip: u64,
    /// Factor from one skip to the next.
    pub skip_growth: u64,
    /// The longest skip is the disc divided by this.
    pub skip_cap: u64,
    /// Skip falls by one for each such share of the disc read well: the disc divided by this.
    pub skip_decay: u64,
    /// Units on either side of a place that its share of failures is taken from.
    pub rate_window: u64,
    /// Longest distance between units that the distance table knows.
    pub periods: usize,
    /// Failed units of a span without a sound one before the stop rule looks at it.
    pub abandon_failures: u64,
    /// Share of reads in a core that must work for it to be worth going on.
    pub abandon_rate: f64,
    /// What reads are believed to take before the drive has told.
    pub times: Times,
    /// A unit that gave a part, for so many that failed whole, makes all units be asked for parts.
    pub partial_ratio: u64,
    /// A partly good unit that misses no more than one in so many sectors is_deferred in every other pass.
    pub deferred: u64,
    /// Where a failing command brings nothing of a unit, so many rungs make a stretch; at least 1.
    pub rungs: u64,
}

impl Params {
    /// The parameters for a kind of disc in a source that takes 64 sectors at once.
    #[must_use]
    pub fn preset(media: Media) -> Self {
        let mut params = Self {
            unit: 1,
            max_sectors: 64,
            clean_sectors: 64,
            near_damage: 0,
            first_skip: 3,
            skip_growth: 32,
            skip_cap: 25,
            skip_decay: 500,
            rate_window: 128,
            periods: 12,
            abandon_failures: 32,
            abandon_rate: 0.015,
            times: Times { sound: 0.005, failure: 4.0, seek: 0.15 },
            partial_ratio: 3,
            deferred: 5,
            rungs: 16,
        };
        match media {
            Media::Cd => {
                (params.near_damage, params.first_skip, params.periods) = (256, 8, 32);
                params.times = Times { sound: 0.0008, failure: 1.5, seek: 0.15 };
                params.abandon_failures = 64;
            }
            Media::Dvd => {
                (params.unit, params.near_damage) = (16, 32 * 16);
                params.abandon_failures = 33;
            }
            Media::Bd | Media::Uhd => {
                (params.unit, params.near_damage) = (32, 32 * 32);
                params.abandon_failures = 40;
            }
        }
        params
    }

    /// The same for another ECC unit, when a person names it. 0 counts as 1.
    #[must_use]
    pub fn with_unit(mut self, unit: u64) -> Self {
        self.unit = unit.max(1);
        self
    }

    /// The same for a drive of which this is known from earlier runs.
    #[must_use]
    pub fn with_times(mut self, times: Option<Times>) -> Self {
        self.times = times.unwrap_or(self.times);
        self
    }

    /// The same for a source that takes at most `max_sectors` in one command; 0 counts as 1.
    #[must_use]
    pub fn for_source(mut self, max_sectors: u64) -> Self {
        self.max_sectors = max_sectors.max(1);
        self
    }

    /// The same with longer commands far from damage, as long as the source takes them: for an image file, of which
    /// nobody says what disc it is and where a failing command costs nothing.
    #[must_use]
    pub fn with_long_commands(mut self) -> Self {
        self.clean_sectors = self.max_sectors;
        self
    }

    /// With every field in the range that the rules rely on; both strategies start with this.
    pub(super) fn checked(mut self) -> Self {
        self.unit = self.unit.max(1);
        self.max_sectors = self.max_sectors.max(1);
        self.clean_sectors = self.clean_sectors.clamp(1, self.max_sectors);
        if self.clean_sectors >= self.unit {
            self.clean_sectors -= self.clean_sectors % self.unit;
        }
        self.first_skip = self.first_skip.max(1);
        self.skip_growth = self.skip_growth.max(1);
        self.skip_cap = self.skip_cap.max(1);
        self.skip_decay = self.skip_decay.max(1);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_commands_are_whole_units_within_the_limit_of_the_source() {
        let clean = |media, max| Params::preset(media).for_source(max).checked().clean_sectors;
        assert_eq!(clean(Media::Bd, 60), 32);
        assert_eq!(clean(Media::Dvd, 60), 48);
        assert_eq!(clean(Media::Cd, 60), 60);
        assert_eq!(clean(Media::Bd, 1000), 64);
        assert_eq!(clean(Media::Bd, 16), 16);
        assert_eq!(clean(Media::Bd, 0), 1);
        let long = Params::preset(Media::Bd).for_source(500).with_long_commands().checked();
        assert_eq!(long.clean_sectors, 480);
    }
}
