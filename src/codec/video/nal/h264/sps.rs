//! The sequence parameter set of AVC (ITU-T H.264, 7.3.2.1 and annex E).
//!
//! Real sets break rules that no reader of the pictures minds: levels that are too low, a VUI that is cut, bytes behind
//! the end. Only what keeps the size or a slice header from being read makes a set unreadable here.

use crate::base::bits::{Bits, OutOfBits};
use crate::codec::facts::{Colour, Rational};
use crate::codec::video::aspect;

/// Profiles whose sets tell of chroma and bit depth (7.3.2.1.1).
const HIGH_PROFILES: [u8; 13] = [44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244];
const MOST_SETS: u32 = 32;
/// `log2_max_frame_num_minus4` and its sibling of the picture order count.
const LARGEST_LOG2: u32 = 12;
/// `num_ref_frames_in_pic_order_cnt_cycle`.
const LONGEST_CYCLE: u32 = 255;
/// Macroblocks across or down: more than any level allows.
const MOST_MACROBLOCKS: u32 = 4096;
const MOST_HRD_ENTRIES: u32 = 31;
const EXTENDED_SAR: u32 = 255;

/// What is needed of a sequence parameter set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Sps {
    pub(crate) id: u8,
    pub(crate) chroma_format: u8,
    pub(crate) separate_planes: bool,
    pub(crate) luma_depth: u8,
    pub(crate) chroma_depth: u8,
    /// Bits of `frame_num` in a slice header.
    pub(crate) frame_num_bits: u32,
    /// Low bits of the picture order count in a slice header; `None` where it is told in another way.
    pub(crate) order_bits: Option<u32>,
    pub(crate) frames_only: bool,
    /// Macroblocks of a frame may be coded as fields.
    pub(crate) adaptive_fields: bool,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) vui: Vui,
}

/// What is needed of the VUI, as far as it could be read.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Vui {
    pub(crate) aspect: Option<Rational>,
    pub(crate) colour: Colour,
    /// Frames a second.
    pub(crate) frame_rate: Option<Rational>,
    /// Bits in front of `pic_struct` in a picture timing message; `None` where there is no `pic_struct`.
    pub(crate) timing_bits: Option<u32>,
}

/// Parses an unescaped set without its header byte.
pub(crate) fn parse(rbsp: &[u8]) -> Option<Sps> {
    let mut bits = Bits::new(rbsp);
    let mut sps = head(&mut bits).ok().flatten()?;
    // What is missing at the end stays unset.
    if bits.flag() == Ok(true) {
        let _ = vui(&mut bits, &mut sps.vui);
    }
    Some(sps)
}

/// Everything in front of the VUI.
fn head(bits: &mut Bits<'_>) -> Result<Option<Sps>, OutOfBits> {
    let profile = bits.u(8)? as u8;
    bits.skip(16)?;
    let id = bits.ue()?;
    let (mut chroma_format, mut separate_planes, mut depths) = (1, false, (8, 8));
    if HIGH_PROFILES.contains(&profile) {
        chroma_format = bits.ue()?;
        separate_planes = chroma_format == 3 && bits.flag()?;
        depths = (bits.ue()?.saturating_add(8), bits.ue()?.saturating_add(8));
        bits.skip(1)?;
        if bits.flag()? {
            scaling_lists(bits, if chroma_format == 3 { 12 } else { 8 })?;
        }
    }
    let frame_num = bits.ue()?;
    if id >= MOST_SETS || chroma_format > 3 || depths.0 > 14 || depths.1 > 14 || frame_num > LARGEST_LOG2 {
        return Ok(None);
    }
    let order_bits = order_count(bits)?;
    bits.ue()?;
    bits.skip(1)?;
    let (across, down) = (bits.ue()?, bits.ue()?);
    let frames_only = bits.flag()?;
    let adaptive_fields = !frames_only && bits.flag()?;
    bits.skip(1)?;
    if across >= MOST_MACROBLOCKS || down >= MOST_MACROBLOCKS {
        return Ok(None);
    }
    let coded = (16 * (across + 1), 16 * (down + 1) * if frames_only { 1 } else { 2 });
    let crop = if bits.flag()? { [bits.ue()?, bits.ue()?, bits.ue()?, bits.ue()?] } else { [0; 4] };
    let planes = if separate_planes { 0 } else { chroma_format };
    let (width, height) = cropped(coded, crop, planes, frames_only);
    Ok(Some(Sps {
        id: id as u8,
        chroma_format: chroma_format as u8,
        separate_planes,
        luma_depth: depths.0 as u8,
        chroma_depth: depths.1 as u8,
        frame_num_bits: frame_num + 4,
        order_bits,
        frames_only,
        adaptive_fields,
        width,
        height,
        vui: Vui::default(),
    }))
}

