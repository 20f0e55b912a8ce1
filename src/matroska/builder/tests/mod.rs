mod later;

use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::matroska::element::chapters::Chapter;
use crate::matroska::element::track::{Audio, FieldOrder, Flags, Video};
use crate::matroska::reading::{ReadBlock, blocks, check, elements, read};
use crate::matroska::writer::Writer;

fn track(stream: u32, codec: &str, kind: Kind) -> Track {
    Track {
        stream,
        codec_id: codec.into(),
        codec_private: Vec::new(),
        kind,
        default_duration: None,
        name: None,
        language: "eng".into(),
        language_bcp47: None,
        flags: Flags::default(),
        zlib: false,
        source_id: None,
        additions: Vec::new(),
    }
}

pub(crate) fn video(stream: u32) -> Track {
    let video = Video { pixels: (720, 480), display: None, scan: Scan::Unknown, stereo_mode: None, colour: None };
    track(stream, "V_MPEG2", Kind::Video(video))
}

pub(crate) fn audio(stream: u32) -> Track {
    track(stream, "A_AC3", Kind::Audio(Audio { rate: 48_000, channels: 6, bit_depth: None }))
}

pub(crate) fn subtitle(stream: u32) -> Track {
    track(stream, "S_HDMV/PGS", Kind::Subtitle)
}

pub(crate) fn film(tracks: Vec<Track>) -> Segment {
    let chapters =
        [(0, "One"), (1_500_000_001, "")].map(|(start, name)| Chapter { start: Nanoseconds(start), name: name.into() });
    Segment {
        identity: 0x0123_4567_89AB_CDEF,
        title: Some("Film".into()),
        application: "test 1".into(),
        tracks,
        chapters: chapters.into(),
        tags: vec![("TITLE".into(), "Film".into())],
        expected_cues: 100,
    }
}

pub(crate) fn frame(track: usize, timestamp: u64) -> Frame<'static> {
    Frame {
        track,
        timestamp: Nanoseconds(timestamp),
        duration: None,
        key: true,
        discardable: false,
        invisible: false,
        data: &[Piece::Bytes(b"frame")],
    }
}

