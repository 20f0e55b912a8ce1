//! What the strategies do on a few discs that fit on a page. Numbers are ECC units.

use super::disc::Disc;
use super::random::params;
use super::rescue::Rescue;
use crate::mapfile::status::{Phase, StatusLine};

const UNIT: u64 = 16;

/// A disc of 1000 units of which these are dead, swept by commands of 4 units.
fn disc(dead: impl IntoIterator<Item = usize>) -> Rescue {
    let mut disc = Disc::new(UNIT, 1000 * UNIT);
    for unit in dead {
        disc.units[unit] = 0.0;
    }
    let mut params = params(UNIT, 64);
    params.near_damage = 8 * UNIT;
    Rescue::new(disc, params)
}

/// The commands so far, and forgets them: neighbours that worked are one entry `a-b`, a failure
/// is `!a`, or `!a+n` after n units that came; commands past the cache are `a^`.
fn told(rescue: &mut Rescue) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut open: Option<(u64, u64)> = None;
    for c in rescue.commands.drain(..) {
        let (start, end) = (c.range.start() / UNIT, c.range.end() / UNIT);
        if c.delivered == c.range.len() && !c.fua {
            open = match open {
                Some((a, b)) if b == start => Some((a, end)),
                _ => {
                    words.extend(open.map(|(a, b)| format!("{a}-{b}")));
                    Some((start, end))
                }
            };
            continue;
        }
        words.extend(open.take().map(|(a, b)| format!("{a}-{b}")));
        let mark = if c.delivered == c.range.len() { "" } else { "!" };
        let came = if c.delivered > 0 && !mark.is_empty() { format!("+{}", c.delivered / UNIT) } else { String::new() };
        words.push(format!("{mark}{start}{came}{}", if c.fua { "^" } else { "" }));
    }
    words.extend(open.map(|(a, b)| format!("{a}-{b}")));
    words.join(" ")
}

#[test]
fn a_sweep_leaves_a_solid_band_by_growing_skips() {
    let mut rescue = disc(100..150);
    rescue.sweep(usize::MAX);
    // The long command fails as a whole, 4 units; skips of 3, 12 and then the cap of 20 units.
    assert_eq!(told(&mut rescue), "0-100 !100 !107 !120 !141 162-1000");
    assert_eq!(rescue.line, StatusLine { position: 0, phase: Phase::Copying, pass: 2 });
}

#[test]
fn a_patch_reads_the_sound_rim_of_a_band_before_its_core() {
    let mut rescue = disc(100..150);
    rescue.sweep(usize::MAX);
    rescue.commands.clear();
    rescue.patch(0, usize::MAX);
    let told = told(&mut rescue);
    let core = told.find("!130").expect("the core is read");
    assert!(told.find("152-").is_some_and(|rim| rim < core), "{told}");
    assert_eq!(rescue.good(), rescue.sound());
}

#[test]
fn a_dead_core_is_left_after_as_many_failures_as_the_rule_asks_and_thorough_goes_on() {
    let mut rescue = disc(100..300);
    rescue.thorough = false;
    rescue.all(3);
    let failed = rescue.failures.len();
    assert!((32..50).contains(&failed), "{failed}");
    assert_eq!(rescue.good(), rescue.sound());
    rescue.thorough = true;
    rescue.patch(1, usize::MAX);
    rescue.check_everything_visited();
    assert!(rescue.failures.len() > 300);
}

#[test]
fn sound_units_between_a_dead_core_and_a_pit_beside_it_are_no_hits_in_the_core() {
    let failed = |dead: Vec<usize>| {
        let mut rescue = disc(dead);
        rescue.thorough = false;
        rescue.all(3);
        rescue.failures.len()
    };
    let alone = failed((100..300).collect());
    let beside = failed((100..300).chain([306]).collect());
    assert!(beside <= alone + 8, "{beside}, without the pit {alone}");
}

#[test]
fn a_comb_is_crossed_in_few_failures_and_its_period_is_learned() {
    let mut rescue = disc((100..180).step_by(4));
    rescue.sweep(usize::MAX);
    assert!(rescue.failures.len() <= 8);
    rescue.patch(0, 45);
    let sound = 1000 - 20;
    let won = rescue.good().len() / UNIT;
    assert!(won + 8 > sound && rescue.failures.len() < 16, "{won} of {sound} with {}", rescue.failures.len());
}

#[test]
fn a_prefix_tells_which_unit_failed_and_those_behind_it_were_not_tried() {
    let mut rescue = disc([502]);
    rescue.sweep(usize::MAX);
    assert_eq!(told(&mut rescue), "0-500 !500+2 506-1000");
    rescue.patch(1, usize::MAX);
    assert_eq!(told(&mut rescue), "503-506 !502^");
}

#[test]
fn an_interrupted_sweep_goes_on_at_its_position_and_a_finished_one_begins_again() {
    let mut rescue = disc([200, 700]);
    rescue.sweep(60);
    assert_eq!(told(&mut rescue), "0-200 !200 207-219");
    assert_eq!(rescue.line, StatusLine { position: 219 * UNIT * 2048, phase: Phase::Copying, pass: 1 });
    rescue.sweep(usize::MAX);
    assert_eq!(told(&mut rescue), "219-699 !699+1 704-1000");
    rescue.sweep(usize::MAX);
    assert_eq!(told(&mut rescue), "204-207 701-704");
    assert_eq!(rescue.line, StatusLine { position: 0, phase: Phase::Trimming, pass: 1 });
}

#[test]
fn an_interrupted_patch_goes_on_in_its_pass() {
    let mut rescue = disc([10, 20, 30]);
    rescue.sweep(usize::MAX);
    rescue.patch(0, usize::MAX);
    rescue.commands.clear();
    rescue.patch(2, 4);
    assert_eq!(told(&mut rescue), "!10^ !20^ !30^ !10^");
    assert_eq!(rescue.line, StatusLine { position: 11 * UNIT * 2048, phase: Phase::Scraping, pass: 2 });
    rescue.patch(2, usize::MAX);
    assert_eq!(told(&mut rescue), "!20^ !30^");
    rescue.patch(1, usize::MAX);
    assert_eq!(told(&mut rescue), "!10^ !20^ !30^", "asked again, a patch tries again");
}
