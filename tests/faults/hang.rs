//! Calls that do not come back: the program says what it waits for, lets the drive go when it is stopped, and a second signal
//! ends it whatever the system does.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use super::inject::{self, Fault, What, injector};
use super::judge;
use super::work::{self, Work};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(100);

/// A program that is watched.
pub(crate) struct Watched {
    pub(crate) child: Child,
    /// Where its standard error goes, and its log.
    said: PathBuf,
    log: PathBuf,
}

impl Watched {
    /// Starts a command, which writes its log to `scratch/drive.log`.
    pub(crate) fn start(mut command: std::process::Command, scratch: &Path) -> Self {
        let said = scratch.join("said");
        command.stderr(File::create(&said).unwrap()).stdout(std::process::Stdio::null());
        Self { child: command.spawn().unwrap(), said, log: scratch.join("drive.log") }
    }

    pub(crate) fn said(&self) -> String {
        fs::read_to_string(&self.said).unwrap_or_default()
    }

    pub(crate) fn logged(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until something has become so.
    pub(crate) fn until(&mut self, what: &str, mut is_so: impl FnMut(&Self) -> bool) {
        let begun = Instant::now();
        while !is_so(self) {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended ({ended:?}) before {what}: {}\n{}", self.said(), self.logged());
            assert!(begun.elapsed() < LONG, "not {what}: {}\n{}", self.said(), self.logged());
            std::thread::yield_now();
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    /// Interrupts it until it ends: two signals that come at once are one.
    pub(crate) fn end_at_once(&mut self, pid: i32) -> ExitStatus {
        self.until_ended(|| interrupt(pid))
    }

    /// Waits until it has ended.
    pub(crate) fn end(&mut self) -> ExitStatus {
        self.until_ended(|| ())
    }

    fn until_ended(&mut self, meanwhile: impl Fn()) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < LONG, "it does not end: {}", self.said());
            meanwhile();
            std::thread::park_timeout(Duration::from_millis(100));
        }
    }
}

pub(crate) fn interrupt(pid: i32) {
    // It may have ended just now.
    let _ = kill(Pid::from_raw(pid), Signal::SIGINT);
}

/// The process that the injector runs.
fn traced(log: &Path) -> Option<i32> {
    fs::read_to_string(log).ok()?.lines().next()?.strip_prefix("pid ")?.parse().ok()
}

/// One call hangs until the program was told to stop; then it comes back, or does not.
fn hang(work: &Work, kind: &str, number: u64, comes_back: bool) {
    let (whole, folder) = work.folder();
    let scratch = whole.path();
    let (calls, log) = (scratch.join("calls"), scratch.join("drive.log"));
    let fault = Fault { kind: kind.to_owned(), number, for_good: false, what: What::Hang };
    let mut arguments = work.arguments.clone();
    arguments.extend(["-vv".into(), "--log-file".into(), log.into()]);
    let mut program = Watched::start(inject::command(Some(&fault), &folder, &calls, &arguments), scratch);
    let case = format!("{} {kind} {number}", work.name);
    program.until(&format!("{case}: hanging"), |_| inject::seen(&calls).hits.len() == 1);
    program.until(&format!("{case}: told"), |program| program.said().contains("Waiting for "));
    let pid = traced(&calls).unwrap();
    interrupt(pid);
    let has_reader = work.has_drive && !work.name.starts_with("mux");
    program.until(&format!("{case}: the drive let go"), |program| {
        !has_reader || program.logged().contains("nothing more is asked of it")
    });
    let ended = if comes_back {
        fs::write(scratch.join("calls.release"), "").unwrap();
        program.end()
    } else {
        program.end_at_once(pid)
    };
    let code = ended.code();
    // The first signal is raised again when all is saved: then the injector tells 128 and its number, as a shell does.
    // What hung may have been the last that there was to do.
    let is_done = comes_back && code == Some(work.code);
    assert!(is_done || code == Some(130), "{case}: {code:?}: {}", program.said());
    let reference = judge::Whole::new();
    let lie = judge::lies(work, &folder, scratch, &reference);
    assert_eq!(lie, None, "{case}");
    if comes_back && work.has_drive {
        assert!(judge::left_in_order(&scratch.join("drive.log")), "{case}: {}", program.logged());
    }
}

#[test]
fn what_hangs_is_named_and_stopping_lets_the_drive_go() {
    if injector().is_none() {
        return;
    }
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let works = work::all(folder.path());
    let work = |name: &str| works.iter().find(|work| work.name == name).unwrap();
    let cases = [
        ("sweep-window", "pwrite", 3, true),
        ("sweep-window", "fdatasync", 1, false),
        ("sweep-direct", "pwrite", 4, false),
        ("sweep-hurt", "fsync", 6, true),
        ("sweep-qcow2", "fdatasync", 1, true),
        ("patch", "fdatasync", 1, false),
        ("convert-to", "fdatasync", 1, false),
        ("mux", "fdatasync", 1, false),
    ];
    std::thread::scope(|scope| {
        for (name, kind, number, comes_back) in cases {
            scope.spawn(move || hang(work(name), kind, number, comes_back));
        }
    });
}
