//! Damage plans that nobody thought of: a seed makes a disc, two drives with something wrong, and runs of `sweep` and
//! `patch` that are stopped, killed and gone on with. Whatever the drives do, no sector is called good that is wrong.
//!
//! `FREEMKV_TEST_LONG=1` takes all seeds, `FREEMKV_PLAN_SEEDS=FIRST-END` just those, `FREEMKV_PLAN_KEEP=FOLDER` keeps
//! what a failing seed needs to be run by hand, `FREEMKV_PLAN_WITHOUT=RULE` switches a rule of the guard off.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

mod case;
mod facts;
mod known;
mod oracle;
mod recorder;
mod rules;
mod runner;
mod shrink;
mod stories;
mod tally;

use std::ops::Range;
use std::sync::Mutex;

use freemkv::imaging::GuardRules;
use tally::Tally;

/// Seeds of an ordinary run, and of a long one.
const SEEDS: u64 = 300;
const SEEDS_LONG: u64 = 2000;

/// Seeds behind those of an ordinary run that once failed: a unit attention while the settings are sent, damage while the
/// disc's end is looked for, second reads that fail in long commands, images with hardly anything but zeros, FUA refused once, a drive
/// that gives up while the disc is compared.
const ONCE_FAILED: [u64; 10] = [356, 378, 498, 596, 830, 904, 1220, 1880, 3340, 4003];

fn seeds() -> Range<u64> {
    if let Ok(text) = std::env::var("FREEMKV_PLAN_SEEDS") {
        let (first, end) = text.split_once('-').unwrap_or((&text, ""));
        let first = first.parse().unwrap();
        return first..end.parse().unwrap_or(first + 1);
    }
    0..if std::env::var_os("FREEMKV_TEST_LONG").is_some() { SEEDS_LONG } else { SEEDS }
}

#[test]
fn no_plan_makes_a_wrong_sector_good() {
    let tally = Tally::over(seeds(), rules::from_environment());
    println!("{tally}");
    assert!(tally.is_clean(), "{}", tally.failures());
}

#[test]
fn seeds_that_once_failed_do_so_no_more() {
    for seed in ONCE_FAILED {
        let tally = Tally::over(seed..seed + 1, GuardRules::default());
        assert!(tally.is_clean(), "{}", tally.failures());
    }
}

#[test]
fn plans_that_once_made_a_wrong_sector_good_do_so_no_more() {
    let (cases, told) = (known::cases(), Mutex::new(String::new()));
    tally::in_parallel(0..cases.len() as u64, |index| {
        let (name, case) = &cases[usize::try_from(index).unwrap()];
        for (kind, why) in runner::carry_out(case, GuardRules::default()).faults {
            *told.lock().unwrap() += &format!("{name}: {kind:?}: {why}\n");
        }
    });
    let told = told.into_inner().unwrap();
    assert!(told.is_empty(), "{told}");
}
