//! Puts a film into something that can be written and sought.

use std::io::{self, Seek, SeekFrom, Write};

use super::Error;
use super::builder::{Builder, Frame, Summary};
use super::element::segment::Segment;

/// Writes clusters as they come, and the header over its first version at the end.
///
/// A program that writes on a thread of its own takes [`Builder`] and does the same.
#[derive(Debug)]
pub struct Writer<W> {
    output: W,
    builder: Builder,
}

impl<W: Write + Seek> Writer<W> {
    /// Starts the file; `output` is empty and at its start.
    ///
    /// # Errors
    /// Those of [`Builder::new`]; [`Error::Io`].
    pub fn new(mut output: W, segment: Segment) -> Result<Self, Error> {
        let builder = Builder::new(segment)?;
        output.write_all(&builder.head()?).map_err(failed("write the header"))?;
        Ok(Self { output, builder })
    }

    /// Takes the next frame.
    ///
    /// # Errors
    /// Those of [`Builder::push`]; [`Error::Io`].
    pub fn push(&mut self, frame: &Frame<'_>) -> Result<(), Error> {
        if let Some(cluster) = self.builder.push(frame)? {
            for slice in cluster.slices() {
                self.output.write_all(slice).map_err(failed("write a cluster"))?;
            }
            self.builder.recycle(cluster);
        }
        Ok(())
    }

    /// See [`Builder::set_forced`].
    ///
    /// # Errors
    /// [`Error::NoSuchTrack`].
    pub fn set_forced(&mut self, track: usize, forced: bool) -> Result<(), Error> {
        self.builder.set_forced(track, forced)
    }

    /// Ends the file and gives the output back, flushed but not synced.
    ///
    /// # Errors
    /// Those of [`Builder::finish`]; [`Error::Io`].
    pub fn finish(self) -> Result<(W, Summary), Error> {
        let Self { mut output, builder } = self;
        let ending = builder.finish()?;
        output.write_all(&ending.tail).map_err(failed("write the last cluster"))?;
        output.seek(SeekFrom::Start(0)).map_err(failed("go back to the header"))?;
        output.write_all(&ending.head).map_err(failed("write the header"))?;
        output.flush().map_err(failed("flush"))?;
        Ok((output, ending.summary))
    }
}

fn failed(operation: &'static str) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Io { operation, source }
}
