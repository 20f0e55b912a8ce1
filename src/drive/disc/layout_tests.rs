use super::*;

use crate::base::sector::tract::Tract;
use proptest::prelude::*;

fn toc(tracks: &[(u32, bool)]) -> Toc {
    let tracks = (1..).zip(tracks).map(|(number, (start, data))| Track { number, data: *data, start: *start });
    Toc { tracks: tracks.collect(), lead_out: None }
}

fn range(start: u64, end: u64) -> SectorRange {
    SectorRange::new(start, end)
}

fn tract(start: u64, end: u64, kind: TractKind) -> Tract {
    Tract { range: range(start, end), kind }
}

fn of(tracks: &[(u32, bool)], last: Option<(u8, u8)>, sectors: u64) -> Layout {
    let last = last.map(|(sessions, track)| LastSession { sessions, track });
    layout(of_toc(&toc(tracks), last, sectors))
}

#[test]
fn a_data_disc_is_all_data() {
    let found = of(&[(0, true)], Some((1, 1)), 1000);
    assert_eq!((found.data.ranges(), found.sessions), (&[range(0, 1000)][..], vec![0]));
    assert!(found.left_out.is_empty());
}

#[test]
fn of_a_mixed_disc_the_data_is_left() {
    use TractKind::{Audio, SessionGap};
    let mixed = of(&[(0, true), (5000, false), (9000, false)], Some((1, 1)), 20_000);
    assert_eq!(mixed.data.ranges(), [range(0, 4850)]);
    assert_eq!(mixed.left_out.tracts(), [tract(4850, 20_000, Audio)]);
    let extra = of(&[(0, false), (5000, false), (30_000, true)], Some((2, 3)), 40_000);
    assert_eq!((extra.data.ranges(), extra.sessions), (&[range(30_000, 40_000)][..], vec![30_000]));
    assert_eq!(extra.left_out.tracts(), [tract(0, 18_600, Audio), tract(18_600, 30_000, SessionGap)]);
    let sessions = of(&[(0, true), (30_000, true)], Some((2, 2)), 40_000);
    assert_eq!(sessions.data.ranges(), [range(0, 18_600), range(30_000, 40_000)]);
    assert_eq!(sessions.sessions, [0, 30_000]);
    let third = of(&[(0, true), (16_400, true), (30_000, true)], Some((3, 3)), 40_000);
    assert_eq!(third.data.ranges(), [range(0, 23_100), range(30_000, 40_000)], "the other gap is for reads to find");
    let told_nothing = of(&[(0, true), (16_400, true)], None, 20_000);
    assert_eq!((told_nothing.data.len(), told_nothing.starts), (20_000, vec![0, 16_400]));
    assert!(of(&[(0, false)], None, 1000).data.is_empty());
}

#[test]
fn a_full_table_of_contents_knows_every_gap() {
    let session = |number, starts: &[u32], lead_out| Session {
        number,
        lead_out,
        tracks: (1..).zip(starts).map(|(number, start)| Track { number, data: true, start: *start }).collect(),
        ..Session::default()
    };
    let sessions =
        [session(1, &[0], Some(5000)), session(2, &[16_400], Some(20_000)), session(3, &[26_750], Some(28_000))];
    let found = layout(of_sessions(&sessions, 28_100));
    assert_eq!(found.data.ranges(), [range(0, 5000), range(16_400, 20_000), range(26_750, 28_100)]);
    assert_eq!(found.left_out.sectors().ranges(), [range(5000, 16_400), range(20_000, 26_750)]);
    assert_eq!(found.sessions, [0, 16_400, 26_750]);
    // A lead-out that cannot be.
    let wrong = [session(1, &[0], Some(16_500)), session(2, &[16_400], None)];
    assert_eq!(layout(of_sessions(&wrong, 20_000)).data.ranges(), [range(0, 5000), range(16_400, 20_000)]);
    // A track behind the end that reads tell: it is missing, and no tract.
    let beyond = [session(1, &[0], Some(5000)), session(2, &[16_400], Some(20_000))];
    assert_eq!(layout(of_sessions(&beyond, 10_000)).data.ranges(), [range(0, 5000), range(16_400, 20_000)]);
}

#[test]
fn tracks_of_a_recordable_disc_are_data_as_far_as_they_were_written() {
    let track =
        |session, start, size, unwritten_from| TrackInformation { session, start, size, data: true, unwritten_from };
    let tracks = [track(1, 0, 5000, None), track(2, 9000, 4000, Some(9500)), track(3, 20_000, 0, None)];
    let found = layout(of_tracks(&tracks, 9500, Some(Media::Dvd)));
    assert_eq!(found.data.ranges(), [range(0, 5000), range(9000, 9500)]);
    assert_eq!(found.left_out.tracts(), [tract(5000, 9000, TractKind::SessionGap)]);
    assert_eq!(found.sessions, [0, 9000]);
}

#[test]
fn whatever_track_mode_a_dvd_is_said_to_have_its_tracks_are_data() {
    let track = |session, start, data| TrackInformation { session, start, size: 5000, data, unwritten_from: None };
    let tracks = [track(1, 0, false), track(2, 9000, false)];
    for media in [Media::Dvd, Media::Bd, Media::Uhd] {
        let found = layout(of_tracks(&tracks, 14_000, Some(media)));
        assert_eq!((found.data.ranges(), found.sessions.len()), (&[range(0, 5000), range(9000, 14_000)][..], 2));
    }
    for media in [Some(Media::Cd), None] {
        assert!(layout(of_tracks(&tracks, 14_000, media)).data.is_empty(), "a CD has tracks of sound");
    }
}

#[test]
fn a_tract_that_reads_find_is_told_by_the_tracks_around_it() {
    assert_eq!(kind_of(range(1274, 20_000), &[0, 1274, 12_000], false), TractKind::Form2);
    assert_eq!(kind_of(range(5000, 16_400), &[0, 16_400], true), TractKind::SessionGap);
    assert_eq!(kind_of(range(50, 60), &[0], true), TractKind::Form2);
    assert_eq!(kind_of(range(50, 60), &[], false), TractKind::NotData);
}

proptest! {
    #[test]
    fn no_sector_is_data_and_left_out(
        mut starts in prop::collection::vec((0u32..100_000, any::<bool>()), 0..20),
        last in prop::option::of((0u8..5, 0u8..25)),
        sectors in 0u64..100_000,
    ) {
        starts.sort_unstable();
        let found = of(&starts, last, sectors);
        prop_assert!(found.data.intersect(&found.left_out.sectors()).is_empty());
        let tracks = (1..).zip(&starts).map(|(number, (start, data))| Track { number, data: *data, start: *start });
        let session = Session { number: 1, tracks: tracks.collect(), ..Session::default() };
        let found = layout(of_sessions(&[session.clone(), Session { number: 2, ..session }], sectors));
        prop_assert!(found.data.intersect(&found.left_out.sectors()).is_empty());
    }
}
