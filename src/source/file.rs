//! Image files and block devices, by positioned reads.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::{Facts, ReadRequest, SectorSource};
use crate::base::clock::{Clock, SystemClock};
use crate::base::human::printable;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::{SECTOR_BYTES, SECTOR_SIZE};
use crate::os::{block, waits};

/// Most sectors of one read of a block device when nobody says otherwise: 128 KiB, whole ECC units of any disc.
const SECTORS_OF_DEVICE: u64 = 64;

/// Most sectors of one read of a regular file when nobody says otherwise: 1 MiB, beyond which a system call less
/// gains nothing.
pub(super) const SECTORS_OF_FILE: u64 = 512;

/// Pages are at least so large; where they are larger, what was cached is dropped.
const SMALLEST_PAGE: u64 = 4096;

/// Bytes read in a row after which the kernel's copy of them is dropped.
const FORGET_AFTER: u64 = 8 << 20;

/// Such rows that no kernel reads ahead of.
const ROWS_AHEAD: u64 = 8;

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
/// One request is one positioned read; on a device it is repeated to get what a short one left out, or why. The page cache
/// is not flooded, since a disc is read through once and may be larger than memory: what was read in a row is dropped
/// behind the reads, unless it was in the cache before them.
pub struct FileSource {
    file: File,
    /// The file, unless it is a device: whoever waits for a read is told. Devices take their time for what is damaged.
    waits: Option<PathBuf>,
    facts: Facts,
    clock: Arc<dyn Clock>,
    /// Bytes read in a row whose pages are still cached.
    cached: Range<u64>,
    /// They were before they were read: somebody else wants them there.
    leave_cached: bool,
    /// The same of the rows that follow.
    ahead: VecDeque<bool>,
}

impl FileSource {
    /// Opens a file for reading.
    ///
    /// # Errors
    /// [`FileError`], with the path.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let fail = |cause| FileError::Io { path: path.to_owned(), cause };
        // The kind first: opening a pipe would wait for its writer.
        let _asked = waits::begin("open", path);
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
            max_sectors: if is_block { SECTORS_OF_DEVICE } else { SECTORS_OF_FILE },
        };
        Ok(Self {
            file,
            waits: (!is_block).then(|| path.to_owned()),
            facts,
            clock: Arc::new(SystemClock::new()),
            cached: 0..0,
            leave_cached: false,
            ahead: VecDeque::new(),
        })
    }

    /// Reads from byte `start` until `buffer` is full, the file ends or a read fails; tells how many bytes came. What was read
    /// in a row does not stay in the page cache.
    pub(super) fn read_bytes(&mut self, start: u64, buffer: &mut [u8]) -> (usize, Option<io::Error>) {
        self.look_ahead(start);
        let (filled, error) = self.fill(start, buffer);
        self.forget_behind(filled as u64);
        (filled, error)
    }

    fn fill(&self, start: u64, buffer: &mut [u8]) -> (usize, Option<io::Error>) {
        let _asked = self.waits.as_deref().map(|path| waits::begin("a read", path));
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

    /// Whether this is a regular file that has that many bytes: then a read that brings fewer met a fault behind them, and
    /// asking for its number would cost the medium below the same fault again. A device may also be gone, which
    /// only its number tells.
    fn reaches(&self, bytes: u64) -> bool {
        self.file.metadata().is_ok_and(|now| now.is_file() && now.len() >= bytes)
    }

    /// Before a read: a new row of pages begins here, if it does. Whether somebody has them in the cache already was
    /// looked at long before the reads came near, since the kernel reads ahead of them.
    fn look_ahead(&mut self, start: u64) {
        if start != self.cached.end || self.ahead.is_empty() {
            self.forget();
            self.cached = start..start;
            self.ahead.clear();
            self.ahead.push_back(self.is_cached(start, FORGET_AFTER));
            let rest = self.is_cached(start.saturating_add(FORGET_AFTER), FORGET_AFTER * (ROWS_AHEAD - 1));
            self.ahead.extend((1..ROWS_AHEAD).map(|_| rest));
        }
        if self.cached.is_empty() {
            self.leave_cached = self.ahead.pop_front().unwrap_or(false);
            let far = self.is_cached(start.saturating_add(FORGET_AFTER * ROWS_AHEAD), FORGET_AFTER);
            self.ahead.push_back(far);
        }
    }

    /// Whether most of a part of the file lies in the cache.
    fn is_cached(&self, start: u64, length: u64) -> bool {
        let length = length.min(self.facts.size_bytes.saturating_sub(start));
        let pages = block::cached_pages(&self.file, start, length);
        length > 0 && pages.is_some_and(|pages| pages > length / SMALLEST_PAGE / 2)
    }

    /// Takes note of bytes that the page cache now holds, and drops a row of them when it is long enough.
    fn forget_behind(&mut self, length: u64) {
        self.cached.end = self.cached.end.saturating_add(length);
        if self.cached.end - self.cached.start >= FORGET_AFTER {
            self.forget();
        }
    }

    fn forget(&mut self) {
        let length = self.cached.end - self.cached.start;
        if length > 0 && !self.leave_cached {
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
        let (filled, error) = self.read_bytes(start, data);
        if filled == data.len() {
            tail.fill(0);
        }
        let seconds = self.clock.now().saturating_sub(started).as_secs_f64();
        let fault = match error {
            Some(error) => fault_of(&error),
            None if filled < data.len() || there.div_ceil(SECTOR_BYTES) < range.len() => Fault::OutOfRange,
            None => return Outcome::complete(range.len(), seconds),
        };
        let sectors = if filled == data.len() { filled.div_ceil(SECTOR_SIZE) } else { filled / SECTOR_SIZE };
        Outcome::failed(sectors as u64, fault, seconds)
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }
}

/// What a failed read means. Only what the kernel calls an I/O error is damage.
pub(super) fn fault_of(error: &io::Error) -> Fault {
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
