//! A cursor that knows where in the file it stands, so that errors can say it.

use super::TableError;
use crate::base::bytes::{Bytes, Short};

/// A checked cursor over a part of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    bytes: Bytes<'a>,
    /// Offset of the part in the file.
    base: usize,
    table: &'static str,
}

macro_rules! numbers {
    ($($name:ident $of:ident $type:ty),*) => {$(
        pub(super) fn $name(&mut self) -> Result<$type, TableError> {
            let read = self.bytes.$of();
            read.map_err(|short| self.short(short))
        }
    )*};
}

impl<'a> Cursor<'a> {
    /// A cursor at byte `offset` of a whole file.
    pub(super) fn at(file: &'a [u8], offset: usize, table: &'static str) -> Result<Self, TableError> {
        let rest = file.get(offset..).ok_or_else(|| TableError {
            table,
            offset,
            problem: format!("it starts past the end of the file, which has {} bytes", file.len()),
        })?;
        Ok(Self { bytes: Bytes::new(rest), base: offset, table })
    }

    numbers!(u8 u8 u8, u16 u16_be u16, u32 u32_be u32);

    /// The next `count` bytes.
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], TableError> {
        let read = self.bytes.take(count);
        read.map_err(|short| self.short(short))
    }

    /// The next `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], TableError> {
        let read = self.bytes.array();
        read.map_err(|short| self.short(short))
    }

    /// Passes over `count` bytes.
    pub(super) fn skip(&mut self, count: usize) -> Result<(), TableError> {
        self.take(count).map(|_| ())
    }

    /// A cursor over the next `count` bytes, called `table`; this one goes on behind them.
    pub(super) fn sub(&mut self, count: usize, table: &'static str) -> Result<Self, TableError> {
        let base = self.offset();
        let read = self.bytes.sub(count);
        read.map(|bytes| Self { bytes, base, table }).map_err(|short| self.short(short))
    }

    /// A block that begins with its own length in one byte.
    pub(super) fn block_u8(&mut self, table: &'static str) -> Result<Self, TableError> {
        let length = usize::from(self.u8()?);
        self.sub(length, table)
    }

    /// A block that begins with its own length in two bytes.
    pub(super) fn block_u16(&mut self, table: &'static str) -> Result<Self, TableError> {
        let length = usize::from(self.u16()?);
        self.sub(length, table)
    }

    /// A block that begins with its own length in four bytes.
    pub(super) fn block_u32(&mut self, table: &'static str) -> Result<Self, TableError> {
        let length = usize::try_from(self.u32()?).unwrap_or(usize::MAX);
        self.sub(length, table)
    }

    /// Offset in the file.
    pub(super) fn offset(&self) -> usize {
        self.base + self.bytes.position()
    }

    /// Bytes that are left.
    pub(super) fn remaining(&self) -> usize {
        self.bytes.remaining()
    }

    /// An error here.
    pub(super) fn error(&self, problem: impl Into<String>) -> TableError {
        TableError { table: self.table, offset: self.offset(), problem: problem.into() }
    }

    fn short(&self, short: Short) -> TableError {
        let problem = format!("{} bytes wanted, {} there", short.wanted, short.have);
        TableError { table: self.table, offset: self.base + short.offset, problem }
    }
}

/// The four digits of the version behind the four letters `magic` that a file starts with. The file may have `limit`
/// bytes.
pub(super) fn version(file: &[u8], magic: &[u8; 4], limit: usize, table: &'static str) -> Result<[u8; 4], TableError> {
    if file.len() > limit {
        let problem = format!("{} bytes are too many, {limit} at most are expected", file.len());
        return Err(TableError { table, offset: 0, problem });
    }
    let mut c = Cursor::at(file, 0, table)?;
    if c.array::<4>()? != *magic {
        let name = String::from_utf8_lossy(magic).into_owned();
        return Err(TableError { table, offset: 0, problem: format!("it does not begin with '{name}'") });
    }
    let version: [u8; 4] = c.array()?;
    if !version.iter().all(u8::is_ascii_digit) {
        return Err(TableError { table, offset: 4, problem: "its version is no number".to_owned() });
    }
    Ok(version)
}

/// An offset that a table keeps at byte `at` of the file; `None` where it is 0.
pub(super) fn pointer(file: &[u8], at: usize, table: &'static str) -> Result<Option<usize>, TableError> {
    let value = Cursor::at(file, at, table)?.u32()?;
    Ok((value != 0).then(|| usize::try_from(value).unwrap_or(usize::MAX)))
}

/// As [`pointer()`], where the part must be there.
pub(super) fn required(file: &[u8], at: usize, table: &'static str) -> Result<usize, TableError> {
    let missing = || TableError { table, offset: at, problem: "the file does not say where it is".to_owned() };
    pointer(file, at, table)?.ok_or_else(missing)
}
