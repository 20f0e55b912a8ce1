//! A checked cursor over bits, most significant first.

use bitstream_io::{BigEndian, BitRead, BitReader};
use thiserror::Error;

/// The bits end before the field that was asked for, or its code is longer than any legal one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("the bits end inside a field")]
pub struct OutOfBits;

/// A position in a slice, counted in bits.
#[derive(Clone, Debug)]
pub struct Bits<'a> {
    reader: BitReader<&'a [u8], BigEndian>,
}

impl<'a> Bits<'a> {
    /// A cursor at the start of `data`.
    #[must_use]
    pub fn new(data: &'a [u8]) -> Self {
        Self { reader: BitReader::new(data) }
    }

    /// The next bit.
    ///
    /// # Errors
    /// [`OutOfBits`] at the end.
    pub fn flag(&mut self) -> Result<bool, OutOfBits> {
        self.reader.read_bit().map_err(|_| OutOfBits)
    }

    /// The next `count` bits as a number; `count` up to 32.
    ///
    /// # Errors
    /// [`OutOfBits`] when there are fewer, or when `count` is above 32.
    pub fn u(&mut self, count: u32) -> Result<u32, OutOfBits> {
        self.reader.read_unsigned_var(count).map_err(|_| OutOfBits)
    }

    /// Passes over `count` bits.
    ///
    /// # Errors
    /// [`OutOfBits`] when there are fewer.
    pub fn skip(&mut self, count: u32) -> Result<(), OutOfBits> {
        self.reader.skip(count).map_err(|_| OutOfBits)
    }

    /// An unsigned Exp-Golomb code, `ue(v)` of H.264 and H.265 clause 9.
    ///
    /// # Errors
    /// [`OutOfBits`] at the end or when the value needs more than 32 bits.
    pub fn ue(&mut self) -> Result<u32, OutOfBits> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return Err(OutOfBits);
            }
        }
        Ok((1u32 << zeros) - 1 + self.u(zeros)?)
    }

    /// A signed Exp-Golomb code, `se(v)` of H.264 and H.265 clause 9.
    ///
    /// # Errors
    /// As for [`Bits::ue`].
    pub fn se(&mut self) -> Result<i32, OutOfBits> {
        let code = i64::from(self.ue()?);
        let value = if code % 2 == 0 { -(code / 2) } else { (code + 1) / 2 };
        i32::try_from(value).map_err(|_| OutOfBits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_fields_and_exp_golomb_codes() {
        // 1 | 010 | 011 | 00100 | 00101 | 101
        let mut b = Bits::new(&[0b1010_0110, 0b0100_0010, 0b1101_0000]);
        assert_eq!(b.ue(), Ok(0));
        assert_eq!(b.ue(), Ok(1));
        assert_eq!(b.se(), Ok(-1));
        assert_eq!(b.ue(), Ok(3));
        assert_eq!(b.se(), Ok(-2));
        assert_eq!(b.u(3), Ok(5));
        assert_eq!(b.u(5), Err(OutOfBits));
    }

    #[test]
    fn a_code_of_nothing_but_zeros_ends_in_an_error() {
        assert_eq!(Bits::new(&[0; 16]).ue(), Err(OutOfBits));
        assert_eq!(Bits::new(&[0; 2]).ue(), Err(OutOfBits));
        assert_eq!(Bits::new(&[0; 9]).u(33), Err(OutOfBits));
    }

    proptest! {
        #[test]
        fn agrees_with_shifting(data in any::<u64>(), widths in prop::collection::vec(0u32..=32, 1..8)) {
            let bytes = data.to_be_bytes();
            let mut bits = Bits::new(&bytes);
            let mut at = 0;
            for width in widths {
                if at + width > 64 {
                    prop_assert_eq!(bits.u(width), Err(OutOfBits));
                    break;
                }
                let wanted = ((u128::from(data) << 64 << at) >> 96 >> (32 - width)) as u32;
                prop_assert_eq!(bits.u(width), Ok(wanted));
                at += width;
            }
        }
    }
}
