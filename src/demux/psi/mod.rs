//! What streams a bare transport stream holds: PAT and PMT (ISO/IEC 13818-1, 2.4.4).
//!
//! A disc says this better in its clip information; this is for a stream file that stands alone.

mod sections;

use super::m2ts::Layout;
use crate::base::bytes::{Bytes, Short};
use sections::{Section, body, crc32, packets, payload, pid, starts_unit};

const STREAM_LIMIT: usize = 255;
/// PIDs that no table gives to a stream or a table of a program (table 2-3).
const RESERVED: u16 = 0x10;
const NULL_PID: u16 = 0x1FFF;
/// Stream types of pictures: MPEG-1, MPEG-2, H.264, H.265, VC-1.
const VIDEO_TYPES: [u8; 5] = [0x01, 0x02, 0x1B, 0x24, 0xEA];

/// A program: streams that share a clock.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Program {
    /// `program_number`.
    pub number: u16,
    /// PID that carries the clock.
    pub pcr_pid: u16,
    /// In the order of the table.
    pub streams: Vec<ElementaryStream>,
}

/// One line of a program's stream table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ElementaryStream {
    /// Packet identifier, 13 bits.
    pub pid: u16,
    /// `stream_type`; the same numbers as in Blu-ray tables.
    pub stream_type: u8,
    /// ISO 639-2 code of the language descriptor.
    pub language: Option<[u8; 3]>,
    /// `format_identifier` of the registration descriptor: `AC-3`, `HDMV`, …
    pub registration: Option<[u8; 4]>,
    /// Tags of all descriptors, in order: 0x6A AC-3, 0x7A E-AC-3, 0x7B DTS in DVB streams.
    pub descriptors: Vec<u8>,
    /// Of its extension descriptors (0x7F), the tags inside: 0x0E DTS-HD, 0x21 DTS-UHD.
    pub extensions: Vec<u8>,
}

/// The program of `data` to be played: see [`Scan::program`].
#[must_use]
pub fn scan(data: &[u8], layout: Layout) -> Option<Program> {
    let mut scan = Scan::new(layout);
    scan.push(data);
    scan.program()
}

/// Looks for programs, and which of them have data.
#[derive(Debug)]
pub struct Scan {
    layout: Layout,
    pat: Section,
    /// The PAT was whole and its checksum right.
    is_sure: bool,
    tables: Vec<Table>,
    /// PES packets that began, by PID.
    begun: Box<[u32; 8192]>,
}

/// The table of a program, which the PAT names.
#[derive(Debug)]
struct Table {
    number: u16,
    pid: u16,
    section: Section,
    program: Option<Program>,
    /// The checksum of its table was right.
    is_sure: bool,
}

impl Scan {
    /// A scan of a file whose packets lie as `layout` says.
    #[must_use]
    pub fn new(layout: Layout) -> Self {
        Self { layout, pat: Section::default(), is_sure: false, tables: Vec::new(), begun: Box::new([0; 8192]) }
    }

    /// Takes a stretch of the file; stretches need not follow each other.
    pub fn push(&mut self, data: &[u8]) {
        self.directory(data);
        for packet in packets(data, self.layout) {
            let Some(payload) = payload(packet) else { continue };
            let (pid, unit_start) = (pid(packet), starts_unit(packet));
            if unit_start && payload.starts_with(&[0, 0, 1]) {
                let count = &mut self.begun[usize::from(pid)];
                *count = count.saturating_add(1);
            }
            for table in self.tables.iter_mut().filter(|table| table.pid == pid && !table.is_sure) {
                let Some(section) = table.section.push(payload, unit_start) else { continue };
                let is_sure = crc32(section) == 0;
                // A wrong checksum does not make a table wrong that fits in all its parts: some discs are pressed so.
                let found = streams(section, table.number, !is_sure).ok().flatten();
                if found.is_some() && (is_sure || table.program.is_none()) {
                    table.program = found;
                    table.is_sure = is_sure;
                }
            }
        }
    }

    /// Looks for the PAT, which names the tables of the programs.
    fn directory(&mut self, data: &[u8]) {
        for packet in packets(data, self.layout).filter(|packet| pid(packet) == 0) {
            if self.is_sure {
                return;
            }
            let Some(section) = payload(packet).and_then(|bytes| self.pat.push(bytes, starts_unit(packet))) else {
                continue;
            };
            let is_sure = crc32(section) == 0;
            let found = programs(section, !is_sure);
            if !found.is_empty() && (is_sure || self.tables.is_empty()) {
                let table =
                    |(number, pid)| Table { number, pid, section: Section::default(), program: None, is_sure: false };
                self.tables = found.into_iter().map(table).take(STREAM_LIMIT).collect();
                self.is_sure = is_sure;
            }
        }
    }

