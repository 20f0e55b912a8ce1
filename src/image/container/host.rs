//! The file below a container that is read. Nothing is ever written through it.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI32, Ordering};

use crate::base::human::printable;
use crate::os::storage::Host;

/// A file that is read.
#[derive(Debug)]
pub(super) struct HostFile {
    file: File,
    path: PathBuf,
    /// What the system said last, which is lost where an error is given a context.
    errno: AtomicI32,
}

impl HostFile {
    pub(super) fn new(file: File, path: &Path) -> Self {
        Self { file, path: path.to_owned(), errno: AtomicI32::new(0) }
    }

    /// What an error was when it came from the system.
    pub(super) fn cause(&self, error: io::Error) -> io::Error {
        match self.errno.swap(0, Ordering::Relaxed) {
            0 => error,
            errno => io::Error::from_raw_os_error(errno),
        }
    }
}

impl fmt::Display for HostFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.path.to_string_lossy()))
    }
}

impl Host for HostFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read(&self, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
        while !buffer.is_empty() {
            match self.file.read_at(buffer, offset) {
                Ok(0) => {
                    buffer.fill(0);
                    return Ok(());
                }
                Ok(count) => {
                    offset = offset.saturating_add(count as u64);
                    buffer = buffer.get_mut(count..).unwrap_or_default();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.errno.store(error.raw_os_error().unwrap_or(0), Ordering::Relaxed);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    fn write(&self, _: &[u8], _: u64) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn zero(&self, _: u64, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }
}
