//! What the surroundings of a unit say about it.

use crate::base::media::Media;
use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::Status;
use crate::recovery::model::failure_rate::FailureRates;
use crate::recovery::model::map_view::MapView;
use crate::recovery::params::Params;

/// A Blu-ray of 2000 units, all read well but these, which failed alone.
fn rates(failed: impl IntoIterator<Item = u64>) -> (MapView, FailureRates) {
    let params = Params::preset(Media::Bd);
    let mut map = SectorMap::new(2000 * 32, 2000 * 65536);
    map.set(SectorRange::new(0, 2000 * 32), Status::Finished);
    for unit in failed {
        map.set(SectorRange::with_len(unit * 32, 32), Status::NonScraped);
    }
    let all: SectorSet = [SectorRange::new(0, 2000 * 32)].into_iter().collect();
    let view = MapView::new(map, &all, &params);
    let rates = FailureRates::new(&params, &view);
    (view, rates)
}

#[test]
fn the_rim_of_a_damage_is_not_made_better_by_the_sound_land_beside_it() {
    let (view, rates) = rates((1000..1100).step_by(2));
    let (inside, rim) = (rates.around(&view, 1050), rates.around(&view, 1003));
    assert!((0.4..0.6).contains(&inside), "{inside}");
    assert!((0.4..0.6).contains(&rim), "{rim}");
}

#[test]
fn where_failures_lie_far_apart_long_sound_runs_count() {
    let (view, rates) = rates((0..2000).step_by(40));
    let rate = rates.around(&view, 1010);
    assert!((0.02..0.035).contains(&rate), "{rate}");
}

#[test]
fn far_from_all_failures_next_to_nothing_is_believed_to_fail() {
    let (view, rates) = rates([10]);
    assert!(rates.around(&view, 1500) < 0.01);
}
