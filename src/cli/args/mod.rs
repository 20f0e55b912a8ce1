//! The command line, defined once: parsing, `--help`, completions and man pages all come from here.

pub mod drive;
pub mod format;
pub mod imaging;
pub mod map;
pub mod mux;
pub mod rip;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::job::titles::TitleChoice;
use drive::SpeedChoice;
use format::Format;
use imaging::{Patch, Sweep};
use map::MapCommand;
use mux::Mux;
use rip::Rip;

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

const RIP_SOURCES: &str = "\
Below DIR each disc gets a folder with its image and map, a film for each title, report.json, report.txt, report.html and
SHA256SUMS. A disc is known again by its fingerprint; another one of the same name gets \" (2)\".
  freemkv rip /dev/sr0 rips --eject
  freemkv rip --all rips --keep-going --budget 2h --on-done 'logger \"$FREEMKV_LABEL: $FREEMKV_EXIT_CODE\"'
SOURCE is as for freemkv sweep. The commands are told FREEMKV_SOURCE, FREEMKV_FOLDER, FREEMKV_LABEL, FREEMKV_NAME,
FREEMKV_MEDIA, FREEMKV_FINGERPRINT, FREEMKV_IMAGE, FREEMKV_MAP, FREEMKV_MISSING_BYTES, FREEMKV_FILMS (a line each),
FREEMKV_REPORT, FREEMKV_SKIPPED (1), FREEMKV_MESSAGE and FREEMKV_EXIT_CODE.

Exit codes: those of every command; of several discs, or steps, the worst in the order 1 7 5 4 6 2 3 0, and
130 when a signal stopped it. A disc that is skipped has the exit code of the run that ripped it.";

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
    /// Turn titles of a Blu-ray or DVD into Matroska files, without re-encoding
    #[command(after_help = SOURCES)]
    Mux(Mux),
    /// Rip discs: image, films and reports into a folder each; the same disc again is skipped, a run cut off goes on
    #[command(after_help = RIP_SOURCES)]
    Rip(Box<Rip>),
    /// Look at maps, draw, convert, compare and merge them
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

/// `freemkv info`.
#[derive(Debug, Args)]
pub struct Info {
    /// What to look at: a drive, an image file, a block device, a folder with BDMV or VIDEO_TS, emu:IMAGE
    #[arg(value_hint = clap::ValueHint::AnyPath)]
    pub source: OsString,
    /// Some titles alone, with their clips, tracks and chapters: main, all, numbers (1,3), or a playlist (NNNNN.mpls)
    #[arg(long, value_name = "WHICH", value_parser = title_of_info)]
    pub title: Option<TitleChoice>,
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

/// A stream file has no tables of its own to be shown.
fn title_of_info(text: &str) -> Result<TitleChoice, String> {
    match text.parse()? {
        TitleChoice::Stream(_) => {
            Err(format!("'{text}' is a stream file: name it as the source, or say main, all, numbers, or NNNNN.mpls"))
        }
        titles => Ok(titles),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
