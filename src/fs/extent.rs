//! A file: its length, and where its bytes lie.

use std::ops::Range;
use std::sync::Arc;

use super::sectors::Sectors;
use super::{FsError, path};
use crate::base::outcome::Fault;
use crate::base::sector::set::SectorSet;
use crate::base::sector::{SECTOR_BYTES, SECTOR_SIZE, SectorRange};

/// Most extents that one file may have: a 3D film has some thousands.
pub const MAX_EXTENTS: usize = 1 << 18;

/// Most ranges of a file's bytes that are told apart: more than a map has ranges.
pub const MAX_RANGES: usize = 1 << 20;

/// Where the bytes of an extent lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// From the start of this sector on.
    Sector(u64),
    /// Nowhere: the bytes are zero.
    Hole,
}

/// A run of a file's bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Extent {
    /// Where in the file it starts, bytes.
    pub offset: u64,
    /// How long it is, bytes; not zero.
    pub length: u64,
    /// Where it lies.
    pub place: Place,
}

impl Extent {
    /// The sectors it lies in; empty for a hole. The last may belong to it in part.
    #[must_use]
    pub fn sectors(&self) -> SectorRange {
        match self.place {
            Place::Sector(first) => SectorRange::with_len(first, self.length.div_ceil(SECTOR_BYTES)),
            Place::Hole => SectorRange::default(),
        }
    }

    /// One past its last byte in the file.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.offset.saturating_add(self.length)
    }
}

/// What a file's bytes are read from.
#[derive(Clone, Debug)]
pub(super) enum Body {
    /// Sectors of a disc; ascending by offset, without gaps.
    Extents(Vec<Extent>),
    /// Bytes that lie inside the directory structures.
    Embedded(Arc<[u8]>),
    /// A file of the host.
    Host(Arc<std::fs::File>),
}

/// An open file.
#[derive(Clone, Debug)]
pub struct File {
    pub(super) length: u64,
    pub(super) body: Body,
    pub(super) path: String,
}

impl File {
    /// Length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Its path, for messages.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The runs of sectors it lies in, ascending by offset and without gaps between them; empty where there are
    /// no sectors: a file of the host, or one embedded in its directory structures.
    #[must_use]
    pub fn extents(&self) -> &[Extent] {
        match &self.body {
            Body::Extents(extents) => extents,
            _ => &[],
        }
    }

    /// The byte ranges of the file that lie (in part) in the given sectors, ascending, joined where they touch.
    ///
    /// On a disc whose files are not woven into each other there are no more of them than ranges of sectors and
    /// extents. Where the extents of a hostile file lie in the same sectors over and over, all behind the
    /// [`MAX_RANGES`]th range counts as one.
    #[must_use]
    pub fn bytes_in(&self, sectors: &SectorSet) -> Vec<Range<u64>> {
        let mut ranges: Vec<Range<u64>> = Vec::new();
        for piece in self.pieces_in(sectors) {
            let full = ranges.len() >= MAX_RANGES;
            match ranges.last_mut() {
                Some(last) if last.end == piece.start => last.end = piece.end,
                Some(last) if full => {
                    last.end = self.length;
                    break;
                }
                _ => ranges.push(piece),
            }
        }
        ranges
    }

    /// As [`File::bytes_in`], one by one, and cut where extents or ranges of sectors are.
    pub fn pieces_in(&self, sectors: &SectorSet) -> impl Iterator<Item = Range<u64>> {
        // Mostly all of them lie behind the file.
        let first = sectors.ranges().first().map_or(u64::MAX, |range| range.start());
        self.extents().iter().filter(move |extent| extent.sectors().end() > first).flat_map(move |extent| {
            let whole = extent.sectors();
            sectors.within(whole).map(move |part| {
                let start = extent.offset + (part.start() - whole.start()) * SECTOR_BYTES;
                start..extent.end().min(start + part.bytes())
            })
        })
    }

