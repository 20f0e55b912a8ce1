//! Asset descriptors of DTS extension substreams (ETSI TS 102 114, clause 7.5): what the sound in one is.

use crate::base::bits::{Bits, OutOfBits};

/// Samples a second by `nuMaxSampleRate`.
const RATES: [u32; 16] = [
    8000, 16_000, 32_000, 64_000, 128_000, 22_050, 44_100, 88_200, 176_400, 352_800, 12_000, 24_000, 48_000, 96_000,
    192_000, 384_000,
];
/// Bits of a mask of loudspeakers that stand for two (table 7-10).
const PAIRS: u32 = 0xAE66;

// Bits of `nuCoreExtensionMask`, and what the other coding modes come to.
const CORE: u32 = 0x001;
const CORE_INSIDE: u32 = 0x010;
const LOW_RATE: u32 = 0x100;
const LOSSLESS: u32 = 0x200;

/// How the sound of an asset is coded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Coding {
    /// Extensions of a lossy core: DTS-HD High Resolution.
    Lossy,
    /// `XLL`, with a core or without: DTS-HD Master Audio.
    Lossless,
    /// `LBR`: DTS Express.
    LowRate,
    /// Something else.
    Other,
}

/// What a descriptor says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asset {
    /// Channels, those of the core counted; told now and then only, as the next two are.
    pub channels: Option<u8>,
    /// Samples a second.
    pub rate: Option<u32>,
    /// Bits a sample.
    pub bit_depth: Option<u8>,
    /// How it is coded.
    pub coding: Coding,
    /// It is only whole with the core frame in front of it.
    pub needs_core: bool,
}

/// Mixtures that a player may make of several assets: how many channels each has.
#[derive(Debug)]
pub(in crate::codec) struct Mixes {
    channels: Vec<u32>,
}

impl Mixes {
    pub(in crate::codec) fn read(bits: &mut Bits<'_>) -> Result<Self, OutOfBits> {
        bits.skip(2)?;
        let width = (bits.u(2)? + 1) * 4;
        let count = bits.u(2)? + 1;
        let channels = (0..count).map(|_| bits.u(width).map(speakers)).collect::<Result<_, _>>()?;
        Ok(Self { channels })
    }
}

/// Loudspeakers of a mask.
fn speakers(mask: u32) -> u32 {
    mask.count_ones() + (mask & PAIRS).count_ones()
}

/// What the fixed part of a descriptor says.
#[derive(Debug, Default)]
struct Fixed {
    channels: Option<u32>,
    rate: Option<u32>,
    bit_depth: Option<u32>,
    has_stereo: bool,
    has_six: bool,
}

/// Reads a descriptor up to its coding.
pub(in crate::codec) fn read(bits: &mut Bits<'_>, has_static: bool, mixes: Option<&Mixes>) -> Result<Asset, OutOfBits> {
    // Its size and number.
    bits.skip(9 + 3)?;
    let fixed = if has_static { fixed(bits)? } else { Fixed::default() };
    let has_range_control = bits.flag()?;
    if has_range_control {
        bits.skip(8)?;
    }
    if bits.flag()? {
        // Loudness of dialogue.
        bits.skip(5)?;
    }
    if has_range_control && fixed.has_stereo {
        bits.skip(8)?;
    }
    if let Some(mixes) = mixes
        && bits.flag()?
    {
        mixing(bits, &fixed, mixes)?;
    }
    let mask = match bits.u(2)? {
        0 => Some(bits.u(12)?),
        1 => Some(LOSSLESS),
        2 => Some(LOW_RATE),
        _ => None,
    };
    Ok(Asset {
        channels: fixed.channels.and_then(|channels| u8::try_from(channels).ok()),
        rate: fixed.rate,
        bit_depth: fixed.bit_depth.and_then(|bits| u8::try_from(bits).ok()),
        coding: match mask {
            Some(mask) if mask & LOSSLESS != 0 => Coding::Lossless,
            Some(mask) if mask & LOW_RATE != 0 => Coding::LowRate,
            Some(mask) if mask & !CORE != 0 => Coding::Lossy,
            _ => Coding::Other,
        },
        needs_core: mask.is_some_and(|mask| mask & CORE != 0 && mask & CORE_INSIDE == 0),
    })
}

fn fixed(bits: &mut Bits<'_>) -> Result<Fixed, OutOfBits> {
    // Kind, language.
    for width in [4, 24] {
        if bits.flag()? {
            bits.skip(width)?;
        }
    }
    if bits.flag()? {
        let text = bits.u(10)? + 1;
        bits.skip(8 * text)?;
    }
    let bit_depth = bits.u(5)? + 1;
    let rate = RATES[bits.u(4)? as usize];
    let channels = bits.u(8)? + 1;
    let mut fixed =
        Fixed { channels: Some(channels), rate: Some(rate), bit_depth: Some(bit_depth), ..Fixed::default() };
    if bits.flag()? {
        fixed.has_stereo = channels > 2 && bits.flag()?;
        fixed.has_six = channels > 6 && bits.flag()?;
        loudspeakers(bits)?;
    } else {
        bits.skip(3)?;
    }
    Ok(fixed)
}

/// Where channels are played: the loudspeakers, and other sets of them.
fn loudspeakers(bits: &mut Bits<'_>) -> Result<(), OutOfBits> {
    let mut width = 0;
    if bits.flag()? {
        width = (bits.u(2)? + 1) * 4;
        bits.skip(width)?;
    }
    let sets = bits.u(3)?;
    if sets != 0 && width == 0 {
        return Err(OutOfBits);
    }
    let sets = (0..sets).map(|_| bits.u(width).map(speakers)).collect::<Result<Vec<u32>, _>>()?;
    for speakers in sets {
        let decoded = bits.u(5)? + 1;
        for _ in 0..speakers {
            let mask = bits.u(decoded)?;
            bits.skip(5 * mask.count_ones())?;
        }
    }
    Ok(())
}

/// How the asset is mixed with others.
fn mixing(bits: &mut Bits<'_>, fixed: &Fixed, mixes: &Mixes) -> Result<(), OutOfBits> {
    bits.skip(1 + 6)?;
    let control = bits.u(2)?;
    bits.skip(if control == 3 { 8 } else { 3 })?;
    let scales_each = bits.flag()?;
    for channels in &mixes.channels {
        bits.skip(6 * if scales_each { *channels } else { 1 })?;
    }
    // The asset and the smaller versions inside it.
    let own = fixed.channels.unwrap_or(0);
    let inputs = own + if fixed.has_six { 6 } else { 0 } + if fixed.has_stereo { 2 } else { 0 };
    for channels in &mixes.channels {
        for _ in 0..inputs {
            let mask = bits.u(*channels)?;
            bits.skip(6 * mask.count_ones())?;
        }
    }
    Ok(())
}
