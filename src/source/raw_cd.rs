//! Images of raw CD sectors: 2352 bytes each, or more where sub-channel data follows. The 2048 bytes of data in them are
//! read; sectors that hold none are left out (ECMA-130, 14; form 1 and 2: IEC 10149, XA).

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;

use super::{Facts, ReadRequest, SectorSource};
use crate::base::clock::{Clock, SystemClock};
use crate::base::human::printable;
use crate::base::media::Media;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::tract::{LeftOut, TractKind};
use crate::base::sector::{SECTOR_BYTES, SECTOR_SIZE, SectorRange};

/// What each data sector begins with.
const SYNC: [u8; 12] = [0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0];

/// Bytes of a raw sector.
const RAW: usize = 2352;

/// Bytes from one sector to the next: alone, with 16 bytes of sub-channel Q, with all 96 bytes of sub-channels.
const STRIDES: [u64; 3] = [2352, 2368, 2448];

/// Submode bit of form 2 (XA).
const FORM_2: u8 = 1 << 5;

/// Sectors of one read.
const SECTORS: u64 = 64;

/// An image of raw sectors.
#[derive(Debug)]
pub struct RawCd {
    file: File,
    stride: u64,
    facts: Facts,
    clock: Arc<SystemClock>,
    left_out: LeftOut,
    /// The tract that was looked at last: of very many not all are remembered.
    last_tract: SectorRange,
    buffer: Vec<u8>,
}

impl RawCd {
    /// Opens a regular file that begins with two raw data sectors; `None` where it does not.
    ///
    /// # Errors
    /// The file cannot be opened or read.
    pub fn open(path: &Path) -> io::Result<Option<Self>> {
        if !path.is_file() {
            return Ok(None);
        }
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut sync = SYNC;
        let mut has_sync = |at: u64| -> io::Result<bool> {
            if at + RAW as u64 > length {
                return Ok(false);
            }
            file.read_exact_at(&mut sync, at)?;
            Ok(sync == SYNC)
        };
        if !has_sync(0)? {
            return Ok(None);
        }
        let mut stride = None;
        for candidate in STRIDES {
            if stride.is_none() && has_sync(candidate)? {
                stride = Some(candidate);
            }
        }
        let Some(stride) = stride else { return Ok(None) };
        // A last sector of which a part is there counts: it is one of the disc's.
        let sectors = length.div_ceil(stride);
        let facts = Facts {
            name: format!("{} (raw sectors of {stride} bytes)", printable(&path.to_string_lossy())),
            size_bytes: sectors * SECTOR_BYTES,
            sectors,
            media: Some(Media::Cd),
            max_sectors: SECTORS,
        };
        let clock = Arc::new(SystemClock::new());
        let (left_out, last_tract) = (LeftOut::new(), SectorRange::default());
        Ok(Some(Self { file, stride, facts, clock, left_out, last_tract, buffer: Vec::new() }))
    }

    /// Bytes from one sector to the next.
    #[must_use]
    pub fn sector_bytes(&self) -> u64 {
        self.stride
    }

    /// What a sector is without data; `None` where it has some, or cannot be read.
    fn kind_at(&self, sector: u64) -> Option<TractKind> {
        let mut raw = [0; RAW];
        self.file.read_exact_at(&mut raw, sector * self.stride).ok()?;
        match data(&raw) {
            Err(Without::Tract(kind)) => Some(kind),
            _ => None,
        }
    }

    /// Takes the tract of this kind from `first` on among those that are left out.
    fn leave_out(&mut self, first: u64, kind: TractKind) {
        if self.last_tract.contains(first) || self.left_out.contains(first) {
            return;
        }
        let mut end = first + 1;
        while end < self.facts.sectors && self.kind_at(end) == Some(kind) {
            end += 1;
        }
        self.last_tract = SectorRange::new(first, end);
        self.left_out.insert(self.last_tract, kind);
    }

