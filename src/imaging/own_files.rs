//! The files that a run keeps beside the image: checked and locked before anything is written, so that no device, link or
//! file of somebody else is taken for one of them.

use std::path::{Path, PathBuf};

use crate::mapfile::error::MapError;
use crate::mapfile::store;
use crate::os::lock::LockFile;
use crate::os::names::{self, Kind};

use super::error::Error;
use super::job::Job;
use super::writing::hash;

/// The map's file, kept from other runs until this is dropped.
#[derive(Debug)]
pub(super) struct MapFile {
    /// Where the map lies, links followed.
    pub(super) path: PathBuf,
    _lock: Option<LockFile>,
}

impl MapFile {
    /// Locks the map named `path`.
    ///
    /// # Errors
    /// It cannot be a map, another run works with it, or the state or the hash of `job` cannot be kept beside it.
    pub(super) fn take(path: &Path, job: &Job) -> Result<Self, Error> {
        let path = store::file_of(path)?;
        store::check_state(&path)?;
        if job.hash {
            check_hash(&hash::path_for(&job.image))?;
        }
        let lock = store::lock(&path)?;
        Ok(Self { path, _lock: lock })
    }
}

/// A hash may be written where nothing lies, or a hash.
fn check_hash(path: &Path) -> Result<(), Error> {
    let not_ours = |what| Err(MapError::NotOurs { path: path.to_owned(), what }.into());
    match names::kind_at(path) {
        Ok(None) => Ok(()),
        Ok(Some(Kind::File)) => match names::open_regular(path) {
            Ok(file) if hash::is_hash(&file) => Ok(()),
            _ => not_ours("a file that is no SHA-256 of an image"),
        },
        Ok(Some(kind)) => not_ours(kind.words()),
        Err(cause) => Err(Error::Hash { path: path.to_owned(), cause }),
    }
}
