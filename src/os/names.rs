//! Names in the file system: where they lead, and files that are made or opened without following links.
//!
//! A name that a person gives is followed. A name that is derived from it (a suffix added) is not: whoever put a
//! link or a device there did not ask for what this program would do to it.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::fd::{BorrowedFd, RawFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
use nix::unistd::{AccessFlags, access};

use super::waits;

/// As many links as the kernel follows before it calls them a loop (path_resolution(7)).
const LINKS_MAX: usize = 40;

/// What lies at a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A block device.
    BlockDevice,
    /// A character device.
    CharacterDevice,
    /// A pipe with a name, or one behind `/dev/fd`.
    Pipe,
    /// A socket.
    Socket,
    /// A symbolic link; only where links are not followed.
    Link,
}

impl Kind {
    /// The kind that metadata tell.
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        let kind = metadata.file_type();
        match kind {
            _ if kind.is_dir() => Self::Folder,
            _ if kind.is_block_device() => Self::BlockDevice,
            _ if kind.is_char_device() => Self::CharacterDevice,
            _ if kind.is_fifo() => Self::Pipe,
            _ if kind.is_socket() => Self::Socket,
            _ if kind.is_symlink() => Self::Link,
            _ => Self::File,
        }
    }

    /// In words, as in "X is a folder".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::File => "a file",
            Self::Folder => "a folder",
            Self::BlockDevice | Self::CharacterDevice => "a device",
            Self::Pipe => "a pipe",
            Self::Socket => "a socket",
            Self::Link => "a link",
        }
    }
}

/// What lies at `path`, or behind the link there; `None` for nothing.
///
/// # Errors
/// The system does not tell.
pub fn kind_behind(path: &Path) -> io::Result<Option<Kind>> {
    let _asked = waits::begin("a look", path);
    found(std::fs::metadata(path)).map(|metadata| metadata.as_ref().map(Kind::of))
}

/// What lies at `path` itself; `None` for nothing.
///
/// # Errors
/// The system does not tell.
pub fn kind_at(path: &Path) -> io::Result<Option<Kind>> {
    let _asked = waits::begin("a look", path);
    found(std::fs::symlink_metadata(path)).map(|metadata| metadata.as_ref().map(Kind::of))
}

