//! Each rule of the guard switched off by itself: wrong sectors are called good again.

use std::sync::atomic::{AtomicBool, Ordering};

use freemkv::imaging::GuardRules;

use crate::case::generate;
use crate::oracle::Kind;
use crate::runner::carry_out;
use crate::tally::in_parallel;

/// Switches a rule off.
type Off = fn(&mut GuardRules);

/// A rule: its name, how it is switched off, and seeds that want it.
const RULES: [(&str, Off, &[u64]); 7] = [
    ("settings_after_reset", |g| g.settings_after_reset = false, &[16, 59, 92, 127]),
    ("known_good_check", |g| g.known_good_check = false, &[25]),
    ("zeros", |g| g.zeros = false, &[21]),
    ("restarts", |g| g.restarts = false, &[55]),
    ("second_read", |g| g.second_read = false, &[16]),
    ("unsaid_effort", |g| g.unsaid_effort = false, &[37, 39]),
    ("same_disc", |g| g.same_disc = false, &[32]),
];

/// All rules but the one that `FREEMKV_PLAN_WITHOUT` names; with `all`, none.
pub(crate) fn from_environment() -> GuardRules {
    let Ok(name) = std::env::var("FREEMKV_PLAN_WITHOUT") else { return GuardRules::default() };
    if name == "all" {
        return GuardRules::none();
    }
    let rule = RULES.iter().find(|(rule, ..)| *rule == name);
    without(rule.unwrap_or_else(|| panic!("there is no rule {name}")).1)
}

fn without(off: Off) -> GuardRules {
    let mut rules = GuardRules::default();
    off(&mut rules);
    rules
}

fn makes_wrong_good(seed: u64, rules: GuardRules) -> bool {
    carry_out(&generate::case(seed), rules).faults.contains_key(&Kind::FalseGood)
}

/// Seeds that are known to want a rule come first; when the generator has changed, another is found.
#[test]
fn without_any_one_rule_a_wrong_sector_is_called_good() {
    for (name, off, seeds) in RULES {
        if seeds.iter().any(|seed| makes_wrong_good(*seed, without(off))) {
            continue;
        }
        println!("{name}: looking for another seed than {seeds:?}");
        let found = AtomicBool::new(false);
        in_parallel(0..crate::SEEDS_LONG, |seed| {
            if !found.load(Ordering::SeqCst) && makes_wrong_good(seed, without(off)) {
                println!("{name}: seed {seed}");
                found.store(true, Ordering::SeqCst);
            }
        });
        assert!(found.into_inner(), "no plan wants the rule {name}");
    }
}
