//! The sequence parameter set of HEVC (ITU-T H.265, 7.3.2.2 and annex E), every count with its limit.

use crate::base::bits::{Bits, OutOfBits};
use crate::codec::facts::{Colour, Rational};
use crate::codec::video::aspect;

/// `sps_max_sub_layers_minus1` is 0 to 6.
const MOST_SUB_LAYERS_MINUS1: u32 = 6;
/// Pixels across or down: more than any level allows.
const MOST_PIXELS: u32 = 1 << 16;
const MOST_REFERENCE_SETS: u32 = 64;
const MOST_REFERENCES: u32 = 16;
const MOST_LONG_TERM: u32 = 32;
const MOST_HRD_ENTRIES: u32 = 32;
const EXTENDED_SAR: u32 = 255;

/// What is needed of a sequence parameter set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Sps {
    pub(crate) id: u8,
    pub(crate) sub_layers: u8,
    pub(crate) nesting: bool,
    /// `profile_space` to `general_level_idc`: twelve bytes, as hvcC wants them.
    pub(crate) profile_tier_level: [u8; 12],
    pub(crate) chroma_format: u8,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) luma_depth: u8,
    pub(crate) chroma_depth: u8,
    /// Low bits of the picture order count in a slice header, where they could be found out.
    pub(crate) order_bits: Option<u32>,
    pub(crate) separate_planes: bool,
    /// Bits of `slice_segment_address` in a slice header, where they could be found out.
    pub(crate) address_bits: Option<u32>,
    pub(crate) vui: Vui,
}

/// What is needed of the VUI.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Vui {
    pub(crate) aspect: Option<Rational>,
    pub(crate) colour: Colour,
    pub(crate) field_seq: bool,
    pub(crate) frame_rate: Option<Rational>,
    pub(crate) min_spatial_segmentation: u16,
}

/// Parses the unescaped bytes behind the two bytes of NAL header. `None`: not a set that can be used.
pub(crate) fn parse(rbsp: &[u8]) -> Option<Sps> {
    let profile_tier_level = *rbsp.get(1..13)?.first_chunk()?;
    read(&mut Bits::new(rbsp), profile_tier_level).ok().flatten()
}

fn read(bits: &mut Bits<'_>, profile_tier_level: [u8; 12]) -> Result<Option<Sps>, OutOfBits> {
    bits.skip(4)?;
    let sub_layers_minus1 = bits.u(3)?;
    let nesting = bits.flag()?;
    if sub_layers_minus1 > MOST_SUB_LAYERS_MINUS1 {
        return Ok(None);
    }
    sub_layer_levels(bits, sub_layers_minus1)?;
    let id = bits.ue()?;
    let chroma_format = bits.ue()?;
    if id > 15 || chroma_format > 3 {
        return Ok(None);
    }
    let separate_planes = chroma_format == 3 && bits.flag()?;
    let (coded_width, coded_height) = (bits.ue()?, bits.ue()?);
    let mut crop = [0; 4];
    if bits.flag()? {
        for side in &mut crop {
            *side = bits.ue()?;
        }
    }
    let (luma_minus8, chroma_minus8) = (bits.ue()?, bits.ue()?);
    if luma_minus8 > 8 || chroma_minus8 > 8 {
        return Ok(None);
    }
    let unit = |subsampled: bool| if subsampled && !separate_planes { 2 } else { 1 };
    let across = unit(matches!(chroma_format, 1 | 2));
    let down = unit(chroma_format == 1);
    if !(1..=MOST_PIXELS).contains(&coded_width) || !(1..=MOST_PIXELS).contains(&coded_height) {
        return Ok(None);
    }
    // A crop that leaves nothing is none.
    let cropped = |coded: u32, a: u32, b: u32, unit: u32| {
        let cut = a.checked_add(b).and_then(|sum| sum.checked_mul(unit));
        cut.and_then(|cut| coded.checked_sub(cut)).filter(|size| *size > 0).unwrap_or(coded)
    };
    let width = cropped(coded_width, crop[0], crop[1], across);
    let height = cropped(coded_height, crop[2], crop[3], down);
    let mut sps = Sps {
        id: id as u8,
        sub_layers: sub_layers_minus1 as u8 + 1,
        nesting,
        profile_tier_level,
        chroma_format: chroma_format as u8,
        width,
        height,
        luma_depth: luma_minus8 as u8 + 8,
        chroma_depth: chroma_minus8 as u8 + 8,
        order_bits: None,
        separate_planes,
        address_bits: None,
        vui: Vui::default(),
    };
    // What the rest cannot tell stays unset: the set is good for the size all the same.
    let _ = tail(bits, sub_layers_minus1, (coded_width, coded_height), &mut sps);
    Ok(Some(sps))
}

