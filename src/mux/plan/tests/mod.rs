use super::coding::codec_of;
use super::look::probe::Proof;
use super::tracks::{add, choose, set_defaults, set_names};
use super::*;
use crate::base::time::Ticks90;
use crate::codec::{self, Characters, Codec, TrackFacts};
use crate::demux::m2ts::Layout;
use crate::title::Attributes;
use crate::title::clock::PartClock;
use crate::title::model::{self, Join, Packets, Part, Piece};
use crate::title::streams::{Origin, StreamId};
use crate::title::{AudioFormat, Coding, Language};

pub(super) fn part(number: u32) -> Part {
    let minute = Ticks90::from_seconds(60);
    let piece = Piece {
        path: format!("BDMV/STREAM/{number:05}.m2ts"),
        clip: format!("{number:05}"),
        bytes: Some(0..1000),
        clock_bytes: Piece::ONE_CLOCK,
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

pub(super) fn track(kind: TrackKind, pid: u16, coding: Coding, parts: &[usize]) -> model::Track {
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

pub(super) fn title(tracks: Vec<model::Track>) -> Title {
    Title {
        id: "00800".into(),
        number: 1,
        parts: vec![part(0), part(1)],
        tracks,
        sub_paths: Vec::new(),
        chapters: [0, 30].map(|at| model::Chapter::at(Ticks90::from_seconds(at))).to_vec(),
        angles: 1,
        static_hdr: None,
        captions: model::Channels::default(),
        notes: Vec::new(),
        has_menu: false,
        is_random: false,
    }
}

fn audio(codec: Codec) -> codec::TrackFacts {
    let audio =
        codec::Audio { sample_rate: 48_000, channels: 6, bit_depth: None, frame_samples: Some(40), atmos: false };
    codec::TrackFacts::of_audio(codec, audio)
}

type Facts = [Option<codec::TrackFacts>; 2];

/// A plan of what streams showed; a stream that showed nothing has no packets.
fn planned(title: &Title, facts: &[(usize, Codec, Facts)], core: Core) -> Plan {
    let (mut tracks, mut left_out) = (Vec::new(), Vec::new());
    let options = Options { core, ..Options::default() };
    for (index, codec, facts) in facts {
        let proof = Proof { facts: facts.clone(), has_packets: facts[0].is_some(), ..Proof::default() };
        if let Err(lacking) = add(title, (*index, *codec), &proof, &options, &mut tracks) {
            left_out.push((lacking, title.tracks[*index].streams.clone()));
        }
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
        stretches: Vec::new(),
        notes: Vec::new(),
    }
}

#[test]
fn the_core_is_kept_behind_alone_or_not_at_all() {
    let title = title(vec![track(TrackKind::Audio, 0x1100, Coding::TrueHd, &[0, 1])]);
    let facts = [(0, Codec::TrueHd, [Some(audio(Codec::TrueHd)), Some(audio(Codec::Ac3))])];
    let of = |core| {
        let plan = planned(&title, &facts, core);
        let tracks = plan.summary().tracks;
        let lanes = plan.wanted(0, 0)[0].lanes;
        (tracks.iter().map(|t| (t.codec, t.default)).collect::<Vec<_>>(), lanes)
    };
    assert_eq!(of(Core::Keep), (vec![("TrueHD", true), ("AC-3", false)], [Some(0), Some(1)]));
    assert_eq!(of(Core::Only), (vec![("AC-3", true)], [None, Some(0)]));
    assert_eq!(of(Core::Drop), (vec![("TrueHD", true)], [Some(0), None]));
    let without_core = [(0, Codec::TrueHd, [Some(audio(Codec::TrueHd)), None])];
    assert_eq!(planned(&title, &without_core, Core::Only).summary().tracks[0].codec, "TrueHD");
}

#[test]
fn sound_has_a_name_where_there_is_a_choice_of_it() {
    let commentary = model::Purpose { commentary: true, ..model::Purpose::default() };
    let sound = |pid| track(TrackKind::Audio, pid, Coding::Ac3, &[0]);
    let title = title(vec![sound(0x1100), sound(0x1101), model::Track { purpose: commentary, ..sound(0x1102) }]);
    let named = |channels: &[u8]| {
        let facts = |n: &u8| codec::Audio { channels: *n, ..audio(Codec::Ac3).audio.unwrap() };
        let facts = channels.iter().map(|n| [Some(TrackFacts::of_audio(Codec::Ac3, facts(n))), None]);
        let facts: Vec<_> = facts.enumerate().map(|(n, facts)| (n, Codec::Ac3, facts)).collect();
        let mut plan = planned(&title, &facts, Core::Keep);
        set_names(&mut plan.tracks);
        plan.tracks.into_iter().map(|t| t.entry.name.unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(named(&[6, 2, 2]), ["Surround 5.1", "Stereo", "Commentary"]);
    assert_eq!(named(&[8, 5]), ["Surround 7.1", ""], "five may be any");
    assert_eq!(named(&[2]), [""]);
}

#[test]
fn the_core_of_dts_hd_is_in_its_frames_and_a_track_only_alone() {
    let title = title(vec![track(TrackKind::Audio, 0x1100, Coding::DtsHdMaster, &[0, 1])]);
    let facts = [(0, Codec::DtsHdMaster, [Some(audio(Codec::DtsHdMaster)), Some(audio(Codec::Dts))])];
    let of = |core| {
        let plan = planned(&title, &facts, core);
        let tracks: Vec<_> = plan.tracks.iter().map(|t| (t.codec, t.entry.codec_id.clone())).collect();
        (tracks, plan.wanted(0, 0)[0].lanes)
    };
    let whole = (vec![(Codec::DtsHdMaster, "A_DTS".to_owned())], [Some(0), None]);
    assert_eq!((of(Core::Keep), of(Core::Drop)), (whole.clone(), whole));
    assert_eq!(of(Core::Only), (vec![(Codec::Dts, "A_DTS".to_owned())], [None, Some(0)]));
}

#[test]
fn what_is_known_by_name_only_is_left_out_by_that_name() {
    let title = title(vec![track(TrackKind::Audio, 0x1100, Coding::TrueHd, &[0, 1])]);
    let mlp = TrackFacts { audio: None, ..audio(Codec::Mlp) };
    let plan = planned(&title, &[(0, Codec::TrueHd, [Some(mlp), None])], Core::Keep);
    assert!(plan.tracks.is_empty());
    let left_out = &plan.left_out[0].0;
    assert_eq!((left_out.codec.as_str(), left_out.reason), ("MLP", Reason::NotSupported));
}

#[test]
fn one_pid_is_another_track_in_another_part() {
    let french = model::Track { language: Some("fre"), ..track(TrackKind::Audio, 0x1100, Coding::Ac3, &[1]) };
    let title = title(vec![track(TrackKind::Audio, 0x1100, Coding::Ac3, &[0]), french]);
    let facts = [0, 1].map(|n| (n, Codec::Ac3, [Some(audio(Codec::Ac3)), None]));
    let plan = planned(&title, &facts, Core::Keep);
    assert_eq!((plan.wanted(0, 0)[0].lanes, plan.wanted(0, 1)[0].lanes), ([Some(0), None], [Some(1), None]));
    let streams: Vec<u32> = plan.tracks.iter().map(|t| t.entry.stream).collect();
    assert_eq!(streams, [0x1100, 0x2_1100], "no two tracks share a number");
}

#[test]
fn what_was_not_found_is_late_or_empty_when_all_was_read() {
    let title = title(vec![track(TrackKind::Audio, 0x1101, Coding::Ac3, &[0])]);
    let plan = planned(&title, &[(0, Codec::Ac3, [None, None])], Core::Keep);
    assert!(plan.tracks.is_empty());
    assert_eq!(plan.watched(0, 0), [(StreamId::pid(Origin::Main, 0x1101), 0)]);
    assert!(plan.watched(0, 1).is_empty() && plan.watched(1, 0).is_empty());
    let reason = |seen: &[usize]| plan.lacking(&seen.iter().copied().collect(), std::iter::empty())[0].reason;
    assert_eq!((reason(&[]), reason(&[0])), (Reason::Empty, Reason::Late));
    assert!(Reason::Late.is_loss() && !Reason::Empty.is_loss());
}

#[test]
fn a_track_without_a_frame_is_named_as_empty() {
    let title = title(vec![track(TrackKind::Subtitle, 0x1200, Coding::Pgs, &[0])]);
    let plan = planned(&title, &[(0, Codec::Pgs, [None, None])], Core::Keep);
    assert_eq!(plan.lacking(&HashSet::new(), [3].into_iter()), []);
    let lacking = plan.lacking(&HashSet::new(), [0].into_iter());
    assert_eq!(lacking[0].line(), "PGS eng (PID 1200): the title holds no packet of it");
}

#[test]
fn streams_that_cannot_be_muxed_are_named() {
    let secondary = model::Track { secondary: true, ..track(TrackKind::Video, 0x1B00, Coding::Avc, &[0]) };
    let unknown = track(TrackKind::Video, 0x1012, Coding::Mvc, &[0]);
    let other = track(TrackKind::Audio, 0x1180, Coding::Unknown(0x99), &[0]);
    let title = title(vec![track(TrackKind::Video, 0x1011, Coding::Avc, &[0]), secondary, unknown, other]);
    let chosen = choose(&title, &Options::default());
    assert_eq!(chosen.wanted, [(0, Codec::Avc)]);
    let lines: Vec<String> = chosen.left_out.iter().map(|(left_out, _)| left_out.line()).collect();
    assert_eq!(
        lines,
        ["MVC eng (PID 1012): it cannot be muxed yet", "coding 0x99 eng (PID 1180): it cannot be muxed yet"]
    );
    assert_eq!(chosen.notes, ["the picture in picture (H.264, PID 1B00) is left out"]);
}

#[test]
fn a_title_without_its_picture_is_refused_unless_that_is_wanted() {
    let title = title(vec![track(TrackKind::Video, 0x1011, Coding::Mvc, &[0])]);
    let sound = track(TrackKind::Audio, 0x1100, Coding::Ac3, &[0]);
    let with_sound = Title { tracks: vec![title.tracks[0].clone(), sound], ..title };
    let plan = planned(&with_sound, &[(1, Codec::Ac3, [Some(audio(Codec::Ac3)), None])], Core::Keep);
    let judged = |options: &Options| refuse_without_picture(&with_sound, options, &plan.tracks, &plan.left_out);
    assert!(matches!(judged(&Options::default()), Err(MuxError::NoPicture { .. })));
    assert!(judged(&Options { without_picture: true, ..Options::default() }).is_ok());
}

#[test]
fn languages_that_a_title_has_not_choose_nothing_there() {
    let title = title(vec![
        track(TrackKind::Audio, 0x1100, Coding::Ac3, &[0]),
        track(TrackKind::Subtitle, 0x1200, Coding::Pgs, &[0]),
    ]);
    let french = || Selection::Languages(vec!["fra".into()]);
    let chosen = choose(&title, &Options { audio: french(), subtitles: french(), ..Options::default() });
    assert_eq!(chosen.wanted, [(0, Codec::Ac3)]);
    assert_eq!(chosen.notes.len(), 2, "{:?}", chosen.notes);
}

#[test]
fn sound_to_be_mixed_with_other_sound_is_never_default() {
    let secondary = model::Track { secondary: true, ..track(TrackKind::Audio, 0x1A00, Coding::Eac3Secondary, &[0]) };
    let title = title(vec![secondary]);
    let plan = planned(&title, &[(0, Codec::Eac3, [Some(audio(Codec::Eac3)), None])], Core::Keep);
    assert!(!plan.summary().tracks[0].default);
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

#[test]
fn a_layer_may_end_some_pictures_behind_what_it_plays_beside_and_no_more() {
    let layer = StreamId::pid(Origin::SubPath(0), 0x1015);
    let both = |ends: Ticks90| {
        let beside = Part { clock: PartClock::new(0, Ticks90::ZERO..ends, Ticks90::ZERO), ..part(9) };
        let sub_paths = vec![model::SubPath { number: 0, parts: vec![beside] }];
        let title = Title { sub_paths, ..title(vec![track(TrackKind::Subtitle, 0x1200, Coding::Pgs, &[0, 1])]) };
        let mut plan = planned(&title, &[(0, Codec::Pgs, [None, None])], Core::Keep);
        plan.tracks[0].enhancement = Some([0, 1].map(|part| (part, layer)).into_iter().collect());
        plan.layers(1, 0)[0].parts.iter().map(|(_, part)| *part).collect::<Vec<_>>()
    };
    let minute = Ticks90::from_seconds(60);
    assert_eq!(both(minute + Ticks90(9_000)), [0]);
    assert_eq!(both(minute + Ticks90(45_000)), [0, 1]);
}
