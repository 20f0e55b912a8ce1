//! The file as a stream with a position.

use std::io::{self, Seek, SeekFrom, Write};

use super::WritebackFile;
use crate::image::error::ImageError;

impl Write for WritebackFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_at(self.position, bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(self.flush_out()?)
    }
}

impl Seek for WritebackFile {
    /// Moves the position of [`Write`]. Only a write elsewhere than behind the last one is a seek to the
    /// output; going away and coming back is none.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, by) = match to {
            SeekFrom::Start(offset) => (offset, 0),
            SeekFrom::Current(by) => (self.position, by),
            SeekFrom::End(by) => (self.length()?, by),
        };
        let position = from.checked_add_signed(by).ok_or(io::ErrorKind::InvalidInput)?;
        if self.background.is_none() && position != self.position {
            let expected = self.position;
            return Err(ImageError::OutOfOrder { path: self.path.clone(), expected, offset: position }.into());
        }
        self.position = position;
        Ok(position)
    }
}
