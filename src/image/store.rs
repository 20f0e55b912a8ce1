//! Opening an image, new or old, and the one handle on it.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::error::{ImageError, Operation};
use super::prealloc::Prealloc;
use super::raw::RawImage;
use super::sink::kind_of;
use super::strategy::{OutputKind, WriteChoice};
use super::writeback_file::{MarkId, WritebackFile};
use crate::base::clock::Clock;
use crate::os::lock::{LockError, lock_exclusive};
use crate::os::names::{self, Identity};
use crate::os::{allocate, durable};
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
        let free = allocate::free_space(&own).map_err(failed)?;
        let largest_file = allocate::largest_file(&own).map_err(failed)?;
        let taken = allocate::taken(&own).unwrap_or(0);
        Ok(Some(FreeSpace { free, wanted: still_to_be_written, taken, largest_file }))
    };
    bounded::call("free-space", LIMIT, ask).map_err(|error| match error {
        bounded::CallError::Timeout { limit, .. } => ImageError::NoAnswer { path: path.to_owned(), limit },
        other => ImageError::io(Operation::Inspect, path, io::Error::other(other)),
    })?
}

/// An open image, locked against other runs. All offsets are bytes of the disc.
pub struct ImageStore {
    image: RawImage,
    path: PathBuf,
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
        size_bytes: u64,
        choice: WriteChoice,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ImageError> {
        match what_lies_at(path)? {
            Here::Nothing => {}
            Here::File { .. } => return Err(ImageError::Exists { path: path.to_owned() }),
            Here::BlockDevice | Here::Stream => return Self::open_existing(path, size_bytes, choice, clock),
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
            RawImage::new(file, path, size_bytes)
        });
        match taken {
            Ok(image) => Ok(Self { image, path: path.to_owned(), made: Some(made) }),
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
        size_bytes: u64,
        choice: WriteChoice,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ImageError> {
        let here = what_lies_at(path)?;
        if here == Here::Stream {
            let file = match names::own_descriptor(path) {
                Some(descriptor) => names::duplicate(descriptor),
                None => OpenOptions::new().write(true).open(path),
            };
            let file = file.map_err(|e| ImageError::io(Operation::Open, path, e))?;
            let file = WritebackFile::in_order(file, path, choice, clock)?;
            return Ok(Self { image: RawImage::new(file, path, size_bytes)?, path: path.to_owned(), made: None });
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
        let file = WritebackFile::from_file(file, path, choice, clock)?;
        Ok(Self { image: RawImage::new(file, path, size_bytes)?, path: path.to_owned(), made: None })
    }

    /// Its name.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it lies on.
    #[must_use]
    pub fn kind(&self) -> OutputKind {
        self.image.kind()
    }

    /// Size of the disc, bytes: what the image will have in the end.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.image.size()
    }

    /// Present length, bytes: of a stream what was written.
    ///
    /// # Errors
    /// [`ImageError::Io`].
    pub fn length(&self) -> Result<u64, ImageError> {
        self.image.length()
    }

    /// Writes all of `bytes` at `offset`. A stream takes bytes in order only.
    ///
    /// # Errors
    /// [`ImageError::Outside`] and [`ImageError::OutOfOrder`] when it was not even tried; all others are final.
    pub fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), ImageError> {
        self.image.write_at(offset, bytes)
    }

    /// Fills `buffer` from the image as it is now, durable or not.
    ///
    /// # Errors
    /// [`ImageError::Outside`], [`ImageError::Unsupported`] for a stream, [`ImageError::Io`].
    pub fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), ImageError> {
        self.image.read_at(offset, buffer)
    }

    /// Empties a regular file; a device or a stream stays as it is.
    ///
    /// # Errors
    /// An error that is final.
    pub fn clear(&mut self) -> Result<(), ImageError> {
        self.image.clear()
    }

    /// See [`RawImage::preallocate`].
    ///
    /// # Errors
    /// As there.
    pub fn preallocate(&mut self, how: Prealloc, stop: &dyn Fn() -> bool) -> Result<Prealloc, ImageError> {
        self.image.preallocate(how, stop)
    }

    /// See [`RawImage::zero`].
    ///
    /// # Errors
    /// As there.
    pub fn zero(&mut self, offset: u64, len: u64) -> Result<(), ImageError> {
        self.image.zero(offset, len)
    }

    /// Gives the image its final length: what was never written then reads as zero. It is durable after
    /// the next mark or [`ImageStore::sync_all`].
    ///
    /// # Errors
    /// See [`RawImage::finish`].
    pub fn finish(&mut self, size_bytes: u64) -> Result<(), ImageError> {
        self.image.finish(size_bytes)
    }

    /// Asks for all that was written until now to be made durable; writing goes on meanwhile.
    ///
    /// # Errors
    /// An earlier error, which is final.
    pub fn mark(&mut self) -> Result<MarkId, ImageError> {
        self.image.mark()
    }

    /// The latest mark that became durable since the last time somebody asked, and with it all before it.
    #[must_use]
    pub fn poll_mark(&mut self) -> Option<Result<MarkId, ImageError>> {
        self.image.poll_mark()
    }

    /// Like [`ImageStore::poll_mark`], after waiting up to `limit` for the last mark.
    #[must_use]
    pub fn wait_mark(&mut self, limit: Duration) -> Option<Result<MarkId, ImageError>> {
        self.image.wait_mark(limit)
    }

    /// Whether a mark is still to be acknowledged.
    #[must_use]
    pub fn mark_under_way(&self) -> bool {
        self.image.mark_under_way()
    }

    /// Makes everything durable, however long it takes.
    ///
    /// # Errors
    /// An error that is final.
    pub fn sync_all(&mut self) -> Result<(), ImageError> {
        self.image.sync_all()
    }

    /// How it is written, as `--write` calls it.
    #[must_use]
    pub fn strategy_name(&self) -> &'static str {
        self.image.strategy().name()
    }

    /// Whether the output is too slow to be waited for at present.
    #[must_use]
    pub fn degraded(&self) -> bool {
        self.image.degraded()
    }

    /// Whether it ever was.
    #[must_use]
    pub fn was_degraded(&self) -> bool {
        self.image.was_degraded()
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
