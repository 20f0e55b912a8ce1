//! The command line, defined once: parsing, `--help`, completions and man pages all come from here.

pub mod drive;
pub mod format;
pub mod help;
pub mod imaging;
pub mod map;
pub mod mux;
pub mod rip;
pub mod spec;
pub mod verify;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::job::titles::TitleChoice;
use drive::SpeedChoice;
use format::Format;
use imaging::{Patch, Sweep};
use map::MapCommand;
use mux::Mux;
use rip::Rip;
use verify::Verify;

/// Images optical discs, damaged ones too, and turns their titles into Matroska.
#[derive(Debug, Parser)]
#[command(name = "freemkv", version, max_term_width = 100, arg_required_else_help = true)]
#[command(before_help = help::PROGRAM, after_help = help::EXIT_CODES, after_long_help = help::WORDS)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Options that every command has.
    #[command(flatten)]
    pub everywhere: Everywhere,
}

/// The definition of the command line, with the examples of each command in front.
#[must_use]
pub fn command() -> clap::Command {
    help::examples_first(Cli::command())
}

impl Cli {
    /// Understands the words of a command line, the program's name first.
    ///
    /// # Errors
    /// What clap says; help that was asked for, too.
    pub fn understand<W: Into<OsString> + Clone>(words: impl IntoIterator<Item = W>) -> Result<Self, clap::Error> {
        let mut command = command();
        let matches = command.try_get_matches_from_mut(words)?;
        Self::from_arg_matches(&matches).map_err(|e| e.format(&mut command))
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Image a disc in one fast pass that survives damage; run it again to resume
    #[command(before_help = help::SWEEP, after_help = help::SOURCES)]
    Sweep(Sweep),
    /// Retry what is missing in an image
    #[command(before_help = help::PATCH, after_help = help::SOURCES)]
    Patch(Patch),
    /// Show what a disc holds: titles, tracks, chapters, files, and what a map says is damaged of them
    #[command(before_help = help::INFO, after_help = help::INFO_SOURCES)]
    Info(Info),
    /// Turn titles of a Blu-ray or DVD into Matroska files, without re-encoding
    #[command(before_help = help::MUX, after_help = help::MUX_SOURCES)]
    Mux(Mux),
    /// Compare an image with its disc, all of it or a sample
    #[command(before_help = help::VERIFY, after_help = help::SOURCES)]
    Verify(Verify),
    /// Make an image of another format from one: raw, qcow2, or flat vmdk
    #[command(before_help = help::CONVERT, after_help = help::EXIT_CODES)]
    Convert(Convert),
    /// Rip discs: image, films and reports into a folder each; the same disc again is skipped, a run cut off goes on
    #[command(before_help = help::RIP, after_help = help::RIP_SOURCES, override_usage = help::RIP_USAGE)]
    Rip(Box<Rip>),
    /// Look at maps, draw, convert, compare and merge them
    #[command(before_help = help::map::EXAMPLES, subcommand, arg_required_else_help = true)]
    Map(MapCommand),
    /// List the optical drives; open or close a tray, set a speed
    #[command(before_help = help::DRIVES, after_help = help::EXIT_CODES)]
    Drives(Drives),
    /// Print the completion script of a shell
    #[command(before_help = help::COMPLETIONS)]
    Completions(Completions),
    /// Write the man pages into a folder
    #[command(before_help = help::MAN)]
    Man(Man),
}

/// Options that every command has.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command", next_display_order = 900)]
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
    /// List the files, with their sizes; -v: and their sectors
    #[arg(long)]
    pub files: bool,
    /// Read the files whole and give their SHA-256
    #[arg(long, requires = "files")]
    pub hash: bool,
    /// The map that says what is missing [default: that of an image, its name with .map added]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub map: Option<PathBuf>,
    /// What an image file is [default: what its name says]
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

/// `freemkv convert`.
#[derive(Debug, Args)]
pub struct Convert {
    /// The image that is there: qcow2 or vmdk where its name ends so, else raw; the map beside it goes along
    #[arg(value_name = "A", value_hint = clap::ValueHint::FilePath)]
    pub source: OsString,
    /// The image to make: qcow2 where its name ends so, else raw
    #[arg(value_name = "B", value_hint = clap::ValueHint::FilePath)]
    pub image: PathBuf,
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

    /// The words of every command.
    fn command_names(command: &clap::Command, above: &[String]) -> Vec<Vec<String>> {
        let of = |sub: &clap::Command| {
            let words = [above, &[sub.get_name().to_owned()]].concat();
            [vec![words.clone()], command_names(sub, &words)].concat()
        };
        command.get_subcommands().filter(|sub| sub.get_name() != "help").flat_map(of).collect()
    }

    #[test]
    fn the_definition_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn examples_stand_in_front_of_the_options_and_are_understood() {
        let names: Vec<Vec<String>> = command_names(&command(), &[]);
        assert!(names.len() > 19, "{names:?}");
        for words in names {
            let words = [&["freemkv".to_owned()], &words[..], &["--help".to_owned()]].concat();
            let help = Cli::understand(&words).unwrap_err().to_string();
            let (examples, options) = help.split_once("Options:").unwrap_or_else(|| panic!("{help}"));
            let lines: Vec<&str> = examples.lines().filter_map(|line| line.strip_prefix("  freemkv ")).collect();
            assert!(!lines.is_empty() && !options.contains("Examples:"), "{help}");
            for line in lines {
                // Behind two spaces stands what the example does.
                let line = line.split("  ").next().unwrap_or(line);
                let words = line.split_whitespace().take_while(|word| !matches!(*word, "|" | ">" | "&&"));
                let words: Vec<&str> = std::iter::once("freemkv").chain(words).collect();
                assert!(Cli::understand(&words).is_ok(), "{words:?}");
            }
        }
        let all = Cli::understand(["freemkv", "--help"]).unwrap_err().to_string();
        assert!(all.find("Examples:") < all.find("Commands:") && all.contains("Words:"), "{all}");
    }
}
