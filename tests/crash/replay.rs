//! Power cuts at places of a disk's log: just before a flush, with what was not flushed there in part, and in between.

use std::env;
use std::fmt;
use std::fs::File;
use std::path::Path;
use std::thread;

use crate::disk::{CutDisk, LoggedDisk, copy_sparse};
use crate::judge;
use crate::kill::{start, verbs};
use crate::stage::{Pace, Stage, Verb, memory_folder};
use crate::support::skip;
use crate::write_log::{Luck, Step, WriteLog};

/// What was found out of a command.
#[derive(Default)]
pub(crate) struct Sum {
    cuts: usize,
    in_part: usize,
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
    if status.code() == Some(2) && write == "dontcache" {
        skip(&format!("{kind} knows no dontcache here"));
        return Some(Sum::default());
    }
    assert!(matches!(status.code(), Some(0 | 3)), "{verb:?} onto {kind}: {status}");
    let (base, log) = disk.cut();
    let mount = folder.path().join("mount");
    Some(cut_in_log(&base, &WriteLog::read(&log), begun, cuts, luck, |cut| judge_cut(stage, verb, kind, cut, &mount)))
}

/// Cuts the power at `cuts` places of the log of the disk `base`, behind its first `begun` entries, and has each judged, which
/// tells how many bytes are called rescued.
pub(crate) fn cut_in_log(
    base: &Path,
    log: &WriteLog,
    begun: usize,
    cuts: usize,
    luck: &mut Luck,
    mut judge: impl FnMut(&Path) -> usize,
) -> Sum {
    let flushes = flushes(log).len();
    let mut sum = Sum { writes: log.steps.len() - flushes, flushes, ..Sum::default() };
    let (current, cut) = (base.with_file_name("current"), base.with_file_name("cut"));
    copy_sparse(base, &current);
    let mut done = 0;
    for (end, in_part) in places(log, begun, cuts, luck) {
        let file = File::options().write(true).open(&current).unwrap();
        let sure = if in_part { end - log.unflushed(end) } else { end };
        log.apply(&file, done..sure.max(done));
        done = sure.max(done);
        copy_sparse(&current, &cut);
        if in_part {
            log.apply_some(&File::options().write(true).open(&cut).unwrap(), done..end, |limit| luck.below(limit));
            sum.in_part += 1;
        }
        sum.rescued.push(judge(&cut));
        sum.cuts += 1;
    }
    sum
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

/// All commands onto file systems, side by side, each cut so often with each way of writing that it has; prints what came of
/// each. `FREEMKV_REPLAY` names those that are wanted, as in "Rip btrfs". Returns how many cuts there were.
fn replay_all(kinds: &[&'static str], writes: &[&str], cuts: usize) -> usize {
    let only = env::var("FREEMKV_REPLAY").unwrap_or_default();
    let pairs = kinds.iter().flat_map(|kind| verbs().into_iter().map(move |verb| (*kind, verb)));
    let pairs = pairs.filter(|(kind, verb)| format!("{verb:?} {kind}").contains(&only));
    let one = |kind: &'static str, verb: Verb| {
        let (stage, mut luck, mut made) = (Stage::new(Pace::Slow), Luck(kind.len() as u64 * 10 + verb as u64), 0);
        let has_choice = matches!(verb, Verb::Sweep | Verb::Patch);
        for write in if has_choice { writes } else { &["auto"] } {
            let Some(sum) = replay(&stage, verb, kind, write, cuts, &mut luck) else { break };
            println!("figures: {verb:?} {write} onto {kind}: {sum}");
            made += sum.cuts;
        }
        made
    };
    thread::scope(|scope| {
        let threads: Vec<_> = pairs.map(|(kind, verb)| scope.spawn(move || one(kind, verb))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cuts, in_part, flushes, writes, rescued } = self;
        let bounds = (rescued.iter().min().unwrap_or(&0) / 1024, rescued.iter().max().unwrap_or(&0) / 1024);
        write!(f, "{cuts} cuts ({in_part} with unflushed writes in part) of {writes} writes and {flushes} flushes; ")?;
        write!(f, "{} to {} KiB called rescued", bounds.0, bounds.1)
    }
}

#[test]
fn a_power_cut_anywhere_in_the_log_of_a_disk_leaves_the_truth() {
    replay_all(&["ext4"], &["auto"], 6);
}

#[test]
#[ignore = "long: tests/long.sh runs it"]
fn power_cuts_in_the_logs_of_all_commands_on_all_file_systems_leave_the_truth() {
    let cuts = replay_all(&["ext4", "xfs", "btrfs"], &["dontcache", "window", "direct", "plain"], 16);
    println!("figures: {cuts} power cuts in all");
}
