//! Arguments of `sweep` and `patch`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::base::media::Media;
use crate::image::{self, Prealloc};
use crate::imaging::{Job, Task};
use crate::job::wanted::Wanted;

use super::drive::DriveArgs;
use super::format::Format;
use super::spec::Spec;

/// Most passes of one run.
pub const PASSES_MAX: u32 = 1000;

/// What sweep and patch have in common.
#[derive(Debug, Args)]
pub struct Imaging {
    /// Where to read from: a drive, an image file, a block device, emu:IMAGE
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub source: OsString,
    /// The image to write
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub image: PathBuf,
    /// Read only this: sectors (A-B,C-D), file:/PATH (a folder: all below it), title:main or title:N; may be given again
    #[arg(long, value_name = "SPEC", value_parser = Spec::parser())]
    pub only: Vec<Spec>,
    /// Leave this out: sectors, file:/PATH, title:main or title:N; may be given again
    #[arg(long, value_name = "SPEC", value_parser = Spec::parser())]
    pub skip: Vec<Spec>,
    /// Make the SHA-256 of a complete image, for the report and for IMAGE.sha256 (as sha256sum writes it)
    #[arg(long)]
    pub hash: bool,
    /// The map file [default: IMAGE with .map added]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub map: Option<PathBuf>,
    /// Go on in spite of an image without a map (it is emptied), too little free space, or a disc that cannot be
    /// compared
    #[arg(long)]
    pub force: bool,
    /// The kind of disc, where the source cannot tell (image files)
    #[arg(long, value_name = "KIND", default_value = "auto")]
    pub media: MediaChoice,
    /// Sectors that the drive corrects, and loses, together [default: by the kind of disc]
    #[arg(long, value_name = "SECTORS", value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub unit: Option<u64>,
    /// What image files are, the source and the image [default: what the name of each says]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// How the image is written: dontcache, window and direct bound what the output keeps in memory, plain leaves it to the kernel
    #[arg(long, value_name = "HOW", default_value = "auto")]
    pub write: WriteChoice,
    /// What is done for the image's room before the first read
    #[arg(long, value_name = "HOW", default_value = "none")]
    pub prealloc: PreallocChoice,
    /// What the drive is to do, and for how long.
    #[command(flatten)]
    pub drive: DriveArgs,
}

impl Imaging {
    /// What is asked for, once the task is known.
    pub(crate) fn job(&self, task: Task) -> Job {
        Job {
            map: self.map.clone(),
            force: self.force,
            media: self.media.media(),
            unit: self.unit,
            write: self.write.choice(),
            drive: self.drive.settings(),
            limits: self.drive.limits(),
            drive_log: !self.drive.no_drive_log,
            prealloc: self.prealloc.choice(),
            hash: self.hash,
            command_line: Some(command_line()),
            ..Job::new(task, self.image.clone())
        }
    }

    /// What of the disc.
    pub(crate) fn wanted(&self) -> Wanted {
        let chosen = |specs: &[Spec]| specs.iter().flat_map(|spec| spec.chosen.clone()).collect();
        Wanted { only: chosen(&self.only), skip: chosen(&self.skip) }
    }
}

/// The command as it was given, for the head of the map.
pub(super) fn command_line() -> String {
    let words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    words.join(" ")
}

/// `freemkv sweep`.
#[derive(Debug, Args)]
pub struct Sweep {
    /// Move image, map and state aside as .old and start over
    #[arg(long)]
    pub restart: bool,
    /// Source, image and how to treat them.
    #[command(flatten)]
    pub imaging: Imaging,
}

impl Sweep {
    /// The task.
    pub(crate) fn task(&self) -> Task {
        Task::Sweep { restart: self.restart }
    }
}

/// `freemkv patch`.
#[derive(Debug, Args)]
pub struct Patch {
    /// Times that each failed unit is tried again
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=i64::from(PASSES_MAX)))]
    pub passes: u32,
    /// What is asked for first: what the film needs, then other files, then the rest, where the image's tables can be read; or
    /// all in the order of the disc
    #[arg(long, value_name = "ORDER", default_value = "film")]
    pub order: OrderChoice,
    /// End the rescue: what is still missing is marked bad (-)
    #[arg(long)]
    pub finish: bool,
    /// Go on in cores of damage that have shown no sign of life
    #[arg(long)]
    pub thorough: bool,
    /// Try what was given up once more before anything that was learned is believed: when the disc was cleaned
    #[arg(long)]
    pub fresh: bool,
    /// Source, image and how to treat them.
    #[command(flatten)]
    pub imaging: Imaging,
}

impl Patch {
    /// The task.
    pub(crate) fn task(&self) -> Task {
        Task::Patch { passes: self.passes, finish: self.finish, thorough: self.thorough }
    }
}

/// `--order`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum OrderChoice {
    /// The film, other files, the rest.
    Film,
    /// As it lies on the disc.
    Disc,
}

/// `--media`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum MediaChoice {
    /// As the source says; by size when it says nothing.
    Auto,
    /// CD.
    Cd,
    /// DVD.
    Dvd,
    /// Blu-ray.
    Bd,
    /// Ultra HD Blu-ray.
    Uhd,
}

impl MediaChoice {
    /// The kind of disc, unless it was left to the source.
    #[must_use]
    pub fn media(self) -> Option<Media> {
        match self {
            Self::Auto => None,
            Self::Cd => Some(Media::Cd),
            Self::Dvd => Some(Media::Dvd),
            Self::Bd => Some(Media::Bd),
            Self::Uhd => Some(Media::Uhd),
        }
    }
}

/// `--write`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum WriteChoice {
    /// dontcache for files where it works, else window; plain for everything else.
    Auto,
    /// The kernel writes out at once and keeps no copy; Linux 6.14.
    #[value(name = "dontcache")]
    DontCache,
    /// Write-out is started and waited for window by window.
    Window,
    /// Past the kernel's cache.
    Direct,
    /// The kernel writes out when it likes.
    Plain,
}

impl WriteChoice {
    fn choice(self) -> image::WriteChoice {
        match self {
            Self::Auto => image::WriteChoice::Auto,
            Self::DontCache => image::WriteChoice::DontCache,
            Self::Window => image::WriteChoice::Window,
            Self::Direct => image::WriteChoice::Direct,
            Self::Plain => image::WriteChoice::Plain,
        }
    }
}

/// `--prealloc`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum PreallocChoice {
    /// Nothing: it grows, and unread areas take no room.
    None,
    /// Its length is set; unread areas take no room.
    Zero,
    /// Its room is reserved, so that the disk cannot become full.
    Allocate,
    /// Zeros are written.
    Write,
}

impl PreallocChoice {
    fn choice(self) -> Prealloc {
        match self {
            Self::None => Prealloc::None,
            Self::Zero => Prealloc::Zero,
            Self::Allocate => Prealloc::Allocate,
            Self::Write => Prealloc::Write,
        }
    }
}
