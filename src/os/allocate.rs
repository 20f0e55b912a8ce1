//! Room for files: how much there is, reserving it, giving it back.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{FallocateFlags, fallocate};
use nix::sys::statfs::statfs;
use nix::sys::statvfs::statvfs;
use nix::unistd::{Whence, lseek};

use super::io::{CallError, check_range};

/// FAT keeps a file's length in 32 bits (linux/magic.h: `MSDOS_SUPER_MAGIC`).
const FAT: u64 = 0x4d44;

/// Bytes that an unprivileged user can still write to the file system on which `path` lies or would lie:
/// what is kept back for root does not count. `None` where the file system does not tell: some FUSE mounts say that they
/// have no blocks at all.
///
/// # Errors
/// Neither `path` nor its folder is there.
pub fn free_space(path: &Path) -> io::Result<Option<u64>> {
    let answer = statvfs(standing(path))?;
    let free = answer.blocks_available().saturating_mul(answer.fragment_size());
    Ok((answer.blocks() > 0).then_some(free))
}

/// Length of the largest file that the file system at `path` can hold, when it is one with a small limit;
/// else `None`.
///
/// # Errors
/// Neither `path` nor its folder is there.
pub fn largest_file(path: &Path) -> io::Result<Option<u64>> {
    let kind = super::filesystem::magic(statfs(standing(path))?.filesystem_type().0);
    Ok(largest_of(kind))
}

/// The largest file of a kind of file system, by its number in linux/magic.h.
fn largest_of(kind: u64) -> Option<u64> {
    (kind == FAT).then_some(u64::from(u32::MAX))
}

/// Bytes that the file at `path` takes of its file system: less than its length where it has holes, more
/// where room is reserved.
///
/// # Errors
/// There is no such file.
pub fn taken(path: &Path) -> io::Result<u64> {
    Ok(std::fs::metadata(path)?.blocks().saturating_mul(512))
}

/// Reserves the room for `len` bytes from `offset`, so that writing there later meets no full disk. The file
/// becomes longer when it must; what is new reads as zero, what is there stays.
///
/// # Errors
/// [`CallError::Unsupported`] where the file system reserves nothing, else what the kernel says.
pub fn reserve(file: &File, offset: u64, len: u64) -> Result<(), CallError> {
    call("fallocate", file, FallocateFlags::empty(), offset, len)
}

/// Makes `len` bytes from `offset` read as zero without writing them: punches a hole, or where there are none
/// marks them as zero. The length stays.
///
/// # Errors
/// [`CallError::Unsupported`], with nothing changed, when the file system or the device can do neither there:
/// write zeros then. Else what the kernel says.
pub fn zero(file: &File, offset: u64, len: u64) -> Result<(), CallError> {
    const CALL: &str = "fallocate to zero";
    let keep = FallocateFlags::FALLOC_FL_KEEP_SIZE;
    let ways = [FallocateFlags::FALLOC_FL_PUNCH_HOLE, FallocateFlags::FALLOC_FL_ZERO_RANGE];
    let mut refused = Errno::EOPNOTSUPP;
    for way in ways {
        match call(CALL, file, way | keep, offset, len) {
            Err(CallError::Unsupported { cause, .. }) => {
                refused = cause.raw_os_error().map_or(refused, Errno::from_raw);
            }
            // A device wants whole blocks of its own.
            Err(CallError::Failed { cause, .. }) if cause.raw_os_error() == Some(libc::EINVAL) => {
                refused = Errno::EINVAL;
            }
            result => return result,
        }
    }
    Err(CallError::Unsupported { call: CALL, cause: refused.into() })
}