pub(crate) fn write(segment: &Segment, frames: &[Frame<'_>]) -> Vec<u8> {
    let mut writer = Writer::new(Cursor::new(Vec::new()), segment.clone()).unwrap();
    frames.iter().for_each(|frame| writer.push(frame).unwrap());
    let (output, summary) = writer.finish().unwrap();
    assert_eq!(summary.bytes, output.get_ref().len() as u64);
    output.into_inner()
}

fn read_blocks(file: &[u8]) -> Vec<ReadBlock> {
    blocks(&read(file).1)
}

const MS: u64 = 1_000_000;

#[test]
fn refuses_what_matroska_does_not_allow() {
    let error = |tracks| Builder::new(film(tracks)).unwrap_err().to_string();
    assert_eq!(error(vec![]), "no track to write");
    assert_eq!(error(vec![video(7), audio(7)]), "track 1 has the stream number 7 of another track");
    let mut flat = video(1);
    flat.kind =
        Kind::Video(Video { pixels: (0, 480), display: None, scan: Scan::Unknown, stereo_mode: None, colour: None });
    assert_eq!(error(vec![flat]), "track 0 lacks a picture size");
    let mut builder = Builder::new(film(vec![video(1)])).unwrap();
    assert!(matches!(builder.push(&frame(1, 0)), Err(Error::NoSuchTrack { track: 1 })));
}

#[test]
fn a_film_without_frames_is_a_file_without_clusters() {
    let file = write(&film(vec![video(1), audio(2)]), &[]);
    check(&file);
    let (_, segment) = read(&file);
    assert!(segment.all(ids::CLUSTER).is_empty() && segment.all(ids::CUES).is_empty());
    assert!(segment.only(ids::INFO).all(ids::DURATION).is_empty());
}

#[test]
fn subtitles_alone_are_found_by_their_cues() {
    let times = [3_000, 90_000, 90_001, 7_000_000];
    let shown = |t: u64| Frame { duration: Some(Nanoseconds(2_000 * MS)), ..frame(0, t * MS) };
    let file = write(&film(vec![subtitle(1)]), &times.map(shown));
    check(&file);
    let (_, segment) = read(&file);
    assert_eq!(segment.only(ids::CUES).all(ids::CUE_POINT).len(), 4);
    assert!(read_blocks(&file).iter().all(|b| b.duration == Some(2_000)));
    assert_eq!(segment.only(ids::INFO).float(ids::DURATION), 7_002_000.0);
}

#[test]
fn a_subtitle_that_stays_longer_than_the_film_makes_it_no_longer() {
    let lasts = |track, at, ms| Frame { duration: Some(Nanoseconds(ms * MS)), ..frame(track, at * MS) };
    let file = write(&film(vec![video(1), subtitle(2)]), &[lasts(0, 0, 40), lasts(1, 20, 5000), lasts(0, 40, 40)]);
    check(&file);
    let (_, segment) = read(&file);
    assert_eq!(segment.only(ids::INFO).float(ids::DURATION), 80.0);
    assert!(read_blocks(&file).iter().any(|block| block.duration == Some(5000)));
}

#[test]
fn a_late_start_stays_late_and_an_idle_track_stays_empty() {
    let file =
        write(&film(vec![video(1), audio(2), subtitle(3)]), &[frame(0, 4_200_000 * MS), frame(0, 4_200_040 * MS)]);
    check(&file);
    assert_eq!(read_blocks(&file).iter().map(|b| b.timestamp).collect::<Vec<_>>(), [4_200_000, 4_200_040]);
}

#[test]
fn timestamps_round_to_the_nearest_and_audio_never_goes_back() {
    let times = [0, 499_999, 500_000, 833_333, 1_666_666, 1_400_000, 2_500_000];
    let of = |track| times.map(|t| frame(track, t));
    let file = write(&film(vec![video(1), audio(2)]), &[of(0), of(1)].concat());
    let stamps: Vec<u64> = read_blocks(&file).iter().map(|b| b.timestamp).collect();
    assert_eq!(stamps, [0, 0, 1, 1, 2, 1, 3, 0, 0, 1, 1, 2, 2, 3]);
}

#[test]
fn durations_of_subtitles_abut_as_their_rounded_times_do() {
    let shown = |start, end| Frame { duration: Some(Nanoseconds(end - start)), ..frame(0, start) };
    let frames = [shown(0, 1_400_000), shown(1_400_000, 2_600_000), shown(2_600_000, 2_700_000)];
    let file = write(&film(vec![subtitle(1)]), &frames);
    let read: Vec<_> = read_blocks(&file).iter().map(|b| (b.timestamp, b.duration.unwrap())).collect();
    // The last one would round to nothing, which players take for "until the next".
    assert_eq!(read, [(0, 1), (1, 2), (3, 1)]);
}

#[test]
fn a_video_keyframe_with_a_cue_starts_a_cluster() {
    let at = |track, ms: u64, key| Frame { key, ..frame(track, ms * MS) };
    let frames = [
        at(1, 0, true),
        at(0, 0, true),
        at(0, 300, true),
        at(1, 600, true),
        at(0, 600, false),
        at(0, 700, true),
        at(1, 700, true),
    ];
    let file = write(&film(vec![video(1), audio(2)]), &frames);
    check(&file);
    let (_, segment) = read(&file);
    let lengths: Vec<usize> = segment.all(ids::CLUSTER).iter().map(|c| c.children.len() - 1).collect();
    assert_eq!(lengths, [1, 4, 2]);
}

#[test]
fn frames_longer_than_a_cluster_are_kept_whole() {
    let giant: Vec<u8> = (0..7_000_000u32).map(|n| n as u8).collect();
    let halves = giant.split_at(3_000_001);
    let data = [Piece::Bytes(halves.0), Piece::Bytes(halves.1)];
    let frames = [frame(0, 0), Frame { data: &data, ..frame(0, 40 * MS) }, frame(0, 80 * MS)];
    let file = write(&film(vec![video(1)]), &frames);
    check(&file);
    assert!(read_blocks(&file)[1].data == giant);
}

#[test]
fn cues_go_to_the_end_when_there_are_more_than_expected() {
    let frames: Vec<Frame<'_>> = (0..400).map(|n| frame(0, n * 500 * MS)).collect();
    for (expected, in_front) in [(0, false), (100, false), (400, true), (u32::MAX, true)] {
        let segment = Segment { expected_cues: expected.min(100_000), ..film(vec![video(1)]) };
        let file = write(&segment, &frames);
        check(&file);
        let (_, segment) = read(&file);
        let cues = segment.only(ids::CUES);
        assert_eq!(cues.all(ids::CUE_POINT).len(), 400);
        assert_eq!(cues.start < segment.all(ids::CLUSTER)[0].start, in_front);
    }
}

#[test]
fn zlib_frames_inflate_to_what_came() {
    let mut zipped = subtitle(1);
    zipped.zlib = true;
    let frames = [[&b"aaaaaaaaaaaaaaaaaaaaaaaa"[..], b"aaaaaaaaa"], [b"", b""], [b"bb", b"c"]];
    let pieces = frames.map(|data| data.map(Piece::Bytes));
    let pushed: Vec<Frame<'_>> = pieces.iter().map(|data| Frame { data, ..frame(0, 0) }).collect();
    let file = write(&film(vec![zipped]), &pushed);
    for (block, data) in read_blocks(&file).iter().zip(frames) {
        let mut inflated = Vec::new();
        std::io::copy(&mut flate2::read::ZlibDecoder::new(&block.data[..]), &mut inflated).unwrap();
        assert_eq!(inflated, data.concat());
    }
    let tags = format!("{:?}", String::from_utf8_lossy(&file));
    assert!(tags.contains("36"), "NUMBER_OF_BYTES counts what came");
}

#[test]
fn a_file_cut_short_holds_the_clusters_written_so_far() {
    let untagged = Segment { tags: Vec::new(), ..film(vec![video(1)]) };
    let mut builder = Builder::new(untagged).unwrap();
    let mut file = builder.head().unwrap();
    for n in 0..5 {
        let cluster = builder.push(&frame(0, n * 500 * MS)).unwrap();
        cluster.into_iter().for_each(|c| file.extend(c.to_vec()));
    }
    let at = builder.header.content_start();
    assert_eq!(file[at - 8..at], [1, 255, 255, 255, 255, 255, 255, 255]);
    let elements = elements(&file[at..], at);
    assert_eq!(elements.iter().filter(|e| e.id == ids::CLUSTER).count(), 4);
    let sought: Vec<u64> = elements[0].all(ids::SEEK).iter().map(|s| s.uint(ids::SEEK_ID)).collect();
    assert_eq!(sought, [ids::INFO, ids::TRACKS, ids::CHAPTERS].map(u64::from), "what is not there yet is not sought");
}

#[test]
fn the_forced_flag_can_be_set_when_all_subtitles_were_seen() {
    let mut writer = Writer::new(Cursor::new(Vec::new()), film(vec![subtitle(1)])).unwrap();
    writer.push(&frame(0, 0)).unwrap();
    writer.set_forced(0, true).unwrap();
    let file = writer.finish().unwrap().0.into_inner();
    check(&file);
    assert_eq!(read(&file).1.only(ids::TRACKS).only(ids::TRACK_ENTRY).uint(ids::FLAG_FORCED), 1);
}

#[test]
fn uids_stay_when_a_track_is_left_out() {
    let uids = |tracks| -> Vec<u64> {
        let file = write(&film(tracks), &[]);
        let (_, segment) = read(&file);
        segment.only(ids::TRACKS).all(ids::TRACK_ENTRY).iter().map(|t| t.uint(ids::TRACK_UID)).collect()
    };
    let all = uids(vec![video(1), audio(2), subtitle(3)]);
    assert_eq!(uids(vec![video(1), subtitle(3)]), [all[0], all[2]]);
}

#[derive(Clone, Debug)]
struct Made {
    track: usize,
    timestamp: u64,
    duration: Option<u64>,
    key: bool,
    discardable: bool,
    pieces: Vec<Vec<u8>>,
}

fn made() -> impl Strategy<Value = Made> {
    let times = prop_oneof![0..20_000 * MS, 0..400_000 * MS, Just(0), 0..u64::MAX];
    let pieces = prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..4);
    (0..4usize, times, prop::option::of(0..9_000 * MS), any::<bool>(), any::<bool>(), pieces).prop_map(
        |(track, timestamp, duration, key, discardable, pieces)| Made {
            track,
            timestamp,
            duration,
            key,
            discardable,
            pieces,
        },
    )
}

