//! The file under way: `NAME.part` until it is whole and durable, a device that takes it as it comes, or a descriptor
//! that is open already, such as standard output.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::MuxError;
use crate::base::clock::Clock;
use crate::image::ImageError;
use crate::image::writeback::file::WritebackFile;
use crate::image::writeback::strategy::WriteChoice;
use crate::os::lock::{LockError, lock_exclusive};
use crate::os::names::{self, Identity, Kind};
use crate::os::{durable, io as os_io};

/// The first bytes of a new `.part`, until a header takes their place: so what a killed run left is told from a file of
/// somebody else.
const MARK: &[u8] = b"freemkv\n";

/// What a Matroska file begins with (RFC 8794, section 11.2.1).
const EBML: &[u8] = &[0x1A, 0x45, 0xDF, 0xA3];

/// Where the name of the program stands in the header of a film of ours.
const HEAD_MAX: u64 = 64 * 1024;

/// Rounds against other runs that finish in the same moment.
const ROUNDS: u32 = 100;

/// Where a film goes.
pub(in crate::mux) enum FilmFile {
    /// A file.
    File(Box<PartFile>),
    /// A device that takes bytes at any place, such as `/dev/null`. Nothing of it is replaced or removed.
    Device(File, PathBuf),
    /// What this process has open already, written in order: nothing of it can be written over later.
    Descriptor(Box<WritebackFile>),
}

impl FilmFile {
    /// Begins the film that will be called `path`. A link is followed; a name of an open descriptor means that one.
    ///
    /// # Errors
    /// [`MuxError::Exists`] when there is a file already and `force` is not set; [`MuxError::NotAFile`] for a folder, a
    /// pipe, a socket, or a device that only takes bytes in order; else what the system says.
    pub(in crate::mux) fn create(path: &Path, force: bool, clock: Arc<dyn Clock>) -> Result<Self, MuxError> {
        let place = |source| MuxError::Place { operation: "look at", path: path.to_owned(), source };
        if let Some(descriptor) = names::own_descriptor(path) {
            let file = names::duplicate(descriptor).map_err(place)?;
            let file = WritebackFile::in_order(file, path, WriteChoice::Auto, clock)?;
            return Ok(Self::Descriptor(Box::new(file)));
        }
        match names::kind_behind(path).map_err(place)? {
            None | Some(Kind::File) => {
                let path = names::resolve(path).map_err(place)?;
                Ok(Self::File(Box::new(PartFile::create(&path, force, clock)?)))
            }
            Some(Kind::CharacterDevice) => device(path),
            Some(kind) => Err(MuxError::NotAFile { path: path.to_owned(), what: kind.words() }),
        }
    }

    /// Whether nothing can be written over later.
    pub(in crate::mux) fn is_in_order(&self) -> bool {
        matches!(self, Self::Descriptor(_))
    }

    /// Writes bytes at a place.
    ///
    /// # Errors
    /// Those of [`WritebackFile::write_at`].
    pub(in crate::mux) fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), MuxError> {
        match self {
            Self::File(file) => file.write_at(offset, bytes),
            Self::Descriptor(file) => Ok(file.write_at(offset, bytes)?),
            Self::Device(file, path) => os_io::pwrite_all(file, bytes, offset).map_err(|source| MuxError::Place {
                operation: "write to",
                path: path.clone(),
                source,
            }),
        }
    }

    /// Makes a file durable and gives it its name.
    ///
    /// # Errors
    /// As [`PartFile::finish`].
    pub(in crate::mux) fn finish(self) -> Result<(), MuxError> {
        match self {
            Self::File(file) => file.finish(),
            Self::Device(..) => Ok(()),
            Self::Descriptor(mut file) => Ok(file.drain()?),
        }
    }
}

/// Whether a film may be begun at `path`, as far as can be told without beginning it.
///
/// # Errors
/// As [`FilmFile::create`].
pub(in crate::mux) fn judge(path: &Path, force: bool) -> Result<(), MuxError> {
    let place = |source| MuxError::Place { operation: "look at", path: path.to_owned(), source };
    match names::kind_behind(path).map_err(place)? {
        _ if names::own_descriptor(path).is_some() => Ok(()),
        None | Some(Kind::File) => {
            let path = names::resolve(path).map_err(place)?;
            refuse_existing(&path, force)?;
            let part = durable::beside(&path, ".part");
            let is_free = matches!(names::kind_at(&part), Ok(None) | Err(_));
            let is_left_over = || left_over(&part).is_ok_and(|file| is_ours(&file));
            if is_free || is_left_over() { Ok(()) } else { Err(MuxError::InTheWay { path: part }) }
        }
        Some(Kind::CharacterDevice) => device(path).map(|_| ()),
        Some(kind) => Err(MuxError::NotAFile { path: path.to_owned(), what: kind.words() }),
    }
}

