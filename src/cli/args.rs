//! The command line, defined once: parsing, `--help`, completions and man pages all come from here.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::base::media::Media;
use crate::base::sector::SectorRange;
use crate::job::titles::TitleChoice;
use crate::title::language;

use super::drive_args::{DriveArgs, SpeedChoice};

/// Images optical discs, damaged ones too, and tells what they hold.
#[derive(Debug, Parser)]
#[command(name = "freemkv", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = EXIT_CODES, after_long_help = WORDS)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Options that every command has.
    #[command(flatten)]
    pub everywhere: Everywhere,
}

const EXIT_CODES: &str = "\
Exit codes: 0 complete, 1 failed (input/output, environment), 2 wrong usage or it would overwrite,
3 done but data is missing, 4 no disc, no drive, not ready or busy, 5 wrong disc for this image,
6 protected or region-locked, 7 drive stopped answering, 130 stopped by a signal, state saved.";

const WORDS: &str = "\
Exit codes: 0 complete, 1 failed (input/output, environment), 2 wrong usage or it would overwrite,
3 done but data is missing, 4 no disc, no drive, not ready or busy, 5 wrong disc for this image,
6 protected or region-locked, 7 drive stopped answering, 130 stopped by a signal, state saved.

Words:
missing: on the disc and not in the image, not tried and failed together. What was never written is not missing.
not tried: missing, and no read has asked for it.
failed: missing, and a read that asked for it did not bring it. It may come another time.
damaged: a disc or a drive's reading of it, where reads fail. A file or an image is never damaged; data is missing in it.
hurt: a title, or seconds of a film, of which data is missing.";

const SOURCES: &str = "\
SOURCE is a drive (/dev/sr0, /dev/sg1), an image file or another block device, or the emulated drive:
  emu:IMAGE[,profile=cd|dvd|bd|uhd][,faults=FILE][,time=virtual|real]
which serves IMAGE with the damage that FILE plans. A comma in a path is written \\,.

Exit codes: 0 complete, 1 failed, 2 wrong usage or it would overwrite, 3 data is missing, 4 no disc,
no drive, not ready or busy, 5 wrong disc for this image, 6 protected or region-locked, 7 drive
stopped answering, 130 stopped by a signal, state saved.";

const INFO_SOURCES: &str = "\
SOURCE is a drive (/dev/sr0, /dev/sg1; its disc may be mounted), an image file or another block device,
a folder that holds BDMV or VIDEO_TS, or the emulated drive:
  emu:IMAGE[,profile=cd|dvd|bd|uhd][,faults=FILE][,time=virtual|real]

The exit code is 0 whenever the disc could be read, damaged or not.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Image a disc in one fast pass that survives damage; run it again to resume
    #[command(after_help = SOURCES)]
    Sweep(Sweep),
    /// Retry what is missing in an image
    #[command(after_help = SOURCES)]
    Patch(Patch),
    /// Show what a disc holds: titles, tracks, chapters, files, and what a map says is damaged of them
    #[command(after_help = INFO_SOURCES)]
    Info(Info),
    /// Turn titles of a Blu-ray into Matroska files, without re-encoding
    #[command(after_help = SOURCES)]
    Mux(Mux),
    /// Look at map files
    #[command(subcommand, arg_required_else_help = true)]
    Map(MapCommand),
    /// List the optical drives; open or close a tray, set a speed
    Drives(Drives),
    /// Print the completion script of a shell
    Completions(Completions),
    /// Write the man pages into a folder
    Man(Man),
}

/// Options that every command has.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Everywhere {
    /// Say more; twice: each command that fails
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Add the log to FILE instead of showing it on standard error
    #[arg(long, global = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub log_file: Option<PathBuf>,
    /// How progress is shown on standard error: auto is a bar on a terminal, plain lines elsewhere
    #[arg(long, global = true, value_name = "HOW", default_value = "auto")]
    pub progress: ProgressMode,
    /// Print the final report as one JSON object on standard output
    #[arg(long, global = true)]
    pub json: bool,
}

/// How progress is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum ProgressMode {
    /// A bar on a terminal, plain lines elsewhere.
    Auto,
    /// A bar.
    Bar,
    /// A line now and then.
    Plain,
    /// JSON lines, and nothing else, on standard error.
    Json,
    /// Nothing.
    None,
}

