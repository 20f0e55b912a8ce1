//! The stream files of the test discs hold exactly what their manifests say.

use freemkv::codec::{CORE, Colour, MAIN, MasteringDisplay, Rational};
use serde_json::Value;

use crate::support::{Kept, Track, run, stream_file};
use crate::testing::test_data;
use crate::{md5, support::Tracks};

/// Film time 0 of every clip on these discs, 90 kHz.
const START: i64 = 600 * 90_000;

fn manifest(name: &str) -> Option<(Vec<Value>, Tracks)> {
    let folder = test_data()?.join("discs");
    let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    let title = manifest["titles"].as_array().unwrap().iter().find(|t| t["id"] == "00000").unwrap();
    let tracks = title["tracks"].as_array().unwrap().clone();
    Some((tracks, run(&stream_file(&folder.join(format!("{name}.iso"))), 4 << 20)))
}

fn units_match(truth: &Value, frames: &[&Kept]) {
    assert_eq!(truth["units"], frames.len(), "{}", truth["codec"]);
    let sums: String = frames.iter().map(|f| md5::hex(&f.bytes)[..8].to_owned()).collect();
    assert_eq!(truth["unit_md5"], sums.as_str());
    let whole: Vec<u8> = frames.iter().flat_map(|f| f.bytes.iter().copied()).collect();
    assert_eq!(truth["payload_md5"], md5::hex(&whole).as_str());
}

fn audio_matches(truth: &Value, track: &Track, number: u8) {
    let frames = track.out.track(number);
    units_match(truth, &frames);
    let (samples, rate) = truth["unit_duration"].as_str().unwrap().split_once('/').unwrap();
    let ticks = samples.parse::<i64>().unwrap() * 90_000 / rate.parse::<i64>().unwrap();
    for (i, frame) in frames.iter().enumerate() {
        assert_eq!(frame.pts - START, i as i64 * ticks);
        assert_eq!(frame.duration, Some(ticks));
    }
    let audio = track.facts(number).audio.unwrap();
    assert_eq!(truth["channels"], audio.channels);
    assert_eq!(truth["rate"], audio.sample_rate);
}

fn subtitles_match(truth: &Value, track: &Track) {
    let frames = track.out.track(MAIN);
    units_match(truth, &frames);
    let pts: Vec<i64> = frames.iter().map(|f| f.pts - START).collect();
    assert_eq!(truth["pts"], serde_json::json!(pts));
    for pair in frames.windows(2) {
        assert_eq!(pair[0].duration, Some(pair[1].pts - pair[0].pts));
    }
}

/// `slice` says whether a NAL unit is coded picture data.
fn video_matches(truth: &Value, track: &Track, slice: impl Fn(&[u8]) -> bool) {
    let frames = track.out.track(MAIN);
    assert_eq!(truth["units"], frames.len());
    let mut pts: Vec<i64> = frames.iter().map(|f| f.pts - START).collect();
    pts.sort_unstable();
    assert_eq!(truth["pts"], serde_json::json!(pts));
    let mut slices = Vec::new();
    for frame in &frames {
        let mut rest = &frame.bytes[..];
        while !rest.is_empty() {
            let size = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
            let nal = &rest[4..4 + size];
            if slice(nal) {
                slices.extend([0, 0, 1]);
                slices.extend(nal);
            }
            rest = &rest[4 + size..];
        }
    }
    assert_eq!(truth["vcl_md5"], md5::hex(&slices).as_str());
    assert!(frames[0].key);
    let video = track.facts(MAIN).video.as_ref().unwrap();
    assert_eq!(truth["width"], video.width);
    assert_eq!(truth["height"], video.height);
    assert_eq!(video.frame_rate, Some(Rational { num: 24_000, den: 1001 }));
}

#[test]
fn bd_basic_comes_out_as_it_went_in() {
    let Some((truth, tracks)) = manifest("bd-basic") else { return };
    assert_eq!(tracks.losses, []);
    video_matches(&truth[0], tracks.pid(0x1011), |nal| matches!(nal[0] & 0x1F, 1..=5));
    audio_matches(&truth[1], tracks.pid(0x1100), MAIN);
    audio_matches(&truth[2], tracks.pid(0x1101), MAIN);
    subtitles_match(&truth[3], tracks.pid(0x1200));
}

#[test]
fn uhd_basic_comes_out_as_it_went_in_with_core_and_hdr() {
    let Some((truth, tracks)) = manifest("uhd-basic") else { return };
    assert_eq!(tracks.losses, []);
    video_matches(&truth[0], tracks.pid(0x1011), |nal| nal[0] >> 1 & 0x3F < 32);
    audio_matches(&truth[1], tracks.pid(0x1100), MAIN);
    audio_matches(&truth[2], tracks.pid(0x1100), CORE);
    audio_matches(&truth[3], tracks.pid(0x1101), MAIN);
    subtitles_match(&truth[4], tracks.pid(0x12A0));
    let video = tracks.pid(0x1011).facts(MAIN).video.clone().unwrap();
    assert_eq!(video.bit_depth, 10);
    assert_eq!(video.light_level, Some((1000, 400)));
    assert_eq!(
        video.mastering,
        Some(MasteringDisplay {
            primaries: [(34_000, 16_000), (13_250, 34_500), (7500, 3000)],
            white: (15_635, 16_450),
            max_luminance: 10_000_000,
            min_luminance: 50,
        })
    );
    let Colour { primaries, transfer, matrix, .. } = video.colour;
    assert_eq!((primaries, transfer, matrix), (Some(9), Some(16), Some(9)));
}

#[test]
fn the_cut_of_the_input_changes_nothing() {
    let Some(folder) = test_data() else { return };
    let data = stream_file(&folder.join("discs/uhd-basic.iso"));
    let data = &data[..2 << 20];
    let whole = run(data, data.len());
    for slice in [1 << 16, 6144, 191, 4099] {
        let cut = run(data, slice);
        assert_eq!(whole.losses, cut.losses);
        for (a, b) in whole.tracks.iter().zip(&cut.tracks) {
            assert!(a.out == b.out, "PID {:#x} in slices of {slice}", a.pid);
        }
    }
}
