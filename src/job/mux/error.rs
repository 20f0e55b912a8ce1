//! Why there will be no films.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::base::human::{bytes, printable};
use crate::job::files::Clash;
use crate::job::titles::NoSuchTitle;
use crate::mux::MuxError;
use crate::title::TitleError;

/// Why nothing was written.
#[derive(Debug, Error)]
pub enum Error {
    /// The tables of the disc tell of no titles that could be read.
    #[error("{cause}")]
    Tables {
        /// Why.
        cause: TitleError,
        /// Bytes of the disc that are missing.
        missing_bytes: u64,
    },
    /// The disc is of another kind.
    #[error("this is {0}, which cannot be muxed")]
    OtherDisc(&'static str),
    /// The stream file is no title.
    #[error(transparent)]
    Stream(TitleError),
    /// The disc has no titles.
    #[error("this disc has no titles")]
    NoTitles,
    /// A title that was named is not there.
    #[error(transparent)]
    NoSuchTitle(#[from] NoSuchTitle),
    /// What was chosen of the titles is in none of them.
    #[error("no title chosen has {what}; {there}")]
    NoSuchChoice {
        /// What was chosen.
        what: String,
        /// What there is.
        there: String,
    },
    /// A file holds one film.
    #[error("{0} titles cannot go into one file")]
    OneFile(usize),
    /// A film would go where something is read, or where another one goes.
    #[error(transparent)]
    Clash(#[from] Clash),
    /// The folder for the films cannot be made.
    #[error("cannot make {}: {cause}", printable(&.folder.display().to_string()))]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The file system is too full.
    #[error("about {} to be written, {} free for {}", bytes(*.needed), bytes(*.free), printable(&.path.display().to_string()))]
    NoSpace {
        /// The first film.
        path: PathBuf,
        /// Bytes of all films, at most.
        needed: u64,
        /// Bytes free.
        free: u64,
    },
    /// A title cannot be muxed.
    #[error(transparent)]
    Mux(#[from] MuxError),
}
