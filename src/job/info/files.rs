//! The files of a disc: which there are, where they lie, what is missing of them.
//!
//! Everything that is kept is charged to an allowance, and so is the work: a disc of some megabytes may name a directory
//! in itself, one file a million times, or sectors over and over. Where an allowance ends, so does the list, and a note
//! says so.

use std::collections::HashSet;

use super::error::InfoError;
use super::report::{ExtentReport, FileReport, HurtFile};
use crate::base::allowance::{ALLOCATION, Allowance, Sentences};
use crate::base::cancel::Cancel;
use crate::base::human::printable;
use crate::base::sector::SECTOR_BYTES;
use crate::base::sector::set::SectorSet;
use crate::fs::{Entry, File, FileSystem, FsError, Place};

/// Bytes that the names of files and directories and the places of files may take: a disc of 200,000 files.
const KEPT: u64 = 40 << 20;
/// Names, extents and missing ranges that are looked at, all files together: some seconds.
const WORK: u64 = 1 << 24;
/// Missing ranges of one file that are counted; of a file with more, all of it counts as missing.
const RANGES: usize = 1 << 20;
/// Deepest directory that is entered.
const DEPTH_LIMIT: usize = 32;

/// What a walk over all files found.
#[derive(Debug, Default)]
pub(in crate::job) struct Found {
    /// The files, depth first, in the order of the disc; none where they are not wanted.
    pub(in crate::job) files: Vec<FileReport>,
    /// Those that lie in missing sectors.
    pub(in crate::job) hurt: Vec<HurtFile>,
    /// Bytes of files that lie where nothing of the disc can be.
    pub(in crate::job) without_data: u64,
}

/// The sectors that files are looked for in.
#[derive(Clone, Copy, Debug)]
pub(in crate::job) struct Lost<'a> {
    /// All that cannot be had; all of `without_data` too.
    pub(in crate::job) sectors: &'a SectorSet,
    /// Those of them where nothing of the disc can be: behind its end, and in tracts that are left out.
    pub(in crate::job) without_data: &'a SectorSet,
}

/// Looks at all files: keeps them where they are `wanted`, and finds those that lie in sectors that are `lost`. What cannot
/// be listed or opened is told in `notes`, as is where the list was cut.
pub(in crate::job) fn walk(
    fs: &dyn FileSystem,
    wanted: bool,
    lost: Lost<'_>,
    notes: &mut Sentences,
    cancel: &Cancel,
) -> Result<Found, InfoError> {
    let mut walk = Walk {
        fs,
        wanted,
        lost,
        notes,
        kept: Allowance::new(KEPT),
        work: Allowance::new(WORK),
        seen: HashSet::from([fs.root_identity()]),
        looked_at: 0,
        found: Found::default(),
    };
    let mut stack = vec![(String::new(), 0)];
    while let Some((at, depth)) = stack.pop() {
        let mut below = Vec::new();
        match walk.directory(&at, depth, &mut below, cancel)? {
            Next::Go => stack.extend(below.into_iter().rev()),
            Next::Cut(why) => {
                let count = walk.looked_at;
                walk.notes.push(format!(
                    "only the first {count} files of this disc are looked at: {why}; what follows is not listed, nor \
                     what is missing of it"
                ));
                break;
            }
        }
    }
    Ok(walk.found)
}

/// Whether the walk goes on.
enum Next {
    Go,
    /// An allowance is used up.
    Cut(&'static str),
}

const TOO_MUCH_KEPT: Next = Next::Cut("the names and places of all would take too much memory");
const TOO_MUCH_WORK: Next = Next::Cut("their places are in too many pieces");

struct Walk<'a> {
    fs: &'a dyn FileSystem,
    wanted: bool,
    lost: Lost<'a>,
    notes: &'a mut Sentences,
    kept: Allowance,
    work: Allowance,
    /// Directories that were met.
    seen: HashSet<u128>,
    looked_at: u64,
    found: Found,
}

