//! What the kernel's CD-ROM layer knows of a drive.

use std::ffi::c_int;
use std::fs::OpenOptions;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const CDROM_DRIVE_STATUS: libc::Ioctl = 0x5326;

/// The present slot of a changer, which is what a drive without one has.
const CDSL_CURRENT: c_int = c_int::MAX;

/// State of a drive and its tray.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DriveStatus {
    /// The drive does not tell.
    Unknown,
    /// The tray is closed and empty.
    NoDisc,
    /// The tray is open.
    TrayOpen,
    /// The drive is busy with itself.
    NotReady,
    /// A disc is in.
    Disc,
}

/// Asks for the state of `/dev/srN`, whoever else uses it (CDROM_DRIVE_STATUS). Waits for a command under way there.
///
/// # Errors
/// The node cannot be opened or is no CD-ROM drive.
pub fn drive_status(path: &Path) -> io::Result<DriveStatus> {
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
    // SAFETY: the descriptor is open, and the request takes a number, no pointer.
    let answer = unsafe { libc::ioctl(file.as_raw_fd(), CDROM_DRIVE_STATUS, CDSL_CURRENT) };
    match answer {
        1 => Ok(DriveStatus::NoDisc),
        2 => Ok(DriveStatus::TrayOpen),
        3 => Ok(DriveStatus::NotReady),
        4 => Ok(DriveStatus::Disc),
        0.. => Ok(DriveStatus::Unknown),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_drive_has_no_state() {
        assert!(drive_status(Path::new("/dev/null")).is_err());
        assert!(drive_status(Path::new("/dev/no-such-drive")).is_err());
    }
}
