//! What a map cannot say, for the file beside it: what is known of units that failed.
//!
//! The file is a cache of JSON lines. Whatever is wrong with it, it is dropped as a whole and nothing is
//! lost but the knowledge which units were hard: the map alone says what is good.

pub(super) mod text;

use std::collections::BTreeMap;

use thiserror::Error;

use crate::base::media::{Media, Sitting};
use crate::base::outcome::Sense;
use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;
use crate::base::sector::tract::LeftOut;
use crate::mapfile::aside::Asides;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::speed::Speeds;
use crate::mapfile::status::Status;

/// Most records in one file.
pub const MAX_RECORDS: usize = 100_000;

/// Sectors by which drives differ about the end of one disc: two pauses (ECMA-130).
pub const TAIL: u64 = 300;

/// Which disc a state belongs to. Another drive may count up to [`TAIL`] sectors more or fewer of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Fingerprint {
    /// Size in sectors.
    pub sectors: u64,
    /// Size in bytes.
    pub size_bytes: u64,
    /// Kind of disc, when known.
    pub media: Option<Media>,
    /// Something computed from the content of the disc; compared, never read.
    pub hash: String,
}

/// What is known of a unit that failed.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Failure {
    /// Length of the unit in sectors.
    pub sectors: u64,
    /// Reads of the unit that failed.
    pub attempts: u32,
    /// What the drive said to the last one.
    pub sense: Option<Sense>,
    /// How long the last one took, in seconds.
    pub seconds: f64,
}

/// Everything that is kept beside the map.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct State {
    /// What was being done: the strategy's own word.
    pub phase: String,
    /// Sectors that were read, but with trouble.
    pub marginal: SectorSet,
    /// Units that failed, by their first sector.
    pub failures: BTreeMap<u64, Failure>,
    /// Sectors that failed when they were read one at a time.
    pub singles: SectorSet,
    /// Tracts that hold no data.
    pub left_out: LeftOut,
    /// Sectors that stay `?` for a reason that is no damage.
    pub asides: Asides,
    /// Where the disc lay when that was found out.
    pub sitting: Option<Sitting>,
    /// What was given up while the disc lay elsewhere, and was not asked for yet where it lies now: that comes first.
    pub first: SectorSet,
    /// So do the spans that a rule has left, once somebody names them.
    pub spans_first: bool,
    /// How fast the drive read over the disc.
    pub speeds: Speeds,
}

/// Why a state was dropped: one line for the log.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum Dropped {
    /// There is none.
    #[error("there is no state file")]
    Missing,
    /// The file system does not hand it out.
    #[error("the state file cannot be read: {0}")]
    Unreadable(String),
    /// Another disc, or another program's file.
    #[error("the state file belongs to another disc")]
    Foreign,
    /// The map is older than the state, or was made again.
    #[error("the state file belongs to another map of this disc")]
    Stale,
    /// Another version of the format.
    #[error("the state file has the format version {0}")]
    Version(u32),
    /// A line that is none of ours.
    #[error("the state file is damaged in line {0}")]
    Damaged(usize),
}

impl State {
    /// Forgets what the map has overtaken: failures in units that are good by now, trouble with sectors
    /// that are not; and what lies behind its end. Another program may have worked on the map in between, or another drive.
    pub fn agree_with(&mut self, map: &SectorMap) {
        let on_disc = SectorRange::new(0, map.sectors());
        self.failures.retain(|start, failure| on_disc.covers(SectorRange::with_len(*start, failure.sectors)));
        self.asides.remove(SectorRange::new(on_disc.end(), u64::MAX));
        let good = |range: SectorRange| map.within(range).all(|(_, status)| status == Status::Finished);
        self.failures.retain(|start, failure| !good(SectorRange::with_len(*start, failure.sectors)));
        self.singles = select(&self.singles, map, |status| status != Status::Finished);
        self.marginal = select(&self.marginal, map, |status| status == Status::Finished);
        self.first = select(&self.first, map, |status| status != Status::Finished);
        self.asides.agree_with(map);
        forget_rescued(&mut self.left_out, map);
    }
}

/// Takes out of the tracts what a map calls rescued: that was no gap.
pub fn forget_rescued(left_out: &mut LeftOut, map: &SectorMap) {
    let parts = left_out.tracts().iter().flat_map(|tract| map.within(tract.range));
    let rescued: SectorSet = parts.filter(|(_, status)| *status == Status::Finished).map(|(range, _)| range).collect();
    if !rescued.is_empty() {
        left_out.remove(&rescued);
    }
}

/// The sectors of `set` whose status in `map` is wanted.
fn select(set: &SectorSet, map: &SectorMap, wanted: impl Fn(Status) -> bool) -> SectorSet {
    let parts = set.ranges().iter().flat_map(|r| map.within(*r));
    parts.filter(|(_, status)| wanted(*status)).map(|(range, _)| range).collect()
}
