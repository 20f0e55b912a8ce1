//! Hashes of the files of a disc.

use sha2::{Digest, Sha256};

use super::error::InfoError;
use super::report::FileReport;
use crate::base::allowance::Sentences;
use crate::base::cancel::Cancel;
use crate::base::event::Events;
use crate::base::human::printable;
use crate::fs::{FileSystem, FsError};
use crate::job::pace::{At, Pace};

/// Bytes hashed at once.
const CHUNK: usize = 1 << 20;

/// Hashes all of `files`, as the phase `hash`. What cannot be read is told in `notes`.
pub(super) fn add(
    fs: &dyn FileSystem,
    files: &mut [FileReport],
    notes: &mut Sentences,
    cancel: &Cancel,
    events: &dyn Events,
) -> Result<(), InfoError> {
    let total = files.iter().map(|file| file.bytes).fold(0, u64::saturating_add);
    let pace = Pace::new(events, "hash", total);
    let mut hasher = Hasher { fs, at: At::default(), buffer: Vec::new(), cancel, pace };
    let mut behind = 0u64;
    for file in files {
        behind = behind.saturating_add(file.bytes);
        match hasher.hash(&file.path) {
            Ok(hash) => file.sha256 = Some(hash),
            Err(Stop::Cancelled) => return Err(InfoError::Stopped),
            Err(Stop::Unreadable(e)) => {
                hasher.at.errors += 1;
                // Of a file without a hash, all that was not read counts as failed.
                hasher.at.failed_bytes += behind.saturating_sub(hasher.at.done_bytes);
                notes.push(format!("{} has no hash: {e}", printable(&file.path)));
            }
        }
        hasher.at.done_bytes = behind;
        hasher.tell();
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
    at: At,
    buffer: Vec<u8>,
    cancel: &'a Cancel,
    pace: Pace<'a>,
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
            self.at.done_bytes += count as u64;
            self.tell();
        }
        Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    fn tell(&mut self) {
        self.at.position_bytes = self.at.done_bytes;
        self.pace.tell(self.at);
    }
}
