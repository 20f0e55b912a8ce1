//! Files that are there whole, old or new, whenever the power fails.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::names::{self, Kind};
use super::waits;

/// Puts a new content in the place of `path`: writes a temporary file of a new name beside it, syncs it, renames it over
/// `path` and syncs the folder. A reader sees the old content or the new one. A link at `path` is not followed.
///
/// # Errors
/// Whatever the file system says, or that something other than a regular file lies at `path`: it is left alone. The old
/// content is then still there and the temporary file is gone; when it is the folder that cannot be synced, the new content
/// may be there.
pub fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let _asked = waits::begin("a save", path);
    if let Some(kind) = names::kind_at(path)?.filter(|kind| *kind != Kind::File) {
        return Err(names::not_regular(kind));
    }
    temporary(path, write)?.persist(path).map_err(|e| e.error)?;
    sync_folder(path)
}

/// Makes the file `path` as [`replace`] does, where nothing lies there.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] whatever lies there, a link included; else what the file system says. The temporary file
/// is then gone; when it is the folder that cannot be synced, the new one may be there.
pub fn create(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let _asked = waits::begin("a save", path);
    if names::kind_at(path)?.is_some() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let made = temporary(path, write)?.into_temp_path();
    names::rename_to_free(&made, path)?;
    // The name is another one now, and nothing is to be removed; that it is not there is no error.
    drop(made);
    sync_folder(path)
}

/// A synced file of a new name beside `path`, gone when it is dropped.
fn temporary(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<tempfile::NamedTempFile> {
    let mut prefix = path.file_name().unwrap_or_default().to_owned();
    prefix.push(".");
    let temporary = tempfile::Builder::new()
        .prefix(&prefix)
        .suffix(".tmp")
        // Opened here, so that what fails is told without a name that nobody has heard of.
        .make_in(folder_of(path), names::create_new)?;
    let mut writer = BufWriter::with_capacity(256 * 1024, temporary.as_file());
    write(&mut writer)?;
    writer.flush()?;
    drop(writer);
    unless_unsupported(temporary.as_file().sync_all())?;
    Ok(temporary)
}

/// Syncs the folder that `path` lies in, so that a new or renamed name lasts.
///
/// # Errors
/// The folder cannot be opened or synced.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    let _asked = waits::begin("a sync of its folder", path);
    unless_unsupported(File::open(folder_of(path))?.sync_all())
}

/// Whether an error of a sync says that the file system has none: some network and FUSE file systems do. There is nothing
/// more to do then.
#[must_use]
pub fn is_unsupported(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EINVAL | libc::EOPNOTSUPP | libc::ENOSYS))
}

fn unless_unsupported(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if is_unsupported(&error) => Ok(()),
        result => result,
    }
}

/// The folder that the name `path` is in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// `path` with `suffix` added to its name.
#[must_use]
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn replaces_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("disc.map");
        replace(&path, |w| w.write_all(b"one")).unwrap();
        replace(&path, |w| w.write_all(b"two")).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        let failed = replace(&path, |w| {
            w.write_all(b"thr")?;
            Err(io::Error::other("no more"))
        });
        assert!(failed.is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_fails_is_told_without_the_temporary_name() {
        let path = Path::new("/no/such/folder/x");
        for told in [replace(path, |_| Ok(())).unwrap_err(), create(path, |_| Ok(())).unwrap_err()] {
            assert_eq!(
                (told.kind(), told.to_string().contains("/no/such")),
                (io::ErrorKind::NotFound, false),
                "{told}"
            );
        }
    }

    #[test]
    fn what_is_made_anew_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("disc.map");
        create(&path, |w| w.write_all(b"one")).unwrap();
        assert_eq!(create(&path, |w| w.write_all(b"two")).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        std::os::unix::fs::symlink("nowhere", folder.path().join("link")).unwrap();
        assert!(create(&folder.path().join("link"), |w| w.write_all(b"two")).is_err());
        assert!(create(&folder.path().join("new"), |_| Err(io::Error::other("no more"))).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_is_no_regular_file_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("file"), "old").unwrap();
        std::os::unix::fs::symlink("file", path("link")).unwrap();
        nix::unistd::mkfifo(&path("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        std::fs::create_dir(path("folder")).unwrap();
        for name in ["link", "pipe", "folder"] {
            assert!(replace(&path(name), |w| w.write_all(b"new")).is_err(), "{name}");
        }
        assert!(path("link").is_symlink() && path("folder").is_dir());
        assert_eq!(std::fs::read(path("file")).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4);
    }

    #[test]
    fn a_new_file_may_be_read_by_whom_the_umask_lets() {
        let folder = tempfile::tempdir().unwrap();
        replace(&folder.path().join("map"), |w| w.write_all(b"x")).unwrap();
        std::fs::write(folder.path().join("plain"), "x").unwrap();
        let mode = |name| std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode("map"), mode("plain"));
    }
}
