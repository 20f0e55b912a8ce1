//! Heads of DTS extension substreams, which carry DTS-HD and DTS Express (ETSI TS 102 114, clause 7.4).

use crate::base::bits::{Bits, OutOfBits};
use crate::codec::audio::dolby::crc16::Crc16;
use crate::codec::audio::dts::asset::{self, Asset, Mixes};

/// The sync word of an extension substream.
pub const SYNC: [u8; 4] = [0x64, 0x58, 0x20, 0x25];
/// Bytes that decide the sizes.
pub const SIZE_BYTES: usize = 10;
/// Where the bytes begin that the head's checksum covers.
const CHECKED_FROM: usize = 5;
/// A longer head proves nothing by its checksum: a stream of false sync words must not cost a long sum for each.
const CHECKED_BYTES: usize = 1024;

static CRC: Crc16 = Crc16::new(0x1021);

/// Sizes of a substream: what is needed to step over it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sizes {
    /// Number among the substreams of one access unit: 0 to 3.
    pub index: u8,
    /// Bytes of the head, its sync word and checksum counted.
    pub head: usize,
    /// Bytes of the substream.
    pub total: usize,
}

/// What the head of a substream says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Extension {
    /// How long the access unit lasts in samples of [`Extension::clock`], where the substream tells.
    pub samples: Option<u32>,
    /// Ticks a second of the clock that `samples` are on.
    pub clock: u32,
    /// The first asset: the one that plays by itself.
    pub asset: Asset,
}

/// Reads the sizes at the start of `data`. `None`: no substream begins here, or there are fewer than
/// [`SIZE_BYTES`] bytes.
#[must_use]
pub fn sizes(data: &[u8]) -> Option<Sizes> {
    let head = data.first_chunk::<SIZE_BYTES>().filter(|head| head.starts_with(&SYNC))?;
    let (sizes, _) = read_sizes(&mut Bits::new(head)).ok()?;
    (sizes.head >= SIZE_BYTES && sizes.total >= sizes.head).then_some(sizes)
}

/// The sizes, and whether fields are long.
fn read_sizes(bits: &mut Bits<'_>) -> Result<(Sizes, bool), OutOfBits> {
    // The sync word, and bits that whoever encodes may use.
    bits.skip(32 + 8)?;
    let index = bits.u(2)? as u8;
    let is_long = bits.flag()?;
    let head = bits.u(if is_long { 12 } else { 8 })? as usize + 1;
    let total = bits.u(size_bits(is_long))? as usize + 1;
    Ok((Sizes { index, head, total }, is_long))
}

fn size_bits(is_long: bool) -> u32 {
    if is_long { 20 } else { 16 }
}

/// Whether the checksum over the head of the substream at the start of `data` holds (`nCRC16ExtSSHeader`).
#[must_use]
pub fn checks(data: &[u8], sizes: &Sizes) -> bool {
    let head = data.get(CHECKED_FROM..sizes.head).filter(|head| head.len() <= CHECKED_BYTES);
    head.is_some_and(|head| !head.is_empty() && checksum(head) == 0)
}

/// CRC-16 of CCITT, begun with ones (annex B).
pub(in crate::codec) fn checksum(data: &[u8]) -> u16 {
    CRC.of(0xFFFF, data)
}

/// Reads the head of the substream at the start of `data`. `None`: it makes no sense.
#[must_use]
pub fn parse(data: &[u8]) -> Option<Extension> {
    let sizes = sizes(data)?;
    head(&mut Bits::new(data.get(..sizes.head)?)).ok().flatten()
}

fn head(bits: &mut Bits<'_>) -> Result<Option<Extension>, OutOfBits> {
    let (sizes, is_long) = read_sizes(bits)?;
    let (mut samples, mut clock) = (None, 0);
    let (mut assets, mut mixes) = (1, None);
    let has_static = bits.flag()?;
    if has_static {
        clock = match bits.u(2)? {
            0 => 32_000,
            1 => 44_100,
            2 => 48_000,
            _ => return Ok(None),
        };
        samples = Some(512 * (bits.u(3)? + 1));
        if bits.flag()? {
            // Time code.
            bits.skip(36)?;
        }
        let presentations = bits.u(3)? + 1;
        assets = bits.u(3)? + 1;
        skip_masks(bits, presentations, u32::from(sizes.index))?;
        mixes = if bits.flag()? { Some(Mixes::read(bits)?) } else { None };
    }
    for _ in 0..assets {
        bits.skip(size_bits(is_long))?;
    }
    let asset = asset::read(bits, has_static, mixes.as_ref())?;
    Ok(Some(Extension { samples, clock, asset }))
}

/// Which substreams and assets each presentation takes.
fn skip_masks(bits: &mut Bits<'_>, presentations: u32, index: u32) -> Result<(), OutOfBits> {
    let mut active = Vec::new();
    for _ in 0..presentations {
        active.push(bits.u(index + 1)?);
    }
    for mask in active {
        bits.skip(8 * mask.count_ones())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::audio::dts::asset::Coding;
    use crate::codec::audio::dts::fixture;
    use proptest::prelude::*;

    #[test]
    fn a_head_tells_sizes_and_what_the_asset_is() {
        for is_long in [false, true] {
            let data = fixture::Extension { is_long, ..fixture::Extension::default() }.build();
            let sizes = sizes(&data).unwrap();
            assert_eq!((sizes.total, sizes.index), (data.len(), 0));
            assert!(checks(&data, &sizes));
            let extension = parse(&data).unwrap();
            assert_eq!((extension.samples, extension.clock), (Some(512), 48_000));
            let Asset { channels, rate, bit_depth, coding, needs_core } = extension.asset;
            assert_eq!((channels, rate, bit_depth), (Some(8), Some(96_000), Some(24)));
            assert_eq!((coding, needs_core), (Coding::Lossless, true));
        }
    }

    #[test]
    fn a_changed_head_fails_its_checksum() {
        let mut data = fixture::Extension::default().build();
        data[12] ^= 1;
        assert!(!checks(&data, &sizes(&data).unwrap()));
    }

    #[test]
    fn all_that_may_stand_in_front_of_the_coding_is_passed_over() {
        let full = fixture::Extension { full: true, coding: fixture::EXPRESS, ..fixture::Extension::default() };
        let extension = parse(&full.build()).unwrap();
        assert_eq!((extension.asset.coding, extension.asset.channels), (Coding::LowRate, Some(8)));
    }

    proptest! {
        #[test]
        fn any_bytes_behind_a_sync_are_read_or_refused(mut data in prop::collection::vec(any::<u8>(), 4..300)) {
            data[..4].copy_from_slice(&SYNC);
            if let Some(sizes) = sizes(&data) {
                prop_assert!(sizes.head >= SIZE_BYTES && sizes.head <= sizes.total && sizes.total <= 1 << 20);
                let _ = (checks(&data, &sizes), parse(&data));
            }
        }
    }
}
