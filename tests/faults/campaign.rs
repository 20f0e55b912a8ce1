//! Faults in the system calls of each verb, chosen by a seed: a few in CI, 1,200 with `FREEMKV_TEST_LONG`, as many as
//! `FREEMKV_FAULTS` says; `FREEMKV_FAULTS_SEED` chooses others, `FREEMKV_FAULTS_KEEP` keeps what a finding left.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::sync::Mutex;

use tempfile::TempDir;

use super::inject::{Fault, What, injector, run};
use super::judge::{self, Whole};
use super::random::Random;
use super::work::{self, Work};

/// Faults in CI, and in the long campaign.
const FEW: u64 = 60;
const MANY: u64 = 1200;
const SEED: u64 = 20;

/// A work, and what it does and leaves when nothing goes wrong.
struct Known {
    work: Work,
    counts: Vec<(String, u64)>,
    whole: Whole,
}

/// The command with a log that tells how the drive is left.
fn with_log(work: &Work, scratch: &std::path::Path) -> Vec<OsString> {
    let mut arguments = work.arguments.clone();
    arguments.extend(["-vv".into(), "--log-file".into(), scratch.join("drive.log").into()]);
    arguments
}

/// Learns what a work does.
fn learn(work: Work) -> Known {
    let (whole, folder) = work.folder();
    let log = whole.path().join("calls");
    let (done, seen) = run(None, &folder, &log, &with_log(&work, whole.path()));
    assert_eq!(done.code, Some(work.code), "{}: {done:?}", work.name);
    assert_eq!(seen.sockets, 0, "{} opens sockets", work.name);
    assert!(!work.has_drive || judge::left_in_order(&whole.path().join("drive.log")), "{}", work.name);
    let counts = seen.counts.into_iter().collect();
    let whole = judge::whole(&folder, whole.path());
    Known { work, counts, whole }
}

/// How calls of a kind fail.
fn ways(kind: &str) -> &'static [What] {
    const WRITE: &[What] = &[
        What::Error(libc::EIO),
        What::Error(libc::ENOSPC),
        What::Error(libc::EDQUOT),
        What::Error(libc::EINTR),
        What::Short,
    ];
    const ANY: &[What] =
        &[What::Error(libc::EIO), What::Error(libc::ENOSPC), What::Error(libc::EDQUOT), What::Error(libc::EROFS)];
    const CUT: &[What] = &[What::Error(libc::EIO), What::Error(libc::ENOSPC), What::Error(libc::EINTR)];
    const LOCK: &[What] = &[What::Error(libc::EIO), What::Error(libc::ENOLCK), What::Error(libc::EINTR)];
    match kind {
        "write" | "pwrite" | "pwritev2" => WRITE,
        "flock" => LOCK,
        "open" | "ftruncate" | "fallocate" | "sync_file_range" => CUT,
        _ => ANY,
    }
}

fn choose(known: &Known, random: &mut Random) -> Fault {
    let (kind, count) = random.one_of(&known.counts);
    let what = *random.one_of(ways(kind));
    // For good is how a full or a broken disk fails; an interruption is over.
    let for_good = random.below(2) == 0 && what != What::Error(libc::EINTR);
    Fault { kind: kind.clone(), number: 1 + random.below(*count), for_good, what }
}

/// Runs a work with a fault, and again without. What is wrong, and whether the fault was met.
fn try_one(known: &Known, fault: &Fault) -> (Option<String>, bool) {
    let work = &known.work;
    let (whole, folder) = work.folder();
    let (done, seen) = run(Some(fault), &folder, &whole.path().join("calls"), &with_log(work, whole.path()));
    let mut wrong = judge::wrong(work, fault, &done, &seen, &folder, &known.whole);
    if wrong.is_none() && done.code != Some(work.code) {
        wrong = judge::wrong_again(work, &work.arguments, &folder, &known.whole);
    }
    let wrong = wrong.map(|why| format!("{why}\n  hits {:?}\n  said {}", seen.hits, done.stderr.trim()));
    if wrong.is_some() && std::env::var_os("FREEMKV_FAULTS_KEEP").is_some() {
        println!("kept: {}", whole.keep().display());
    }
    (wrong, !seen.hits.is_empty())
}

/// Tries them, two at a time. What is wrong, and how many were met of which kind.
fn try_all(chosen: &[(&Known, Fault)]) -> (Vec<String>, BTreeMap<String, u64>) {
    let queue = Mutex::new(chosen.iter());
    let (failed, met) = (Mutex::new(Vec::new()), Mutex::new(BTreeMap::<String, u64>::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some((known, fault)) = next else { break };
                    let (wrong, hit) = try_one(known, fault);
                    if hit {
                        *met.lock().unwrap().entry(format!("{:15} {}", fault.kind, known.work.name)).or_default() += 1;
                    }
                    if let Some(why) = wrong {
                        println!("{} {fault:?}: {why}", known.work.name);
                        failed.lock().unwrap().push(format!("{} {fault:?}: {why}", known.work.name));
                    }
                }
            });
        }
    });
    (failed.into_inner().unwrap(), met.into_inner().unwrap())
}

#[test]
fn whatever_call_fails_nothing_is_claimed_that_is_not_there() {
    if injector().is_none() {
        return;
    }
    let number = |name: &str, default| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default);
    let usual = if std::env::var_os("FREEMKV_TEST_LONG").is_some() { MANY } else { FEW };
    let (cases, seed) = (number("FREEMKV_FAULTS", usual), number("FREEMKV_FAULTS_SEED", SEED));
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let only = std::env::var("FREEMKV_FAULTS_ONLY").unwrap_or_default();
    let works = work::all(folder.path()).into_iter().filter(|work| work.name.starts_with(&only));
    let known: Vec<Known> = works.map(learn).collect();
    let mut random = Random::new(seed);
    // Each work in turn: some take much longer than others.
    let chosen: Vec<(&Known, Fault)> =
        known.iter().cycle().zip(0..cases).map(|(known, _)| (known, choose(known, &mut random))).collect();
    let (failed, met) = try_all(&chosen);
    let hits: u64 = met.values().sum();
    println!("figures: {cases} faults chosen from seed {seed}, {hits} met, {} with a finding", failed.len());
    met.iter().for_each(|(what, count)| println!("{count:5} {what}"));
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(hits * 10 >= cases * 7, "most faults must be met: {hits} of {cases}");
    let _ = fs::remove_dir_all(folder.path());
}

#[test]
fn whichever_file_a_patch_cannot_open_it_has_failed_and_is_no_wrong_usage() {
    if injector().is_none() {
        return;
    }
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let work = work::all(folder.path()).into_iter().find(|work| work.name == "patch").unwrap();
    let known = learn(work);
    let opens = known.counts.iter().find(|(kind, _)| kind == "open").unwrap().1;
    let fault = |number| Fault { kind: "open".to_owned(), number, for_good: true, what: What::Error(libc::EIO) };
    let chosen: Vec<(&Known, Fault)> = (1..=opens).map(|number| (&known, fault(number))).collect();
    let (failed, met) = try_all(&chosen);
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(met.values().sum::<u64>() > 3, "{met:?}");
}
