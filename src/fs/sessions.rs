//! Discs that were written in several sessions: each has a file system of its own, and the last one's is the disc's.

use std::sync::Arc;

use super::holes::Holed;
use super::iso9660::volume;
use super::open::open_at;
use super::sectors::Sectors;
use super::{FileSystem, FsError, Volume};
use crate::base::sector::{SECTOR_BYTES, SECTOR_SIZE, SectorRange};
use crate::base::set::SectorSet;

/// Sessions that are looked at; a CD has room for fewer.
const SESSIONS_MAX: usize = 99;

/// Fewest sectors between two sessions (the multi-session format of CDs: lead-out, lead-in and pause).
const LEAST_GAP: u64 = 6_900;

/// Sectors that are read together where sessions are looked for.
const TOGETHER: u64 = 512;

/// The file system of a session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionVolume {
    /// The first sector of the session's data.
    pub start: u64,
    /// What its file system says of itself.
    pub volume: Volume,
}

/// The file systems of a disc.
pub struct Sessions {
    /// The one that is read: that of the last session that has one.
    pub files: Box<dyn FileSystem>,
    /// Where the session of that begins.
    pub start: u64,
    /// All that can be opened, where there is more than one, ascending.
    pub volumes: Vec<SessionVolume>,
    /// The last sessions that have none that can be read, by their starts.
    pub without: Vec<u64>,
}

/// Opens the file system of the last session that has one. `starts` are the first data sectors of the sessions,
/// ascending; without any the disc has one session.
///
/// # Errors
/// As [`open_disc`](super::open_disc), of the last session.
pub fn open_sessions(sectors: Arc<dyn Sectors>, starts: &[u64]) -> Result<Sessions, FsError> {
    let first = [0];
    let starts = if starts.is_empty() { &first[..] } else { starts };
    let (mut failure, mut without) = (None, Vec::new());
    for (index, start) in starts.iter().enumerate().rev().take(SESSIONS_MAX) {
        match open_at(Arc::clone(&sectors), *start) {
            Ok(files) => {
                let own = SessionVolume { start: *start, volume: files.volume().clone() };
                let earlier = starts.get(..index).unwrap_or_default();
                let mut volumes = if starts.len() > 1 { volumes(&sectors, earlier, *start) } else { Vec::new() };
                if starts.len() > 1 {
                    volumes.push(own);
                }
                return Ok(Sessions { files, start: *start, volumes, without });
            }
            // No disc, no drive: there is nothing to be looked for elsewhere.
            Err(e) if !e.is_damage() && !matches!(e, FsError::None { .. }) => return Err(e),
            Err(e) => {
                without.push(*start);
                failure.get_or_insert(e);
            }
        }
    }
    Err(failure.unwrap_or(FsError::Absent("known")))
}

/// What the file systems of the sessions at `starts` say of themselves; `end` is where the next session begins.
fn volumes(sectors: &Arc<dyn Sectors>, starts: &[u64], end: u64) -> Vec<SessionVolume> {
    let ends = starts.iter().skip(1).copied().chain([end]);
    let volume = |(start, end): (&u64, u64)| {
        // What lies behind a session is none of its own.
        let alone = Arc::new(Holed::new(Arc::clone(sectors), SectorSet::new(), end));
        let files = open_at(alone, *start).ok()?;
        Some(SessionVolume { start: *start, volume: files.volume().clone() })
    };
    starts.iter().zip(ends).take(SESSIONS_MAX).filter_map(volume).collect()
}

/// Where sessions of ISO 9660 begin, by their volume descriptors, in an image of which nothing tells: behind the volume of
/// each session, and from the start of the disc where none is. Reads what lies behind the first volume, and all of an
/// image that begins with sound. Empty where there is one session at the start, or none.
#[must_use]
pub fn find_starts(sectors: &dyn Sectors) -> Vec<u64> {
    let mut starts = Vec::new();
    let mut from = 0;
    let block = sectors.sector(volume::FIRST, "volume descriptor").ok();
    if let Some(size) = block.as_ref().and_then(volume::size) {
        starts.push(0);
        from = size.max(volume::FIRST + 1);
        if from.saturating_add(LEAST_GAP) > sectors.count() {
            return Vec::new();
        }
    }
    while let Some((sector, size)) = next_descriptor(sectors, from).filter(|_| starts.len() < SESSIONS_MAX) {
        let start = sector - volume::FIRST;
        starts.push(start);
        // Some programs count the volume from the start of the disc, some from that of the session.
        let end = if size > start { size } else { start.saturating_add(size) };
        from = end.max(sector + 1);
    }
    if starts == [0] { Vec::new() } else { starts }
}

/// The first primary volume descriptor that may be a session's, at or behind `from`, and what it says of its volume.
fn next_descriptor(sectors: &dyn Sectors, from: u64) -> Option<(u64, u64)> {
    let mut at = from.max(volume::FIRST);
    let mut buffer = vec![0; SECTOR_SIZE * TOGETHER as usize];
    while at < sectors.count() {
        let range = SectorRange::new(at, (at + TOGETHER).min(sectors.count()));
        let bytes = buffer.get_mut(..usize::try_from(range.len() * SECTOR_BYTES).ok()?)?;
        let (good, fault) = sectors.read(range, bytes);
        let found = bytes
            .chunks_exact(SECTOR_SIZE)
            .zip(at..at + good)
            .find_map(|(sector, lba)| Some((lba, volume::size(sector.try_into().ok()?)?)));
        if found.is_some() {
            return found;
        }
        at += good + u64::from(fault.is_some());
        if good == 0 && fault.is_none() {
            return None;
        }
    }
    None
}

#[cfg(test)]
#[path = "sessions_tests.rs"]
mod tests;
