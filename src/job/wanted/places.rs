//! Where files and titles lie: their sectors, by the extents of the file system.

use std::collections::HashSet;

use super::error::WantedError;
use super::nearest::nearest;
use crate::base::cancel::Cancel;
use crate::base::sector::set::SectorSet;
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::base::time::Ticks90;
use crate::fs::{File, FileSystem, FsError, Place};
use crate::job::titles::{TitleChoice, of_disc, pick};
use crate::title::TitleError;
use crate::title::model::{Packets, Piece};
use crate::title::select::choose;

/// Names and extents that are looked at; a disc of 200,000 files has fewer.
const WORK: u64 = 1 << 22;

/// Deepest directory that is entered.
const DEPTH: usize = 32;

/// Angles of a title that are looked for; a playlist has no more (BDA), a DVD nine.
const ANGLES: usize = 99;

/// The sectors of a file, or of all files below a directory.
pub(super) fn of_file(fs: &dyn FileSystem, path: &str, cancel: &Cancel) -> Result<SectorSet, WantedError> {
    let mut walk = Walk { fs, cancel, named: path, left: WORK, seen: HashSet::new(), sectors: SectorSet::new() };
    match fs.open(path) {
        Ok(file) => walk.add(&file)?,
        Err(FsError::NotAFile(_)) => walk.below(path, 0)?,
        Err(FsError::NotFound(_) | FsError::NotADirectory(_)) => match fs.list(path) {
            Ok(_) => walk.below(path, 0)?,
            Err(_) => return Err(WantedError::NoFile { path: path.to_owned(), nearest: nearest_paths(fs, path) }),
        },
        Err(cause) => return Err(cannot_tell(path, cause)),
    }
    if walk.sectors.is_empty() {
        return Err(WantedError::Nothing { path: path.to_owned() });
    }
    Ok(walk.sectors)
}

fn cannot_tell(path: &str, cause: FsError) -> WantedError {
    WantedError::Files { what: crate::base::human::printable(path), cause }
}

/// Paths in the deepest directory of `path` that is there.
fn nearest_paths(fs: &dyn FileSystem, path: &str) -> Vec<String> {
    let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
    for depth in (0..names.len()).rev() {
        let (folder, name) = (names.get(..depth).unwrap_or_default().join("/"), names.get(depth).unwrap_or(&""));
        if let Ok(entries) = fs.list(&folder) {
            let found = nearest(name, entries.iter().map(|entry| entry.name.as_str()));
            return found.into_iter().map(|name| format!("{folder}/{name}")).map(rooted).collect();
        }
    }
    Vec::new()
}

/// The path with the slash of the root in front.
fn rooted(path: String) -> String {
    if path.starts_with('/') { path } else { format!("/{path}") }
}

/// A walk through what lies below a directory.
struct Walk<'a> {
    fs: &'a dyn FileSystem,
    cancel: &'a Cancel,
    /// What the person named.
    named: &'a str,
    left: u64,
    /// Directories that were met: a disc may put one into itself.
    seen: HashSet<u128>,
    sectors: SectorSet,
}

impl Walk<'_> {
    fn below(&mut self, path: &str, depth: usize) -> Result<(), WantedError> {
        let entries = self.fs.list(path).map_err(|cause| cannot_tell(path, cause))?;
        for entry in entries {
            self.work(1)?;
            let inside = format!("{}/{}", path.trim_end_matches('/'), entry.name);
            if !entry.is_directory {
                let file = self.fs.open(&inside).map_err(|cause| cannot_tell(&inside, cause))?;
                self.add(&file)?;
            } else if depth < DEPTH && (entry.identity == 0 || self.seen.insert(entry.identity)) {
                self.below(&inside, depth + 1)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, file: &File) -> Result<(), WantedError> {
        self.work(file.extents().len() as u64)?;
        file.extents().iter().for_each(|extent| self.sectors.insert(extent.sectors()));
        Ok(())
    }

    fn work(&mut self, count: u64) -> Result<(), WantedError> {
        if self.cancel.is_raised() {
            return Err(WantedError::Stopped);
        }
        let left = self.left.checked_sub(count);
        self.left = left.ok_or_else(|| WantedError::TooMany { path: self.named.to_owned() })?;
        Ok(())
    }
}

/// The sectors of the stream files that titles play, in all of their angles.
pub(super) fn of_titles(
    fs: &dyn FileSystem,
    wanted: &TitleChoice,
    words: &str,
    cancel: &Cancel,
) -> Result<SectorSet, WantedError> {
    let tables = |cause| WantedError::Titles { what: words.to_owned(), cause };
    let mut sectors = SectorSet::new();
    let mut angles = 1;
    for angle in 1..=ANGLES {
        if angle > angles {
            break;
        }
        if cancel.is_raised() {
            return Err(WantedError::Stopped);
        }
        let disc = of_disc(fs, angle).map_err(|e| match e {
            TitleError::NoDisc => WantedError::NoTitles,
            cause => tables(cause),
        })?;
        let choice = choose(&disc.titles, &disc.navigation, &[]).ok_or(WantedError::NoTitles)?;
        for title in pick(wanted, &disc.titles, &choice, Ticks90::ZERO)?.iter().filter_map(|i| disc.titles.get(*i)) {
            angles = angles.max(title.angles);
            for part in title.all_parts() {
                for piece in &part.pieces {
                    add_piece(fs, piece, part.packets, &mut sectors)
                        .map_err(|cause| WantedError::Files { what: words.to_owned(), cause })?;
                }
            }
        }
    }
    if sectors.is_empty() { Err(WantedError::Nothing { path: words.to_owned() }) } else { Ok(sectors) }
}

/// Adds the sectors of a stretch of a stream file. The tables of a Blu-ray only hint where a part of a clip begins and ends:
/// there it is the whole file.
fn add_piece(fs: &dyn FileSystem, piece: &Piece, packets: Packets, to: &mut SectorSet) -> Result<(), FsError> {
    let file = fs.open(&piece.path)?;
    let bytes = piece.bytes.clone().filter(|_| packets == Packets::Program).unwrap_or(0..file.length());
    for extent in file.extents() {
        let Place::Sector(first) = extent.place else { continue };
        let (start, end) = (bytes.start.max(extent.offset), bytes.end.min(extent.end()));
        if start < end {
            let at = |byte: u64| first + (byte - extent.offset) / SECTOR_BYTES;
            to.insert(SectorRange::new(at(start), first + (end - extent.offset).div_ceil(SECTOR_BYTES)));
        }
    }
    Ok(())
}
