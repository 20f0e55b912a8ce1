//! zlib (RFC 1950) for the frames of tracks that ask for it.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::codec::Piece;

/// Compresses one frame after the other, each on its own, into a buffer that is used again.
pub(in crate::matroska) struct Deflater {
    encoder: ZlibEncoder<Vec<u8>>,
    compressed: Vec<u8>,
}

impl Deflater {
    pub(in crate::matroska) fn new() -> Self {
        Self { encoder: ZlibEncoder::new(Vec::new(), Compression::default()), compressed: Vec::new() }
    }

    /// The compressed frame.
    ///
    /// # Errors
    /// What the encoder says; writing to memory itself does not fail.
    pub(in crate::matroska) fn deflate(&mut self, frame: &[Piece<'_>]) -> io::Result<&[u8]> {
        for piece in frame {
            self.encoder.write_all(piece.bytes())?;
        }
        let mut empty = std::mem::take(&mut self.compressed);
        empty.clear();
        // Resetting ends the stream and gives back its buffer; the next frame starts a stream of its own.
        self.compressed = self.encoder.reset(empty)?;
        Ok(&self.compressed)
    }
}

impl std::fmt::Debug for Deflater {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deflater").finish_non_exhaustive()
    }
}
