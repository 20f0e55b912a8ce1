//! Sections of tables in transport packets (ISO/IEC 13818-1, 2.4.4), gathered packet by packet.

use crate::base::bytes::Bytes;
use crate::demux::m2ts::Layout;

const SECTION_LIMIT: usize = 3 + 1021;

/// The packets of `data`, each of 188 bytes, damage stepped over.
pub(super) fn packets(data: &[u8], layout: Layout) -> impl Iterator<Item = &[u8]> {
    let (stride, from) = (layout.stride(), layout.sync_at());
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let packet = data.get(at + from..at + from + 188)?;
            if packet[0] == 0x47 && data.get(at + from + stride).is_none_or(|b| *b == 0x47) {
                at += stride;
                return Some(packet);
            }
            at += 1 + data.get(at + from + 1..).and_then(|rest| memchr::memchr(0x47, rest))?;
        }
    })
}

/// The packet identifier.
pub(super) fn pid(packet: &[u8]) -> u16 {
    u16::from_be_bytes([packet[1], packet[2]]) & 0x1FFF
}

/// Whether a section or a PES packet begins in the packet.
pub(super) fn starts_unit(packet: &[u8]) -> bool {
    packet[1] & 0x40 != 0
}

/// What the packet carries; `None` where that is nothing, or not to be read.
pub(super) fn payload(packet: &[u8]) -> Option<&[u8]> {
    if packet[1] & 0x80 != 0 || packet[3] & 0xC0 != 0 {
        return None;
    }
    match packet[3] & 0x30 {
        0x10 => packet.get(4..),
        0x30 => packet.get(5 + usize::from(packet[4])..),
        _ => None,
    }
}

/// Gathers the section of a PID that begins in a packet.
#[derive(Debug, Default)]
pub(super) struct Section {
    data: Vec<u8>,
}

impl Section {
    /// Takes the payload of the next packet of the PID; gives the section once it is whole.
    pub(super) fn push(&mut self, payload: &[u8], unit_start: bool) -> Option<&[u8]> {
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
        self.data.get(..3 + length)
    }
}

/// The CRC of MPEG sections: polynomial 0x04C11DB7, most significant bit first. Zero over a whole section.
pub(super) fn crc32(data: &[u8]) -> u32 {
    data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte) << 24,
            |crc, _| {
                if crc >> 31 == 1 { crc << 1 ^ 0x04C1_1DB7 } else { crc << 1 }
            },
        )
    })
}

/// Body of a section of `table` that is in force, its eight bytes of head and the CRC cut off.
pub(super) fn body(section: &[u8], table: u8) -> Option<&[u8]> {
    let current = section.get(5)? & 1 == 1;
    (*section.first()? == table && current).then(|| section.get(8..section.len().checked_sub(4)?)).flatten()
}
