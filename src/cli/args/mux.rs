//! Arguments of `mux`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::job::titles::TitleChoice;
use crate::mux::plan::{Core, Forced, Options, Selection};
use crate::title::language;

use super::format::Format;

/// `freemkv mux`.
#[derive(Debug, Args)]
pub struct Mux {
    /// What to read: an image file, a drive, a folder with BDMV or VIDEO_TS, a stream file (.m2ts, .ts, .vob, .mpg, .ps), emu:IMAGE
    #[arg(value_hint = clap::ValueHint::AnyPath)]
    pub source: OsString,
    /// The .mkv file to write, or a folder (it is there, or ends in /) for files LABEL-tNN.mkv, or - for standard
    /// output: without an index, and with the report on standard error
    #[arg(value_hint = clap::ValueHint::AnyPath)]
    pub output: PathBuf,
    /// Which titles, and what is taken of them.
    #[command(flatten)]
    pub films: FilmArgs,
    /// Print what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Write over files that are there, go on with too little room, and write a title without its picture
    #[arg(long)]
    pub force: bool,
    /// The map that says what is missing [default: that of an image, its name with .map added]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub map: Option<PathBuf>,
    /// What an image file is [default: what its name says]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
}

impl Mux {
    /// Where the film goes, `-` as the name of the descriptor that it is.
    pub(crate) fn output(&self) -> PathBuf {
        if self.output.as_os_str() == "-" { "/dev/stdout".into() } else { self.output.clone() }
    }
}

/// Which titles become films, and what is taken of them: options of mux and rip.
#[derive(Debug, Args)]
pub struct FilmArgs {
    /// Which titles: main, all, numbers as info gives them (1,3), playlists by their five digits (00800), or one stream file by itself (NNNNN.m2ts) [default: main; all into a folder]
    #[arg(long, value_name = "WHICH")]
    pub title: Option<TitleChoice>,
    /// Shortest title that all takes
    #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = crate::base::human::parse_duration)]
    pub min_length: Duration,
    /// Which angle, where there is a choice
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=9))]
    pub angle: u32,
    /// Sound in these languages only: codes such as eng,fra, or all, or none
    #[arg(long, value_name = "LANG,...", default_value = "all")]
    pub audio: Languages,
    /// Subtitles in these languages only: codes such as eng,fra, or all, or none
    #[arg(long, value_name = "LANG,...", default_value = "all")]
    pub subs: Languages,
    /// The core inside TrueHD: as a further track, alone, or not at all; of DTS-HD, which has it in every frame, alone or not
    #[arg(long, value_name = "HOW", default_value = "keep")]
    pub core: CoreChoice,
    /// Subtitles that are shown although subtitles are off: among the others, as further tracks too where there are any, or no others
    #[arg(long, value_name = "HOW", default_value = "keep")]
    pub forced_subs: ForcedChoice,
    /// Compress subtitles made of pictures; players built on ExoPlayer refuse such files
    #[arg(long, value_name = "HOW", default_value = "none")]
    pub compress_subs: Compression,
    /// Write no chapters
    #[arg(long)]
    pub no_chapters: bool,
    /// Keep text subtitles of Blu-ray as the disc has them (S_HDMV/TEXTST), in place of plain text
    #[arg(long)]
    pub keep_textst: bool,
    /// Write the captions among the pictures (line 21, channel CC1) as a further track of text; they stay in the pictures
    #[arg(long)]
    pub captions: bool,
}

impl FilmArgs {
    /// What is taken of a title; `without_picture`: it is written though its picture cannot be.
    pub(crate) fn options(&self, without_picture: bool) -> Options {
        let core = match self.core {
            CoreChoice::Keep => Core::Keep,
            CoreChoice::Only => Core::Only,
            CoreChoice::Drop => Core::Drop,
        };
        let (audio, subtitles) = (self.audio.selection(), self.subs.selection());
        Options {
            core,
            audio,
            subtitles,
            forced: self.forced_subs.forced(),
            chapters: !self.no_chapters,
            compress_subtitles: self.compress_subs == Compression::Zlib,
            without_picture,
            keep_textst: self.keep_textst,
            captions: self.captions,
        }
    }
}

/// `--compress-subs`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Compression {
    /// As they are.
    None,
    /// With zlib.
    Zlib,
}

/// `--forced-subs`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum ForcedChoice {
    /// Among the others.
    Keep,
    /// As further tracks too.
    Extra,
    /// No others.
    Only,
}

impl ForcedChoice {
    fn forced(self) -> Forced {
        match self {
            Self::Keep => Forced::Keep,
            Self::Extra => Forced::Extra,
            Self::Only => Forced::Only,
        }
    }
}

/// `--core`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum CoreChoice {
    /// TrueHD and its core become tracks; DTS-HD is one.
    Keep,
    /// The core alone.
    Only,
    /// TrueHD alone; DTS-HD is as it is.
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

impl Languages {
    fn selection(&self) -> Selection {
        match self {
            Self::All => Selection::All,
            Self::None => Selection::None,
            Self::Some(codes) => Selection::Languages(codes.clone()),
        }
    }
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
