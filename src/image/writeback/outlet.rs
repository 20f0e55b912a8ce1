//! The way bytes take into an output: gathered or not, through the cache, barely, or past it.

use std::io;
use std::path::{Path, PathBuf};

use super::gather::Gather;
use super::sink::{Sink, Way};
use super::strategy::WriteStrategy;
use crate::image::error::{ImageError, Operation};

/// An output and how it is written. Bytes may wait here until [`Outlet::flush`].
pub(super) struct Outlet {
    sink: Box<dyn Sink>,
    path: PathBuf,
    way: Way,
    /// Whether a way that turns out not to work may be given up for the plain one.
    may_fall_back: bool,
    gather: Option<Gather>,
}

impl Outlet {
    /// Prepares `sink` for `strategy`; when that was `chosen` by a person, no other way is taken instead.
    ///
    /// # Errors
    /// [`ImageError::Unsupported`] for a strategy that cannot work here.
    pub(super) fn new(
        mut sink: Box<dyn Sink>,
        path: &Path,
        strategy: WriteStrategy,
        chosen: bool,
    ) -> Result<Self, ImageError> {
        let way = match strategy {
            WriteStrategy::DontCache => Way::DontCache,
            WriteStrategy::Direct => Way::Direct,
            WriteStrategy::Window | WriteStrategy::Plain => Way::Cached,
        };
        if way == Way::Direct {
            sink.open_direct().map_err(|e| {
                if e.is_unsupported() {
                    return unsupported(path, strategy);
                }
                ImageError::io(Operation::Reopen, path, e)
            })?;
        }
        let gather = match way {
            Way::Cached => None,
            Way::DontCache | Way::Direct => Gather::new(),
        };
        Ok(Self { sink, path: path.to_owned(), way, may_fall_back: !chosen, gather })
    }

    /// The output itself. What waits here is not in it.
    pub(super) fn sink(&self) -> &dyn Sink {
        self.sink.as_ref()
    }

    /// How bytes go now: not as prepared, when that turned out not to work.
    pub(super) fn way(&self) -> Way {
        self.way
    }

    /// Takes all of `bytes`.
    ///
    /// # Errors
    /// [`ImageError::Io`] about these or those that waited; [`ImageError::Unsupported`] for a chosen way.
    pub(super) fn write_at(&mut self, mut offset: u64, mut bytes: &[u8]) -> Result<(), ImageError> {
        while !bytes.is_empty() {
            let count = match &mut self.gather {
                None => {
                    self.pass(offset, bytes)?;
                    bytes.len()
                }
                Some(gather) => match gather.passes(offset, bytes) {
                    0 => {
                        let taken = gather.take(offset, bytes);
                        if taken == 0 || gather.is_full() {
                            self.flush()?;
                        }
                        taken
                    }
                    whole => {
                        self.pass(offset, bytes.get(..whole).unwrap_or_default())?;
                        whole
                    }
                },
            };
            offset = offset.saturating_add(count as u64);
            bytes = bytes.get(count..).unwrap_or_default();
        }
        Ok(())
    }

    /// Writes `bytes` at once, through the cache; nothing may wait here.
    ///
    /// # Errors
    /// [`ImageError::Io`].
    #[cfg(feature = "qcow2")]
    pub(super) fn write_apart(&mut self, offset: u64, bytes: &[u8]) -> Result<(), ImageError> {
        let failed = |e| ImageError::io_at(Operation::Write, &self.path, offset, e);
        self.sink.write_at(bytes, offset, Way::Cached).map_err(failed)
    }

    /// Writes what waits.
    ///
    /// # Errors
    /// As [`Outlet::write_at`].
    pub(super) fn flush(&mut self) -> Result<(), ImageError> {
        let Some(mut gather) = self.gather.take() else { return Ok(()) };
        let result = gather.pending().map_or(Ok(()), |(offset, bytes)| self.pass(offset, bytes));
        gather.clear();
        if self.way != Way::Cached {
            self.gather = Some(gather);
        }
        result
    }

    /// Fills `buffer` from what was written, waiting bytes included.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> Result<(), ImageError> {
        self.flush()?;
        self.sink.read_at(buffer, offset).map_err(|e| ImageError::io_at(Operation::Read, &self.path, offset, e))
    }

    /// Length of the output with what waits, bytes.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn length(&self) -> io::Result<u64> {
        let waits = self.gather.as_ref().and_then(Gather::pending);
        let end = waits.map_or(0, |(offset, bytes)| offset.saturating_add(bytes.len() as u64));
        Ok(self.sink.length()?.max(end))
    }

    /// Gives the output up without writing what waits.
    pub(super) fn into_sink(self) -> Box<dyn Sink> {
        self.sink
    }

    fn pass(&mut self, offset: u64, bytes: &[u8]) -> Result<(), ImageError> {
        let failed = |e| ImageError::io_at(Operation::Write, &self.path, offset, e);
        match self.sink.write_at(bytes, offset, self.way) {
            Err(e) if e.is_unsupported() && self.way == Way::DontCache => {
                if !self.may_fall_back {
                    return Err(unsupported(&self.path, WriteStrategy::DontCache));
                }
                // The file system said yes and means no: nothing was written, and the window does as well.
                self.way = Way::Cached;
                self.sink.write_at(bytes, offset, Way::Cached).map_err(failed)
            }
            result => result.map_err(failed),
        }
    }
}

/// What an output is told to be unable to do that a person asked for.
pub(super) fn unsupported(path: &Path, strategy: WriteStrategy) -> ImageError {
    let what = match strategy {
        WriteStrategy::DontCache => "be written so that nothing stays in the cache (--write dontcache)",
        WriteStrategy::Direct => "be written past the cache (--write direct)",
        WriteStrategy::Window | WriteStrategy::Plain => "be written in windows (--write window)",
    };
    ImageError::Unsupported { path: path.to_owned(), what }
}
