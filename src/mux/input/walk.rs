//! The needed bytes of one piece of a part, from block to block and hole to hole.

use std::ops::Range;

use super::super::MuxError;
use crate::base::outcome::Fault;
use crate::base::sector::SECTOR_BYTES;
use crate::base::sector::set::SectorSet;
use crate::fs::{Extent, File, FileSystem, FsError, Place};
use crate::title::model::{Packets, Piece};

/// Both the sector and the packet go into it: where blocks end at multiples of this, neither is cut.
pub(in crate::mux) fn unit(packets: Packets) -> u64 {
    let (mut divisor, mut rest) = (SECTOR_BYTES, packets.stride());
    while rest != 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    SECTOR_BYTES / divisor * packets.stride()
}

/// Sectors that are given up together when one cannot be read: an ECC unit of Blu-ray discs, two of DVDs.
const ECC_SECTORS: u64 = 32;

/// What lies next in a part's bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::mux) enum Next {
    /// Bytes were read: where in the file they begin, and which of the buffer's they are.
    Bytes { offset: u64, inside: Range<usize> },
    /// Bytes of the file that are missing.
    Hole(Range<u64>),
}

/// Walks the bytes of one piece of a part, from block to block and hole to hole.
pub(in crate::mux) struct Walk<'a> {
    fs: &'a dyn FileSystem,
    file: File,
    /// Bytes from packet to packet.
    stride: u64,
    /// Blocks end at multiples of this.
    unit: u64,
    position: u64,
    end: u64,
    /// Nothing outside of these is the piece's.
    limits: Range<u64>,
    /// Known holes that lie ahead, ascending.
    holes: std::iter::Peekable<std::vec::IntoIter<Range<u64>>>,
}

impl<'a> Walk<'a> {
    /// A walk over `piece`, whose packets lie as `packets` says; `missing` are the sectors that the source is known to
    /// lack.
    pub(in crate::mux) fn new(
        fs: &'a dyn FileSystem,
        piece: &Piece,
        packets: Packets,
        missing: &SectorSet,
    ) -> Result<Self, MuxError> {
        let file = fs.open(&piece.path)?;
        let bytes = piece.bytes.clone().unwrap_or(0..file.length());
        let holes = file.bytes_in(missing).into_iter().peekable();
        Ok(Self {
            fs,
            file,
            stride: packets.stride(),
            unit: unit(packets),
            position: bytes.start,
            end: bytes.end,
            limits: piece.clock_bytes.clone(),
            holes,
        })
    }

    /// The file.
    pub(in crate::mux) fn file(&self) -> &File {
        &self.file
    }

    /// Where in the file the next bytes are.
    pub(in crate::mux) fn position(&self) -> u64 {
        self.position
    }

    /// Reads on into `buffer`, whose length is a multiple of [`unit()`]. `None`: all was read.
    pub(in crate::mux) fn next(&mut self, buffer: &mut [u8]) -> Result<Option<Next>, MuxError> {
        if self.position >= self.end {
            return Ok(None);
        }
        while self.holes.next_if(|hole| hole.end <= self.position).is_some() {}
        let known = self.holes.peek().cloned().unwrap_or(u64::MAX..u64::MAX);
        // What the file should have and does not is a hole as well.
        let limit = self.end.min(known.start).min(self.file.length());
        if limit <= self.position {
            let end = if known.start <= self.position { known.end.min(self.end) } else { self.end };
            return Ok(Some(self.hole(end)));
        }
        // The first block begins earlier, so that all blocks lie on the same grid.
        let begin = self.position - self.position % self.unit;
        let begin = if self.reads_whole(begin) { begin } else { self.position };
        let room = (limit - begin).min(buffer.len() as u64) as usize;
        match self.fs.read_at(&self.file, begin, &mut buffer[..room]) {
            Ok(count) if begin + count as u64 > self.position => {
                let (offset, skip) = (self.position, (self.position - begin) as usize);
                self.position = begin + count as u64;
                Ok(Some(Next::Bytes { offset, inside: skip..count }))
            }
            Ok(count) if begin < self.position && count > 0 => self.read_rest(buffer, limit),
            Ok(_) => Ok(Some(self.hole(self.end))),
            Err(_) if begin < self.position => self.read_rest(buffer, limit),
            Err(e) => self.failed(e),
        }
    }

    /// Where the first byte lies that may be the piece's.
    pub(in crate::mux) fn first(&self) -> u64 {
        self.limits.start
    }

