use super::super::tests::{part, title, track};
use super::*;
use crate::title::{Coding, VideoFormat};

fn video_track(pid: u16, coding: Coding, format: VideoFormat, parts: &[usize]) -> Track {
    let attributes = Attributes::Video { format, rate: 1, aspect: None, range: None };
    Track { attributes, language: None, ..track(TrackKind::Video, pid, coding, parts) }
}

/// What is left out of parts of a minute each.
fn judged(tracks: Vec<Track>, shown: &[Option<Picture>]) -> Glance {
    let parts = (0..shown.len()).map(|number| part(u32::try_from(number).unwrap())).collect();
    let mut glance = Glance::default();
    glance.judge(&Title { parts, ..title(tracks) }, shown, |_| false);
    glance
}

fn avc(width: u32, height: u32) -> Option<Picture> {
    Some(Picture { codec: Codec::Avc, size: Some((width, height)) })
}

#[test]
fn a_part_of_another_size_is_left_out_and_named() {
    let tracks = || vec![video_track(0x1011, Coding::Avc, VideoFormat::P1080, &[0, 1, 2])];
    let glance = judged(tracks(), &[avc(1280, 720), avc(1920, 1080), avc(1920, 1080)]);
    assert_eq!(glance.parts, [0]);
    let [lacking] = &glance.left_out[..] else { panic!("{glance:?}") };
    assert!(lacking.reason.is_loss());
    assert_eq!(
        lacking.line(),
        "0:00:00.0 to 0:01:00.0 of the title (clip 00000): its picture is H.264 1280x720, that of the film H.264 1920x1080"
    );
    let json = serde_json::to_value(lacking).unwrap();
    assert_eq!((&json["reason"], &json["clip"]), (&"other_picture".into(), &"00000".into()));
    assert_eq!((json["from_seconds"].as_f64(), json["to_seconds"].as_f64()), (Some(0.0), Some(60.0)));
    // Of as much of the title, the first.
    assert_eq!(judged(tracks(), &[avc(1280, 720), avc(1920, 1080)]).parts, [1]);
}

#[test]
fn of_a_part_that_shows_nothing_the_tables_are_believed_unless_parts_contradict_them() {
    let tracks = || vec![video_track(0x1011, Coding::Avc, VideoFormat::P1080, &[0, 1, 2, 3])];
    let (narrow, wide) = (avc(1440, 1080), avc(1920, 1080));
    assert_eq!(judged(tracks(), &[narrow, wide, wide, None]).parts, [0]);
    assert_eq!(judged(tracks(), &[wide, narrow, None, narrow]).parts, [0]);
    assert_eq!(judged(tracks(), &[narrow, None, narrow, None]).parts, [0; 0]);
}

#[test]
fn a_part_of_another_codec_is_left_out_whatever_shows() {
    let tracks = || {
        vec![
            video_track(0x1011, Coding::Mpeg2Video, VideoFormat::I1080, &[1]),
            video_track(0x1011, Coding::Avc, VideoFormat::I1080, &[0, 2]),
        ]
    };
    let mpeg2 = Some(Picture { codec: Codec::Mpeg2Video, size: Some((1920, 1080)) });
    assert_eq!(judged(tracks(), &[avc(1920, 1080), mpeg2, avc(1920, 1080)]).parts, [1]);
    // Where nothing can be read, the tables are believed.
    assert_eq!(judged(tracks(), &[None, None, None]).parts, [1]);
    assert_eq!(judged(tracks(), &[avc(1440, 1080), None, None]).parts, [1], "what tables call 1080 lines is 1440 wide");
}

#[test]
fn a_part_whose_file_is_gone_is_named_and_counts_for_nothing() {
    let tracks = vec![video_track(0x1011, Coding::Avc, VideoFormat::P720, &[0, 1, 2])];
    let parts = (0..3).map(part).collect();
    let mut glance = Glance::default();
    glance.judge(&Title { parts, ..title(tracks) }, &[None, avc(1280, 720), None], |number| number != 1);
    assert_eq!(glance.parts, [0, 2]);
    let line = "0:02:00.0 to 0:03:00.0 of the title (clip 00002): its stream file is not there, or cannot be opened";
    assert_eq!((glance.left_out[1].line().as_str(), glance.left_out[1].reason), (line, Reason::NoFile));
}

#[test]
fn what_the_codec_carries_in_band_stays() {
    let tracks = vec![
        video_track(0x1011, Coding::Avc, VideoFormat::P1080, &[0]),
        video_track(0x1012, Coding::Avc, VideoFormat::I1080, &[1]),
        video_track(0x1B00, Coding::Unknown(7), VideoFormat::Unknown(9), &[2]),
    ];
    let glance = judged(tracks, &[avc(1920, 1080), avc(1920, 1088), None]);
    assert_eq!((glance.parts.len(), glance.left_out.len()), (0, 0), "{glance:?}");
}

#[test]
fn clips_are_looked_at_within_bounds_and_those_of_a_dvd_not_at_all() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(root.path().join("BDMV/STREAM")).unwrap();
    let tracks = vec![video_track(0x1011, Coding::Avc, VideoFormat::P1080, &[0, 1, 2])];
    let parts: Vec<Part> = (0..3).map(part).collect();
    parts.iter().for_each(|part| std::fs::write(root.path().join(part.path()), [0xFF; 6144]).unwrap());
    let whole = Title { parts, ..title(tracks) };
    let fs = crate::fs::folder::Folder::open(root.path()).unwrap();
    let look = |title: &Title, left: u64| {
        let mut glance = Glance { left, ..Glance::default() };
        glance.look_at_all(&fs, title, &SectorSet::new(), &Cancel::new()).unwrap();
        (left - glance.left, glance.seen.len(), glance.unseen, glance.note().is_some())
    };
    let each = look(&whole, 1 << 20).0 / 3;
    assert!(each > 0);
    assert_eq!(look(&whole, 1 << 20), (3 * each, 3, 0, false));
    assert_eq!(look(&whole, each), (each, 1, 2, true));
    let mut dvd = whole;
    dvd.parts.iter_mut().for_each(|part| part.packets = Packets::Program);
    assert_eq!(look(&dvd, 1 << 20), (0, 0, 0, false));
}
