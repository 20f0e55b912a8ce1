//! The copy itself: what is data is written, made durable and read back; what is none is passed over.

use std::path::{Path, PathBuf};

use super::error::ConvertError;
use super::images::written;
use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events, Progress};
use crate::image::{Format, ImageStore, Lies};
use crate::source::content::Content;

/// Bytes that are copied together, at most, and have one checksum.
const CHUNK: usize = 1 << 20;

/// Bytes that are made durable and read back together: a disk that does not keep them is found out soon, and the syncs are few.
const ROUND: u64 = 256 << 20;

/// Pieces of one round, at most, however small.
const PIECES_MAX: usize = 100_000;

/// A conversion under way.
pub(super) struct Copy<'a> {
    /// The file that is written.
    pub(super) to: &'a Path,
    /// Its format.
    pub(super) format: Format,
    /// The file that is read.
    pub(super) from: PathBuf,
    pub(super) content: Content,
    /// Bytes of it that are copied; a container may have some more than its disc.
    pub(super) size: u64,
    pub(super) cancel: &'a Cancel,
    pub(super) events: &'a dyn Events,
    /// Bytes of data that were copied.
    pub(super) data: u64,
}

/// A piece that was written and not read back yet.
struct Piece {
    offset: u64,
    length: usize,
    sum: u32,
}

impl Copy<'_> {
    /// Copies everything. When this returns, it is durable.
    ///
    /// # Errors
    /// [`ConvertError`].
    pub(super) fn all(&mut self, image: &mut ImageStore) -> Result<(), ConvertError> {
        let size = self.size;
        self.events.event(Event::Phase("convert".to_owned()));
        let mut buffer = vec![0; CHUNK];
        let (mut at, mut pieces, mut round) = (0, Vec::new(), 0);
        while at < size {
            self.check_stop()?;
            let (lies, run) = self.content.lies_at(at, size - at).map_err(|cause| self.unread(at, cause))?;
            if lies != Lies::Data {
                at = at.saturating_add(run.max(1));
                self.tell(at);
                continue;
            }
            let length = usize::try_from(run).unwrap_or(CHUNK).min(CHUNK);
            let chunk = buffer.get_mut(..length).unwrap_or_default();
            self.content.read(at, chunk).map_err(|cause| self.unread(at, cause))?;
            image.write_at(at, chunk)?;
            pieces.push(Piece { offset: at, length, sum: crc32fast::hash(chunk) });
            at += length as u64;
            round += length as u64;
            self.data += length as u64;
            self.tell(at);
            if round >= ROUND || pieces.len() >= PIECES_MAX {
                image.sync_all()?;
                self.compare(&pieces, &mut buffer)?;
                (pieces, round) = (Vec::new(), 0);
            }
        }
        image.finish(size)?;
        image.sync_all()?;
        self.compare(&pieces, &mut buffer)?;
        self.compare_holes(&mut buffer)
    }

    /// Reads pieces back, as any other program would.
    fn compare(&self, pieces: &[Piece], buffer: &mut [u8]) -> Result<(), ConvertError> {
        let mut back = written(self.to, self.format)?;
        for piece in pieces {
            self.check_stop()?;
            let chunk = buffer.get_mut(..piece.length).unwrap_or_default();
            back.read(piece.offset, chunk).map_err(|cause| self.unread_back(piece.offset, cause))?;
            if crc32fast::hash(chunk) != piece.sum {
                return Err(self.differs(piece.offset));
            }
        }
        Ok(())
    }

    /// What is no data in the source must be none in the image, or zeros: file systems have holes of their own size.
    fn compare_holes(&self, buffer: &mut [u8]) -> Result<(), ConvertError> {
        let mut back = written(self.to, self.format)?;
        let size = self.size;
        let mut at = 0;
        while at < size {
            self.check_stop()?;
            let (ours, run) = self.content.lies_at(at, size - at).map_err(|cause| self.unread(at, cause))?;
            let (theirs, limit) = back.lies_at(at, run.max(1)).map_err(|cause| self.unread_back(at, cause))?;
            let mut length = limit;
            match (ours, theirs) {
                (_, Lies::End) => return Err(self.differs(at)),
                (Lies::Zero | Lies::Hole | Lies::End, Lies::Data) => {
                    let chunk = usize::try_from(limit).unwrap_or(CHUNK).min(CHUNK);
                    let chunk = buffer.get_mut(..chunk).unwrap_or_default();
                    back.read(at, chunk).map_err(|cause| self.unread_back(at, cause))?;
                    if chunk.iter().any(|byte| *byte != 0) {
                        return Err(self.differs(at));
                    }
                    length = chunk.len() as u64;
                }
                _ => {}
            }
            at = at.saturating_add(length.max(1));
        }
        Ok(())
    }

    fn check_stop(&self) -> Result<(), ConvertError> {
        if self.cancel.is_raised() { Err(ConvertError::Stopped) } else { Ok(()) }
    }

    fn unread(&self, offset: u64, cause: std::io::Error) -> ConvertError {
        ConvertError::Read { path: self.from.clone(), offset, cause }
    }

    fn unread_back(&self, offset: u64, cause: std::io::Error) -> ConvertError {
        ConvertError::Read { path: self.to.to_owned(), offset, cause }
    }

    fn differs(&self, offset: u64) -> ConvertError {
        ConvertError::Differs { path: self.to.to_owned(), offset }
    }

    fn tell(&self, position: u64) {
        let total_bytes = self.size;
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt as _;

    use super::*;
    use crate::base::event::NoEvents;

    #[test]
    fn what_is_read_back_otherwise_is_found_in_data_and_in_holes() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("a.iso"), folder.path().join("b.iso"));
        for path in [&from, &to] {
            let file = std::fs::File::create(path).unwrap();
            file.set_len(4 << 20).unwrap();
            file.write_all_at(&[7; 65536], 0).unwrap();
        }
        let content = Content::raw(&from).unwrap();
        let (cancel, events, size) = (Cancel::new(), &NoEvents, content.size());
        let copy = Copy { to: &to, format: Format::Raw, from, content, size, cancel: &cancel, events, data: 0 };
        let mut buffer = vec![0; CHUNK];
        let piece = |offset| [Piece { offset, length: 4096, sum: crc32fast::hash(&[7; 4096]) }];
        assert!(copy.compare(&piece(8192), &mut buffer).is_ok() && copy.compare_holes(&mut buffer).is_ok());
        let change = |at| std::fs::File::options().write(true).open(&to).unwrap().write_all_at(&[1], at).unwrap();
        change(8200);
        let found = copy.compare(&piece(8192), &mut buffer);
        assert!(matches!(found, Err(ConvertError::Differs { offset: 8192, .. })), "{found:?}");
        change(2 << 20);
        let found = copy.compare_holes(&mut buffer);
        // A file system without holes has data everywhere, which is compared as such.
        let knows_holes = copy.content.lies_at(1 << 20, 1).unwrap().0 == Lies::Hole;
        assert_eq!(knows_holes, matches!(found, Err(ConvertError::Differs { .. })), "{found:?}");
        cancel.raise();
        assert!(matches!(copy.compare_holes(&mut buffer), Err(ConvertError::Stopped)));
    }
}
