//! From a seed to a case.

use freemkv::base::media::Media;

use crate::case::disc::{Content, DiscSpec, SECTORS_MAX};
use crate::case::lines::Ground;
use crate::case::rng::Rng;
use crate::case::{Case, Command, Plan, Step, Stop};
use crate::stories;

/// The case of this seed.
pub(crate) fn case(seed: u64) -> Case {
    let mut rng = Rng::new(seed);
    let media = rng.pick(&[Media::Cd, Media::Dvd, Media::Dvd, Media::Bd, Media::Bd, Media::Uhd]);
    let unit = media.ecc_unit();
    let sectors = match (rng.below(10), media) {
        (0..=5, _) => rng.within(3 * unit, 900),
        (6 | 7, _) => rng.within(900, 2600),
        (_, Media::Cd) => 64 * rng.within(70, 120),
        _ => unit * rng.within(110, 260),
    };
    let sectors = if rng.percent(50) { sectors.next_multiple_of(unit) } else { sectors }.min(SECTORS_MAX);
    let contents = [Content::Full, Content::Full, Content::Full, Content::Tracts, Content::Sparse, Content::LateStart];
    let disc = DiscSpec { sectors, content: rng.pick(&contents), variant: 0 };
    let other_sectors = match rng.below(4) {
        0 => rng.within(unit, 2 * sectors).min(SECTORS_MAX),
        _ => sectors,
    };
    let other = DiscSpec { sectors: other_sectors, content: disc.content, variant: 5 };
    let mut ground = Ground { rng, sectors, unit, spots: Vec::new() };
    let plans = plans(&mut ground);
    let steps = steps(&mut ground.rng);
    Case { media, disc, other, plans, steps }
}

/// Two drives: what a disc lacks in one, another may have.
fn plans(ground: &mut Ground) -> Vec<Plan> {
    let first = stories::plan(ground, 5);
    let mut second = match ground.rng.below(3) {
        0 => stories::plan(ground, 3),
        1 => stories::plan(ground, 1),
        _ => {
            let mut same = first.clone();
            same.push(format!("seed {}", ground.rng.below(1000)));
            same
        }
    };
    // Both drives say the same of the disc's size: one that is wrong elsewhere is another disc's.
    second.retain(|line| !line.starts_with("capacity "));
    second.extend(first.iter().filter(|line| line.starts_with("capacity ")).cloned());
    vec![first, second]
}

fn steps(rng: &mut Rng) -> Vec<Step> {
    let mut steps = vec![step(rng, Command::Sweep, 0)];
    while steps.last().is_some_and(|step| step.stop != Stop::None) && steps.len() < 4 && rng.percent(60) {
        let plan = usize::from(rng.percent(25));
        steps.push(step(rng, Command::Sweep, plan));
    }
    for (share, other) in [(85, 30), (40, 80)] {
        if rng.percent(share) {
            let passes = rng.pick(&[0, 1, 1, 3, 8]);
            let (thorough, finish) = (rng.percent(20), rng.percent(10));
            let plan = usize::from(rng.percent(other));
            steps.push(step(rng, Command::Patch { passes, thorough, finish }, plan));
        }
    }
    steps
}

fn step(rng: &mut Rng, command: Command, plan: usize) -> Step {
    let stop = match rng.below(20) {
        0 | 1 => Stop::Budget(rng.pick(&[1, 2, 5, 15, 60])),
        2 => Stop::MaxErrors(rng.below(12)),
        3 => Stop::GiveUpAfter(rng.pick(&[1, 5, 30])),
        4 | 5 => Stop::Cancel(rng.within(12, 140)),
        6 => Stop::Kill { saved: rng.within(14, 160), later: rng.pick(&[0, 1, 3, 10, 40]) },
        _ => Stop::None,
    };
    let retries = if rng.percent(10) { Some(rng.pick(&[0, 1, 20, 255])) } else { None };
    let speed = if rng.percent(10) { Some(rng.pick(&[176, 2770, 9000])) } else { None };
    let fresh = command != Command::Sweep && rng.percent(15);
    Step { command, plan, stop, retries, speed, fresh }
}
