//! A sweep or a patch as it is asked for.

use std::path::PathBuf;

use crate::base::media::Media;
use crate::base::sector::set::SectorSet;
use crate::image::here::what_lies_at;
use crate::image::{Format, Here, Prealloc, WriteChoice};
use crate::mapfile::store;
use crate::os::durable;
use crate::recovery::Times;

use super::drive_settings::DriveSettings;
use super::guard::GuardRules;
use super::limits::Limits;
use super::writing::hash;

/// What the name of an image's drive log ends in.
const LOG_SUFFIX: &str = ".log.jsonl";

/// What is to be done with the disc.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Task {
    /// One fast pass over what was never tried.
    Sweep {
        /// Move what is there aside and begin again.
        restart: bool,
    },
    /// Everything that is missing.
    Patch {
        /// Retries of each failed unit.
        passes: u32,
        /// What is still missing at the end becomes `-`.
        finish: bool,
        /// Go on in cores that the stop rule would leave.
        thorough: bool,
    },
}

impl Task {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sweep { .. } => "sweep",
            Self::Patch { .. } => "patch",
        }
    }
}

/// A sweep or a patch as a person asks for it.
#[derive(Clone, PartialEq, Debug)]
pub struct Job {
    /// What.
    pub task: Task,
    /// The image.
    pub image: PathBuf,
    /// Its map; by default the image's name with `.map` added.
    pub map: Option<PathBuf>,
    /// Go on where it would be refused.
    pub force: bool,
    /// The kind of disc, when the person says it.
    pub media: Option<Media>,
    /// The ECC unit in sectors, when the person says it.
    pub unit: Option<u64>,
    /// Only these sectors; all when empty.
    pub only: SectorSet,
    /// Not these.
    pub skip: SectorSet,
    /// What the image is to be.
    pub format: Format,
    /// How the image is written.
    pub write: WriteChoice,
    /// What is done for its room before the first read.
    pub prealloc: Prealloc,
    /// Make the SHA-256 of the image when it is complete; [`hash`](super::hash) does, behind the run.
    pub hash: bool,
    /// What the drive is to do.
    pub drive: DriveSettings,
    /// When to end before all is done.
    pub limits: Limits,
    /// Keep a log of the drive's commands beside the image.
    pub drive_log: bool,
    /// What reads take on this drive, as earlier runs learned it.
    pub times: Option<Times>,
    /// Whether its failures must be kept apart in time, as earlier runs learned it.
    pub needs_rest: Option<bool>,
    /// What the drive is not believed without; all of it by default.
    pub guard: GuardRules,
    /// What earlier runs learned of places and spans is not believed before each was tried once more.
    pub fresh: bool,
    /// A patch is to ask first for what the film needs. Whoever knows the disc's files hands them over part by part, with
    /// `only`; here nothing is known of them.
    pub film_first: bool,
    /// For the map's head.
    pub command_line: Option<String>,
}

impl Job {
    /// `task` on `image` and the map beside it, with everything else as it is when nobody says anything.
    #[must_use]
    pub fn new(task: Task, image: PathBuf) -> Self {
        Self {
            task,
            image,
            map: None,
            force: false,
            media: None,
            unit: None,
            only: SectorSet::new(),
            skip: SectorSet::new(),
            format: Format::default(),
            write: WriteChoice::Auto,
            prealloc: Prealloc::None,
            hash: false,
            drive: DriveSettings::default(),
            limits: Limits::default(),
            drive_log: true,
            times: None,
            needs_rest: None,
            guard: GuardRules::default(),
            fresh: false,
            film_first: false,
            command_line: None,
        }
    }

    /// What is written, and what each file is to this job. A stream gets no map.
    #[must_use]
    pub fn outputs(&self) -> Vec<(PathBuf, &'static str)> {
        let mut outputs = vec![(self.image.clone(), "the image")];
        if matches!(what_lies_at(&self.image), Ok(Here::Stream)) {
            return outputs;
        }
        let map = self.map_name();
        outputs.push((store::state_path(&map), "the state of the map"));
        outputs.push((map, "the map"));
        if self.hash {
            outputs.push((hash::path_for(&self.image), "the hash"));
        }
        if self.drive_log {
            outputs.push((self.log_name(), "the drive log"));
        }
        outputs
    }

    /// The name of the map: as given, else that of the image with `.map` added.
    #[must_use]
    pub fn map_name(&self) -> PathBuf {
        self.map.clone().unwrap_or_else(|| durable::beside(&self.image, ".map"))
    }

    /// The name of the drive log.
    pub(super) fn log_name(&self) -> PathBuf {
        durable::beside(&self.image, LOG_SUFFIX)
    }
}
