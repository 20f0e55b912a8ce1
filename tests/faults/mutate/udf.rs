//! Fields of the descriptors of a UDF volume, sealed again (ECMA-167, 3/7.2), and of ISO 9660, in both byte orders.

use super::disc::{Disc, SECTOR};
use super::{Random, hurting};

/// Descriptors that begin with a tag: of volumes (1 to 9) and of files (256 to 266).
const TAGS: [std::ops::RangeInclusive<u16>; 2] = [1..=9, 256..=266];

/// The bytes of the tag, of which five are the checksum and the CRC.
const TAG: usize = 16;

/// Where whole descriptors lie, and how many bytes their CRC covers.
pub(super) fn descriptors(disc: &Disc) -> Vec<(usize, usize)> {
    let places = disc.read.iter().flat_map(|sector| (0..SECTOR / 4).map(move |part| sector * SECTOR + part * 4));
    places.filter_map(|at| Some((at, covered(disc.image.get(at..)?)?))).collect()
}

/// What the CRC of a sound descriptor covers, in bytes.
fn covered(bytes: &[u8]) -> Option<usize> {
    let tag = bytes.get(..TAG)?;
    let number = u16::from_le_bytes([tag[0], tag[1]]);
    let length = usize::from(u16::from_le_bytes([tag[10], tag[11]]));
    let body = bytes.get(TAG..TAG + length)?;
    let is_one = TAGS.iter().any(|range| range.contains(&number)) && tag[4] == checksum(tag) && length > 0;
    (is_one && u16::from_le_bytes([tag[8], tag[9]]) == crc(body)).then_some(length)
}

/// The sum of the tag's bytes but its own.
fn checksum(tag: &[u8]) -> u8 {
    tag.iter().enumerate().filter(|(at, _)| *at != 4).fold(0, |sum, (_, byte)| sum.wrapping_add(*byte))
}

/// CRC-ITU-T, x^16 + x^12 + x^5 + 1 (ECMA-167, 1/7.2.6 refers to ITU-T V.41).
fn crc(bytes: &[u8]) -> u16 {
    let byte = |crc: u16, byte: &u8| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| crc << 1 ^ if crc & 0x8000 != 0 { 0x1021 } else { 0 })
    };
    bytes.iter().fold(0, byte)
}

/// Changes a field of a descriptor and seals it; on a disc without any, a number of a directory of ISO 9660.
pub(super) fn field(disc: &mut Disc, random: &mut Random) {
    let found = descriptors(disc);
    if found.is_empty() || random.below(8) == 0 {
        return both_orders(disc, random);
    }
    let (at, length) = *random.one_of(&found);
    let width = *random.one_of(&[1_u32, 2, 4, 8]);
    let bytes = width as usize;
    if length < bytes {
        return;
    }
    // Fields of descriptors lie at even places, mostly.
    let offset = usize::try_from(random.below((length - bytes) as u64 + 1)).unwrap() & !(bytes.min(4) - 1);
    let place = at + TAG + offset;
    let mut number = [0; 8];
    number[..bytes].copy_from_slice(&disc.image[place..place + bytes]);
    let value = hurting(random, u64::from_le_bytes(number), width);
    disc.image[place..place + bytes].copy_from_slice(&value.to_le_bytes()[..bytes]);
    let sum = crc(&disc.image[at + TAG..at + TAG + length]);
    disc.image[at + 8..at + 10].copy_from_slice(&sum.to_le_bytes());
    disc.image[at + 4] = checksum(&disc.image[at..at + TAG]);
}

/// A number that stands there in both orders (ECMA-119, 7.3.3) becomes another one in both.
fn both_orders(disc: &mut Disc, random: &mut Random) {
    let is_both = |bytes: &[u8]| {
        let [a, b, c, d, e, f, g, h] = bytes else { return false };
        [a, b, c, d] == [h, g, f, e] && bytes.iter().any(|byte| *byte != 0)
    };
    let places: Vec<usize> = disc
        .read
        .iter()
        .flat_map(|sector| sector * SECTOR..(sector + 1) * SECTOR - 8)
        .filter(|at| disc.image.get(*at..at + 8).is_some_and(is_both))
        .collect();
    if places.is_empty() {
        return;
    }
    let at = *random.one_of(&places);
    let now = u32::from_le_bytes(disc.image[at..at + 4].try_into().unwrap());
    let value = u32::try_from(hurting(random, now.into(), 4)).unwrap();
    disc.image[at..at + 4].copy_from_slice(&value.to_le_bytes());
    disc.image[at + 4..at + 8].copy_from_slice(&value.to_be_bytes());
}
