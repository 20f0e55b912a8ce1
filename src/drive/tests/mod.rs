//! The drive on the emulated one, with answers that a script puts in between.

mod length;
mod no_data;
mod opening;
mod reading;
mod reattach;
mod settings;

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;
use crate::base::clock::{Clock, VirtualClock};
use crate::base::media::Media;
use crate::base::outcome::{Fault, Outcome, Sense};
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::scsi::emulated::{DamagePlan, EmulatedDrive, NumberedMedium};
use crate::scsi::sense::{classify, encode_fixed};
use crate::scsi::{Data, Reply, Standing};
use crate::source::drive::{Control, DriveSource, Supported};
use crate::source::{ReadRequest, SectorSource};

/// What a scripted command gets instead of the emulated drive's answer.
#[derive(Clone, Debug)]
enum Answer {
    /// CHECK CONDITION with this sense, nothing transferred.
    Sense(u8, u8, u8),
    /// The emulated drive's data, but CHECK CONDITION with this sense.
    DataAndSense(u8, u8, u8),
    /// CHECK CONDITION, an address, and that many bytes not transferred.
    Failing { lba: u32, residual: usize },
    /// Another SCSI status.
    Status(u8),
    /// A host status.
    Host(u16),
    /// The emulated drive's data, that many bytes of them not transferred.
    Short(usize),
    /// The emulated drive's data, that many sectors of them at most.
    AtMost(usize),
    /// These bytes.
    Bytes(Vec<u8>),
    /// The command cannot be sent.
    Errno(i32),
}

/// Answers by operation code; each is used once, in their order.
type Script = Arc<Mutex<VecDeque<(u8, Answer)>>>;

/// An emulated drive that several runs can use one after the other, with a script before it.
#[derive(Clone)]
struct Bench {
    drive: Arc<Mutex<EmulatedDrive>>,
    script: Script,
    /// What reads of more sectors than that get.
    limit: Arc<Mutex<Option<(u64, Answer)>>>,
    /// What the system says of the drive.
    standing: Arc<Mutex<Standing>>,
    log: Arc<Mutex<Vec<Vec<u8>>>>,
    clock: VirtualClock,
    cancel: Cancel,
}

impl Bench {
    fn new(media: Media, sectors: u64, plan: &str) -> Self {
        Self::with(media, sectors, plan, |drive| drive)
    }

    fn with(media: Media, sectors: u64, plan: &str, more: impl FnOnce(EmulatedDrive) -> EmulatedDrive) -> Self {
        let clock = VirtualClock::new();
        let medium = Box::new(NumberedMedium { sectors });
        let drive = EmulatedDrive::new(medium, media, DamagePlan::parse(plan).unwrap(), Arc::new(clock.clone()));
        Self {
            drive: Arc::new(Mutex::new(more(drive))),
            script: Script::default(),
            limit: Arc::default(),
            standing: Arc::new(Mutex::new(Standing::There)),
            log: Arc::default(),
            clock,
            cancel: Cancel::new(),
        }
    }

    fn script(&self, opcode: u8, answers: &[Answer]) {
        self.script.lock().unwrap().extend(answers.iter().map(|a| (opcode, a.clone())));
    }

    fn limit(&self, sectors: u64, answer: Answer) {
        *self.limit.lock().unwrap() = Some((sectors, answer));
    }

    /// The lengths of all reads so far, sectors.
    fn lengths(&self) -> Vec<u64> {
        let log = self.log.lock().unwrap();
        let reads = log.iter().filter(|cdb| cdb[0] == cdb::op::READ_10);
        reads.map(|cdb| u64::from(u16::from_be_bytes([cdb[7], cdb[8]]))).collect()
    }

    fn open(&self) -> Result<Drive, DriveError> {
        self.open_with(None)
    }

    fn open_with(&self, state_folder: Option<PathBuf>) -> Result<Drive, DriveError> {
        let options = DriveOptions {
            name: "/dev/sr0".into(),
            state_folder,
            lock: true,
            cancel: self.cancel.clone(),
            ..DriveOptions::default()
        };
        Drive::open(Box::new(self.clone()), options)
    }

    fn error_page(&self) -> Vec<u8> {
        self.drive.lock().unwrap().error_page().to_vec()
    }

    fn seconds(&self) -> u64 {
        self.clock.now().as_secs()
    }

