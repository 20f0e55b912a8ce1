//! Which parts of a file have room on the disk: holes read as zero and hold nothing.

use std::fs::File;
use std::io;
use std::ops::Range;

use nix::errno::Errno;
use nix::unistd::{Whence, lseek};

/// The first stretch of a file at or behind byte `from` that has room on the disk, from `from` on where that lies in it; `None`
/// where there are only holes. A file system that knows no holes has room everywhere. Moves the file's position.
///
/// # Errors
/// The file is none that has positions, or what the system says.
pub fn next_data(file: &File, from: u64) -> io::Result<Option<Range<u64>>> {
    let length = file.metadata()?.len();
    let seek = |from: u64, whence| {
        let offset = libc::off_t::try_from(from).map_err(|_| Errno::EOVERFLOW)?;
        lseek(file, offset, whence).map(|offset| u64::try_from(offset).unwrap_or(0))
    };
    if from >= length {
        return Ok(None);
    }
    match seek(from, Whence::SeekData) {
        Ok(start) => Ok(Some(start..seek(start, Whence::SeekHole)?)),
        Err(Errno::ENXIO) => Ok(None),
        Err(Errno::EINVAL | Errno::ENOTSUP) => Ok(Some(from..length)),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::FileExt;

    #[test]
    fn holes_are_passed_over() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(4 << 20).unwrap();
        assert_eq!(next_data(&file, 0).unwrap().map_or(0, |data| data.end - data.start), 0);
        file.write_all_at(&[1; 1 << 20], 1 << 20).unwrap();
        assert_eq!(next_data(&file, 0).unwrap(), Some(1 << 20..2 << 20));
        assert_eq!(next_data(&file, (1 << 20) + 5).unwrap(), Some((1 << 20) + 5..2 << 20));
        assert_eq!(next_data(&file, 2 << 20).unwrap(), None);
        assert_eq!(next_data(&file, 9 << 20).unwrap(), None);
    }
}
