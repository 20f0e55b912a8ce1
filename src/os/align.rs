//! Writing past the page cache (`O_DIRECT`), and the alignment that it wants.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::io::{CallError, reopen_with};

/// What a direct write must be aligned to, bytes; powers of two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Alignment {
    /// Of the memory that is written from.
    pub memory: usize,
    /// Of the place in the file, and of the length.
    pub request: usize,
}

/// The largest alignment that is tried.
const LARGEST: usize = 64 * 1024;
/// The smallest one: what statx(2) knows as the least of any device.
const SMALLEST: usize = 512;
const CALL: &str = "open with O_DIRECT";

/// Opens the file behind `file` again for direct writes, and finds the alignment out: by asking the
/// kernel (`STATX_DIOALIGN`, Linux 6.1), else by trying. What the file holds stays as it is.
///
/// # Errors
/// [`CallError::Unsupported`] when the file system takes no direct writes, else what the kernel says.
pub fn open_direct(file: &File, path: &Path) -> Result<(File, Alignment), CallError> {
    let direct = reopen_with(file, path, libc::O_DIRECT).map_err(refusal)?;
    let alignment = match ask(file) {
        Answer::Aligned(alignment) => alignment,
        Answer::Never => return Err(refusal(io::Error::from_raw_os_error(libc::EINVAL))),
        Answer::Silent => try_out(&direct)?,
    };
    Ok((direct, alignment))
}

/// Invalid here means: not with `O_DIRECT`.
fn refusal(cause: io::Error) -> CallError {
    match cause.raw_os_error() {
        Some(libc::EINVAL) => CallError::Unsupported { call: CALL, cause },
        _ => CallError::new(CALL, cause),
    }
}

enum Answer {
    Aligned(Alignment),
    /// The file has no direct I/O.
    Never,
    /// The kernel does not tell.
    Silent,
}

fn ask(file: &File) -> Answer {
    // SAFETY: the structure holds numbers only, for which zeros are a value.
    let mut answer: libc::statx = unsafe { std::mem::zeroed() };
    // SAFETY: the descriptor is open, the empty name is a C string, and the kernel writes one `statx`.
    let result = unsafe {
        libc::statx(file.as_raw_fd(), c"".as_ptr(), libc::AT_EMPTY_PATH, libc::STATX_DIOALIGN, &raw mut answer)
    };
    if result != 0 || answer.stx_mask & libc::STATX_DIOALIGN == 0 {
        return Answer::Silent;
    }
    match (usize::try_from(answer.stx_dio_mem_align), usize::try_from(answer.stx_dio_offset_align)) {
        (Ok(memory), Ok(request)) if memory.is_power_of_two() && request.is_power_of_two() => {
            Answer::Aligned(Alignment { memory, request })
        }
        _ => Answer::Never,
    }
}

/// Reads what is there, or where nothing is there yet writes zeros that are cut off again.
fn try_out(direct: &File) -> Result<Alignment, CallError> {
    let empty = direct.metadata().is_ok_and(|m| m.is_file() && m.len() == 0);
    let mut memory = vec![0; 3 * LARGEST];
    let start = memory.as_ptr().addr().next_multiple_of(LARGEST) - memory.as_ptr().addr();
    let found = probe(|at, length| {
        let Some(buffer) = memory.get_mut(start + at..start + at + length) else { return Ok(()) };
        let place = length as u64;
        let result = if empty { direct.write_at(buffer, place) } else { direct.read_at(buffer, place) };
        result.map(drop)
    });
    if empty {
        direct.set_len(0).map_err(|e| CallError::new("ftruncate", e))?;
    }
    found.map_err(refusal)
}

/// Looks for the smallest alignments at which `attempt` works; it is given how its memory lies behind an
/// address that is aligned to anything, and a length that is its place as well.
fn probe(mut attempt: impl FnMut(usize, usize) -> io::Result<()>) -> io::Result<Alignment> {
    attempt(0, LARGEST)?;
    let steps = || (0..).map(|i| SMALLEST << i).take_while(|step| *step < LARGEST);
    let smallest = |works: &mut dyn FnMut(usize) -> io::Result<()>| {
        for step in steps() {
            match works(step) {
                Err(e) if e.raw_os_error() == Some(libc::EINVAL) => {}
                result => return result.map(|()| step),
            }
        }
        Ok(LARGEST)
    };
    let memory = smallest(&mut |step| attempt(step, LARGEST))?;
    let request = smallest(&mut |step| attempt(0, step))?;
    Ok(Alignment { memory, request })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::os::io::pwrite_direct;

    fn refused() -> io::Error {
        io::Error::from_raw_os_error(libc::EINVAL)
    }

    proptest! {
        #[test]
        fn trying_finds_what_the_device_wants(memory in 9..=16_u32, request in 9..=16_u32) {
            let (memory, request) = (1 << memory, 1 << request);
            let device = |at: usize, length: usize| {
                if at.is_multiple_of(memory) && length.is_multiple_of(request) { Ok(()) } else { Err(refused()) }
            };
            prop_assert_eq!(probe(device).unwrap(), Alignment { memory, request });
        }
    }

    #[test]
    fn a_device_that_fails_or_refuses_everything_has_no_alignment() {
        assert_eq!(probe(|_, _| Err(refused())).unwrap_err().raw_os_error(), Some(libc::EINVAL));
        let broken = |_, length| if length == LARGEST { Ok(()) } else { Err(io::Error::from_raw_os_error(libc::EIO)) };
        assert_eq!(probe(broken).unwrap_err().raw_os_error(), Some(libc::EIO));
    }

    #[test]
    fn a_file_is_written_directly_and_trying_leaves_it_as_it_was() {
        let folder = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        let path = folder.path().join("image");
        let file = File::options().read(true).write(true).create_new(true).open(&path).unwrap();
        let (direct, alignment) = match open_direct(&file, &path) {
            Ok(opened) => opened,
            Err(e) if e.is_unsupported() => return crate::base::testing::skip(&e.to_string()),
            Err(e) => panic!("{e}"),
        };
        let tried = try_out(&direct).unwrap();
        assert!(tried.memory >= alignment.memory && tried.request >= alignment.request);
        assert_eq!(file.metadata().unwrap().len(), 0);

        let memory = vec![7_u8; 3 * LARGEST];
        let start = memory.as_ptr().addr().next_multiple_of(LARGEST) - memory.as_ptr().addr();
        pwrite_direct(&direct, &memory[start..start + LARGEST], 0).unwrap();
        assert!(pwrite_direct(&direct, &memory[start..start + 100], 0).unwrap_err().is_unsupported());
        assert_eq!(try_out(&direct).unwrap(), tried);
        assert!(std::fs::read(&path).unwrap() == vec![7; LARGEST]);
    }
}
