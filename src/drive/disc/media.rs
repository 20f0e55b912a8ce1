//! What is in the drive: kind of disc, size, and which part of it is data. Pure: answers in, facts out.

use crate::base::media::{CD_SECTORS_MAX, Media};
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::base::set::SectorSet;
use crate::scsi::answers::{Capacity, Toc};

/// Most sectors of one command: 128 KiB, whole ECC units of any disc.
const COMMAND_SECTORS: u64 = 64;

/// The same on CD, whose drives were built around transfers below 64 KiB.
const COMMAND_SECTORS_CD: u64 = 26;

/// Sectors of the pause between a data track and an audio track (ECMA-130: 2 s).
const TRACK_PAUSE: u64 = 150;

/// Sectors between the last track of a session and the first of the next one: lead-out, lead-in and pause.
const SESSION_GAP: u64 = 11_400;

/// The kind of disc that a profile stands for (MMC-6, GET CONFIGURATION); `None` when it stands for no disc that is
/// known here.
#[must_use]
pub(super) fn media_of_profile(profile: u16) -> Option<Media> {
    match profile {
        0x0008..=0x000A => Some(Media::Cd),
        0x0010..=0x001B | 0x002A | 0x002B => Some(Media::Dvd),
        0x0040..=0x0043 => Some(Media::Bd),
        _ => None,
    }
}

/// Whether a disc with this profile can hold space that was never written.
pub(in crate::drive) fn is_recordable(profile: u16) -> bool {
    matches!(profile, 0x0009 | 0x000A | 0x0011..=0x001B | 0x002A | 0x002B | 0x0041..=0x0043)
}

/// Most sectors of one command: whole ECC units, and what the way to the drive lets through.
pub(in crate::drive) fn command_sectors(media: Option<Media>, max_transfer: usize) -> u64 {
    let unit = media.map_or(1, Media::ecc_unit);
    let most = if media == Some(Media::Cd) { COMMAND_SECTORS_CD } else { COMMAND_SECTORS };
    let most = most.min((max_transfer / SECTOR_SIZE) as u64).max(1);
    if most >= unit { most - most % unit } else { most }
}

/// The size of a disc, and what a person should know about where it comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Size {
    pub(super) sectors: u64,
    pub(super) note: Option<String>,
}

/// Weighs READ CAPACITY against a second word: of a CD the lead-out of the table of contents, of a DVD the size by its
/// physical format information. `None` when neither can be believed.
///
/// 0 and FFFFFFFFh are what drives answer that do not know; 1FFFFFh is what stands for "unknown" elsewhere, and
/// beyond any CD. Where both are believable and differ, the smaller one counts when they differ by little (run-out
/// blocks at the end of a track cannot be read), READ CAPACITY otherwise.
pub(super) fn size(capacity: Option<Capacity>, media: Option<Media>, lead_out: Option<u32>) -> Option<Size> {
    let said = capacity.map(|c| c.last).filter(|last| !matches!(*last, 0 | u32::MAX)).map(|last| u64::from(last) + 1);
    let is_placeholder = |sectors| matches!(sectors, 0x1F_FFFF | 0x20_0000);
    let (most, place) = match media {
        Some(Media::Cd) => (CD_SECTORS_MAX, "the table of contents"),
        Some(Media::Dvd) => (u64::MAX, "its physical format information"),
        _ => (0, ""),
    };
    let lead_out = lead_out.map(u64::from).filter(|sectors| (1..=most).contains(sectors));
    let believable = said.filter(|s| media != Some(Media::Cd) || *s <= CD_SECTORS_MAX);
    let (sectors, note) = match (believable, lead_out) {
        (Some(said), Some(end)) if said == end => (said, None),
        // The format counts its data area, which a file system need not fill.
        (Some(said), Some(end)) if media == Some(Media::Dvd) && said < end && !is_placeholder(said) => (said, None),
        (Some(said), Some(end)) if is_placeholder(said) => {
            (end, Some(format!("the drive says {said} sectors, {place} {end}; taking {end}")))
        }
        (Some(said), Some(end)) => {
            let run_out = media == Some(Media::Cd) && said.abs_diff(end) <= 2 * TRACK_PAUSE;
            let sectors = if run_out { said.min(end) } else { said };
            (sectors, Some(format!("the drive says {said} sectors, {place} {end}; taking {sectors}")))
        }
        (None, Some(end)) => {
            let note = format!("the drive does not know the disc's size; taking {end} sectors from {place}");
            (end, Some(note))
        }
        (Some(said), None) if is_placeholder(said) => {
            (said, Some(format!("the drive says {said} sectors, which some drives say when they do not know")))
        }
        (Some(said), None) => (said, None),
        (None, None) => return None,
    };
    Some(Size { sectors, note })
}

