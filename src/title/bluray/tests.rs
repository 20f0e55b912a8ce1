use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::base::testing::test_data;
use crate::bluray::fixture::{Clpi, Item, Mpls, find, plain_streams};
use crate::bluray::stream_info::Coding;
use crate::fs::folder::Folder;
use crate::fs::{MemorySectors, open_disc};
use crate::title::model::{Track, TrackKind};

/// A disc as a folder: playlists, and the names of clips that all have the same information.
pub(in crate::title) fn disc(playlists: &[(&str, Mpls)], clips: &[&str]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for folder in ["BDMV/PLAYLIST", "BDMV/CLIPINF", "BDMV/BACKUP/PLAYLIST", "BDMV/META/DL"] {
        std::fs::create_dir_all(root.path().join(folder)).unwrap();
    }
    for (name, playlist) in playlists {
        std::fs::write(root.path().join(format!("BDMV/PLAYLIST/{name}.mpls")), playlist.build()).unwrap();
    }
    for name in clips {
        std::fs::write(root.path().join(format!("BDMV/CLIPINF/{name}.clpi")), Clpi::film().build()).unwrap();
    }
    root
}

fn open(root: &Path, angle: usize) -> Result<DiscTitles, TitleError> {
    read(&Folder::open(root).unwrap(), angle)
}

#[test]
fn parts_chapters_and_tracks_come_from_all_items() {
    let mut mpls = Mpls::film();
    mpls.items[0].streams = plain_streams(&["deu", "xxx"]);
    // The first chapter late, one twice, one in the last second, one at the end, one outside its item.
    let marks = [(1, 0, 50_000), (1, 1, 90_000), (1, 1, 90_000), (1, 1, 170_000), (1, 1, 180_000), (1, 0, 44_999)];
    mpls.marks = marks.into_iter().chain([(2, 0, 60_000)]).collect();
    let root = disc(&[("00007", mpls)], &["00001", "00002", "00009"]);
    let disc = open(root.path(), 1).unwrap();
    let title = &disc.titles[0];
    assert_eq!((title.id.as_str(), title.duration(), title.angles), ("00007", Ticks90(270_000), 1));
    let starts: Vec<i64> = title.chapters.iter().map(|c| c.start.0).collect();
    assert_eq!(starts, [0, 10_000, 90_000, 250_000]);
    assert_eq!(title.parts[1].path(), "BDMV/STREAM/00002.m2ts");
    assert_eq!(title.parts[1].clock.to_title(Ticks90(180_000)), Ticks90(90_000));
    let parts = |t: &Track| t.streams.iter().map(|(part, _)| part).collect::<Vec<_>>();
    let tracks: Vec<_> = title.tracks.iter().map(|t| (t.kind, t.coding, t.language, t.secondary, parts(t))).collect();
    assert_eq!(
        tracks,
        [
            (TrackKind::Video, Coding::Avc, None, false, vec![0, 1]),
            (TrackKind::Video, Coding::Avc, None, true, vec![1]),
            (TrackKind::Audio, Coding::Ac3, Some("ger"), false, vec![0]),
            (TrackKind::Audio, Coding::Ac3, None, false, vec![0]),
            (TrackKind::Audio, Coding::TrueHd, Some("eng"), false, vec![1]),
            (TrackKind::Audio, Coding::Eac3Secondary, Some("eng"), true, vec![1]),
            (TrackKind::Subtitle, Coding::Pgs, Some("fre"), false, vec![1]),
        ]
    );
    let sub_path = &title.sub_paths[0];
    let first = &sub_path.parts[0];
    assert_eq!((sub_path.number, first.clip(), first.clock.start()), (0, "00009", Ticks90(90_000)));
    // Only the second item has an enhancement layer.
    let enhancement = title.tracks[0].enhancement.as_ref().unwrap();
    assert_eq!((enhancement.at(0), enhancement.at(1).map(|s| s.id)), (None, Some(0x1015)));
}

#[test]
fn a_layer_makes_the_pictures_better_that_it_lies_beside() {
    let mut mpls = Mpls::film();
    // The first item is a logo whose picture is of another coding than that of the film behind it.
    mpls.items[0].streams = plain_streams(&["deu"]);
    let coding = find(&mpls.items[0].streams, &[0x1B, 0x61]);
    mpls.items[0].streams[coding] = 0x02;
    let root = disc(&[("00007", mpls)], &["00001", "00002", "00009"]);
    let title = &open(root.path(), 1).unwrap().titles[0];
    let pictures: Vec<_> = title.primary(TrackKind::Video).collect();
    let layers = |t: &Track| t.enhancement.as_ref().map(|layer| layer.iter().map(|(part, s)| (part, s.id)).collect());
    let found: Vec<(_, Option<Vec<_>>)> = pictures.iter().map(|t| (t.coding, layers(t))).collect();
    assert_eq!(found, [(Coding::Mpeg2Video, None), (Coding::Avc, Some(vec![(1, 0x1015)]))]);
}

