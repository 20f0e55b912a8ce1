//! How a comparison ends, and why it does not begin.

use std::path::PathBuf;

use thiserror::Error;

use crate::base::human::printable;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::job::open::OpenError;
use crate::job::source_map::SourceMapError;

/// Why nothing was compared.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// The source cannot be opened.
    #[error(transparent)]
    Source(OpenError),
    /// The image cannot be opened.
    #[error(transparent)]
    Image(OpenError),
    /// The map of the image cannot be used.
    #[error(transparent)]
    Map(#[from] SourceMapError),
    /// The map that was named is not there.
    #[error("there is no map {}", printable(&.0.display().to_string()))]
    NoMap(PathBuf),
    /// The image is named where the source belongs.
    #[error("{} is a drive, and stands where the image belongs", printable(&.0.display().to_string()))]
    ImageIsDrive(PathBuf),
    /// A folder has no sectors.
    #[error("{} is a folder, which has no sectors to compare", printable(&.0.display().to_string()))]
    Folder(PathBuf),
    /// A map speaks of the bytes of a file, which in an image of raw sectors lie elsewhere.
    #[error("{} holds raw sectors, of which no map tells", printable(&.0.display().to_string()))]
    MapOfRaw(PathBuf),
}

/// How a comparison ended.
#[derive(Clone, PartialEq, Debug)]
pub enum End {
    /// All was compared that can be.
    Done,
    /// Somebody asked to stop.
    Stopped,
    /// The source said something that is about itself, or about the disc as a whole.
    Fault {
        /// What.
        fault: Fault,
        /// The read that met it.
        range: SectorRange,
        /// The whole answer.
        outcome: Outcome,
    },
    /// The image cannot be read, and not for a bad place.
    Image {
        /// Why.
        fault: Fault,
        /// The read that met it.
        range: SectorRange,
        /// The whole answer.
        outcome: Outcome,
    },
}
