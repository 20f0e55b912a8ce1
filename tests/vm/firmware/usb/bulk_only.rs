//! Bulk-Only Transport (USB Mass Storage Class, revision 1.0): a command block wrapper, data, a status wrapper, one
//! command at a time.

use std::time::Duration;

use freemkv::scsi::cdb::op;
use freemkv::scsi::sense::status;
use freemkv::scsi::{Data, Reply};

use super::Protocol;
use super::transfers::Pipes;
use crate::command::DATA_MAX;
use crate::link::{Answer, Firmware};

/// Interface of class mass storage, SCSI, Bulk-Only; pipe 1 in, pipe 2 out, packets of 512 bytes.
const CONFIGURATION: [u8; 32] =
    [9, 2, 32, 0, 1, 1, 0, 0xC0, 50, 9, 4, 0, 0, 2, 8, 6, 0x50, 0, 7, 5, 0x81, 2, 0, 2, 0, 7, 5, 0x02, 2, 0, 2, 0];

/// The pipe to the host.
const IN: u32 = 1;

/// Lengths of the wrappers (5.1 and 5.2).
const COMMAND_WRAPPER: usize = 31;

/// Status of a command (5.3): failed, or the two sides are out of step.
const FAILED: u8 = 1;
const PHASE_ERROR: u8 = 2;

/// A command under way.
struct Command {
    tag: [u8; 4],
    cdb: Vec<u8>,
    is_in: bool,
    /// Bytes that the host expects to move.
    expected: usize,
    /// Data from the host, or to it.
    data: Vec<u8>,
    /// Once all of the host's data is there.
    answer: Option<Answer>,
    /// Bytes that have gone to the host.
    sent: usize,
    data_over: bool,
}

/// The device's side of the protocol.
#[derive(Default)]
pub(crate) struct BulkOnly {
    command: Option<Command>,
    /// Sense data of the last command, which the host asks for with a command of its own.
    sense: Option<Vec<u8>>,
    claim: Option<u32>,
}

impl BulkOnly {
    fn think(&mut self, firmware: &mut Firmware) {
        let Some(command) = &mut self.command else { return };
        let (cdb, sense) = (command.cdb.clone(), self.sense.take());
        let mut answer = match sense.filter(|_| cdb.first() == Some(&op::REQUEST_SENSE)) {
            Some(sense) => {
                command.data = sense;
                Answer {
                    bytes: command.data.len().min(command.expected),
                    due: Some(firmware.now()),
                    ..Answer::default()
                }
            }
            None if command.is_in => {
                command.data.resize(command.expected, 0);
                firmware.command(&cdb, Data::In(&mut command.data))
            }
            None => firmware.command(&cdb, Data::Out(&command.data)),
        };
        if !command.is_in {
            answer.bytes = command.data.len();
        }
        if answer.reply.status == status::CHECK_CONDITION {
            self.sense = Some(answer.reply.sense.clone());
        }
        command.data_over = !command.is_in || command.expected == 0;
        command.answer = Some(answer);
    }

    fn status_wrapper(&self, command: &Command, reply: &Reply) -> Vec<u8> {
        let moved = if command.is_in { command.sent } else { command.data.len() };
        let truth = u32::try_from(command.expected - moved.min(command.expected)).unwrap_or(u32::MAX);
        let is_read = matches!(command.cdb.first(), Some(&(op::READ_10 | op::READ_12)));
        let residue = self.claim.filter(|_| is_read).unwrap_or(truth);
        let status = match (reply.host_status, reply.status) {
            (0, status::GOOD) => 0,
            (0, _) => FAILED,
            _ => PHASE_ERROR,
        };
        [b"USBS", &command.tag[..], &residue.to_le_bytes(), &[status]].concat()
    }
}

fn unwrap(bytes: &[u8]) -> Option<Command> {
    let whole = bytes.len() == COMMAND_WRAPPER && bytes.starts_with(b"USBC");
    let wrapper = bytes.first_chunk::<COMMAND_WRAPPER>().filter(|_| whole)?;
    let expected = u32::from_le_bytes([wrapper[8], wrapper[9], wrapper[10], wrapper[11]]) as usize;
    let cdb = wrapper[15..].get(..usize::from(wrapper[14] & 0x1F).min(16))?.to_vec();
    Some(Command {
        tag: [wrapper[4], wrapper[5], wrapper[6], wrapper[7]],
        cdb,
        is_in: wrapper[12] & 0x80 != 0,
        expected: expected.min(DATA_MAX),
        data: Vec::new(),
        answer: None,
        sent: 0,
        data_over: false,
    })
}

impl Protocol for BulkOnly {
    fn configuration(&self) -> &'static [u8] {
        &CONFIGURATION
    }

    fn came(&mut self, _: u32, bytes: &[u8], firmware: &mut Firmware) {
        match (&mut self.command, unwrap(bytes)) {
            (None, Some(command)) => {
                let complete = command.is_in || command.expected == 0;
                self.command = Some(command);
                if complete {
                    self.think(firmware);
                }
            }
            (Some(command), _) if !command.is_in && command.answer.is_none() => {
                command.data.extend(bytes);
                if command.data.len() >= command.expected {
                    self.think(firmware);
                }
            }
            _ => firmware.say(&format!("{} bytes out of turn", bytes.len())),
        }
    }

    fn give(&mut self, pipes: &mut Pipes, now: Duration) {
        while let Some(room) = pipes.room(IN) {
            let Some(command) = &mut self.command else { return };
            let Some(answer) = command.answer.as_ref().filter(|answer| answer.is_due(now)).cloned() else { return };
            if !command.data_over {
                let part = command.data.get(command.sent..answer.bytes).unwrap_or_default();
                let part = part.get(..room).unwrap_or(part);
                if part.is_empty() {
                    // Less than the host wants, and nothing of a short packet: the pipe is halted (6.7.2).
                    pipes.halt(IN);
                    command.data_over = true;
                    return;
                }
                pipes.give(IN, part);
                command.sent += part.len();
                command.data_over = command.sent >= command.expected || part.len() < room;
                continue;
            }
            let Some(command) = self.command.take() else { return };
            pipes.give(IN, &self.status_wrapper(&command, &answer.reply));
        }
    }

    fn due(&self) -> Vec<Duration> {
        self.command.iter().filter_map(|command| command.answer.as_ref()?.due).collect()
    }

    fn reset(&mut self) {
        (self.command, self.sense) = (None, None);
    }

    fn release(&mut self, now: Duration) {
        if let Some(answer) = self.command.as_mut().and_then(|command| command.answer.as_mut()) {
            answer.due.get_or_insert(now);
        }
    }

    fn claim(&mut self, residue: Option<u32>) -> bool {
        self.claim = residue;
        true
    }
}
