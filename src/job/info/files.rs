//! The files of a disc: which there are, where they lie, what is missing of them, their hashes.

use sha2::{Digest, Sha256};

use super::{ExtentReport, FileReport, HurtFile, InfoError};
use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events, Progress};
use crate::base::human::printable;
use crate::base::set::SectorSet;
use crate::fs::{File, FileSystem, FsError, Place};

/// Most names that are listed.
const NAMES_LIMIT: usize = 1 << 20;
/// Deepest directory that is entered; a hostile disc may put a directory into itself.
const DEPTH_LIMIT: usize = 32;
/// Bytes hashed at once.
const CHUNK: usize = 1 << 20;
/// Chunks between two reports of progress: not ten a second on any disk.
const CHUNKS_A_REPORT: u64 = 64;

/// The paths of all files, depth first, in the order of the disc. What cannot be listed is told in `notes`.
pub(super) fn list(fs: &dyn FileSystem, notes: &mut Vec<String>) -> Vec<String> {
    let mut found = Vec::new();
    let mut left = NAMES_LIMIT;
    let mut stack = vec![(String::new(), 0)];
    while let Some((at, depth)) = stack.pop() {
        let entries = match fs.list(&at) {
            Ok(entries) => entries,
            Err(e) => {
                notes.push(format!("a directory cannot be listed: {}: {e}", printable(&at)));
                continue;
            }
        };
        let mut below = Vec::new();
        for entry in entries {
            if left == 0 {
                notes.push(format!("only the first {NAMES_LIMIT} names are listed"));
                return found;
            }
            left -= 1;
            let path = if at.is_empty() { entry.name } else { format!("{at}/{}", entry.name) };
            match entry.is_directory {
                true if depth < DEPTH_LIMIT => below.push((path, depth + 1)),
                true => {
                    notes.push(format!("directories deeper than {DEPTH_LIMIT} are not listed: {}", printable(&path)))
                }
                false => found.push(path),
            }
        }
        stack.extend(below.into_iter().rev());
    }
    found
}

/// The files that lie in missing sectors. What cannot be opened is told in `notes`: nobody knows what it has lost.
pub(super) fn hurt(
    fs: &dyn FileSystem,
    paths: &[String],
    missing: &SectorSet,
    notes: &mut Vec<String>,
) -> Vec<HurtFile> {
    let mut hurt = Vec::new();
    for path in paths.iter().filter(|_| !missing.is_empty()) {
        let Some(file) = open(fs, path, notes) else { continue };
        let bytes = file.bytes_in(missing).iter().map(|r| r.end - r.start).sum();
        if bytes > 0 {
            hurt.push(HurtFile { path: path.clone(), bytes });
        }
    }
    hurt
}

/// Opens a file, or says why that cannot be done, once.
fn open(fs: &dyn FileSystem, path: &str, notes: &mut Vec<String>) -> Option<File> {
    let failure = match fs.open(path) {
        Ok(file) => return Some(file),
        Err(e) => format!("a file cannot be opened: {}: {e}", printable(path)),
    };
    if !notes.contains(&failure) {
        notes.push(failure);
    }
    None
}

/// All of `paths`, with their hashes where they are wanted. What cannot be read is told in `notes`.
pub(super) fn describe(
    fs: &dyn FileSystem,
    paths: &[String],
    hashes: bool,
    notes: &mut Vec<String>,
    cancel: &Cancel,
    events: &dyn Events,
) -> Result<Vec<FileReport>, InfoError> {
    let opened: Vec<File> = paths.iter().filter_map(|path| open(fs, path, notes)).collect();
    let total = opened.iter().map(File::length).fold(0, u64::saturating_add);
    let mut hasher = Hasher { fs, total_bytes: total, done: 0, chunks: 0, buffer: Vec::new(), cancel, events };
    let mut reports = Vec::with_capacity(opened.len());
    for file in &opened {
        let sha256 = match hashes.then(|| hasher.hash(file)) {
            None => None,
            Some(Ok(hash)) => Some(hash),
            Some(Err(Stop::Cancelled)) => return Err(InfoError::Stopped),
            Some(Err(Stop::Unreadable(e))) => {
                notes.push(format!("{} has no hash: {e}", printable(file.path())));
                None
            }
        };
        let (path, bytes) = (file.path().to_owned(), file.length());
        reports.push(FileReport { path, bytes, sha256, extents: extents(file) });
    }
    Ok(reports)
}

fn extents(file: &File) -> Vec<ExtentReport> {
    let report = |extent: &crate::fs::Extent| ExtentReport {
        offset: extent.offset,
        sector: match extent.place {
            Place::Sector(sector) => Some(sector),
            Place::Hole => None,
        },
        bytes: extent.length,
    };
    file.extents().iter().map(report).collect()
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
    fn hash(&mut self, file: &File) -> Result<String, Stop> {
        let mut hash = Sha256::new();
        let mut at = 0;
        self.buffer.resize(CHUNK, 0);
        while at < file.length() {
            if self.cancel.is_raised() {
                return Err(Stop::Cancelled);
            }
            let count = self.fs.read_at(file, at, &mut self.buffer).map_err(Stop::Unreadable)?;
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
