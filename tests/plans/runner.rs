//! Carries a case out: each run as the program makes it, on the emulated drive, and a look at what it left.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use freemkv::base::cancel::Cancel;
use freemkv::base::clock::VirtualClock;
use freemkv::base::event::{Event, Events};
use freemkv::drive::{Drive, DriveError, DriveOptions};
use freemkv::imaging::{DriveSettings, End, Error, GuardRules, Job, Limits, Report, Retries, Speed, Task, run};
use freemkv::scsi::emulated::{DamagePlan, EmulatedDrive};
use freemkv::source::Input;
use tempfile::TempDir;

use crate::case::disc::{Bytes, WatchedDisc};
use crate::case::{Case, Command, Step, Stop};
use crate::oracle::{self, Kind, Seen};
use crate::recorder::{Record, Recorder};

/// What came of a case.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// What must not be: the kind, and the first sentence about it.
    pub(crate) faults: BTreeMap<Kind, String>,
    /// Sectors called good that are wrong.
    pub(crate) false_good: u64,
    /// Of them, those that came wrong and alike twice.
    pub(crate) alike: u64,
    /// And those that a drive had to guess that reports no recovered errors and takes no setting to do so.
    pub(crate) unsaid: u64,
    /// Sectors called good at the end of all runs.
    pub(crate) good: u64,
    pub(crate) runs: u64,
    pub(crate) commands: u64,
    /// How each run ended.
    pub(crate) ends: Vec<String>,
}

impl Findings {
    pub(crate) fn fault(&mut self, kind: Kind, why: String) {
        self.faults.entry(kind).or_insert(why);
    }
}

/// How a run ended.
#[derive(Debug)]
pub(crate) enum Ending {
    /// The drive was not opened.
    Closed(DriveError),
    /// The run did not begin.
    Refused(Error),
    Ran(Box<Report>, End),
    Panicked,
}

/// A folder, two discs, and what the drives did so far.
pub(crate) struct Bench<'a> {
    pub(crate) case: &'a Case,
    pub(crate) guard: GuardRules,
    pub(crate) image: PathBuf,
    pub(crate) discs: [Bytes; 2],
    pub(crate) record: Arc<Mutex<Record>>,
    _folder: TempDir,
}

/// Nobody listens.
struct Deaf;

impl Events for Deaf {
    fn event(&self, _: Event) {}
}

/// A folder in memory where there is one: thousands of small images are synced here.
fn folder() -> TempDir {
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap()
}

/// Carries out all runs of a case, then one with a sound drive, and judges what they left.
pub(crate) fn carry_out(case: &Case, guard: GuardRules) -> Findings {
    let mut bench = Bench::new(case, guard);
    let mut findings = Findings::default();
    for step in &case.steps {
        let plan = case.plans.get(step.plan).map_or_else(String::new, |lines| lines.join("\n"));
        bench.step(step, &plan, &mut findings);
    }
    oracle::ends_whole(&mut bench, &mut findings);
    findings
}

impl<'a> Bench<'a> {
    pub(crate) fn new(case: &'a Case, guard: GuardRules) -> Self {
        let folder = folder();
        let image = folder.path().join("out.iso");
        let discs = [case.disc.bytes(), case.other.bytes()];
        Self { case, guard, image, discs, record: Arc::default(), _folder: folder }
    }
}

impl Bench<'_> {
    fn step(&mut self, step: &Step, plan: &str, findings: &mut Findings) {
        let before = oracle::statuses(&self.image);
        let ending = self.run(step, plan, 0);
        findings.runs += 1;
        findings.commands += self.record.lock().unwrap().commands;
        findings.ends.push(oracle::words(&ending));
        let seen = Seen { before, step, plan, ending };
        oracle::judge(self, &seen, findings);
    }

    /// One run, with this disc in the drive.
    pub(crate) fn run(&self, step: &Step, plan: &str, disc: usize) -> Ending {
        {
            let mut record = self.record.lock().unwrap();
            let (wrong, first_disc) = (std::mem::take(&mut record.wrong), record.first_disc);
            let all_commands = record.all_commands;
            *record = Record { wrong, first_disc, all_commands, ..Record::default() };
        }
        let tried = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.run_once(step, plan, disc)));
        // A killed program leaves what lay there.
        for (path, content) in self.record.lock().unwrap().killed_with.take().into_iter().flatten() {
            match content {
                Some(content) => fs::write(path, content).unwrap(),
                None => drop(fs::remove_file(path)),
            }
        }
        tried.unwrap_or(Ending::Panicked)
    }

    fn run_once(&self, step: &Step, plan: &str, disc: usize) -> Ending {
        let last_read = Arc::new(AtomicUsize::new(disc));
        let medium = |number: usize| {
            Box::new(WatchedDisc { bytes: Arc::clone(&self.discs[number]), number, last_read: Arc::clone(&last_read) })
        };
        let plan = DamagePlan::parse(plan).unwrap_or_else(|e| panic!("{e} in:\n{plan}"));
        let drive = EmulatedDrive::new(medium(disc), self.case.media, plan, Arc::new(VirtualClock::new()))
            .with_disc("other.iso", medium(1));
        let cancel = Cancel::new();
        let recorder = Recorder {
            drive,
            record: Arc::clone(&self.record),
            discs: self.discs.clone(),
            last_read,
            stop: step.stop,
            cancel: cancel.clone(),
            image: self.image.clone(),
        };
        let options =
            DriveOptions { name: "emu".into(), lock: true, cancel: cancel.clone(), ..DriveOptions::default() };
        let mut drive = match Drive::open(Box::new(recorder), options) {
            Ok(drive) => drive,
            Err(error) => return Ending::Closed(error),
        };
        match run(&self.job(step), Input::Drive(&mut drive), &cancel, &Deaf) {
            Ok((report, end)) => Ending::Ran(Box::new(report), end),
            Err(error) => Ending::Refused(error),
        }
    }

    fn job(&self, step: &Step) -> Job {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let mut limits = Limits::default();
        match step.stop {
            Stop::Budget(time) => limits.budget = seconds(time),
            Stop::GiveUpAfter(time) => limits.give_up_after = seconds(time),
            Stop::MaxErrors(errors) => limits.max_errors = Some(errors),
            Stop::None | Stop::Cancel(_) | Stop::Kill { .. } => {}
        }
        let task = match step.command {
            Command::Sweep => Task::Sweep { restart: false },
            Command::Patch { passes, thorough, finish } => Task::Patch { passes, finish, thorough },
        };
        let drive = DriveSettings {
            speed: step.speed.map(Speed::Kilobytes),
            retries: step.retries.map_or(Retries::Probe, Retries::Count),
            timeout: None,
        };
        Job { drive, limits, guard: self.guard, fresh: step.fresh, ..Job::new(task, self.image.clone()) }
    }
}
