//! Words for the drive while it serves, a line each, through a named pipe:
//!
//! ```text
//! plan FILE       from now on disc and drive are as this damage plan says (docs/emulated-drive.md)
//! reset           what a reset of the bus does
//! page            logs byte 2 and the retry count of mode page 01h
//! release         answers that are held back for ever are given
//! unplug, plug    (usb, uas) the cable
//! deaf            (usb, uas) the firmware answers nothing any more
//! residue BYTES   (usb) the bridge claims that so many bytes are missing of each read; `residue true` is the truth
//! ```

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;

use crate::Result;

/// The pipe, and the part of a line that has come so far.
pub(crate) struct Control {
    pipe: File,
    rest: Vec<u8>,
}

impl Control {
    /// Opens the pipe, for writing too: it has no end then when a writer leaves.
    pub(crate) fn open(path: &str) -> Result<Self> {
        let pipe = File::options().read(true).write(true).custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits()).open(path);
        Ok(Self { pipe: pipe.map_err(|e| format!("{path}: {e}"))?, rest: Vec::new() })
    }

    /// What becomes readable when there are words.
    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.pipe.as_fd()
    }

    /// The lines that have come.
    pub(crate) fn lines(&mut self) -> Result<Vec<String>> {
        let mut part = [0; 4096];
        match self.pipe.read(&mut part) {
            Ok(length) => self.rest.extend(part.iter().take(length)),
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(e) => return Err(format!("the control pipe: {e}")),
        }
        let mut lines = Vec::new();
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            lines.push(String::from_utf8_lossy(&line).trim().to_owned());
        }
        Ok(lines)
    }
}
