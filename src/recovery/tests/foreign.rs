//! Maps and outcomes that these strategies did not make.

use std::time::Duration;

use proptest::prelude::*;

use super::disc::{Prefix, share};
use super::random::{damaged, params, scars, shape};
use super::rescue::Rescue;
use crate::base::media::Media;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::{Phase, Status, StatusLine};
use crate::recovery::{Limits, Params, Patch, Step, Strategy as Policy, Sweep};

fn line() -> impl Strategy<Value = StatusLine> {
    (prop_oneof![0u64..2_000_000, any::<u64>()], prop::sample::select(&Phase::ALL[..]), 0u32..9)
        .prop_map(|(position, phase, pass)| StatusLine { position, phase, pass })
}

/// Runs of any status, by share of the disc.
fn runs() -> impl Strategy<Value = Vec<(f64, u64, Status)>> {
    prop::collection::vec((0.0..1.0, 1u64..80, prop::sample::select(&Status::ALL[..])), 0..30)
}

fn draw(map: &mut SectorMap, sectors: u64, runs: &[(f64, u64, Status)]) {
    for (place, len, status) in runs {
        let start = share(*place, sectors);
        map.set(SectorRange::with_len(start, *len), *status);
    }
}

/// An outcome such as no source should give.
fn outcome() -> impl Strategy<Value = Outcome> {
    let fault = prop::sample::select(&[None, Some(Fault::Damage), Some(Fault::Blank), Some(Fault::NotReady)][..]);
    let sectors = prop_oneof![Just(0u64), 0u64..70, Just(u64::MAX)];
    (sectors, fault, any::<bool>(), prop::option::of(0u64..9000), 0.0..9.0).prop_map(
        |(sectors, fault, short, information, seconds)| Outcome {
            fault,
            short,
            information,
            ..Outcome::complete(sectors, seconds)
        },
    )
}

