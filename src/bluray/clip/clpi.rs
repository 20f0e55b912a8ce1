//! Clip information (`CLIPINF/nnnnn.clpi`): clocks, streams and entry points of one stream file.

use super::ep_map::{self, EntryPoint, EpMap};
use super::stc::StcSequence;
use crate::base::time::Ticks45;
use crate::bluray::TableError;
use crate::bluray::cursor::{self, Cursor};
use crate::bluray::stream_info::{self, StreamInfo, Within};

const TABLE: &str = "clip information";

/// Most bytes of clip information; that of the longest films has some hundred thousand.
pub const MAX_BYTES: usize = 8 << 20;

/// Most clocks of a clip: play items name them by a byte.
const CLOCKS_LIMIT: usize = 256;

/// A stream of the clip.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClipStream {
    /// PID in the transport stream.
    pub pid: u16,
    /// What is said of it.
    pub info: StreamInfo,
}

/// A stretch of the clip with the same streams (`program sequence`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program {
    /// First source packet.
    pub first_packet: u32,
    /// PID of the program map.
    pub pmt_pid: u16,
    /// The streams.
    pub streams: Vec<ClipStream>,
}

/// Clip information.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clip {
    /// Four digits; 0300 is Ultra HD Blu-ray.
    pub version: [u8; 4],
    /// What the clip is for (`application_type`): 1 film, 2 and 3 slide shows, 4 menus, 5 and 6 sub-paths, ...
    pub application: u8,
    /// Bytes a second of the transport stream.
    pub bytes_per_second: u32,
    /// Source packets in the stream file.
    pub packets: u32,
    /// The clocks, in order.
    pub clocks: Vec<StcSequence>,
    /// The streams, in order.
    pub programs: Vec<Program>,
    /// Entry points of each stream that has some; empty where there are none, or where they cannot be read.
    pub entry_points: Vec<EpMap>,
    /// Why the entry points could not be read: without them, a clip is searched instead of looked up.
    pub entry_points_error: Option<TableError>,
}

impl Clip {
    /// Reads clip information. Marks and extension data are passed over.
    ///
    /// # Errors
    /// [`TableError`] where the file is no clip information, or is damaged anywhere but in its entry points.
    pub fn parse(file: &[u8]) -> Result<Self, TableError> {
        let version = cursor::version(file, b"HDMV", MAX_BYTES, TABLE)?;
        let mut c = Cursor::at(file, 40, TABLE)?.block_u32("clip description")?;
        c.skip(2 + 1)?;
        let application = c.u8()?;
        c.skip(4)?;
        let (bytes_per_second, packets) = (c.u32()?, c.u32()?);
        let clocks = clocks(file, packets)?;
        let programs = programs(file)?;
        let (entry_points, entry_points_error) = match entry_points(file) {
            Ok(maps) => (maps, None),
            Err(e) => (Vec::new(), Some(e)),
        };
        Ok(Self { version, application, bytes_per_second, packets, clocks, programs, entry_points, entry_points_error })
    }

    /// Bytes of memory that its lists take.
    #[must_use]
    pub fn memory(&self) -> usize {
        let points: usize = self.entry_points.iter().map(|map| map.points.capacity() * size_of::<EntryPoint>()).sum();
        let streams: usize = self.programs.iter().map(|p| p.streams.capacity() * size_of::<ClipStream>()).sum();
        let programs = self.programs.capacity() * size_of::<Program>();
        let maps = self.entry_points.capacity() * size_of::<EpMap>();
        points + streams + programs + maps + self.clocks.capacity() * size_of::<StcSequence>()
    }

    /// The clock that a play item's `stc_id` names.
    #[must_use]
    pub fn clock(&self, stc_id: u8) -> Option<&StcSequence> {
        self.clocks.iter().find(|c| c.stc_id == stc_id)
    }

    /// The stream on a PID, of the first program that has it.
    #[must_use]
    pub fn stream(&self, pid: u16) -> Option<&ClipStream> {
        self.programs.iter().flat_map(|p| &p.streams).find(|s| s.pid == pid)
    }

    /// The entry points of a PID.
    #[must_use]
    pub fn entry_points_of(&self, pid: u16) -> Option<&EpMap> {
        self.entry_points.iter().find(|m| m.pid == pid)
    }
}

/// The sequences of the clip (`SequenceInfo`).
fn clocks(file: &[u8], packets: u32) -> Result<Vec<StcSequence>, TableError> {
    let table = "clip sequences";
    let mut c = Cursor::at(file, cursor::required(file, 8, table)?, table)?.block_u32(table)?;
    c.skip(1)?;
    let mut clocks: Vec<StcSequence> = Vec::new();
    for _ in 0..c.u8()? {
        c.skip(4)?;
        let (count, first_id) = (c.u8()?, c.u8()?);
        if clocks.len() + usize::from(count) > CLOCKS_LIMIT {
            return Err(c.error(format!("more than {CLOCKS_LIMIT} clocks")));
        }
        for index in 0..count {
            clocks.push(StcSequence {
                stc_id: first_id.wrapping_add(index),
                pcr_pid: c.u16()? & 0x1fff,
                first_packet: c.u32()?,
                end_packet: packets,
                start: Ticks45(c.u32()?),
                end: Ticks45(c.u32()?),
            });
        }
    }
    // They follow each other; else every hole of a hostile clip would lie on all of them.
    if clocks.windows(2).any(|pair| pair[1].first_packet < pair[0].first_packet) {
        return Err(c.error("a clock begins before the one in front of it"));
    }
    for index in 1..clocks.len() {
        clocks[index - 1].end_packet = clocks[index].first_packet;
    }
    Ok(clocks)
}

/// The programs of the clip (`ProgramInfo`).
fn programs(file: &[u8]) -> Result<Vec<Program>, TableError> {
    let table = "clip programs";
    let mut c = Cursor::at(file, cursor::required(file, 12, table)?, table)?.block_u32(table)?;
    c.skip(1)?;
    let mut programs = Vec::new();
    for _ in 0..c.u8()? {
        let (first_packet, pmt_pid) = (c.u32()?, c.u16()? & 0x1fff);
        let count = c.u8()?;
        c.skip(1)?;
        let mut streams = Vec::new();
        for _ in 0..count {
            let pid = c.u16()? & 0x1fff;
            streams.push(ClipStream { pid, info: stream_info::parse(&mut c, Within::Clip)? });
        }
        programs.push(Program { first_packet, pmt_pid, streams });
    }
    Ok(programs)
}

/// The entry points (`CPI`); clips without random access have none.
fn entry_points(file: &[u8]) -> Result<Vec<EpMap>, TableError> {
    let table = "clip entry points";
    let Some(start) = cursor::pointer(file, 16, table)? else { return Ok(Vec::new()) };
    let mut c = Cursor::at(file, start, table)?.block_u32(table)?;
    if c.remaining() < 2 {
        return Ok(Vec::new());
    }
    c.skip(2)?;
    ep_map::parse(c)
}

#[cfg(test)]
#[path = "clpi_tests.rs"]
mod tests;
