//! What can be wrong with a map, and with keeping one.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a map cannot be read or kept.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MapError {
    /// The first line that is no comment is no status line.
    #[error("line {line}: a status line (position, status, pass) is missing or wrong")]
    StatusLine {
        /// Line of the text, from 1.
        line: u64,
    },
    /// A line that is no block.
    #[error("line {line}: this is no block (position, size and one of ? * / - +)")]
    Block {
        /// Line of the text, from 1.
        line: u64,
    },
    /// A block that leaves a gap behind the one before it, or overlaps it.
    #[error("line {line}: the block begins at {found:#X}, but the one before it ends at {expected:#X}")]
    NotContiguous {
        /// Line of the text, from 1.
        line: u64,
        /// Byte where the block before ends.
        expected: u64,
        /// Byte where this one begins.
        found: u64,
    },
    /// A number above 2^63 - 1.
    #[error("line {line}: a number is larger than 9223372036854775807")]
    TooLarge {
        /// Line of the text, from 1.
        line: u64,
    },
    /// Blocks that the input has no room for.
    #[error("line {line}: the map goes on behind the end of the input, which has {input_size} bytes")]
    PastEnd {
        /// Line of the text, from 1: the last block.
        line: u64,
        /// Size of the input in bytes.
        input_size: u64,
    },
    /// More blocks than this program keeps.
    #[error("line {line}: the map has more than {most} blocks")]
    TooMany {
        /// Line of the text, from 1.
        line: u64,
        /// [`crate::mapfile::text::MAX_BLOCKS`].
        most: usize,
    },
    /// A map file with a wrong content.
    #[error("{}: {error}", .path.display())]
    Bad {
        /// The map.
        path: PathBuf,
        /// What is wrong in it, with the line.
        #[source]
        error: Box<Self>,
    },
    /// The file is far larger than any map.
    #[error("{}: larger than {most} bytes, this is no map", .path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// [`crate::mapfile::store::MAX_FILE`].
        most: u64,
    },
    /// The file system does not hand the map out.
    #[error("cannot read the map {}: {error}", .path.display())]
    Read {
        /// The map.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// The map could not be stored.
    #[error(
        "cannot save the map {}: {error}; what was read since it was last saved is in the image, but not in the map",
        .path.display()
    )]
    Save {
        /// The map.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// The state sidecar could not be stored.
    #[error("cannot save {}: {error}; the map is not concerned, only attempts and timings are lost", .path.display())]
    SaveState {
        /// The sidecar.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// A file is in the way of the one that shall be moved there.
    #[error("cannot move {} aside: {} is there already", .path.display(), .aside.display())]
    AsideTaken {
        /// The file to be moved.
        path: PathBuf,
        /// The name it shall get.
        aside: PathBuf,
    },
    /// The file system refuses to rename.
    #[error("cannot move {} to {}: {error}", .path.display(), .aside.display())]
    Aside {
        /// The file to be moved.
        path: PathBuf,
        /// The name it shall get.
        aside: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// A map must be a regular file: it is replaced at each save.
    #[error("the map cannot be {}: it is {what}", crate::base::human::printable(&.path.to_string_lossy()))]
    NotAFile {
        /// The name.
        path: PathBuf,
        /// What lies there.
        what: &'static str,
    },
    /// At a name that is derived from the map's lies something that is not this program's.
    #[error(
        "{} is in the way: {what}, and it is not freemkv's to write over",
        crate::base::human::printable(&.path.to_string_lossy())
    )]
    NotOurs {
        /// The name.
        path: PathBuf,
        /// What lies there.
        what: &'static str,
    },
    /// Another run works with this map.
    #[error("the map {} is in use by another run", crate::base::human::printable(&.path.to_string_lossy()))]
    InUse {
        /// The map.
        path: PathBuf,
    },
    /// The map cannot be locked against other runs.
    #[error("cannot lock the map {}: {error}", crate::base::human::printable(&.path.to_string_lossy()))]
    Lock {
        /// The map.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
}
