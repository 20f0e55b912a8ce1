//! Positioned I/O, write-out control and cache advice on open files.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use nix::fcntl::{FcntlArg, OFlag, PosixFadviseAdvice, fcntl, posix_fadvise};

/// How a call that a file may or may not support went wrong.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The kernel, the file system or the kind of file does not have it. Nothing was lost: use another way.
    #[error("{call} is not supported here ({cause})")]
    Unsupported {
        /// The system call.
        call: &'static str,
        /// What the kernel answered.
        cause: io::Error,
    },
    /// It is supported and it failed: data may be lost.
    #[error("{call}: {cause}")]
    Failed {
        /// The system call.
        call: &'static str,
        /// What the kernel answered.
        cause: io::Error,
    },
}

impl CallError {
    /// Sorts an answer of the kernel.
    #[must_use]
    pub fn new(call: &'static str, cause: io::Error) -> Self {
        match cause.raw_os_error() {
            Some(libc::ENOSYS | libc::EOPNOTSUPP | libc::ESPIPE | libc::ENOTTY) => Self::Unsupported { call, cause },
            _ => Self::Failed { call, cause },
        }
    }

    /// Whether another way should be tried.
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        matches!(self, Self::Unsupported { .. })
    }
}

impl From<CallError> for io::Error {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Unsupported { cause, .. } | CallError::Failed { cause, .. } => cause,
        }
    }
}

/// Writes all of `bytes` at `offset`, going on after interruptions and short writes.
///
/// # Errors
/// What the kernel says; how much was written before is then unknown.
pub fn pwrite_all(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    check_range(offset, bytes.len() as u64)?;
    file.write_all_at(bytes, offset)
}

/// Fills `buffer` from `offset`, going on after interruptions and short reads.
///
/// # Errors
/// [`io::ErrorKind::UnexpectedEof`] when the file ends before the buffer is full, else what the kernel says.
pub fn pread_exact(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    check_range(offset, buffer.len() as u64)?;
    file.read_exact_at(buffer, offset)
}

/// Writes all of `bytes` at `offset` so that the kernel begins to write them out at once and then drops
/// them from its cache (`RWF_DONTCACHE`, Linux 6.14), going on after interruptions and short writes.
///
/// # Errors
/// [`CallError::Unsupported`], with nothing written, where kernel or file system do not have it.
pub fn pwrite_dontcache(file: &File, bytes: &[u8], offset: u64) -> Result<(), CallError> {
    const CALL: &str = "pwritev2 with RWF_DONTCACHE";
    check_range(offset, bytes.len() as u64).map_err(|e| CallError::new(CALL, e))?;
    let write = |bytes: &[u8], offset| {
        let part = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
        // SAFETY: the descriptor is open; the kernel only reads the one part, which `bytes` keeps alive.
        let count = unsafe { libc::pwritev2(file.as_raw_fd(), &raw const part, 1, offset, libc::RWF_DONTCACHE) };
        usize::try_from(count).map_err(|_| io::Error::last_os_error())
    };
    write_all(bytes, offset, write).map_err(|e| CallError::new(CALL, e))
}

/// Writes all of `bytes` at `offset` through a description that was opened with `O_DIRECT`, going on after
/// interruptions and short writes.
///
/// # Errors
/// [`CallError::Unsupported`] when the alignment of memory, place or length does not suit.
pub fn pwrite_direct(direct: &File, bytes: &[u8], offset: u64) -> Result<(), CallError> {
    const CALL: &str = "pwrite with O_DIRECT";
    check_range(offset, bytes.len() as u64).map_err(|e| CallError::new(CALL, e))?;
    write_all(bytes, offset, |bytes, offset| direct.write_at(bytes, offset.unsigned_abs())).map_err(|cause| match cause
        .raw_os_error()
    {
        Some(libc::EINVAL) => CallError::Unsupported { call: CALL, cause },
        _ => CallError::new(CALL, cause),
    })
}

