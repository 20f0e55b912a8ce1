//! What the surroundings of a unit say about it.

use super::super::chart::Chart;
use super::super::params::Params;
use super::super::terrain::Terrain;
use crate::base::media::Media;
use crate::base::sector::SectorRange;
use crate::base::set::SectorSet;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::Status;

/// A Blu-ray of 2000 units, all read well but these, which failed alone.
fn land(failed: impl IntoIterator<Item = u64>) -> (Chart, Terrain) {
    let params = Params::preset(Media::Bd);
    let mut map = SectorMap::new(2000 * 32, 2000 * 65536);
    map.set(SectorRange::new(0, 2000 * 32), Status::Finished);
    for unit in failed {
        map.set(SectorRange::with_len(unit * 32, 32), Status::NonScraped);
    }
    let all: SectorSet = [SectorRange::new(0, 2000 * 32)].into_iter().collect();
    let chart = Chart::new(map, &all);
    let terrain = Terrain::new(&params, &chart);
    (chart, terrain)
}

#[test]
fn the_rim_of_a_damage_is_not_made_better_by_the_sound_land_beside_it() {
    let (chart, land) = land((1000..1100).step_by(2));
    let (inside, rim) = (land.share(&chart, 1050), land.share(&chart, 1003));
    assert!((0.4..0.6).contains(&inside), "{inside}");
    assert!((0.4..0.6).contains(&rim), "{rim}");
}

#[test]
fn where_failures_lie_far_apart_long_sound_runs_count() {
    let (chart, land) = land((0..2000).step_by(40));
    let share = land.share(&chart, 1010);
    assert!((0.02..0.035).contains(&share), "{share}");
}

#[test]
fn far_from_all_failures_next_to_nothing_is_believed_to_fail() {
    let (chart, land) = land([10]);
    assert!(land.share(&chart, 1500) < 0.01);
}
