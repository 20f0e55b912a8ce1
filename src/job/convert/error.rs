//! Why an image was not converted.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::base::human::{self, printable};
use crate::image::ImageError;
use crate::mapfile::error::MapError;

use super::super::open::OpenError;

/// Why an image was not converted.
#[derive(Debug, Error)]
pub enum ConvertError {
    /// The source cannot be opened, or its map cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The source is a drive.
    #[error("a disc in a drive is no image")]
    Drive,
    /// Something lies there.
    #[error("{} exists already", printable(&.0.to_string_lossy()))]
    Exists(PathBuf),
    /// An unfinished image lies there.
    #[error("{} lies there: a conversion is at work, or was killed", printable(&.0.to_string_lossy()))]
    Unfinished(PathBuf),
    /// The output would be no file.
    #[error("{} is no regular file", printable(&.0.to_string_lossy()))]
    NoFile(PathBuf),
    /// A map lies beside the new image, and the source has none.
    #[error("{} would lie beside the new image and is the map of another", printable(&.0.to_string_lossy()))]
    OtherMap(PathBuf),
    /// The file system has too little room.
    #[error(
        "{} needs {}, and {} are free there",
        printable(&path.to_string_lossy()), human::bytes(*needed), human::bytes(*free)
    )]
    NoSpace {
        /// The image.
        path: PathBuf,
        /// Bytes of data.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// The file system takes no file of that size.
    #[error(
        "the image has {}, and this file system takes files of up to {}",
        human::bytes(*size), human::bytes(*limit)
    )]
    FileTooLarge {
        /// Bytes of the image.
        size: u64,
        /// What it takes.
        limit: u64,
    },
    /// An image cannot be read.
    #[error("{} cannot be read at byte {offset}: {cause}", printable(&path.to_string_lossy()))]
    Read {
        /// The image.
        path: PathBuf,
        /// Where in its content.
        offset: u64,
        /// Why.
        cause: io::Error,
    },
    /// What was written is not what can be read.
    #[error("{} does not hold at byte {offset} what was written there", printable(&path.to_string_lossy()))]
    Differs {
        /// The image.
        path: PathBuf,
        /// Where the difference lies, to 1 MiB.
        offset: u64,
    },
    /// The image cannot be written.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// A map cannot be read or saved.
    #[error(transparent)]
    Map(#[from] MapError),
    /// Somebody wanted to stop.
    #[error("stopped")]
    Stopped,
}