fn found(metadata: io::Result<Metadata>) -> io::Result<Option<Metadata>> {
    match metadata {
        Ok(metadata) => Ok(Some(metadata)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// The name at the end of the links at `path`, whether or not something lies there. A name that leads to something
/// other than a regular file stays as it is: only the kernel can follow `/proc/self/fd`.
///
/// # Errors
/// The links go round in a circle, or the system does not tell.
pub fn resolve(path: &Path) -> io::Result<PathBuf> {
    let _asked = waits::begin("a look", path);
    let behind = found(std::fs::metadata(path))?;
    if behind.as_ref().is_some_and(|metadata| !metadata.is_file()) {
        return Ok(path.to_owned());
    }
    let mut name = path.to_owned();
    for _ in 0..LINKS_MAX {
        match found(std::fs::symlink_metadata(&name))? {
            Some(metadata) if metadata.is_symlink() => {
                let target = std::fs::read_link(&name)?;
                name = name.parent().unwrap_or(Path::new("")).join(target);
            }
            here => {
                // A link in /proc says in words where it leads; they need not be a name.
                let same = match (&here, &behind) {
                    (Some(here), Some(behind)) => Identity::told_by(here) == Identity::told_by(behind),
                    (None, None) => true,
                    _ => false,
                };
                return Ok(if same { name } else { path.to_owned() });
            }
        }
    }
    Err(Errno::ELOOP.into())
}

/// The descriptor of this process that `path` names: `/dev/stdout`, `/dev/fd/3`, `/proc/self/fd/3`.
#[must_use]
pub fn own_descriptor(path: &Path) -> Option<RawFd> {
    let name = path.to_str()?;
    match name {
        "/dev/stdin" => Some(0),
        "/dev/stdout" => Some(1),
        "/dev/stderr" => Some(2),
        _ => ["/dev/fd/", "/proc/self/fd/"].iter().find_map(|folder| name.strip_prefix(folder)?.parse().ok()),
    }
}

/// A second descriptor for what `descriptor` is open on, with the position that both share: what is written there goes
/// behind what others wrote.
///
/// # Errors
/// It is not open.
pub fn duplicate(descriptor: RawFd) -> io::Result<File> {
    if descriptor < 0 {
        return Err(Errno::EBADF.into());
    }
    // SAFETY: the descriptor is only borrowed for the call that copies it; when it is not open, fcntl says so.
    let borrowed = unsafe { BorrowedFd::borrow_raw(descriptor) };
    borrowed.try_clone_to_owned().map(File::from)
}

/// Whether files can be made in a folder, as far as the system tells before it is tried: it is there, and this process may
/// write in it.
///
/// # Errors
/// Why not.
pub fn takes_new_files(folder: &Path) -> io::Result<()> {
    if !std::fs::metadata(folder)?.is_dir() {
        return Err(Errno::ENOTDIR.into());
    }
    Ok(access(folder, AccessFlags::W_OK | AccessFlags::X_OK)?)
}

/// Makes a file of a derived name, to be read and written.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] whatever lies there, a link included; else what the system says.
pub fn create_new(path: &Path) -> io::Result<File> {
    let _asked = waits::begin("open", path);
    OpenOptions::new().read(true).write(true).create_new(true).open(path)
}

/// Opens the regular file at a derived name for reading.
///
/// # Errors
/// A link, or anything that is no regular file, lies there; or what the system says.
pub fn open_regular(path: &Path) -> io::Result<File> {
    open_regular_with(path, OpenOptions::new().read(true))
}

/// Opens the regular file at a derived name as `options` say; they must not truncate.
///
/// # Errors
/// As [`open_regular`].
pub fn open_regular_with(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let _asked = waits::begin("open", path);
    // Opening a pipe would wait for its other end.
    let file =
        options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path).map_err(|e| match e.raw_os_error() {
            Some(libc::ELOOP) => not_regular(Kind::Link),
            _ => e,
        })?;
    let kind = Kind::of(&file.metadata()?);
    if kind == Kind::File { Ok(file) } else { Err(not_regular(kind)) }
}

/// That something is no regular file, as an error.
pub(crate) fn not_regular(kind: Kind) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("{} lies there", kind.words()))
}

/// Which file it is, whatever its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    /// That of an open file.
    ///
    /// # Errors
    /// The system does not tell.
    pub fn of(file: &File) -> io::Result<Self> {
        file.metadata().map(|metadata| Self::told_by(&metadata))
    }

    fn told_by(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }

    /// Whether `path` itself is this file.
    #[must_use]
    pub fn is_at(self, path: &Path) -> bool {
        std::fs::symlink_metadata(path).is_ok_and(|metadata| Self::told_by(&metadata) == self)
    }

    /// Removes the name `path`, if it still is a name of this file.
    pub fn remove(self, path: &Path) {
        if self.is_at(path) {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Renames a file to a name that must be free.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] when something lies there, a link included; else what the system says.
pub fn rename_to_free(from: &Path, to: &Path) -> io::Result<()> {
    let _asked = waits::begin("its new name", to);
    match renameat2(AT_FDCWD, from, AT_FDCWD, to, RenameFlags::RENAME_NOREPLACE) {
        Ok(()) => Ok(()),
        // File systems that cannot do this in one step (NFS, some FUSE): a second name is made only where there is none.
        Err(Errno::EINVAL | Errno::ENOSYS | Errno::ENOTSUP) => rename_by_link(from, to),
        Err(e) => Err(e.into()),
    }
}

fn rename_by_link(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::hard_link(from, to) {
        // One name is left, be it the old one.
        Ok(()) => std::fs::remove_file(from).inspect_err(|_| drop(std::fs::remove_file(to))),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Err(e),
        // Nor hard links (FAT): a look, and then the rename.
        Err(_) if kind_at(to)?.is_none() => std::fs::rename(from, to),
        Err(_) => Err(io::ErrorKind::AlreadyExists.into()),
    }
}

#[cfg(test)]
#[path = "names_tests.rs"]
mod tests;
