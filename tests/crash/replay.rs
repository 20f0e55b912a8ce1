//! Power cuts at places of a disk's log: just before a flush, with what was not flushed there in part, and in between.

use std::fs::File;
use std::path::Path;

use crate::disk::{CutDisk, LoggedDisk, copy_sparse};
use crate::judge;
use crate::kill::{start, verbs};
use crate::stage::{Pace, Stage, Verb, memory_folder};
use crate::write_log::{Luck, Step, WriteLog};

/// Commands that write to a disk that logs, and what is found out of each.
#[derive(Default)]
struct Sum {
    cuts: usize,
    dropped: usize,
    flushes: usize,
    writes: usize,
    rescued: Vec<usize>,
}

/// Runs the command to its end on a disk that logs and cuts the power at `cuts` places of the log. `None` where it cannot be.
fn replay(stage: &Stage, verb: Verb, kind: &'static str, write: &str, cuts: usize, luck: &mut Luck) -> Option<Sum> {
    let folder = memory_folder();
    let disk = LoggedDisk::new(folder.path(), kind)?;
    stage.prepare(verb, &disk.mount());
    let begun = disk.sync();
    let status = start(&mut stage.command(verb, &disk.mount(), write, 1)).wait().unwrap();
    assert!(matches!(status.code(), Some(0 | 3)), "{verb:?} onto {kind}: {status}");
    let (base, log) = disk.cut();
    let log = WriteLog::read(&log);
    let mut sum = Sum { writes: log.steps.len(), flushes: flushes(&log).len(), ..Sum::default() };
    let current = folder.path().join("current");
    copy_sparse(&base, &current);
    let mut done = 0;
    for (end, in_part) in places(&log, begun, cuts, luck) {
        let file = File::options().write(true).open(&current).unwrap();
        let sure = if in_part { end - log.unflushed(end) } else { end };
        log.apply(&file, done..sure.max(done));
        done = sure.max(done);
        let cut = folder.path().join("cut");
        copy_sparse(&current, &cut);
        if in_part {
            log.apply_some(&File::options().write(true).open(&cut).unwrap(), done..end, |limit| luck.below(limit));
            sum.dropped += 1;
        }
        sum.rescued.push(judge_cut(stage, verb, kind, &cut, &folder.path().join("mount")));
        sum.cuts += 1;
    }
    Some(sum)
}

/// Where the power is cut, in order, once the command has begun: half just before a flush, what was not flushed being there
/// in part.
fn places(log: &WriteLog, begun: usize, cuts: usize, luck: &mut Luck) -> Vec<(usize, bool)> {
    let is_place = |flush: &usize| *flush > begun && log.unflushed(*flush) > 0;
    let flushes: Vec<usize> = flushes(log).into_iter().filter(is_place).collect();
    assert!(!flushes.is_empty(), "nothing was ever flushed");
    let mut below = |limit: usize| usize::try_from(luck.below(u64::try_from(limit).unwrap())).unwrap();
    let mut places: Vec<(usize, bool)> = (0..cuts)
        .map(|number| {
            if number % 2 == 0 {
                (flushes[below(flushes.len())], true)
            } else {
                (begun + below(log.steps.len() + 1 - begun), false)
            }
        })
        .collect();
    // What is applied stays: a cut in part goes before a whole one at its place or behind its flush before.
    places.sort_by_key(|(end, in_part)| if *in_part { (end - log.unflushed(*end), *end) } else { (*end, usize::MAX) });
    places
}

fn flushes(log: &WriteLog) -> Vec<usize> {
    (0..log.steps.len()).filter(|step| log.steps[*step] == Step::Flush).collect()
}

/// Mounts the disk, judges what lies on it, goes on to the end and judges that.
fn judge_cut(stage: &Stage, verb: Verb, kind: &str, cut: &Path, mount: &Path) -> usize {
    let _mounted = CutDisk::mount(cut, kind, mount);
    let rescued = judge::after_a_cut(stage, verb, mount);
    stage.go_on(verb, mount);
    judge::at_the_end(stage, verb, mount);
    rescued
}

/// Commands onto file systems, each cut so often; prints what came of each.
fn replay_all(kinds: &[&'static str], writes: &[&str], cuts: usize, seed: u64) {
    let stage = Stage::new(Pace::Slow);
    let mut luck = Luck(seed);
    for kind in kinds.iter().copied() {
        for verb in verbs() {
            let has_choice = matches!(verb, Verb::Sweep | Verb::Patch);
            for write in if has_choice { writes } else { &["auto"] } {
                let Some(sum) = replay(&stage, verb, kind, write, cuts, &mut luck) else { return };
                let (least, most) = (sum.rescued.iter().min().unwrap(), sum.rescued.iter().max().unwrap());
                println!(
                    "figures: {verb:?} {write} onto {kind}: {} cuts ({} with unflushed writes in part) of {} writes and {} flushes; \
                     {} to {} KiB called rescued",
                    sum.cuts,
                    sum.dropped,
                    sum.writes - sum.flushes,
                    sum.flushes,
                    least / 1024,
                    most / 1024
                );
            }
        }
    }
}

#[test]
fn a_power_cut_anywhere_in_the_log_of_a_disk_leaves_the_truth() {
    replay_all(&["ext4"], &["auto"], 6, 1);
}

#[test]
#[ignore = "long: tests/long.sh runs it"]
fn power_cuts_in_the_logs_of_all_commands_on_all_file_systems_leave_the_truth() {
    replay_all(&["ext4", "xfs", "btrfs"], &["dontcache", "window", "direct", "plain"], 16, 2);
}
