//! Heads of DTS core frames (ETSI TS 102 114, clause 5.3).

use crate::base::bits::{Bits, OutOfBits};

/// The sync word of a core frame, in 16-bit words with the highest byte first: the only form on discs.
pub const SYNC: [u8; 4] = [0x7F, 0xFE, 0x80, 0x01];
/// Bytes that a head takes at most.
pub const HEAD_BYTES: usize = 16;
/// Frames are no shorter (clause 5.3.1, `FSIZE`).
const LEAST_BYTES: usize = 96;

/// Samples a second by `SFREQ` (table 5-5); 0: not used.
const RATES: [u32; 16] = [0, 8000, 16_000, 32_000, 0, 0, 11_025, 22_050, 44_100, 0, 0, 12_000, 24_000, 48_000, 0, 0];
/// Channels by `AMODE` (table 5-4), without the low-frequency one.
const CHANNELS: [u8; 16] = [1, 2, 2, 2, 2, 3, 3, 4, 4, 5, 6, 6, 6, 7, 8, 8];

/// Head of a core frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Core {
    /// Bytes of the frame.
    pub size: usize,
    /// Samples of each channel.
    pub samples: u32,
    /// Samples a second of the core itself.
    pub rate: u32,
    /// Channels of the core itself, the low-frequency one counted.
    pub channels: u8,
    /// Bits of a sample of what was encoded.
    pub bit_depth: Option<u8>,
    /// The frame holds a further main channel (`XCH` or `XXCH`): DTS-ES.
    pub extra_channel: bool,
    /// The frame holds the upper half of twice the rate (`X96`).
    pub double_rate: bool,
}

/// Reads the head at the start of `data`. `None`: no frame begins here, or the bytes end inside the head.
#[must_use]
pub fn parse(data: &[u8]) -> Option<Core> {
    if !data.starts_with(&SYNC) {
        return None;
    }
    head(&mut Bits::new(data.get(SYNC.len()..)?)).ok().flatten()
}

fn head(bits: &mut Bits<'_>) -> Result<Option<Core>, OutOfBits> {
    // Kind of frame, samples that are missing in the last one.
    bits.skip(1 + 5)?;
    let has_checksum = bits.flag()?;
    let blocks = bits.u(7)?;
    let size = bits.u(14)? as usize + 1;
    let mode = bits.u(6)? as usize;
    let rate = RATES[bits.u(4)? as usize];
    // Bit rate, downmix, dynamic range, time stamp, auxiliary data, HDCD.
    bits.skip(5 + 5)?;
    let extension = bits.u(3)?;
    let has_extension = bits.flag()?;
    bits.skip(1)?;
    let low_frequency = bits.u(2)?;
    bits.skip(1 + if has_checksum { 16 } else { 0 })?;
    // Filter, version, copy history.
    bits.skip(1 + 4 + 2)?;
    let resolution = bits.u(3)?;
    let Some(channels) = CHANNELS.get(mode).copied() else { return Ok(None) };
    if rate == 0 || blocks < 5 || size < LEAST_BYTES || low_frequency == 3 {
        return Ok(None);
    }
    Ok(Some(Core {
        size,
        samples: (blocks + 1) * 32,
        rate,
        channels: channels + u8::from(low_frequency != 0),
        bit_depth: match resolution {
            0 | 1 => Some(16),
            2 | 3 => Some(20),
            5 | 6 => Some(24),
            _ => None,
        },
        extra_channel: has_extension && matches!(extension, 0 | 6),
        double_rate: has_extension && extension == 2,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::audio::dts::fixture;
    use proptest::prelude::*;

    #[test]
    fn a_head_tells_size_rate_and_channels() {
        let frame = fixture::Core::default().build();
        let core = parse(&frame).unwrap();
        assert_eq!((core.size, core.samples, core.rate), (frame.len(), 512, 48_000));
        assert_eq!((core.channels, core.bit_depth), (6, Some(24)));
        assert!(!core.extra_channel && !core.double_rate);
        let stereo = fixture::Core { mode: 2, low_frequency: 0, ..fixture::Core::default() }.build();
        assert_eq!(parse(&stereo).unwrap().channels, 2);
    }

    #[test]
    fn what_no_frame_may_have_is_no_frame() {
        let core = fixture::Core::default();
        for bad in [
            fixture::Core { rate_code: 0, ..core },
            fixture::Core { blocks: 4, ..core },
            fixture::Core { mode: 16, ..core },
            fixture::Core { low_frequency: 3, ..core },
            fixture::Core { size: 95, ..core },
        ] {
            assert_eq!(parse(&bad.build()), None, "{bad:?}");
        }
        assert_eq!(parse(&core.build()[..10]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_behind_a_sync_are_read_or_refused(mut data in prop::collection::vec(any::<u8>(), 4..40)) {
            data[..4].copy_from_slice(&SYNC);
            if let Some(core) = parse(&data) {
                prop_assert!((LEAST_BYTES..=16_384).contains(&core.size));
                prop_assert!((192..=4096).contains(&core.samples) && core.rate >= 8000 && (1..=9).contains(&core.channels));
            }
        }
    }
}
