//! The numbers that the rules work with. `docs/recovery.md` gives the physical reason of each.

use crate::base::media::Media;

/// Retry passes when the person asks for no other number.
pub(super) const DEFAULT_PASSES: u32 = 3;

/// Units of the first read back into a gap from its sound far end: two to four turns, on CD half a turn. A seek costs
/// some 30 sound units and a failure about 1000, so the first read is short.
pub(super) const FIRST_STRIDE: u64 = 8;
/// Chance that it meets damage: nothing is known, even odds.
pub(super) const STRIDE_CHANCE: f64 = 0.5;
/// Units beside the ends of a gap at each of which a read may begin: two turns and more, so that every place between two
/// teeth of a comb is considered. Further in at doubling distances.
pub(super) const NEAR_STARTS: u64 = 12;
/// Longest planned read, units: twelve turns; behind it the place is judged again.
pub(super) const LONGEST_READ: u64 = 64;
/// A read is not planned past the point that it reaches with a smaller chance; fitted.
pub(super) const FAINT_CHANCE: f64 = 0.05;
/// A gap is worth a read while it promises that number of sound units for the time of a failure: below half a unit, forward
/// costs less than choosing.
pub(super) const WORTH: f64 = 0.5;
/// Units ahead of the head that are reached by reading on: that takes little longer than a seek.
pub(super) const AHEAD: u64 = 48;
/// Units around a change within which gaps are reckoned again at once: two turns and more.
pub(super) const RECKON_NEAR: u64 = 16;
/// How often the best gap of an old reckoning is reckoned again for one choice; bounds the work.
pub(super) const RECKON_AGAIN: usize = 8;
/// A reckoning is as good as an old one that promised at most so much more; bounds the work.
pub(super) const AS_GOOD: f64 = 0.99;

/// Failures and known units that an estimate begins with: one known unit, and next to no failure.
pub(super) const RATE_PRIOR: (f64, f64) = (0.05, 1.0);
/// Least failure rate that any place is credited with, and greatest chance of a failure: nothing is certain.
pub(super) const RATE_BOUNDS: (f64, f64) = (0.001, 0.98);
/// A run of sound units this many times as long as failures lie apart is sound area beyond the damage: inside it, one run
/// in twenty (e to the -3) would be as long.
pub(super) const BEYOND: f64 = 3.0;
/// A sound run of that number of units counts in any case; fitted.
pub(super) const RUN_LEAST: f64 = 4.0;
/// Rounds of working out the rate and what lies beyond; each changes less than the one before.
pub(super) const RATE_ROUNDS: usize = 3;
/// Failed units that the failure periods are learned from at the start; bounds the work.
pub(super) const LEARN_FROM: usize = 4096;
/// Observations that the first belief of a period counts for: a few; fitted.
pub(super) const PERIOD_WEIGHT: f64 = 3.0;
/// Failures that the rate leads one to expect before a period is believed: where few units fail one failure is chance.
pub(super) const PERIOD_FLAT: f64 = 1.0;

/// Answers that the times of the preset, or of the last run, count for: a few.
pub(super) const TIMES_WEIGHT: f64 = 4.0;
/// Answers after which older ones are forgotten: a drive slows down and recovers within some minutes of failures.
pub(super) const TIMES_MEMORY: f64 = 64.0;
/// Units of travel beyond which the time tells what a seek takes; nearer, the drive may have read over them.
pub(super) const FAR_SEEK: u64 = 64;

/// Failed units that one counts for that was set aside: a drive may need half a minute for each, against four seconds for a
/// failure, and a time-out strains it more.
pub(super) const ASIDE_WEIGHT: u64 = 4;

/// A run of sound units longer than this is no hit inside a core but its rim; fitted.
pub(super) const RIM: u64 = 3;
/// A deferred unit is asked for in each such pass, from the first; fitted.
pub(super) const DEFERRED_TURN: u32 = 3;

/// Hits and attempts that a region of which nothing is known is credited with: 1 in 50, less than a weak region gives;
/// fitted.
pub(super) const REGION_PRIOR: (f64, f64) = (0.2, 10.0);
/// Rounds of retries through one region that a budget may be spent on: with a chance of 0.05, one unit in eight is left.
pub(super) const BUDGET_ROUNDS: u32 = 40;
/// A read of one sound unit that takes longer than it should by the time of that number of seeks: the drive had to try. Fitted.
pub(super) const LABOURED: f64 = 3.0;

/// What reads take on a drive, seconds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Times {
    /// A unit that follows on and is sound.
    pub sound: f64,
    /// A command that fails.
    pub failure: f64,
    /// A seek over many units.
    pub seek: f64,
}

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
    /// The level of skips falls by one for each such share of the disc read well: the disc divided by this.
    pub skip_decay: u64,
    /// Units on either side of a place that its failure rate is taken from.
    pub rate_window: u64,
    /// Longest distance between units at which failures may repeat.
    pub periods: usize,
    /// Failed units of a span without a sound one before it may be abandoned.
    pub abandon_failures: u64,
    /// Share of reads in a core that must work for it to be worth going on.
    pub abandon_rate: f64,
    /// What reads are believed to take before the drive has told.
    pub times: Times,
    /// One unit that gave a part for each this many that failed whole makes all units be asked for parts.
    pub partial_ratio: u64,
    /// A partly good unit that misses no more than one sector in this many is deferred in two of three passes.
    pub deferred: u64,
    /// Where a failing command brings nothing of a unit, a rung stands for it: its sectors divided by this.
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