fn write_made(segment: &Segment, frames: &[Made]) -> Vec<u8> {
    let mut writer = Writer::new(Cursor::new(Vec::new()), segment.clone()).unwrap();
    for made in frames {
        let data: Vec<Piece<'_>> = made.pieces.iter().map(|piece| Piece::Bytes(piece)).collect();
        let Made { track, timestamp, duration, key, discardable, .. } = *made;
        let (timestamp, duration) = (Nanoseconds(timestamp), duration.map(Nanoseconds));
        writer.push(&Frame { track, timestamp, duration, key, discardable, invisible: false, data: &data }).unwrap();
    }
    writer.finish().unwrap().0.into_inner()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_frames_come_back_in_order_from_a_sound_file(
        frames in prop::collection::vec(made(), 0..150),
        expected_cues in 0..200u32,
    ) {
        let mut zipped = subtitle(40);
        zipped.zlib = true;
        let tracks = vec![video(10), audio(20), subtitle(30), zipped];
        let segment = Segment { expected_cues, ..film(tracks) };
        let file = write_made(&segment, &frames);
        check(&file);
        let read = read_blocks(&file);
        prop_assert_eq!(read.len(), frames.len());
        let mut heard = 0;
        for (block, made) in read.iter().zip(&frames) {
            let mut time = Nanoseconds(made.timestamp).milliseconds();
            if made.track == 1 {
                heard = time.max(heard);
                time = heard;
            }
            prop_assert_eq!((block.track, block.timestamp), (made.track as u64 + 1, time));
            if made.track != 3 {
                prop_assert_eq!(&block.data, &made.pieces.concat());
            }
            let simple = if made.key { 0x80 } else { 0 } | u8::from(made.discardable);
            prop_assert_eq!(block.flags, if made.track < 2 { simple } else { 0 });
            prop_assert_eq!(block.duration.is_some(), made.track >= 2 && made.duration.is_some());
        }
        prop_assert!(file == write_made(&segment, &frames), "the same frames give the same bytes");
    }
}
