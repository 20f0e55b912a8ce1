use super::*;
use crate::dvd::attributes::SubpictureAttributes;
use crate::dvd::fixture;

fn streams() -> StreamAttributes {
    let audio = |coding, language: &[u8; 2], extension| AudioAttributes {
        coding,
        language: Some(*language),
        extension,
        rate: 48_000,
        channels: 6,
    };
    StreamAttributes {
        video: VideoAttributes { is_mpeg2: true, is_wide: true, width: 720, height: 480, ..VideoAttributes::default() },
        audio: vec![audio(AudioCoding::Ac3, b"en", 1), audio(AudioCoding::Dts, b"iw", 3)],
        subpictures: vec![SubpictureAttributes { language: Some(*b"de"), extension: 9 }],
    }
}

fn pgc() -> Pgc {
    Pgc::read(&fixture::chain(&[(0, 0, 0, 9, 1, 1)], 0, [&[]; 3]), 0).unwrap()
}

fn id(id: u16, sub_id: Option<u8>) -> Option<StreamId> {
    Some(StreamId { origin: Origin::Main, id, sub_id })
}

#[test]
fn streams_are_found_by_the_control_of_the_chain() {
    let mut problems = Vec::new();
    let [video, first, second, text] = &tracks(&streams(), &[pgc()], &[0, 0], &mut problems)[..] else { panic!() };
    assert_eq!((video.streams.at(1), video.coding), (id(0xE0, None), Coding::Mpeg2Video));
    assert_eq!((first.streams.at(0), first.language), (id(0xBD, Some(0x80)), Some("eng")));
    assert_eq!((second.streams.at(0), second.language), (id(0xBD, Some(0x8A)), Some("heb")));
    assert!(second.purpose.commentary && !first.purpose.commentary && text.purpose.forced);
    // The stream for wide pictures.
    assert_eq!((text.streams.at(0), text.language), (id(0xBD, Some(0x22)), Some("ger")));
    let private = std::str::from_utf8(&text.private).unwrap();
    assert!(private.starts_with("palette: 000000, 010101, "), "{private}");
    assert!(problems.is_empty());
}

#[test]
fn chains_with_other_streams_and_colours_are_told_apart() {
    let (first, mut second) = (pgc(), pgc());
    second.audio[0] = Some(3);
    second.audio[1] = None;
    second.palette[0] = [0; 4];
    let mut problems = Vec::new();
    let found = tracks(&streams(), &[first, second], &[0, 1], &mut problems);
    assert_eq!((found[1].streams.at(1), found[2].streams.at(1)), (id(0xBD, Some(0x83)), None));
    assert_eq!(problems.len(), 1);
}

#[test]
fn one_stream_under_two_numbers_is_one_track() {
    let mut streams = streams();
    streams.audio[1].coding = AudioCoding::Ac3;
    let mut pgc = pgc();
    pgc.audio[1] = Some(0);
    let mut problems = Vec::new();
    assert_eq!(tracks(&streams, &[pgc], &[0], &mut problems).len(), 3);
    assert_eq!(problems, ["audio 2 (heb) is the stream of track 2"]);
}

#[test]
fn colours_are_those_of_studio_video() {
    assert_eq!(rgb([0, 16, 128, 128]), 0);
    assert_eq!(rgb([0, 235, 128, 128]), 0xff_ffff);
    // Red, as dvdauthor writes it.
    assert_eq!(rgb([0, 0x52, 0xF0, 0x5A]) >> 16, 0xff);
}

#[test]
fn streams_for_other_displays_are_named_unless_they_are_tracks_themselves() {
    let mut pgc = pgc();
    pgc.subpictures[1] = Some(SubpictureStreams { normal: 4, wide: 4, letterbox: 4, pan_scan: 4 });
    let notes = variants(&streams(), &[pgc.clone()]);
    assert_eq!(notes, ["sub-pictures for displays of 4:3 are left out: stream BD23"]);
    let mut narrow = streams();
    narrow.video.is_wide = false;
    assert!(variants(&narrow, &[pgc]).is_empty());
}
