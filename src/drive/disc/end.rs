//! Where the disc really ends, when a read inside it is answered with "out of range". Pure: answers in, ends out.

use crate::base::media::Media;
use crate::base::outcome::Fault;
use crate::base::sector::SectorRange;

/// Run-out blocks at the end of a track that was written at once (MMC-6, 4.2.3.8): they are counted and hold nothing.
const RUN_OUT: u64 = 2;

/// Profiles of recordable CDs (MMC-6, GET CONFIGURATION): CD-R and CD-RW.
const RECORDABLE_CD: [u16; 2] = [0x0009, 0x000A];

/// The first sector that is not there, found by halving, on a disc of `sectors` of which a read of `range` was out of
/// range; what lies before `known` is there. `is_beyond` asks the drive about one sector, `None` to end the search.
/// Three places must agree that there is an end.
pub(in crate::drive) fn search(
    range: SectorRange,
    sectors: u64,
    known: u64,
    mut is_beyond: impl FnMut(u64) -> Option<bool>,
) -> Option<u64> {
    let last = sectors.checked_sub(1)?;
    if !is_beyond(last)? {
        return None;
    }
    // Below `there` is disc, from `beyond` on is none.
    let (mut there, mut beyond) = if is_beyond(range.start())? {
        (if known <= range.start() { known } else { 0 }, range.start())
    } else {
        (range.start() + 1, range.end().min(last))
    };
    while there < beyond {
        let middle = there + (beyond - there) / 2;
        if is_beyond(middle)? { beyond = middle } else { there = middle + 1 }
    }
    (there == beyond && beyond > 0).then_some(beyond)
}

/// Of a failed read of `range`, the sector from which on it met run-out blocks, which hold none of the disc's data;
/// `None` when it met none. `disc_sectors` is the size that the drive told.
pub(in crate::drive) fn run_out(
    profile: u16,
    media: Option<Media>,
    disc_sectors: u64,
    range: SectorRange,
    fault: Option<Fault>,
) -> Option<u64> {
    let edge = disc_sectors.saturating_sub(RUN_OUT);
    let failed = matches!(fault, Some(Fault::Damage | Fault::WrongTrack | Fault::OutOfRange));
    let recordable = RECORDABLE_CD.contains(&profile) && media == Some(Media::Cd);
    (failed && recordable && range.end() > edge).then_some(edge.max(range.start()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_end_is_found_wherever_it_lies(
            end in 1u64..5000, more in 1u64..5000, before in 0u64..64, len in 1u64..64,
        ) {
            let start = end.saturating_sub(before);
            let range = SectorRange::new(start, (end + len).min(end + more));
            let found = search(range, end + more, start / 2, |sector| Some(sector >= end));
            prop_assert_eq!(found, Some(end));
        }
    }

    #[test]
    fn without_an_end_or_leave_to_look_none_is_found() {
        let range = SectorRange::new(10, 20);
        assert_eq!(search(range, 100, 0, |_| Some(false)), None);
        assert_eq!(search(range, 100, 0, |_| None), None);
        assert_eq!(search(range, 100, 0, |sector| (sector == 99).then_some(true)), None);
        assert_eq!(search(range, 0, 0, |_| Some(true)), None);
        assert_eq!(search(range, 100, 0, |_| Some(true)), None, "a disc of nothing");
    }

    #[test]
    fn run_out_blocks_are_the_last_two_of_a_recordable_cd() {
        let of =
            |profile, start, end, fault| run_out(profile, Some(Media::Cd), 100, SectorRange::new(start, end), fault);
        assert_eq!(of(0x0009, 90, 100, Some(Fault::Damage)), Some(98));
        assert_eq!(of(0x000A, 99, 100, Some(Fault::OutOfRange)), Some(99));
        assert_eq!(of(0x0009, 90, 98, Some(Fault::Damage)), None);
        assert_eq!(of(0x0009, 90, 100, None), None);
        assert_eq!(of(0x0008, 90, 100, Some(Fault::Damage)), None, "a pressed CD has none");
    }
}
