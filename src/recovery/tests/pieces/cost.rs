//! What a rescue costs in drive seconds, on discs like those of a scratch, a band, a smudge.
//!
//! `cargo test --lib recovery::tests::cost -- --ignored --nocapture`. Compare figures with each
//! other only: the seconds are a model's (`tests/disc.rs`), a drive's are its own.

use crate::base::media::Media;
use crate::recovery::Params;
use crate::recovery::params::DEFAULT_PASSES;
use crate::recovery::tests::disc::{BD, Costs, DVD, Disc, coin, share};
use crate::recovery::tests::rescue::Rescue;

/// Units of a disc: 2 GiB of a Blu-ray, 1 GiB of a DVD.
const UNITS: u64 = 32_768;

fn place(of: f64) -> u64 {
    share(of, UNITS)
}

fn pick(chances: &[f64], at: u64) -> f64 {
    chances[share(coin(at, 0, 9), chances.len() as u64) as usize]
}

/// Units in one turn of the disc at this unit.
fn turn(media: Media, unit: u64) -> f64 {
    let (inner, outer): (f64, f64) = if media == Media::Dvd { (1.8, 4.4) } else { (2.1, 5.1) };
    (inner * inner + (outer * outer - inner * inner) * unit as f64 / UNITS as f64).sqrt()
}

/// A radial scratch: a hit in every turn.
fn comb(media: Media, from: f64, to: f64, chances: &[f64], disc: &mut Disc) {
    let mut at = from;
    while at < to {
        let unit = place(at);
        disc.units[unit as usize] = pick(chances, unit);
        at += turn(media, unit) * (0.97 + 0.06 * coin(unit, 0, 10)) / UNITS as f64;
    }
}

/// Weak units strewn over a part of the disc with this density, at its start and end.
fn strew(from: f64, to: f64, density: (f64, f64), chances: &[f64], disc: &mut Disc) {
    for unit in place(from)..place(to) {
        let at = (unit - place(from)) as f64 / (place(to) - place(from)) as f64;
        if coin(unit, 0, 11) < density.0 + (density.1 - density.0) * at {
            disc.units[unit as usize] = pick(chances, unit);
        }
    }
}

fn damage(kind: &str, media: Media, disc: &mut Disc) {
    match kind {
        "clean" => {}
        "pits" => strew(0.0, 1.0, (0.001, 0.001), &[0.0, 0.0, 0.3], disc),
        "scratch" => comb(media, 0.27, 0.30, &[0.0, 0.0, 0.15, 0.4], disc),
        "smudge" => strew(0.5, 0.53, (0.3, 0.3), &[0.2, 0.35, 0.5], disc),
        "rot" => strew(0.9, 1.0, (0.0, 0.55), &[0.0, 0.0, 0.0, 0.2], disc),
        "band" => disc.units[place(0.4) as usize..place(0.412) as usize].fill(0.0),
        "partial" => {
            for defect in 0..40 {
                let first = share(coin(defect, 0, 12), disc.len() - 8) as usize;
                let len = 1 + share(coin(defect, 0, 13), 6) as usize;
                disc.sectors[first..first + len].fill(pick(&[0.0, 0.0, 0.3], defect));
            }
        }
        _ => panic!("no damage of the kind {kind}"),
    }
}

/// Drive seconds after which this share of the recoverable sectors was in; `-` for never.
fn reached(rescue: &Rescue, share: f64) -> String {
    let recoverable = (0..rescue.disc.len()).filter(|s| rescue.disc.chance(*s) > 0.0).count() as f64;
    let mut delivered = 0;
    rescue
        .commands
        .iter()
        .find(|c| {
            delivered += c.delivered;
            delivered as f64 >= share * recoverable
        })
        .map_or("-".to_owned(), |c| format!("{:.0}", c.ended.as_secs_f64()))
}

fn report(kind: &str, media: Media, costs: Costs) {
    let params = Params::preset(media);
    let mut disc = Disc::new(params.unit, UNITS * params.unit);
    disc.costs = costs;
    damage(kind, media, &mut disc);
    let mut rescue = Rescue::new(disc, params);
    rescue.sweep(usize::MAX);
    let swept = (rescue.disc.now.as_secs_f64(), rescue.failures.len());
    rescue.patch(DEFAULT_PASSES, usize::MAX);
    rescue.check_everything_visited();
    let recoverable = (0..rescue.disc.len()).filter(|s| rescue.disc.chance(*s) > 0.0).count() as u64;
    println!(
        "{media}-{kind:8} sweep {:5.0} s {:3} failed; 90 % {:>5} s, 99 % {:>5} s; total {:6.0} s {:5} failed of {:6}; lost {:5}",
        swept.0,
        swept.1,
        reached(&rescue, 0.9),
        reached(&rescue, 0.99),
        rescue.disc.now.as_secs_f64(),
        rescue.failures.len(),
        rescue.commands.len(),
        recoverable - rescue.good().len(),
    );
}

#[test]
#[ignore = "a bench: prints drive seconds"]
fn drive_seconds() {
    for kind in ["clean", "pits", "scratch", "smudge", "rot", "band", "partial"] {
        report(kind, Media::Bd, BD);
        report(kind, Media::Dvd, DVD);
    }
}