/// A film has its index in front, so a terminal cannot take it: it has no places to write at.
fn device(path: &Path) -> Result<FilmFile, MuxError> {
    let opened = OpenOptions::new().write(true).open(path).and_then(|file| file.write_at(&[], 0).map(|_| file));
    match opened {
        Ok(file) => Ok(FilmFile::Device(file, path.to_owned())),
        Err(e) if e.raw_os_error() == Some(libc::ESPIPE) => {
            Err(MuxError::NotAFile { path: path.to_owned(), what: Kind::CharacterDevice.words() })
        }
        Err(source) => Err(MuxError::Place { operation: "open", path: path.to_owned(), source }),
    }
}

/// A file that is being written. Dropped before [`PartFile::finish`], it leaves nothing behind.
pub(in crate::mux) struct PartFile {
    /// `None` only while it is being dropped.
    file: Option<WritebackFile>,
    identity: Identity,
    part: PathBuf,
    path: PathBuf,
    force: bool,
}

impl PartFile {
    /// Begins the file that will be called `path`, which is no link.
    ///
    /// # Errors
    /// [`MuxError::Exists`] when there is one already and `force` is not set; [`MuxError::InTheWay`] when a file of
    /// somebody else is called `path` with `.part` added; else what the system says.
    fn create(path: &Path, force: bool, clock: Arc<dyn Clock>) -> Result<Self, MuxError> {
        refuse_existing(path, force)?;
        let part = durable::beside(path, ".part");
        let (file, identity) = open_part(&part)?;
        let prepared = file
            .set_len(0)
            .and_then(|()| os_io::pwrite_all(&file, MARK, 0))
            .map_err(|source| MuxError::Place { operation: "write", path: part.clone(), source })
            .and_then(|()| Ok(WritebackFile::from_file(file, &part, WriteChoice::Auto, clock)?));
        match prepared {
            Ok(file) => Ok(Self { file: Some(file), identity, part, path: path.to_owned(), force }),
            Err(error) => {
                identity.remove(&part);
                Err(error)
            }
        }
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), MuxError> {
        match &mut self.file {
            Some(file) => Ok(file.write_at(offset, bytes)?),
            None => Err(MuxError::Mistake("a film was written to after its end")),
        }
    }

    /// Makes the file durable and gives it its name.
    ///
    /// # Errors
    /// What the system says; [`MuxError::Exists`] when somebody else made a file of that name meanwhile;
    /// [`MuxError::Unsynced`] when the film is there, but its name may not last.
    fn finish(mut self) -> Result<(), MuxError> {
        if let Some(file) = &mut self.file {
            file.sync_all()?;
        }
        self.rename()?;
        self.file = None;
        durable::sync_folder(&self.path).map_err(|source| MuxError::Unsynced { path: self.path.clone(), source })
    }

    fn rename(&self) -> Result<(), MuxError> {
        let renamed = if self.force {
            match names::kind_at(&self.path) {
                Ok(None | Some(Kind::File)) => std::fs::rename(&self.part, &self.path),
                Ok(Some(_)) => Err(io::ErrorKind::AlreadyExists.into()),
                Err(e) => Err(e),
            }
        } else {
            names::rename_to_free(&self.part, &self.path)
        };
        renamed.map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => MuxError::Exists { path: self.path.clone() },
            _ => MuxError::Place { operation: "rename the finished file to", path: self.path.clone(), source },
        })
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            // The name first: what is not written yet then need not be.
            self.identity.remove(&self.part);
            drop(file);
        }
    }
}

/// Opens and locks the file `part`: a new one, or what a run that was killed has left.
fn open_part(part: &Path) -> Result<(File, Identity), MuxError> {
    let place = |operation| move |source| MuxError::Place { operation, path: part.to_owned(), source };
    let in_use = || MuxError::Output(ImageError::InUse { path: part.to_owned() });
    for _ in 0..ROUNDS {
        let (file, is_new) = match names::create_new(part) {
            Ok(file) => (file, true),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => match left_over(part) {
                Ok(file) => (file, false),
                Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                Err(_) => return Err(MuxError::InTheWay { path: part.to_owned() }),
            },
            Err(e) => return Err(place("create")(e)),
        };
        let identity = Identity::of(&file).map_err(place("look at"))?;
        match lock_exclusive(&file, part) {
            Err(LockError::Held { .. }) => return Err(in_use()),
            Err(LockError::Failed { cause, .. }) => {
                if is_new {
                    identity.remove(part);
                }
                return Err(place("lock")(cause));
            }
            // Another run may have given it its name, or removed it, before this lock came.
            Ok(_) if !identity.is_at(part) => continue,
            Ok(_) if is_new || is_ours(&file) => return Ok((file, identity)),
            Ok(_) => return Err(MuxError::InTheWay { path: part.to_owned() }),
        }
    }
    Err(in_use())
}