fn scaling_lists(bits: &mut Bits<'_>, count: usize) -> Result<(), OutOfBits> {
    for list in 0..count {
        if !bits.flag()? {
            continue;
        }
        let (mut last, mut next) = (8i64, 8i64);
        for _ in 0..if list < 6 { 16 } else { 64 } {
            if next != 0 {
                next = (last + i64::from(bits.se()?)).rem_euclid(256);
            }
            last = if next == 0 { last } else { next };
        }
    }
    Ok(())
}

/// Low bits of the order count, where slices have them.
fn order_count(bits: &mut Bits<'_>) -> Result<Option<u32>, OutOfBits> {
    match bits.ue()? {
        0 => return bits.ue().map(|log2| (log2 <= LARGEST_LOG2).then(|| log2 + 4)),
        1 => {
            bits.skip(1)?;
            bits.se()?;
            bits.se()?;
            let count = bits.ue()?;
            if count > LONGEST_CYCLE {
                return Err(OutOfBits);
            }
            for _ in 0..count {
                bits.se()?;
            }
        }
        _ => {}
    }
    Ok(None)
}

/// Width and height without what is cropped from left, right, top and bottom; a crop that leaves nothing is none.
fn cropped(coded: (u32, u32), crop: [u32; 4], chroma: u32, frames_only: bool) -> (u32, u32) {
    let across = if matches!(chroma, 1 | 2) { 2 } else { 1 };
    let down = if chroma == 1 { 2 } else { 1 } * if frames_only { 1 } else { 2 };
    let [left, right, top, bottom] = crop;
    let less = |size: u32, unit: u32, a: u32, b: u32| {
        let cut = a.checked_add(b).and_then(|sum| sum.checked_mul(unit));
        cut.and_then(|cut| size.checked_sub(cut)).filter(|left| *left > 0).unwrap_or(size)
    };
    (less(coded.0, across, left, right), less(coded.1, down, top, bottom))
}

fn vui(bits: &mut Bits<'_>, vui: &mut Vui) -> Result<(), OutOfBits> {
    if bits.flag()? {
        vui.aspect = match bits.u(8)? {
            EXTENDED_SAR => aspect::of(bits.u(16)?, bits.u(16)?),
            code => aspect::of_code(code),
        };
    }
    if bits.flag()? {
        bits.skip(1)?;
    }
    if bits.flag()? {
        bits.skip(3)?;
        vui.colour.full_range = Some(bits.flag()?);
        if bits.flag()? {
            let (primaries, transfer, matrix) = (bits.u(8)? as u8, bits.u(8)? as u8, bits.u(8)? as u8);
            let specified = |code: u8| (code != 2 && code != 0).then_some(code);
            vui.colour.primaries = specified(primaries);
            vui.colour.transfer = specified(transfer);
            // 0 is RGB here.
            vui.colour.matrix = (matrix != 2).then_some(matrix);
        }
    }
    if bits.flag()? {
        let top = bits.ue()?;
        bits.ue()?;
        vui.colour.chroma_location = u8::try_from(top).ok().filter(|location| *location <= 5);
    }
    if bits.flag()? {
        let (units, scale) = (bits.u(32)?, bits.u(32)?);
        bits.skip(1)?;
        // A tick is a field (E.2.1).
        let den = units.checked_mul(2).filter(|den| *den != 0 && scale != 0);
        vui.frame_rate = den.map(|den| Rational { num: scale, den }.reduced());
    }
    timing(bits, vui)
}

fn timing(bits: &mut Bits<'_>, vui: &mut Vui) -> Result<(), OutOfBits> {
    let mut delays = None;
    for _ in 0..2 {
        if bits.flag()? {
            delays = Some(hrd(bits)?);
        }
    }
    if delays.is_some() {
        bits.skip(1)?;
    }
    vui.timing_bits = bits.flag()?.then_some(delays.unwrap_or(0));
    Ok(())
}

/// Bits of the two delays in a picture timing message.
fn hrd(bits: &mut Bits<'_>) -> Result<u32, OutOfBits> {
    let count = bits.ue()?;
    if count > MOST_HRD_ENTRIES {
        return Err(OutOfBits);
    }
    bits.skip(8)?;
    for _ in 0..=count {
        bits.ue()?;
        bits.ue()?;
        bits.skip(1)?;
    }
    bits.skip(5)?;
    let delays = bits.u(5)? + 1 + bits.u(5)? + 1;
    bits.skip(5)?;
    Ok(delays)
}

#[cfg(test)]
#[path = "sps_tests.rs"]
mod tests;
