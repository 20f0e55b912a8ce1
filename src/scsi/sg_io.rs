//! Commands through the kernel: SG_IO, interface version 3, on `/dev/sr*` and `/dev/sg*`.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_uchar, c_uint, c_ushort, c_void};
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{SigSet, SigmaskHow};
use thiserror::Error;

use super::{Data, Reply, SENSE_MAX, Standing, Transport};
use crate::base::clock::Clock;

/// What is assumed when the kernel does not tell: the least that a usb-storage device takes, in bytes.
const TRANSFER_DEFAULT: usize = 32 * 1024;

/// More than this in one command brings no speed and only ties up memory.
const TRANSFER_MAX: usize = 1024 * 1024;

/// `struct sg_io_hdr` of `<scsi/sg.h>`.
#[repr(C)]
struct Header {
    interface_id: c_int,
    dxfer_direction: c_int,
    cmd_len: c_uchar,
    mx_sb_len: c_uchar,
    iovec_count: c_ushort,
    dxfer_len: c_uint,
    dxferp: *mut c_void,
    cmdp: *const c_uchar,
    sbp: *mut c_uchar,
    timeout: c_uint,
    flags: c_uint,
    pack_id: c_int,
    usr_ptr: *mut c_void,
    status: c_uchar,
    masked_status: c_uchar,
    msg_status: c_uchar,
    sb_len_wr: c_uchar,
    host_status: c_ushort,
    driver_status: c_ushort,
    resid: c_int,
    duration: c_uint,
    info: c_uint,
}

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Header>() == 88);

const SG_IO: u32 = 0x2285;
const BLKSECTGET: u32 = 0x1267;
const SG_DXFER_NONE: c_int = -1;
const SG_DXFER_TO_DEV: c_int = -2;
const SG_DXFER_FROM_DEV: c_int = -3;

/// What the macros make is public in its module.
#[allow(unreachable_pub)]
mod request {
    use super::{BLKSECTGET, Header, SG_IO, c_int, c_ushort};

    nix::ioctl_readwrite_bad!(sg_io, SG_IO, Header);
    nix::ioctl_read_bad!(sectors_most, BLKSECTGET, c_ushort);
    nix::ioctl_read_bad!(bytes_most, BLKSECTGET, c_int);
}

/// Why a device could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Somebody else has it open exclusively, or its disc is mounted.
    #[error("{path}: another program holds it, or its disc is mounted")]
    Busy {
        /// The device.
        path: PathBuf,
    },
    /// The user may not.
    #[error("{path}: permission denied; be a member of the group cdrom, or root")]
    Denied {
        /// The device.
        path: PathBuf,
    },
    /// There is no such device, or nothing is behind its node.
    #[error("{path}: no such device")]
    Gone {
        /// The device.
        path: PathBuf,
    },
    /// The path is no device that commands can be sent to.
    #[error("{path}: not a SCSI device")]
    NotScsi {
        /// The path.
        path: PathBuf,
    },
    /// Anything else.
    #[error("{path}: cannot be opened: {cause}")]
    Io {
        /// The device.
        path: PathBuf,
        /// What the kernel says.
        cause: io::Error,
    },
}

/// Whether others may use the device at the same time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sharing {
    /// Nobody else: mounting is refused, and the kernel stops polling the drive, which slows it down.
    Exclusive,
    /// Anybody.
    Shared,
}

/// A device node that takes SG_IO.
///
/// On `sr` the kernel raises time limits below 7 s to 7 s and waits uninterruptibly. On `sg` a signal would end the
/// wait and leave the command running, so signals are held back until the answer is there.
pub struct SgIo {
    file: File,
    /// Where the kernel says what has become of the device (`/sys/dev/block/11:0/device/state`), when it did at first.
    state: Option<PathBuf>,
    clock: Arc<dyn Clock>,
    max_transfer: usize,
    read_only: bool,
}