/// Commands until the strategy is done.
fn count(strategy: &mut dyn Policy, outcomes: &[Outcome], rest: Duration, limit: usize) -> usize {
    let (mut rest, full) = (Duration::ZERO, rest);
    let (mut now, mut changes, mut commands) = (Duration::ZERO, Vec::new(), 0);
    loop {
        match strategy.next(now, rest) {
            Step::Done => return commands,
            Step::Pause(wait) => {
                now += wait;
                rest = Duration::ZERO;
            }
            Step::Read { range, .. } => {
                let outcome = &outcomes[commands % outcomes.len()];
                now += Duration::from_secs_f64(outcome.seconds);
                // What is no word about the disc is set aside.
                match outcome.fault {
                    Some(Fault::NotReady) => strategy.set_aside(range),
                    _ => strategy.observe(range, outcome, now, &mut changes),
                }
                commands += 1;
                rest = if outcome.fault.is_some() { full } else { rest };
                assert!(commands <= limit, "no end in sight in {}", strategy.phase());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_map_is_brought_to_an_end(
        shape in shape(), scars in scars(&[0.0]), runs in runs(), line in line(), sweep in any::<bool>(),
    ) {
        let mut rescue = Rescue::new(damaged(shape, &scars, Prefix::Always), params(shape.0, shape.2));
        draw(&mut rescue.map, shape.1, &runs);
        // Inside the last pass a line says that what lies before it was asked for in that pass.
        let position = if line.pass == 2 { 0 } else { line.position };
        rescue.line = StatusLine { position, ..line };
        let before = rescue.map.clone();
        if sweep {
            prop_assert!(rescue.sweep(usize::MAX));
        }
        prop_assert!(rescue.patch(2, usize::MAX));
        rescue.check_everything_visited();
        prop_assert!(rescue.sound().intersect(&rescue.good()) == rescue.sound());
        for sector in 0..shape.1 {
            let (old, new) = (before.status(sector), rescue.map.status(sector));
            prop_assert_eq!(new == Status::Bad, old == Status::Bad && rescue.disc.chance(sector) < 1.0);
        }
    }

    #[test]
    fn any_outcomes_are_brought_to_an_end(
        shape in shape(), runs in runs(), line in line(), outcomes in prop::collection::vec(outcome(), 1..20),
        domain in prop::collection::vec((0u64..20_000, 0u64..5_000), 0..5), rest in 0u64..2,
    ) {
        let mut map = SectorMap::new(shape.1, shape.1 * 2048);
        draw(&mut map, shape.1, &runs);
        let params = params(shape.0, shape.2);
        let rest = Duration::from_secs(rest);
        let domain: SectorSet = domain.into_iter().map(|(start, len)| SectorRange::with_len(start, len)).collect();
        let sectors = shape.1 as usize;
        count(&mut Sweep::new(map.clone(), params.clone(), line, &domain), &outcomes, rest, 2 * sectors);
        count(&mut Patch::new(map, params, line, &domain, Limits::default()), &outcomes, rest, 3 * sectors + 3 * 3 * sectors);
    }
}

#[test]
fn blank_sectors_that_a_drive_does_not_name_are_found_while_it_wants_a_rest() {
    let all: SectorSet = [SectorRange::new(0, 2)].into_iter().collect();
    let (map, params, line) = (SectorMap::new(379, 379 * 2048), Params::preset(Media::Dvd), StatusLine::default());
    let mut sweep = Sweep::new(map.clone(), params.clone(), line, &all);
    let mut patch = Patch::new(map, params, line, &all, Limits::default());
    for strategy in [&mut sweep as &mut dyn Policy, &mut patch] {
        // Both together, then each.
        let commands = count(strategy, &[Outcome::failed(0, Fault::Blank, 0.0)], Duration::from_secs(1), 3);
        assert_eq!((commands, strategy.blank().len()), (3, 2));
    }
}

#[test]
fn discs_of_no_size_and_of_any_size_are_no_trouble() {
    let all: SectorSet = [SectorRange::new(0, u64::MAX)].into_iter().collect();
    let none = SectorMap::new(0, 0);
    let params = Params::preset(Media::Bd);
    assert_eq!(
        Sweep::new(none.clone(), params.clone(), StatusLine::default(), &all).next(Duration::ZERO, Duration::ZERO),
        Step::Done
    );
    assert_eq!(
        Patch::new(none, params.clone(), StatusLine::default(), &all, Limits::default())
            .next(Duration::ZERO, Duration::ZERO),
        Step::Done
    );

    let huge = SectorMap::new(u64::MAX / 2048, u64::MAX);
    let mut sweep = Sweep::new(huge.clone(), params.clone(), StatusLine::default(), &all);
    let limit = 3000;
    assert!(count(&mut sweep, &[Outcome::failed(0, Fault::Damage, 4.0)], Duration::ZERO, limit) < limit);
    let far = StatusLine { position: u64::MAX, ..StatusLine::default() };
    assert_eq!(Sweep::new(huge, params, far, &all).next(Duration::ZERO, Duration::ZERO), Step::Done);
}

#[test]
fn as_many_passes_as_there_are_numbers_end_when_nothing_is_missing() {
    let mut rescue = Rescue::new(damaged((16, 1600, 64), &[], Prefix::Always), params(16, 64));
    rescue.all(u32::MAX);
    assert_eq!(rescue.good(), rescue.sound());
}

#[test]
fn a_parameter_of_zero_is_no_trouble() {
    let mut params = Params::preset(Media::Dvd);
    params.unit = 0;
    params.max_sectors = 0;
    params.clean_sectors = 0;
    params.first_skip = 0;
    params.skip_growth = 0;
    params.skip_cap = 0;
    params.skip_decay = 0;
    params.partial_ratio = 0;
    params.rungs = 0;
    let all: SectorSet = [SectorRange::new(0, 200)].into_iter().collect();
    let map = SectorMap::new(200, 200 * 2048);
    let outcomes = [Outcome::failed(0, Fault::Damage, 1.0), Outcome::complete(1, 0.1)];
    count(&mut Sweep::new(map.clone(), params.clone(), StatusLine::default(), &all), &outcomes, Duration::ZERO, 200);
    count(
        &mut Patch::new(map, params, StatusLine::default(), &all, Limits::default()),
        &outcomes,
        Duration::ZERO,
        2000,
    );
}
