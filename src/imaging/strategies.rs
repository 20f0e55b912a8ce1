//! Which strategy a job gets, with which numbers.

use std::time::Duration;

use crate::base::media::Media;
use crate::base::sector::set::SectorSet;
use crate::mapfile::aside::Cause;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::StatusLine;
use crate::recovery::{Limits, Params, Patch, Strategy, Sweep};
use crate::source::Facts;

use super::job::{Job, Task};
use super::reading::Without;

/// Filled buffers between reader and writer: a sweep keeps the drive streaming, a patch wants each
/// unit on disk soon.
const DEPTH_SWEEP: usize = 4;
const DEPTH_PATCH: usize = 1;

/// Most sectors of one command that is to suit a disc: 128 KiB, what the kernel passes on to any drive.
const DISC_SECTORS: u64 = 64;

/// Time limit of one read: longer than any drive's own retries, since aborting one resets the bus.
const SWEEP_LIMIT: Duration = Duration::from_secs(30);
const PATCH_LIMIT: Duration = Duration::from_secs(60);

/// Makes the strategies of a run.
pub(super) struct Strategies<'a> {
    job: &'a Job,
    params: Params,
    /// The sectors that are wanted.
    domain: &'a SectorSet,
}

impl<'a> Strategies<'a> {
    /// For a source of which the kind of disc is known or was guessed.
    pub(super) fn new(job: &'a Job, domain: &'a SectorSet, params: Params) -> Self {
        Self { job, params: params.with_times(job.times), domain }
    }

    /// A strategy for a map, to go on from `line` without asking for what is left out or set aside.
    pub(super) fn make(&self, map: SectorMap, line: StatusLine, without: Without<'_>) -> Box<dyn Strategy> {
        let mut domain = self.domain.clone();
        without.left_out.ranges().iter().for_each(|range| domain.remove(*range));
        without.aside.iter().for_each(|(range, _)| domain.remove(range));
        match self.job.task {
            Task::Sweep { .. } => {
                let ends = without.aside.iter().filter(|(_, aside)| aside.cause == Cause::RunEnded);
                let ends = ends.map(|(range, _)| range).collect();
                Box::new(Sweep::new(map, self.params.clone(), line, &domain).beside(ends))
            }
            Task::Patch { passes, thorough, .. } => {
                let limits = Limits { passes, thorough, budget: self.job.limits.budget };
                let patch = Patch::new(map, self.params.clone(), line, &domain, limits);
                Box::new(patch.beside(&without.aside.sectors()))
            }
        }
    }

    /// Most sectors of one of their commands.
    pub(super) fn max_sectors(&self) -> u64 {
        self.params.max_sectors
    }
}

/// The numbers of the strategy. An image file that is `of_no_disc` that anybody knows of is read in commands as long
/// as it takes; else it is asked as a drive would be.
pub(super) fn params(kind: Media, unit: u64, facts: &Facts, is_drive: bool, of_no_disc: bool) -> Params {
    let params = Params::preset(kind).with_unit(unit);
    if is_drive {
        params.for_source(facts.max_sectors)
    } else if of_no_disc {
        params.for_source(facts.max_sectors).with_long_commands()
    } else {
        params.for_source(facts.max_sectors.min(DISC_SECTORS))
    }
}

/// Filled buffers between reader and writer, and the time limit of one read.
pub(super) fn pace(task: Task) -> (usize, Duration) {
    match task {
        Task::Sweep { .. } => (DEPTH_SWEEP, SWEEP_LIMIT),
        Task::Patch { .. } => (DEPTH_PATCH, PATCH_LIMIT),
    }
}
