//! What streams a bare transport stream holds: PAT and PMT (ISO/IEC 13818-1, 2.4.4).
//!
//! A disc says this better in its clip information; this is for a stream file that stands alone.

use super::m2ts::Layout;
use crate::base::bytes::{Bytes, Short};

const SECTION_LIMIT: usize = 3 + 1021;
const STREAM_LIMIT: usize = 255;

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
}

/// The first program whose tables lie whole in `data`, the first MiBs of a file.
#[must_use]
pub fn scan(data: &[u8], layout: Layout) -> Option<Program> {
    let mut pat = Section::default();
    let mut tables: Vec<(u16, u16, Section)> = Vec::new();
    for packet in packets(data, layout) {
        let pid = u16::from_be_bytes([packet[1], packet[2]]) & 0x1FFF;
        let unit_start = packet[1] & 0x40 != 0;
        let Some(payload) = payload(packet) else { continue };
        if pid == 0 && tables.is_empty() {
            if let Some(section) = pat.push(payload, unit_start) {
                tables = programs(section)
                    .into_iter()
                    .map(|(number, pid)| (number, pid, Section::default()))
                    .take(STREAM_LIMIT)
                    .collect();
                pat.data.clear();
            }
        } else {
            for (number, _, section) in tables.iter_mut().filter(|(_, table, _)| *table == pid) {
                let program =
                    section.push(payload, unit_start).and_then(|bytes| streams(bytes, *number).ok().flatten());
                if program.is_some() {
                    return program;
                }
            }
        }
    }
    None
}

fn packets(data: &[u8], layout: Layout) -> impl Iterator<Item = &[u8]> {
    let stride = layout.stride();
    let prefix = stride - 188;
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let packet = data.get(at + prefix..at + stride)?;
            if packet[0] == 0x47 && data.get(at + prefix + stride).is_none_or(|b| *b == 0x47) {
                at += stride;
                return Some(packet);
            }
            at += 1;
        }
    })
}

fn payload(packet: &[u8]) -> Option<&[u8]> {
    if packet[1] & 0x80 != 0 || packet[3] & 0xC0 != 0 {
        return None;
    }
    match packet[3] & 0x30 {
        0x10 => packet.get(4..),
        0x30 => packet.get(5 + usize::from(packet[4])..),
        _ => None,
    }
}

/// Gathers the first section of a PID.
#[derive(Default)]
struct Section {
    data: Vec<u8>,
}

impl Section {
    fn push(&mut self, payload: &[u8], unit_start: bool) -> Option<&[u8]> {
        let mut bytes = Bytes::new(payload);
        if unit_start {
            self.data.clear();
            let pointer = bytes.u8().ok()?;
            bytes.skip(usize::from(pointer)).ok()?;
        } else if self.data.is_empty() {
            return None;
        }
        let rest = bytes.take(bytes.remaining()).ok()?;
        let room = SECTION_LIMIT.saturating_sub(self.data.len()).min(rest.len());
        self.data.extend_from_slice(&rest[..room]);
        let length = usize::from(u16::from_be_bytes([*self.data.get(1)?, *self.data.get(2)?]) & 0x0FFF);
        let section = self.data.get(..3 + length)?;
        (crc32(section) == 0).then_some(section)
    }
}

/// The CRC of MPEG sections: polynomial 0x04C11DB7, most significant bit first. Zero over a whole section.
fn crc32(data: &[u8]) -> u32 {
    data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte) << 24,
            |crc, _| {
                if crc >> 31 == 1 { crc << 1 ^ 0x04C1_1DB7 } else { crc << 1 }
            },
        )
    })
}

/// Body of a section of `table`, its eight bytes of head and the CRC cut off.
fn body(section: &[u8], table: u8) -> Option<&[u8]> {
    let current = section.get(5)? & 1 == 1;
    (*section.first()? == table && current).then(|| section.get(8..section.len().checked_sub(4)?)).flatten()
}

fn programs(section: &[u8]) -> Vec<(u16, u16)> {
    let entries = body(section, 0x00).unwrap_or_default();
    let word = |pair: &[u8]| u16::from_be_bytes([pair[0], pair[1]]);
    entries
        .chunks_exact(4)
        .map(|e| (word(&e[..2]), word(&e[2..]) & 0x1FFF))
        .filter(|(number, _)| *number != 0)
        .collect()
}

fn streams(section: &[u8], wanted: u16) -> Result<Option<Program>, Short> {
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
        let stream_type = bytes.u8()?;
        let pid = bytes.u16_be()? & 0x1FFF;
        let length = bytes.u16_be()? & 0x0FFF;
        let mut stream =
            ElementaryStream { pid, stream_type, language: None, registration: None, descriptors: Vec::new() };
        let mut descriptors = bytes.sub(usize::from(length))?;
        while descriptors.remaining() >= 2 {
            let tag = descriptors.u8()?;
            let size = descriptors.u8()?;
            let Ok(mut content) = descriptors.sub(usize::from(size)) else { break };
            stream.descriptors.push(tag);
            match tag {
                0x0A => stream.language = stream.language.or(content.array().ok()),
                0x05 => stream.registration = stream.registration.or(content.array().ok()),
                _ => {}
            }
        }
        program.streams.push(stream);
    }
    Ok(Some(program))
}

#[cfg(test)]
#[path = "psi_tests.rs"]
mod tests;
