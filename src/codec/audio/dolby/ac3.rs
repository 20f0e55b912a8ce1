//! Heads of AC-3 and E-AC-3 frames (ETSI TS 102 366, clauses 4.3–4.4 and annex E.1).

use crate::base::bits::{Bits, OutOfBits};
use crate::codec::audio::dolby::crc16::Crc16;

/// Bytes that decide the size of a frame.
pub const SIZE_BYTES: usize = 6;

/// Kbit/s by `frmsizecod` / 2 (table 4.13).
const KBITS: [u32; 19] = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];
const RATES: [u32; 3] = [48_000, 44_100, 32_000];

/// Channel places of table E.1.5, most significant bit first: L C R Ls Rs Lc/Rc Lrs/Rrs Cs Ts Lsd/Rsd Lw/Rw
/// Lvh/Rvh Cvh LFE2 LFE is `chanmap`; these are the places of each `acmod`.
const PLACES: [u16; 8] = [0xA000, 0x4000, 0xA000, 0xE000, 0xA100, 0xE100, 0xB800, 0xF800];
const PAIRS: u16 = 0x0660 | 0x0010;
const LFE: u16 = 0x0001;

/// How a frame belongs to others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// AC-3, or the first independent substream of E-AC-3: a block begins.
    Main,
    /// A dependent substream: more channels for the independent one before it.
    Dependent,
    /// The independent substream of a further program: belongs to the block before, and its sound does not.
    OtherProgram,
}

/// Head of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// Bytes of the frame.
    pub size: usize,
    /// Samples a second.
    pub rate: u32,
    /// Samples of each channel.
    pub samples: u32,
    /// How it belongs to others.
    pub kind: Kind,
    /// Bits of `chanmap` (table E.1.5) for the places this frame fills; of a further program none.
    pub places: u16,
    /// The bit stream is E-AC-3.
    pub enhanced: bool,
    /// Dolby Atmos: joint object coding is signalled.
    pub atmos: bool,
}

/// Channels at the places of `chanmap`.
#[must_use]
pub fn channels(places: u16) -> u8 {
    (places.count_ones() + (places & PAIRS).count_ones()) as u8
}

/// Whether the two bytes at the start of `data` are a sync word.
#[must_use]
pub fn is_sync(data: &[u8]) -> bool {
    data.starts_with(&[0x0B, 0x77])
}

/// Parses the head at the start of `data`. `None`: no frame begins here, or the bytes end inside the head;
/// a whole frame is never too short.
#[must_use]
pub fn parse(data: &[u8]) -> Option<Header> {
    if !is_sync(data) {
        return None;
    }
    let bsid = data.get(5)? >> 3;
    match bsid {
        0..=10 => basic(data, bsid),
        11..=16 => enhanced(data).ok().flatten(),
        _ => None,
    }
}

/// Bytes of the frame at the start of `data`, from its first [`SIZE_BYTES`].
#[must_use]
pub fn size(data: &[u8]) -> Option<usize> {
    let head: &[u8; SIZE_BYTES] = data.first_chunk()?;
    if !is_sync(head) {
        return None;
    }
    match head[5] >> 3 {
        0..=10 => basic_size(head[4]),
        11..=16 => Some(2 * (usize::from(u16::from_be_bytes([head[2], head[3]]) & 0x07FF) + 1)),
        _ => None,
    }
}

fn basic_size(codes: u8) -> Option<usize> {
    let kbits = KBITS.get(usize::from(codes & 0x3F) / 2)?;
    let words = match codes >> 6 {
        0 => kbits * 2,
        1 => kbits * 320 / 147 + u32::from(codes & 1),
        2 => kbits * 3,
        _ => return None,
    };
    Some(2 * words as usize)
}

fn basic(data: &[u8], bsid: u8) -> Option<Header> {
    let size = basic_size(*data.get(4)?)?;
    let rate = RATES.get(usize::from(data[4] >> 6))?;
    let mut bits = Bits::new(data.get(6..)?);
    let mode = bits.u(3).ok()?;
    let mut levels = 0;
    if mode & 1 != 0 && mode != 1 {
        levels += 2;
    }
    if mode & 4 != 0 {
        levels += 2;
    }
    if mode == 2 {
        levels += 2;
    }
    bits.skip(levels).ok()?;
    let lfe = bits.flag().ok()?;
    // bsid 9 and 10 are half and quarter rate.
    let rate = rate >> bsid.saturating_sub(8);
    let places = PLACES[mode as usize] | if lfe { LFE } else { 0 };
    Some(Header { size, rate, samples: 1536, kind: Kind::Main, places, enhanced: false, atmos: false })
}

struct Substream {
    kind: u32,
    mode: u32,
    lfe: bool,
    rate_code: u32,
    block_code: u32,
    blocks: u32,
}

