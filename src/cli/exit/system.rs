//! What to do about an answer of the file system, by its kind.

use std::io::ErrorKind;
use std::path::Path;

/// Of a file or folder at `path` that cannot be made or written; `None` where nobody knows.
pub(super) fn writing(kind: ErrorKind, path: &Path) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::NotFound => "Make its folder first, or correct the name.",
        ErrorKind::PermissionDenied if path.is_file() => "Make it writable, or choose another name.",
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => "Choose a folder that you may write to.",
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => "A part of that name is no folder: choose another name.",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "Make room and run the same command again.",
        ErrorKind::FileTooLarge => "A file may not grow any larger here: see ulimit -f and the file system.",
        ErrorKind::InvalidFilename => "Choose a shorter name.",
        _ => return None,
    })
}

/// Of a file that is not handed out.
pub(super) fn reading(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::PermissionDenied => Some("Ask its owner, or be root."),
        ErrorKind::IsADirectory => Some("That is a folder: name a file in it."),
        ErrorKind::NotFound => Some("Is the name right?"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_from_its_folder() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let hint = |path: &Path| writing(ErrorKind::PermissionDenied, path).unwrap();
        assert!(hint(file.path()).contains("writable") && hint(Path::new("/none/x")).contains("folder"));
        assert_eq!(writing(ErrorKind::Other, file.path()), None);
    }
}
