//! What can go wrong with an image.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::container::ContainerError;
use crate::base::human;
use crate::os::durable;

/// What was being done to an image.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    /// Opening or creating it.
    Open,
    /// Opening it a second time for the helper thread, or starting that thread.
    Reopen,
    /// Locking it.
    Lock,
    /// Asking for its length, kind or room.
    Inspect,
    /// Reading what is there.
    Read,
    /// Writing.
    Write,
    /// Starting the write-out of what was written.
    WriteOut,
    /// Waiting for the write-out.
    Wait,
    /// Making it durable.
    Sync,
    /// Setting its length.
    SetLength,
    /// Reserving room for it.
    Reserve,
    /// Making a part of it zero.
    Zero,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Reopen => "open a second time",
            Self::Lock => "lock",
            Self::Inspect => "look at",
            Self::Read => "read",
            Self::Write => "write",
            Self::WriteOut => "start writing out",
            Self::Wait => "write out",
            Self::Sync => "sync",
            Self::SetLength => "set the length of",
            Self::Reserve => "reserve room for",
            Self::Zero => "make zero",
        })
    }
}

/// An image could not be opened, read, written or made durable. Clones share the cause: an error of
/// writing is final and is given again to everyone who goes on asking.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// The system refused or failed.
    #[error("cannot {operation} {}{}: {cause}", human::printable(&path.to_string_lossy()), at(*offset))]
    Io {
        /// What was tried.
        operation: Operation,
        /// The image.
        path: PathBuf,
        /// Where in it, bytes, when it was about one place.
        offset: Option<u64>,
        /// What the system answered.
        cause: Arc<io::Error>,
    },
    /// Another run writes it, or it is mounted.
    #[error("{} is in use: another run writes it or it is mounted", human::printable(&path.to_string_lossy()))]
    InUse {
        /// The image.
        path: PathBuf,
    },
    /// Something lies there already and would be overwritten.
    #[error("{} exists already", human::printable(&path.to_string_lossy()))]
    Exists {
        /// The image.
        path: PathBuf,
    },
    /// It is a folder, a socket or another thing that holds no image.
    #[error("{} is {what}, not an image", human::printable(&path.to_string_lossy()))]
    NotAnImage {
        /// The image.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// The device is smaller than the disc.
    #[error(
        "{} is too small: it holds {}, the disc has {}",
        human::printable(&path.to_string_lossy()), human::bytes(*have), human::bytes(*need)
    )]
    TooSmall {
        /// The device.
        path: PathBuf,
        /// Its size, bytes.
        have: u64,
        /// The size of the disc, bytes.
        need: u64,
    },
    /// A pipe or the like was not written in order.
    #[error("{} is a pipe: it takes byte {expected} next, not byte {offset}", human::printable(&path.to_string_lossy()))]
    OutOfOrder {
        /// The pipe.
        path: PathBuf,
        /// Where the next write must begin.
        expected: u64,
        /// Where it began.
        offset: u64,
    },
    /// Something outside the image was to be read or written.
    #[error(
        "{} ends at byte {size}: {len} bytes at {offset} lie outside",
        human::printable(&path.to_string_lossy())
    )]
    Outside {
        /// The image.
        path: PathBuf,
        /// Size of the image, bytes.
        size: u64,
        /// Where it was to be read or written.
        offset: u64,
        /// How much.
        len: u64,
    },
    /// The output cannot do what was asked of it.
    #[error("{} cannot {what}", human::printable(&path.to_string_lossy()))]
    Unsupported {
        /// The image.
        path: PathBuf,
        /// What it cannot do.
        what: &'static str,
    },
    /// It is no container of the kind that it should be, or one that is not written.
    #[error(transparent)]
    Container(#[from] ContainerError),
    /// The file system did not answer in time.
    #[error("{} does not answer: nothing for {}", human::printable(&path.to_string_lossy()), human::duration(*limit))]
    NoAnswer {
        /// The image.
        path: PathBuf,
        /// How long was waited.
        limit: Duration,
    },
}

fn at(offset: Option<u64>) -> String {
    offset.map(|offset| format!(" at byte {offset}")).unwrap_or_default()
}

impl ImageError {
    /// An answer of the system about a whole image.
    pub(crate) fn io(operation: Operation, path: &Path, cause: impl Into<io::Error>) -> Self {
        Self::Io { operation, path: path.to_owned(), offset: None, cause: Arc::new(cause.into()) }
    }

    /// An answer of the system about one place in an image.
    pub(crate) fn outside(path: &Path, size: u64, offset: u64, len: u64) -> Self {
        Self::Outside { path: path.to_owned(), size, offset, len }
    }

    pub(crate) fn io_at(operation: Operation, path: &Path, offset: u64, cause: impl Into<io::Error>) -> Self {
        Self::Io { operation, path: path.to_owned(), offset: Some(offset), cause: Arc::new(cause.into()) }
    }

