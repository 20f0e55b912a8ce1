//! What begins at a place of a program stream: the head of a pack, or a packet (ISO/IEC 13818-1, 2.5.3; 11172-1, 2.4.3).

use crate::demux::pes::{self, Parsed, PesHead};
use crate::demux::timestamp;

pub(super) const PACK: [u8; 4] = [0, 0, 1, 0xBA];
pub(super) const END: u8 = 0xB9;
pub(super) const PACK_HEAD: u8 = 0xBA;
pub(super) const SYSTEM_HEAD: u8 = 0xBB;

/// Bytes of a packet in front of what its length counts.
pub(super) const PACKET_HEAD: usize = 6;
/// Bytes of a pack's head without its stuffing.
pub(super) const MPEG2_PACK: usize = 14;
const MPEG1_PACK: usize = 12;

/// What lies at a place.
pub(super) enum Step {
    /// Something whole of this many bytes.
    Whole(usize),
    /// Something whose end is not there yet.
    Incomplete,
    /// Nothing that is known.
    Invalid,
}

/// Bytes behind the number of a private stream that are not the stream's: of AC-3 and DTS how many frames begin and where.
pub(super) fn private_head(number: u8) -> usize {
    if matches!(number, 0x80..=0x9F) { 3 } else { 0 }
}

/// What begins with `data`: the head of a pack, or a packet.
pub(super) fn step(data: &[u8]) -> Step {
    let prefix = data.get(..3).unwrap_or(data);
    if Some(prefix) != PACK.get(..prefix.len()) {
        return Step::Invalid;
    }
    let size = match data.get(3) {
        None => return Step::Incomplete,
        Some(&END) => Some(4),
        Some(&PACK_HEAD) => match (data.get(4), data.get(MPEG2_PACK - 1)) {
            (Some(byte), Some(stuffing)) if byte & 0xC0 == 0x40 => Some(MPEG2_PACK + usize::from(stuffing & 7)),
            (Some(byte), _) if byte & 0xF0 == 0x20 => Some(MPEG1_PACK),
            (Some(byte), None) if byte & 0xC0 == 0x40 => None,
            (Some(_), _) => return Step::Invalid,
            (None, _) => None,
        },
        Some(SYSTEM_HEAD..=u8::MAX) => match data.get(4..PACKET_HEAD) {
            // Without a length nothing says where it ends.
            Some(&[0, 0]) => return Step::Invalid,
            Some(&[high, low]) => Some(PACKET_HEAD + usize::from(u16::from_be_bytes([high, low]))),
            _ => None,
        },
        Some(_) => return Step::Invalid,
    };
    match size {
        Some(size) if size <= data.len() => Step::Whole(size),
        _ => Step::Incomplete,
    }
}

/// The head of a packet, of MPEG-2 or, where that may be, of MPEG-1; `None` where there is neither.
pub(super) fn packet_head(id: u8, packet: &[u8], is_mpeg1: bool) -> Option<Parsed> {
    match pes::parse(packet) {
        Parsed::Invalid if is_mpeg1 => mpeg1_head(id, packet),
        parsed => Some(parsed),
    }
}

/// The head of an MPEG-1 packet (ISO/IEC 11172-1, 2.4.3.3).
fn mpeg1_head(id: u8, packet: &[u8]) -> Option<Parsed> {
    let mut at = PACKET_HEAD;
    while packet.get(at) == Some(&0xFF) && at < PACKET_HEAD + 16 {
        at += 1;
    }
    if packet.get(at)? & 0xC0 == 0x40 {
        at += 2;
    }
    let field = |at: usize| -> Option<[u8; 5]> { packet.get(at..at + 5)?.try_into().ok() };
    let (pts, dts, size) = match packet.get(at)? >> 4 {
        2 => (Some(timestamp::read(field(at)?)), None, 5),
        3 => (Some(timestamp::read(field(at)?)), Some(timestamp::read(field(at + 5)?)), 10),
        0 if packet.get(at) == Some(&0x0F) => (None, None, 1),
        _ => return None,
    };
    let head = PesHead { position: 0, stream_id: id, extension: None, pts, dts, aligned: false, payload_bytes: None };
    Some(Parsed::Head(head, at + size))
}