/// Repeats `write` until all is written.
fn write_all(
    mut bytes: &[u8],
    mut offset: u64,
    mut write: impl FnMut(&[u8], libc::off_t) -> io::Result<usize>,
) -> io::Result<()> {
    while !bytes.is_empty() {
        let (place, _) = check_range(offset, bytes.len() as u64)?;
        match write(bytes, place) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => {
                bytes = bytes.get(count..).unwrap_or_default();
                offset = offset.saturating_add(count as u64);
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// Whether [`pwrite_dontcache`] works on this file, by a read of one byte under the same flag: kernel and
/// file system refuse it for reads and writes alike, and nothing is changed.
#[must_use]
pub fn takes_dontcache(file: &File) -> bool {
    let mut byte = 0_u8;
    let part = libc::iovec { iov_base: (&raw mut byte).cast(), iov_len: 1 };
    // SAFETY: the descriptor is open; the kernel writes no more than one byte to `byte`, which outlives the call.
    unsafe { libc::preadv2(file.as_raw_fd(), &raw const part, 1, 0, libc::RWF_DONTCACHE) >= 0 }
}

/// Whether `RWF_DONTCACHE` is trusted unasked on this kernel: 6.14 brought it, with races that no probe shows.
#[must_use]
pub fn dontcache_is_trusted() -> bool {
    kernel_is_at_least(6, 16)
}

/// Whether this kernel is at least version `major.minor`. One that does not say so is not.
#[must_use]
fn kernel_is_at_least(major: u32, minor: u32) -> bool {
    let Ok(names) = nix::sys::utsname::uname() else { return false };
    release(&names.release().to_string_lossy()).is_some_and(|version| version >= (major, minor))
}

/// The first two numbers of a kernel's release.
fn release(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// Starts the write-out of `len` bytes from `offset` without waiting for it (`SYNC_FILE_RANGE_WRITE`).
/// It makes nothing durable: neither metadata nor the device's cache is written.
///
/// # Errors
/// [`CallError`]; a length of zero is nothing to do.
pub fn start_write_out(file: &File, offset: u64, len: u64) -> Result<(), CallError> {
    sync_file_range(file, offset, len, libc::SYNC_FILE_RANGE_WRITE)
}

/// Writes `len` bytes from `offset` out and waits until the device took them. An error that the kernel
/// met on **any** page of the file since this open file description last asked is reported, once.
///
/// # Errors
/// [`CallError`]; a length of zero is nothing to do.
pub fn wait_write_out(file: &File, offset: u64, len: u64) -> Result<(), CallError> {
    let all = libc::SYNC_FILE_RANGE_WAIT_BEFORE | libc::SYNC_FILE_RANGE_WRITE | libc::SYNC_FILE_RANGE_WAIT_AFTER;
    sync_file_range(file, offset, len, all)
}

/// Whether write-out of parts of this file can be started and waited for.
#[must_use]
pub fn can_write_out(file: &File) -> bool {
    start_write_out(file, 0, 1).is_ok()
}

fn sync_file_range(file: &File, offset: u64, len: u64, flags: libc::c_uint) -> Result<(), CallError> {
    const CALL: &str = "sync_file_range";
    if len == 0 {
        // The kernel takes zero for "up to the end of the file".
        return Ok(());
    }
    let (start, count) = check_range(offset, len).map_err(|e| CallError::new(CALL, e))?;
    loop {
        // SAFETY: takes a descriptor that `file` keeps open, and numbers; touches no memory of ours.
        let result = unsafe { libc::sync_file_range(file.as_raw_fd(), start, count, flags) };
        if result == 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(CallError::new(CALL, error));
        }
    }
}

/// Advises the kernel to drop the cached pages that `len` bytes from `offset` touch, those at the edges
/// included. Pages that are still to be written stay.
///
/// # Errors
/// [`CallError`]. As it is advice only, nothing is lost by ignoring it.
pub fn drop_cached(file: &File, offset: u64, len: u64) -> Result<(), CallError> {
    const CALL: &str = "posix_fadvise";
    // The kernel keeps a page of which only a part is named; all page sizes of Linux divide this.
    const EDGE: u64 = 64 * 1024;
    if len == 0 {
        return Ok(());
    }
    check_range(offset, len).map_err(|e| CallError::new(CALL, e))?;
    let start = offset - offset % EDGE;
    let end = (offset + len).next_multiple_of(EDGE);
    let (start, count) = check_range(start, end - start).map_err(|e| CallError::new(CALL, e))?;
    posix_fadvise(file, start, count, PosixFadviseAdvice::POSIX_FADV_DONTNEED)
        .map_err(|e| CallError::new(CALL, e.into()))
}

/// Opens the file behind `file` again, with an open file description of its own and the same access.
/// The kernel reports a write-out error once per description, so whoever waits for write-out beside the
/// one who syncs needs this; `dup` would share the description and one of them would miss the error.
///
/// # Errors
/// The file cannot be opened again; without `/proc`, also when `path` is another file by now.
pub fn reopen(file: &File, path: &Path) -> io::Result<File> {
    reopen_with(file, path, 0)
}

/// Like [`reopen`], with further flags of open(2).
///
/// # Errors
/// As there.
pub(super) fn reopen_with(file: &File, path: &Path, more: i32) -> io::Result<File> {
    let flags = OFlag::from_bits_truncate(fcntl(file, FcntlArg::F_GETFL)?);
    let mode = flags & OFlag::O_ACCMODE;
    let mut options = OpenOptions::new();
    options.read(mode != OFlag::O_WRONLY).write(mode != OFlag::O_RDONLY).custom_flags(more);
    match options.open(format!("/proc/self/fd/{}", file.as_raw_fd())) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let other = options.open(path)?;
            let (a, b) = (file.metadata()?, other.metadata()?);
            if (a.dev(), a.ino(), a.rdev()) == (b.dev(), b.ino(), b.rdev()) {
                Ok(other)
            } else {
                Err(io::Error::other("another file lies under this name by now"))
            }
        }
        result => result,
    }
}

/// `offset` and `len` as the kernel wants them; their sum does not leave its numbers either.
pub(super) fn check_range(offset: u64, len: u64) -> io::Result<(i64, i64)> {
    let beyond = || io::Error::from_raw_os_error(libc::EFBIG);
    let end = offset.checked_add(len).ok_or_else(beyond)?;
    i64::try_from(end).map_err(|_| beyond())?;
    Ok((i64::try_from(offset).map_err(|_| beyond())?, i64::try_from(len).map_err(|_| beyond())?))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek, SeekFrom, Write};

    use super::*;

    #[test]
    fn positioned_io_leaves_the_position_alone() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"0123456789").unwrap();
        pwrite_all(&file, b"abc", 2).unwrap();
        assert_eq!(file.stream_position().unwrap(), 10);
        let mut middle = [0; 5];
        pread_exact(&file, &mut middle, 1).unwrap();
        assert_eq!(&middle, b"1abc5");
        let beyond = pread_exact(&file, &mut [0; 5], 8).unwrap_err();
        assert_eq!(beyond.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_write_that_is_interrupted_or_short_goes_on() {
        let (mut calls, mut written) = (0, Vec::new());
        let result = write_all(b"0123456789", 100, |bytes, offset| {
            calls += 1;
            assert_eq!(offset, 100 + written.len() as i64);
            if calls % 2 == 1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let count = bytes.len().min(3);
            written.extend_from_slice(&bytes[..count]);
            Ok(count)
        });
        result.unwrap();
        assert_eq!((calls, written.as_slice()), (8, b"0123456789".as_slice()));
        assert_eq!(write_all(b"x", 0, |_, _| Ok(0)).unwrap_err().kind(), io::ErrorKind::WriteZero);
    }

    #[test]
    fn what_the_probe_says_of_dontcache_is_what_a_write_does() {
        let (mut file, folder) = (tempfile::tempfile().unwrap(), env!("CARGO_MANIFEST_DIR"));
        for _ in 0..2 {
            let works = takes_dontcache(&file);
            assert_eq!(file.metadata().unwrap().len(), 0);
            match pwrite_dontcache(&file, &[7; 100_000], 5) {
                Ok(()) => assert!(works && file.metadata().unwrap().len() == 100_005),
                Err(e) => assert!(e.is_unsupported() && !works && file.metadata().unwrap().len() == 0, "{e}"),
            }
            file = tempfile::tempfile_in(folder).unwrap();
        }
    }

    #[test]
    fn releases_of_all_kinds_are_read() {
        assert_eq!(release("6.18.44-fc-v509"), Some((6, 18)));
        assert_eq!(release("6.16-rc1"), Some((6, 16)));
        assert_eq!(release("five"), None);
        assert!(kernel_is_at_least(2, 6) && !kernel_is_at_least(1000, 0));
    }

    #[test]
    fn numbers_that_the_kernel_cannot_take_are_refused() {
        let file = tempfile::tempfile().unwrap();
        assert_eq!(pwrite_all(&file, b"x", u64::MAX).unwrap_err().raw_os_error(), Some(libc::EFBIG));
        assert!(start_write_out(&file, i64::MAX as u64, 1).is_err());
        assert!(drop_cached(&file, u64::MAX - 1, 1).is_err());
    }

    #[test]
    fn a_regular_file_can_be_written_out_in_parts_and_a_pipe_cannot() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&[7; 100_000]).unwrap();
        assert!(can_write_out(&file));
        start_write_out(&file, 0, 50_000).unwrap();
        wait_write_out(&file, 0, 50_000).unwrap();
        drop_cached(&file, 2048, 2048).unwrap();
        start_write_out(&file, 0, 0).unwrap();
        let (_reader, writer) = std::io::pipe().unwrap();
        let writer = File::from(std::os::fd::OwnedFd::from(writer));
        assert!(start_write_out(&writer, 0, 1).unwrap_err().is_unsupported());
        assert!(!can_write_out(&writer));
    }

    #[test]
    fn a_reopened_file_is_the_same_file_with_a_position_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("image");
        let mut file = OpenOptions::new().read(true).write(true).create_new(true).open(&path).unwrap();
        file.write_all(b"first").unwrap();
        std::fs::remove_file(&path).unwrap();
        let mut again = reopen(&file, &path).unwrap();
        assert_eq!(again.stream_position().unwrap(), 0);
        let mut text = String::new();
        again.read_to_string(&mut text).unwrap();
        assert_eq!(text, "first");
        again.seek(SeekFrom::Start(0)).unwrap();
        again.write_all(b"F").unwrap();
        assert_eq!(file.stream_position().unwrap(), 5);
        pread_exact(&file, &mut [0; 5], 0).unwrap();
    }
}
