//! Opening an image, new or old, and the one handle on it.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::error::{ImageError, Operation};
use super::format::{Format, ImageFormat};
use super::here::{Here, what_lies_at};
#[cfg(feature = "qcow2")]
use super::qcow2::Qcow2Image;
use super::raw::Raw;
use super::writeback::file::{MarkId, WritebackFile};
use super::writeback::prealloc::Prealloc;
use super::writeback::strategy::{OutputKind, WriteChoice};
use crate::base::clock::Clock;
use crate::os::durable;
use crate::os::lock::{LockError, lock_exclusive};
use crate::os::names::{self, Identity};

/// An open image, locked against other runs. All offsets are bytes of the disc. Nothing is read or written outside the
/// disc's size.
pub struct ImageStore {
    file: WritebackFile,
    format: Box<dyn ImageFormat>,
    path: PathBuf,
    size: u64,
    /// The regular file that was made for it.
    made: Option<Identity>,
}

impl ImageStore {
    /// Creates the image of a disc of `size_bytes`. A device or pipe is taken as it is; a regular file must
    /// not be there yet, and is made where a link at `path` leads. The file has no length of its own until [`ImageStore::finish`].
    ///
    /// # Errors
    /// [`ImageError::Exists`], [`ImageError::InUse`], [`ImageError::TooSmall`], [`ImageError::Unsupported`]
    /// when `choice` does not fit, or [`ImageError::Io`].
    pub fn create(
        path: &Path,
        format: Format,
        size_bytes: u64,
        choice: WriteChoice,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ImageError> {
        match what_lies_at(path)? {
            Here::Nothing => {}
            Here::File { .. } => return Err(ImageError::Exists { path: path.to_owned() }),
            Here::BlockDevice | Here::Stream => return Self::open_existing(path, format, size_bytes, choice, clock),
        }
        let path = &names::resolve(path).map_err(|e| ImageError::io(Operation::Inspect, path, e))?;
        let file = names::create_new(path).map_err(|e| {
            if e.kind() == io::ErrorKind::AlreadyExists {
                return ImageError::Exists { path: path.to_owned() };
            }
            ImageError::io(Operation::Open, path, e)
        })?;
        let made = Identity::of(&file).map_err(|e| ImageError::io(Operation::Inspect, path, e))?;
        // Else a power cut may leave a map that speaks of an image without a name.
        let named = || durable::sync_folder(path).map_err(|e| ImageError::io(Operation::Sync, path, e));
        let taken = lock(&file, path).and_then(|()| named()).and_then(|()| {
            let file = WritebackFile::from_file(file, path, choice, clock)?;
            Self::over(file, format, path, size_bytes)
        });
        match taken {
            Ok(image) => Ok(Self { made: Some(made), ..image }),
            // Another run was quicker to lock it, and works with it.
            Err(error @ ImageError::InUse { .. }) => Err(error),
            Err(error) => {
                // It is ours and empty; left there it would be in the way of the next try.
                made.remove(path);
                Err(error)
            }
        }
    }

    /// Removes the name of an image that was created and is of no use.
    pub fn remove(self) {
        if let Some(made) = self.made {
            made.remove(&self.path);
        }
    }

    /// Opens what lies at `path` as the image of a disc of `size_bytes`. Nothing is cut off or changed.
    /// A block device is claimed exclusively; opening a named pipe waits for its reader.
    ///
    /// # Errors
    /// As [`ImageStore::create`]; [`ImageError::Io`] when nothing is there.
    pub fn open_existing(
        path: &Path,
        format: Format,
        size_bytes: u64,
        choice: WriteChoice,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ImageError> {
        let here = what_lies_at(path)?;
        if format != Format::Raw && matches!(here, Here::Stream | Here::BlockDevice) {
            // Before a pipe is waited for.
            let what = "hold an image in a container: only a regular file can";
            return Err(ImageError::Unsupported { path: path.to_owned(), what });
        }
        if here == Here::Stream {
            let file = match names::own_descriptor(path) {
                Some(descriptor) => names::duplicate(descriptor),
                None => OpenOptions::new().write(true).open(path),
            };
            let file = file.map_err(|e| ImageError::io(Operation::Open, path, e))?;
            return Self::over(WritebackFile::in_order(file, path, choice, clock)?, format, path, size_bytes);
        }
        let mut options = OpenOptions::new();
        options.write(true).read(true);
        if here == Here::BlockDevice {
            // On a block device this means: not when it is mounted or claimed by another.
            options.custom_flags(libc::O_EXCL);
        }
        let file = options.open(path).map_err(|e| match e.raw_os_error() {
            Some(libc::EBUSY) => ImageError::InUse { path: path.to_owned() },
            _ => ImageError::io(Operation::Open, path, e),
        })?;
        if let Here::File { .. } = here {
            lock(&file, path)?;
        }
        Self::over(WritebackFile::from_file(file, path, choice, clock)?, format, path, size_bytes)
    }

    /// Takes an open file over: the one place that knows all formats.
    pub(super) fn over(file: WritebackFile, format: Format, path: &Path, size: u64) -> Result<Self, ImageError> {
        let format: Box<dyn ImageFormat> = match format {
            Format::Raw => Box::new(Raw::open(&file, size)?),
            #[cfg(feature = "qcow2")]
            Format::Qcow2 => Box::new(Qcow2Image::open(&file, size)?),
            #[cfg(not(feature = "qcow2"))]
            Format::Qcow2 => return Err(file.unsupported("be a qcow2 image: this freemkv was built without")),
        };
        Ok(Self { file, format, path: path.to_owned(), size, made: None })
    }

    /// What it lies on.
    #[must_use]
    pub fn kind(&self) -> OutputKind {
        self.file.kind()
    }

    /// Bytes of the disc that it reaches to at present.
    ///
    /// # Errors
    /// [`ImageError::Io`].
    pub fn length(&self) -> Result<u64, ImageError> {
        self.format.length(&self.file)
    }

    /// Writes all of `bytes` at `offset`. A stream takes bytes in order only.
    ///
    /// # Errors
    /// [`ImageError::Outside`] and [`ImageError::OutOfOrder`] when it was not even tried; all others are final.
    pub fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), ImageError> {
        self.check_inside(offset, bytes.len() as u64)?;
        self.format.write_at(&mut self.file, offset, bytes)
    }

    /// Fills `buffer` from the image as it is now, durable or not.
    ///
    /// # Errors
    /// [`ImageError::Outside`], also when the image does not reach that far yet; [`ImageError::Unsupported`] for a stream;
    /// [`ImageError::Io`].
    pub fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), ImageError> {
        let len = buffer.len() as u64;
        self.check_inside(offset, len)?;
        match self.format.read_at(&mut self.file, offset, buffer) {
            Err(error) if error.cause().is_some_and(|c| c.kind() == io::ErrorKind::UnexpectedEof) => {
                Err(ImageError::outside(&self.path, self.length()?, offset, len))
            }
            result => result,
        }
    }

