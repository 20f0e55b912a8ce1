//! What of an image file has room on the disk, asked for in ascending order.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::error::Error;
use crate::os::names::{self, Kind};
use crate::os::{block, io as os_io, sparse};

/// Bytes of one read.
pub(super) const CHUNK: usize = 1 << 20;

/// An image file that is read here and there, without leaving it in the cache.
pub(super) struct ImageFile {
    path: PathBuf,
    file: File,
    length: u64,
    /// A position that was asked about, and the first stretch with room at or behind it.
    known: Option<(u64, Option<Range<u64>>)>,
}

impl ImageFile {
    /// Opens a regular file.
    ///
    /// # Errors
    /// [`Error::NotAnImage`] or [`Error::Read`].
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let failed = |cause| Error::Read { path: path.to_owned(), cause };
        // The kind first: opening a pipe would wait for its writer.
        match names::kind_behind(path).map_err(failed)? {
            Some(kind) if kind != Kind::File => Err(Error::NotAnImage { path: path.to_owned(), what: kind.words() }),
            _ => {
                let file = File::open(path).map_err(failed)?;
                let length = file.metadata().map_err(failed)?.len();
                Ok(Self { path: path.to_owned(), file, length, known: None })
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// The first stretch with room in `range`; `None` where it is all hole, or behind the end.
    ///
    /// # Errors
    /// [`Error::Read`].
    pub(super) fn data_in(&mut self, range: Range<u64>) -> Result<Option<Range<u64>>, Error> {
        let is_for = |asked: u64, data: &Option<Range<u64>>| {
            asked <= range.start && data.as_ref().is_none_or(|data| range.start < data.end)
        };
        let data = match &self.known {
            Some((asked, data)) if is_for(*asked, data) => data.clone(),
            _ => {
                let data = sparse::next_data(&self.file, range.start).map_err(|cause| self.failed(cause))?;
                self.known = Some((range.start, data.clone()));
                data
            }
        };
        let cut = data.map(|data| data.start.max(range.start)..data.end.min(range.end));
        Ok(cut.filter(|data| data.start < data.end))
    }

    /// Fills `buffer` from byte `pos`.
    ///
    /// # Errors
    /// [`Error::ShortImage`] or [`Error::Read`].
    pub(super) fn read_at(&self, pos: u64, buffer: &mut [u8]) -> Result<(), Error> {
        os_io::pread_exact(&self.file, buffer, pos).map_err(|cause| match cause.kind() {
            io::ErrorKind::UnexpectedEof => {
                let sector = self.length / crate::base::sector::SECTOR_BYTES;
                Error::ShortImage { path: self.path.clone(), sector }
            }
            _ => self.failed(cause),
        })
    }

    /// Lets the kernel forget what was read up to byte `end`.
    pub(super) fn forget(&self, start: u64, end: u64) {
        block::forget_pages(&self.file, start, end.saturating_sub(start));
    }

    fn failed(&self, cause: io::Error) -> Error {
        Error::Read { path: self.path.clone(), cause }
    }
}

/// Whether every byte is zero; looks at many at a time.
pub(super) fn is_zero(bytes: &[u8]) -> bool {
    bytes.chunks(4096).all(|chunk| chunk.iter().fold(0, |any, byte| any | byte) == 0)
}
