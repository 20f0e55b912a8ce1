//! Discs that were written in several sessions: each has a file system of its own, and the last one's is the disc's.

use std::fmt;
use std::sync::Arc;

use super::holes::Holed;
use super::iso9660::volume;
use super::open::open_at;
use super::sectors::Sectors;
use super::{DESCRIPTORS, FileSystem, FsError, Volume, udf};
use crate::base::sector::set::SectorSet;
use crate::base::sector::{SECTOR_SIZE, SectorRange};

/// Sessions that are looked at; a CD has room for fewer.
const SESSIONS_MAX: usize = 99;

/// Fewest sectors between two sessions (the multi-session format of CDs: lead-out, lead-in and pause).
const LEAST_GAP: u64 = 6_900;

/// Sectors that are looked at of those that a volume may begin with: files may hold many.
const BEGINNINGS_MAX: usize = 1000;

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
    /// The last sessions, that have none that can be read, from the last one back.
    pub passed_over: Vec<PassedOver>,
}

/// A session whose file system is not read.
#[derive(Debug)]
pub struct PassedOver {
    /// The first sector of the session's data.
    pub start: u64,
    /// Why.
    pub why: FsError,
}

/// `the session that begins at sector 12000 is passed over: ...`.
impl fmt::Display for PassedOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the session that begins at sector {} is passed over: {}", self.start, self.why)
    }
}

/// Opens the file system of the last session that has one. `starts` are the first data sectors of the sessions,
/// ascending; without any the disc has one session.
///
/// # Errors
/// As [`open_disc`](super::open_disc), of the last session that has a file system, else of the last.
pub fn open_sessions(sectors: Arc<dyn Sectors>, starts: &[u64]) -> Result<Sessions, FsError> {
    let first = [0];
    let starts = if starts.is_empty() { &first[..] } else { starts };
    let mut passed_over: Vec<PassedOver> = Vec::new();
    for (index, start) in starts.iter().enumerate().rev().take(SESSIONS_MAX) {
        match open_at(Arc::clone(&sectors), *start) {
            Ok(files) => {
                let own = SessionVolume { start: *start, volume: files.volume().clone() };
                let earlier = starts.get(..index).unwrap_or_default();
                let mut volumes = if starts.len() > 1 { volumes(&sectors, earlier, *start) } else { Vec::new() };
                if starts.len() > 1 {
                    volumes.push(own);
                }
                return Ok(Sessions { files, start: *start, volumes, passed_over });
            }
            // No disc, no drive: there is nothing to be looked for elsewhere.
            Err(e) if !e.is_damage() && !matches!(e, FsError::None { .. }) => return Err(e),
            Err(why) => passed_over.push(PassedOver { start: *start, why }),
        }
    }
    // Where there is one that cannot be read, that tells more than where there is none.
    let telling = passed_over.iter().position(|session| !session.why.is_absence()).unwrap_or_default();
    Err(passed_over.into_iter().nth(telling).map_or(FsError::Absent("known"), |session| session.why))
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

/// Where sessions begin, by what their volumes begin with, in an image of which nothing tells: at the start, and behind the
/// volume of each session. Reads what lies behind the first volume, and all of an image that begins with sound. Empty where
/// the start is the only one.
#[must_use]
pub fn find_starts(sectors: &dyn Sectors) -> Vec<u64> {
    // Whatever lies there: what is found behind it may be an image in a file of a disc whose tables cannot be read.
    let mut starts = vec![0];
    let first_end = end_of_volume(sectors, 0);
    if first_end.is_some_and(|end| end.saturating_add(LEAST_GAP) > sectors.count()) {
        return Vec::new();
    }
    let mut from = first_end.unwrap_or_default().max(volume::FIRST + 1);
    for _ in 0..BEGINNINGS_MAX {
        let Some(sector) = next_volume(sectors, from).filter(|_| starts.len() < SESSIONS_MAX) else { break };
        let start = sector - volume::FIRST;
        let end = end_of_volume(sectors, start);
        if end.is_some() {
            starts.push(start);
        }
        from = end.unwrap_or_default().max(sector + 1);
    }
    if starts == [0] { Vec::new() } else { starts }
}

/// The sector behind the volume, of either kind, of the session that begins at `start`; `None` where none begins there. One
/// whose tables lie in front of it is none: that is an image in a file, whose addresses count from its own start.
fn end_of_volume(sectors: &dyn Sectors, start: u64) -> Option<u64> {
    let block = sectors.sector(start.saturating_add(volume::FIRST), DESCRIPTORS).ok()?;
    let iso = volume::extent(&block).filter(|iso| iso.root >= start).map(|iso| {
        // Some programs count the volume from the start of the disc, some from that of the session.
        if iso.sectors > start { iso.sectors } else { start.saturating_add(iso.sectors) }
    });
    iso.into_iter().chain(udf::end_of_volume(sectors, start)).max()
}

/// The first sector with which a volume may begin, at or behind `from`: a primary descriptor, or UDF's recognition sequence.
fn next_volume(sectors: &dyn Sectors, from: u64) -> Option<u64> {
    let (mut at, mut together) = (from.max(volume::FIRST), 1);
    let mut buffer = vec![0; SECTOR_SIZE * TOGETHER as usize];
    while at < sectors.count() {
        let range = SectorRange::with_len(at, together.min(sectors.count() - at));
        let bytes = buffer.get_mut(..usize::try_from(range.bytes()).ok()?)?;
        let (good, fault) = sectors.read(range, bytes);
        let begins = |sector: &[u8]| volume::is_primary(sector) || udf::is_recognition(sector);
        let found = bytes.chunks_exact(SECTOR_SIZE).zip(at..at + good).find(|(sector, _)| begins(sector));
        if let Some((_, sector)) = found {
            return Some(sector);
        }
        if good == 0 && fault.is_none() {
            return None;
        }
        // What cannot be read comes in tracts, and so may beginnings: behind each such sector little is asked for, else all
        // behind it would be read again and again.
        together = if fault.is_some() { 1 } else { (together * 2).min(TOGETHER) };
        at += good + u64::from(fault.is_some());
    }
    None
}

#[cfg(test)]
#[path = "tests/sessions.rs"]
mod tests;
