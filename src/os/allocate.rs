//! Room for files.

use std::io;
use std::path::Path;

use nix::sys::statfs::statfs;
use nix::sys::statvfs::statvfs;

/// FAT keeps a file's length in 32 bits (linux/magic.h: `MSDOS_SUPER_MAGIC`).
const FAT: u64 = 0x4d44;

/// Bytes that an unprivileged user can still write to the file system on which `path` lies or would lie:
/// what is kept back for root does not count.
///
/// # Errors
/// Neither `path` nor its folder is there.
pub fn free_space(path: &Path) -> io::Result<u64> {
    let answer = statvfs(standing(path))?;
    Ok(answer.blocks_available().saturating_mul(answer.fragment_size()))
}

/// Length of the largest file that the file system at `path` can hold, when it is one with a small limit;
/// else `None`.
///
/// # Errors
/// Neither `path` nor its folder is there.
pub fn largest_file(path: &Path) -> io::Result<Option<u64>> {
    let kind = super::filesystem::magic(statfs(standing(path))?.filesystem_type().0);
    Ok((kind == FAT).then_some(u64::from(u32::MAX)))
}

/// `path` when something lies there (or behind the link there), else its folder.
fn standing(path: &Path) -> &Path {
    if path.exists() {
        return path;
    }
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_space_of_a_file_to_come_is_that_of_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("not-there.iso");
        assert!(free_space(&path).unwrap() > 0);
        assert_eq!(largest_file(&path).unwrap(), None);
        assert!(free_space(&folder.path().join("no/such/folder")).is_err());
        assert!(free_space(Path::new("not-there.iso")).unwrap() > 0);
    }
}
