//! A sweep, and a patch of its image in either order, on the emulated drive: when the film has come, and when all ends.
//!
//! `order IMAGE PLAN FILM PASSES` prints a line of JSON. IMAGE holds the tables of a disc, its sectors of zeros stand for sectors that tell
//! their number; FILM has a line `FIRST COUNT` for each piece of the film, sectors. `order.py` makes them and judges.
#![allow(clippy::unwrap_used, clippy::panic, clippy::cast_sign_loss, reason = "a bench is meant to stop at nonsense")]

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use freemkv::base::cancel::Cancel;
use freemkv::base::clock::{Clock, VirtualClock};
use freemkv::base::event::{Event, Events};
use freemkv::base::media::Media;
use freemkv::base::sector::set::SectorSet;
use freemkv::base::sector::{SECTOR_SIZE, SectorRange};
use freemkv::drive::{Drive, DriveOptions};
use freemkv::imaging::{Job, Report, Task};
use freemkv::job::imaging::run_on;
use freemkv::job::open::Opened;
use freemkv::mapfile::{status::Status, store};
use freemkv::scsi::emulated::{DamagePlan, EmulatedDrive, Medium, NumberedMedium};
use freemkv::scsi::{Data, Reply, Transport};
use freemkv::source::Source;
use serde_json::json;

/// The share of the film that must have come.
const SHARE: f64 = 0.99;

struct Deaf;

impl Events for Deaf {
    fn event(&self, event: Event) {
        if std::env::var_os("ORDER_SAYS").is_some() {
            eprintln!("{event:?}");
        }
    }
}

/// The tables of a disc; all else tells its number.
struct Tables {
    tables: File,
    sectors: u64,
}

impl Medium for Tables {
    fn sectors(&self) -> u64 {
        self.sectors
    }

    fn read_at(&mut self, lba: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.tables.read_exact_at(buffer, lba * SECTOR_SIZE as u64)?;
        for (sector, lba) in buffer.chunks_mut(SECTOR_SIZE).zip(lba..) {
            if sector.iter().all(|byte| *byte == 0) {
                NumberedMedium { sectors: self.sectors }.read_at(lba, sector)?;
            }
        }
        Ok(())
    }
}

/// When sectors came: drive time, and how many of those that are watched had come by then.
#[derive(Default)]
struct Came {
    left: SectorSet,
    steps: Vec<(Duration, u64)>,
}

/// The drive, with somebody who looks what comes.
struct Watched(EmulatedDrive, Arc<Mutex<Came>>);

impl Transport for Watched {
    fn execute(&mut self, cdb: &[u8], data: Data<'_>, timeout: Duration) -> io::Result<Reply> {
        let bytes = data.len();
        let reply = self.0.execute(cdb, data, timeout)?;
        // READ (10) and READ (12): the address lies in bytes 2 to 5 (MMC-6, 6.22 and 6.23).
        if let [0x28 | 0xA8, _, a, b, c, d, ..] = *cdb {
            let count = bytes.saturating_sub(reply.residual) / SECTOR_SIZE;
            let count = if reply.status == 0 { count } else { 0 };
            let range = SectorRange::with_len(u32::from_be_bytes([a, b, c, d]).into(), count as u64);
            let mut came = self.1.lock().unwrap();
            let before = came.left.len();
            came.left.remove(range);
            let new = before - came.left.len();
            if new > 0 {
                let now = self.0.clock().now();
                came.steps.push((now, new));
            }
        }
        Ok(reply)
    }

    fn max_transfer(&self) -> usize {
        self.0.max_transfer()
    }

    fn clock(&self) -> Arc<dyn Clock> {
        self.0.clock()
    }
}

/// What came of a patch.
struct Run {
    report: Report,
    /// When sectors of the film came, seconds, and how many.
    steps: Vec<(f64, u64)>,
    /// Sectors that came, of all.
    came: u64,
}

