//! A source that follows a script, and a folder to image it into.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;

use crate::base::cancel::Cancel;
use crate::base::clock::{Clock, VirtualClock};
use crate::base::event::{Event, Events};
use crate::base::media::{Media, Sitting};
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::set::SectorSet;
use crate::base::sector::tract::LeftOut;
use crate::base::sector::{SECTOR_BYTES, SECTOR_SIZE, SectorRange};
use crate::imaging::{End, Error, Job, Report, Task, run};
use crate::source::drive::{Control, DriveSource, Incident, Pacing, Supported};
use crate::source::{Facts, Input, ReadRequest, SectorSource};

/// What happens before a read: it is told the number of the read, from 0.
type Hook = Box<dyn FnMut(u64) + Send>;

/// A disc of made-up sectors. Reads of the sectors of a set end with its fault, the first set winning.
pub(super) struct Disc {
    facts: Facts,
    pub(super) faults: Vec<(SectorSet, Fault)>,
    /// Sectors that come with 01/18.
    pub(super) recovered: SectorSet,
    pub(super) hook: Option<Hook>,
    pub(super) reads: u64,
    /// Whether it answers TEST UNIT READY and INQUIRY.
    pub(super) well: bool,
    /// Where it lies.
    pub(super) sitting: Option<Sitting>,
    /// Sectors that come once, and then end with the fault; and those of them that have come.
    pub(super) once: Option<(SectorSet, Fault)>,
    came: SectorSet,
    /// Seconds that a read takes that ends with a fault.
    pub(super) fault_seconds: f64,
    /// It asks for so many sectors by one command, and for no more behind one that failed.
    pub(super) command: u64,
    /// Tracts without data.
    pub(super) left_out: LeftOut,
    /// Wants a second of rest after each failure.
    pub(super) wants_rest: bool,
    failed_at: Duration,
    data: SectorSet,
    unwritten: SectorSet,
    seed: u8,
    clock: VirtualClock,
}

impl Disc {
    pub(super) fn new(sectors: u64) -> Self {
        let facts = Facts {
            name: "disc".into(),
            size_bytes: sectors * SECTOR_BYTES,
            sectors,
            media: Some(Media::Dvd),
            max_sectors: 64,
        };
        let data = set(&[(0, sectors)]);
        let (faults, recovered, clock) = (Vec::new(), SectorSet::new(), VirtualClock::new());
        Self {
            facts,
            faults,
            recovered,
            hook: None,
            reads: 0,
            well: true,
            sitting: None,
            once: None,
            came: SectorSet::new(),
            fault_seconds: 0.01,
            command: u64::MAX,
            left_out: LeftOut::new(),
            wants_rest: false,
            failed_at: Duration::ZERO,
            data,
            unwritten: SectorSet::new(),
            seed: 1,
            clock,
        }
    }

    pub(super) fn with(mut self, ranges: &[(u64, u64)], fault: Fault) -> Self {
        self.faults.push((set(ranges), fault));
        self
    }

    pub(super) fn before_each_read(mut self, hook: impl FnMut(u64) + Send + 'static) -> Self {
        self.hook = Some(Box::new(hook));
        self
    }

    /// Another disc of the same size.
    pub(super) fn other(mut self) -> Self {
        self.seed += 1;
        self
    }

    /// Only these sectors are data.
    pub(super) fn with_data(mut self, ranges: &[(u64, u64)]) -> Self {
        self.data = set(ranges);
        self
    }

    fn fault_at(&mut self, lba: u64) -> Option<Fault> {
        let fault = self.faults.iter().find(|(sectors, _)| sectors.contains(lba)).map(|(_, fault)| *fault);
        if fault.is_some() {
            return fault;
        }
        let (_, once) = self.once.as_ref().filter(|(sectors, _)| sectors.contains(lba))?;
        let again = self.came.contains(lba);
        self.came.insert(SectorRange::with_len(lba, 1));
        again.then_some(*once)
    }

    pub(super) fn sector(&self, lba: u64) -> [u8; SECTOR_SIZE] {
        let mut bytes = [self.seed; SECTOR_SIZE];
        bytes[..8].copy_from_slice(&lba.to_le_bytes());
        bytes
    }
}

/// A set of half-open ranges.
pub(super) fn set(ranges: &[(u64, u64)]) -> SectorSet {
    ranges.iter().map(|(start, end)| SectorRange::new(*start, *end)).collect()
}

