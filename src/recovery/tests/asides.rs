//! What is read beside places that are set aside.

use std::time::Duration;

use crate::base::media::Media;
use crate::base::outcome::Outcome;
use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::{Status, StatusLine};
use crate::recovery::{Limits, Params, Patch, Step, Strategy, Sweep};

const UNIT: u64 = 32;

/// Sectors of the disc here.
const DISC: u64 = 4000 * UNIT;

fn units(first: u64, end: u64) -> SectorRange {
    SectorRange::new(first * UNIT, end * UNIT)
}

fn everything() -> SectorSet {
    [units(0, 4000)].into_iter().collect()
}

/// Reads until the strategy is done; what touches `stuck` is set aside. Tells what was.
fn run(strategy: &mut dyn Strategy, stuck: &SectorSet) -> Vec<SectorRange> {
    let (mut aside, mut changes) = (Vec::new(), Vec::new());
    while let Step::Read { range, .. } = strategy.next(Duration::ZERO, Duration::ZERO) {
        if stuck.within(range).next().is_some() {
            strategy.set_aside(range);
            aside.push(range);
        } else {
            strategy.observe(range, &Outcome::complete(range.len(), 0.01), Duration::ZERO, &mut changes);
        }
    }
    aside
}

fn sweep(map: SectorMap, position: u64) -> Sweep {
    let line = StatusLine { position: position * 2048, ..StatusLine::default() };
    Sweep::new(map, Params::preset(Media::Bd), line, &everything())
}

/// What follows a sweep that has set these aside.
fn patch(sweep: &Sweep, swept: &[SectorRange]) -> Patch {
    let aside: SectorSet = swept.iter().copied().collect();
    let mut domain = everything();
    aside.ranges().iter().for_each(|range| domain.remove(*range));
    let (map, line) = (sweep.map().clone(), sweep.status_line());
    Patch::new(map, Params::preset(Media::Bd), line, &domain, Limits::default()).beside(&aside)
}

/// All of `places` comes, unit by unit, each time everything else being done.
fn come(strategy: &mut dyn Strategy, places: &[SectorRange]) {
    let mut changes = Vec::new();
    for place in places.iter().flat_map(|place| (place.start() / UNIT..place.end() / UNIT).map(|at| units(at, at + 1)))
    {
        strategy.bring_back(place);
        strategy.observe(place, &Outcome::complete(UNIT, 0.01), Duration::ZERO, &mut changes);
        strategy.came_back(place);
        assert_eq!(run(strategy, &SectorSet::new()), []);
    }
}

fn untried(map: &SectorMap) -> Vec<(u64, u64)> {
    map.runs(Status::NonTried).map(|run| (run.start() / UNIT, run.end() / UNIT)).collect()
}

#[test]
fn a_sweep_passes_over_what_lies_behind_a_place_and_reads_it_when_the_place_has_come() {
    let stuck: SectorSet = [units(100, 101)].into_iter().collect();
    let mut sweep = sweep(SectorMap::new(DISC, DISC * 2048), 0);
    assert_eq!(run(&mut sweep, &stuck).len(), 1);
    // The command was of two units, and the first skip is three.
    assert_eq!(untried(sweep.map()), [(100, 105)]);
    come(&mut sweep, &[units(100, 102)]);
    assert_eq!(untried(sweep.map()), []);
}

#[test]
fn places_at_which_runs_have_ended_are_left_the_further_the_more_they_are() {
    let mut skips = Vec::new();
    let mut ends = SectorSet::new();
    let (mut map, mut at) = (SectorMap::new(DISC, DISC * 2048), 100);
    map.set(units(0, 100), Status::Finished);
    for _ in 0..3 {
        ends.insert(units(at, at + 1));
        let mut domain = everything();
        ends.ranges().iter().for_each(|range| domain.remove(*range));
        let line = StatusLine { position: (at + 1) * UNIT * 2048, ..StatusLine::default() };
        let mut sweep = Sweep::new(map.clone(), Params::preset(Media::Bd), line, &domain).beside(ends.clone());
        let Step::Read { range, .. } = sweep.next(Duration::ZERO, Duration::ZERO) else { panic!("nothing to read") };
        skips.push(range.start() / UNIT - at - 1);
        at = range.start() / UNIT;
    }
    assert_eq!(skips, [3, 96, 160], "as far as the longest skip");
}

#[test]
fn a_stretch_is_left_soon_and_its_edges_are_found() {
    let stuck: SectorSet = [units(1000, 1800)].into_iter().collect();
    let mut sweep = sweep(SectorMap::new(DISC, DISC * 2048), 0);
    let swept = run(&mut sweep, &stuck);
    assert!(swept.len() < 14, "{swept:?}");
    let mut patch = patch(&sweep, &swept);
    let patched = run(&mut patch, &stuck);
    assert!(patched.len() < 20, "{patched:?}");
    assert_eq!(untried(patch.map()), [(1000, 1800)]);
}

#[test]
fn a_stretch_with_sound_units_in_it_is_read() {
    let stuck: SectorSet = (0..60).map(|i| units(1000 + 7 * i, 1002 + 7 * i)).collect();
    let mut sweep = sweep(SectorMap::new(DISC, DISC * 2048), 0);
    let swept = run(&mut sweep, &stuck);
    let mut patch = patch(&sweep, &swept);
    run(&mut patch, &stuck);
    let left = patch.map().totals().bytes(Status::NonTried) / 2048 / UNIT;
    assert!(left <= 180, "{left}: {:?}", untried(patch.map()));
}

#[test]
fn a_stretch_that_was_left_is_read_when_its_places_come() {
    let stuck: SectorSet = [units(1000, 1800)].into_iter().collect();
    let mut sweep = sweep(SectorMap::new(DISC, DISC * 2048), 0);
    let swept = run(&mut sweep, &stuck);
    let mut first = patch(&sweep, &swept);
    let mut aside = run(&mut first, &stuck);
    aside.extend(swept);
    assert_eq!(untried(first.map()), [(1000, 1800)]);
    // In the same run, and in another one.
    let mut second = patch(&sweep, &aside);
    for patch in [&mut first, &mut second] {
        run(patch, &SectorSet::new());
        come(patch, &aside);
        assert_eq!(untried(patch.map()), []);
    }
}

#[test]
fn a_place_at_which_a_run_has_ended_is_passed_over_no_more_when_it_has_come() {
    let mut map = SectorMap::new(DISC, DISC * 2048);
    map.set(units(0, 100), Status::Finished);
    let place = units(100, 101);
    let mut domain = everything();
    domain.remove(place);
    let mut sweep = Sweep::new(map, Params::preset(Media::Bd), StatusLine::default(), &domain);
    sweep = sweep.beside([place].into_iter().collect());
    let mut changes = Vec::new();
    sweep.bring_back(place);
    sweep.observe(place, &Outcome::complete(UNIT, 0.01), Duration::ZERO, &mut changes);
    sweep.came_back(place);
    run(&mut sweep, &SectorSet::new());
    assert_eq!(untried(sweep.map()), []);
}