    /// Whether there is no room left: a full disk or a used-up quota.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        match self {
            Self::Io { cause, .. } => {
                matches!(cause.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
            }
            _ => false,
        }
    }

    /// What the system answered, if it was the system that failed.
    #[must_use]
    pub fn cause(&self) -> Option<&io::Error> {
        match self {
            Self::Io { cause, .. } => Some(cause),
            _ => None,
        }
    }
}

impl From<ImageError> for io::Error {
    fn from(error: ImageError) -> Self {
        let kind = match &error {
            // A writer's `write_all` would try again after this one for ever.
            ImageError::Io { cause, .. } if cause.kind() != io::ErrorKind::Interrupted => cause.kind(),
            ImageError::Unsupported { .. } | ImageError::OutOfOrder { .. } => io::ErrorKind::Unsupported,
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

/// The first error of writing, shared between the writer and its helper. It never goes away.
#[derive(Debug, Default)]
pub(crate) struct Fault {
    raised: AtomicBool,
    first: Mutex<Option<ImageError>>,
    syncs: Mutex<Syncs>,
}

/// What syncs of an output come to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Syncs {
    /// None was tried yet.
    #[default]
    Unknown,
    /// One has worked: from now on every error is one.
    Work,
    /// The first was answered with "there is no such thing here", as some mounts of other machines do.
    Unsupported,
}

impl Fault {
    /// Notes an error; the first one stays and is given back.
    pub(crate) fn raise(&self, error: ImageError) -> ImageError {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = first.get_or_insert(error).clone();
        self.raised.store(true, Ordering::SeqCst);
        kept
    }

    /// Fails once anything has failed.
    pub(crate) fn check(&self) -> Result<(), ImageError> {
        if !self.is_raised() {
            return Ok(());
        }
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        first.clone().map_or(Ok(()), Err)
    }

    /// What a sync came to. Where the first one says that the file system has none, there is none, and that is no error;
    /// [`is_durable`](Self::is_durable) tells.
    pub(crate) fn after_sync(&self, result: io::Result<()>) -> io::Result<()> {
        let mut syncs = self.syncs.lock().unwrap_or_else(PoisonError::into_inner);
        let is_unsupported = |error: &io::Error| durable::is_unsupported(error);
        match (&result, *syncs) {
            (Ok(()), _) => *syncs = Syncs::Work,
            (Err(error), Syncs::Unknown | Syncs::Unsupported) if is_unsupported(error) => {
                *syncs = Syncs::Unsupported;
                return Ok(());
            }
            (Err(_), _) => {}
        }
        result
    }

    /// Whether what was synced is on stable storage, as far as the system says.
    pub(crate) fn is_durable(&self) -> bool {
        *self.syncs.lock().unwrap_or_else(PoisonError::into_inner) != Syncs::Unsupported
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.raised.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_where_and_why_and_knows_a_full_disk() {
        let full = io::Error::from_raw_os_error(28);
        let error = ImageError::io_at(Operation::Write, Path::new("/films/disc\x1b.iso"), 4096, full);
        let text = error.to_string();
        assert!(text.starts_with("cannot write /films/disc?.iso at byte 4096: No space left"), "{text}");
        assert!(error.is_disk_full());
        let io: io::Error = error.into();
        assert_eq!(io.kind(), io::ErrorKind::StorageFull);
        assert!(!ImageError::io(Operation::Sync, Path::new("x"), io::Error::from_raw_os_error(5)).is_disk_full());
    }

    #[test]
    fn only_the_first_sync_may_say_that_there_is_none() {
        let error = |code| Err(io::Error::from_raw_os_error(code));
        for code in [libc::EINVAL, libc::ENOSYS, libc::EOPNOTSUPP] {
            let never = Fault::default();
            assert!(never.after_sync(error(code)).is_ok() && !never.is_durable());
            assert!(never.after_sync(error(code)).is_ok() && never.after_sync(error(libc::EIO)).is_err());
            let once = Fault::default();
            assert!(once.after_sync(Ok(())).is_ok() && once.is_durable());
            assert!(once.after_sync(error(code)).is_err() && once.is_durable());
        }
        assert!(Fault::default().after_sync(error(libc::EIO)).is_err(), "an error of the disk is one from the first");
    }

    #[test]
    fn the_first_fault_stays() {
        let fault = Fault::default();
        fault.check().unwrap();
        let path = Path::new("x");
        fault.raise(ImageError::io(Operation::Wait, path, io::Error::from_raw_os_error(5)));
        let again = fault.raise(ImageError::InUse { path: path.to_owned() });
        assert!(matches!(again, ImageError::Io { operation: Operation::Wait, .. }));
        assert!(matches!(fault.check(), Err(ImageError::Io { operation: Operation::Wait, .. })));
    }
}
