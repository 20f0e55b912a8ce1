//! A raw image: sector n of the disc lies at byte n * 2048.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::ImageError;
use super::prealloc::{Prealloc, preallocate};
use super::strategy::{OutputKind, WriteStrategy};
use super::writeback_file::{MarkId, WritebackFile};

/// An open raw image of a disc of known size. Nothing is read or written outside that size.
pub struct RawImage {
    file: WritebackFile,
    path: PathBuf,
    size: u64,
}

impl RawImage {
    /// Takes an open file over as the image of a disc of `size_bytes`.
    ///
    /// # Errors
    /// [`ImageError::TooSmall`] for a device that the disc does not fit on.
    pub fn new(file: WritebackFile, path: &Path, size_bytes: u64) -> Result<Self, ImageError> {
        if file.kind() == OutputKind::BlockDevice {
            let have = file.length()?;
            if have < size_bytes {
                return Err(ImageError::TooSmall { path: path.to_owned(), have, need: size_bytes });
            }
        }
        Ok(Self { file, path: path.to_owned(), size: size_bytes })
    }

    /// Size of the disc, bytes: what the image will have in the end.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Present length, bytes.
    ///
    /// # Errors
    /// [`ImageError::Io`].
    pub fn length(&self) -> Result<u64, ImageError> {
        self.file.length()
    }

    /// See [`WritebackFile::write_at`].
    ///
    /// # Errors
    /// [`ImageError::Outside`], or as there.
    pub fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), ImageError> {
        self.check_inside(offset, bytes.len())?;
        self.file.write_at(offset, bytes)
    }

    /// Fills `buffer` from the image as it is now, durable or not.
    ///
    /// # Errors
    /// [`ImageError::Outside`] also when the image does not reach so far yet, or as [`WritebackFile::read_at`].
    pub fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), ImageError> {
        self.check_inside(offset, buffer.len())?;
        match self.file.read_at(offset, buffer) {
            Err(error) if error.cause().is_some_and(|c| c.kind() == std::io::ErrorKind::UnexpectedEof) => {
                Err(self.outside(self.length()?, offset, buffer.len()))
            }
            result => result,
        }
    }

    /// Empties a regular file; a device or a stream stays as it is.
    ///
    /// # Errors
    /// An error that is final.
    pub fn clear(&mut self) -> Result<(), ImageError> {
        match self.file.kind() {
            OutputKind::File => self.file.set_length(0),
            OutputKind::BlockDevice | OutputKind::Stream => Ok(()),
        }
    }

    /// Prepares the image for all that will be written. What is there stays. Says what was done: a file system
    /// that reserves no room gives the length only. Ends early when `stop` says so.
    ///
    /// # Errors
    /// [`ImageError::Unsupported`] for a stream, or an error that is final.
    pub fn preallocate(&mut self, how: Prealloc, stop: &dyn Fn() -> bool) -> Result<Prealloc, ImageError> {
        preallocate(&mut self.file, self.size, how, stop)
    }

    /// Makes a range zero, see [`WritebackFile::zero`].
    ///
    /// # Errors
    /// [`ImageError::Outside`], or as there.
    pub fn zero(&mut self, offset: u64, len: u64) -> Result<(), ImageError> {
        self.check_inside(offset, usize::try_from(len).unwrap_or(usize::MAX))?;
        self.file.zero(offset, len)
    }

    /// Gives the image its final length, which becomes its size: a regular file is extended with a hole, or
    /// cut; a device stays as it is; a stream must have been written to the end.
    /// It is durable after the next mark or [`RawImage::sync_all`].
    ///
    /// # Errors
    /// [`ImageError::TooSmall`] for a device; [`ImageError::Outside`] for an unfinished stream; or an error
    /// that is final.
    pub fn finish(&mut self, size_bytes: u64) -> Result<(), ImageError> {
        let have = self.file.length()?;
        match self.file.kind() {
            OutputKind::File if have != size_bytes => self.file.set_length(size_bytes)?,
            OutputKind::BlockDevice if have < size_bytes => {
                return Err(ImageError::TooSmall { path: self.path.clone(), have, need: size_bytes });
            }
            OutputKind::Stream if have != size_bytes => return Err(self.outside(have, size_bytes, 0)),
            _ => {}
        }
        self.size = size_bytes;
        Ok(())
    }

    /// See [`WritebackFile::mark`].
    ///
    /// # Errors
    /// As there.
    pub fn mark(&mut self) -> Result<MarkId, ImageError> {
        self.file.mark()
    }

    /// See [`WritebackFile::poll_mark`].
    #[must_use]
    pub fn poll_mark(&mut self) -> Option<Result<MarkId, ImageError>> {
        self.file.poll_mark()
    }

    /// See [`WritebackFile::wait_mark`].
    #[must_use]
    pub fn wait_mark(&mut self, limit: Duration) -> Option<Result<MarkId, ImageError>> {
        self.file.wait_mark(limit)
    }

    /// See [`WritebackFile::mark_under_way`].
    #[must_use]
    pub fn mark_under_way(&self) -> bool {
        self.file.mark_under_way()
    }

    /// See [`WritebackFile::sync_all`].
    ///
    /// # Errors
    /// As there.
    pub fn sync_all(&mut self) -> Result<(), ImageError> {
        self.file.sync_all()
    }

    /// How it is written.
    #[must_use]
    pub fn strategy(&self) -> WriteStrategy {
        self.file.strategy()
    }

    /// What it lies on.
    #[must_use]
    pub fn kind(&self) -> OutputKind {
        self.file.kind()
    }

    /// See [`WritebackFile::degraded`].
    #[must_use]
    pub fn degraded(&self) -> bool {
        self.file.degraded()
    }

    /// See [`WritebackFile::was_degraded`].
    #[must_use]
    pub fn was_degraded(&self) -> bool {
        self.file.was_degraded()
    }

    fn check_inside(&self, offset: u64, len: usize) -> Result<(), ImageError> {
        match offset.checked_add(len as u64) {
            Some(end) if end <= self.size => Ok(()),
            _ => Err(self.outside(self.size, offset, len)),
        }
    }

    fn outside(&self, size: u64, offset: u64, len: usize) -> ImageError {
        ImageError::Outside { path: self.path.clone(), size, offset, len: len as u64 }
    }
}