    /// How often a command was sent.
    fn count(&self, opcode: u8) -> usize {
        self.log.lock().unwrap().iter().filter(|cdb| cdb[0] == opcode).count()
    }
}

impl Transport for Bench {
    fn execute(&mut self, cdb: &[u8], mut data: Data<'_>, timeout: Duration) -> io::Result<Reply> {
        self.log.lock().unwrap().push(cdb.to_vec());
        let scripted = {
            let mut script = self.script.lock().unwrap();
            let index = script.iter().position(|(opcode, _)| *opcode == cdb[0]);
            index.and_then(|index| script.remove(index)).map(|(_, answer)| answer)
        };
        let length = match &data {
            Data::In(buffer) => buffer.len(),
            _ => 0,
        };
        let limit = self.limit.lock().unwrap().clone();
        let is_long = |most: u64| cdb[0] == cdb::op::READ_10 && length as u64 > most * SECTOR_SIZE as u64;
        let scripted = scripted.or(limit.filter(|(most, _)| is_long(*most)).map(|(_, answer)| answer));
        let check = |key, asc, ascq| Reply {
            status: 2,
            driver_status: 8,
            sense: encode_fixed(Sense::new(key, asc, ascq), None),
            residual: length,
            ..Reply::default()
        };
        let real = |data: Data<'_>| self.drive.lock().unwrap().execute(cdb, data, timeout);
        match scripted {
            None => real(data),
            Some(Answer::Sense(key, asc, ascq)) => Ok(check(key, asc, ascq)),
            Some(Answer::DataAndSense(key, asc, ascq)) => {
                let reply = real(data)?;
                Ok(Reply { residual: reply.residual, duration: reply.duration, ..check(key, asc, ascq) })
            }
            Some(Answer::Failing { lba, residual }) => {
                let sense = encode_fixed(Sense::new(3, 0x11, 0), Some(lba));
                let _ = real(data);
                Ok(Reply { sense, residual, ..check(3, 0x11, 0) })
            }
            Some(Answer::Status(status)) => Ok(Reply { status, residual: length, ..Reply::default() }),
            Some(Answer::Host(host_status)) => Ok(Reply { host_status, residual: length, ..Reply::default() }),
            Some(Answer::Short(residual)) => Ok(Reply { residual, ..real(data)? }),
            Some(Answer::AtMost(sectors)) => {
                Ok(Reply { residual: length.saturating_sub(sectors * SECTOR_SIZE), ..real(data)? })
            }
            Some(Answer::Bytes(bytes)) => {
                let Data::In(buffer) = &mut data else { panic!("no data wanted") };
                let count = bytes.len().min(buffer.len());
                buffer[..count].copy_from_slice(&bytes[..count]);
                Ok(Reply { residual: length - count, ..Reply::default() })
            }
            Some(Answer::Errno(errno)) => Err(io::Error::from_raw_os_error(errno)),
        }
    }

    fn max_transfer(&self) -> usize {
        120 * 1024
    }

    fn standing(&self) -> Standing {
        *self.standing.lock().unwrap()
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(Stopping { clock: self.clock.clone(), cancel: self.cancel.clone() })
    }
}

/// A clock on which somebody wants to stop at a certain time: an hour, which no wait of the drive comes near.
struct Stopping {
    clock: VirtualClock,
    cancel: Cancel,
}

impl Clock for Stopping {
    fn now(&self) -> Duration {
        self.clock.now()
    }

    fn sleep(&self, duration: Duration) {
        self.clock.sleep(duration);
        if self.clock.now() >= Duration::from_secs(3600) {
            self.cancel.raise();
        }
    }
}

/// Reads, and checks that what is claimed is right.
fn read(drive: &mut Drive, start: u64, count: u64) -> Outcome {
    read_with(drive, start, count, false)
}

fn read_with(drive: &mut Drive, start: u64, count: u64, fua: bool) -> Outcome {
    let mut buffer = vec![0xEE; count as usize * SECTOR_SIZE];
    let range = SectorRange::with_len(start, count);
    let request = ReadRequest { range, fua, time_limit: Duration::from_secs(10) };
    let outcome = drive.read(&request, &mut buffer);
    for (i, sector) in buffer.chunks(SECTOR_SIZE).take(outcome.sectors as usize).enumerate() {
        assert_eq!(sector[..8], (start + i as u64).to_be_bytes());
    }
    assert_eq!(outcome.fault.is_none(), outcome.sectors == count);
    outcome
}