    /// Begins at the first packet at or behind `position`; gives where that is.
    pub(in crate::mux) fn begin_at(&mut self, position: u64) -> u64 {
        self.position = position.max(self.limits.start).next_multiple_of(self.stride);
        self.position
    }

    /// Where the bytes end that are walked.
    pub(in crate::mux) fn end(&self) -> u64 {
        self.end
    }

    /// Goes on behind its end for about this many bytes; `false` where the file has no more that may be the piece's.
    pub(in crate::mux) fn go_on(&mut self, bytes: u64) -> bool {
        let end =
            self.end.saturating_add(bytes.next_multiple_of(self.unit)).min(self.file.length()).min(self.limits.end);
        let goes_on = end > self.end;
        self.end = self.end.max(end);
        goes_on
    }

    /// Bytes of the file that lie ahead, as far as they can be read; none where they are known to be missing.
    pub(in crate::mux) fn ahead(&self, range: Range<u64>) -> Vec<u8> {
        let is_missing = |hole: &Range<u64>| hole.start < range.end && range.start < hole.end;
        if self.holes.clone().any(|hole| is_missing(&hole)) {
            return Vec::new();
        }
        let end = range.end.min(self.file.length());
        let mut bytes = vec![0; usize::try_from(end.saturating_sub(range.start)).unwrap_or(0)];
        let mut done = 0;
        while let Some(rest) = bytes.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.fs.read_at(&self.file, range.start + done as u64, rest) {
                Ok(count) if count > 0 => done += count,
                _ => break,
            }
        }
        bytes.truncate(done);
        bytes
    }

    /// Whether nothing between `begin` and the position is known to be missing.
    fn reads_whole(&self, begin: u64) -> bool {
        begin == self.position || self.holes.len() == 0 || self.position - begin < self.unit
    }

    /// Reads from the position itself: what lies in front of it cannot be read.
    fn read_rest(&mut self, buffer: &mut [u8], limit: u64) -> Result<Option<Next>, MuxError> {
        let to_grid = self.unit - self.position % self.unit;
        let room = (limit - self.position).min(to_grid).min(buffer.len() as u64) as usize;
        match self.fs.read_at(&self.file, self.position, &mut buffer[..room]) {
            Ok(0) => Ok(Some(self.hole(self.end))),
            Ok(count) => {
                let offset = self.position;
                self.position += count as u64;
                Ok(Some(Next::Bytes { offset, inside: 0..count }))
            }
            Err(e) => self.failed(e),
        }
    }

    fn failed(&mut self, error: FsError) -> Result<Option<Next>, MuxError> {
        if !is_damage(&error) {
            return Err(error.into());
        }
        let past_the_end = matches!(error, FsError::Unreadable { fault: Fault::OutOfRange, .. });
        let end = end_of_ecc_block(self.file.extents(), self.position, past_the_end);
        Ok(Some(self.hole(end.min(self.end))))
    }

    fn hole(&mut self, end: u64) -> Next {
        let start = std::mem::replace(&mut self.position, end);
        Next::Hole(start..end)
    }
}

/// Damage of the disc; also where it is mounted and the system reads it for us.
fn is_damage(error: &FsError) -> bool {
    let by_system =
        matches!(error, FsError::Host { source, .. } if source.raw_os_error() == Some(nix::errno::Errno::EIO as i32));
    error.is_damage() || by_system
}

/// Where in the file the ECC unit ends that byte `at` lies in, or the whole extent.
fn end_of_ecc_block(extents: &[Extent], at: u64, whole_extent: bool) -> u64 {
    let block = ECC_SECTORS * SECTOR_BYTES;
    let found = extents.partition_point(|e| e.end() <= at);
    let Some(extent) = extents.get(found) else { return at - at % block + block };
    let Place::Sector(first) = extent.place else { return extent.end() };
    if whole_extent {
        return extent.end();
    }
    let inside = (at - extent.offset) / SECTOR_BYTES;
    let sector = first.saturating_add(inside);
    let sectors = ECC_SECTORS - sector % ECC_SECTORS;
    extent.end().min(extent.offset + (inside + sectors) * SECTOR_BYTES)
}

/// First sector of byte `at` of a file; `None` where it lies in no sector.
pub(in crate::mux) fn sector_of(extents: &[Extent], at: u64) -> Option<u64> {
    let extent = extents.get(extents.partition_point(|e| e.end() <= at))?;
    match extent.place {
        Place::Sector(first) if extent.offset <= at => Some(first + (at - extent.offset) / SECTOR_BYTES),
        _ => None,
    }
}
