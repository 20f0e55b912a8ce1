use super::*;
use crate::matroska::builder::tests::{audio, subtitle, video};

#[test]
fn video_keyframes_are_thinned_and_subtitles_are_not() {
    let mut cues = Cues::new(&[video(1), audio(2), subtitle(3)]);
    let times = [(0, true), (400, true), (499, true), (500, true), (700, false), (999, true), (1000, true)];
    let taken: Vec<u64> = times.into_iter().filter(|(t, key)| cues.takes(0, *t, *key)).map(|(t, _)| t).collect();
    assert_eq!(taken, [0, 500, 1000]);
    assert!(!cues.takes(1, 0, true));
    assert!(cues.takes(2, 0, false) && cues.takes(2, 1, false));
    assert!(!cues.takes(3, 0, true));
}

#[test]
fn without_video_the_first_audio_track_leads() {
    let mut cues = Cues::new(&[subtitle(1), audio(2), audio(3)]);
    assert!(cues.takes(1, 0, true) && !cues.takes(1, 499, true) && cues.takes(1, 500, true));
    assert!(!cues.takes(2, 0, true));
}

#[test]
fn the_space_kept_holds_the_largest_points_expected() {
    let mut cues = Cues::new(&[subtitle(1)]);
    for n in 0..1000 {
        let time = u64::from(u32::MAX) - n;
        cues.add(Cue { time, track: 127, cluster: (1 << 40) - 1, relative: 5_000_000, duration: Some((1 << 24) - 1) });
    }
    let content = crate::matroska::ebml::sealed(&cues.content().unwrap());
    assert!(crate::matroska::ebml::element_len(ids::CUES, content.len()) <= space(1000));
    assert_eq!(space(0), 0);
}

#[test]
fn points_are_bounded() {
    let mut cues = Cues::new(&[subtitle(1)]);
    let cue = Cue { time: 0, track: 1, cluster: 0, relative: 0, duration: None };
    for _ in 0..MAX_POINTS {
        cues.add(cue);
    }
    assert!(!cues.takes(0, 1, true));
}
