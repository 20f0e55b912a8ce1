use super::*;
use crate::base::time::Ticks90;
use crate::demux::m2ts::Layout;
use crate::title::Attributes;
use crate::title::Coding;
use crate::title::clock::PartClock;
use crate::title::model::{self, Join, Part, Piece};
use crate::title::{AudioFormat, Language};

fn part(number: u32) -> Part {
    let minute = Ticks90::from_seconds(60);
    let piece = Piece {
        path: format!("BDMV/STREAM/{number:05}.m2ts"),
        clip: format!("{number:05}"),
        bytes: Some(0..1000),
        owner: None,
    };
    Part {
        pieces: vec![piece],
        packets: Packets::Transport { layout: Layout::M2ts, on_grid: true },
        clock: PartClock::new(0, Ticks90::ZERO..minute, minute.times(number.into())),
        join: Join::Break,
        entry_points: 60,
    }
}

fn track(kind: TrackKind, pid: u16, coding: Coding, parts: &[usize]) -> model::Track {
    let language = Language(*b"eng");
    model::Track {
        kind,
        coding,
        attributes: Attributes::Audio { format: AudioFormat::Stereo, rate: 1, language },
        language: Some("eng"),
        secondary: false,
        purpose: model::Purpose::default(),
        private: [].into(),
        streams: parts.iter().map(|part| (*part, StreamId::pid(Origin::Main, pid))).collect(),
        enhancement: None,
    }
}

fn title(tracks: Vec<model::Track>) -> Title {
    Title {
        id: "00800".into(),
        number: 1,
        parts: vec![part(0), part(1)],
        tracks,
        sub_paths: Vec::new(),
        chapters: vec![model::Chapter { start: Ticks90::ZERO }, model::Chapter { start: Ticks90::from_seconds(30) }],
        angles: 1,
        static_hdr: None,
        has_menu: false,
        is_random: false,
    }
}

fn audio(codec: Codec) -> codec::TrackFacts {
    let audio =
        codec::Audio { sample_rate: 48_000, channels: 6, bit_depth: None, frame_samples: Some(40), atmos: false };
    codec::TrackFacts::of_audio(codec, audio)
}

/// A plan of what streams showed.
fn planned(title: &Title, facts: &[(usize, Codec, Facts)], core: Core) -> Plan {
    let (mut tracks, mut left_out) = (Vec::new(), Vec::new());
    for (index, codec, facts) in facts {
        add(title, *index, *codec, facts, core, &mut tracks, &mut left_out);
    }
    set_defaults(&mut tracks);
    Plan {
        title: title.clone(),
        from: Provenance { label: "../A B?\n".into(), number: 3, ..Provenance::default() },
        tracks,
        chapters: chapters(title),
        identity: 1,
        bytes: 2000,
        left_out,
    }
}

#[test]
fn the_core_is_kept_behind_alone_or_not_at_all() {
    let title = title(vec![track(TrackKind::Audio, 0x1100, Coding::TrueHd, &[0, 1])]);
    let facts = [(0, Codec::TrueHd, [Some(audio(Codec::TrueHd)), Some(audio(Codec::Ac3))])];
    let of = |core| {
        let plan = planned(&title, &facts, core);
        let tracks = plan.summary().tracks;
        let lanes = plan.wanted(0)[0].lanes;
        (tracks.iter().map(|t| (t.codec, t.default)).collect::<Vec<_>>(), lanes)
    };
    assert_eq!(of(Core::Keep), (vec![("TrueHD", true), ("AC-3", false)], [Some(0), Some(1)]));
    assert_eq!(of(Core::Only), (vec![("AC-3", true)], [None, Some(0)]));
    assert_eq!(of(Core::Drop), (vec![("TrueHD", true)], [Some(0), None]));
    let without_core = [(0, Codec::TrueHd, [Some(audio(Codec::TrueHd)), None])];
    assert_eq!(planned(&title, &without_core, Core::Only).summary().tracks[0].codec, "TrueHD");
}

