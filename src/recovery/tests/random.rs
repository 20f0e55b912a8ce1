//! Thousands of random discs.

use proptest::prelude::*;

use super::disc::{Disc, Prefix, share};
use super::rescue::Rescue;
use crate::base::media::Media;
use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;
use crate::mapfile::status::Status;
use crate::recovery::Params;

/// A piece of damage: where it begins (share of the disc), how many units, every how many.
#[derive(Clone, Debug)]
pub(super) struct Scar {
    pub(super) place: f64,
    pub(super) units: u64,
    pub(super) period: u64,
    pub(super) chance: f64,
}

pub(super) fn scars(chances: &'static [f64]) -> impl Strategy<Value = Vec<Scar>> {
    let scar =
        (0.0..1.0, prop_oneof![1u64..4, 4u64..60], prop_oneof![Just(1u64), 2u64..6], prop::sample::select(chances))
            .prop_map(|(place, units, period, chance)| Scar { place, units, period, chance });
    prop::collection::vec(scar, 0..8)
}

fn prefix() -> impl Strategy<Value = Prefix> {
    prop::sample::select(&[Prefix::Always, Prefix::Never, Prefix::Sometimes][..])
}

/// The ECC unit, the size of the disc and the longest command of the source, in sectors.
pub(super) fn shape() -> impl Strategy<Value = (u64, u64, u64)> {
    let unit = prop::sample::select(&[1u64, 4, 16, 32][..]);
    let max = prop_oneof![6 => Just(64u64), 3 => Just(60), 1 => prop::sample::select(&[8u64, 1][..])];
    (unit, 1u64..250, 0u64..32, max).prop_map(|(unit, units, odd, max)| (unit, units * unit.min(8) + odd, max))
}

pub(super) fn params(unit: u64, max: u64) -> Params {
    let media = if unit == 1 { Media::Cd } else { Media::Dvd };
    let mut params = Params::preset(media).with_unit(unit).for_source(max);
    params.near_damage = 4 * unit;
    (params.skip_growth, params.skip_cap) = (4, 50);
    params
}

pub(super) fn damaged((unit, sectors, _): (u64, u64, u64), scars: &[Scar], prefix: Prefix) -> Disc {
    let mut disc = Disc::new(unit, sectors);
    disc.prefix = prefix;
    for scar in scars {
        let first = share(scar.place, disc.units.len() as u64) as usize;
        for i in 0..scar.units {
            if let Some(chance) = disc.units.get_mut(first + (i * scar.period) as usize) {
                *chance = scar.chance;
            }
        }
    }
    disc
}

/// The whole disc, or some of it.
pub(super) fn domain() -> impl Strategy<Value = Option<Vec<(f64, f64)>>> {
    prop::option::weighted(0.3, prop::collection::vec((0.0..1.0, 0.0..0.4), 1..5))
}

fn limit(rescue: &mut Rescue, domain: Option<Vec<(f64, f64)>>) {
    if let Some(parts) = domain {
        let sectors = rescue.disc.len();
        let range = |(start, len): (f64, f64)| SectorRange::with_len(share(start, sectors), 1 + share(len, sectors));
        let disc = SectorRange::new(0, rescue.disc.len());
        rescue.domain = parts.into_iter().map(|part| range(part).intersect(disc)).collect();
    }
}

/// Sectors of a disc with its units, and the longest command.
type Shape = (u64, u64, u64);

fn costs_little(shape: Shape, scars: &[Scar], prefix: Prefix, domain: Option<Vec<(f64, f64)>>, passes: u32) {
    let mut rescue = Rescue::new(damaged(shape, scars, prefix), params(shape.0, shape.2));
    limit(&mut rescue, domain);
    rescue.all(passes);
    rescue.check_everything_visited();
    assert_eq!(rescue.good(), rescue.sound());
    assert!(rescue.commands.len() <= rescue.command_bound(passes));
    // In a long command, once more when what came of that did not tell where, alone, and once a pass; more only where one unit
    // takes several commands: cut by the source's limit, or by the edges of the domain.
    let cuts = shape.0.div_ceil(shape.2) as usize + rescue.domain.ranges().len() - 1;
    assert!(rescue.failures.len() <= (3 + passes as usize) * rescue.bad_units() * cuts, "{:?}", rescue.failures);
    let outside: SectorSet = rescue.map.iter().filter(|(_, s)| *s == Status::NonTried).map(|(r, _)| r).collect();
    assert!(outside.intersect(&rescue.domain).is_empty());
}

#[test]
fn single_dead_sectors_of_a_cd_cost_little_where_prefixes_come_at_times() {
    let scar = |place| Scar { place, units: 1, period: 1, chance: 0.0 };
    let scars = [scar(0.061_414_437_600_774_22), scar(0.953_957_819_778_138_1)];
    costs_little((1, 181, 64), &scars, Prefix::Sometimes, None, 1);
}

