//! First attempts at what earlier runs gave up, where that is not believed any more: in another drive, or after the disc was
//! taken out, or because a person says so. What a run does not come to, the next one begins with.

use std::collections::VecDeque;

use serde::Serialize;

use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;

/// Why what was remembered is not believed before it was tried once more.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fresh {
    /// A person said so.
    Asked,
    /// The disc lies in another drive.
    OtherDrive,
    /// The disc was taken out meanwhile.
    TakenOut,
    /// One of these was so in an earlier run, which ended before it had come to all attempts.
    Unfinished,
}

/// What one more attempt at all that was remembered brought, before anything else was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct TriedAgain {
    /// Why it was made.
    pub why: Fresh,
    /// Attempts: one at each place that was set aside, and one in each span in which the rule had stopped asking.
    pub attempts: u64,
    /// How many of them brought all that they asked for.
    pub worked: u64,
    /// Sectors that they brought.
    pub sectors: u64,
    /// Attempts that the run did not come to. The next run begins with them.
    pub left: u64,
}

/// What a run is to know of first attempts.
#[derive(Debug, Default)]
pub(in crate::imaging) struct Setup {
    /// Why they are made at everything that was given up, where that is so.
    pub(in crate::imaging) why: Option<Fresh>,
    /// What an earlier run was to ask for first and did not, of what this run may read.
    pub(in crate::imaging) left: SectorSet,
    /// Spans in which the rule had stopped are asked for too, though none is named in that.
    pub(in crate::imaging) spans: bool,
    /// This run can name all of them.
    pub(in crate::imaging) names_spans: bool,
}

/// Attempts at what was remembered.
#[derive(Debug)]
pub(in crate::imaging::reading) struct First {
    pub(in crate::imaging::reading) told: TriedAgain,
    /// What is still to be asked for, and what it stands for.
    pub(in crate::imaging::reading) queue: VecDeque<(SectorRange, Stands)>,
}

/// What a first attempt stands for.
#[derive(Clone, Copy, Debug)]
pub(in crate::imaging::reading) enum Stands {
    /// A place that was set aside.
    Place(SectorRange),
    /// A span that was stopped.
    Span(SectorRange),
}

impl Stands {
    /// What it is.
    pub(in crate::imaging::reading) fn range(self) -> SectorRange {
        let (Self::Place(range) | Self::Span(range)) = self;
        range
    }
}
