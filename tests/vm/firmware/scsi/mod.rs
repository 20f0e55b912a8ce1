//! The drive behind the kernel's target core: `target_core_user` hands commands over in a ring, `tcm_loop` is the host
//! adapter that `sr` and `sg` see (Linux, `Documentation/target/tcmu-design.rst`).

mod ring;

use std::os::fd::BorrowedFd;
use std::path::Path;
use std::time::Duration;

use freemkv::scsi::Data;
use freemkv::scsi::sense::status;

use crate::Result;
use crate::command::{DATA_MAX, brings_data, trimmed};
use crate::link::{Answer, Firmware, Link};
use ring::{Entry, Request, Ring};

/// ABORT TASK among the task management functions; all others are resets.
const ABORT_TASK: u8 = 1;

/// A command that waits for its answer.
struct Pending {
    id: u16,
    answer: Answer,
}

/// The drive as a target.
pub(crate) struct Target {
    ring: Ring,
    pending: Vec<Pending>,
    data: Vec<u8>,
}

impl Target {
    /// Takes the device over that the target core has made.
    pub(crate) fn open(device: &Path, firmware: &mut Firmware) -> Result<Self> {
        let ring = Ring::open(device)?;
        firmware.say(&format!("ring of {} bytes", ring.length()));
        Ok(Self { ring, pending: Vec::new(), data: vec![0; DATA_MAX] })
    }

    fn command(&mut self, request: &Request, firmware: &mut Firmware) -> Result<()> {
        let cdb = trimmed(&request.cdb);
        let wanted = request.pieces.iter().map(|piece| piece.length).sum::<usize>();
        let data = self.data.get_mut(..wanted).ok_or("the kernel wants more than there is room for")?;
        let answer = if brings_data(cdb) {
            self.ring.gather(&request.pieces, data)?;
            firmware.command(cdb, Data::Out(data))
        } else {
            let mut answer = firmware.command(cdb, Data::In(data));
            answer.bytes = answer.bytes.min(wanted);
            self.ring.scatter(data.get(..answer.bytes).unwrap_or_default(), &request.pieces)?;
            answer
        };
        self.pending.push(Pending { id: request.id, answer });
        Ok(())
    }

    /// Aborts and resets. The kernel waits, without a limit, for the commands to end.
    fn managed(&mut self, function: u8, ids: &[u16], firmware: &mut Firmware) -> Result<()> {
        firmware.say(&format!("TASK MANAGEMENT {function}, {} commands", ids.len()));
        if function != ABORT_TASK {
            firmware.reset("of the logical unit");
        }
        let mut aborted = Answer::default();
        aborted.reply.status = status::TASK_ABORTED;
        let (gone, kept): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.pending).into_iter().partition(|pending| ids.contains(&pending.id));
        self.pending = kept;
        for pending in gone {
            self.ring.complete(pending.id, &aborted)?;
        }
        Ok(())
    }
}

impl Link for Target {
    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        Some(self.ring.descriptor())
    }

    fn take(&mut self, firmware: &mut Firmware) -> Result<()> {
        self.ring.acknowledge()?;
        while let Some(entry) = self.ring.next()? {
            match entry {
                Entry::Command(request) => self.command(&request, firmware)?,
                Entry::Management { function, ids } => self.managed(function, &ids, firmware)?,
                Entry::Padding => {}
            }
        }
        self.ring.tell()
    }

    fn give(&mut self, now: Duration, _: &mut Firmware) -> Result<()> {
        let before = self.pending.len();
        let (due, kept): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.pending).into_iter().partition(|pending| pending.answer.is_due(now));
        self.pending = kept;
        for pending in due {
            self.ring.complete(pending.id, &pending.answer)?;
        }
        if before > self.pending.len() { self.ring.tell() } else { Ok(()) }
    }

    fn due(&self) -> Vec<Duration> {
        self.pending.iter().filter_map(|pending| pending.answer.due).collect()
    }

    fn word(&mut self, words: &[&str], firmware: &mut Firmware) -> Result<bool> {
        if words != ["release"] {
            return Ok(false);
        }
        let now = firmware.now();
        for pending in &mut self.pending {
            pending.answer.due.get_or_insert(now);
        }
        Ok(true)
    }
}
