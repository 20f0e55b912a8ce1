//! Advisory locks: two runs never write one file.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

/// Why a file could not be locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another open file description holds the lock.
    #[error("{} is in use by another run", path.display())]
    Held {
        /// The file.
        path: PathBuf,
    },
    /// The lock could not be taken for another reason.
    #[error("cannot lock {}: {cause}", path.display())]
    Failed {
        /// The file.
        path: PathBuf,
        /// What the kernel answered.
        cause: io::Error,
    },
}

/// Takes an exclusive advisory lock (flock(2)) on `file` without waiting. It belongs to the open file
/// description and ends when that is closed. Says whether the lock is held: `false` where the file
/// system has no locks.
///
/// # Errors
/// [`LockError`], with `path` as the file's name.
pub fn lock_exclusive(file: &File, path: &Path) -> Result<bool, LockError> {
    // SAFETY: takes a descriptor that `file` keeps open, and a number; touches no memory of ours.
    if unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } == 0 {
        return Ok(true);
    }
    let cause = io::Error::last_os_error();
    match cause.raw_os_error() {
        Some(libc::EWOULDBLOCK) => Err(LockError::Held { path: path.to_owned() }),
        Some(libc::ENOSYS | libc::EOPNOTSUPP | libc::ENOLCK | libc::EINVAL) => Ok(false),
        _ => Err(LockError::Failed { path: path.to_owned(), cause }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_is_refused_by_name_until_the_first_ends() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("disc.iso");
        let first = File::create(&path).unwrap();
        assert!(lock_exclusive(&first, &path).unwrap());
        let second = File::open(&path).unwrap();
        let refused = lock_exclusive(&second, &path).unwrap_err();
        assert!(refused.to_string().contains("disc.iso"), "{refused}");
        drop(first);
        assert!(lock_exclusive(&second, &path).unwrap());
    }
}
