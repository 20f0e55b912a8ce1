//! What goes wrong with maps and the images beside them.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::base::human::{bytes, printable};
use crate::image::ImageError;
use crate::image::container::ContainerError;
use crate::mapfile::error::MapError;
use crate::mapfile::text::MAX_BLOCKS;
use crate::source::file::FileError;

use super::super::source_name::NameError;

/// Why a command about maps does not do what it was asked for.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A map that was named is not there.
    #[error("there is no map {}", shown(.0))]
    NoMap(PathBuf),
    /// A map cannot be read or kept.
    #[error(transparent)]
    Map(#[from] MapError),
    /// The result would be a map that nobody reads.
    #[error("the result would have {ranges} ranges, and a map has at most {MAX_BLOCKS}")]
    TooMany {
        /// Ranges of the result.
        ranges: u64,
    },
    /// A file is there already.
    #[error("{} is there already", shown(.0))]
    Exists(PathBuf),
    /// A name where no file can be made.
    #[error("{} is {what}, and no file can be written in its place", shown(.path))]
    NotAFile {
        /// The name.
        path: PathBuf,
        /// What lies there.
        what: &'static str,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {cause}", shown(.path))]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// An image cannot be read.
    #[error("cannot read {}: {cause}", shown(.path))]
    Read {
        /// The image.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The name of an image cannot be understood.
    #[error(transparent)]
    Name(#[from] NameError),
    /// An image cannot be opened.
    #[error(transparent)]
    Open(#[from] FileError),
    /// An image in a container cannot be opened.
    #[error(transparent)]
    Container(#[from] ContainerError),
    /// A map without its image.
    #[error("there is no image beside the map {}", shown(.0))]
    NoImage(PathBuf),
    /// An image that is no file.
    #[error("{} is {what}, and no image file", shown(.path))]
    NotAnImage {
        /// The name.
        path: PathBuf,
        /// What lies there.
        what: &'static str,
    },
    /// An image that ends before a range that its map calls rescued.
    #[error("{} ends before sector {sector}, which its map calls rescued", shown(.path))]
    ShortImage {
        /// The image.
        path: PathBuf,
        /// The first sector that is not there.
        sector: u64,
    },
    /// Two images have the same sector, and it is not the same.
    #[error("sector {sector} is not the same in {} and {}, and both maps call it rescued", shown(.one), shown(.other))]
    Differ {
        /// An image.
        one: PathBuf,
        /// Another one.
        other: PathBuf,
        /// The first sector that differs.
        sector: u64,
    },
    /// No sector that two images have tells anything of their discs.
    #[error("nothing shows that {} is of the same disc as the images before it: no sector with data is in both", shown(.0))]
    NothingInCommon(PathBuf),
    /// Too little room.
    #[error("{} needs {}, and {} are free", shown(.path), bytes(*.needed), bytes(*.free))]
    NoSpace {
        /// The new image.
        path: PathBuf,
        /// Bytes that it takes.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// The new image cannot be written.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// A signal came.
    #[error("stopped by a signal; the unfinished image is removed")]
    Stopped,
}

fn shown(path: &std::path::Path) -> String {
    printable(&path.to_string_lossy())
}
