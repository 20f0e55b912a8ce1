//! A drive that wants a rest when many commands failed in a short time.

use proptest::prelude::*;

use super::disc::{Disc, Prefix};
use super::random::{damaged, params, scars, shape};
use super::rescue::{Rescue, WINDOW};
use crate::mapfile::status::Status;

const UNIT: u64 = 16;

/// A disc of 10,000 units, these dead, in a drive that fails at once.
fn disc(dead: impl IntoIterator<Item = usize>) -> Rescue {
    let mut disc = Disc::new(UNIT, 10_000 * UNIT);
    dead.into_iter().for_each(|unit| disc.units[unit] = 0.0);
    disc.costs.failure = 0.05;
    let mut params = params(UNIT, 64);
    params.near_damage = 32 * UNIT;
    let mut rescue = Rescue::new(disc, params);
    rescue.wants_rest = true;
    rescue
}

/// Failures that came too soon after six others.
fn too_soon(rescue: &Rescue) -> usize {
    rescue.failures.windows(7).filter(|seven| seven[6] - seven[0] < WINDOW).count()
}

#[test]
fn a_sweep_reads_elsewhere_while_the_drive_wants_a_rest() {
    let mut rescue = disc((1000..2000).step_by(3));
    assert!(rescue.sweep(usize::MAX));
    assert_eq!(rescue.pauses.len(), 0);
    // It leaves the damage by long skips; the next place may be damaged, too.
    assert!(rescue.failures.len() > 6 && too_soon(&rescue) <= 2, "{}", too_soon(&rescue));
}

#[test]
fn a_patch_pauses_only_when_no_sound_gap_is_left() {
    let mut rescue = disc((1000..2000).step_by(3));
    rescue.sweep(300);
    rescue.pauses.clear();
    rescue.patch(1, usize::MAX);
    rescue.check_everything_visited();
    assert!(rescue.failed_in_rest <= 6, "{}", rescue.failed_in_rest);
    // Most of the disc is still to be read, and it comes before the first pause.
    let sound = rescue.commands.iter().filter(|c| c.range.start() / UNIT > 2600).map(|c| c.ended).max();
    assert!(sound < rescue.pauses.first().copied(), "gaps far from damage come first");
}

#[test]
fn a_drive_that_has_nothing_sound_left_is_left_alone() {
    let mut rescue = disc(0..10_000);
    rescue.thorough = false;
    assert!(rescue.sweep(usize::MAX) && rescue.patch(1, usize::MAX));
    assert!(!rescue.pauses.is_empty());
    assert!(rescue.map.next(Status::Finished, 0).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn a_drive_that_wants_rest_gives_as_much_as_one_that_does_not(
        shape in shape(), scars in scars(&[0.0]), failure in 0.0..2.0, stops in prop::collection::vec(1usize..200, 0..6),
    ) {
        let mut disc = damaged(shape, &scars, Prefix::Always);
        disc.costs.failure = failure;
        let mut rescue = Rescue::new(disc, params(shape.0, shape.2));
        rescue.wants_rest = true;
        let mut stops = stops.into_iter();
        while !rescue.sweep(stops.next().unwrap_or(usize::MAX)) {}
        while !rescue.patch(2, stops.next().unwrap_or(usize::MAX)) {}
        rescue.check_everything_visited();
        prop_assert_eq!(rescue.good(), rescue.sound());
        prop_assert!(too_soon(&rescue) <= rescue.failed_in_rest);
    }
}
