//! A drive is ripped from by one run at a time, between the opening of one disc and the next too.

use std::path::Path;

use crate::job::open::state_folder;
use crate::job::source_name::SourceName;
use crate::os::lock::{LockError, LockFile};

/// Takes the lock of a drive, in the folder for state. An image has none: it may be read by several; nor has an emulated
/// drive, which nobody else sees.
///
/// # Errors
/// [`LockError::Held`] where another rip has the drive.
pub fn of_drive(name: &SourceName) -> Result<Option<LockFile>, LockError> {
    let (SourceName::Drive(path), Some(folder)) = (name, state_folder()) else { return Ok(None) };
    in_folder(path, &folder)
}

fn in_folder(node: &Path, folder: &Path) -> Result<Option<LockFile>, LockError> {
    // A folder for state that cannot be had costs the lock; that the drive is opened exclusively remains.
    if std::fs::create_dir_all(folder).is_err() {
        return Ok(None);
    }
    let real = node.canonicalize().unwrap_or_else(|_| node.to_owned());
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = real.to_string_lossy().trim_start_matches('/').chars().map(plain).take(100).collect();
    match LockFile::take(&folder.join(format!("rip-{name}.lock"))) {
        Err(LockError::Failed { .. }) => Ok(None),
        lock => lock.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drive_is_taken_once_whatever_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        let node = folder.path().join("sr0");
        std::fs::write(&node, "").unwrap();
        std::os::unix::fs::symlink(&node, folder.path().join("cdrom")).unwrap();
        let state = folder.path().join("state/freemkv");
        let held = in_folder(&node, &state).unwrap();
        assert!(held.is_some());
        assert!(matches!(in_folder(&folder.path().join("cdrom"), &state), Err(LockError::Held { .. })));
        assert!(in_folder(&folder.path().join("sr1"), &state).unwrap().is_some());
        drop(held);
        assert!(in_folder(&node, &state).unwrap().is_some());
    }
}