    /// Reads from a body that lies in sectors or in memory, on the disc that it was opened on; see [`super::FileSystem::read_at`].
    pub(super) fn read(&self, sectors: &dyn Sectors, offset: u64, buffer: &mut [u8]) -> Result<usize, FsError> {
        match &self.body {
            Body::Extents(extents) => self.read_extents(extents, sectors, offset, buffer),
            Body::Embedded(bytes) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                let count = buffer.len().min(bytes.len() - start);
                buffer[..count].copy_from_slice(&bytes[start..start + count]);
                Ok(count)
            }
            // Such a file is read by the folder that it was opened in.
            Body::Host(_) => Err(FsError::NotFound(path::for_message(&self.path))),
        }
    }

    fn read_extents(
        &self,
        extents: &[Extent],
        sectors: &dyn Sectors,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<usize, FsError> {
        let mut done = 0;
        let first = extents.partition_point(|e| e.end() <= offset);
        for extent in extents.iter().skip(first) {
            let inside = (offset + done as u64).saturating_sub(extent.offset);
            let rest = &mut buffer[done..];
            let count = usize::try_from(extent.length - inside).unwrap_or(usize::MAX).min(rest.len());
            if count == 0 {
                break;
            }
            let (got, failure) = read_extent(sectors, extent.place, inside, &mut rest[..count]);
            done += got;
            match failure {
                None => {}
                Some(_) if done > 0 => break,
                Some((sector, fault)) => {
                    return Err(FsError::Unreadable { what: path::for_message(&self.path), sector, fault });
                }
            }
        }
        Ok(done)
    }
}

/// Reads inside one extent: whole sectors straight into the buffer, parts of sectors by way of a spare one.
/// Returns the good bytes at the head, and the sector and reason of the failure that ended them.
fn read_extent(sectors: &dyn Sectors, place: Place, inside: u64, buffer: &mut [u8]) -> (usize, Option<(u64, Fault)>) {
    let Place::Sector(first) = place else {
        buffer.fill(0);
        return (buffer.len(), None);
    };
    let mut done = 0;
    while done < buffer.len() {
        let at = inside + done as u64;
        let sector = first.saturating_add(at / SECTOR_BYTES);
        let skip = (at % SECTOR_BYTES) as usize;
        let rest = &mut buffer[done..];
        if skip == 0 && rest.len() >= SECTOR_SIZE {
            let bytes = rest.len() / SECTOR_SIZE * SECTOR_SIZE;
            let range = SectorRange::with_len(sector, (bytes / SECTOR_SIZE) as u64);
            let (good, fault) = sectors.read(range, &mut rest[..bytes]);
            if let Some(fault) = fault {
                let good = good.min(range.len());
                return (done + (good as usize) * SECTOR_SIZE, Some((sector + good, fault)));
            }
            done += bytes;
        } else {
            let mut spare = [0; SECTOR_SIZE];
            if let (_, Some(fault)) = sectors.read(SectorRange::with_len(sector, 1), &mut spare) {
                return (done, Some((sector, fault)));
            }
            let count = rest.len().min(SECTOR_SIZE - skip);
            rest[..count].copy_from_slice(&spare[skip..skip + count]);
            done += count;
        }
    }
    (done, None)
}

/// Collects the extents of a file in order, joining neighbours.
#[derive(Debug, Default)]
pub(super) struct Builder {
    extents: Vec<Extent>,
    length: u64,
}

impl Builder {
    /// Bytes so far.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Adds a run; `None` when there are too many of them or too many bytes.
    pub(super) fn push(&mut self, place: Place, length: u64) -> Option<()> {
        if length == 0 {
            return Some(());
        }
        let end = self.length.checked_add(length)?;
        let joins = |last: &Extent| match (last.place, place) {
            (Place::Hole, Place::Hole) => true,
            (Place::Sector(first), Place::Sector(next)) => {
                last.length.is_multiple_of(SECTOR_BYTES) && first.checked_add(last.length / SECTOR_BYTES) == Some(next)
            }
            _ => false,
        };
        let full = self.extents.len() >= MAX_EXTENTS;
        match self.extents.last_mut() {
            Some(last) if joins(last) => last.length += length,
            _ if full => return None,
            _ => self.extents.push(Extent { offset: self.length, length, place }),
        }
        self.length = end;
        Some(())
    }

    /// The extents, cut at `length` bytes.
    pub(super) fn finish(mut self, length: u64) -> Vec<Extent> {
        self.extents.retain(|e| e.offset < length);
        if let Some(last) = self.extents.last_mut() {
            last.length = last.length.min(length - last.offset);
        }
        self.extents
    }
}

#[cfg(test)]
#[path = "tests/extent.rs"]
mod tests;
