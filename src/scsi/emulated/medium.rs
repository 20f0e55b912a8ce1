//! Where the emulated drive gets its bytes from.

use std::io;

use crate::base::sector::{SECTOR_BYTES, SECTOR_SIZE};

/// A disc without damage: the truth that the emulated drive hands out or withholds.
pub trait Medium: Send {
    /// Sectors on the disc.
    fn sectors(&self) -> u64;

    /// Fills `buffer`, a whole number of sectors, from sector `lba` on. All of them lie on the disc.
    ///
    /// # Errors
    /// What holds the bytes fails; to the drive's user that is a failing host, not a damaged disc.
    fn read_at(&mut self, lba: u64, buffer: &mut [u8]) -> io::Result<()>;
}

/// One track of the emulated disc; it ends where the next one starts, the last one at the disc's end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TrackLayout {
    /// First sector.
    pub start: u32,
    /// Data, not sound.
    pub data: bool,
}

/// A disc in memory. A last part of a sector is filled up with zeros.
#[derive(Clone, Debug)]
pub struct MemoryMedium {
    bytes: Vec<u8>,
}

impl MemoryMedium {
    /// A disc with this content.
    #[must_use]
    pub fn new(mut bytes: Vec<u8>) -> Self {
        bytes.resize(bytes.len().next_multiple_of(SECTOR_SIZE), 0);
        Self { bytes }
    }
}

impl Medium for MemoryMedium {
    fn sectors(&self) -> u64 {
        self.bytes.len() as u64 / SECTOR_BYTES
    }

    fn read_at(&mut self, lba: u64, buffer: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(lba).ok().and_then(|lba| lba.checked_mul(SECTOR_SIZE));
        let source = start.and_then(|start| self.bytes.get(start..start.checked_add(buffer.len())?));
        buffer.copy_from_slice(source.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// A disc whose sectors all differ and take no memory: each repeats its own address, big-endian in eight bytes.
#[derive(Clone, Copy, Debug)]
pub struct NumberedMedium {
    /// Sectors on the disc.
    pub sectors: u64,
}

impl Medium for NumberedMedium {
    fn sectors(&self) -> u64 {
        self.sectors
    }

    fn read_at(&mut self, lba: u64, buffer: &mut [u8]) -> io::Result<()> {
        for (sector, lba) in buffer.chunks_mut(SECTOR_SIZE).zip(lba..) {
            sector.copy_from_slice(&lba.to_be_bytes().repeat(sector.len() / 8));
        }
        Ok(())
    }
}
