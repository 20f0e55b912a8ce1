//! Fields of a file by their offsets, each checked against its end.

use super::{SECTOR, TableError};

/// A part of a file; offsets count from its start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table<'a> {
    file: &'a [u8],
    base: usize,
    name: &'static str,
}

impl<'a> Table<'a> {
    /// The part that begins at byte `base` of a file.
    pub(super) fn new(file: &'a [u8], base: usize, name: &'static str) -> Result<Self, TableError> {
        let table = Self { file, base, name };
        if base > file.len() {
            return Err(table.error(0, format!("it starts past the end of the file, which has {} bytes", file.len())));
        }
        Ok(table)
    }

    /// The part `offset` bytes on in this one.
    pub(super) fn at(&self, offset: usize, name: &'static str) -> Result<Self, TableError> {
        Self::new(self.file, self.base.saturating_add(offset), name)
    }

    /// The part that the sector number at `offset` points to; `None` where that is 0.
    pub(super) fn by_sector(&self, offset: usize, name: &'static str) -> Result<Option<Self>, TableError> {
        let sector = self.u32(offset)? as usize;
        (sector != 0).then(|| Self::new(self.file, sector.saturating_mul(SECTOR), name)).transpose()
    }

    /// `count` bytes.
    pub(super) fn bytes(&self, offset: usize, count: usize) -> Result<&'a [u8], TableError> {
        let start = self.base.saturating_add(offset);
        let found = self.file.get(start..).and_then(|rest| rest.get(..count));
        found.ok_or_else(|| {
            let there = self.file.len().saturating_sub(start);
            self.error(offset, format!("{count} bytes wanted, {there} there"))
        })
    }

    /// `N` bytes.
    pub(super) fn array<const N: usize>(&self, offset: usize) -> Result<[u8; N], TableError> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(offset, N)?);
        Ok(array)
    }

    pub(super) fn u8(&self, offset: usize) -> Result<u8, TableError> {
        self.array(offset).map(u8::from_be_bytes)
    }

    pub(super) fn u16(&self, offset: usize) -> Result<u16, TableError> {
        self.array(offset).map(u16::from_be_bytes)
    }

    pub(super) fn u32(&self, offset: usize) -> Result<u32, TableError> {
        self.array(offset).map(u32::from_be_bytes)
    }

    /// Bytes from `offset` to the end that the last byte number at `last` (counted from this part's start) tells, or to the
    /// end of the file where that comes first.
    pub(super) fn up_to(&self, offset: usize, last: usize) -> Result<usize, TableError> {
        let end = (self.u32(last)? as usize).saturating_add(1);
        let there = self.file.len().saturating_sub(self.base);
        Ok(end.min(there).saturating_sub(offset))
    }

    /// An error at `offset`.
    pub(super) fn error(&self, offset: usize, problem: impl Into<String>) -> TableError {
        TableError { table: self.name, offset: self.base.saturating_add(offset), problem: problem.into() }
    }

    /// Byte of the file where the part begins.
    pub(super) fn base(&self) -> usize {
        self.base
    }
}

/// Looks whether a file begins with `magic` and is not too large.
pub(super) fn check(file: &[u8], magic: &[u8; 12], name: &'static str) -> Result<(), TableError> {
    let error = |problem| Err(TableError { table: name, offset: 0, problem });
    if file.len() > super::MAX_BYTES {
        return error(format!("{} bytes are too many, {} at most are expected", file.len(), super::MAX_BYTES));
    }
    if !file.starts_with(magic) {
        return error(format!("it does not begin with '{}'", String::from_utf8_lossy(magic)));
    }
    Ok(())
}
