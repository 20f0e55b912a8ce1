//! Hashes of the files of a disc.

use sha2::{Digest, Sha256};

use super::error::InfoError;
use super::report::FileReport;
use crate::base::allowance::Sentences;
use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events, Progress};
use crate::base::human::printable;
use crate::fs::{FileSystem, FsError};

/// Bytes hashed at once.
const CHUNK: usize = 1 << 20;
/// Chunks between two reports of progress: not ten a second on any disk.
const CHUNKS_A_REPORT: u64 = 64;

/// Hashes all of `files`. What cannot be read is told in `notes`.
pub(super) fn add(
    fs: &dyn FileSystem,
    files: &mut [FileReport],
    notes: &mut Sentences,
    cancel: &Cancel,
    events: &dyn Events,
) -> Result<(), InfoError> {
    let total = files.iter().map(|file| file.bytes).fold(0, u64::saturating_add);
    let mut hasher = Hasher { fs, total_bytes: total, done: 0, chunks: 0, buffer: Vec::new(), cancel, events };
    for file in files {
        match hasher.hash(&file.path) {
            Ok(hash) => file.sha256 = Some(hash),
            Err(Stop::Cancelled) => return Err(InfoError::Stopped),
            Err(Stop::Unreadable(e)) => notes.push(format!("{} has no hash: {e}", printable(&file.path))),
        }
    }
    Ok(())
}

/// Why a hash was not made.
enum Stop {
    Cancelled,
    Unreadable(FsError),
}

struct Hasher<'a> {
    fs: &'a dyn FileSystem,
    total_bytes: u64,
    done: u64,
    chunks: u64,
    buffer: Vec<u8>,
    cancel: &'a Cancel,
    events: &'a dyn Events,
}

impl Hasher<'_> {
    fn hash(&mut self, path: &str) -> Result<String, Stop> {
        let file = self.fs.open(path).map_err(Stop::Unreadable)?;
        let mut hash = Sha256::new();
        let mut at = 0;
        self.buffer.resize(CHUNK, 0);
        while at < file.length() {
            if self.cancel.is_raised() {
                return Err(Stop::Cancelled);
            }
            let count = self.fs.read_at(&file, at, &mut self.buffer).map_err(Stop::Unreadable)?;
            if count == 0 {
                let what = format!("{}: it ends after {at} bytes", printable(file.path()));
                return Err(Stop::Unreadable(FsError::Unsupported(what)));
            }
            hash.update(self.buffer.get(..count).unwrap_or_default());
            at += count as u64;
            self.done += count as u64;
            self.report();
        }
        Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    fn report(&mut self) {
        self.chunks += 1;
        if self.chunks.is_multiple_of(CHUNKS_A_REPORT) {
            let progress = Progress {
                phase: "hash".to_owned(),
                position_bytes: self.done,
                total_bytes: self.total_bytes,
                rescued_bytes: self.done,
                ..Progress::default()
            };
            self.events.event(Event::Progress(progress));
        }
    }
}
