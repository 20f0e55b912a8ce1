//! First attempts at what earlier runs gave up, where that is not believed any more: why they are made, and what they bring.

use std::collections::VecDeque;

use serde::Serialize;

use crate::base::sector::SectorRange;

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
}

/// Attempts at what was remembered.
#[derive(Debug)]
pub(super) struct First {
    pub(super) told: TriedAgain,
    /// What is still to be asked for, and what it stands for.
    pub(super) queue: VecDeque<(SectorRange, Stands)>,
}

/// What a first attempt stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stands {
    /// A place that was set aside.
    Place(SectorRange),
    /// A span that was stopped.
    Span(SectorRange),
}
