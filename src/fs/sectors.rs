//! Reading sectors, as the file systems need it: shared, all or told how much.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::FsError;
use crate::base::outcome::Fault;
use crate::base::sector::{SECTOR_BYTES, SECTOR_SIZE, SectorRange};
use crate::source::{Facts, ReadRequest, SectorSource};

/// Sectors that several readers share.
pub trait Sectors: Send + Sync {
    /// How many there are.
    fn count(&self) -> u64;

    /// Reads `range` into `buffer`, which has exactly the range's bytes. Returns how many sectors at the head
    /// arrived, and why the rest is missing: `None` exactly when all arrived.
    fn read(&self, range: SectorRange, buffer: &mut [u8]) -> (u64, Option<Fault>);

    /// Reads one sector.
    ///
    /// # Errors
    /// [`FsError::Unreadable`], naming `what` should have been there.
    fn sector(&self, sector: u64, what: &str) -> Result<[u8; SECTOR_SIZE], FsError> {
        let mut buffer = [0; SECTOR_SIZE];
        match self.read(SectorRange::with_len(sector, 1), &mut buffer) {
            (_, None) => Ok(buffer),
            (_, Some(fault)) => Err(FsError::Unreadable { what: what.to_owned(), sector, fault }),
        }
    }
}

/// A source behind a lock: one reader at a time, commands no longer than the source takes.
pub struct SharedSource {
    source: Mutex<Box<dyn SectorSource>>,
    facts: Facts,
    time_limit: Duration,
}

impl SharedSource {
    /// Shares `source`; each read command may take `time_limit`.
    #[must_use]
    pub fn new(source: Box<dyn SectorSource>, time_limit: Duration) -> Self {
        let facts = source.facts().clone();
        Self { source: Mutex::new(source), facts, time_limit }
    }

    /// What is known of the source.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The source back.
    #[must_use]
    pub fn into_inner(self) -> Box<dyn SectorSource> {
        self.source.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sectors for SharedSource {
    fn count(&self) -> u64 {
        self.facts.sectors
    }

    fn read(&self, range: SectorRange, buffer: &mut [u8]) -> (u64, Option<Fault>) {
        if range.end() > self.facts.sectors {
            let (head, _) = range.split_at(self.facts.sectors.saturating_sub(range.start()));
            let bytes = usize::try_from(head.bytes()).unwrap_or(usize::MAX).min(buffer.len());
            let (good, fault) = if head.is_empty() { (0, None) } else { self.read(head, &mut buffer[..bytes]) };
            return (good, fault.or(Some(Fault::OutOfRange)));
        }
        let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rest = range;
        for chunk in buffer.chunks_mut(command_bytes(self.facts.max_sectors)) {
            let (now, later) = rest.split_at(chunk.len() as u64 / SECTOR_BYTES);
            if now.is_empty() {
                break;
            }
            let request = ReadRequest { range: now, fua: false, time_limit: self.time_limit };
            let outcome = source.read(&request, chunk);
            if outcome.fault.is_some() || outcome.sectors < now.len() {
                let good = now.start() - range.start() + outcome.sectors.min(now.len());
                let is_known_to_lack = source.lacking().contains(range.start() + good);
                let fault = if is_known_to_lack { Fault::NotInImage } else { outcome.fault.unwrap_or(Fault::Unknown) };
                return (good, Some(fault));
            }
            rest = later;
        }
        (range.len() - rest.len(), if rest.is_empty() { None } else { Some(Fault::Unknown) })
    }
}

/// Bytes of the longest command.
fn command_bytes(max_sectors: u64) -> usize {
    usize::try_from(max_sectors.max(1).saturating_mul(SECTOR_BYTES)).unwrap_or(SECTOR_SIZE)
}

/// An image held in memory: tests, fuzzing, discs of a few sectors. A last part of a sector is padded with zeros.
#[derive(Clone, Debug, Default)]
pub struct MemorySectors {
    bytes: Vec<u8>,
}

impl MemorySectors {
    /// The image.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }
}

impl Sectors for MemorySectors {
    fn count(&self) -> u64 {
        (self.bytes.len() as u64).div_ceil(SECTOR_BYTES)
    }

    fn read(&self, range: SectorRange, buffer: &mut [u8]) -> (u64, Option<Fault>) {
        let start = usize::try_from(range.byte_start()).unwrap_or(usize::MAX).min(self.bytes.len());
        let there = &self.bytes[start..];
        let count = there.len().min(buffer.len());
        buffer[..count].copy_from_slice(&there[..count]);
        let good = (count as u64).div_ceil(SECTOR_BYTES).min(range.len());
        let padded = usize::try_from(good * SECTOR_BYTES).unwrap_or(usize::MAX).min(buffer.len());
        buffer[count.min(padded)..padded].fill(0);
        (good, if good == range.len() { None } else { Some(Fault::OutOfRange) })
    }
}

#[cfg(test)]
#[path = "tests/sectors.rs"]
mod tests;
