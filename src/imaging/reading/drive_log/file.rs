//! The drive log's file: only what is a drive log already is appended to.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use crate::os::names;

/// Opens the drive log to append to it, and tells its length. It is made where nothing lies.
///
/// # Errors
/// What lies there is no drive log, or cannot be written.
pub(super) fn open_log(path: &Path) -> io::Result<(File, u64)> {
    let file = match names::create_new(path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            names::open_regular_with(path, File::options().read(true).append(true))?
        }
        result => result?,
    };
    let bytes = file.metadata()?.len();
    if bytes > 0 && !begins_as_log(&file) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a file that is no drive log lies there"));
    }
    Ok((file, bytes))
}

/// Whether the first line is one that a drive log has.
fn begins_as_log(file: &File) -> bool {
    const LINE_MAX: u64 = 4096;
    let mut line = Vec::new();
    let read = BufReader::new(file.take(LINE_MAX)).read_until(b'\n', &mut line);
    let value = read.ok().and_then(|_| serde_json::from_slice::<serde_json::Value>(&line).ok());
    value.is_some_and(|value| ["trouble", "full"].iter().any(|key| value.get(key).is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn only_a_drive_log_is_appended_to() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.log.jsonl");
        assert_eq!(open_log(&path).unwrap().1, 0);
        for (there, is_log) in [
            ("{\"at\":1.0,\"phase\":\"sweep\",\"trouble\":\"failed\"}\n{\"cut", true),
            ("{\"full\":true}\n", true),
            ("", true),
            ("my notes\n", false),
            ("{\"name\":\"mine\"}\n", false),
        ] {
            std::fs::write(&path, there).unwrap();
            assert_eq!(open_log(&path).is_ok(), is_log, "{there}");
            if is_log {
                open_log(&path).unwrap().0.write_all(b"more").unwrap();
                assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{there}more"));
            }
        }
    }
}
