//! What lies where an image is to be, and whether there is room for one.

use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::time::Duration;

use super::error::{ImageError, Operation};
use super::writeback::sink::kind_of;
use super::writeback::strategy::OutputKind;
use crate::os::{allocate, names};
use crate::pipeline::bounded;

/// What lies where an image is to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Here {
    /// Nothing.
    Nothing,
    /// A regular file of this length in bytes.
    File {
        /// Length, bytes.
        length: u64,
    },
    /// A block device.
    BlockDevice,
    /// A pipe, a character device, or an open descriptor such as `/dev/stdout`: it takes bytes in order and gives
    /// none back.
    Stream,
}

/// Looks what lies at `path`, or behind the link there.
///
/// # Errors
/// [`ImageError::NotAnImage`] for folders and sockets, [`ImageError::Io`] when the system does not tell.
pub fn what_lies_at(path: &Path) -> Result<Here, ImageError> {
    if names::own_descriptor(path).is_some() {
        // It may share a file with others: bytes go behind theirs, in order.
        return Ok(Here::Stream);
    }
    let metadata = match std::fs::metadata(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Here::Nothing),
        result => result.map_err(|e| ImageError::io(Operation::Inspect, path, e))?,
    };
    let kind = metadata.file_type();
    let not_an_image = |what| Err(ImageError::NotAnImage { path: path.to_owned(), what });
    match kind_of(&kind) {
        OutputKind::File => Ok(Here::File { length: metadata.len() }),
        OutputKind::BlockDevice => Ok(Here::BlockDevice),
        OutputKind::Stream if kind.is_dir() => not_an_image("a folder"),
        OutputKind::Stream if kind.is_socket() => not_an_image("a socket"),
        OutputKind::Stream => Ok(Here::Stream),
    }
}

/// Room for an image, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FreeSpace {
    /// What an unprivileged user can still write there.
    pub free: u64,
    /// What is still to be written.
    pub wanted: u64,
    /// What the file that lies there takes already.
    pub taken: u64,
    /// The largest file that the file system takes, when that is little (FAT: 4 GiB less one byte).
    pub largest_file: Option<u64>,
}

impl FreeSpace {
    /// Whether there is room for what is to be written.
    #[must_use]
    pub fn is_enough(&self) -> bool {
        self.wanted <= self.free
    }

    /// Whether a file of `size` bytes can be.
    #[must_use]
    pub fn takes_file_of(&self, size: u64) -> bool {
        self.largest_file.is_none_or(|largest| size <= largest)
    }
}

/// Compares the free space where `path` lies or would lie with what is `still_to_be_written`, bytes. A file
/// system that is full in the middle of a rip costs hours. `None`: what lies there is no regular file.
///
/// # Errors
/// [`ImageError::Io`] when there is no such folder; [`ImageError::NoAnswer`] when the file system hangs.
pub fn free_space_check(path: &Path, still_to_be_written: u64) -> Result<Option<FreeSpace>, ImageError> {
    const LIMIT: Duration = Duration::from_secs(30);
    let own = path.to_owned();
    let ask = move || -> Result<Option<FreeSpace>, ImageError> {
        if !matches!(what_lies_at(&own)?, Here::Nothing | Here::File { .. }) {
            return Ok(None);
        }
        let failed = |e| ImageError::io(Operation::Inspect, &own, e);
        // A file system that does not tell is written until it is full.
        let free = allocate::free_space(&own).map_err(failed)?.unwrap_or(u64::MAX);
        let largest_file = allocate::largest_file(&own).map_err(failed)?;
        let taken = allocate::taken(&own).unwrap_or(0);
        Ok(Some(FreeSpace { free, wanted: still_to_be_written, taken, largest_file }))
    };
    bounded::call("free-space", LIMIT, ask).map_err(|error| match error {
        bounded::CallError::Timeout { limit, .. } => ImageError::NoAnswer { path: path.to_owned(), limit },
        other => ImageError::io(Operation::Inspect, path, io::Error::other(other)),
    })?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_space_comes_with_both_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("disc.iso");
        let space = free_space_check(&path, 1).unwrap().unwrap();
        assert!(space.is_enough() && space.takes_file_of(u64::MAX));
        let space = free_space_check(&path, u64::MAX).unwrap().unwrap();
        assert!(!space.is_enough() && space.free > 0 && space.wanted == u64::MAX);
        assert_eq!(free_space_check(Path::new("/dev/null"), 1).unwrap(), None);
        assert!(free_space_check(&folder.path().join("no/disc.iso"), 1).is_err());
        let fat = FreeSpace { free: 0, wanted: 0, taken: 0, largest_file: Some(u64::from(u32::MAX)) };
        assert!(!fat.takes_file_of(1 << 32));
    }
}