/// What sweep and patch have in common.
#[derive(Debug, Args)]
pub struct Imaging {
    /// Where to read from: a drive, an image file, a block device, emu:IMAGE
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub source: OsString,
    /// The image to write
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub image: PathBuf,
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
    /// Read only these sectors, first to last; may be given again
    #[arg(long, value_name = "A-B", value_delimiter = ',')]
    pub only: Vec<Span>,
    /// Leave these sectors out; may be given again
    #[arg(long, value_name = "A-B", value_delimiter = ',')]
    pub skip: Vec<Span>,
    /// How the image is written: dontcache, window and direct bound what the output keeps in memory, plain leaves it to the kernel
    #[arg(long, value_name = "HOW", default_value = "auto")]
    pub write: WriteChoice,
    /// What is done for the image's room before the first read
    #[arg(long, value_name = "HOW", default_value = "none")]
    pub prealloc: PreallocChoice,
    /// Make the SHA-256 of a complete image, for the report and for IMAGE.sha256 (as sha256sum writes it)
    #[arg(long)]
    pub hash: bool,
    /// The image is raw whatever its name ends in
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// What the drive shall do, and how long.
    #[command(flatten)]
    pub drive: DriveArgs,
}

/// `freemkv sweep`.
#[derive(Debug, Args)]
pub struct Sweep {
    /// Source, image and how to treat them.
    #[command(flatten)]
    pub imaging: Imaging,
    /// Move image, map and state aside as .old and start over
    #[arg(long)]
    pub restart: bool,
}

/// `freemkv patch`.
#[derive(Debug, Args)]
pub struct Patch {
    /// Source, image and how to treat them.
    #[command(flatten)]
    pub imaging: Imaging,
    /// Times that each failed unit is tried again
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=i64::from(PASSES_MAX)))]
    pub passes: u32,
    /// End the rescue: what is still missing is marked bad (-)
    #[arg(long)]
    pub finish: bool,
    /// Go on in cores of damage that have shown no sign of life
    #[arg(long)]
    pub thorough: bool,
}

/// `freemkv info`.
#[derive(Debug, Args)]
pub struct Info {
    /// What to look at: a drive, an image file, a block device, a folder with BDMV or VIDEO_TS, emu:IMAGE
    #[arg(value_hint = clap::ValueHint::AnyPath)]
    pub source: String,
    /// List the files, with their sizes
    #[arg(long)]
    pub files: bool,
    /// Read the files whole and give their SHA-256
    #[arg(long, requires = "files")]
    pub hash: bool,
    /// The map that says what is missing [default: that of an image, its name with .map added]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub map: Option<PathBuf>,
    /// The image is raw whatever its name ends in
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
}

/// `freemkv mux`.
#[derive(Debug, Args)]
pub struct Mux {
    /// What to read: an image file, a drive, a folder with BDMV, one .m2ts file, emu:IMAGE
    #[arg(value_hint = clap::ValueHint::AnyPath)]
    pub source: String,
    /// The .mkv file to write, or a folder (it is there, or ends in /) for files LABEL-tNN.mkv
    #[arg(value_hint = clap::ValueHint::AnyPath)]
    pub output: PathBuf,
    /// Which titles: main, all, numbers as info gives them (1,3), a playlist (NNNNN.mpls), or one stream file by itself (NNNNN.m2ts) [default: main; all into a folder]
    #[arg(long, value_name = "WHICH")]
    pub title: Option<TitleChoice>,
    /// Shortest title that all takes
    #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = crate::base::human::parse_duration)]
    pub min_length: std::time::Duration,
    /// Which angle, where there is a choice
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=9))]
    pub angle: u32,
    /// Sound in these languages only: codes such as eng,fra, or all, or none
    #[arg(long, value_name = "LANG,...", default_value = "all")]
    pub audio: Languages,
    /// Subtitles in these languages only: codes such as eng,fra, or all, or none
    #[arg(long, value_name = "LANG,...", default_value = "all")]
    pub subs: Languages,
    /// The AC-3 core inside TrueHD: as a further track, alone, or not at all
    #[arg(long, value_name = "HOW", default_value = "keep")]
    pub core: CoreChoice,
    /// Write no chapters
    #[arg(long)]
    pub no_chapters: bool,
    /// Print what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Write over files that are there
    #[arg(long)]
    pub force: bool,
    /// The map that says what is missing [default: that of an image, its name with .map added]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub map: Option<PathBuf>,
    /// The image is raw whatever its name ends in
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
}

