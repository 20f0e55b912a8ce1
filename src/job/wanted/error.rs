//! Why what was chosen of a disc cannot be found on it.

use thiserror::Error;

use crate::base::human::printable;
use crate::fs::FsError;
use crate::job::titles::NoSuchTitle;
use crate::title::TitleError;

/// Why what was chosen of a disc cannot be found on it.
#[derive(Debug, Error)]
pub enum WantedError {
    /// Its file system cannot be read.
    #[error("where {what} lies cannot be told: {cause}")]
    Files {
        /// What was chosen.
        what: String,
        /// Why.
        cause: FsError,
    },
    /// Its titles cannot be read.
    #[error("where {what} lies cannot be told: {cause}")]
    Titles {
        /// What was chosen.
        what: String,
        /// Why.
        cause: TitleError,
    },
    /// There is no such file.
    #[error("there is no file {} on this disc{}", printable(path), near(nearest))]
    NoFile {
        /// What was named.
        path: String,
        /// Paths that are there and look most like it.
        nearest: Vec<String>,
    },
    /// There is no such title.
    #[error(transparent)]
    NoTitle(#[from] NoSuchTitle),
    /// The disc has no titles.
    #[error("this disc has no titles, so none can be chosen")]
    NoTitles,
    /// It has no sectors of its own.
    #[error("{} has no sectors of its own", printable(path))]
    Nothing {
        /// What was named.
        path: String,
    },
    /// It has too many files.
    #[error("{} holds more files and pieces than are looked at", printable(path))]
    TooMany {
        /// What was named.
        path: String,
    },
    /// Somebody wants to stop.
    #[error("stopped before anything was read; nothing was changed")]
    Stopped,
}

fn near(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!("; there is {}", printable(&names.join(", "))) }
}