#[test]
fn a_stream_that_moves_to_another_pid_stays_the_same_track() {
    let mut items = vec![Item::new("00001", 1, (0, 90_000)), Item::new("00002", 1, (0, 90_000))];
    items[0].streams = plain_streams(&["eng", "fra", "eng"]);
    items[1].streams = plain_streams(&["fra", "eng"]);
    let root = disc(&[("00001", Mpls::new(items, vec![]))], &[]);
    let title = &open(root.path(), 1).unwrap().titles[0];
    let pids = |t: &Track| [0, 1].map(|part| t.streams.at(part).map(|stream| stream.id));
    let audio: Vec<_> = title.primary(TrackKind::Audio).map(|t| (t.language, pids(t))).collect();
    // The first English track goes on where the second item has one; the second ends.
    assert_eq!(
        audio,
        [
            (Some("eng"), [Some(0x1100), Some(0x1101)]),
            (Some("fre"), [Some(0x1101), Some(0x1100)]),
            (Some("eng"), [Some(0x1102), None]),
        ]
    );
}

#[test]
fn bytes_reach_from_entry_point_to_entry_point() {
    let tick = 1 << 18;
    let items = vec![Item::new("00001", 1, (2 * tick + 300_000, 4 * tick))];
    let root = disc(&[("00001", Mpls::new(items, vec![]))], &["00001"]);
    let disc = open(root.path(), 1).unwrap();
    let part = &disc.titles[0].parts[0];
    // The first entry point lies 300,000 ticks before IN, the second 44,000; the one at OUT is too near.
    assert_eq!(part.pieces[0].bytes, Some(90_000 * 192..(131_072 + 60_000) * 192));
    assert_eq!(part.entry_points, 0);
}

#[test]
fn another_angle_plays_other_clips() {
    let mut mpls = Mpls::film();
    mpls.items[0].angles = vec!["00011"];
    let root = disc(&[("00001", mpls)], &["00001", "00002", "00011", "00009"]);
    let clips = |angle| -> Vec<String> {
        open(root.path(), angle).unwrap().titles[0].parts.iter().map(|p| p.clip().to_owned()).collect()
    };
    assert_eq!(clips(1), ["00001", "00002"]);
    assert_eq!(clips(2), ["00011", "00002"]);
    assert_eq!(clips(3), ["00001", "00002"]);
}

#[test]
fn a_broken_playlist_is_read_from_the_backup() {
    let root = disc(&[("00001", Mpls::film())], &["00001", "00002", "00009"]);
    let at = |folder: &str| root.path().join(folder).join("PLAYLIST/00001.mpls");
    std::fs::copy(at("BDMV"), at("BDMV/BACKUP")).unwrap();
    let whole = open(root.path(), 1).unwrap().titles;
    std::fs::write(at("BDMV"), b"MPLS0200").unwrap();
    let disc = open(root.path(), 1).unwrap();
    assert_eq!(disc.titles, whole);
    assert!(
        disc.problems.iter().any(|p| p.contains("00001.mpls") && p.contains("BACKUP is used")),
        "{:?}",
        disc.problems
    );
    std::fs::write(at("BDMV/BACKUP"), b"").unwrap();
    let told = open(root.path(), 1).unwrap_err().to_string();
    assert!(told.starts_with("none of the 1 playlists can be read; the first: BDMV/PLAYLIST/00001.mpls"), "{told}");
}

#[test]
fn a_clip_without_information_is_read_whole() {
    let root = disc(&[("00001", Mpls::film())], &["00001"]);
    let disc = open(root.path(), 1).unwrap();
    assert!(disc.titles[0].parts[0].pieces[0].bytes.is_some());
    assert_eq!(disc.titles[0].parts[1].pieces[0].bytes, None);
    assert_eq!(disc.problems.iter().filter(|p| p.contains("00002.clpi")).count(), 1);
}

