//! Raw images: sector n of the disc lies at byte n * 2048, and the format itself keeps nothing.

use super::error::ImageError;
use super::format::ImageFormat;
use super::writeback::file::WritebackFile;
use super::writeback::prealloc::{self, Prealloc};
use super::writeback::strategy::OutputKind;

/// A raw image.
pub(super) struct Raw;

impl Raw {
    /// Takes a file for the image of a disc of `size` bytes.
    ///
    /// # Errors
    /// [`ImageError::TooSmall`] for a device that the disc does not fit on; [`ImageError::Io`].
    pub(super) fn open(file: &WritebackFile, size: u64) -> Result<Self, ImageError> {
        if file.kind() == OutputKind::BlockDevice {
            fits(file, file.length()?, size)?;
        }
        Ok(Self)
    }
}

fn fits(file: &WritebackFile, have: u64, need: u64) -> Result<(), ImageError> {
    if have < need { Err(ImageError::TooSmall { path: file.path().to_owned(), have, need }) } else { Ok(()) }
}

impl ImageFormat for Raw {
    fn length(&self, file: &WritebackFile) -> Result<u64, ImageError> {
        file.length()
    }

    fn read_at(&mut self, file: &mut WritebackFile, offset: u64, buffer: &mut [u8]) -> Result<(), ImageError> {
        file.read_at(offset, buffer)
    }

    fn write_at(&mut self, file: &mut WritebackFile, offset: u64, bytes: &[u8]) -> Result<(), ImageError> {
        file.write_at(offset, bytes)
    }

    fn zero(&mut self, file: &mut WritebackFile, offset: u64, len: u64) -> Result<(), ImageError> {
        file.zero(offset, len)
    }

    fn clear(&mut self, file: &mut WritebackFile) -> Result<(), ImageError> {
        match file.kind() {
            OutputKind::File => file.set_length(0),
            OutputKind::BlockDevice | OutputKind::Stream => Ok(()),
        }
    }

    fn make_room(
        &mut self,
        file: &mut WritebackFile,
        size: u64,
        how: Prealloc,
        stop: &dyn Fn(u64) -> bool,
    ) -> Result<Prealloc, ImageError> {
        prealloc::preallocate(file, size, how, stop)
    }

    fn flush(&mut self, _: &mut WritebackFile) -> Result<(), ImageError> {
        Ok(())
    }

    fn go_on(&mut self, _: &mut WritebackFile) -> Result<bool, ImageError> {
        Ok(false)
    }

    fn finish(&mut self, file: &mut WritebackFile, size: u64) -> Result<(), ImageError> {
        let have = file.length()?;
        match file.kind() {
            OutputKind::File if have != size => file.set_length(size),
            OutputKind::BlockDevice => fits(file, have, size),
            OutputKind::Stream if have != size => Err(ImageError::outside(file.path(), have, size, 0)),
            OutputKind::File | OutputKind::Stream => Ok(()),
        }
    }
}
