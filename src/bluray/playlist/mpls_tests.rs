use super::*;
use crate::bluray::fixture::{self, Mpls};
use crate::bluray::playlist::play_item::{Connection, Still};
use crate::bluray::playlist::stn::Origin;
use crate::bluray::playlist::sub_path::SubPathKind;
use crate::bluray::stream_info::{Attributes, AudioFormat, Coding, DynamicRange, Language, VideoFormat};
use proptest::prelude::*;

#[test]
fn items_marks_and_streams_are_read() {
    let playlist = Playlist::parse(&Mpls::film().build()).unwrap();
    assert_eq!(&playlist.version, b"0200");
    assert_eq!(playlist.playback, Playback::Sequential);
    assert_eq!(playlist.items.len(), 2);
    let second = &playlist.items[1];
    assert_eq!(second.clip.name.to_string(), "00002");
    assert_eq!((second.clip.stc_id, second.connection), (1, Connection::SeamlessNewClock));
    assert_eq!((second.in_time, second.out_time, second.still), (Ticks45(90_000), Ticks45(180_000), Still::No));
    assert_eq!(playlist.duration(), Ticks90::from_seconds(3));
    let marks: Vec<_> = playlist.marks.iter().map(|m| (m.kind, m.item, m.time.0)).collect();
    assert_eq!(marks, [(MarkKind::Entry, 0, 45_000), (MarkKind::Link, 1, 100_000)]);
    let streams = &second.streams;
    assert_eq!(streams.video[0].pid, 0x1011);
    assert_eq!(
        streams.video[0].info.attributes,
        Attributes::Video { format: VideoFormat::P1080, rate: 1, aspect: None, range: None }
    );
    assert_eq!(streams.audio[0].info.coding, Coding::TrueHd);
    assert_eq!(
        streams.audio[0].info.attributes,
        Attributes::Audio { format: AudioFormat::MultiChannel, rate: 1, language: Language(*b"eng") }
    );
    assert_eq!(streams.subtitles[0].info.attributes.language(), Some(Language(*b"fra")));
    assert_eq!(streams.subtitles[0].origin, Origin::SubPath { path: 0, clip: 0 });
    assert_eq!(streams.all().count(), 6);
}

#[test]
fn secondary_streams_bring_their_references() {
    let playlist = Playlist::parse(&Mpls::film().build()).unwrap();
    let streams = &playlist.items[0].streams;
    assert_eq!(streams.secondary_audio[0].audio_references, [0]);
    assert_eq!(streams.secondary_video[0].audio_references, [0]);
    assert_eq!(streams.secondary_video[0].origin, Origin::InMux { path: 1 });
    // What lies behind the odd reference lists was found.
    let Attributes::Video { range: Some(range), .. } = streams.dolby_vision[0].info.attributes else { panic!() };
    assert_eq!((range.dynamic_range, range.colour_space, range.hdr10_plus), (DynamicRange::DolbyVision, 2, true));
}

#[test]
fn angles_stills_and_sub_paths_are_read() {
    let mut mpls = Mpls::film();
    mpls.items[0].angles = vec!["00011", "00012"];
    mpls.items[1].still = (1, 7);
    let playlist = Playlist::parse(&mpls.build()).unwrap();
    assert_eq!(playlist.angles(), 3);
    let names: Vec<_> = playlist.items[0].other_angles.iter().map(|a| a.name.to_string()).collect();
    assert_eq!(names, ["00011", "00012"]);
    assert_eq!(playlist.items[1].still, Still::Seconds(7));
    assert_eq!(playlist.sub_paths.len(), 1);
    let path = &playlist.sub_paths[0];
    assert_eq!((path.kind, path.repeats, path.items.len()), (SubPathKind::OutOfMux, true, 1));
    assert_eq!((path.items[0].sync_item, path.items[0].sync_time), (1, Ticks45(90_000)));
    assert_eq!(path.items[0].connection, Connection::SeamlessNewClock);
}

#[test]
fn extension_data_gives_mastering_data_and_further_sub_paths() {
    let mut mpls = Mpls::film();
    mpls.extension = true;
    let playlist = Playlist::parse(&mpls.build()).unwrap();
    assert_eq!(playlist.extension_error, None);
    let hdr = playlist.extension.static_hdr[0];
    assert_eq!((hdr.dynamic_range, hdr.primaries[0], hdr.white), (1, (1, 2), (7, 8)));
    assert_eq!((hdr.max_luminance, hdr.min_luminance), (1000, 50));
    assert_eq!((hdr.max_content_light, hdr.max_frame_average_light), (1000, 400));
    assert_eq!(playlist.extension.sub_paths[0].kind, SubPathKind::OutOfMux);
}

#[test]
fn a_broken_extension_costs_no_film() {
    let mut mpls = Mpls::film();
    mpls.extension = true;
    let mut file = mpls.build();
    file[16..20].copy_from_slice(&0xffff_0000u32.to_be_bytes());
    let playlist = Playlist::parse(&file).unwrap();
    assert!(playlist.extension_error.is_some());
    assert_eq!(playlist.items.len(), 2);
}

#[test]
fn fields_that_are_not_known_are_passed_over() {
    let mut mpls = Mpls::film();
    mpls.padding = 9;
    assert_eq!(Playlist::parse(&mpls.build()).unwrap(), Playlist::parse(&Mpls::film().build()).unwrap());
}

#[test]
fn what_is_no_playlist_is_told_with_its_place() {
    let file = Mpls::film().build();
    for (bytes, text) in [
        (&b""[..], "playlist: 4 bytes wanted, 0 there (at byte 0)"),
        (b"MPLSabcd", "playlist: its version is no number (at byte 4)"),
        (b"HDMV0200", "playlist: it does not begin with 'MPLS' (at byte 0)"),
    ] {
        assert_eq!(Playlist::parse(bytes).unwrap_err().to_string(), text);
    }
    let mut reversed = file.clone();
    let at = fixture::find(&file, &45_000u32.to_be_bytes());
    reversed[at..at + 4].copy_from_slice(&90_001u32.to_be_bytes());
    assert_eq!(Playlist::parse(&reversed).unwrap_err().problem, "OUT lies before IN");
    let mut elsewhere = file;
    let at = fixture::find(&elsewhere, b"00001");
    elsewhere[at..at + 5].copy_from_slice(b"../..");
    assert_eq!(Playlist::parse(&elsewhere).unwrap_err().problem, "the name of a clip is none");
}

#[test]
fn a_mark_of_an_item_that_is_not_there_is_left_out() {
    let mut mpls = Mpls::film();
    mpls.marks.push((1, 2, 5));
    assert_eq!(Playlist::parse(&mpls.build()).unwrap().marks.len(), 2);
}

proptest! {
    #[test]
    fn no_change_of_a_playlist_brings_the_parser_down(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), cut in any::<prop::sample::Index>()) {
        let mut mpls = Mpls::film();
        mpls.extension = true;
        let mut file = mpls.build();
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let _ = Playlist::parse(&file);
        file.truncate(cut.index(file.len()));
        let _ = Playlist::parse(&file);
    }

    #[test]
    fn any_bytes_behind_the_head_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let mut file = b"MPLS0300".to_vec();
        file.extend(bytes);
        let _ = Playlist::parse(&file);
    }
}
