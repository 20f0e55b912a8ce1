//! Arguments of `rip`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::base::human::parse_duration;
use crate::imaging::{Job as ImagingJob, Task};
use crate::job::rip::{Films, Job, Keep, Template, Wait};

use super::drive::DriveArgs;
use super::format::Format;
use super::imaging::{MediaChoice, PASSES_MAX, command_line};
use super::mux::FilmArgs;

/// `freemkv rip`.
#[derive(Debug, Args)]
pub struct Rip {
    /// What to rip (drives, image files, block devices, emu:IMAGE), and last the folder in which each disc gets a folder; with
    /// --all the folder alone
    #[arg(required = true, num_args = 1.., value_names = ["SOURCE", "DIR"], value_hint = clap::ValueHint::AnyPath)]
    pub places: Vec<OsString>,
    /// Rip from every optical drive of the machine
    #[arg(long)]
    pub all: bool,
    /// Wait for a disc where a drive has none: until one comes, or at most so long
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "ever")]
    pub wait: Option<WaitChoice>,
    /// Take one disc after the other in each drive, the tray being opened behind each, while films of earlier ones are still
    /// written; ends when stopped, or when no disc came for the time of --wait
    #[arg(long)]
    pub keep_going: bool,
    /// Rip discs that were ripped already: what is missing is asked for again, and films are made again
    #[arg(long)]
    pub again: bool,
    /// Times that each failed unit is tried again; 0: no patch
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=i64::from(PASSES_MAX)))]
    pub passes: u32,
    /// How a disc's folder and image are called: text with {label}, {name} (what the disc calls itself), {media}, {id} (of the
    /// fingerprint)
    #[arg(long, value_name = "TEMPLATE", default_value = "{label}")]
    pub name: Template,
    /// What stays: the image, the films, or both; with film the image goes when nothing is missing and the films were read back
    #[arg(long, value_name = "WHAT", default_value = "both")]
    pub keep: KeepChoice,
    /// Run this by sh as soon as the drive is free; FREEMKV_SOURCE, FREEMKV_LABEL, FREEMKV_IMAGE and so on tell of the disc
    #[arg(long, value_name = "COMMAND")]
    pub on_free: Option<OsString>,
    /// Run this by sh behind everything, whatever came of it; FREEMKV_EXIT_CODE and FREEMKV_MESSAGE say what
    #[arg(long, value_name = "COMMAND")]
    pub on_done: Option<OsString>,
    /// Which titles, and what is taken of them.
    #[command(flatten)]
    pub films: FilmArgs,
    /// The kind of disc, where the source cannot tell (image files)
    #[arg(long, value_name = "KIND", default_value = "auto")]
    pub media: MediaChoice,
    /// What image files are that are ripped [default: what the name of each says]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// What the drive is to do, and for how long: the budget is that of sweep and patch together.
    #[command(flatten)]
    pub drive: DriveArgs,
}

impl Rip {
    /// The sources, and the folder.
    #[must_use]
    pub fn split(&self) -> (&[OsString], PathBuf) {
        match self.places.split_last() {
            Some((folder, sources)) => (sources, folder.into()),
            None => (&[], PathBuf::new()),
        }
    }

    /// What is asked for.
    pub(crate) fn job(&self) -> Job {
        let imaging = ImagingJob {
            media: self.media.media(),
            drive: self.drive.settings(),
            limits: self.drive.limits(),
            drive_log: !self.drive.no_drive_log,
            command_line: Some(command_line()),
            ..ImagingJob::new(Task::Sweep { restart: false }, PathBuf::new())
        };
        let wait = match self.wait {
            Some(WaitChoice::For(time)) => Wait::For(time),
            Some(WaitChoice::Ever) => Wait::Ever,
            // Who takes one disc after the other waits for each.
            None if self.keep_going => Wait::Ever,
            None => Wait::No,
        };
        Job {
            folder: self.split().1,
            name: self.name.clone(),
            keep: self.keep.keep(),
            again: self.again,
            wait,
            keep_going: self.keep_going,
            passes: self.passes,
            eject: self.drive.eject || self.keep_going,
            on_free: self.on_free.clone(),
            on_done: self.on_done.clone(),
            films: Films {
                titles: self.films.title.clone(),
                min_length: self.films.min_length,
                angle: usize::try_from(self.films.angle).unwrap_or(1),
                options: self.films.options(false),
            },
            imaging,
        }
    }
}

/// A value of `--wait`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaitChoice {
    /// Until one comes.
    Ever,
    /// At most so long.
    For(Duration),
}

impl FromStr for WaitChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "ever" { Ok(Self::Ever) } else { parse_duration(text).map(Self::For) }
    }
}

/// `--keep`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum KeepChoice {
    /// The image; no film is made.
    Image,
    /// The films.
    Film,
    /// Both.
    Both,
}

impl KeepChoice {
    fn keep(self) -> Keep {
        match self {
            Self::Image => Keep::Image,
            Self::Film => Keep::Film,
            Self::Both => Keep::Both,
        }
    }
}
