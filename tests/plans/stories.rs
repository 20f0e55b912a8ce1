//! What goes wrong together: lines that luck alone would seldom put beside each other.

use crate::case::lines::{self, Ground};

/// Makes the lines of a story.
type Story = fn(&mut Ground) -> Vec<String>;

/// Stories, the likelier the greater the number.
const STORIES: [(u64, Story); 13] = [
    (4, zeros_after_damage),
    (4, effort_hidden_by_what_follows),
    (4, effort_trusted_for_long),
    (4, wrong_from_the_first_sector),
    (4, effort_after_a_reset),
    (2, firmware_gives_up),
    (2, another_disc),
    (2, capacity_and_damage),
    (2, comb),
    (2, blank_beside_data),
    (2, short_and_wrong),
    (4, firmware_comes_back),
    (2, effort_and_no_way_past_the_cache),
];

/// The lines of a plan: a story or none, and whatever luck adds.
pub(crate) fn plan(ground: &mut Ground, more: u64) -> Vec<String> {
    ground.spots.clear();
    let mut plan = Vec::new();
    if ground.rng.percent(65) {
        let all = STORIES.iter().map(|(weight, _)| weight).sum();
        let mut luck = ground.rng.below(all);
        for (weight, story) in STORIES {
            if luck < weight {
                plan = story(ground);
                break;
            }
            luck -= weight;
        }
    }
    let least = u64::from(plan.is_empty());
    for _ in 0..ground.rng.within(least, more) {
        plan.push(lines::any(ground));
    }
    plan.push(format!("seed {}", ground.rng.below(1000)));
    plan
}

/// The firmware hands out zeros behind a failure; often there is nothing known to compare with by then.
fn zeros_after_damage(ground: &mut Ground) -> Vec<String> {
    let first = if ground.rng.percent(50) { 0 } else { ground.rng.below(ground.units()) };
    ground.spots.push(first);
    let count = ground.rng.within(1, 5);
    let damage = if ground.rng.percent(30) {
        format!("answer {first} 1 {} {count}", ground.rng.pick(&["03/11/05", "04/3E/02", "03/02/00"]))
    } else if ground.rng.percent(30) {
        format!("bads {} {count} 0", first * ground.unit)
    } else {
        format!("bad {first} {count} 0")
    };
    vec![damage, lines::zero_after(ground)]
}

/// Data with effort, and in the same command something that its end tells of in its place.
fn effort_hidden_by_what_follows(ground: &mut Ground) -> Vec<String> {
    let first = ground.place();
    let count = ground.rng.within(1, 12);
    let behind = (first + ground.rng.below(count + 2)).min(ground.units() - 1);
    let sector = behind * ground.unit + ground.rng.below(ground.unit);
    let what = match ground.rng.below(7) {
        0 | 1 => format!("bads {sector} 1 0"),
        2 => format!("bad {behind} 1 0"),
        3 => format!("blank {behind} 1"),
        4 => format!("short {behind} 1 {}", ground.rng.below(ground.unit)),
        5 => format!("answer {behind} 1 03/11/05"),
        _ => format!("answer {behind} 1 {} 1", ground.rng.pick(&["host:03", "05/24/00", "02/04/01", "06/29/00"])),
    };
    let wrong = ground.rng.pick(&["1", "1", "1", "2", "2", "3", "7"]);
    vec![format!("recovered {first} {count} {wrong}"), what]
}

/// A drive that is right whenever it is asked, until it is not.
fn effort_trusted_for_long(ground: &mut Ground) -> Vec<String> {
    let units = ground.units();
    // A command holds 64 sectors.
    let per_command = (64 / ground.unit).max(1);
    let honest = (ground.rng.within(20, 80) * per_command).min(units);
    let gap = ground.rng.pick(&[0, 0, 1, 10 * per_command]);
    let count = ground.rng.pick(&[1, 3, 20, 100, 1000]) * per_command;
    ground.spots.push(honest);
    let wrong = ground.rng.pick(&["1", "1", "2", "1000"]);
    vec![format!("recovered 0 {honest}"), format!("recovered {} {count} {wrong}", honest + gap)]
}

