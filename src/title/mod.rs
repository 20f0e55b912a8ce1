//! Level 5: titles of a disc, with their tracks, chapters and clocks, and which of them is the film.

pub mod bluray;
pub mod clock;
pub mod coding;
pub mod damage;
pub mod dvd;
pub mod kind;
pub mod language;
pub mod loose;
pub mod model;
pub mod navigation;
mod parts;
mod played;
pub mod select;
pub mod streams;
pub mod survey;

use std::collections::BTreeMap;

use thiserror::Error;

pub use crate::bluray::playlist::mpls::StaticHdr;
pub use crate::bluray::stream_info::{
    Attributes, AudioFormat, Coding, DynamicRange, HevcRange, Kind, Language, VideoFormat, frame_rate, sampling_rate,
};

use crate::bluray::TableError;
use crate::fs::FsError;
use navigation::{How, Under};

/// The titles of a disc.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DiscTitles {
    /// What the disc calls itself, in English where it can; whoever prints it makes it safe.
    pub name: Option<String>,
    /// What it calls its titles, by the numbers of its index, in the same language.
    pub title_names: BTreeMap<u16, String>,
    /// Whether it is an Ultra HD Blu-ray.
    pub is_ultra_hd: bool,
    /// The titles, by their numbers.
    pub titles: Vec<model::Title>,
    /// What the disc's own programs play.
    pub navigation: navigation::Navigation,
    /// What is odd about the disc, a sentence each: titles are missing, or are known from the disc's backup tables.
    pub problems: Vec<String>,
    /// Titles that the disc names, none of whose tables can be read, a sentence each. They are among the problems.
    pub unread: Vec<String>,
    /// What else a person should know of its titles, a sentence each.
    pub remarks: Vec<String>,
}

impl DiscTitles {
    /// What the disc calls a title: the name of the number under which it plays.
    #[must_use]
    pub fn name_of(&self, title: &model::Title) -> Option<&str> {
        let ways = self.navigation.played_by(&title.id).iter().filter(|way| way.how != How::Unknown);
        let mut numbers = ways.filter_map(|way| match way.under {
            Under::Title(number) => Some(number),
            Under::FirstPlay | Under::Menu => None,
        });
        numbers.find_map(|number| self.title_names.get(&number)).map(String::as_str)
    }
}

/// Why a disc has no titles that could be read.
#[derive(Debug, Error)]
pub enum TitleError {
    /// A file cannot be read.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// Why not.
        source: FsError,
    },
    /// A file was read and is damaged.
    #[error("{path}: {source}")]
    Table {
        /// The file.
        path: String,
        /// What is wrong with it.
        source: TableError,
    },
    /// An information file of a DVD was read and is damaged.
    #[error("{path}: {source}")]
    DvdTable {
        /// The file.
        path: String,
        /// What is wrong with it.
        source: crate::dvd::TableError,
    },
    /// A title was read and is too large to be kept.
    #[error("PLAYLIST/{playlist} is left out: {why}")]
    LeftOut {
        /// The name of its playlist.
        playlist: String,
        /// Which bound it breaks.
        why: String,
    },
    /// The file system holds no Blu-ray.
    #[error("no BDMV/PLAYLIST: this is no Blu-ray")]
    NoBluRay,
    /// The file system holds neither.
    #[error("neither BDMV/PLAYLIST nor VIDEO_TS/VIDEO_TS.IFO: this is no Blu-ray and no DVD-Video")]
    NoDisc,
    /// The file system holds no DVD-Video.
    #[error("no VIDEO_TS/VIDEO_TS.IFO: this is no DVD-Video")]
    NoDvd,
    /// A file is no transport stream.
    #[error("{path} is {what}")]
    NoStream {
        /// The file.
        path: String,
        /// What it is.
        what: &'static str,
    },
    /// A DVD names titles, and not one of them can be read.
    #[error("none of the {count} titles can be read; the first: {first}")]
    NoDvdTitle {
        /// How many there are.
        count: usize,
        /// Why the first cannot.
        first: Box<TitleError>,
    },
    /// There are playlists, and not one of them can be read.
    #[error("none of the {count} playlists can be read; the first: {first}")]
    NoTitle {
        /// How many there are.
        count: usize,
        /// Why the first cannot.
        first: Box<TitleError>,
    },
}
