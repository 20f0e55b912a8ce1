//! Transfers from the device that wait for something to move.

use super::cable::Transfer;

/// The flag of a transfer that must not end short (`URB_SHORT_NOT_OK`), and how it ends then (`EREMOTEIO`).
const SHORT_NOT_OK: u32 = 1;
const SHORT: i32 = -121;

/// What a transfer ends with on a pipe that is halted (`EPIPE`).
const HALTED: i32 = -32;

/// The end of a transfer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Done {
    pub(super) sequence: u32,
    /// 0, or a negative error of Linux.
    pub(super) status: i32,
    /// What goes to the host.
    pub(super) data: Vec<u8>,
    /// Bytes moved, in whichever direction.
    pub(super) moved: usize,
}

/// The pipes from the device.
#[derive(Default)]
pub(crate) struct Pipes {
    waiting: Vec<Transfer>,
    halted: Vec<u32>,
    done: Vec<Done>,
}

impl Pipes {
    /// A transfer that the host wants. On a halted pipe it ends at once.
    pub(super) fn wait(&mut self, transfer: Transfer) {
        if self.halted.contains(&transfer.endpoint) {
            self.done.push(transfer.ended(HALTED));
        } else {
            self.waiting.push(transfer);
        }
    }

    /// Bytes that the first transfer which waits on a pipe has room for.
    pub(super) fn room(&self, endpoint: u32) -> Option<usize> {
        self.waiting.iter().find(|transfer| transfer.endpoint == endpoint).map(|transfer| transfer.length)
    }

    /// Ends the first transfer that waits on a pipe with these bytes.
    pub(super) fn give(&mut self, endpoint: u32, bytes: &[u8]) {
        let Some(transfer) = self.first(endpoint) else { return };
        let is_short = bytes.len() < transfer.length && transfer.flags & SHORT_NOT_OK != 0;
        let status = if is_short { SHORT } else { 0 };
        self.done.push(Done { sequence: transfer.sequence, status, data: bytes.to_vec(), moved: bytes.len() });
    }

    /// Halts a pipe: the first transfer that waits on it ends with nothing, and so does each one until that is cleared.
    pub(super) fn halt(&mut self, endpoint: u32) {
        if let Some(transfer) = self.first(endpoint) {
            self.done.push(transfer.ended(HALTED));
        }
        self.halted.push(endpoint);
    }

    /// CLEAR FEATURE (ENDPOINT HALT).
    pub(super) fn clear_halt(&mut self, endpoint: u32) {
        self.halted.retain(|halted| *halted != endpoint);
    }

    /// Whether a transfer could be taken back.
    pub(super) fn take_back(&mut self, sequence: u32) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|transfer| transfer.sequence != sequence);
        before > self.waiting.len()
    }

    /// What has ended since the last time.
    pub(super) fn done(&mut self) -> Vec<Done> {
        std::mem::take(&mut self.done)
    }

    fn first(&mut self, endpoint: u32) -> Option<Transfer> {
        let at = self.waiting.iter().position(|transfer| transfer.endpoint == endpoint)?;
        Some(self.waiting.remove(at))
    }
}
