//! Many seeds on a few threads, and what came of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use freemkv::imaging::GuardRules;

use crate::case::Case;
use crate::case::generate;
use crate::oracle::Kind;
use crate::runner::{Findings, carry_out};
use crate::shrink::shrink;

/// Runs that are killed wait for the program to save, which costs no processor: more threads than processors.
const THREADS: usize = 6;

/// Failing seeds of a kind that are made small; of those that come to the same lines one is shown.
const MADE_SMALL: usize = 12;

/// What came of many seeds.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    guard: GuardRules,
    plans: u64,
    runs: u64,
    commands: u64,
    good: u64,
    alike: u64,
    unsaid: u64,
    false_good: u64,
    /// The plan that took longest.
    slowest: (Duration, u64),
    failing: BTreeMap<Kind, Vec<u64>>,
}

impl Tally {
    /// Runs the cases of all these seeds.
    pub(crate) fn over(seeds: Range<u64>, guard: GuardRules) -> Self {
        let tally = Mutex::new(Self { guard, ..Self::default() });
        in_parallel(seeds, |seed| {
            let began = Instant::now();
            let findings = carry_out(&generate::case(seed), guard);
            let mut tally = tally.lock().unwrap();
            tally.add(seed, &findings);
            tally.slowest = tally.slowest.max((began.elapsed(), seed));
        });
        tally.into_inner().unwrap()
    }

    fn add(&mut self, seed: u64, findings: &Findings) {
        self.plans += 1;
        self.runs += findings.runs;
        self.commands += findings.commands;
        self.good += findings.good;
        self.alike += findings.alike;
        self.unsaid += findings.unsaid;
        self.false_good += findings.false_good - findings.alike - findings.unsaid;
        for kind in findings.faults.keys() {
            self.failing.entry(*kind).or_default().push(seed);
        }
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.failing.is_empty()
    }

    /// Seeds of each kind, as small as they get, with what is needed to run them by hand.
    pub(crate) fn failures(&self) -> String {
        let most = std::env::var("FREEMKV_PLAN_SMALL").ok().and_then(|n| n.parse().ok()).unwrap_or(MADE_SMALL);
        let mut seeds: Vec<(Kind, u64)> = Vec::new();
        for (kind, failing) in &self.failing {
            let mut failing = failing.clone();
            failing.sort_unstable();
            seeds.extend(failing.iter().take(most).map(|seed| (*kind, *seed)));
        }
        let small = Mutex::new(BTreeMap::<_, Vec<(u64, Case)>>::new());
        in_parallel(0..seeds.len() as u64, |index| {
            let (kind, seed) = seeds[usize::try_from(index).unwrap()];
            let case = shrink(&generate::case(seed), kind, self.guard);
            small.lock().unwrap().entry((kind, likeness(&case))).or_default().push((seed, case));
        });
        let small = small.into_inner().unwrap();
        let shown = small.into_iter().map(|((kind, _), mut cases)| {
            cases.sort_by_key(|(seed, _)| *seed);
            let all: Vec<u64> = cases.iter().map(|(seed, _)| *seed).collect();
            format!("{}alike: {all:?}\n", told(all[0], &cases[0].1, kind, self.guard))
        });
        shown.collect()
    }
}

/// Does the work for each number, on a few threads.
pub(crate) fn in_parallel(numbers: Range<u64>, work: impl Fn(u64) + Sync) {
    let next = AtomicU64::new(numbers.start);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= numbers.end {
                        break;
                    }
                    work(number);
                }
            });
        }
    });
}

/// Cases of which this is the same fail for the same reason, more likely than not.
fn likeness(case: &Case) -> (usize, BTreeSet<String>) {
    let used = case.steps.iter().filter_map(|step| case.plans.get(step.plan)).flatten();
    let words = used.filter_map(|line| line.split(' ').next()).map(str::to_owned);
    (case.steps.len(), words.collect())
}

/// A failing seed that was made small.
fn told(seed: u64, case: &Case, kind: Kind, guard: GuardRules) -> String {
    let findings = carry_out(case, guard);
    let why = findings.faults.get(&kind).cloned().unwrap_or_default();
    let mut text = format!("\n== seed {seed}: {kind:?}: {why}\n");
    text += &format!("{:?} {:?}, other {:?}\n", case.media, case.disc, case.other);
    for (number, plan) in case.plans.iter().enumerate() {
        if case.steps.iter().any(|step| step.plan == number) {
            text += &format!("{number}.plan: {}\n", plan.join("; "));
        }
    }
    text += &case.commands();
    text += &format!("ended: {}\n", findings.ends.join(" | "));
    text += &format!("again: FREEMKV_PLAN_SEEDS={seed} cargo test --test plans\n");
    if let Some(folder) = std::env::var_os("FREEMKV_PLAN_KEEP") {
        let folder = PathBuf::from(folder).join(format!("{seed}-{kind:?}"));
        keep(case, &folder);
        text += &format!("files: {}\n", folder.display());
    }
    text
}

/// Discs and plans, for the program itself.
fn keep(case: &Case, folder: &PathBuf) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("disc.iso"), &*case.disc.bytes()).unwrap();
    std::fs::write(folder.join("other.iso"), &*case.other.bytes()).unwrap();
    for (number, plan) in case.plans.iter().enumerate() {
        std::fs::write(folder.join(format!("{number}.plan")), plan.join("\n") + "\n").unwrap();
    }
    std::fs::write(folder.join("commands"), case.commands()).unwrap();
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} plans, {} runs, {} commands, {} sectors +", self.plans, self.runs, self.commands, self.good)?;
        writeln!(f, "{} sectors + and wrong; {} more that came wrong and alike twice", self.false_good, self.alike)?;
        writeln!(f, "{} more of drives that say nothing of effort and cannot be told to", self.unsaid)?;
        let (time, seed) = self.slowest;
        writeln!(f, "the slowest plan, of seed {seed}, took {:.1} s", time.as_secs_f64())?;
        for (kind, seeds) in &self.failing {
            let mut seeds = seeds.clone();
            seeds.sort_unstable();
            writeln!(f, "{kind:?}: {} plans, the first {:?}", seeds.len(), seeds.iter().take(12).collect::<Vec<_>>())?;
        }
        Ok(())
    }
}