    /// Empties a regular file; a device or a stream stays as it is.
    ///
    /// # Errors
    /// An error that is final.
    pub fn clear(&mut self) -> Result<(), ImageError> {
        self.format.clear(&mut self.file)
    }

    /// Prepares the image for all that will be written. What is there stays. Says what was done: a file system
    /// that reserves no room gives the length only. Ends early when `stop` says so, which hears how many bytes are there.
    ///
    /// # Errors
    /// [`ImageError::Unsupported`] for a stream, or an error that is final.
    pub fn preallocate(&mut self, how: Prealloc, stop: &dyn Fn(u64) -> bool) -> Result<Prealloc, ImageError> {
        self.format.make_room(&mut self.file, self.size, how, stop)
    }

    /// Makes a range zero, without room for it where that can be, else by writing.
    ///
    /// # Errors
    /// [`ImageError::Outside`], or an error that is final.
    pub fn zero(&mut self, offset: u64, len: u64) -> Result<(), ImageError> {
        self.check_inside(offset, len)?;
        self.format.zero(&mut self.file, offset, len)
    }

    /// Gives the image its final length, which becomes its size: what was never written then reads as zero. A device stays
    /// as it is. It is durable after the next mark or [`ImageStore::sync_all`].
    ///
    /// # Errors
    /// [`ImageError::TooSmall`] for a device; [`ImageError::Outside`] for a stream that was not written to its end; or an
    /// error that is final.
    pub fn finish(&mut self, size_bytes: u64) -> Result<(), ImageError> {
        self.format.finish(&mut self.file, size_bytes)?;
        self.size = size_bytes;
        Ok(())
    }

