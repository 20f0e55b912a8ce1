//! Descriptor tags (ECMA-167 3/7.2 and 4/7.2): what a block claims to be, and whether its bytes bear it out.

use crate::base::bytes::{Bytes, Short};
use thiserror::Error;

/// Bytes of a tag.
pub(super) const TAG_LENGTH: usize = 16;

/// Kinds of descriptors (ECMA-167 3/7.2.1, 4/7.2.1).
pub(super) mod kind {
    pub(crate) const PRIMARY_VOLUME: u16 = 1;
    pub(crate) const ANCHOR: u16 = 2;
    pub(crate) const VOLUME_POINTER: u16 = 3;
    pub(crate) const PARTITION: u16 = 5;
    pub(crate) const LOGICAL_VOLUME: u16 = 6;
    pub(crate) const TERMINATING: u16 = 8;
    pub(crate) const FILE_SET: u16 = 256;
    pub(crate) const FILE_IDENTIFIER: u16 = 257;
    pub(crate) const ALLOCATION_EXTENT: u16 = 258;
    pub(crate) const FILE_ENTRY: u16 = 261;
    pub(crate) const EXTENDED_FILE_ENTRY: u16 = 266;
}

/// Why bytes are no descriptor.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub(super) enum TagError {
    #[error("{0}")]
    Short(#[from] Short),
    #[error("it is empty")]
    Empty,
    #[error("the checksum of its tag is wrong")]
    Checksum,
    #[error("its CRC covers {0} bytes, more than there are")]
    CrcLength(usize),
    #[error("its CRC is wrong")]
    Crc,
    #[error("it is a descriptor of type {0}")]
    Kind(u16),
}

/// The type of the descriptor that `bytes` start with, once checksum and CRC agree. A CRC length of 0 is legal
/// and checks nothing.
pub(super) fn check(bytes: &[u8]) -> Result<u16, TagError> {
    let mut tag = Bytes::new(bytes).sub(TAG_LENGTH)?;
    let head: [u8; TAG_LENGTH] = tag.array()?;
    if head.iter().all(|b| *b == 0) {
        return Err(TagError::Empty);
    }
    let sum = head.iter().enumerate().filter(|(i, _)| *i != 4).fold(0u8, |s, (_, b)| s.wrapping_add(*b));
    let mut field = Bytes::new(&head);
    let kind = field.u16_le()?;
    field.skip(2)?;
    if field.u8()? != sum {
        return Err(TagError::Checksum);
    }
    field.skip(3)?;
    let crc = field.u16_le()?;
    let covered = usize::from(field.u16_le()?);
    let body = bytes.get(TAG_LENGTH..TAG_LENGTH + covered).ok_or(TagError::CrcLength(covered))?;
    if covered > 0 && crc16(body) != crc {
        return Err(TagError::Crc);
    }
    Ok(kind)
}

/// As [`check`], for a descriptor of one of the types wanted.
pub(super) fn expect(bytes: &[u8], wanted: &[u16]) -> Result<u16, TagError> {
    let kind = check(bytes)?;
    if wanted.contains(&kind) { Ok(kind) } else { Err(TagError::Kind(kind)) }
}

/// CRC of polynomial x^16 + x^12 + x^5 + 1, starting from 0 (ECMA-167 3/7.2.6).
pub(super) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc: u16, byte| {
        let index = usize::from((crc >> 8) ^ u16::from(*byte)) & 0xff;
        (crc << 8) ^ CRC_TABLE[index]
    })
}

const CRC_TABLE: [u16; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut crc = (index as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000 != 0 { (crc << 1) ^ 0x1021 } else { crc << 1 };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
};

/// A tag for `body`, as a disc would carry it.
#[cfg(test)]
pub(super) fn sealed(kind: u16, body: &[u8], location: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(kind.to_le_bytes());
    bytes.extend([3, 0, 0, 0, 0, 0]);
    bytes.extend(crc16(body).to_le_bytes());
    bytes.extend((body.len() as u16).to_le_bytes());
    bytes.extend(location.to_le_bytes());
    bytes[4] = bytes.iter().fold(0u8, |s, b| s.wrapping_add(*b));
    bytes.extend(body);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc_of_the_standard_example() {
        assert_eq!(crc16(&[0x70, 0x6a, 0x77]), 0x3299);
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let good = sealed(kind::FILE_SET, b"some body of a descriptor", 7);
        assert_eq!(check(&good), Ok(kind::FILE_SET));
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            // A flipped CRC length may be 0, but then the checksum is wrong.
            assert!(check(&bad).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_crc_over_nothing_is_legal() {
        let mut tag = sealed(kind::ANCHOR, b"", 256);
        tag.extend([9; 32]);
        assert_eq!(check(&tag), Ok(kind::ANCHOR));
        assert_eq!(expect(&tag, &[kind::FILE_SET]), Err(TagError::Kind(kind::ANCHOR)));
        assert_eq!(check(&[0; 512]), Err(TagError::Empty));
    }
}
