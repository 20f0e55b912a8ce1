//! Between drive and program: writes down what each read was handed, and breaks in at a command.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::Hasher;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use freemkv::base::cancel::Cancel;
use freemkv::base::clock::Clock;
use freemkv::scsi::emulated::EmulatedDrive;
use freemkv::scsi::{Data, Reply, Transport};

use crate::case::Stop;
use crate::case::disc::{Bytes, SECTOR};

/// Commands of a run; one that needs more does not end.
const COMMANDS_MAX: u64 = 60_000;

/// Longest wait for the map to be saved, real time: the program saves once a second.
const SAVE_WAIT: Duration = Duration::from_millis(1500);

/// In byte 2 of mode page 01h.
const PER: u8 = 0b100;

/// One READ.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    pub(crate) start: u64,
    pub(crate) sectors: u64,
    pub(crate) fua: bool,
    /// SCSI status and host status; neither when the command could not be sent.
    pub(crate) status: Option<(u8, u16)>,
    /// A bit for each sector that was handed over as it is on the disc that the image is of.
    pub(crate) right: u64,
    /// Sectors that were handed over, right or wrong.
    pub(crate) handed: u64,
    /// It failed, and the drive handed over what came before the fault.
    pub(crate) has_prefix: bool,
}

impl Attempt {
    pub(crate) fn covers(&self, lba: u64) -> bool {
        (self.start..self.start + self.sectors).contains(&lba)
    }

    pub(crate) fn is_right(&self, lba: u64) -> bool {
        self.covers(lba) && self.right >> (lba - self.start) & 1 == 1
    }

    /// Whether a sector of these was handed over wrong.
    pub(crate) fn is_wrong_in(&self, range: Range<u64>) -> bool {
        let handed = self.start..self.start + self.handed;
        (range.start.max(handed.start)..range.end.min(handed.end)).any(|lba| !self.is_right(lba))
    }

    /// The first sector that was not handed over.
    pub(crate) fn fault(&self) -> u64 {
        self.start + self.handed
    }
}

/// What was handed over wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wrong {
    pub(crate) lba: u64,
    pub(crate) hash: u64,
    /// The number of the command, over all runs of a case.
    pub(crate) command: u64,
    /// It was asked for past the cache.
    pub(crate) fua: bool,
}

/// What a drive did in a run, and the wrong data of all runs.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) wrong: Vec<Wrong>,
    pub(crate) commands: u64,
    pub(crate) all_commands: u64,
    /// The disc that was read first in all runs, and whether another one was handed out in this one.
    pub(crate) first_disc: Option<usize>,
    pub(crate) saw_another_disc: bool,
    /// A read was sent while the drive had the bit that makes it report recovered errors.
    pub(crate) took_per: bool,
    /// A command did not get through to the drive, or was aborted.
    pub(crate) transport_failed: bool,
    /// It had to be stopped from outside.
    pub(crate) endless: bool,
    /// Mode page 01h as the drive has it when the run is over.
    pub(crate) page_left: Vec<u8>,
    /// The files as they lay there when the program was killed.
    pub(crate) killed_with: Option<Vec<(PathBuf, Option<Vec<u8>>)>>,
}

/// Wraps the emulated drive.
pub(crate) struct Recorder {
    pub(crate) drive: EmulatedDrive,
    pub(crate) record: Arc<Mutex<Record>>,
    /// The discs: what is true.
    pub(crate) discs: [Bytes; 2],
    pub(crate) last_read: Arc<AtomicUsize>,
    pub(crate) stop: Stop,
    pub(crate) cancel: Cancel,
    pub(crate) image: PathBuf,
}

impl Transport for Recorder {
    fn execute(&mut self, cdb: &[u8], mut data: Data<'_>, timeout: Duration) -> io::Result<Reply> {
        self.before();
        let reply = match &mut data {
            Data::In(buffer) => self.drive.execute(cdb, Data::In(buffer), timeout),
            Data::Out(list) => self.drive.execute(cdb, Data::Out(list), timeout),
            Data::None => self.drive.execute(cdb, Data::None, timeout),
        };
        if let (Some((start, sectors)), Data::In(buffer)) = (read_range(cdb), &data) {
            let fua = cdb.get(1).is_some_and(|flags| flags & 0x08 != 0);
            self.note((start, sectors, fua), buffer, &reply);
        }
        reply
    }