#[test]
fn the_english_name_of_a_disc_is_preferred() {
    let root = disc(&[("00001", Mpls::film())], &[]);
    let name = |text: &str| format!("<d><title><name>{text}</name></title></d>");
    std::fs::write(root.path().join("BDMV/META/DL/bdmt_deu.xml"), name("Der Film")).unwrap();
    assert_eq!(open(root.path(), 1).unwrap().name.as_deref(), Some("Der Film"));
    std::fs::write(root.path().join("BDMV/META/DL/bdmt_eng.xml"), name("The Film")).unwrap();
    assert_eq!(open(root.path(), 1).unwrap().name.as_deref(), Some("The Film"));
}

#[test]
fn chapters_are_called_what_the_disc_calls_them_where_it_is_known_which_is_which() {
    let mut mpls = Mpls::film();
    mpls.items[1].streams = plain_streams(&["eng"]);
    // The second in time comes first in the table, one lies twice, a link mark is none, and one is too late.
    mpls.marks = vec![(1, 1, 90_000), (1, 0, 45_000), (2, 0, 50_000), (1, 1, 90_000), (1, 1, 180_000)];
    let root = disc(&[("00001", mpls.clone()), ("00002", mpls)], &[]);
    std::fs::create_dir_all(root.path().join("BDMV/META/TN")).unwrap();
    let write = |file: &str, names: &[&str]| {
        let names: String = names.iter().map(|name| format!("<name>{name}</name>")).collect();
        std::fs::write(root.path().join("BDMV/META/TN").join(file), format!("<x><chapters>{names}</chapters></x>"))
            .unwrap();
    };
    let names = |title: usize| -> Vec<Option<String>> {
        open(root.path(), 1).unwrap().titles[title].chapters.iter().map(|c| c.name.clone()).collect()
    };
    assert_eq!(names(0), [None, None]);
    write("tnmt_deu_00001.xml", &["Zwei", "Eins", "Zwei", "Drei"]);
    assert_eq!(names(0), ["Eins", "Zwei"].map(|name| Some(name.to_owned())));
    write("tnmt_eng_00001.xml", &["Two", "", "Two", "Three"]);
    assert_eq!(names(0), [None, Some("Two".to_owned())]);
    // Which is which is not known: another language may tell.
    write("tnmt_eng_00001.xml", &["Two", "One"]);
    assert_eq!(names(0)[0].as_deref(), Some("Eins"));
    assert_eq!(names(1), [None, None]);
}

#[test]
fn a_folder_without_playlists_is_no_blu_ray() {
    let root = tempfile::tempdir().unwrap();
    assert!(matches!(open(root.path(), 1), Err(TitleError::NoBluRay)));
}

#[test]
fn test_discs_have_the_titles_of_their_manifests() {
    for name in ["bd-basic", "bd-multi", "uhd-basic"] {
        let Some(data) = test_data() else { return };
        let image = std::fs::read(data.join(format!("discs/{name}.iso"))).unwrap();
        let manifest: serde_json::Value =
            serde_json::from_slice(&std::fs::read(data.join(format!("discs/{name}.json"))).unwrap()).unwrap();
        let fs = open_disc(Arc::new(MemorySectors::new(image))).unwrap();
        let disc = read(&*fs, 1).unwrap();
        assert_eq!(disc.problems, [""; 0]);
        assert_eq!(disc.is_ultra_hd, name == "uhd-basic");
        for expected in manifest["titles"].as_array().unwrap() {
            let id = expected["id"].as_str().unwrap();
            let title = disc.titles.iter().find(|t| t.id == id).unwrap();
            let close =
                |time: Ticks90, seconds: &serde_json::Value| (time.seconds() - seconds.as_f64().unwrap()).abs() < 0.002;
            assert!(close(title.duration(), &expected["duration"]), "{name} {id}");
            let chapters = expected["chapters"].as_array().unwrap();
            assert_eq!(title.chapters.len(), chapters.len(), "{name} {id}");
            assert!(title.chapters.iter().zip(chapters).all(|(ours, theirs)| close(ours.start, theirs)), "{name} {id}");
            let Some(tracks) = expected["tracks"].as_array() else { continue };
            // The core inside TrueHD is no stream of its own in the tables.
            let mut pids: Vec<u64> = tracks.iter().filter_map(|t| t["pid"].as_u64()).collect();
            pids.dedup();
            let pid = |t: &Track| t.streams.first().map_or(0, |stream| u64::from(stream.id));
            let ours: Vec<u64> = title.tracks.iter().map(pid).collect();
            assert_eq!(ours, pids, "{name} {id}");
            for track in &title.tracks {
                let same = tracks.iter().find(|t| t["pid"] == pid(track)).unwrap();
                let language = same["lang"].as_str().filter(|l| *l != "und");
                assert_eq!(track.language, language.and_then(crate::title::language::bibliographic), "{name} {id}");
            }
        }
    }
}