/// The sectors of a CD that can be read as data: its data tracks, without the pauses before audio tracks and the gaps
/// between sessions. `last_session` is the first track of the last session.
pub(super) fn data_sectors(toc: &Toc, last_session: Option<u8>, sectors: u64) -> SectorSet {
    let ends = toc.tracks.iter().skip(1).map(Some).chain([None]);
    let data = toc.tracks.iter().zip(ends).filter(|(track, _)| track.data);
    data.map(|(track, next)| {
        let end = next.map_or(sectors, |next| {
            let gap = match next {
                next if last_session == Some(next.number) => SESSION_GAP,
                next if !next.data => TRACK_PAUSE,
                _ => 0,
            };
            u64::from(next.start).saturating_sub(gap).min(sectors)
        });
        SectorRange::new(track.start.into(), end)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scsi::answers::Track;
    use proptest::prelude::*;

    fn toc(tracks: &[(u32, bool)]) -> Toc {
        let tracks = (1..).zip(tracks).map(|(number, (start, data))| Track { number, data: *data, start: *start });
        Toc { tracks: tracks.collect(), lead_out: None }
    }

    fn said(last: u32) -> Option<Capacity> {
        Some(Capacity { last, block_bytes: 2048 })
    }

    #[test]
    fn commands_are_whole_units_within_the_limit() {
        let kib = 1024;
        assert_eq!(command_sectors(Some(Media::Bd), 128 * kib), 64);
        assert_eq!(command_sectors(Some(Media::Bd), 120 * kib), 32);
        assert_eq!(command_sectors(Some(Media::Dvd), 120 * kib), 48);
        assert_eq!(command_sectors(Some(Media::Cd), 1024 * kib), 26);
        assert_eq!(command_sectors(Some(Media::Bd), 32 * kib), 16);
        assert_eq!(command_sectors(None, 0), 1);
    }

    #[test]
    fn a_size_that_two_sources_agree_on_needs_no_note() {
        assert_eq!(size(said(999), Some(Media::Cd), Some(1000)), Some(Size { sectors: 1000, note: None }));
        assert_eq!(size(said(999), Some(Media::Bd), None), Some(Size { sectors: 1000, note: None }));
    }

    #[test]
    fn a_doubtful_size_is_told() {
        let sectors = |size: Option<Size>| size.map(|s| (s.sectors, s.note.is_some()));
        assert_eq!(sectors(size(said(999), Some(Media::Cd), Some(998))), Some((998, true)));
        assert_eq!(sectors(size(said(999), Some(Media::Cd), Some(90_000))), Some((1000, true)));
        assert_eq!(sectors(size(said(0x1F_FFFF), Some(Media::Cd), Some(5000))), Some((5000, true)));
        assert_eq!(sectors(size(said(0), Some(Media::Cd), Some(5000))), Some((5000, true)));
        assert_eq!(sectors(size(said(0x1F_FFFF), Some(Media::Dvd), None)), Some((0x20_0000, true)));
        assert_eq!(size(said(0), Some(Media::Dvd), None), None);
        assert_eq!(size(said(u32::MAX), Some(Media::Bd), None), None);
        assert_eq!(size(None, Some(Media::Cd), Some(0)), None);
    }

    #[test]
    fn a_data_disc_is_all_data() {
        let set = data_sectors(&toc(&[(0, true)]), Some(1), 1000);
        assert_eq!(set.ranges(), [SectorRange::new(0, 1000)]);
    }

    #[test]
    fn of_a_mixed_disc_the_data_is_left() {
        let set = data_sectors(&toc(&[(0, true), (5000, false), (9000, false)]), Some(1), 20_000);
        assert_eq!(set.ranges(), [SectorRange::new(0, 4850)]);
        let enhanced = data_sectors(&toc(&[(0, false), (5000, false), (30_000, true)]), Some(3), 40_000);
        assert_eq!(enhanced.ranges(), [SectorRange::new(30_000, 40_000)]);
        let sessions = data_sectors(&toc(&[(0, true), (30_000, true)]), Some(2), 40_000);
        assert_eq!(sessions.ranges(), [SectorRange::new(0, 18_600), SectorRange::new(30_000, 40_000)]);
        assert!(data_sectors(&toc(&[(0, false)]), None, 1000).is_empty());
    }

    proptest! {
        #[test]
        fn data_lies_on_the_disc(
            mut starts in prop::collection::vec((any::<u32>(), any::<bool>()), 0..20), session: u8, sectors in 0u64..1 << 33
        ) {
            starts.sort_unstable();
            let set = data_sectors(&toc(&starts), Some(session), sectors);
            prop_assert!(set.ranges().iter().all(|r| r.end() <= sectors.max(r.start())));
        }

        #[test]
        fn profiles_and_sizes_never_panic(profile: u16, last: u32, end: u32) {
            let media = media_of_profile(profile);
            let _ = size(said(last), media, Some(end));
            prop_assert!(command_sectors(media, last as usize) >= 1);
        }
    }
}