fn wrong_from_the_first_sector(ground: &mut Ground) -> Vec<String> {
    let count = ground.rng.within(1, ground.units());
    ground.spots.push(0);
    let mut plan =
        vec![format!("recovered 0 {count} {}", ground.rng.pick(&["1", "2", "3", "1 same", "2 same", "1000"]))];
    if ground.rng.percent(50) {
        plan.push(lines::bads(ground));
    }
    plan
}

/// After a reset the drive says nothing of recovered errors until it is told to again.
fn effort_after_a_reset(ground: &mut Ground) -> Vec<String> {
    let first = ground.place();
    let mut plan =
        vec![format!("recovered {first} {} {}", ground.rng.within(4, 90), ground.rng.pick(&["1", "1", "2"]))];
    for _ in 0..ground.rng.within(1, 3) {
        plan.push(lines::reset(ground));
    }
    plan.push(ground.rng.pick(&["resets silent", "resets silent", "resets", "at 0.5 reset"]).into());
    plan
}

fn firmware_gives_up(ground: &mut Ground) -> Vec<String> {
    let mut plan = vec![lines::wedge(ground)];
    for _ in 0..ground.rng.within(1, 4) {
        plan.push(lines::bad(ground));
    }
    plan
}

/// Failures take time, so that the disc is changed in the middle.
fn another_disc(ground: &mut Ground) -> Vec<String> {
    let at = ground.rng.seconds(-1.5, 1.5);
    vec![lines::bad(ground), lines::bads(ground), format!("at {at} swap other.iso")]
}

fn capacity_and_damage(ground: &mut Ground) -> Vec<String> {
    let mut plan = vec![lines::capacity(ground)];
    ground.spots.push(ground.units() - 1);
    plan.push(lines::bads(ground));
    plan.push(lines::recovered(ground));
    plan
}

/// A scratch across the turns.
fn comb(ground: &mut Ground) -> Vec<String> {
    let (first, step) = (ground.place(), ground.rng.within(2, 12));
    let kind = ground.rng.pick(&["bad # 1 0", "bad # 1 0.3", "recovered # 1 1", "answer # 1 03/11/05"]);
    let teeth = (0..ground.rng.within(3, 20)).map(|tooth| first + tooth * step);
    teeth.map(|unit| kind.replace('#', &unit.to_string())).collect()
}

fn blank_beside_data(ground: &mut Ground) -> Vec<String> {
    vec![lines::blank(ground), lines::blank(ground), lines::recovered(ground), lines::bads(ground)]
}

fn short_and_wrong(ground: &mut Ground) -> Vec<String> {
    vec![lines::short(ground), lines::recovered(ground), lines::short(ground)]
}

/// The firmware hands out zeros behind a failure and is reset in the middle of them: then it is well, and was not before.
fn firmware_comes_back(ground: &mut Ground) -> Vec<String> {
    let first = ground.rng.below(ground.units().min(12));
    ground.spots.push(first);
    let slow = ground.rng.pick(&["cmd_ms 100", "cmd_ms 100", "cmd_ms 300", "cmd_ms 1000"]);
    let at = ground.rng.within(2, 24);
    let back = ground.rng.pick(&["reset", "reset", "notready 3"]);
    vec![format!("bad {first} 1 0"), lines::zero_after(ground), slow.into(), format!("at {at} {back}")]
}

/// A drive that once refuses a read past its cache, and data with effort.
fn effort_and_no_way_past_the_cache(ground: &mut Ground) -> Vec<String> {
    let first = ground.place();
    let count = ground.rng.within(1, 8);
    let near = (first + ground.rng.below(count + 1)).min(ground.units() - 1);
    let refusal = ground.rng.pick(&["05/24/00", "05/26/00", "05/20/00"]);
    let wrong = ground.rng.pick(&["1", "2", "3"]);
    vec![format!("recovered {first} {count} {wrong}"), format!("answer {near} 1 {refusal} {}", ground.rng.within(1, 2))]
}