    /// Asks for all that was written until now to be made durable; writing goes on meanwhile.
    ///
    /// # Errors
    /// An earlier error, which is final.
    pub fn mark(&mut self) -> Result<MarkId, ImageError> {
        self.format.flush(&mut self.file)?;
        self.file.mark()
    }

    /// The latest mark that became durable since the last time somebody asked, and with it all before it.
    #[must_use]
    pub fn poll_mark(&mut self) -> Option<Result<MarkId, ImageError>> {
        let answer = self.file.poll_mark();
        self.after(answer)
    }

    /// Like [`ImageStore::poll_mark`], after waiting up to `limit` for the last mark, and again for each thing that the format
    /// had to write when it was durable.
    #[must_use]
    pub fn wait_mark(&mut self, limit: Duration) -> Option<Result<MarkId, ImageError>> {
        loop {
            let answer = self.file.wait_mark(limit)?;
            let answer = self.after(Some(answer));
            if answer.is_some() || !self.file.mark_under_way() {
                return answer;
            }
        }
    }

    /// An answer to a mark, once nothing more has to follow what it made durable.
    fn after(&mut self, answer: Option<Result<MarkId, ImageError>>) -> Option<Result<MarkId, ImageError>> {
        let Some(Ok(_)) = answer else { return answer };
        match self.format.go_on(&mut self.file) {
            Ok(false) => answer,
            Ok(true) => self.file.mark().err().map(Err),
            Err(error) => Some(Err(error)),
        }
    }

    /// Makes everything durable, however long it takes.
    ///
    /// # Errors
    /// An error that is final.
    pub fn sync_all(&mut self) -> Result<(), ImageError> {
        self.format.flush(&mut self.file)?;
        self.file.sync_all()?;
        while self.format.go_on(&mut self.file)? {
            self.file.sync_all()?;
        }
        Ok(())
    }

    /// How it is written, as `--write` calls it.
    #[must_use]
    pub fn strategy_name(&self) -> &'static str {
        self.file.strategy().name()
    }

    /// Whether what was synced is on stable storage: `false` where the file system has no such thing (`fsync` is refused).
    #[must_use]
    pub fn is_durable(&self) -> bool {
        self.file.is_durable()
    }

    /// Whether the output was ever too slow to be waited for.
    #[must_use]
    pub fn was_degraded(&self) -> bool {
        self.file.was_degraded()
    }

    fn check_inside(&self, offset: u64, len: u64) -> Result<(), ImageError> {
        match offset.checked_add(len) {
            Some(end) if end <= self.size => Ok(()),
            _ => Err(ImageError::outside(&self.path, self.size, offset, len)),
        }
    }
}

fn lock(file: &File, path: &Path) -> Result<(), ImageError> {
    match lock_exclusive(file, path) {
        // Where there are no locks (some network mounts) there is nothing to hold on to.
        Ok(_) => Ok(()),
        Err(LockError::Held { path }) => Err(ImageError::InUse { path }),
        Err(LockError::Failed { path, cause }) => Err(ImageError::io(Operation::Lock, &path, cause)),
    }
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
