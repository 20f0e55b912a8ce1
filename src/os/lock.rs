//! Advisory locks: two runs never write one file.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::names::{self, Identity};
use super::waits;

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

/// A process that was killed holds its locks until the kernel has taken it down.
const PATIENCE: Duration = Duration::from_millis(500);
const LOOK: Duration = Duration::from_millis(20);

/// Takes an exclusive advisory lock (flock(2)) on `file`, waiting no longer than half a second. It belongs to the open
/// file description and ends when that is closed. Says whether the lock is held: `false` where the file system has no
/// locks.
///
/// # Errors
/// [`LockError`], with `path` as the file's name.
pub fn lock_exclusive(file: &File, path: &Path) -> Result<bool, LockError> {
    let _asked = waits::begin("a lock", path);
    let mut waited = Duration::ZERO;
    loop {
        // SAFETY: takes a descriptor that `file` keeps open, and a number; touches no memory of ours.
        if unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } == 0 {
            return Ok(true);
        }
        let cause = io::Error::last_os_error();
        match cause.raw_os_error() {
            Some(libc::EWOULDBLOCK) if waited < PATIENCE => {
                std::thread::sleep(LOOK);
                waited += LOOK;
            }
            Some(libc::EWOULDBLOCK) => return Err(LockError::Held { path: path.to_owned() }),
            Some(libc::EINTR) => {}
            Some(libc::ENOSYS | libc::EOPNOTSUPP | libc::ENOLCK | libc::EINVAL) => return Ok(false),
            _ => return Err(LockError::Failed { path: path.to_owned(), cause }),
        }
    }
}

/// What a lock file of ours holds, so that it is told from a person's file of that name.
const CONTENT: &[u8] = b"freemkv holds a lock here while it runs\n";

/// Rounds against others that remove their lock file in the same moment.
const ROUNDS: u32 = 100;

/// A lock on something that is replaced at each save and so cannot carry the lock itself. The file is removed when this
/// is dropped, if it is ours.
#[derive(Debug)]
pub struct LockFile {
    file: File,
    path: PathBuf,
    ours: bool,
}

impl LockFile {
    /// Takes the lock `path`, a derived name: it is made, or what lies there is locked as it is, and never changed.
    ///
    /// # Errors
    /// [`LockError::Held`] when another run has it; [`LockError::Failed`] when no regular file can be had there.
    pub fn take(path: &Path) -> Result<Self, LockError> {
        let failed = |cause| LockError::Failed { path: path.to_owned(), cause };
        for _ in 0..ROUNDS {
            let (mut file, new) = match names::create_new(path) {
                Ok(file) => (file, true),
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => match open_as_it_is(path) {
                    Ok(file) => (file, false),
                    Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                    Err(e) => return Err(failed(e)),
                },
                Err(e) => return Err(failed(e)),
            };
            // One that could not be locked, or filled, is not known as ours the next time, and would stay for good.
            let leave = |error: LockError| {
                if let (true, LockError::Failed { .. }, Ok(identity)) = (new, &error, Identity::of(&file)) {
                    identity.remove(path);
                }
                error
            };
            lock_exclusive(&file, path).map_err(leave)?;
            // Whoever had it may have removed it before this lock came: then it locks a file that nobody finds.
            if !Identity::of(&file).is_ok_and(|identity| identity.is_at(path)) {
                continue;
            }
            if new {
                (&file).write_all(CONTENT).map_err(|cause| leave(failed(cause)))?;
            }
            let ours = new || holds(&mut file, CONTENT);
            return Ok(Self { file, path: path.to_owned(), ours });
        }
        Err(LockError::Held { path: path.to_owned() })
    }
}

impl LockFile {
    /// Says that the folder of the lock has another name by now: that is where the file is removed from in the end.
    pub fn moved_to(&mut self, path: &Path) {
        path.clone_into(&mut self.path);
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        if self.ours
            && let Ok(identity) = Identity::of(&self.file)
        {
            identity.remove(&self.path);
        }
    }
}

/// Locks on network mounts want a file that is open for writing; another user's file may only be open for reading.
fn open_as_it_is(path: &Path) -> io::Result<File> {
    match names::open_regular_with(path, OpenOptions::new().read(true).write(true)) {
        Err(e) if e.kind() == io::ErrorKind::PermissionDenied => names::open_regular(path),
        result => result,
    }
}

fn holds(file: &mut File, content: &[u8]) -> bool {
    let mut there = Vec::new();
    file.take(content.len() as u64 + 1).read_to_end(&mut there).is_ok() && there == content
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_goes_with_the_lock_and_stays_when_it_is_somebody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("disc.map.lock");
        let held = LockFile::take(&path).unwrap();
        assert!(matches!(LockFile::take(&path), Err(LockError::Held { .. })));
        drop(held);
        assert!(!path.exists());
        // What a killed run left.
        std::fs::write(&path, CONTENT).unwrap();
        drop(LockFile::take(&path).unwrap());
        assert!(!path.exists());
        std::fs::write(&path, "mine").unwrap();
        drop(LockFile::take(&path).unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), b"mine");
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("elsewhere", &path).unwrap();
        assert!(matches!(LockFile::take(&path), Err(LockError::Failed { .. })));
        assert!(!folder.path().join("elsewhere").exists());
    }

    #[test]
    fn of_many_that_want_it_one_at_a_time_has_it() {
        use std::sync::atomic::{AtomicU32, Ordering};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let holders = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        if let Ok(lock) = LockFile::take(&path) {
                            assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0);
                            holders.fetch_sub(1, Ordering::SeqCst);
                            drop(lock);
                        }
                    }
                });
            }
        });
    }

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
