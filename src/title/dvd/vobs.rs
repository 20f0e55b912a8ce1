//! The title VOBs of a set: up to nine files that are one row of sectors, and the navigation packs in it.

use std::collections::HashMap;
use std::ops::Range;

use crate::dvd::SECTOR;
use crate::dvd::nav::Nav;
use crate::fs::{File, FileSystem, FsError};

/// Files that the VOBs of a set may be cut into.
const FILES: u8 = 9;
/// Navigation packs that are read at most; a title has a few for each chapter.
const PACKS: usize = 65_536;
/// Those of them that are remembered.
const REMEMBERED: usize = 4096;

/// One of the files.
struct VobFile {
    file: File,
    /// Its sectors in the row.
    sectors: Range<u64>,
}

/// The title VOBs of a set.
pub(super) struct Vobs<'a> {
    fs: &'a dyn FileSystem,
    files: Vec<VobFile>,
    /// By their sectors; what is no navigation pack or cannot be read is `None`.
    packs: HashMap<u32, Option<Nav>>,
    /// Packs that were read.
    read: usize,
}

/// A stretch of one of the files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Stretch {
    pub(super) path: String,
    pub(super) bytes: Range<u64>,
}

impl<'a> Vobs<'a> {
    /// Opens the VOBs of set number `set`, as far as they are there.
    pub(super) fn open(fs: &'a dyn FileSystem, set: u8) -> Result<Self, FsError> {
        let mut files: Vec<VobFile> = Vec::new();
        for number in 1..=FILES {
            let file = match fs.open(&format!("VIDEO_TS/VTS_{set:02}_{number}.VOB")) {
                Ok(file) => file,
                Err(FsError::NotFound(_)) => break,
                Err(e) => return Err(e),
            };
            let start = files.last().map_or(0, |file| file.sectors.end);
            let sectors = start..start + file.length().div_ceil(SECTOR as u64);
            files.push(VobFile { file, sectors });
        }
        Ok(Self { fs, files, packs: HashMap::new(), read: 0 })
    }

    /// The menu VOBs in one file.
    pub(super) fn of_menus(fs: &'a dyn FileSystem, path: &str) -> Result<Self, FsError> {
        let file = fs.open(path)?;
        let sectors = 0..file.length().div_ceil(SECTOR as u64);
        Ok(Self { fs, files: vec![VobFile { file, sectors }], packs: HashMap::new(), read: 0 })
    }

    /// Sectors of all files together.
    pub(super) fn sectors(&self) -> u64 {
        self.files.last().map_or(0, |file| file.sectors.end)
    }

    /// The number of the first sector of a file.
    pub(super) fn first_sector(&self, path: &str) -> Option<u64> {
        self.files.iter().find(|file| file.file.path() == path).map(|file| file.sectors.start)
    }

    /// Where a range of sectors lies in the files.
    pub(super) fn stretches(&self, sectors: &Range<u32>) -> impl Iterator<Item = Stretch> {
        let (from, to) = (u64::from(sectors.start), u64::from(sectors.end));
        self.files.iter().filter_map(move |file| {
            let (start, end) = (from.max(file.sectors.start), to.min(file.sectors.end));
            let byte = |sector: u64| ((sector - file.sectors.start) * SECTOR as u64).min(file.file.length());
            (start < end).then(|| Stretch { path: file.file.path().to_owned(), bytes: byte(start)..byte(end) })
        })
    }

    /// The navigation pack in a sector; `None` where there is none or it cannot be read.
    pub(super) fn nav(&mut self, sector: u32) -> Option<Nav> {
        if let Some(known) = self.packs.get(&sector) {
            return *known;
        }
        if self.read >= PACKS {
            return None;
        }
        self.read += 1;
        if self.packs.len() >= REMEMBERED {
            self.packs.clear();
        }
        let nav = self.sector(sector).and_then(|bytes| Nav::parse(&bytes));
        self.packs.insert(sector, nav);
        nav
    }

    /// The bytes of a sector; `None` where they cannot be read.
    pub(super) fn sector(&self, sector: u32) -> Option<[u8; SECTOR]> {
        let at = u64::from(sector);
        let file = self.files.iter().find(|file| file.sectors.contains(&at))?;
        let offset = (at - file.sectors.start) * SECTOR as u64;
        let mut bytes = [0; SECTOR];
        let mut done = 0;
        while let Some(rest) = bytes.get_mut(done..).filter(|rest| !rest.is_empty()) {
            // What cannot be read is told when the film is written.
            match self.fs.read_at(&file.file, offset + done as u64, rest) {
                Ok(0) | Err(_) => return None,
                Ok(count) => done += count,
            }
        }
        Some(bytes)
    }
}