/// A rescue of a disc of which sectors were never written: their start as a share of the disc, their units, and the
/// sectors by which their edges miss those of units.
fn with_blank(mut disc: Disc, shape: Shape, blank: (f64, u64), edges: (u64, u64)) -> Rescue {
    let all = SectorRange::new(0, shape.1);
    let written = share(blank.0, shape.1);
    // Nobody promises that what was never written ends with a unit.
    let (start, len) = (written - written % shape.0 + edges.0 % shape.0, blank.1 * shape.0 + edges.1 % shape.0);
    disc.blank.insert(SectorRange::with_len(start, len).intersect(all));
    let mut rescue = Rescue::new(disc, params(shape.0, shape.2));
    rescue.all(2);
    rescue.check_everything_visited();
    assert_eq!(rescue.good(), rescue.sound());
    // Beside damage in the same unit a blank sector may be taken for damage, never the other way round.
    assert_eq!(&rescue.blank.intersect(&rescue.disc.blank), &rescue.blank);
    rescue
}

#[test]
fn damage_beside_blank_sectors_in_one_unit_is_never_called_blank() {
    let scar = Scar { place: 0.959_724_296_898_418, units: 1, period: 1, chance: 0.0 };
    let disc = damaged((32, 352, 64), &[scar], Prefix::Always);
    with_blank(disc, (32, 352, 64), (0.935_429_319_702_244_6, 1), (1, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn static_damage_by_unit_costs_little_more_than_its_units(
        shape in shape(), scars in scars(&[0.0]), prefix in prefix(), domain in domain(), passes in 1u32..4,
    ) {
        costs_little(shape, &scars, prefix, domain, passes);
    }

    #[test]
    fn a_chance_is_used_in_every_pass_and_never_believed_too_early(
        shape in shape(), scars in scars(&[0.0, 0.2, 0.6, 0.95]), prefix in prefix(), passes in 1u32..4,
    ) {
        let mut rescue = Rescue::new(damaged(shape, &scars, prefix), params(shape.0, shape.2));
        rescue.all(passes);
        rescue.check_everything_visited();
        prop_assert!(rescue.sound().intersect(&rescue.good()) == rescue.sound());
        prop_assert!(rescue.commands.len() <= rescue.command_bound(passes));
        for (unit, attempts) in rescue.disc.attempts.iter().enumerate() {
            let start = unit as u64 * shape.0;
            let missing = (start..(start + shape.0).min(shape.1)).any(|s| rescue.map.status(s) != Status::Finished);
            // One retry less where a long command is taken to have failed on the unit.
            prop_assert!(!missing || *attempts >= passes.max(2), "unit {} was asked {} times only", unit, attempts);
        }
    }

    #[test]
    fn a_stop_anywhere_and_a_new_start_end_at_the_same_set(
        shape in shape(), scars in scars(&[0.0]), prefix in prefix(), domain in domain(),
        stops in prop::collection::vec(1usize..200, 0..6), passes in 1u32..4,
    ) {
        let mut whole = Rescue::new(damaged(shape, &scars, prefix), params(shape.0, shape.2));
        limit(&mut whole, domain);
        let mut broken = whole.clone();
        whole.all(passes);
        let mut stops = stops.into_iter();
        while !broken.sweep(stops.next().unwrap_or(usize::MAX)) {}
        while !broken.patch(passes, stops.next().unwrap_or(usize::MAX)) {}
        prop_assert_eq!(broken.good(), whole.good());
        prop_assert_eq!(broken.map.totals().missing_bytes(), whole.map.totals().missing_bytes());
        prop_assert_eq!(broken.line, whole.line);
    }

    #[test]
    fn a_patch_alone_finds_everything_too(
        shape in shape(), scars in scars(&[0.0]), prefix in prefix(), swept in 0usize..100,
    ) {
        let mut rescue = Rescue::new(damaged(shape, &scars, prefix), params(shape.0, shape.2));
        rescue.sweep(swept);
        prop_assert!(rescue.patch(1, usize::MAX));
        rescue.check_everything_visited();
        prop_assert_eq!(rescue.good(), rescue.sound());
    }

    #[test]
    fn blank_sectors_are_asked_for_once_and_left(
        shape in shape(), scars in scars(&[0.0]), prefix in prefix(), blank in (0.0..1.0, 1u64..200),
        names in any::<bool>(), edges in (0u64..16, 0u64..16),
    ) {
        let mut disc = damaged(shape, &scars, prefix);
        disc.names = names;
        let rescue = with_blank(disc, shape, blank, edges);
        prop_assert!(!scars.is_empty() || rescue.blank == rescue.disc.blank);
    }
}
