//! Discs that other programs made, muxed and held against their manifests and other programs.
//! Needs `FREEMKV_TEST_DATA`, ffmpeg and mkvmerge.

use super::support::test_data;
use crate::fixtures::disc::{self, Disc, check, judge};
use freemkv::mux::plan::Core;
use freemkv::mux::report::Cause;

#[test]
fn a_blu_ray_is_muxed_as_its_manifest_says() {
    let Some(data) = test_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.mkv");
    let report = Disc::image(&data, "bd-basic").mux("00000", &path).unwrap();
    assert!(report.is_complete(), "{report:?}");
    check(&data, "bd-basic", "00000", &path);
}

#[test]
fn an_ultra_hd_blu_ray_is_muxed_as_its_manifest_says() {
    let Some(data) = test_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.mkv");
    let report = Disc::image(&data, "uhd-basic").mux("00000", &path).unwrap();
    assert!(report.is_complete(), "{report:?}");
    check(&data, "uhd-basic", "00000", &path);
}

#[test]
fn both_layers_of_dolby_vision_become_one_track() {
    let Some(data) = test_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let disc = Disc::image(&data, "uhd-dv");
    for title in ["00001", "00002", "00003", "00004", "00005"] {
        let path = folder.path().join(format!("{title}.mkv"));
        let report = disc.mux(title, &path).unwrap();
        assert!(report.is_complete(), "{report:?}");
        check(&data, "uhd-dv", title, &path);
    }
}

#[test]
fn streams_outside_the_multiplex_and_odd_clips_come_out_as_the_manifest_says() {
    let Some(data) = test_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let titles = [
        ("bd-seams", ["00001", "00002", "00003", "00004", "00005", "00009", "00010", "00011"].as_slice()),
        ("bd-codecs", &["00003", "00007", "00008"]),
    ];
    for (name, titles) in titles {
        let disc = Disc::image(&data, name);
        for title in titles {
            let path = folder.path().join(format!("{name}-{title}.mkv"));
            let report = disc.mux(title, &path).unwrap();
            assert!(report.is_complete(), "{name} {title}: {report:?}");
            // The title that begins between two pictures at which decoding can has nothing in front of the second.
            let late = report.undecodable.iter().all(|loss| loss.cause == Cause::Undecodable);
            assert!(late && report.undecodable.is_empty() != (title == &"00011"), "{name} {title}: {report:?}");
            println!("{name} {title}");
            judge(&data, name, title, &path);
        }
    }
}

#[test]
fn seams_cuts_and_angles_come_out_as_the_manifest_says() {
    let Some(data) = test_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let disc = Disc::image(&data, "bd-multi");
    for title in ["00001", "00002", "00003", "00010", "00011", "00012", "00020"] {
        let path = folder.path().join(format!("{title}.mkv"));
        let report = disc.mux(title, &path).unwrap();
        assert!(report.is_complete(), "{report:?}");
        println!("{title}");
        check(&data, "bd-multi", title, &path);
    }
}

#[test]
fn a_clip_that_plays_eight_times_is_there_eight_times() {
    let Some(data) = test_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.mkv");
    let disc = Disc::image(&data, "bd-multi");
    let report = disc.mux("00004", &path).unwrap();
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(report.tracks[0].frames, 8 * 83);
    disc::programs_take(&path);
}

#[test]
fn sound_of_every_kind_comes_out_as_the_manifest_says() {
    let Some(data) = test_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let disc = Disc::image(&data, "bd-codecs");
    for title in ["00003", "00004", "00008"] {
        let path = folder.path().join(format!("{title}.mkv"));
        let report = disc.mux(title, &path).unwrap();
        assert!(report.is_complete(), "{report:?}");
        // Some extensions of DTS are noise behind true heads, which no decoder takes.
        if title == "00003" {
            judge(&data, "bd-codecs", title, &path);
        } else {
            check(&data, "bd-codecs", title, &path);
        }
    }
}

#[test]
fn the_bare_cores_of_dts_hd_are_tracks_that_decode() {
    let Some(data) = test_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.mkv");
    let mut disc = Disc::image(&data, "bd-codecs");
    disc.options.core = Core::Only;
    let report = disc.mux("00003", &path).unwrap();
    assert!(report.is_complete(), "{report:?}");
    let sound: Vec<(&str, u64)> = report.tracks.iter().skip(1).map(|t| (t.codec, t.frames)).collect();
    assert_eq!(sound, [("DTS", 94), ("DTS", 94), ("DTS", 94), ("DTS", 94), ("DTS Express", 11)]);
    disc::programs_take(&path);
}
