//! The drive as a USB device of high speed, over USB/IP.

mod attached;
mod bulk_only;
mod cable;
mod descriptors;
mod transfers;

use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use crate::Result;
use crate::link::{Firmware, Link};
use cable::{Cable, Message};
use descriptors::Control;
use transfers::{Done, Pipes};

pub(crate) use attached::Attached;
pub(crate) use bulk_only::BulkOnly;

/// What a transfer ends with where nobody answers on the cable (`EPROTO`).
const NOBODY: i32 = -71;

/// How commands travel in bulk transfers.
pub(crate) trait Protocol {
    /// What the device says it is.
    fn configuration(&self) -> &'static [u8];

    /// Bytes that came through a pipe of the host's.
    fn came(&mut self, endpoint: u32, bytes: &[u8], firmware: &mut Firmware);

    /// Answers transfers that wait, as far as there is something for them.
    fn give(&mut self, pipes: &mut Pipes, now: Duration);

    /// When answers are due.
    fn due(&self) -> Vec<Duration>;

    /// What was under way is forgotten.
    fn reset(&mut self);

    /// Answers that are held back for ever are due.
    fn release(&mut self, now: Duration);

    /// What the bridge claims to be missing of each read. Tells whether this protocol has such a claim.
    fn claim(&mut self, residue: Option<u32>) -> bool;
}

/// The device at its end of the cable.
pub(crate) struct Device {
    protocol: Box<dyn Protocol>,
    cable: Option<Cable>,
    pipes: Pipes,
    /// The firmware answers nothing.
    deaf: bool,
    /// The port that takes the next plug.
    port: u32,
}

impl Device {
    /// A device that is plugged in.
    pub(crate) fn plugged(protocol: Box<dyn Protocol>, firmware: &mut Firmware) -> Result<Self> {
        let mut device = Self { protocol, cable: None, pipes: Pipes::default(), deaf: false, port: 0 };
        device.plug(firmware)?;
        Ok(device)
    }

    fn plug(&mut self, firmware: &mut Firmware) -> Result<()> {
        self.unplug();
        self.deaf = false;
        self.cable = Some(Cable::plug(self.port)?);
        firmware.say(&format!("PLUGGED into port {}", self.port));
        // A port that was left needs a moment.
        self.port = (self.port + 1) % cable::PORTS;
        Ok(())
    }

    fn unplug(&mut self) {
        // Its end would be waited for for ever if it stayed open.
        self.cable = None;
        self.pipes = Pipes::default();
        self.protocol.reset();
    }

    fn send(&mut self, done: Vec<Done>, firmware: &mut Firmware) {
        for done in done {
            let Some(cable) = &mut self.cable else { return };
            if let Err(why) = cable.done(&done) {
                firmware.say(&format!("CABLE {why}"));
                self.unplug();
            }
        }
    }

    fn submitted(&mut self, transfer: cable::Transfer, firmware: &mut Firmware) {
        let done = match (transfer.endpoint, transfer.is_in) {
            _ if self.deaf && (transfer.endpoint == 0 || !transfer.is_in) => transfer.ended(NOBODY),
            (0, _) => {
                let request = descriptors::answer(&transfer.setup, self.protocol.configuration());
                match &request {
                    Control::Configured => {
                        self.protocol.reset();
                        firmware.reset("of the USB device");
                    }
                    Control::BulkReset => {
                        self.protocol.reset();
                        firmware.reset("of Bulk-Only Transport");
                    }
                    Control::HaltCleared(endpoint) => self.pipes.clear_halt(*endpoint),
                    _ => {}
                }
                transfer.answered(request)
            }
            (_, true) => {
                self.pipes.wait(transfer);
                return;
            }
            (endpoint, false) => {
                let done = transfer.taken();
                self.protocol.came(endpoint, &transfer.data, firmware);
                done
            }
        };
        self.send(vec![done], firmware);
    }
}

impl Link for Device {
    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.cable.as_ref().map(AsFd::as_fd)
    }

    fn take(&mut self, firmware: &mut Firmware) -> Result<()> {
        let Some(cable) = &mut self.cable else { return Ok(()) };
        match cable.message() {
            Ok(Message::Submit(transfer)) => self.submitted(transfer, firmware),
            Ok(Message::Unlink { sequence, of }) => {
                let found = self.pipes.take_back(of);
                firmware.say(if found { "transfer taken back" } else { "transfer taken back too late" });
                // It must be answered, or the kernel waits for ever.
                if let Some(Err(why)) = self.cable.as_mut().map(|cable| cable.unlinked(sequence, found)) {
                    firmware.say(&format!("CABLE {why}"));
                }
            }
            Err(why) => {
                firmware.say(&format!("CABLE {why}"));
                self.unplug();
            }
        }
        Ok(())
    }

    fn give(&mut self, now: Duration, firmware: &mut Firmware) -> Result<()> {
        if !self.deaf && self.cable.is_some() {
            self.protocol.give(&mut self.pipes, now);
            let done = self.pipes.done();
            self.send(done, firmware);
        }
        Ok(())
    }

    fn due(&self) -> Vec<Duration> {
        if self.deaf || self.cable.is_none() { Vec::new() } else { self.protocol.due() }
    }

    fn word(&mut self, words: &[&str], firmware: &mut Firmware) -> Result<bool> {
        match *words {
            ["unplug"] => self.unplug(),
            ["plug"] => self.plug(firmware)?,
            ["deaf"] => self.deaf = true,
            ["release"] => self.protocol.release(firmware.now()),
            ["residue", "true"] => return Ok(self.protocol.claim(None)),
            ["residue", bytes] => {
                let bytes = bytes.parse().map_err(|e| format!("{bytes}: {e}"))?;
                return Ok(self.protocol.claim(Some(bytes)));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

#[cfg(test)]
#[path = "protocol_tests.rs"]
mod tests;