#[test]
fn one_pid_is_another_track_in_another_part() {
    let french = model::Track { language: Some("fre"), ..track(TrackKind::Audio, 0x1100, Coding::Ac3, &[1]) };
    let title = title(vec![track(TrackKind::Audio, 0x1100, Coding::Ac3, &[0]), french]);
    let facts = [0, 1].map(|n| (n, Codec::Ac3, [Some(audio(Codec::Ac3)), None]));
    let plan = planned(&title, &facts, Core::Keep);
    assert_eq!((plan.wanted(0)[0].lanes, plan.wanted(1)[0].lanes), ([Some(0), None], [Some(1), None]));
    let streams: Vec<u32> = plan.tracks.iter().map(|t| t.entry.stream).collect();
    assert_eq!(streams, [0x1100, 0x2_1100], "no two tracks share a number");
}

#[test]
fn what_was_not_found_is_left_out_and_named() {
    let title = title(vec![track(TrackKind::Audio, 0x1101, Coding::Ac3, &[0])]);
    let plan = planned(&title, &[(0, Codec::Ac3, [None, None])], Core::Keep);
    assert_eq!(plan.left_out(), ["PID 1101 (Ac3): nothing of it was found"]);
    assert!(plan.tracks.is_empty());
}

#[test]
fn streams_that_cannot_be_muxed_are_named() {
    let secondary = model::Track { secondary: true, ..track(TrackKind::Video, 0x1B00, Coding::Avc, &[0]) };
    let streams = Streams::of_one_part(StreamId::pid(Origin::SubPath(0), 0x1200));
    let outside = model::Track { streams, ..track(TrackKind::Subtitle, 0x1200, Coding::Pgs, &[0]) };
    let unknown = track(TrackKind::Video, 0x1012, Coding::Mvc, &[0]);
    let title = title(vec![track(TrackKind::Video, 0x1011, Coding::Avc, &[0]), secondary, outside, unknown]);
    let mut left_out = Vec::new();
    assert_eq!(wanted(&title, &Options::default(), &mut left_out), [(0, Codec::Avc)]);
    assert_eq!(left_out.len(), 3, "{left_out:?}");
}

#[test]
fn text_in_characters_that_are_known_becomes_plain_text_unless_it_is_to_stay() {
    let text = |characters| {
        let attributes = Attributes::Text { characters, language: Language(*b"fra") };
        model::Track { attributes, ..track(TrackKind::Subtitle, 0x1800, Coding::TextSubtitles, &[0]) }
    };
    let codec = |characters, keep_textst| codec_of(&text(characters), &Options { keep_textst, ..Options::default() });
    assert_eq!([1, 2].map(|c| codec(c, false)), [Characters::Utf8, Characters::Utf16].map(|c| Some(Codec::Text(c))));
    assert_eq!([(1, true), (3, false)].map(|(c, keep)| codec(c, keep)), [Some(Codec::TextSt); 2]);
}

#[test]
fn file_names_stay_in_their_folder() {
    let title = title(Vec::new());
    let plan = planned(&title, &[], Core::Keep);
    assert_eq!(plan.file_name(), "_A B__-t03.mkv");
    let unnamed = Plan { from: Provenance::default(), ..plan };
    assert_eq!(unnamed.file_name(), "title-t00.mkv");
}

#[test]
fn room_for_seek_points_is_known_beforehand() {
    let title = title(vec![track(TrackKind::Subtitle, 0x1200, Coding::Pgs, &[0])]);
    let plan = planned(&title, &[(0, Codec::Pgs, [None, None])], Core::Keep);
    // 60 entry points in each of two parts, and subtitles in two minutes.
    assert_eq!(plan.expected_cues(), 122 + 76);
    assert_eq!(plan.summary().chapters, [0.0, 30.0]);
}
