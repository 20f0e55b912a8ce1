//! Tables of real discs, when `FREEMKV_TEST_DATA` names the folder with them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::clip::clpi::Clip;
use super::meta::DiscMeta;
use super::playlist::mpls::Playlist;
use super::program::command;
use super::program::index::{Index, Object};
use super::program::movie_object::MovieObjects;
use crate::base::testing::{program, test_data};

fn samples() -> Vec<PathBuf> {
    let Some(data) = test_data() else { return Vec::new() };
    let folder = data.join("samples/bdmv-metadata");
    let discs: Vec<_> = files(&folder).into_iter().filter(|p| p.is_dir()).collect();
    assert!(!discs.is_empty());
    discs
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}

fn playlists(disc: &Path) -> BTreeMap<String, Playlist> {
    let parse = |p: PathBuf| (stem(&p), Playlist::parse(&std::fs::read(&p).unwrap()).unwrap());
    files(&disc.join("PLAYLIST")).into_iter().map(parse).collect()
}

#[test]
fn every_table_is_read_and_they_agree_with_each_other() {
    for disc in samples() {
        let index = Index::parse(&std::fs::read(disc.join("index.bdmv")).unwrap()).unwrap();
        let movie_objects = std::fs::read(disc.join("MovieObject.bdmv")).unwrap();
        programs_agree(&index, &movie_objects);
        let meta = disc.join("META/DL/bdmt_eng.xml");
        if let Ok(bytes) = std::fs::read(meta) {
            let title = DiscMeta::parse(&bytes).unwrap().title.unwrap();
            assert!(title.starts_with("TEST DISC "), "{title}");
        }
        let clips: BTreeMap<String, Clip> = files(&disc.join("CLIPINF"))
            .iter()
            .map(|p| (stem(p), Clip::parse(&std::fs::read(p).unwrap()).unwrap()))
            .collect();
        for (name, clip) in &clips {
            assert_eq!(clip.entry_points_error, None, "{name}");
            assert_eq!((clip.clocks.len(), clip.programs.len()), (1, 1));
            for map in &clip.entry_points {
                let in_order =
                    |p: &[super::clip::ep_map::EntryPoint]| p[0].time < p[1].time && p[0].packet < p[1].packet;
                assert!(map.points.windows(2).all(in_order), "{name}");
                assert!(map.points.iter().all(|p| p.packet < clip.packets), "{name}");
                assert!(clip.stream(map.pid).is_some(), "{name}");
            }
        }
        for (name, playlist) in playlists(&disc) {
            assert_eq!(playlist.extension_error, None, "{name}");
            for item in &playlist.items {
                let clip = &clips[&item.clip.name.to_string()];
                let clock = clip.clock(item.clip.stc_id).unwrap();
                assert!(clock.start <= item.in_time && item.out_time <= clock.end, "{name}");
                for stream in item.streams.all().filter(|s| s.origin == super::playlist::stn::Origin::Clip) {
                    let there = clip.stream(stream.pid).unwrap();
                    assert_eq!(there.info.coding, stream.info.coding);
                    assert_eq!(there.info.attributes.language(), stream.info.attributes.language());
                }
            }
        }
    }
}

/// Every object that the index names is there, every command is known, and none of the file's bytes is left.
fn programs_agree(index: &Index, file: &[u8]) {
    let objects = MovieObjects::parse(file).unwrap().objects;
    let commands: usize = objects.iter().map(|o| o.commands.len()).sum();
    assert_eq!(50 + objects.len() * 4 + commands * 12, file.len());
    assert!(objects.iter().all(|o| !o.commands.contains(&command::Command::Unknown)));
    for (_, object) in index.entries() {
        assert!(matches!(object, Object::Movie(number) if usize::from(*number) < objects.len()), "{object:?}");
    }
}

/// The lines of `bd_list_titles -a -s 0`: playlist, then seconds, chapters, angles, clips, and the streams of a kind.
fn listed(disc: &Path) -> Option<BTreeMap<String, (u64, Vec<usize>)>> {
    let root = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(disc, root.path().join("BDMV")).unwrap();
    let output = Command::new(program("bd_list_titles")?).arg(root.path()).args(["-a", "-s", "0"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut titles = BTreeMap::new();
    for line in text.lines().filter(|l| l.starts_with("index:")) {
        let (head, streams) = line.split_once(')').unwrap();
        let playlist = head.split("(playlist: ").nth(1).unwrap().strip_suffix(".mpls").unwrap();
        let words: Vec<&str> = head.split_whitespace().collect();
        let after = |word: &str| words[words.iter().position(|w| *w == word).unwrap() + 1];
        let seconds = after("duration:").split(':').fold(0, |s, n| s * 60 + n.parse::<u64>().unwrap());
        let mut counts: Vec<usize> = ["chapters:", "angles:", "clips:"].map(|w| after(w).parse().unwrap()).to_vec();
        counts.extend(streams.split_whitespace().map(|w| w.split_once(':').unwrap().1.parse::<usize>().unwrap()));
        titles.insert(playlist.to_owned(), (seconds, counts));
    }
    Some(titles)
}

#[test]
fn durations_chapters_angles_and_streams_are_what_libbluray_says() {
    let mut compared = 0;
    for disc in samples() {
        let Some(listed) = listed(&disc) else { return };
        for (name, playlist) in playlists(&disc) {
            let Some((seconds, counts)) = listed.get(&name) else { continue };
            let chapters = playlist.marks.iter().filter(|m| m.kind == super::playlist::mpls::MarkKind::Entry).count();
            let streams = &playlist.items[0].streams;
            let ours = vec![
                chapters,
                playlist.angles(),
                playlist.items.len(),
                streams.video.len(),
                streams.audio.len(),
                streams.subtitles.len(),
                streams.menus.len(),
                streams.secondary_video.len(),
                streams.secondary_audio.len(),
            ];
            assert_eq!((playlist.duration().whole_seconds(), &ours), (*seconds, counts), "{} {name}", disc.display());
            compared += 1;
        }
    }
    eprintln!("{compared} playlists compared");
}

#[test]
fn damaged_tables_of_real_discs_bring_nothing_down() {
    let mut seed = 1u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below.max(1)
    };
    for disc in samples() {
        let programs = ["index.bdmv", "MovieObject.bdmv"].map(|name| disc.join(name));
        let clips = files(&disc.join("CLIPINF")).into_iter().take(3);
        for path in files(&disc.join("PLAYLIST")).into_iter().chain(clips).chain(programs) {
            let good = std::fs::read(&path).unwrap();
            for round in 0..12 {
                let mut bad = good.clone();
                let at = random(bad.len());
                let end = (at + random(64)).min(bad.len());
                match round % 3 {
                    0 => bad[at] ^= 1 << random(8),
                    1 => bad[at..end].fill(0),
                    _ => bad.truncate(at),
                }
                let _ = (Playlist::parse(&bad), Clip::parse(&bad), Index::parse(&bad), MovieObjects::parse(&bad));
            }
        }
    }
}
