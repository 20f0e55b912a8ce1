//! The smallest case that still fails in the same way, by leaving out one thing after the other.

use crate::case::{Case, Stop};
use crate::oracle::Kind;
use freemkv::imaging::GuardRules;

use crate::runner::carry_out;

/// Tries at most; each is a whole case, and one that does not end is a long one.
const TRIES: usize = 300;
const TRIES_ENDLESS: usize = 30;

/// Makes `case`, which shows `kind`, smaller as long as it does.
pub(crate) fn shrink(case: &Case, kind: Kind, guard: GuardRules) -> Case {
    let most = if kind == Kind::Endless { TRIES_ENDLESS } else { TRIES };
    let (mut best, mut tries) = (case.clone(), 0);
    loop {
        let smaller = candidates(&best).into_iter().find(|candidate| {
            tries += 1;
            tries <= most && carry_out(candidate, guard).faults.contains_key(&kind)
        });
        match smaller {
            Some(smaller) => best = smaller,
            None => return best,
        }
    }
}

/// The case with one thing less, what costs most first.
fn candidates(case: &Case) -> Vec<Case> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut Case)| {
        let mut smaller = case.clone();
        change(&mut smaller);
        if smaller != *case {
            all.push(smaller);
        }
    };
    for step in (0..case.steps.len()).rev().filter(|_| case.steps.len() > 1) {
        with(&|c| {
            c.steps.remove(step);
        });
    }
    for step in 0..case.steps.len() {
        with(&|c| c.steps[step].stop = Stop::None);
        with(&|c| (c.steps[step].retries, c.steps[step].speed) = (None, None));
        with(&|c| c.steps[step].plan = 0);
    }
    for plan in 0..case.plans.len() {
        for line in (0..case.plans[plan].len()).rev() {
            with(&|c| {
                c.plans[plan].remove(line);
            });
        }
    }
    for plan in 0..case.plans.len() {
        for line in 0..case.plans[plan].len() {
            with(&|c| c.plans[plan][line] = with_less(&case.plans[plan][line]));
        }
    }
    all
}

/// A line about fewer units.
fn with_less(line: &str) -> String {
    let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    if matches!(words[0].as_str(), "bad" | "bads" | "recovered" | "short" | "blank" | "answer")
        && let Some(count) = words.get(2).and_then(|count| count.parse::<u64>().ok())
        && count > 1
    {
        words[2] = (count / 2).to_string();
    }
    words.join(" ")
}