fn call(name: &'static str, file: &File, flags: FallocateFlags, offset: u64, len: u64) -> Result<(), CallError> {
    if len == 0 {
        return Ok(());
    }
    let (offset, len) = check_range(offset, len).map_err(|e| CallError::new(name, e))?;
    loop {
        match fallocate(file, flags, offset, len) {
            Err(Errno::EINTR) => {}
            result => return result.map_err(|e| CallError::new(name, e.into())),
        }
    }
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

/// Where the first byte at or behind `offset` lies that was written; `None`: behind it there is only a hole. A file system that
/// knows no holes has data everywhere. The file's position moves.
///
/// # Errors
/// What the system says.
pub fn next_data(file: &File, offset: u64) -> io::Result<Option<u64>> {
    match seek(file, offset, Whence::SeekData) {
        Err(Errno::ENXIO) => Ok(None),
        Err(Errno::EINVAL | Errno::EOPNOTSUPP) => Ok(Some(offset)),
        result => Ok(Some(result?)),
    }
}

/// Where the first hole at or behind `offset` begins: at the end of the file if there is none. The file's position moves.
///
/// # Errors
/// What the system says, also for an offset behind the end.
pub fn next_hole(file: &File, offset: u64) -> io::Result<u64> {
    match seek(file, offset, Whence::SeekHole) {
        Err(Errno::EINVAL | Errno::EOPNOTSUPP) => Ok(u64::MAX),
        result => Ok(result?),
    }
}

fn seek(file: &File, offset: u64, whence: Whence) -> Result<u64, Errno> {
    let offset = libc::off_t::try_from(offset).map_err(|_| Errno::EOVERFLOW)?;
    let found = lseek(file, offset, whence)?;
    u64::try_from(found).map_err(|_| Errno::EOVERFLOW)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::FileExt as _;

    #[test]
    fn free_space_of_a_file_to_come_is_that_of_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("not-there.iso");
        assert!(free_space(&path).unwrap() > Some(0));
        assert_eq!(largest_file(&path).unwrap(), None);
        assert!(free_space(&folder.path().join("no/such/folder")).is_err());
        assert!(free_space(Path::new("not-there.iso")).unwrap() > Some(0));
    }

    #[test]
    fn a_file_of_fat_is_one_byte_short_of_4_gib() {
        const EXFAT: u64 = 0x2011_bab0;
        const EXT4: u64 = 0xef53;
        assert_eq!(largest_of(FAT), Some((4 << 30) - 1));
        assert_eq!([EXFAT, EXT4].map(largest_of), [None, None]);
    }

    #[test]
    fn room_is_reserved_and_given_back_and_the_rest_stays() {
        let folder = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        let path = folder.path().join("image");
        std::fs::write(&path, vec![7; 1 << 20]).unwrap();
        let file = File::options().read(true).write(true).open(&path).unwrap();
        match reserve(&file, 0, 4 << 20) {
            Err(e) if e.is_unsupported() => return crate::base::testing::skip(&e.to_string()),
            result => result.unwrap(),
        }
        assert!(taken(&path).unwrap() >= 4 << 20);
        assert_eq!(file.metadata().unwrap().len(), 4 << 20);
        match zero(&file, 1 << 16, 1 << 16) {
            Err(e) if e.is_unsupported() => return crate::base::testing::skip(&e.to_string()),
            result => result.unwrap(),
        }
        zero(&file, 0, 0).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let holds = |i: usize| if i < 1 << 20 && !(1 << 16..2 << 16).contains(&i) { 7 } else { 0 };
        assert!(bytes.len() == 4 << 20 && bytes.iter().enumerate().all(|(i, b)| *b == holds(i)));
    }

    #[test]
    fn what_has_no_room_to_give_says_so() {
        let (_reader, writer) = io::pipe().unwrap();
        let writer = File::from(std::os::fd::OwnedFd::from(writer));
        assert!(reserve(&writer, 0, 1).unwrap_err().is_unsupported());
        assert!(zero(&writer, 0, 1).unwrap_err().is_unsupported());
        let file = tempfile::tempfile().unwrap();
        assert!(!reserve(&file, u64::MAX, 1).unwrap_err().is_unsupported());
    }

    #[test]
    fn holes_are_found_where_nothing_was_written() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(1 << 22).unwrap();
        file.write_all_at(&[1; 4096], 1 << 21).unwrap();
        let data = next_data(&file, 0).unwrap();
        // tmpfs and ext4 know holes; a file system that does not has data at once.
        if data != Some(0) {
            assert_eq!(data, Some(1 << 21));
            let hole = next_hole(&file, 1 << 21).unwrap();
            assert!(hole > 1 << 21 && hole < 1 << 22, "{hole}");
            assert_eq!(next_data(&file, hole).unwrap(), None);
        }
    }
}