impl SgIo {
    /// Opens a node without blocking (so also with no disc in): for writing where allowed, since a node opened for
    /// reading lets no MODE SELECT and no SET CD SPEED through.
    ///
    /// # Errors
    /// [`OpenError`], each kind with its sentence.
    pub fn open(path: &Path, sharing: Sharing, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let node = std::fs::metadata(path).map_err(|e| open_error(path, e))?.file_type();
        if !node.is_block_device() && !node.is_char_device() {
            return Err(OpenError::NotScsi { path: path.to_owned() });
        }
        let exclusive = if sharing == Sharing::Exclusive { libc::O_EXCL } else { 0 };
        let open = |write: bool, flags: c_int| {
            OpenOptions::new().read(true).write(write).custom_flags(libc::O_NONBLOCK | flags).open(path)
        };
        let (file, read_only) = match open(true, exclusive) {
            Ok(file) => (file, false),
            Err(e) if matches!(e.raw_os_error(), Some(libc::EACCES | libc::EPERM | libc::EROFS)) => {
                // sg refuses O_EXCL to readers.
                let flags = if node.is_block_device() { exclusive } else { 0 };
                (open(false, flags).map_err(|e| open_error(path, e))?, true)
            }
            Err(e) => return Err(open_error(path, e)),
        };
        let max_transfer = most_bytes(&file, node.is_block_device());
        let state = file.metadata().ok().and_then(|node| state_file(&node));
        Ok(Self { file, state, clock, max_transfer, read_only })
    }

    /// Whether the node could be opened for reading only: the drive's settings cannot be changed then.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }
}

fn open_error(path: &Path, cause: io::Error) -> OpenError {
    let path = path.to_owned();
    match cause.raw_os_error() {
        Some(libc::EBUSY) => OpenError::Busy { path },
        Some(libc::EACCES | libc::EPERM) => OpenError::Denied { path },
        Some(libc::ENOENT | libc::ENXIO | libc::ENODEV) => OpenError::Gone { path },
        _ => OpenError::Io { path, cause },
    }
}

/// The file in which the kernel tells the state of the device behind a node, when it does.
fn state_file(node: &Metadata) -> Option<PathBuf> {
    let (major, minor) = (libc::major(node.rdev()), libc::minor(node.rdev()));
    let kind = if node.file_type().is_block_device() { "block" } else { "char" };
    let path = PathBuf::from(format!("/sys/dev/{kind}/{major}:{minor}/device/state"));
    path.exists().then_some(path)
}

/// What the kernel says of the device behind a node that cannot be opened.
#[must_use]
pub fn standing_of(path: &Path) -> Standing {
    match std::fs::metadata(path) {
        Ok(node) => state_file(&node).map_or(Standing::There, |path| standing(std::fs::read_to_string(path))),
        Err(_) => Standing::Gone,
    }
}

/// What a state means (Linux, `scsi_device_state`); without one there is no device.
fn standing(state: io::Result<String>) -> Standing {
    match state.as_deref().map(str::trim) {
        Ok("offline" | "transport-offline") => Standing::Offline,
        Ok("cancel" | "deleted") | Err(_) => Standing::Gone,
        Ok(_) => Standing::There,
    }
}

/// The largest transfer that the kernel lets through: `sr` counts in units of 512 bytes in an unsigned short,
/// `sg` in bytes in an int.
fn most_bytes(file: &File, block: bool) -> usize {
    let bytes = if block {
        let mut units: c_ushort = 0;
        // SAFETY: the descriptor is open, and BLKSECTGET of a block device writes one unsigned short.
        unsafe { request::sectors_most(file.as_raw_fd(), &raw mut units) }.ok().map(|_| usize::from(units) * 512)
    } else {
        let mut bytes: c_int = 0;
        // SAFETY: the descriptor is open, and BLKSECTGET of sg writes one int; the char device of anything else
        // does not know the request.
        unsafe { request::bytes_most(file.as_raw_fd(), &raw mut bytes) }.ok().and_then(|_| usize::try_from(bytes).ok())
    };
    match bytes {
        Some(bytes) if bytes >= 2048 => bytes.min(TRANSFER_MAX),
        _ => TRANSFER_DEFAULT,
    }
}