/// `--core`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum CoreChoice {
    /// Both become tracks.
    Keep,
    /// The core alone.
    Only,
    /// TrueHD alone.
    Drop,
}

/// A value of `--audio` or `--subs`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Languages {
    /// All tracks.
    All,
    /// No track.
    None,
    /// Those in these languages.
    Some(Vec<String>),
}

impl FromStr for Languages {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self::All),
            "none" => Ok(Self::None),
            _ => {
                let codes: Vec<String> = text.split(',').map(|code| code.trim().to_owned()).collect();
                match codes.iter().find(|code| language::bibliographic(code).is_none()) {
                    Some(code) => Err(format!("'{code}' is no language code: use eng, en, or such")),
                    None => Ok(Self::Some(codes)),
                }
            }
        }
    }
}

/// Most passes of one run.
pub const PASSES_MAX: u32 = 1000;

/// `freemkv map`.
#[derive(Debug, Subcommand)]
pub enum MapCommand {
    /// Show what a map says: totals, and the ranges that are missing
    Show(MapShow),
}

/// `freemkv map show`.
#[derive(Debug, Args)]
pub struct MapShow {
    /// Map files, as freemkv or ddrescue write them
    #[arg(required = true, value_hint = clap::ValueHint::FilePath)]
    pub maps: Vec<PathBuf>,
}

/// `freemkv drives`.
#[derive(Debug, Args)]
pub struct Drives {
    /// Only this one
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub device: Option<PathBuf>,
    /// Open its tray
    #[arg(long, requires = "device")]
    pub eject: bool,
    /// Close its tray
    #[arg(long, requires = "device", conflicts_with = "eject")]
    pub close: bool,
    /// Set its speed of reading: max, or kB/s
    #[arg(long, requires = "device", value_name = "SPEED", conflicts_with_all = ["eject", "close"])]
    pub speed: Option<SpeedChoice>,
}

/// `freemkv completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// `freemkv man`.
#[derive(Debug, Args)]
pub struct Man {
    /// Folder for the pages; it is made when it is not there
    #[arg(value_hint = clap::ValueHint::DirPath)]
    pub folder: PathBuf,
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

/// `--format`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Format {
    /// The bytes of the disc, nothing else.
    Raw,
}

/// A value of `--only` or `--skip`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span(pub SectorRange);

/// First and last sector.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0.start(), self.0.end().saturating_sub(1))
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        for kind in ["file:", "title:"] {
            if text.starts_with(kind) {
                return Err(format!("'{kind}' does not work yet: give a range of sectors, A-B"));
            }
        }
        let number = |part: &str| {
            part.parse::<u64>().map_err(|_| format!("'{text}' is no range: write first and last sector as A-B"))
        };
        let (first, last) = match text.split_once('-') {
            Some((first, last)) => (number(first)?, number(last)?),
            None => (number(text)?, number(text)?),
        };
        if last == u64::MAX {
            return Err(format!("'{text}' is larger than any disc"));
        }
        if last < first {
            return Err(format!("'{text}' ends before it begins"));
        }
        Ok(Self(SectorRange::new(first, last + 1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn spans_name_first_and_last_sector() {
        assert_eq!("16-31".parse(), Ok(Span(SectorRange::new(16, 32))));
        assert_eq!("7".parse(), Ok(Span(SectorRange::new(7, 8))));
        for bad in ["", "-", "3-", "-3", "9-3", "a-b", "1-2-3", "0-18446744073709551615", "18446744073709551615"] {
            assert!(bad.parse::<Span>().is_err(), "{bad}");
        }
    }

    #[test]
    fn what_comes_later_is_refused_in_a_sentence() {
        let error = "title:main".parse::<Span>().unwrap_err();
        assert!(error.contains("does not work yet"), "{error}");
    }
}