impl SectorSource for Disc {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn read(&mut self, request: &ReadRequest, buffer: &mut [u8]) -> Outcome {
        if let Some(hook) = &mut self.hook {
            hook(self.reads);
        }
        self.reads += 1;
        self.clock.sleep(Duration::from_millis(10));
        for (i, lba) in (request.range.start()..request.range.end()).enumerate() {
            if let Some(fault) = self.fault_at(lba) {
                self.failed_at = self.clock.now();
                let behind = (lba / self.command + 1).saturating_mul(self.command);
                let unasked = request.range.end().saturating_sub(behind);
                return Outcome { unasked, ..Outcome::failed(i as u64, fault, self.fault_seconds) };
            }
            buffer[i * SECTOR_SIZE..][..SECTOR_SIZE].copy_from_slice(&self.sector(lba));
        }
        let recovered = self.recovered.within(request.range).next().is_some();
        Outcome { recovered, ..Outcome::complete(request.range.len(), 0.01) }
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(self.clock.clone())
    }

    fn left_out(&self) -> &LeftOut {
        &self.left_out
    }
}

impl DriveSource for Disc {
    fn data(&self) -> &SectorSet {
        &self.data
    }

    fn unwritten(&self) -> &SectorSet {
        &self.unwritten
    }

    fn top_speed(&self) -> Option<u64> {
        None
    }

    fn set(&mut self, _: Control) -> Supported {
        Supported::No
    }

    fn keep_settings(&mut self, _: bool) {}

    fn give_back(&mut self) -> Vec<String> {
        Vec::new()
    }

    fn spin(&mut self) -> Supported {
        Supported::No
    }

    fn find_again(&mut self) -> Supported {
        Supported::No
    }

    fn is_same_medium(&mut self) -> Result<bool, Fault> {
        Ok(false)
    }

    fn is_well(&mut self) -> bool {
        self.well
    }

    fn lies_in(&self) -> Option<Sitting> {
        self.sitting.clone()
    }

    fn eject(&mut self) -> Supported {
        Supported::No
    }

    fn restarts(&self) -> u64 {
        0
    }

    fn take_incidents(&mut self) -> Vec<Incident> {
        Vec::new()
    }

    fn rest(&self) -> Duration {
        let since = self.clock.now().saturating_sub(self.failed_at);
        if self.wants_rest { Duration::from_secs(1).saturating_sub(since) } else { Duration::ZERO }
    }

    fn pacing(&self) -> Pacing {
        Pacing::Unknown
    }

    fn set_pacing(&mut self, _: Pacing) {}

    fn has_outdone_pace(&self) -> bool {
        false
    }
}

/// What was told.
#[derive(Default)]
pub(super) struct Heard(pub(super) Mutex<Vec<Event>>);

impl Events for Heard {
    fn event(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }
}

/// A folder with an image in the making.
pub(super) struct Bench {
    pub(super) folder: TempDir,
    pub(super) cancel: Cancel,
    pub(super) heard: Heard,
    pub(super) job: Job,
}

pub(super) const SWEEP: Task = Task::Sweep { restart: false };
pub(super) const PATCH: Task = Task::Patch { passes: 1, finish: false, thorough: false };

impl Bench {
    pub(super) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let job = Job::new(SWEEP, folder.path().join("out.iso"));
        Self { folder, cancel: Cancel::new(), heard: Heard::default(), job }
    }

    pub(super) fn run(&self, task: Task, disc: &mut Disc) -> Result<(Report, End), Error> {
        run(&Job { task, ..self.job.clone() }, Input::Drive(disc), &self.cancel, &self.heard)
    }

    /// A run that begins.
    pub(super) fn begun(&self, task: Task, disc: &mut Disc) -> (Report, End) {
        self.run(task, disc).unwrap()
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn map_text(&self) -> String {
        std::fs::read_to_string(self.path("out.iso.map")).unwrap()
    }

    pub(super) fn state(&self) -> String {
        std::fs::read_to_string(self.path("out.iso.map.state")).unwrap()
    }

    /// The blocks of the stored map, in sectors: `0-63+ 64-79*`.
    pub(super) fn map(&self) -> String {
        let number = |text: &str| u64::from_str_radix(text.trim_start_matches("0x"), 16).unwrap();
        let text = self.map_text();
        let blocks = text.lines().filter(|line| !line.starts_with('#')).skip(1).map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let start = number(fields[0]) / SECTOR_BYTES;
            format!("{start}-{}{}", start + number(fields[1]) / SECTOR_BYTES - 1, fields[2])
        });
        blocks.collect::<Vec<_>>().join(" ")
    }

    /// Every sector that the stored map calls rescued is in the image.
    pub(super) fn assert_no_false_claim(&self, disc: &Disc) {
        let image = std::fs::read(&self.job.image).unwrap();
        for block in self.map().split(' ').filter_map(|block| block.strip_suffix('+')) {
            let (first, last) = block.split_once('-').unwrap();
            for lba in first.parse::<u64>().unwrap()..=last.parse().unwrap() {
                let at = usize::try_from(lba).unwrap() * SECTOR_SIZE;
                assert_eq!(image[at..at + SECTOR_SIZE], disc.sector(lba), "sector {lba}");
            }
        }
    }
}
