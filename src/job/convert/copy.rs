//! The copy itself: region after region is written, made durable and read back.

use std::path::{Path, PathBuf};

use super::error::ConvertError;
use super::images::written;
use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events, Progress};
use crate::image::{Format, ImageStore, Lies};
use crate::source::content::Content;

/// Bytes that have one checksum.
const CHUNK: usize = 1 << 20;

/// Bytes that are made durable and read back together: a disk that does not keep them is found out soon, and the syncs are few.
const REGION: u64 = 256 << 20;

/// A conversion under way.
pub(super) struct Copy<'a> {
    /// The file that is written.
    pub(super) to: &'a Path,
    /// Its format.
    pub(super) format: Format,
    /// The file that is read.
    pub(super) from: PathBuf,
    pub(super) content: Content,
    pub(super) cancel: &'a Cancel,
    pub(super) events: &'a dyn Events,
    /// Bytes of data that were copied.
    pub(super) data: u64,
}

impl Copy<'_> {
    /// Copies everything. When this returns, it is durable.
    ///
    /// # Errors
    /// [`ConvertError`].
    pub(super) fn all(&mut self, image: &mut ImageStore) -> Result<(), ConvertError> {
        let size = self.content.size();
        self.events.event(Event::Phase("convert".to_owned()));
        let mut buffer = vec![0; CHUNK];
        let mut start = 0;
        while start < size {
            let end = start.saturating_add(REGION).min(size);
            let sums = self.region(image, start, end, &mut buffer)?;
            if end == size {
                image.finish(size)?;
            }
            image.sync_all()?;
            self.compare(start, end, &sums, &mut buffer)?;
            start = end;
        }
        Ok(())
    }

    /// Copies one region; the checksum of each chunk of what was read.
    fn region(
        &mut self,
        image: &mut ImageStore,
        start: u64,
        end: u64,
        buffer: &mut [u8],
    ) -> Result<Vec<u32>, ConvertError> {
        let mut sums = Vec::new();
        for (at, length) in chunks(start, end) {
            if self.cancel.is_raised() {
                return Err(ConvertError::Stopped);
            }
            let chunk = buffer.get_mut(..length).unwrap_or_default();
            let read = |offset, cause| ConvertError::Read { path: self.from.clone(), offset, cause };
            let mut data = 0;
            fill(&mut self.content, at, chunk, |offset, bytes| {
                data += bytes.len() as u64;
                image.write_at(offset, bytes).map_err(ConvertError::from)
            })
            .map_err(|failed| failed.or(read))?;
            self.data += data;
            sums.push(crc32fast::hash(chunk));
            self.tell(at + length as u64);
        }
        Ok(sums)
    }

    /// Reads one region back, as any other program would.
    fn compare(&self, start: u64, end: u64, sums: &[u32], buffer: &mut [u8]) -> Result<(), ConvertError> {
        let mut back = written(self.to, self.format)?;
        for ((at, length), sum) in chunks(start, end).zip(sums) {
            if self.cancel.is_raised() {
                return Err(ConvertError::Stopped);
            }
            let chunk = buffer.get_mut(..length).unwrap_or_default();
            let read = |offset, cause| ConvertError::Read { path: self.to.to_owned(), offset, cause };
            fill(&mut back, at, chunk, |_, _| Ok(())).map_err(|failed| failed.or(read))?;
            if crc32fast::hash(chunk) != *sum {
                return Err(ConvertError::Differs { path: self.to.to_owned(), offset: at });
            }
        }
        Ok(())
    }

    fn tell(&self, position: u64) {
        let total_bytes = self.content.size();
        let progress = Progress {
            phase: "convert".to_owned(),
            position_bytes: position,
            total_bytes,
            rescued_bytes: position,
            ..Progress::default()
        };
        // One in sixteen, as many as anybody can look at.
        if position == total_bytes || (position / CHUNK as u64).is_multiple_of(16) {
            self.events.event(Event::Progress(progress));
        }
    }
}

/// The chunks of a region: where each begins, and its length.
fn chunks(start: u64, end: u64) -> impl Iterator<Item = (u64, usize)> {
    let length = move |at: u64| usize::try_from(end - at).unwrap_or(CHUNK).min(CHUNK);
    (start..end).step_by(CHUNK).map(move |at| (at, length(at)))
}

/// Why a chunk could not be filled, or taken.
enum Failed {
    Read(u64, std::io::Error),
    Taken(ConvertError),
}

impl Failed {
    fn or(self, read: impl FnOnce(u64, std::io::Error) -> ConvertError) -> ConvertError {
        match self {
            Self::Read(offset, cause) => read(offset, cause),
            Self::Taken(error) => error,
        }
    }
}

/// Fills `chunk` with the content at `start`; `take` gets what is data of it.
fn fill(
    content: &mut Content,
    start: u64,
    chunk: &mut [u8],
    mut take: impl FnMut(u64, &[u8]) -> Result<(), ConvertError>,
) -> Result<(), Failed> {
    let (mut at, mut rest) = (start, chunk);
    while !rest.is_empty() {
        let failed = |cause| Failed::Read(at, cause);
        let (lies, bytes) = content.lies_at(at, rest.len() as u64).map_err(failed)?;
        let length = usize::try_from(bytes).unwrap_or(usize::MAX).min(rest.len());
        let (part, behind) = rest.split_at_mut(length);
        match lies {
            Lies::Data => {
                content.read(at, part).map_err(failed)?;
                take(at, part).map_err(Failed::Taken)?;
            }
            Lies::Zero | Lies::Hole => part.fill(0),
            Lies::End => return Err(failed(std::io::ErrorKind::UnexpectedEof.into())),
        }
        at += bytes;
        rest = behind;
    }
    Ok(())
}
