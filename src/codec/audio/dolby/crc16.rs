//! Checksums of 16 bits, the highest bit first, without reflection.

/// A checksum by its generator polynomial.
#[derive(Debug)]
pub(crate) struct Crc16([u16; 256]);

impl Crc16 {
    /// The checksum of x^16 and the terms whose bits are set in `polynomial`.
    pub(crate) const fn new(polynomial: u16) -> Self {
        let mut table = [0u16; 256];
        let mut i = 0;
        while i < 256 {
            let mut crc = (i as u16) << 8;
            let mut bit = 0;
            while bit < 8 {
                crc = if crc & 0x8000 != 0 { crc << 1 ^ polynomial } else { crc << 1 };
                bit += 1;
            }
            table[i] = crc;
            i += 1;
        }
        Self(table)
    }

    /// The checksum of `data`, begun with `start`; 0 over data that ends with its own.
    pub(crate) fn of(&self, start: u16, data: &[u8]) -> u16 {
        data.iter().fold(start, |crc, byte| crc << 8 ^ self.0[usize::from((crc >> 8) as u8 ^ byte)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_sums_of_nine_digits_come_out() {
        assert_eq!(Crc16::new(0x1021).of(0xFFFF, b"123456789"), 0x29B1);
        assert_eq!(Crc16::new(0x8005).of(0, b"123456789"), 0xFEE8);
        assert_eq!(Crc16::new(0x1021).of(0xFFFF, b"123456789\x29\xB1"), 0);
    }
}