    /// Fills the own buffer with the raw sectors of `range`; tells how many bytes came.
    fn fill(&mut self, range: SectorRange) -> usize {
        let length = usize::try_from(range.len().saturating_mul(self.stride)).unwrap_or(0);
        self.buffer.resize(length, 0);
        let mut filled = 0;
        while let Some(rest) = self.buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.file.read_at(rest, range.start() * self.stride + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        filled
    }

    /// The data of the sectors of `range` up to the first that has none: how many, and why no more. All tracts among the
    /// sectors are taken in.
    fn read_data(&mut self, range: SectorRange, buffer: &mut [u8]) -> (u64, Option<Fault>) {
        let filled = self.fill(range);
        let raw = std::mem::take(&mut self.buffer);
        let stride = usize::try_from(self.stride).unwrap_or(RAW);
        let there = raw.get(..filled).unwrap_or_default().chunks(stride);
        let (mut done, mut fault) = (0, None);
        for ((sector, raw), to) in (range.start()..range.end()).zip(there).zip(buffer.chunks_exact_mut(SECTOR_SIZE)) {
            match data(raw.get(..RAW).unwrap_or(raw)) {
                Ok(bytes) if fault.is_none() => {
                    to.copy_from_slice(bytes);
                    done += 1;
                }
                Ok(_) => {}
                Err(Without::Tract(kind)) => {
                    self.leave_out(sector, kind);
                    fault.get_or_insert(Fault::WrongTrack);
                }
                Err(Without::End) => {
                    fault.get_or_insert(Fault::Damage);
                }
            }
        }
        self.buffer = raw;
        (done, fault.or((done < range.len()).then_some(Fault::Damage)))
    }
}

/// Why a raw sector has no data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Without {
    /// It is of this kind.
    Tract(TractKind),
    /// It was cut.
    End,
}

/// The data of a raw sector, of which the end may be missing.
fn data(raw: &[u8]) -> Result<&[u8], Without> {
    // Sound has no head.
    if !SYNC.starts_with(raw.get(..SYNC.len()).unwrap_or(raw)) {
        return Err(Without::Tract(TractKind::Audio));
    }
    let subheader = raw.get(16..24).unwrap_or_default();
    let (first, second) = subheader.split_at(subheader.len() / 2);
    let at = match raw.get(15) {
        Some(1) => 16,
        // Mode 2 without forms has no subheader, which comes twice, and 2336 bytes of its own.
        Some(2) if first == second && first.get(2).is_some_and(|submode| submode & FORM_2 == 0) => 24,
        Some(2) if first.is_empty() => return Err(Without::End),
        Some(2) => return Err(Without::Tract(TractKind::Form2)),
        // Mode 0 is a sector of zeros.
        Some(0) => return Err(Without::Tract(TractKind::Unwritten)),
        Some(_) => return Err(Without::Tract(TractKind::NotData)),
        None => return Err(Without::End),
    };
    raw.get(at..at + SECTOR_SIZE).ok_or(Without::End)
}

impl SectorSource for RawCd {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn read(&mut self, request: &ReadRequest, buffer: &mut [u8]) -> Outcome {
        let started = self.clock.now();
        let there = request.range.intersect(SectorRange::new(0, self.facts.sectors));
        if there.start() != request.range.start() {
            return Outcome::failed(0, Fault::OutOfRange, 0.0);
        }
        let (done, fault) = self.read_data(there, buffer);
        let fault = fault.or((there != request.range).then_some(Fault::OutOfRange));
        let seconds = self.clock.now().saturating_sub(started).as_secs_f64();
        match fault {
            None => Outcome::complete(done, seconds),
            Some(fault) => Outcome::failed(done, fault, seconds),
        }
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock) as Arc<dyn Clock>
    }

    fn left_out(&self) -> &LeftOut {
        &self.left_out
    }
}

#[cfg(test)]
#[path = "raw_cd_tests.rs"]
mod tests;
