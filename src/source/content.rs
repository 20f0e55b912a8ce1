//! The content of an image with its holes: for whoever copies it as it lies.

use std::fs::File;
use std::io;
use std::path::Path;

use super::SectorSource as _;
use super::container::ContainerSource;
use super::file::{FileError, FileSource};
use crate::image::lies::Lies;
use crate::os::allocate;

/// An image, raw or in a container.
pub struct Content {
    inner: Inner,
    size: u64,
}

enum Inner {
    /// The second file is asked for holes, which moves its position.
    Raw(FileSource, File),
    Container(Box<ContainerSource>),
}

impl Content {
    /// A raw image, or a block device.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn raw(path: &Path) -> Result<Self, FileError> {
        let source = FileSource::open(path)?;
        let file = File::open(path).map_err(|cause| FileError::Io { path: path.to_owned(), cause })?;
        let size = source.facts().size_bytes;
        Ok(Self { inner: Inner::Raw(source, file), size })
    }

    /// An image in a container.
    #[must_use]
    pub fn of_container(source: ContainerSource) -> Self {
        let size = source.facts().size_bytes;
        Self { inner: Inner::Container(Box::new(source)), size }
    }

    /// Bytes of it.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// What lies at byte `offset`, and for how many bytes, `limit` at most. None behind the end.
    ///
    /// # Errors
    /// What the system says, or that a container is corrupt.
    pub fn lies_at(&self, offset: u64, limit: u64) -> io::Result<(Lies, u64)> {
        let limit = limit.min(self.size.saturating_sub(offset));
        if limit == 0 {
            return Ok((Lies::End, 0));
        }
        match &self.inner {
            Inner::Container(source) => {
                let run = source.container().lies_at(offset, limit)?;
                Ok((run.lies, run.bytes))
            }
            Inner::Raw(_, file) => match allocate::next_data(file, offset)? {
                Some(data) if data <= offset => {
                    let hole = allocate::next_hole(file, offset)?;
                    Ok((Lies::Data, hole.saturating_sub(offset).clamp(1, limit)))
                }
                Some(data) => Ok((Lies::Hole, (data - offset).min(limit))),
                None => Ok((Lies::Hole, limit)),
            },
        }
    }

    /// Fills `buffer` with what lies at `offset`.
    ///
    /// # Errors
    /// What the system says; the end of the content before that of the buffer; a container that is corrupt.
    pub fn read(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let (came, error) = match &mut self.inner {
            Inner::Raw(source, _) => source.read_bytes(offset, buffer),
            Inner::Container(source) => source.read_bytes(offset, buffer),
        };
        match error {
            Some(error) => Err(error),
            None if came < buffer.len() => Err(io::ErrorKind::UnexpectedEof.into()),
            None => Ok(()),
        }
    }
}
