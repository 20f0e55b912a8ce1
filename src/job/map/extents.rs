//! What of an image has room on the disk, asked for in ascending order.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::super::source_name::{FormatChoice, SourceName};
use super::error::Error;
use crate::image::container::Container;
use crate::image::lies::Lies;
use crate::os::names::{self, Kind};
use crate::source::container::ContainerSource;
use crate::source::content::Content;

/// Bytes of one read.
pub(super) const CHUNK: usize = 1 << 20;

/// An image, raw or in a container as its name says, that is read here and there.
pub(super) struct ImageFile {
    path: PathBuf,
    content: Content,
    /// A position that was asked about, and the first stretch with room at or behind it.
    known: Option<(u64, Option<Range<u64>>)>,
}

impl ImageFile {
    /// Opens a regular file.
    ///
    /// # Errors
    /// [`Error::NotAnImage`], [`Error::Open`] or [`Error::Read`].
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let failed = |cause| Error::Read { path: path.to_owned(), cause };
        // The kind first: opening a pipe would wait for its writer.
        match names::kind_behind(path).map_err(failed)? {
            Some(kind) if kind != Kind::File => Err(Error::NotAnImage { path: path.to_owned(), what: kind.words() }),
            _ => Ok(Self { path: path.to_owned(), content: content(path)?, known: None }),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn length(&self) -> u64 {
        self.content.size()
    }

    /// The first stretch with room in `range`; `None` where it is all hole, or behind the end.
    ///
    /// # Errors
    /// [`Error::Read`].
    pub(super) fn data_in(&mut self, range: Range<u64>) -> Result<Option<Range<u64>>, Error> {
        let is_for = |asked: u64, data: &Option<Range<u64>>| {
            asked <= range.start && data.as_ref().is_none_or(|data| range.start < data.end)
        };
        let data = match &self.known {
            Some((asked, data)) if is_for(*asked, data) => data.clone(),
            _ => {
                let data = next_data(&self.content, range.start).map_err(|cause| self.failed(cause))?;
                self.known = Some((range.start, data.clone()));
                data
            }
        };
        let cut = data.map(|data| data.start.max(range.start)..data.end.min(range.end));
        Ok(cut.filter(|data| data.start < data.end))
    }

    /// Fills `buffer` from byte `pos`.
    ///
    /// # Errors
    /// [`Error::ShortImage`] or [`Error::Read`].
    pub(super) fn read_at(&mut self, pos: u64, buffer: &mut [u8]) -> Result<(), Error> {
        self.content.read(pos, buffer).map_err(|cause| match cause.kind() {
            io::ErrorKind::UnexpectedEof => {
                let sector = self.length() / crate::base::sector::SECTOR_BYTES;
                Error::ShortImage { path: self.path.clone(), sector }
            }
            _ => self.failed(cause),
        })
    }

    fn failed(&self, cause: io::Error) -> Error {
        Error::Read { path: self.path.clone(), cause }
    }
}

fn content(path: &Path) -> Result<Content, Error> {
    let Some(kind) = FormatChoice::ByName.container(path) else { return Ok(Content::raw(path)?) };
    // Says so where this program was built without it.
    SourceName::parse(path, FormatChoice::ByName)?;
    let container = Container::open(path, kind)?;
    Ok(Content::of_container(ContainerSource::new(container, path)?))
}

/// The first stretch at or behind byte `from` that has room.
fn next_data(content: &Content, from: u64) -> io::Result<Option<Range<u64>>> {
    let run_at = |at: u64| content.lies_at(at, u64::MAX - at);
    let mut at = from;
    let start = loop {
        match run_at(at)? {
            (Lies::End, _) => return Ok(None),
            // A mark that says zero is as good as zeros that were written.
            (Lies::Data | Lies::Zero, _) => break at,
            (Lies::Hole, bytes) => at = at.saturating_add(bytes.max(1)),
        }
    };
    while let (Lies::Data | Lies::Zero, bytes) = run_at(at)? {
        at = at.saturating_add(bytes.max(1));
    }
    Ok(Some(start..at))
}

/// Whether every byte is zero; looks at many at a time.
pub(super) fn is_zero(bytes: &[u8]) -> bool {
    bytes.chunks(4096).all(|chunk| chunk.iter().fold(0, |any, byte| any | byte) == 0)
}
