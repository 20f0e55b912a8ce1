//! Names that lead to one file: a typing error must not make a run read and write the same thing.

use std::fs::Metadata;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Whether two names lead to one file or device, links followed. Neither needs to be there.
#[must_use]
pub fn is_same(one: &Path, other: &Path) -> bool {
    match (one.metadata(), other.metadata()) {
        (Ok(one), Ok(other)) => identity(&one) == identity(&other),
        (Err(_), Err(_)) => place(one).is_some_and(|place_of_one| Some(place_of_one) == place(other)),
        _ => false,
    }
}

/// Devices have many nodes; everything else is told by its inode.
fn identity(metadata: &Metadata) -> (u64, u64, bool) {
    let kind = metadata.file_type();
    if kind.is_block_device() || kind.is_char_device() {
        (metadata.rdev(), 0, kind.is_block_device())
    } else {
        (metadata.dev(), metadata.ino(), false)
    }
}

/// Where a file that is not there would be.
fn place(path: &Path) -> Option<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Some(folder.canonicalize().ok()?.join(path.file_name()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_is_known_by_all_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("a"), b"a").unwrap();
        std::fs::write(path("b"), b"a").unwrap();
        std::fs::hard_link(path("a"), path("hard")).unwrap();
        std::os::unix::fs::symlink(path("a"), path("soft")).unwrap();
        for name in ["a", "hard", "soft", "../x/a"] {
            let expected = name != "../x/a";
            assert_eq!(is_same(&path("a"), &path(name)), expected, "{name}");
        }
        assert!(!is_same(&path("a"), &path("b")));
        assert!(!is_same(&path("a"), &path("new")) && is_same(&path("new"), &path("./new")));
        assert!(!is_same(Path::new("/no/such/a"), Path::new("/no/such/b")));
        assert!(is_same(Path::new("/dev/null"), Path::new("/dev/./null")));
        assert!(!is_same(Path::new("/dev/null"), Path::new("/dev/zero")));
    }
}