fn left_over(part: &Path) -> io::Result<File> {
    names::open_regular_with(part, OpenOptions::new().read(true).write(true))
}

/// Whether this program began the file.
fn is_ours(mut file: &File) -> bool {
    let mut head = Vec::new();
    let read = Read::by_ref(&mut file).take(HEAD_MAX).read_to_end(&mut head);
    let name = env!("CARGO_PKG_NAME").as_bytes();
    read.is_ok() && (head.starts_with(MARK) || (head.starts_with(EBML) && memchr::memmem::find(&head, name).is_some()))
}

fn refuse_existing(path: &Path, force: bool) -> Result<(), MuxError> {
    if !force && path.symlink_metadata().is_ok() {
        return Err(MuxError::Exists { path: path.to_owned() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::SystemClock;

    fn create(path: &Path, force: bool) -> Result<FilmFile, MuxError> {
        FilmFile::create(path, force, Arc::new(SystemClock::new()))
    }

    #[test]
    fn the_name_appears_when_all_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.mkv");
        let mut file = create(&path, false).unwrap();
        file.write_at(0, b"a film, of course").unwrap();
        file.write_at(1, b"x").unwrap();
        assert!(!path.exists());
        assert!(create(&path, false).err().unwrap().to_string().contains("in use"));
        file.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"axfilm, of course");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_existing_file_is_left_alone_without_force() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.mkv");
        let late = create(&path, false).unwrap();
        std::fs::write(&path, "mine").unwrap();
        assert!(matches!(create(&path, false), Err(MuxError::Exists { .. })));
        assert!(matches!(late.finish(), Err(MuxError::Exists { .. })));
        assert_eq!(std::fs::read(&path).unwrap(), b"mine");
        create(&path, true).unwrap().finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), MARK, "replaced");
    }

    #[test]
    fn an_unfinished_file_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.mkv");
        std::fs::write(durable::beside(&path, ".part"), [MARK, b"and more"].concat()).unwrap();
        let mut file = create(&path, false).unwrap();
        file.write_at(0, &[7; 100]).unwrap();
        drop(file);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_of_somebody_else_is_not_taken_for_a_left_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.mkv");
        let part = durable::beside(&path, ".part");
        let foreign = [EBML, b"\x9f other program"].concat();
        for theirs in [&b"notes"[..], b"", &foreign] {
            std::fs::write(&part, theirs).unwrap();
            assert!(matches!(create(&path, true), Err(MuxError::InTheWay { .. })));
            assert_eq!(std::fs::read(&part).unwrap(), theirs);
        }
        std::fs::remove_file(&part).unwrap();
        std::os::unix::fs::symlink("elsewhere", &part).unwrap();
        assert!(matches!(create(&path, true), Err(MuxError::InTheWay { .. })));
        assert!(!folder.path().join("elsewhere").exists());
        std::fs::remove_file(&part).unwrap();
        // A film of ours whose header is written.
        std::fs::write(&part, [EBML, b"\x9f freemkv"].concat()).unwrap();
        create(&path, false).unwrap().finish().unwrap();
    }

    #[test]
    fn a_link_is_followed_and_stays_and_devices_are_written_in_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::os::unix::fs::symlink("far.mkv", path("link.mkv")).unwrap();
        let mut film = create(&path("link.mkv"), true).unwrap();
        film.write_at(0, b"the film").unwrap();
        film.finish().unwrap();
        assert!(path("link.mkv").is_symlink());
        assert_eq!(std::fs::read(path("far.mkv")).unwrap(), b"the film");
        let mut null = create(Path::new("/dev/null"), false).unwrap();
        null.write_at(10, b"film").unwrap();
        null.finish().unwrap();
        assert_eq!(names::kind_at(Path::new("/dev/null")).unwrap(), Some(Kind::CharacterDevice));
        nix::unistd::mkfifo(&path("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        for name in ["pipe", "."] {
            assert!(matches!(create(&path(name), true), Err(MuxError::NotAFile { .. })), "{name}");
        }
    }
}