impl Transport for SgIo {
    fn execute(&mut self, cdb: &[u8], data: Data<'_>, timeout: Duration) -> io::Result<Reply> {
        let invalid = |what| io::Error::new(io::ErrorKind::InvalidInput, what);
        let cmd_len = u8::try_from(cdb.len()).map_err(|_| invalid("command too long"))?;
        let (dxfer_direction, dxferp, length) = match data {
            Data::None => (SG_DXFER_NONE, std::ptr::null_mut(), 0),
            Data::In(buffer) => (SG_DXFER_FROM_DEV, buffer.as_mut_ptr().cast::<c_void>(), buffer.len()),
            Data::Out(buffer) => (SG_DXFER_TO_DEV, buffer.as_ptr().cast_mut().cast::<c_void>(), buffer.len()),
        };
        let mut sense = [0u8; SENSE_MAX];
        let mut header = Header {
            interface_id: c_int::from(b'S'),
            dxfer_direction,
            cmd_len,
            mx_sb_len: u8::try_from(SENSE_MAX).unwrap_or(u8::MAX),
            iovec_count: 0,
            dxfer_len: c_uint::try_from(length).map_err(|_| invalid("transfer too long"))?,
            dxferp,
            cmdp: cdb.as_ptr(),
            sbp: sense.as_mut_ptr(),
            // 0 would mean the kernel's own limit of a minute.
            timeout: c_uint::try_from(timeout.as_millis()).unwrap_or(c_uint::MAX).max(1),
            flags: 0,
            pack_id: 0,
            usr_ptr: std::ptr::null_mut(),
            status: 0,
            masked_status: 0,
            msg_status: 0,
            sb_len_wr: 0,
            host_status: 0,
            driver_status: 0,
            resid: 0,
            duration: 0,
            info: 0,
        };
        let started = self.clock.now();
        let result = undisturbed(|| {
            // SAFETY: the descriptor is open. The header points at the command, the data buffer and the sense
            // buffer, with their true lengths; all of them outlive the call, the kernel writes to the data buffer
            // only when it was handed in as `Data::In`, and no wait is left early, so no command outlives the call.
            unsafe { request::sg_io(self.file.as_raw_fd(), &raw mut header) }
        });
        let duration = self.clock.now().saturating_sub(started);
        result.map_err(|e| io::Error::from_raw_os_error(e as i32)).map_err(name_gone)?;
        let written = usize::from(header.sb_len_wr).min(SENSE_MAX);
        Ok(Reply {
            status: header.status,
            host_status: header.host_status,
            driver_status: header.driver_status,
            // Some bridges report more missing than was asked for, or a negative number.
            residual: usize::try_from(header.resid).unwrap_or(0).min(length),
            sense: sense.get(..written).unwrap_or_default().to_vec(),
            duration,
        })
    }

    fn max_transfer(&self) -> usize {
        self.max_transfer
    }

    fn standing(&self) -> Standing {
        self.state.as_ref().map_or(Standing::There, |path| standing(std::fs::read_to_string(path)))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }
}

/// Runs `call` with all signals held back in this thread.
fn undisturbed<T>(call: impl FnOnce() -> T) -> T {
    let before = SigSet::all().thread_swap_mask(SigmaskHow::SIG_BLOCK);
    let result = call();
    if let Ok(mask) = before {
        let _ = mask.thread_set_mask();
    }
    result
}

/// Gives the two errors of a vanished device one kind that callers can ask for: [`io::ErrorKind::NotFound`].
fn name_gone(error: io::Error) -> io::Error {
    match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::ENODEV | Errno::ENXIO) => io::Error::new(io::ErrorKind::NotFound, "the device is gone"),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::SystemClock;
    use crate::scsi::cdb;

    fn open(path: &str) -> Result<SgIo, OpenError> {
        SgIo::open(Path::new(path), Sharing::Exclusive, Arc::new(SystemClock::new()))
    }

    #[test]
    fn what_is_no_device_is_named_as_such() {
        assert!(matches!(open("/dev/no-such-drive"), Err(OpenError::Gone { .. })));
        assert!(matches!(open("/proc/self/status"), Err(OpenError::NotScsi { .. })));
    }

    #[test]
    fn a_device_that_takes_no_commands_gives_an_error_and_keeps_signals_as_they_were() {
        let before = SigSet::thread_get_mask().unwrap();
        let mut null = open("/dev/null").unwrap();
        assert_eq!(null.max_transfer(), TRANSFER_DEFAULT);
        assert!(null.execute(&cdb::test_unit_ready(), Data::None, Duration::from_secs(1)).is_err());
        assert_eq!(SigSet::thread_get_mask().unwrap(), before);
    }

    #[test]
    fn what_the_kernel_calls_a_device_says_how_it_stands() {
        let of = |text: &str| standing(Ok(text.to_owned()));
        assert_eq!(["running\n", "blocked\n"].map(of), [Standing::There; 2]);
        assert_eq!(["offline\n", "transport-offline"].map(of), [Standing::Offline; 2]);
        assert_eq!(of("deleted"), Standing::Gone);
        assert_eq!(standing(Err(io::ErrorKind::NotFound.into())), Standing::Gone);
        assert_eq!(open("/dev/null").unwrap().standing(), Standing::There, "nothing is known of it");
    }

    #[test]
    fn both_errors_of_a_vanished_device_are_one_kind() {
        for number in [libc::ENODEV, libc::ENXIO] {
            assert_eq!(name_gone(io::Error::from_raw_os_error(number)).kind(), io::ErrorKind::NotFound);
        }
        assert_ne!(name_gone(io::Error::from_raw_os_error(libc::EIO)).kind(), io::ErrorKind::NotFound);
    }
}
