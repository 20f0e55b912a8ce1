//! Why a title cannot be muxed.

use std::path::PathBuf;

use thiserror::Error;

use crate::fs::FsError;
use crate::image::ImageError;
use crate::matroska;

/// Why a title cannot be muxed.
#[derive(Debug, Error)]
pub enum MuxError {
    /// The source fails, and not by damage.
    #[error("cannot read the film: {0}")]
    Read(#[from] FsError),
    /// The streams are encrypted.
    #[error("{path} is encrypted: {evidence}")]
    Scrambled {
        /// The stream file.
        path: String,
        /// What shows it.
        evidence: String,
    },
    /// Nothing that could be put into a file.
    #[error("no stream of {path} can be muxed{}", reasons(left_out))]
    NoTracks {
        /// The first stream file.
        path: String,
        /// The streams that are there, and why not.
        left_out: Vec<String>,
    },
    /// The picture of a title cannot be muxed.
    #[error("the picture of title {title} cannot be muxed{}", reasons(left_out))]
    NoPicture {
        /// The title.
        title: String,
        /// The tracks that cannot, and why.
        left_out: Vec<String>,
    },
    /// The streams are there, and where the title plays nothing of them is.
    #[error("title {title} has nothing to be written: no track of it has anything where the title plays")]
    Nothing {
        /// The title.
        title: String,
    },
    /// Titles that could have been meant are not known: their tables cannot be read.
    #[error("titles are missing: {}", why.join("; "))]
    Unread {
        /// Which, and why, a sentence each.
        why: Vec<String>,
    },
    /// The output is there already.
    #[error("{} exists already", crate::base::human::printable(&path.to_string_lossy()))]
    Exists {
        /// The output.
        path: PathBuf,
    },
    /// The output can be no film: a film has its index in front, so its bytes do not come in order.
    #[error("{} cannot be the film: it is {what}", crate::base::human::printable(&path.to_string_lossy()))]
    NotAFile {
        /// The output.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// Something that is not ours has the name of the unfinished file.
    #[error("{} is in the way, and it is not freemkv's to write over", crate::base::human::printable(&path.to_string_lossy()))]
    InTheWay {
        /// The name.
        path: PathBuf,
    },
    /// The film has its name, but it is not certain that the name lasts.
    #[error(
        "{} is there and whole, but its folder cannot be synced ({source}): a power cut now could lose its name",
        crate::base::human::printable(&path.to_string_lossy())
    )]
    Unsynced {
        /// The film.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A thread cannot be started.
    #[error("the system allows this program no further thread: {0}")]
    Threads(std::io::Error),
    /// The output cannot be written.
    #[error(transparent)]
    Output(#[from] ImageError),
    /// The output cannot be created, or be given its name.
    #[error("cannot {operation} {}: {source}", crate::base::human::printable(&path.to_string_lossy()))]
    Place {
        /// What was tried.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file cannot be built.
    #[error("cannot build the file: {0}")]
    Matroska(#[from] matroska::Error),
    /// It was asked to stop.
    #[error("stopped")]
    Stopped,
    /// The thread that writes ended early; it says itself why.
    #[error("the film is written no further")]
    WriterLeft,
    /// A thread ended without a result.
    #[error("a mistake in freemkv: the thread that {0} panicked")]
    Panicked(&'static str),
    /// Something that cannot be, was.
    #[error("a mistake in freemkv: {0}")]
    Mistake(&'static str),
}

fn reasons(left_out: &[String]) -> String {
    if left_out.is_empty() { String::new() } else { format!(": {}", left_out.join("; ")) }
}
