//! What can go wrong around reading a disc into an image; damage of the disc is not among it.

use std::path::PathBuf;

use thiserror::Error;

use crate::base::human;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::image::ImageError;
use crate::mapfile::error::MapError;

/// Why a sweep or a patch did not begin, or had to end.
#[derive(Debug, Error)]
pub enum Error {
    /// An image lies there that no map describes.
    #[error("{} is there already and has no map", .image.display())]
    Overwrite {
        /// The image.
        image: PathBuf,
    },
    /// The map claims rescued data and the image is gone or empty.
    #[error("{} says that data was rescued, but {} is missing or empty", .map.display(), .image.display())]
    NoImage {
        /// The image.
        image: PathBuf,
        /// Its map.
        map: PathBuf,
    },
    /// A thread cannot be started.
    #[error("the system allows this program no further thread: {0}")]
    Threads(std::io::Error),
    /// `patch` without a map.
    #[error("there is no map {}, so nothing is known to be missing", .map.display())]
    NothingToPatch {
        /// Where the map was looked for.
        map: PathBuf,
    },
    /// `--restart` would write over an older `.old`.
    #[error("{} is in the way of --restart", .path.display())]
    OldInTheWay {
        /// The file.
        path: PathBuf,
    },
    /// Not the disc that the image was begun with.
    #[error("this is not the disc of {}: {reason}", .image.display())]
    WrongDisc {
        /// The image.
        image: PathBuf,
        /// What differs.
        reason: String,
    },
    /// Nothing of what the image holds could be read again, so nobody knows.
    #[error("cannot tell whether this is the disc of {}: none of its rescued sectors can be read now", .image.display())]
    UnknownDisc {
        /// The image.
        image: PathBuf,
    },
    /// The source failed while the disc was compared with the image, and not for damage.
    #[error("{source_name} failed at {range}: {fault:?}")]
    Source {
        /// What was read.
        source_name: String,
        /// Why it failed.
        fault: Fault,
        /// The read that met it.
        range: SectorRange,
        /// The drive's whole answer.
        outcome: Box<Outcome>,
    },
    /// Somebody asked to stop before the first read.
    #[error("stopped before anything was read; nothing was changed")]
    Stopped,
    /// The image is shorter than its map says.
    #[error("{} holds {}, but its map calls data further out rescued", .image.display(), human::bytes(*.length))]
    ShortImage {
        /// The image.
        image: PathBuf,
        /// Its length in bytes.
        length: u64,
    },
    /// The file system is too full.
    #[error("{} still to be written, {} free for {}", human::bytes(*.needed), human::bytes(*.free), .path.display())]
    NoSpace {
        /// The image.
        path: PathBuf,
        /// Bytes still to be written.
        needed: u64,
        /// Bytes free.
        free: u64,
    },
    /// The file system cannot hold a file of that size.
    #[error("the disc holds {}, but a file here can be {} at most", human::bytes(*.size), human::bytes(*.limit))]
    FileTooLarge {
        /// The disc.
        size: u64,
        /// The file system's limit.
        limit: u64,
    },
    /// The hash of the image could not be made or saved; the image itself is complete.
    #[error("the image is complete, but its hash is not: {}: {cause}", .path.display())]
    Hash {
        /// The image, or the file for its hash.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The map came to more ranges than are kept.
    #[error(
        "the map has more than {} ranges, which would take too much memory; what was read is saved",
        crate::mapfile::text::MAX_RANGES
    )]
    Crowded,
    /// An option does not fit this disc.
    #[error("{0}")]
    Usage(String),
    /// The image could not be written or read.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The map could not be read or saved.
    #[error(transparent)]
    Map(#[from] MapError),
}