impl Walk<'_> {
    /// Looks at one directory; adds those in it to `below`.
    fn directory(
        &mut self,
        at: &str,
        depth: usize,
        below: &mut Vec<(String, usize)>,
        cancel: &Cancel,
    ) -> Result<Next, InfoError> {
        let entries = match self.fs.list(at) {
            Ok(entries) => entries,
            Err(e) => {
                self.notes.push(format!("a directory cannot be listed: {}: {e}", printable(at)));
                return Ok(self.unread(format!("{at}/"), &e));
            }
        };
        for entry in entries {
            if cancel.is_raised() {
                return Err(InfoError::Stopped);
            }
            if !self.work.take(1) {
                return Ok(TOO_MUCH_WORK);
            }
            let next = if entry.is_directory {
                self.below(at, depth, &entry, below)
            } else {
                self.file(join(at, &entry.name))
            };
            if let Next::Cut(why) = next {
                return Ok(Next::Cut(why));
            }
        }
        Ok(Next::Go)
    }

    /// A directory inside another one: to be looked at once, however often the disc names it.
    fn below(&mut self, at: &str, depth: usize, entry: &Entry, below: &mut Vec<(String, usize)>) -> Next {
        let path = join(at, &entry.name);
        if entry.identity != 0 && !self.seen.insert(entry.identity) {
            self.notes.push(format!(
                "{} is the same directory as one above or before it: it is listed once",
                printable(&path)
            ));
        } else if depth >= DEPTH_LIMIT {
            self.notes.push(format!("directories deeper than {DEPTH_LIMIT} are not listed: {}", printable(&path)));
        } else if !self.kept.take(path.len() + 2 * ALLOCATION + size_of::<(String, usize)>()) {
            return TOO_MUCH_KEPT;
        } else {
            below.push((path, depth + 1));
        }
        Next::Go
    }

    fn file(&mut self, path: String) -> Next {
        let file = match self.fs.open(&path) {
            Ok(file) => file,
            Err(e) => {
                self.notes.push(format!("a file cannot be opened: {}: {e}", printable(&path)));
                return self.unread(path, &e);
            }
        };
        self.looked_at += 1;
        if !self.work.take(file.extents().len()) {
            return TOO_MUCH_WORK;
        }
        let Lost { sectors, without_data } = self.lost;
        let Some(bytes) = self.missing_bytes(&file, sectors) else { return TOO_MUCH_WORK };
        if bytes > 0 {
            let Some(nowhere) = self.missing_bytes(&file, without_data) else { return TOO_MUCH_WORK };
            self.found.without_data = self.found.without_data.saturating_add(nowhere);
            if let cut @ Next::Cut(_) = self.hurt(path.clone(), bytes) {
                return cut;
            }
        }
        if self.wanted {
            let extents = file.extents().len() * size_of::<ExtentReport>();
            if !self.kept.take(path.len() + extents + 2 * ALLOCATION + size_of::<FileReport>()) {
                return TOO_MUCH_KEPT;
            }
            let (bytes, extents) = (file.length(), extents_of(&file));
            self.found.files.push(FileReport { path, bytes, sha256: None, extents });
        }
        Next::Go
    }

    /// What is told of a file or directory whose description cannot be read, where that lies where nothing can be: at least
    /// a sector is missing.
    fn unread(&mut self, path: String, error: &FsError) -> Next {
        match error {
            FsError::Unreadable { sector, .. } if self.lost.without_data.contains(*sector) => {
                self.found.without_data = self.found.without_data.saturating_add(SECTOR_BYTES);
                self.hurt(path, SECTOR_BYTES)
            }
            _ => Next::Go,
        }
    }

    fn hurt(&mut self, path: String, bytes: u64) -> Next {
        if !self.kept.take(path.len() + ALLOCATION + size_of::<HurtFile>()) {
            return TOO_MUCH_KEPT;
        }
        self.found.hurt.push(HurtFile { path, bytes });
        Next::Go
    }

    /// Bytes of a file that are missing, never less than the truth; `None` when the allowance of work is used up.
    fn missing_bytes(&mut self, file: &File, missing: &SectorSet) -> Option<u64> {
        let (mut bytes, mut ranges) = (0u64, 0);
        for piece in file.pieces_in(missing) {
            if !self.work.take(1) {
                return None;
            }
            ranges += 1;
            if ranges > RANGES {
                return Some(file.length());
            }
            bytes = bytes.saturating_add(piece.end - piece.start);
        }
        Some(bytes.min(file.length()))
    }
}

fn join(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}/{name}") }
}

fn extents_of(file: &File) -> Vec<ExtentReport> {
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