fn enhanced(data: &[u8]) -> Result<Option<Header>, OutOfBits> {
    let mut bits = Bits::new(data.get(2..).unwrap_or_default());
    let kind = bits.u(2)?;
    let id = bits.u(3)?;
    let size = 2 * (bits.u(11)? as usize + 1);
    let rate_code = bits.u(2)?;
    let second = bits.u(2)?;
    let (rate, block_code) = match (rate_code, second) {
        (3, 3) => return Ok(None),
        (3, half) => (RATES[half as usize] / 2, 3),
        (full, blocks) => (RATES[full as usize], blocks),
    };
    if kind == 3 || size < 8 {
        return Ok(None);
    }
    let blocks = [1, 2, 3, 6][block_code as usize];
    let mode = bits.u(3)?;
    let lfe = bits.flag()?;
    bits.skip(5)?;
    let substream = Substream { kind, mode, lfe, rate_code, block_code, blocks };
    let own = PLACES[mode as usize] | if lfe { LFE } else { 0 };
    // What the rest cannot tell stays unset: the frame is good all the same.
    let (map, atmos) = rest_of_bsi(&mut bits, &substream).unwrap_or((None, false));
    let main = kind != 1 && id == 0;
    Ok(Some(Header {
        size,
        rate,
        samples: blocks * 256,
        kind: match kind {
            1 => Kind::Dependent,
            _ if main => Kind::Main,
            _ => Kind::OtherProgram,
        },
        places: match kind {
            1 => map.unwrap_or(own),
            _ if main => own,
            _ => 0,
        },
        enhanced: true,
        atmos,
    }))
}

/// From `dialnorm` on: the channel map of a dependent substream, and whether joint object coding is signalled.
fn rest_of_bsi(bits: &mut Bits<'_>, s: &Substream) -> Result<(Option<u16>, bool), OutOfBits> {
    for _ in 0..if s.mode == 0 { 2 } else { 1 } {
        bits.skip(5)?;
        optional(bits, 8)?;
    }
    let mut map = None;
    if s.kind == 1 && bits.flag()? {
        map = Some(bits.u(16)? as u16);
    }
    if bits.flag()? {
        mixing(bits, s)?;
    }
    if bits.flag()? {
        information(bits, s)?;
    }
    if s.kind == 0 && s.block_code != 3 {
        bits.skip(1)?;
    }
    if s.kind == 2 && (s.block_code == 3 || bits.flag()?) {
        bits.skip(6)?;
    }
    let mut atmos = false;
    if bits.flag()? {
        let length = bits.u(6)?;
        // TS 103 420, 8.3: flag_ec3_extension_type_a is the last bit of the first byte.
        atmos = length >= 1 && bits.u(8)? & 1 == 1;
    }
    Ok((map, atmos))
}

fn optional(bits: &mut Bits<'_>, width: u32) -> Result<(), OutOfBits> {
    if bits.flag()? { bits.skip(width) } else { Ok(()) }
}

fn mixing(bits: &mut Bits<'_>, s: &Substream) -> Result<(), OutOfBits> {
    if s.mode > 2 {
        bits.skip(2)?;
    }
    if s.mode & 1 != 0 && s.mode > 2 {
        bits.skip(6)?;
    }
    if s.mode & 4 != 0 {
        bits.skip(6)?;
    }
    if s.lfe {
        optional(bits, 5)?;
    }
    if s.kind != 0 {
        return Ok(());
    }
    optional(bits, 6)?;
    if s.mode == 0 {
        optional(bits, 6)?;
    }
    optional(bits, 6)?;
    match bits.u(2)? {
        1 => bits.skip(5)?,
        2 => bits.skip(12)?,
        3 => {
            let length = bits.u(5)?;
            bits.skip(8 * (length + 2))?;
        }
        _ => {}
    }
    if s.mode < 2 {
        optional(bits, 14)?;
        if s.mode == 0 {
            optional(bits, 14)?;
        }
    }
    if bits.flag()? {
        if s.block_code == 0 {
            bits.skip(5)?;
        } else {
            for _ in 0..s.blocks {
                optional(bits, 5)?;
            }
        }
    }
    Ok(())
}

fn information(bits: &mut Bits<'_>, s: &Substream) -> Result<(), OutOfBits> {
    bits.skip(5)?;
    if s.mode == 2 {
        bits.skip(4)?;
    }
    if s.mode >= 6 {
        bits.skip(2)?;
    }
    optional(bits, 8)?;
    if s.mode == 0 {
        optional(bits, 8)?;
    }
    if s.rate_code < 3 {
        bits.skip(1)?;
    }
    Ok(())
}

static CRC: Crc16 = Crc16::new(0x8005);

/// Whether the checksum over a whole frame holds (`crc2`, clause 4.4.5; annex E.1.3.6).
#[must_use]
pub fn checks(frame: &[u8]) -> bool {
    frame.get(2..).is_some_and(|body| !body.is_empty() && checksum(body) == 0)
}

pub(in crate::codec) fn checksum(data: &[u8]) -> u16 {
    CRC.of(0, data)
}

#[cfg(test)]
#[path = "ac3_tests.rs"]
mod tests;
