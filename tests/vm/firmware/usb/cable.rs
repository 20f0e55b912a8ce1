//! USB/IP (Linux, `Documentation/usb/usbip_protocol.rst`): transfers as messages through a socket, one end of which the
//! kernel's `vhci_hcd` holds. All numbers are big-endian.

use std::fs;
use std::io::{Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use super::descriptors::Control;
use super::transfers::Done;
use crate::Result;
use crate::command::DATA_MAX;

/// Ports for devices of high speed.
pub(super) const PORTS: u32 = 8;

/// Where a device is handed to the kernel.
const ATTACH: &str = "/sys/devices/platform/vhci_hcd.0/attach";

const SUBMIT: u32 = 1;
const UNLINK: u32 = 2;
const SUBMITTED: u32 = 3;
const UNLINKED: u32 = 4;

/// What a transfer ends with that was taken back (`ECONNRESET`), and one that is refused (`EPIPE`).
const TAKEN_BACK: i32 = -104;
const REFUSED: i32 = -32;

/// This end of the cable.
pub(super) struct Cable(UnixStream);

/// What the host wants.
pub(super) enum Message {
    Submit(Transfer),
    Unlink { sequence: u32, of: u32 },
}

/// A transfer.
pub(super) struct Transfer {
    /// Names it.
    pub(super) sequence: u32,
    /// From the device.
    pub(super) is_in: bool,
    pub(super) endpoint: u32,
    /// Flags of the kernel's request block.
    pub(super) flags: u32,
    /// Bytes wanted, or brought.
    pub(super) length: usize,
    /// The request of a control transfer.
    pub(super) setup: [u8; 8],
    /// What it brings.
    pub(super) data: Vec<u8>,
}

impl Transfer {
    /// It ends so, with nothing moved.
    pub(super) fn ended(&self, status: i32) -> Done {
        Done { sequence: self.sequence, status, data: Vec::new(), moved: 0 }
    }

    /// All that it brings has been taken.
    pub(super) fn taken(&self) -> Done {
        Done { moved: self.length, ..self.ended(0) }
    }

    /// The answer to a control transfer.
    pub(super) fn answered(&self, request: Control) -> Done {
        match request {
            Control::Refused => self.ended(REFUSED),
            Control::Bytes(mut data) => {
                data.truncate(self.length);
                Done { moved: data.len(), data, ..self.ended(0) }
            }
            _ => self.ended(0),
        }
    }
}

impl Cable {
    /// Plugs a device of high speed into that port.
    pub(super) fn plug(port: u32) -> Result<Self> {
        let (mine, kernels) = UnixStream::pair().map_err(|e| format!("a pair of sockets: {e}"))?;
        // Port, descriptor, an identifier that nobody else has, speed.
        let line = format!("{port} {} {} 3", kernels.as_raw_fd(), 1 << 16 | 2);
        fs::write(ATTACH, line).map_err(|e| format!("{ATTACH}: {e}"))?;
        Ok(Self(mine))
    }

    /// Waits for what the host wants.
    pub(super) fn message(&mut self) -> Result<Message> {
        let mut header = [0; 48];
        self.0.read_exact(&mut header).map_err(|e| e.to_string())?;
        let word = |index: usize| {
            let bytes = header.get(index * 4..index * 4 + 4).and_then(|bytes| bytes.try_into().ok());
            bytes.map_or(0, u32::from_be_bytes)
        };
        let (kind, sequence, is_in) = (word(0), word(1), word(3) == 1);
        match kind {
            UNLINK => Ok(Message::Unlink { sequence, of: word(5) }),
            SUBMIT => {
                let length = word(6) as usize;
                let mut data = Vec::new();
                if !is_in {
                    if length > DATA_MAX {
                        return Err(format!("a transfer of {length} bytes"));
                    }
                    data.resize(length, 0);
                    self.0.read_exact(&mut data).map_err(|e| e.to_string())?;
                }
                let mut setup = [0; 8];
                setup.copy_from_slice(&header[40..]);
                Ok(Message::Submit(Transfer {
                    sequence,
                    is_in,
                    endpoint: word(4),
                    flags: word(5),
                    length,
                    setup,
                    data,
                }))
            }
            _ => Err(format!("a message of kind {kind}")),
        }
    }

    /// Ends a transfer.
    pub(super) fn done(&mut self, done: &Done) -> Result<()> {
        let moved = u32::try_from(done.moved).unwrap_or(u32::MAX);
        self.send(SUBMITTED, done.sequence, done.status, moved)?;
        self.0.write_all(&done.data).map_err(|e| e.to_string())
    }

    /// Says that a transfer has been taken back, or had been done before.
    pub(super) fn unlinked(&mut self, sequence: u32, in_time: bool) -> Result<()> {
        self.send(UNLINKED, sequence, if in_time { TAKEN_BACK } else { 0 }, 0)
    }

    fn send(&mut self, kind: u32, sequence: u32, status: i32, moved: u32) -> Result<()> {
        let mut message = Vec::new();
        for word in [kind, sequence, 0, 0, 0] {
            message.extend(word.to_be_bytes());
        }
        message.extend(status.to_be_bytes());
        message.extend(moved.to_be_bytes());
        message.resize(48, 0);
        self.0.write_all(&message).map_err(|e| e.to_string())
    }
}

impl AsFd for Cable {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