    /// PES packets that began, of all streams.
    #[must_use]
    pub fn packets_begun(&self) -> u64 {
        self.begun.iter().map(|count| u64::from(*count)).sum()
    }

    /// Whether PES packets of the PID began.
    #[must_use]
    pub fn has_data(&self, pid: u16) -> bool {
        self.begun.get(usize::from(pid)).is_some_and(|count| *count > 0)
    }

    /// The program with data in the most streams, one with pictures before one without; of several that are alike,
    /// and where none has data, the first.
    #[must_use]
    pub fn program(&self) -> Option<Program> {
        let known = self.tables.iter().filter_map(|table| table.program.as_ref());
        let with_data = |program: &&Program| {
            let with_data = program.streams.iter().filter(|s| self.has_data(s.pid));
            let pictures = with_data.clone().filter(|s| VIDEO_TYPES.contains(&s.stream_type)).count();
            (pictures.min(1), with_data.count())
        };
        // Of several that are alike `max_by_key` would give the last.
        known.rev().max_by_key(with_data).cloned()
    }

    /// Whether the program to be played has data.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.program().is_some_and(|program| program.streams.iter().any(|s| self.has_data(s.pid)))
    }
}

fn is_usable(pid: u16) -> bool {
    (RESERVED..NULL_PID).contains(&pid)
}

/// The programs of a PAT: their numbers and the PIDs of their tables. `strict`: none where anything does not fit.
fn programs(section: &[u8], strict: bool) -> Vec<(u16, u16)> {
    let entries = body(section, 0x00).unwrap_or_default();
    let word = |pair: &[u8]| u16::from_be_bytes([pair[0], pair[1]]);
    let all: Vec<(u16, u16)> = entries.chunks_exact(4).map(|e| (word(&e[..2]), word(&e[2..]) & 0x1FFF)).collect();
    let fits = entries.len().is_multiple_of(4) && all.iter().all(|(_, pid)| is_usable(*pid));
    if strict && !fits {
        return Vec::new();
    }
    all.into_iter().filter(|(number, _)| *number != 0).collect()
}

/// The program of a PMT, if it is the wanted one. `strict`: `None` where anything does not fit.
fn streams(section: &[u8], wanted: u16, strict: bool) -> Result<Option<Program>, Short> {
    let Some(body) = body(section, 0x02) else { return Ok(None) };
    let number = Bytes::at(section, 3)?.u16_be()?;
    if number != wanted {
        return Ok(None);
    }
    let mut bytes = Bytes::new(body);
    let mut program = Program { number, pcr_pid: bytes.u16_be()? & 0x1FFF, streams: Vec::new() };
    let info = bytes.u16_be()? & 0x0FFF;
    bytes.skip(usize::from(info))?;
    while bytes.remaining() >= 5 && program.streams.len() < STREAM_LIMIT {
        let (stream, fits) = stream(&mut bytes)?;
        if strict && !(fits && is_usable(stream.pid) && program.streams.iter().all(|other| other.pid != stream.pid)) {
            return Ok(None);
        }
        program.streams.push(stream);
    }
    let is_empty = bytes.remaining() > 0 || program.streams.is_empty();
    Ok((!(strict && is_empty)).then_some(program))
}

/// A line of the table, and whether its descriptors fill the room that is given for them.
fn stream(bytes: &mut Bytes<'_>) -> Result<(ElementaryStream, bool), Short> {
    let stream_type = bytes.u8()?;
    let pid = bytes.u16_be()? & 0x1FFF;
    let length = bytes.u16_be()? & 0x0FFF;
    let (descriptors, extensions) = (Vec::new(), Vec::new());
    let mut stream = ElementaryStream { pid, stream_type, language: None, registration: None, descriptors, extensions };
    let mut descriptors = bytes.sub(usize::from(length))?;
    while descriptors.remaining() >= 2 {
        let tag = descriptors.u8()?;
        let size = descriptors.u8()?;
        let Ok(mut content) = descriptors.sub(usize::from(size)) else { return Ok((stream, false)) };
        stream.descriptors.push(tag);
        match tag {
            0x0A => stream.language = stream.language.or(content.array().ok()),
            0x05 => stream.registration = stream.registration.or(content.array().ok()),
            0x7F => stream.extensions.extend(content.u8()),
            _ => {}
        }
    }
    Ok((stream, descriptors.remaining() == 0))
}

#[cfg(test)]
mod tests;
