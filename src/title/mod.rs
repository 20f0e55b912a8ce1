//! Level 5: titles of a disc, with their tracks, chapters and clocks, and which of them is the film.

mod alike;
pub mod bluray;
pub mod clock;
pub mod coding;
pub mod damage;
pub mod kind;
pub mod language;
pub mod loose;
pub mod model;
pub mod navigation;
mod played;
pub mod select;
pub mod streams;
pub mod survey;

use thiserror::Error;

pub use crate::bluray::mpls::StaticHdr;
pub use crate::bluray::stream_info::{
    Attributes, AudioFormat, Coding, DynamicRange, HevcRange, Kind, Language, VideoFormat, frame_rate, sampling_rate,
};

use crate::bluray::TableError;
use crate::fs::FsError;

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
    /// A file is no transport stream.
    #[error("{path} is {what}")]
    NoStream {
        /// The file.
        path: String,
        /// What it is.
        what: &'static str,
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