    fn max_transfer(&self) -> usize {
        self.drive.max_transfer()
    }

    fn clock(&self) -> Arc<dyn Clock> {
        self.drive.clock()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if let Ok(mut record) = self.record.lock() {
            record.page_left = self.drive.error_page().to_vec();
        }
    }
}

impl Recorder {
    fn before(&mut self) {
        let mut record = self.record.lock().unwrap();
        record.commands += 1;
        record.all_commands += 1;
        let now = record.commands;
        match self.stop {
            Stop::Cancel(at) if now == at => self.cancel.raise(),
            Stop::Kill { saved, .. } if now == saved => wait_for_save(&self.image),
            _ => {}
        }
        if let Stop::Kill { saved, later } = self.stop
            && now == saved + later
        {
            record.killed_with = Some(files(&self.image).map(|path| (path.clone(), fs::read(path).ok())).collect());
            self.cancel.raise();
        }
        if now > COMMANDS_MAX {
            record.endless = true;
            self.cancel.raise();
        }
    }

    fn note(&mut self, (start, sectors, fua): (u64, u64, bool), buffer: &[u8], reply: &io::Result<Reply>) {
        let mut record = self.record.lock().unwrap();
        record.took_per |= self.drive.error_page().get(2).is_some_and(|bits| bits & PER != 0);
        let handed = match reply {
            Ok(reply) if reply.host_status == 0 => (buffer.len() - reply.residual.min(buffer.len())) / SECTOR,
            _ => 0,
        };
        record.transport_failed |= reply.as_ref().map_or(true, |reply| reply.host_status != 0);
        let disc = self.last_read.load(Ordering::SeqCst);
        let owner = if handed > 0 { *record.first_disc.get_or_insert(disc) } else { record.first_disc.unwrap_or(0) };
        record.saw_another_disc |= handed > 0 && disc != owner;
        let command = record.all_commands;
        let mut right = 0;
        for (i, sector) in buffer.chunks(SECTOR).take(handed.min(64)).enumerate() {
            let lba = start + i as u64;
            let at = usize::try_from(lba).unwrap() * SECTOR;
            if self.discs[owner].get(at..at + SECTOR) == Some(sector) {
                right |= 1 << i;
            } else {
                record.wrong.push(Wrong { lba, hash: hash(sector), command, fua });
            }
        }
        let failed = reply.as_ref().is_ok_and(|reply| reply.status == 2 && reply.residual > 0);
        let has_prefix = failed && handed > 0;
        let status = reply.as_ref().ok().map(|reply| (reply.status, reply.host_status));
        record.attempts.push(Attempt { start, sectors, fua, status, right, handed: handed as u64, has_prefix });
    }
}

pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

/// First sector and length of a READ (10) or (12).
fn read_range(cdb: &[u8]) -> Option<(u64, u64)> {
    let word = |at: usize| cdb.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_be_bytes);
    match *cdb.first()? {
        0x28 => Some((word(2)?.into(), u16::from_be_bytes([*cdb.get(7)?, *cdb.get(8)?]).into())),
        0xA8 => Some((word(2)?.into(), word(6)?.into())),
        _ => None,
    }
}

/// The files of a rescue, the map before the image: of what is written meanwhile, the image may have more.
pub(crate) fn files(image: &Path) -> impl Iterator<Item = PathBuf> {
    let name = |suffix: &str| PathBuf::from(format!("{}{suffix}", image.display()));
    [".map", ".map.state", "", ".log.jsonl"].map(name).into_iter()
}

/// While the drive does not answer, the program saves what it has.
fn wait_for_save(image: &Path) {
    let map = files(image).next().unwrap_or_default();
    let before = fs::read(&map).ok();
    let began = Instant::now();
    while began.elapsed() < SAVE_WAIT && fs::read(&map).ok() == before {
        std::thread::sleep(Duration::from_millis(10));
    }
}
