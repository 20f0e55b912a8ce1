//! The extents of a flat vmdk: files beside its descriptor, one behind the other.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::error::ContainerError;
use super::refusal::Refusal;
use super::run::{Place, Run};
use super::vmdk_descriptor::Extent;
use crate::image::lies::Lies;
use crate::os::names;

/// The extents, in order.
#[derive(Debug)]
pub(super) struct Flat {
    pieces: Vec<Piece>,
    files: Vec<PathBuf>,
}

#[derive(Debug)]
struct Piece {
    /// Where it ends in the content.
    end: u64,
    bytes: u64,
    place: Option<Place>,
}

impl Flat {
    /// Looks at the files that `extents` name beside `descriptor`.
    ///
    /// # Errors
    /// One is not there, is no regular file, or is shorter than what is to lie in it.
    pub(super) fn open(descriptor: &Path, extents: Vec<Extent>) -> Result<Self, ContainerError> {
        let folder = descriptor.parent().unwrap_or(Path::new(""));
        let (mut pieces, mut files, mut end) = (Vec::with_capacity(extents.len()), Vec::new(), 0_u64);
        for Extent { bytes, file } in extents {
            let place = match file {
                None => None,
                Some((name, offset)) => {
                    let path = folder.join(OsStr::new(&name));
                    // A link could lead anywhere.
                    let length = names::open_regular(&path)
                        .and_then(|file| file.metadata())
                        .map_err(|cause| ContainerError::io(&path, cause))?
                        .len();
                    if length < offset.saturating_add(bytes) {
                        return Err(ContainerError::refused(&path, Refusal::Cut("content")));
                    }
                    files.push(path);
                    Some(Place { file: files.len() - 1, offset })
                }
            };
            end = end.saturating_add(bytes);
            pieces.push(Piece { end, bytes, place });
        }
        Ok(Self { pieces, files })
    }

    pub(super) fn size(&self) -> u64 {
        self.pieces.last().map_or(0, |piece| piece.end)
    }

    pub(super) fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// What lies at `offset`.
    pub(super) fn lies_at(&self, offset: u64, limit: u64) -> Run {
        let index = self.pieces.partition_point(|piece| piece.end <= offset);
        let Some(piece) = self.pieces.get(index) else { return Run { lies: Lies::End, bytes: 0, place: None } };
        let into = offset.saturating_sub(piece.end - piece.bytes);
        let bytes = (piece.end - offset).min(limit);
        let place = piece.place.map(|place| Place { offset: place.offset.saturating_add(into), ..place });
        Run { lies: if place.is_some() { Lies::Data } else { Lies::Zero }, bytes, place }
    }
}
