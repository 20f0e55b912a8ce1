//! `freemkv info` on the discs of the shared test data, on folders, on damaged images.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

mod exact;
mod hurt;
mod manifests;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use hurt::place;
use serde_json::Value;
use support::{Finished, program, run, test_data};
use tempfile::TempDir;

fn json(finished: &Finished) -> Value {
    serde_json::from_str(finished.stdout.trim()).unwrap_or_else(|e| panic!("{e}: {finished:?}"))
}

/// What `info --json` says of a source that it can read.
fn info(source: &str, more: &[&str]) -> Value {
    let mut arguments = vec!["info", source, "--json"];
    arguments.extend(more);
    let finished = run(arguments);
    assert_eq!(finished.code, Some(0), "{finished:?}");
    json(&finished)
}

fn image(name: &str) -> Option<String> {
    Some(test_data()?.join(format!("discs/{name}.iso")).to_str().unwrap().to_owned())
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

#[test]
fn duplicates_twins_and_play_alls_are_told_apart() {
    let Some(image) = image("bd-multi") else { return };
    let told = info(&image, &[]);
    let by_id: BTreeMap<&str, &Value> = list(&told["titles"]).iter().map(|t| (t["id"].as_str().unwrap(), t)).collect();
    let number = |id: &str| by_id[id]["number"].clone();
    assert_eq!(by_id["00002"]["duplicate_of"], number("00001"));
    for twin in ["00001", "00002", "00003"] {
        assert_eq!(by_id[twin]["group"], number("00001"), "{twin}");
    }
    assert!(by_id["00001"]["duplicate_of"].is_null() && by_id["00010"]["group"].is_null());
    let text = run(["info", &image]).stdout;
    for line in [
        "The same as title 2 (00001): 00002.",
        "The parts of title 2 (00001) in another order: 00003.",
        "Title 6 (00010) plays 7 (00011), 8 (00012) one after the other.",
        "* 2  00001  0:00:12",
    ] {
        assert!(text.contains(line), "{line} is not in:\n{text}");
    }
    assert!(text.contains("1080p, AC-3 2.0 eng; 2 angles") && !text.contains("  00003  0:"), "{text}");
}

#[test]
fn what_the_discs_programs_play_is_told() {
    let disc = |name: &str| format!("{}/tests/discs/navigation/{name}", env!("CARGO_MANIFEST_DIR"));
    for (name, how) in [("object", "direct"), ("button", "button"), ("sub_path", "button"), ("java", "listed")] {
        let told = info(&disc(name), &[]);
        let titles = list(&told["titles"]);
        let film = titles.iter().find(|t| t["main"] == true).unwrap();
        assert_eq!(film["id"], "00802", "{name}");
        assert_eq!(film["played_by"], serde_json::json!([{ "title": "1", "how": how }]), "{name}");
        assert_eq!((&film["clips"][0], &film["angles"], &film["group"]), (&"00003".into(), &1.into(), &film["number"]));
        let twins = titles.iter().filter(|t| t["group"] == film["number"]);
        assert_eq!(twins.count(), 4, "{name}");
    }
    let text = run(["info", &disc("button"), "--title", "00802.mpls"]).stdout;
    for line in [
        "Title 4 (00802): 2:00:00",
        "it is the film: the longest +40",
        "as title 1, by a button of the menu",
        "clips: 00003, 00001",
    ] {
        assert!(text.contains(line), "{line} is not in:\n{text}");
    }
    let told = info(&disc("object"), &["--title", "2,4"]);
    let numbers: Vec<&Value> = list(&told["titles"]).iter().map(|t| &t["number"]).collect();
    assert_eq!(numbers, [2, 4]);
    for wrong in ["9", "00999.mpls", "00001.m2ts"] {
        assert_eq!(run(["info", &disc("object"), "--title", wrong]).code, Some(2), "{wrong}");
    }
}

#[test]
fn image_folder_and_drive_tell_the_same() {
    let Some(image) = image("bd-multi") else { return };
    let of_image = info(&image, &[]);
    let of_drive = info(&format!("emu:{image},profile=bd"), &[]);
    assert_eq!((&of_image["titles"], &of_image["disc"]), (&of_drive["titles"], &of_drive["disc"]));
    let folder = TempDir::new().unwrap();
    extract(&image, folder.path());
    let of_folder = info(folder.path().to_str().unwrap(), &[]);
    assert_eq!(of_folder["titles"], of_image["titles"]);
    assert_eq!((&of_folder["disc"]["filesystem"], &of_folder["disc"]["sectors"]), (&"folder".into(), &Value::Null));
}

#[test]
fn a_drive_that_cannot_read_a_table_brings_its_copy() {
    let Some(image) = image("bd-basic") else { return };
    let folder = TempDir::new().unwrap();
    let (start, _) = place(&image, "BDMV/PLAYLIST/00000.mpls");
    let plan = folder.path().join("plan");
    fs::write(&plan, format!("0 + 1\n0 {start} +\n{start} 2048 -\n")).unwrap();
    let told = info(&format!("emu:{image},profile=cd,faults={}", plan.display()), &[]);
    assert_eq!(told["titles"], info(&image, &[])["titles"]);
    let note = told["notes"].to_string();
    assert!(note.contains("BDMV/PLAYLIST/00000.mpls") && note.contains("BDMV/BACKUP"), "{note}");
    assert!(told["damage"].is_null(), "{told}");
}

/// The files of an image as `info` places them.
fn extract(image: &str, folder: &Path) {
    let bytes = fs::read(image).unwrap();
    for file in list(&info(image, &["--files"])["files"]) {
        let mut content = Vec::new();
        for extent in list(&file["extents"]) {
            let number = |key: &str| usize::try_from(extent[key].as_u64().unwrap()).unwrap();
            let start = number("sector") * 2048;
            assert_eq!(number("offset"), content.len());
            content.extend(&bytes[start..start + number("bytes")]);
        }
        let path = folder.join(file["path"].as_str().unwrap());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

#[test]
fn a_dvd_shows_its_files_and_titles() {
    let Some(image) = image("dvd-ntsc") else { return };
    let told = info(&image, &["--files"]);
    assert_eq!((&told["disc"]["media"], &told["disc"]["protected"]), (&"dvd".into(), &false.into()));
    let titles: Vec<_> =
        list(&told["titles"]).iter().map(|t| (t["number"].as_u64(), t["id"].as_str(), t["main"] == true)).collect();
    let title = |number, id, main| (Some(number), Some(id), main);
    assert_eq!(titles, [title(1, "1", true), title(2, "2", false), title(3, "3", false)]);
    let seconds: Vec<f64> = list(&told["titles"]).iter().map(|t| t["duration_seconds"].as_f64().unwrap()).collect();
    assert!(seconds.iter().zip([15.015, 8.008, 7.007]).all(|(a, b)| (a - b).abs() < 0.002), "{seconds:?}");
    assert_eq!(list(&told["titles"][0]["chapters"]).len(), 4);
    assert!(list(&told["files"]).iter().any(|f| f["path"] == "VIDEO_TS/VTS_01_1.VOB" && f["sha256"].is_null()));
    assert!(list(&told["notes"]).is_empty(), "{told}");
}

/// What `bd_list_titles -a -s 0` says: whole seconds and chapters of each playlist.
fn listed(root: &Path) -> Option<BTreeMap<String, (u64, usize)>> {
    let output = Command::new(program("bd_list_titles")?).arg(root).args(["-a", "-s", "0"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let row = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let after = |word: &str| words[words.iter().position(|w| *w == word).unwrap() + 1];
        let seconds = after("duration:").split(':').fold(0, |s, n| s * 60 + n.parse::<u64>().unwrap());
        let id = after("(playlist:").split('.').next().unwrap().to_owned();
        (id, (seconds, after("chapters:").parse().unwrap()))
    };
    Some(text.lines().filter(|line| line.starts_with("index:")).map(row).collect())
}

#[test]
fn tables_of_real_discs_have_the_durations_that_libbluray_gives() {
    let Some(samples) = test_data().map(|data| data.join("samples/bdmv-metadata")) else { return };
    let discs = fs::read_dir(samples).unwrap().map(|e| e.unwrap().path()).filter(|path| path.is_dir());
    let mut compared = 0;
    for disc in discs {
        let root = TempDir::new().unwrap();
        symlink(&disc, root.path().join("BDMV")).unwrap();
        let told = info(root.path().to_str().unwrap(), &[]);
        let titles = list(&told["titles"]);
        assert_eq!(titles.iter().filter(|t| t["main"] == true).count(), 1, "{}", disc.display());
        assert!(list(&told["notes"]).is_empty(), "{}: {}", disc.display(), told["notes"]);
        assert!(run(["info", root.path().to_str().unwrap(), "-v"]).code == Some(0));
        let Some(listed) = listed(root.path()) else { continue };
        for (id, (seconds, _)) in &listed {
            let title = titles.iter().find(|t| t["id"] == **id).unwrap_or_else(|| panic!("{id}"));
            let told = title["duration_seconds"].as_f64().unwrap().floor();
            assert!((told - *seconds as f64).abs() < f64::EPSILON, "{} {id}: {told}, {seconds}", disc.display());
            compared += 1;
        }
    }
    eprintln!("{compared} titles compared");
}

#[test]
fn what_cannot_be_shown_is_refused_in_a_sentence() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("noise.iso"), support::disc_bytes(1, 600)).unwrap();
    fs::create_dir(path("empty")).unwrap();
    fs::create_dir_all(path("disc/BDMV/PLAYLIST")).unwrap();
    fs::write(path("disc/BDMV/PLAYLIST/00001.mpls"), "no playlist").unwrap();
    let (noise, disc) = (path("noise.iso"), path("disc"));
    let (map, nothing) = (path("m"), path("nothing"));
    fs::write(&map, "no map\n").unwrap();
    let cases: [(&[&str], i32, &str); 7] = [
        (&[&noise], 1, "no readable file system"),
        (&[&path("empty")], 2, "neither BDMV nor VIDEO_TS"),
        (&[&nothing], 1, "no such file"),
        (&[&noise, "--map", &nothing], 2, "there is no map"),
        (&[&noise, "--map", &map], 1, "line 1"),
        (&[&disc, "--map", &map], 2, "no sectors"),
        (&[&disc], 1, "none of the 1 playlists can be read"),
    ];
    for (arguments, code, message) in cases {
        let finished = run(["info", "--json"].iter().chain(arguments));
        assert_eq!(finished.code, Some(code), "{finished:?}");
        let told = json(&finished);
        assert_eq!(told["error"]["code"], code);
        assert!(told["error"]["message"].as_str().unwrap().contains(message), "{told}");
    }
    assert_eq!(run(["info", &noise, "--hash"]).code, Some(2));
}

#[test]
fn names_of_a_disc_cannot_steer_the_terminal() {
    let folder = TempDir::new().unwrap();
    let root = folder.path().join("evil\x1b[2J");
    fs::create_dir_all(root.join("BDMV/PLAYLIST")).unwrap();
    fs::create_dir_all(root.join("VIDEO_TS")).unwrap();
    fs::create_dir_all(root.join("AACS")).unwrap();
    fs::write(root.join("AACS/key\x1b[31m"), "x").unwrap();
    fs::write(root.join("BDMV/PLAYLIST/\x1b[31m\n.mpls"), "x").unwrap();
    fs::write(root.join("BDMV/PLAYLIST/0\x1b[3m.mpls"), "x").unwrap();
    for more in [&["--files"][..], &["--files", "-v"], &["--files", "--hash"]] {
        let finished = run([&["info", root.to_str().unwrap()], more].concat());
        assert!(!finished.stdout.contains('\x1b') && !finished.stderr.contains('\x1b'), "{finished:?}");
        assert!(finished.stderr.contains("AACS folder"), "{finished:?}");
    }
}
