//! The files that a run keeps beside the image: checked and locked before anything is written, so that no device, link or
//! file of somebody else is taken for one of them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
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

/// Opens the drive log to append to it, and tells its length. It is made where nothing lies.
///
/// # Errors
/// What lies there is no drive log, or cannot be written.
pub(super) fn open_log(path: &Path) -> io::Result<(File, u64)> {
    let file = match names::create_new(path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            names::open_regular_with(path, File::options().read(true).append(true))?
        }
        result => result?,
    };
    let bytes = file.metadata()?.len();
    if bytes > 0 && !begins_as_log(&file) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a file that is no drive log lies there"));
    }
    Ok((file, bytes))
}

/// Whether the first line is one that a drive log has.
fn begins_as_log(file: &File) -> bool {
    const LINE_MAX: u64 = 4096;
    let mut line = Vec::new();
    let read = BufReader::new(file.take(LINE_MAX)).read_until(b'\n', &mut line);
    let value = read.ok().and_then(|_| serde_json::from_slice::<serde_json::Value>(&line).ok());
    value.is_some_and(|value| ["trouble", "full"].iter().any(|key| value.get(key).is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn only_a_drive_log_is_appended_to() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.log.jsonl");
        assert_eq!(open_log(&path).unwrap().1, 0);
        for (there, is_log) in [
            ("{\"at\":1.0,\"phase\":\"sweep\",\"trouble\":\"failed\"}\n{\"cut", true),
            ("{\"full\":true}\n", true),
            ("", true),
            ("my notes\n", false),
            ("{\"name\":\"mine\"}\n", false),
        ] {
            std::fs::write(&path, there).unwrap();
            assert_eq!(open_log(&path).is_ok(), is_log, "{there}");
            if is_log {
                open_log(&path).unwrap().0.write_all(b"more").unwrap();
                assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{there}more"));
            }
        }
    }
}