/// `profile_tier_level`, 7.3.3, passed over.
fn sub_layer_levels(bits: &mut Bits<'_>, sub_layers_minus1: u32) -> Result<(), OutOfBits> {
    bits.skip(96)?;
    let mut present = [(false, false); MOST_SUB_LAYERS_MINUS1 as usize];
    let layers = &mut present[..sub_layers_minus1 as usize];
    for layer in layers.iter_mut() {
        *layer = (bits.flag()?, bits.flag()?);
    }
    if sub_layers_minus1 > 0 {
        bits.skip(2 * (8 - sub_layers_minus1))?;
    }
    for (profile, level) in layers {
        bits.skip(if *profile { 88 } else { 0 } + if *level { 8 } else { 0 })?;
    }
    Ok(())
}

/// From `log2_max_pic_order_cnt_lsb_minus4` to the VUI.
fn tail(bits: &mut Bits<'_>, sub_layers_minus1: u32, coded: (u32, u32), sps: &mut Sps) -> Result<(), OutOfBits> {
    let order_bits = bits.ue()?.saturating_add(4);
    if order_bits > 16 {
        return Err(OutOfBits);
    }
    sps.order_bits = Some(order_bits);
    let all_layers = bits.flag()?;
    for _ in 0..if all_layers { sub_layers_minus1 + 1 } else { 1 } {
        for _ in 0..3 {
            bits.ue()?;
        }
    }
    // Logarithms of the smallest block and of how much larger the largest is (7.4.3.2.1).
    let block_bits = bits.ue()?.saturating_add(3).saturating_add(bits.ue()?);
    if block_bits > 6 {
        return Err(OutOfBits);
    }
    let blocks = coded.0.div_ceil(1 << block_bits) * coded.1.div_ceil(1 << block_bits);
    sps.address_bits = Some(32 - (blocks - 1).leading_zeros());
    for _ in 0..4 {
        bits.ue()?;
    }
    if bits.flag()? && bits.flag()? {
        scaling_lists(bits)?;
    }
    bits.skip(2)?;
    if bits.flag()? {
        bits.skip(8)?;
        bits.ue()?;
        bits.ue()?;
        bits.skip(1)?;
    }
    if !reference_sets(bits)? {
        return Err(OutOfBits);
    }
    if bits.flag()? {
        let count = bits.ue()?;
        if count > MOST_LONG_TERM {
            return Err(OutOfBits);
        }
        bits.skip(count * (order_bits + 1))?;
    }
    bits.skip(2)?;
    if bits.flag()? { vui(bits, sub_layers_minus1, &mut sps.vui) } else { Ok(()) }
}

fn scaling_lists(bits: &mut Bits<'_>) -> Result<(), OutOfBits> {
    for size in 0..4 {
        for _ in 0..if size == 3 { 2 } else { 6 } {
            if !bits.flag()? {
                bits.ue()?;
                continue;
            }
            if size > 1 {
                bits.se()?;
            }
            for _ in 0..64.min(1 << (4 + (size << 1))) {
                bits.se()?;
            }
        }
    }
    Ok(())
}

