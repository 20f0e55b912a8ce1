//! Files that a command makes of maps: whole or not at all, and never in the place of something else.

use std::io::{self, Write};
use std::path::Path;

use super::error::Error;
use crate::os::durable;
use crate::os::names::{self, Kind};

/// Checks that a file can be written at `path`: nothing lies there, or, with `force`, a file.
///
/// # Errors
/// [`Error::Exists`], [`Error::NotAFile`] for a device, a pipe or a folder, or [`Error::Write`].
pub fn check(path: &Path, force: bool) -> Result<(), Error> {
    match names::kind_behind(path).map_err(|cause| failed(path, cause))? {
        None => Ok(()),
        Some(Kind::File) if force => Ok(()),
        Some(Kind::File) => Err(Error::Exists(path.to_owned())),
        Some(kind) => Err(Error::NotAFile { path: path.to_owned(), what: kind.words() }),
    }
}

/// Writes the file at `path`, where its links lead; with `force` in the place of one that is there.
///
/// # Errors
/// As [`check`].
pub fn write(path: &Path, force: bool, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Error> {
    check(path, force)?;
    let place = names::resolve(path).map_err(|cause| failed(path, cause))?;
    let written = if force { durable::replace(&place, content) } else { durable::create(&place, content) };
    written.map_err(|cause| match cause.kind() {
        io::ErrorKind::AlreadyExists => Error::Exists(path.to_owned()),
        _ => failed(path, cause),
    })
}

fn failed(path: &Path, cause: io::Error) -> Error {
    Error::Write { path: path.to_owned(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_file_is_written_over_and_only_when_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let put = |path: &Path, force| write(path, force, |out| out.write_all(b"x"));
        put(&path, false).unwrap();
        assert!(matches!(put(&path, false), Err(Error::Exists(_))));
        put(&path, true).unwrap();
        for (place, what) in [(folder.path(), "a folder"), (Path::new("/dev/full"), "a device")] {
            assert!(matches!(put(place, true), Err(Error::NotAFile { what: said, .. }) if said == what));
        }
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("far", &link).unwrap();
        put(&link, false).unwrap();
        assert!(link.is_symlink() && folder.path().join("far").is_file());
    }
}
