//! USB Attached SCSI (UAS) at high speed, where pipes have no streams: several commands at a time, known by their tags.

use std::time::Duration;

use freemkv::scsi::sense::status;
use freemkv::scsi::{Data, Reply};

use super::Protocol;
use super::transfers::Pipes;
use crate::command::{DATA_MAX, brings_data, trimmed};
use crate::link::{Answer, Firmware};

/// Interface of class mass storage, SCSI, UAS; the pipes, each with its use: commands, status, data in, data out.
const CONFIGURATION: [u8; 62] = [
    9, 2, 62, 0, 1, 1, 0, 0xC0, 50, 9, 4, 0, 0, 4, 8, 6, 0x62, 0, 7, 5, 0x01, 2, 0, 2, 0, 4, 0x24, 1, 0, 7, 5, 0x81, 2,
    0, 2, 0, 4, 0x24, 2, 0, 7, 5, 0x82, 2, 0, 2, 0, 4, 0x24, 3, 0, 7, 5, 0x02, 2, 0, 2, 0, 4, 0x24, 4, 0,
];

/// The pipes' numbers: commands and status share one, data in and out the other.
const COMMANDS: u32 = 1;
const STATUS: u32 = 1;
const DATA: u32 = 2;

/// Kinds of information units (UAS, 6.2).
const COMMAND: u8 = 1;
const SENSE: u8 = 3;
const RESPONSE: u8 = 4;
const MANAGEMENT: u8 = 5;
const READ_READY: u8 = 6;
const WRITE_READY: u8 = 7;

/// Response codes: the unit was not understood; the function is not known; there is no such logical unit.
const INVALID_UNIT: u8 = 0x02;
const NOT_SUPPORTED: u8 = 0x04;
const WRONG_UNIT: u8 = 0x09;

/// Host status that the kernel makes of the last of these.
const NO_TARGET: u16 = 4;

/// How far a command's data has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The host does not know yet that it may begin.
    Begun,
    /// It was told.
    Called,
    /// All data has moved.
    Moved,
}

struct Task {
    tag: [u8; 2],
    cdb: Vec<u8>,
    stage: Stage,
    data: Vec<u8>,
    answer: Option<Answer>,
}

/// The device's side of the protocol.
#[derive(Default)]
pub(crate) struct Attached {
    tasks: Vec<Task>,
    /// Information units that go to the host as soon as it asks.
    units: Vec<Vec<u8>>,
}

fn unit(kind: u8, tag: [u8; 2], body: &[u8]) -> Vec<u8> {
    [&[kind, 0, tag[0], tag[1]], body].concat()
}

/// The sense unit: a qualifier, the status, reserved bytes, and the sense data with its length.
fn sense_unit(tag: [u8; 2], reply: &Reply) -> Vec<u8> {
    let mut body = vec![0, 0, reply.status, 0, 0, 0, 0, 0, 0, 0];
    let sense: &[u8] = if reply.status == status::CHECK_CONDITION { &reply.sense } else { &[] };
    body.extend(u16::try_from(sense.len()).unwrap_or(0).to_be_bytes());
    unit(SENSE, tag, &[&body, sense].concat())
}

impl Attached {
    fn command(&mut self, bytes: &[u8], firmware: &mut Firmware) {
        let (Some(tag), Some(field)) = (bytes.get(2..4), bytes.get(16..32)) else {
            firmware.say("a command unit that is cut");
            return;
        };
        let cdb = trimmed(field).to_vec();
        let mut task = Task { tag: [tag[0], tag[1]], cdb, stage: Stage::Begun, data: Vec::new(), answer: None };
        if !brings_data(&task.cdb) {
            task.data.resize(DATA_MAX, 0);
            let answer = firmware.command(&task.cdb, Data::In(&mut task.data));
            task.data.truncate(answer.bytes);
            task.answer = Some(answer);
        }
        self.tasks.push(task);
    }

    fn data(&mut self, bytes: &[u8], firmware: &mut Firmware) {
        let called = |task: &&mut Task| task.stage == Stage::Called && task.answer.is_none();
        let Some(task) = self.tasks.iter_mut().find(called) else {
            firmware.say(&format!("{} bytes out of turn", bytes.len()));
            return;
        };
        task.answer = Some(firmware.command(&task.cdb, Data::Out(bytes)));
        task.stage = Stage::Moved;
    }

    /// Moves a command on by as much as the host has asked for; tells whether it is over.
    fn go_on(task: &mut Task, pipes: &mut Pipes, now: Duration) -> bool {
        let hears = pipes.room(STATUS).is_some();
        let Some(answer) = &task.answer else {
            if task.stage == Stage::Begun && hears {
                pipes.give(STATUS, &unit(WRITE_READY, task.tag, &[]));
                task.stage = Stage::Called;
            }
            return false;
        };
        if !answer.is_due(now) {
            return false;
        }
        if !task.data.is_empty() && task.stage == Stage::Begun && hears {
            pipes.give(STATUS, &unit(READ_READY, task.tag, &[]));
            task.stage = Stage::Called;
        }
        if task.stage == Stage::Called
            && let Some(room) = pipes.room(DATA)
        {
            pipes.give(DATA, task.data.get(..room).unwrap_or(&task.data));
            task.stage = Stage::Moved;
        }
        let over = task.stage == Stage::Moved || task.data.is_empty();
        if !over || pipes.room(STATUS).is_none() {
            return false;
        }
        let last = match answer.reply.host_status {
            0 => sense_unit(task.tag, &answer.reply),
            NO_TARGET => unit(RESPONSE, task.tag, &[0, 0, 0, WRONG_UNIT]),
            _ => unit(RESPONSE, task.tag, &[0, 0, 0, INVALID_UNIT]),
        };
        pipes.give(STATUS, &last);
        true
    }
}

impl Protocol for Attached {
    fn configuration(&self) -> &'static [u8] {
        &CONFIGURATION
    }

    fn came(&mut self, endpoint: u32, bytes: &[u8], firmware: &mut Firmware) {
        match (endpoint, bytes.first()) {
            (COMMANDS, Some(&COMMAND)) => self.command(bytes, firmware),
            (COMMANDS, Some(&MANAGEMENT)) => {
                let tag = bytes.get(2..4).map_or([0, 0], |tag| [tag[0], tag[1]]);
                self.units.push(unit(RESPONSE, tag, &[0, 0, 0, NOT_SUPPORTED]));
            }
            (COMMANDS, _) => firmware.say("a unit of no known kind"),
            _ => self.data(bytes, firmware),
        }
    }

    fn give(&mut self, pipes: &mut Pipes, now: Duration) {
        while !self.units.is_empty() && pipes.room(STATUS).is_some() {
            pipes.give(STATUS, &self.units.remove(0));
        }
        self.tasks.retain_mut(|task| !Self::go_on(task, pipes, now));
    }

    fn due(&self) -> Vec<Duration> {
        self.tasks.iter().filter_map(|task| task.answer.as_ref()?.due).collect()
    }

    fn reset(&mut self) {
        self.tasks.clear();
        self.units.clear();
    }

    fn release(&mut self, now: Duration) {
        for answer in self.tasks.iter_mut().filter_map(|task| task.answer.as_mut()) {
            answer.due.get_or_insert(now);
        }
    }

    fn claim(&mut self, _: Option<u32>) -> bool {
        false
    }
}