/// `st_ref_pic_set` of 7.3.7, all of them; `false` where a count breaks its limit.
fn reference_sets(bits: &mut Bits<'_>) -> Result<bool, OutOfBits> {
    let sets = bits.ue()?;
    if sets > MOST_REFERENCE_SETS {
        return Ok(false);
    }
    let mut previous = 0;
    for index in 0..sets {
        if index > 0 && bits.flag()? {
            bits.skip(1)?;
            bits.ue()?;
            let mut count = 0;
            for _ in 0..=previous {
                let used = bits.flag()?;
                if used || bits.flag()? {
                    count += 1;
                }
            }
            previous = count;
        } else {
            let (negative, positive) = (bits.ue()?, bits.ue()?);
            if negative > MOST_REFERENCES || positive > MOST_REFERENCES {
                return Ok(false);
            }
            previous = negative + positive;
            for _ in 0..previous {
                bits.ue()?;
                bits.skip(1)?;
            }
        }
        if previous > MOST_REFERENCES {
            return Ok(false);
        }
    }
    Ok(true)
}

fn vui(bits: &mut Bits<'_>, sub_layers_minus1: u32, vui: &mut Vui) -> Result<(), OutOfBits> {
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
            let mut code = || bits.u(8).map(|code| code as u8);
            let (primaries, transfer, matrix) = (code()?, code()?, code()?);
            vui.colour.primaries = Some(primaries).filter(|c| *c != 2 && *c != 0);
            vui.colour.transfer = Some(transfer).filter(|c| *c != 2 && *c != 0);
            vui.colour.matrix = Some(matrix).filter(|c| *c != 2);
        }
    }
    if bits.flag()? {
        let top = bits.ue()?;
        bits.ue()?;
        vui.colour.chroma_location = u8::try_from(top).ok().filter(|location| *location <= 5);
    }
    bits.skip(1)?;
    vui.field_seq = bits.flag()?;
    bits.skip(1)?;
    if bits.flag()? {
        for _ in 0..4 {
            bits.ue()?;
        }
    }
    if bits.flag()? {
        let (den, num) = (bits.u(32)?, bits.u(32)?);
        vui.frame_rate = (num != 0 && den != 0).then(|| Rational { num, den }.reduced());
        if bits.flag()? {
            bits.ue()?;
        }
        if bits.flag()? && !hrd(bits, sub_layers_minus1)? {
            return Err(OutOfBits);
        }
    }
    if bits.flag()? {
        bits.skip(3)?;
        vui.min_spatial_segmentation = u16::try_from(bits.ue()?).ok().filter(|s| *s < 4096).unwrap_or(0);
    }
    Ok(())
}

/// `hrd_parameters` of E.2.2, passed over; `false` where a count breaks its limit.
fn hrd(bits: &mut Bits<'_>, sub_layers_minus1: u32) -> Result<bool, OutOfBits> {
    let (nal, vcl) = (bits.flag()?, bits.flag()?);
    let mut sub_pictures = false;
    if nal || vcl {
        sub_pictures = bits.flag()?;
        bits.skip(if sub_pictures { 19 } else { 0 } + 8 + if sub_pictures { 4 } else { 0 } + 15)?;
    }
    for _ in 0..=sub_layers_minus1 {
        let general = bits.flag()?;
        let within = general || bits.flag()?;
        let mut low_delay = false;
        if within {
            bits.ue()?;
        } else {
            low_delay = bits.flag()?;
        }
        let entries = if low_delay { 0 } else { bits.ue()? } + 1;
        if entries > MOST_HRD_ENTRIES {
            return Ok(false);
        }
        for _ in 0..entries * (u32::from(nal) + u32::from(vcl)) {
            for _ in 0..if sub_pictures { 4 } else { 2 } {
                bits.ue()?;
            }
            bits.skip(1)?;
        }
    }
    Ok(true)
}
