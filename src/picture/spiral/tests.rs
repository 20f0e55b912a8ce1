use super::*;
use crate::base::media::Media;
use crate::mapfile::text::parse;

const DVD: u64 = 2_298_496;

/// The map of a disc on which the units fail that lie at these places.
fn map(sectors: u64, unit: u64, fails: impl Fn(u64) -> bool) -> MapText {
    let mut text = String::from("0 + 1\n");
    let mut start = 0;
    let mut add =
        |start: u64, end: u64, symbol| text += &format!("{} {} {symbol}\n", start * 2048, (end - start) * 2048);
    for unit_start in (0..sectors).step_by(usize::try_from(unit).unwrap()).filter(|at| fails(*at)) {
        if start < unit_start {
            add(start, unit_start, '+');
        }
        start = (unit_start + unit).min(sectors);
        add(unit_start, start, '-');
    }
    if start < sectors {
        add(start, sectors, '+');
    }
    parse(text.as_bytes(), None).unwrap()
}

#[test]
fn every_turn_of_the_data_area_is_counted() {
    for (sectors, layers) in [(DVD, 1), (DVD / 3, 1), (4_000_000, 2), (30_000_000, 2), (400, 1)] {
        let disc = Disc::new(sectors, None, None);
        let spiral = Spiral::new(&map(sectors, 1 << 40, |_| false), &disc, 50, 360);
        assert_eq!(spiral.layers.len(), layers);
        for (grid, layer) in spiral.layers.iter().zip(&disc.layers) {
            let told: u64 = (0..50).flat_map(|ring| grid.ring(ring)).map(Share::total).sum();
            let turns = layer.turns(layer.sectors as f64) * 360.0;
            // Two ends that are rounded up to a slice.
            assert!(told as f64 >= turns.floor() && told as f64 <= turns + 3.0, "{sectors}: {told} of {turns}");
        }
    }
}

/// The unit that a straight scratch at a quarter of a turn hits, in every turn of a tenth of the disc.
#[test]
fn a_scratch_across_the_tracks_is_an_arm() {
    let disc = Disc::new(DVD, Some(Media::Dvd), None);
    let layer = disc.layers[0];
    let hit = |start: u64| {
        let [from, to] = [start, start + 16].map(|sector| layer.turns(sector as f64));
        let is_hit = (to - 0.25).floor() > (from - 0.25).floor();
        is_hit && (0.5..0.6).contains(&(start as f64 / DVD as f64))
    };
    let spiral = Spiral::new(&map(DVD, 16, hit), &disc, 100, 360);
    let grid = &spiral.layers[0];
    let middle = layer.radius(DVD as f64 * 0.55);
    let ring = (0..100).rev().find(|ring| grid.radius(*ring) <= middle).unwrap();
    let failed: Vec<f64> = grid.ring(ring).iter().map(Share::failed).collect();
    assert!(failed[90] > 0.95, "all turns fail where the scratch is: {}", failed[90]);
    assert!(failed[270] < 0.05 && failed[0] < 0.35 && failed[180] < 0.35, "{failed:?}");
    // Inside and outside of it nothing fails.
    assert!([5, 95].iter().all(|ring| grid.ring(*ring).iter().all(|share| share.failed() == 0.0)));
}

#[test]
fn a_band_is_a_ring_and_the_second_layer_lies_behind_the_first() {
    let sectors = 4_000_000;
    // Both ends of the disc: the inner edge of either layer.
    let at_ends = |start: u64| !(100_000..sectors - 100_000).contains(&start);
    let spiral = Spiral::new(&map(sectors, 20_000, at_ends), &Disc::new(sectors, None, None), 34, 90);
    for grid in &spiral.layers {
        assert!(grid.ring(0).iter().all(|share| share.shown() == Some(Kind::Bad)));
        assert!(grid.ring(20).iter().all(|share| share.shown() == Some(Kind::Rescued)));
        assert_eq!(grid.at(0.0, -25.0).and_then(Share::shown), Some(Kind::Bad));
        assert_eq!(grid.at(0.0, 45.0).and_then(Share::shown), Some(Kind::Rescued));
        assert!(grid.at(0.0, 10.0).is_none() && grid.at(70.0, 0.0).is_none());
    }
}

#[test]
fn the_largest_map_is_drawn_like_any_other() {
    let text = parse(b"0 + 1\n0 0x7ffffffffffffffe -\n", None).unwrap();
    for media in [Media::Cd, Media::Dvd, Media::Bd] {
        let disc = Disc::new(text.end().div_ceil(SECTOR_BYTES), Some(media), None);
        let spiral = Spiral::new(&text, &disc, 8, 16);
        assert!(spiral.layers.iter().all(|grid| grid.ring(4).iter().all(|share| share.shown() == Some(Kind::Bad))));
    }
}

/// A disc that is wound one per cent closer than the nominal figures say: the scratch is an arm all the same.
#[test]
fn a_scratch_is_an_arm_however_the_disc_is_wound() {
    let disc = Disc::new(DVD, Some(Media::Dvd), None);
    let layer = disc.layers[0];
    let hit = |start: u64| {
        let [from, to] = [start, start + 16].map(|sector| layer.turns(sector as f64) * 1.01);
        (0.5..0.55).contains(&(start as f64 / DVD as f64)) && (to - 0.25).floor() > (from - 0.25).floor()
    };
    let spiral = Spiral::new(&map(DVD, 16, hit), &disc, 100, 360);
    let grid = &spiral.layers[0];
    let middle = layer.radius(DVD as f64 * 0.525);
    let ring = (0..100).rev().find(|ring| grid.radius(*ring) <= middle).unwrap();
    let mut failed: Vec<f64> = grid.ring(ring).iter().map(Share::failed).collect();
    failed.sort_by(f64::total_cmp);
    assert!(failed[0] < 0.1 && failed[359] > 0.9, "{failed:?}");
}
