//! Dolby Vision: what a container must know of it.

use crate::base::bits::{Bits, OutOfBits};

/// Type of the HEVC unit with the metadata of a picture.
pub(crate) const METADATA: u8 = 62;
/// Type of the HEVC unit that wraps one of the enhancement layer.
pub(crate) const WRAPPED: u8 = 63;

/// Pixels a second up to which a level goes, from level 1 on.
const LEVELS: [u64; 13] = [
    22_118_400,
    27_648_000,
    49_766_400,
    62_208_000,
    124_416_000,
    199_065_600,
    248_832_000,
    398_131_200,
    497_664_000,
    995_328_000,
    1_990_656_000,
    3_981_312_000,
    7_962_624_000,
];

/// What a stream carries of Dolby Vision.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DolbyVision {
    /// The profile: 5, 7 or 8 in HEVC.
    pub profile: u8,
    /// The level, by pixels a second: 1 to 13.
    pub level: u8,
    /// The enhancement layer is there.
    pub has_enhancement: bool,
    /// What a player without Dolby Vision sees (`dv_bl_signal_compatibility_id`): 0 nothing right, 1 HDR10, 2 SDR, 4 HLG,
    /// 6 HDR10 as Ultra HD Blu-ray has it.
    pub compatibility: u8,
}

impl DolbyVision {
    /// The configuration record of 24 bytes, `dvcC` or `dvvC`.
    #[must_use]
    pub fn record(self) -> [u8; 24] {
        let mut record = [0; 24];
        let layers = 0b101 | u16::from(self.has_enhancement) << 1;
        let word = u16::from(self.profile & 0x7F) << 9 | u16::from(self.level & 0x3F) << 3 | layers;
        let [high, low] = word.to_be_bytes();
        record[..5].copy_from_slice(&[1, 0, high, low, self.compatibility << 4]);
        record
    }

    /// Of a stream whose metadata shows `profile`, with what its pictures are: size, pictures a second (a fraction),
    /// transfer characteristics.
    pub(crate) fn of(
        profile: u8,
        has_enhancement: bool,
        size: (u32, u32),
        rate: Option<(u32, u32)>,
        transfer: Option<u8>,
    ) -> Self {
        let compatibility = match (profile, transfer) {
            (5, _) => 0,
            (7, _) => 6,
            (_, Some(18)) => 4,
            (_, Some(1 | 6 | 14 | 15)) => 2,
            _ => 1,
        };
        Self { profile, level: level(size, rate), has_enhancement, compatibility }
    }
}

fn level(size: (u32, u32), rate: Option<(u32, u32)>) -> u8 {
    let (num, den) = rate.filter(|(_, den)| *den > 0).unwrap_or((24, 1));
    let pixels = u64::from(size.0) * u64::from(size.1);
    // Rounded up to whole pictures a second: 23.976 counts as 24.
    let needed = pixels.saturating_mul(u64::from(num.div_ceil(den)));
    LEVELS.iter().take_while(|most| **most < needed).count().min(LEVELS.len() - 1) as u8 + 1
}

/// The profile that metadata is made for, from its header (ETSI GS CCM 001, 5.3); `None`: it is none that is known.
pub(crate) fn profile(payload: &[u8]) -> Option<u8> {
    parse_profile(&mut Bits::new(payload)).ok().flatten()
}

fn parse_profile(bits: &mut Bits<'_>) -> Result<Option<u8>, OutOfBits> {
    const PREFIX: u32 = 25;
    const TYPE: u32 = 2;
    if bits.u(8)? != PREFIX || bits.u(6)? != TYPE {
        return Ok(None);
    }
    let format = bits.u(11)?;
    let profile = bits.u(4)?;
    bits.skip(4)?;
    if !bits.flag()? {
        return Ok(None);
    }
    bits.skip(1)?;
    if bits.u(2)? == 0 {
        bits.ue()?;
    }
    bits.skip(2)?;
    let full_range = bits.flag()?;
    if profile == 0 {
        return Ok(full_range.then_some(5));
    }
    if format & 0x700 != 0 {
        return Ok(None);
    }
    bits.ue()?;
    bits.ue()?;
    bits.ue()?;
    bits.skip(1 + 3)?;
    let (is_scaled, is_alone) = (bits.flag()?, bits.flag()?);
    // A residual is added to the picture where an enhancement layer is meant to be there.
    Ok((profile == 1).then_some(if is_scaled && !is_alone { 7 } else { 8 }))
}

#[cfg(test)]
#[path = "dolby_vision_tests.rs"]
mod tests;
