//! Pieces of clusters put together for the output.

use super::MuxError;
use super::film::output::FilmFile;

/// What is written ends at multiples of this: as much is gathered in memory that stays near the processor, and the write-out
/// of a file never begins in the middle of a block.
const CHUNK: usize = 1 << 20;

/// A film that is written piece by piece from its start on.
pub(super) struct Gathered {
    file: FilmFile,
    /// Bytes that wait.
    waiting: Vec<u8>,
    /// Where they go.
    position: u64,
}

impl Gathered {
    /// Begins at the start of `file`.
    pub(super) fn new(file: FilmFile) -> Self {
        Self { file, waiting: Vec::with_capacity(CHUNK), position: 0 }
    }

    /// Whether the bytes go out in order.
    pub(super) fn is_in_order(&self) -> bool {
        self.file.is_in_order()
    }

    /// The next bytes.
    ///
    /// # Errors
    /// Those of [`FilmFile::write_at`].
    pub(super) fn write(&mut self, mut bytes: &[u8]) -> Result<(), MuxError> {
        loop {
            let behind_edge = (self.position % CHUNK as u64) as usize + self.waiting.len();
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK - behind_edge));
            self.waiting.extend_from_slice(now);
            if now.len() + behind_edge < CHUNK {
                return Ok(());
            }
            self.flush()?;
            bytes = later;
        }
    }

    /// Writes what waits.
    ///
    /// # Errors
    /// As [`Gathered::write`].
    pub(super) fn flush(&mut self) -> Result<(), MuxError> {
        self.file.write_at(self.position, &self.waiting)?;
        self.position += self.waiting.len() as u64;
        self.waiting.clear();
        Ok(())
    }

    /// Writes what waits, and gives the file back and its length.
    ///
    /// # Errors
    /// As [`Gathered::write`].
    pub(super) fn finish(mut self) -> Result<(FilmFile, u64), MuxError> {
        self.flush()?;
        Ok((self.file, self.position))
    }
}