/// Runs `task` on a fresh drive; its report, and when what is of `watched` came, seconds.
fn run(task: Task, files: [&str; 2], image: &Path, film_first: bool, watched: SectorSet) -> (Report, Vec<(f64, u64)>) {
    let [disc, plan] = files;
    let tables = File::open(disc).unwrap();
    let sectors = tables.metadata().unwrap().len() / SECTOR_SIZE as u64;
    let plan = DamagePlan::parse(&fs::read_to_string(plan).unwrap()).unwrap();
    let medium = Box::new(Tables { tables, sectors });
    let drive = EmulatedDrive::new(medium, Media::Bd, plan, Arc::new(VirtualClock::new()));
    let came = Arc::new(Mutex::new(Came { left: watched, steps: Vec::new() }));
    let drive = Drive::open(Box::new(Watched(drive, came.clone())), DriveOptions::default()).unwrap();
    let source = Source::Drive(Box::new(drive));
    let mut opened = Opened { source, notes: Vec::new(), profile: None, is_raw: false };
    let job = Job { media: Some(Media::Bd), drive_log: false, film_first, ..Job::new(task, image.to_owned()) };
    let (report, _) = run_on(&mut opened, &job, &Cancel::new(), &Deaf).unwrap();
    let steps = came.lock().unwrap().steps.iter().map(|(at, count)| (at.as_secs_f64(), *count)).collect();
    (report, steps)
}

/// What an image lacks.
fn missing(image: &Path) -> SectorSet {
    let text = store::read(&image.with_extension("iso.map"), None).unwrap().unwrap();
    let failed = text.blocks.iter().filter(|block| block.status != Status::Finished);
    failed.map(|block| SectorRange::new(block.pos / 2048, (block.pos + block.size) / 2048)).collect()
}

fn film(path: &str) -> SectorSet {
    let text = fs::read_to_string(path).unwrap();
    let numbers = |line: &str| line.split(' ').map(|word| word.parse().unwrap()).collect::<Vec<u64>>();
    text.lines().map(numbers).map(|piece| SectorRange::with_len(piece[0], piece[1])).collect()
}

/// When so many had come; `None`: never.
fn when(steps: &[(f64, u64)], wanted: u64) -> Option<f64> {
    let mut sum = 0;
    steps.iter().find_map(|(at, count)| {
        sum += count;
        (sum >= wanted).then_some(*at)
    })
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [disc, plan, pieces, passes] = &arguments[..] else { panic!("order IMAGE PLAN FILM PASSES") };
    let folder = tempfile::tempdir().unwrap();
    let swept = folder.path().join("swept.iso");
    run(Task::Sweep { restart: false }, [disc, plan], &swept, false, SectorSet::new());
    let (left, film) = (missing(&swept), film(pieces));
    let of_film = left.intersect(&film);
    let task = Task::Patch { passes: passes.parse().unwrap(), finish: false, thorough: false };
    let [by_disc, by_film] = [false, true].map(|film_first| {
        let image = folder.path().join("patched.iso");
        for end in ["", ".map", ".map.state"] {
            let name = |path: &Path| format!("{}{end}", path.display());
            fs::copy(name(&swept), name(&image)).unwrap();
        }
        let (report, steps) = run(task, [disc, plan], &image, film_first, of_film.clone());
        let came = left.len() - missing(&image).len();
        Run { report, steps, came }
    });
    // What either order brings of the film, at the least.
    let brought = |run: &Run| run.steps.iter().map(|(_, count)| count).sum::<u64>();
    let wanted = (brought(&by_disc).min(brought(&by_film)) as f64 * SHARE).ceil() as u64;
    let told = |Run { report, steps, came }: &Run| {
        json!({
            "seconds": report.drive_seconds, "commands": report.read_commands, "failed": report.failed_reads, "came": came,
            "film_seconds": when(steps, wanted.max(1)),
        })
    };
    let line = json!({
        "sectors": left.len(), "film_sectors": of_film.len(), "disc": told(&by_disc), "film": told(&by_film),
    });
    println!("{line}");
}
