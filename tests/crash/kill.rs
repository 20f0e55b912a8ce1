//! kill -9 at any moment of any command.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::judge;
use crate::stage::{Pace, Stage, VERBS, Verb, memory_folder};
use crate::support::{SmallDisk, installed};
use crate::write_log::Luck;

/// Between two looks at a child.
const LOOK: Duration = Duration::from_millis(1);

/// The commands whose results can be judged here: what `convert` makes needs qemu-img.
pub(crate) fn verbs() -> Vec<Verb> {
    VERBS.into_iter().filter(|verb| *verb != Verb::Convert || installed("qemu-img").is_some()).collect()
}

/// Starts a command that nobody listens to.
pub(crate) fn start(command: &mut Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// How a child ended, if it did so in that time.
pub(crate) fn ended_within(child: &mut Child, time: Duration) -> Option<ExitStatus> {
    let end = Instant::now() + time;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        if Instant::now() >= end {
            return None;
        }
        thread::park_timeout(LOOK);
    }
}

/// Where commands write that are disturbed: a file system with the default way of writing, where one can be mounted.
pub(crate) struct Ground {
    disk: Option<SmallDisk>,
    folder: TempDir,
    number: usize,
}

impl Ground {
    pub(crate) fn new() -> Self {
        let folder = memory_folder();
        Self { disk: SmallDisk::new(folder.path(), "ext4", 256 << 20), folder, number: 0 }
    }

    /// A new, empty folder; those before are gone.
    pub(crate) fn fresh(&mut self) -> PathBuf {
        let root = self.disk.as_ref().map_or(self.folder.path(), SmallDisk::mount);
        let _ = fs::remove_dir_all(root.join(self.number.to_string()));
        self.number += 1;
        let fresh = root.join(self.number.to_string());
        fs::create_dir(&fresh).unwrap();
        fresh
    }
}

/// How long a command takes that nobody disturbs, here and now.
pub(crate) fn undisturbed(stage: &Stage, verb: Verb, folder: &Path) -> Duration {
    stage.prepare(verb, folder);
    let began = Instant::now();
    let status = start(&mut stage.command(verb, folder, "auto", 0)).wait().unwrap();
    assert!(matches!(status.code(), Some(0 | 3)), "{verb:?}: {status}");
    began.elapsed()
}

/// Kills each command so often, at moments spread over the time it takes; one that was quicker counts for nothing.
/// Each time what lies there is judged; then it is killed again as it goes on, up to three times, or goes on to the end.
fn kill_each(times: usize, seed: u64) -> usize {
    let (stage, mut ground) = (Stage::new(Pace::Quick), Ground::new());
    let (mut luck, mut kills, mut ends) = (Luck(seed), 0, 0);
    let mut claimed = 0;
    for verb in verbs() {
        let whole = u64::try_from(undisturbed(&stage, verb, &ground.fresh()).as_millis()).unwrap();
        let mut hit = 0;
        while hit < times {
            let folder = &ground.fresh();
            stage.prepare(verb, folder);
            for _ in 0..=luck.below(3) {
                let mut child = start(&mut stage.command(verb, folder, "auto", luck.below(1000)));
                let ended = ended_within(&mut child, Duration::from_millis(luck.below(whole)));
                child.kill().unwrap();
                child.wait().unwrap();
                hit += usize::from(ended.is_none());
                claimed += usize::from(judge::after_a_cut(&stage, verb, folder) > 0 && ended.is_none());
                if ended.is_some() || hit == times {
                    break;
                }
            }
            stage.go_on(verb, folder);
            judge::at_the_end(&stage, verb, folder);
            ends += 1;
        }
        println!("{verb:?}: {hit} kills");
        kills += hit;
    }
    println!(
        "figures: {kills} kills over {} commands, {claimed} of them with a map that claims something, {ends} times gone on with \
         to the end: no false claim, no half product, all whole",
        verbs().len()
    );
    kills
}

#[test]
fn killed_ten_times_no_command_lies_or_leaves_a_half_product() {
    let kills = kill_each(2, 7);
    assert_eq!(kills, 2 * verbs().len());
}

#[test]
#[ignore = "long: tests/long.sh runs it"]
fn killed_two_hundred_times_no_command_lies_or_leaves_a_half_product() {
    let kills = kill_each(40, 11);
    assert_eq!(kills, 40 * verbs().len());
}
