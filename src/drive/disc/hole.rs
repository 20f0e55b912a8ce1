//! The edges of a tract that holds no data, when a read inside the disc is answered with "no such sector" or "not in this
//! track". Pure: answers in, edges out.

use crate::base::sector::SectorRange;

/// Longest step at which the far edge is looked for, in sectors: shorter than the shortest track of a CD, which has 300
/// (ECMA-130: 4 s), so that none is stepped over.
const STEP_MAX: u64 = 256;

/// Of a larger disc no more places than this are asked; its tracks are longer.
const PLACES: u64 = 4096;

/// The tract without data around the first such sector of `range`, on a disc of `sectors`. Sectors right before `known`
/// are there, and `starts` are asked of themselves: tracks begin there. `is_absent` asks the drive about one sector,
/// `None` to end the search. `None` also when each sector of the range is there by itself.
pub(in crate::drive) fn search(
    range: SectorRange,
    sectors: u64,
    known: u64,
    starts: &[u64],
    mut is_absent: impl FnMut(u64) -> Option<bool>,
) -> Option<SectorRange> {
    let step_max = STEP_MAX.max(sectors / PLACES);
    let inside = first_absent(range, &mut is_absent)?;
    let floor = if known <= inside { known } else { 0 };
    let start = if inside > range.start() { inside } else { near_edge(inside, floor, step_max, &mut is_absent)? };
    let end = far_edge(inside, sectors, starts, step_max, &mut is_absent)?;
    Some(SectorRange::new(start, end))
}

/// The first sector of the range that is not there.
fn first_absent(range: SectorRange, is_absent: &mut impl FnMut(u64) -> Option<bool>) -> Option<u64> {
    if is_absent(range.start())? {
        return Some(range.start());
    }
    let last = range.end().checked_sub(1).filter(|last| *last > range.start())?;
    if is_absent(last)? {
        return edge(range.start(), last, is_absent);
    }
    for sector in range.start() + 1..last {
        if is_absent(sector)? {
            return Some(sector);
        }
    }
    None
}

/// From a sector that is not there back to the first such, not before `floor`.
fn near_edge(inside: u64, floor: u64, step_max: u64, is_absent: &mut impl FnMut(u64) -> Option<bool>) -> Option<u64> {
    let (mut at, mut step) = (inside, 1);
    while at > floor {
        let next = at.saturating_sub(step).max(floor);
        if !is_absent(next)? {
            return edge(next, at, is_absent);
        }
        (at, step) = (next, (step * 2).min(step_max));
    }
    Some(at)
}

/// From a sector that is not there on to the first behind it that is; `sectors` where there is none.
fn far_edge(
    inside: u64,
    sectors: u64,
    starts: &[u64],
    step_max: u64,
    is_absent: &mut impl FnMut(u64) -> Option<bool>,
) -> Option<u64> {
    let (mut at, mut step) = (inside, 1);
    while at + 1 < sectors {
        let stride = (at + step).min(sectors - 1);
        let next = starts.iter().copied().filter(|start| (at + 1..stride).contains(start)).min().unwrap_or(stride);
        if !is_absent(next)? {
            return edge_down(at, next, is_absent);
        }
        (at, step) = (next, (step * 2).min(step_max));
    }
    Some(sectors)
}

/// The first absent sector between one that is there and one that is not.
fn edge(mut there: u64, mut absent: u64, is_absent: &mut impl FnMut(u64) -> Option<bool>) -> Option<u64> {
    while absent - there > 1 {
        let middle = there + (absent - there) / 2;
        if is_absent(middle)? { absent = middle } else { there = middle }
    }
    Some(absent)
}

/// The first sector that is there between one that is not and one that is.
fn edge_down(mut absent: u64, mut there: u64, is_absent: &mut impl FnMut(u64) -> Option<bool>) -> Option<u64> {
    while there - absent > 1 {
        let middle = absent + (there - absent) / 2;
        if is_absent(middle)? { absent = middle } else { there = middle }
    }
    Some(there)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn edges_are_found_wherever_they_lie(
            start in 0u64..3000, len in 1u64..6000, before in 0u64..64, asked in 1u64..64, behind in 300u64..3000,
        ) {
            let tract = SectorRange::with_len(start, len);
            let sectors = tract.end() + behind;
            // A second one behind a track of legal length is not taken for the same.
            let is_absent = |sector: u64| tract.contains(sector) || sector >= sectors;
            let from = start.saturating_sub(before);
            let range = SectorRange::new(from, (from + before.min(start) + asked).min(sectors));
            let found = search(range, sectors + 500, start / 2, &[], |sector| Some(is_absent(sector)));
            prop_assert_eq!(found, Some(tract));
        }

        #[test]
        fn a_patch_that_lands_in_the_middle_finds_both_edges(start in 0u64..3000, len in 1u64..6000, at in 0u64..6000) {
            let tract = SectorRange::with_len(start, len);
            let at = start + at % len;
            let range = SectorRange::with_len(at, 16);
            let found = search(range, 20_000, 0, &[], |sector| Some(tract.contains(sector)));
            prop_assert_eq!(found, Some(tract));
        }
    }

    #[test]
    fn a_track_that_begins_inside_is_not_stepped_over() {
        let is_absent = |sector: u64| (1000..900_000).contains(&sector) && sector != 500_000;
        let found = search(SectorRange::new(990, 1010), 12_000_000, 0, &[500_000], |sector| Some(is_absent(sector)));
        assert_eq!(found, Some(SectorRange::new(1000, 500_000)));
    }

    #[test]
    fn to_the_end_and_without_leave_to_look() {
        let range = SectorRange::new(90, 100);
        assert_eq!(search(range, 100, 0, &[], |sector| Some(sector >= 95)), Some(SectorRange::new(95, 100)));
        assert_eq!(search(range, 1000, 0, &[], |_| Some(false)), None);
        assert_eq!(search(range, 1000, 0, &[], |_| None), None);
        let mut asked = 0;
        let _ = search(range, 12_000_000, 0, &[], |_| {
            asked += 1;
            Some(true)
        });
        assert!(asked < 5000, "{asked} places of a disc without data");
        for len in 1..70 {
            let mut asked = Vec::new();
            let _ = search(SectorRange::with_len(90, len), 1000, 0, &[], |sector| {
                asked.push(sector);
                Some(false)
            });
            let all: Vec<u64> = (90..90 + len).collect();
            asked.sort_unstable();
            assert_eq!(asked, all, "each sector once");
        }
    }
}
