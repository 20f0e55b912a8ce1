use super::*;
use crate::codec::{self, MasteringDisplay};
use crate::title::VideoFormat;

const SOUND: Attributes = Attributes::None;

fn about(attributes: &Attributes) -> About<'_> {
    About {
        stream: 7,
        pid: 0x1011,
        language: Some("ger"),
        bcp47: Some("de"),
        attributes,
        hdr: None,
        purpose: Purpose::default(),
        private: &[],
        default: true,
        zlib: false,
    }
}

fn facts() -> Video {
    Video {
        width: 1440,
        height: 1080,
        sample_aspect: Some(Rational { num: 4, den: 3 }),
        frame_rate: Some(Rational { num: 30_000, den: 1001 }),
        interlaced: true,
        top_field_first: Some(true),
        bit_depth: 8,
        colour: codec::Colour::default(),
        mastering: None,
        light_level: None,
        dolby_vision: None,
        hdr10_plus: false,
    }
}

fn track(facts: Video, about: &About<'_>) -> Track {
    entry(about, &TrackFacts::of_video(Codec::Avc, vec![1, 2], facts))
}

fn pictures(track: &Track) -> &crate::matroska::element::track::Video {
    match &track.kind {
        Kind::Video(video) => video,
        _ => panic!("no video"),
    }
}

#[test]
fn pictures_that_are_not_square_are_shown_wide() {
    let track = track(facts(), &about(&SOUND));
    let video = pictures(&track);
    assert_eq!((video.pixels, video.display), ((1440, 1080), Some((1920, 1080))));
    assert_eq!(video.scan, Scan::Interlaced(Some(FieldOrder::TopFirst)));
    assert_eq!(video.colour, None, "nothing is known");
    assert_eq!((track.default_duration, &track.codec_private[..]), (Some(Nanoseconds(33_366_667)), &[1, 2][..]));
    assert_eq!((&track.language[..], track.language_bcp47.as_deref(), track.stream), ("ger", Some("de"), 7));
    assert!(track.flags.default && !track.zlib);
}

#[test]
fn where_the_stream_is_silent_the_table_speaks() {
    let range = crate::title::HevcRange { dynamic_range: DynamicRange::Hdr10, colour_space: 2, hdr10_plus: false };
    let attributes = Attributes::Video { format: VideoFormat::P2160, rate: 1, aspect: None, range: Some(range) };
    let hdr = StaticHdr {
        dynamic_range: 1,
        primaries: [(1, 2), (3, 4), (5, 6)],
        white: (7, 8),
        max_luminance: 1000,
        min_luminance: 50,
        max_content_light: 900,
        max_frame_average_light: 400,
    };
    let about = About { hdr: Some(&hdr), ..about(&attributes) };
    let silent = Video { frame_rate: None, sample_aspect: None, ..facts() };
    let by_table = track(silent.clone(), &about);
    assert_eq!(by_table.default_duration, Some(Nanoseconds(41_708_333)));
    let colour = pictures(&by_table).colour.unwrap();
    assert_eq!((colour.primaries, colour.transfer, colour.matrix), (Some(9), Some(16), Some(9)));
    let mastering = colour.mastering.unwrap();
    assert_eq!((mastering.red, mastering.green, mastering.blue), ((5, 6), (1, 2), (3, 4)));
    assert_eq!((mastering.luminance_max, mastering.luminance_min), (10_000_000, 50));
    assert_eq!((colour.max_cll, colour.max_fall), (Some(900), Some(400)));

    let display = MasteringDisplay { primaries: [(9, 9); 3], white: (9, 9), max_luminance: 1, min_luminance: 1 };
    let stream = codec::Colour { primaries: Some(1), ..codec::Colour::default() };
    let spoken = Video { mastering: Some(display), light_level: Some((0, 0)), colour: stream, ..silent };
    let by_stream = pictures(&track(spoken, &about)).colour.unwrap();
    assert_eq!((by_stream.primaries, by_stream.mastering.unwrap().red), (Some(1), (9, 9)));
    assert_eq!(by_stream.max_cll, None, "zero says nothing");
}

#[test]
fn subtitles_are_compressed_when_asked_for() {
    let track = subtitle(&about(&SOUND), Codec::Pgs, None);
    assert_eq!((track.zlib, &track.codec_id[..], track.default_duration), (false, "S_HDMV/PGS", None));
    let zlib = About { zlib: true, ..about(&SOUND) };
    assert!(subtitle(&zlib, Codec::Pgs, None).zlib && !subtitle(&zlib, Codec::TextSt, None).zlib);
    assert_eq!(track.source_id.as_deref(), Some("1011"));
}
