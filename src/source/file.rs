//! Image files and block devices, by positioned reads.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::{Control, Facts, ReadRequest, SectorSource, Supported};
use crate::base::clock::{Clock, SystemClock};
use crate::base::human::printable;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::{SECTOR_BYTES, SECTOR_SIZE};
use crate::os::block;

/// Most sectors of one read when nobody says otherwise: 128 KiB, whole ECC units of any disc.
const SECTORS_DEFAULT: u64 = 64;

/// Bytes read in a row after which the kernel's copy of them is dropped.
const FORGET_AFTER: u64 = 8 << 20;

/// Why a file cannot serve as a source.
#[derive(Debug, Error)]
pub enum FileError {
    /// It cannot be opened, or its size is not to be had.
    #[error("{path}: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// A folder, a pipe, a terminal: nothing with positions to read from.
    #[error("{path}: neither a file nor a block device")]
    NotSeekable {
        /// The path.
        path: PathBuf,
    },
    /// There is nothing in it.
    #[error("{path}: is empty")]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// A regular file or a block device, read as the sectors of a disc.
///
/// One request is one positioned read; on a device it is repeated to get what a short one left out, or why. The page cache is not flooded:
/// what was read in a row is dropped behind the reads, since a disc is read through once and may be larger than memory.
pub struct FileSource {
    file: File,
    facts: Facts,
    clock: Arc<dyn Clock>,
    /// Bytes read in a row whose pages are still cached.
    cached: Range<u64>,
}

impl FileSource {
    /// Opens a file for reading.
    ///
    /// # Errors
    /// [`FileError`], with the path.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let fail = |cause| FileError::Io { path: path.to_owned(), cause };
        // The kind first: opening a pipe would wait for its writer.
        let kind = std::fs::metadata(path).map_err(fail)?;
        let is_block = matches!(block::node(&kind), Some(block::Node::Block(_)));
        if !is_block && !kind.is_file() {
            return Err(FileError::NotSeekable { path: path.to_owned() });
        }
        let file = File::open(path).map_err(fail)?;
        let size_bytes = if is_block {
            // Without this a failing window would be read again page by page by the kernel's read-ahead.
            block::expect_random_reads(&file);
            block::size_bytes(&file).map_err(fail)?
        } else {
            file.metadata().map_err(fail)?.len()
        };
        if size_bytes == 0 {
            return Err(FileError::Empty { path: path.to_owned() });
        }
        let facts = Facts {
            name: printable(&path.to_string_lossy()),
            size_bytes,
            sectors: size_bytes.div_ceil(SECTOR_BYTES),
            media: None,
            max_sectors: SECTORS_DEFAULT,
            is_drive: false,
        };
        Ok(Self { file, facts, clock: Arc::new(SystemClock::new()), cached: 0..0 })
    }

    /// Sets the most sectors that one read may ask for; at least 1.
    #[must_use]
    pub fn with_max_sectors(mut self, sectors: u64) -> Self {
        self.facts.max_sectors = sectors.max(1);
        self
    }

    /// Reads from byte `start` until `buffer` is full, the file ends or a read fails; tells how many bytes came.
    fn fill(&self, start: u64, buffer: &mut [u8]) -> (usize, Option<io::Error>) {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.file.read_at(rest, start.saturating_add(filled as u64)) {
                Ok(0) => break,
                Ok(count) if count < rest.len() && self.reaches(start.saturating_add((filled + rest.len()) as u64)) => {
                    return (filled + count, Some(io::Error::from_raw_os_error(libc::EIO)));
                }
                Ok(count) => filled += count,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return (filled, Some(e)),
            }
        }
        (filled, None)
    }

    /// Whether this is a regular file that has so many bytes: then a read that brings fewer met a fault behind them, and
    /// asking for its number would cost the medium below the same fault again. A device may also be gone, which
    /// only its number tells.
    fn reaches(&self, bytes: u64) -> bool {
        self.file.metadata().is_ok_and(|now| now.is_file() && now.len() >= bytes)
    }

    /// Takes note of bytes that the page cache now holds, and drops a row of them when it is long enough.
    fn forget_behind(&mut self, start: u64, length: u64) {
        if start != self.cached.end {
            self.forget();
            self.cached = start..start;
        }
        self.cached.end = start.saturating_add(length);
        if self.cached.end - self.cached.start >= FORGET_AFTER {
            self.forget();
        }
    }

    fn forget(&mut self) {
        let length = self.cached.end - self.cached.start;
        if length > 0 {
            block::forget_pages(&self.file, self.cached.start, length);
        }
        self.cached = self.cached.end..self.cached.end;
    }
}

impl SectorSource for FileSource {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn read(&mut self, request: &ReadRequest, buffer: &mut [u8]) -> Outcome {
        let started = self.clock.now();
        let range = request.range;
        let start = range.byte_start();
        // The part of the request that the file has; a tail of the last sector is filled up with zeros.
        let there = range.bytes().min(self.facts.size_bytes.saturating_sub(start));
        let wanted = usize::try_from(range.bytes()).unwrap_or(usize::MAX);
        let Some(buffer) = buffer.get_mut(..wanted) else {
            return Outcome::failed(0, Fault::Unknown, 0.0);
        };
        let (data, tail) = buffer.split_at_mut(usize::try_from(there).unwrap_or(wanted).min(wanted));
        let (filled, error) = self.fill(start, data);
        if filled == data.len() {
            tail.fill(0);
        }
        self.forget_behind(start, filled as u64);
        let seconds = self.clock.now().saturating_sub(started).as_secs_f64();
        let fault = match error {
            Some(error) => fault_of(&error),
            None if filled < data.len() || there.div_ceil(SECTOR_BYTES) < range.len() => Fault::OutOfRange,
            None => return Outcome::complete(range.len(), seconds),
        };
        let sectors = if filled == data.len() { filled.div_ceil(SECTOR_SIZE) } else { filled / SECTOR_SIZE };
        Outcome::failed(sectors as u64, fault, seconds)
    }

    fn control(&mut self, _: Control) -> Supported {
        Supported::No
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }
}

/// What a failed read means. Only what the kernel calls an I/O error is damage.
fn fault_of(error: &io::Error) -> Fault {
    match error.raw_os_error() {
        // EIO and its kin: ENODATA is a medium error of the block layer, EILSEQ a failed protection check,
        // EBADMSG and EUCLEAN failed checksums.
        Some(libc::EIO | libc::ENODATA | libc::EILSEQ | libc::EBADMSG | libc::EUCLEAN) => Fault::Damage,
        Some(libc::ENOMEDIUM) => Fault::NoMedium,
        Some(libc::EMEDIUMTYPE) => Fault::Incompatible,
        Some(libc::ENXIO | libc::ENODEV | libc::ESTALE | libc::ESHUTDOWN) => Fault::Gone,
        Some(libc::EBUSY) => Fault::Busy,
        Some(libc::ETIMEDOUT | libc::ENOLINK | libc::EREMOTEIO) => Fault::Transport,
        _ => Fault::Unknown,
    }
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
