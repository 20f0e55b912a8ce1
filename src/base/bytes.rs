//! A checked cursor over bytes that nobody vouches for.

use thiserror::Error;

/// The bytes end before the field that was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("{wanted} bytes wanted at offset {offset}, {have} there")]
pub struct Short {
    /// Where the field starts.
    pub offset: usize,
    /// Bytes the field needs.
    pub wanted: usize,
    /// Bytes from `offset` to the end.
    pub have: usize,
}

/// A position in a slice; every read is checked against the end.
#[derive(Clone, Copy, Debug)]
pub struct Bytes<'a> {
    data: &'a [u8],
    position: usize,
}

macro_rules! integers {
    ($($be:ident $le:ident $type:ty),* $(,)?) => {$(
        #[doc = concat!("The next big-endian `", stringify!($type), "`.")]
        ///
        /// # Errors
        /// [`Short`] when the bytes end before.
        pub fn $be(&mut self) -> Result<$type, Short> {
            self.array().map(<$type>::from_be_bytes)
        }
        #[doc = concat!("The next little-endian `", stringify!($type), "`.")]
        ///
        /// # Errors
        /// [`Short`] when the bytes end before.
        pub fn $le(&mut self) -> Result<$type, Short> {
            self.array().map(<$type>::from_le_bytes)
        }
    )*};
}

impl<'a> Bytes<'a> {
    /// A cursor at the start of `data`.
    #[must_use]
    pub fn new(data: &'a [u8]) -> Self {
        Self { data, position: 0 }
    }

    /// A cursor at `offset`.
    ///
    /// # Errors
    /// [`Short`] when `offset` lies past the end.
    pub fn at(data: &'a [u8], offset: usize) -> Result<Self, Short> {
        let mut bytes = Self::new(data);
        bytes.skip(offset)?;
        Ok(bytes)
    }

    /// Bytes before the cursor.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }

    /// Bytes from the cursor to the end.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.data.len() - self.position
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// [`Short`] when there are fewer.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Short> {
        let rest = &self.data[self.position..];
        let field = rest.get(..count).ok_or(Short { offset: self.position, wanted: count, have: rest.len() })?;
        self.position += count;
        Ok(field)
    }

    /// A cursor over the next `count` bytes alone; this one goes on behind them.
    ///
    /// # Errors
    /// [`Short`] when there are fewer.
    pub fn sub(&mut self, count: usize) -> Result<Self, Short> {
        self.take(count).map(Self::new)
    }

    /// Passes over `count` bytes.
    ///
    /// # Errors
    /// [`Short`] when there are fewer.
    pub fn skip(&mut self, count: usize) -> Result<(), Short> {
        self.take(count).map(|_| ())
    }

    /// The next `N` bytes as an array.
    ///
    /// # Errors
    /// [`Short`] when there are fewer.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Short> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    /// The next byte.
    ///
    /// # Errors
    /// [`Short`] at the end.
    pub fn u8(&mut self) -> Result<u8, Short> {
        self.array::<1>().map(|[b]| b)
    }

    integers!(u16_be u16_le u16, u32_be u32_le u32, u64_be u64_le u64);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_orders_and_stops_at_the_end() {
        let mut b = Bytes::new(&[1, 2, 3, 4, 5]);
        assert_eq!(b.u16_be(), Ok(0x0102));
        assert_eq!(b.u16_le(), Ok(0x0403));
        assert_eq!(b.u32_be(), Err(Short { offset: 4, wanted: 4, have: 1 }));
        assert_eq!(b.u8(), Ok(5));
        assert_eq!(b.remaining(), 0);
        assert!(Bytes::at(&[0; 4], 5).is_err());
    }
}
