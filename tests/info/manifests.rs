//! Every disc of the shared test data against its manifest: what `info --json` says is what was authored.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use freemkv::title::language::bibliographic;
use serde_json::Value;

use super::support::{run, test_data};
use super::{info, list};

/// The discs that have a manifest, by their names.
fn discs() -> Vec<(String, String, Value)> {
    let Some(data) = test_data() else { return Vec::new() };
    let entries = fs::read_dir(data.join("discs")).unwrap().map(|entry| entry.unwrap().path());
    let mut manifests: Vec<_> = entries.filter(|path| path.extension().is_some_and(|e| e == "json")).collect();
    manifests.sort();
    assert!(manifests.len() > 10, "{manifests:?}");
    let disc = |path: &std::path::PathBuf| {
        let manifest: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        let image = path.with_file_name(manifest["image"].as_str().unwrap());
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, image.to_str().unwrap().to_owned(), manifest)
    };
    manifests.iter().map(disc).collect()
}

/// The titles of a manifest that a disc plays: neither further angles, nor what is no title.
fn titles(manifest: &Value) -> BTreeMap<&str, &Value> {
    let all = manifest["titles"].as_array().map_or(&[][..], Vec::as_slice);
    all.iter().map(|title| (title["id"].as_str().unwrap(), title)).filter(|(id, _)| !id.contains('@')).collect()
}

fn near(a: &Value, b: &Value, within: f64) -> bool {
    (a.as_f64().unwrap() - b.as_f64().unwrap()).abs() < within
}

/// Whether a codec of a report is that of a manifest, which knows families.
fn is_codec(told: &str, truth: &str) -> bool {
    match truth {
        "h264" => told == "H.264",
        "hevc" => told == "HEVC",
        "mpeg2" => told == "MPEG-2",
        "vc1" => told == "VC-1",
        "ac3" => told == "AC-3",
        "eac3" => told == "E-AC-3",
        "dts" => told.starts_with("DTS"),
        "truehd" => told == "TrueHD",
        "lpcm" => told == "LPCM",
        "mp2" => told == "MP2",
        "pgs" => told == "PGS",
        "dvdsub" => told == "VobSub",
        "textst" => told == "TextST",
        other => panic!("{other}"),
    }
}

/// What is wrong with a track, if anything.
fn wrong(told: &Value, truth: &Value) -> Option<String> {
    let language = truth["lang"].as_str().filter(|l| *l != "und").and_then(bibliographic);
    let is_right = told["type"] == truth["type"]
        && is_codec(told["codec"].as_str().unwrap(), truth["codec"].as_str().unwrap())
        && told["language"].as_str() == language
        && match truth["type"].as_str().unwrap() {
            "video" => (&told["width"], &told["height"]) == (&truth["width"], &truth["height"]),
            "audio" => told["channels"] == truth["channels"] && told["rate"] == truth["rate"],
            _ => true,
        };
    (!is_right).then(|| format!("{told} is not {}", brief(truth)))
}

fn brief(truth: &Value) -> String {
    let keys = ["type", "codec", "lang", "width", "height", "channels", "rate"];
    keys.iter().map(|key| format!("{key} {} ", truth[key])).collect()
}

fn assert_tracks(told: &Value, truth: &Value, of: &str) {
    // Bait has no tracks in the manifest.
    let Some(truth) = truth["tracks"].as_array() else { return };
    let mut truth = truth.iter().peekable();
    for track in list(told) {
        // A track that a film may lack, such as the core of another, is no track of the tables.
        let fits = loop {
            let next = truth.next().unwrap_or_else(|| panic!("{of}: {track} is one too many"));
            match wrong(track, next) {
                None => break Ok(()),
                Some(_) if next["optional"] == true => {}
                Some(wrong) => break Err(wrong),
            }
        };
        fits.unwrap_or_else(|wrong| panic!("{of}: {wrong}"));
    }
    truth.for_each(|track| assert_eq!(track["optional"], true, "{of}: {} is not told", brief(track)));
}

#[test]
fn every_disc_is_described_as_its_manifest_says() {
    for (name, image, truth) in discs() {
        let told = info(&image, &[]);
        let disc = &told["disc"];
        assert_eq!((&disc["label"], &disc["size_bytes"]), (&truth["volume_label"], &truth["size"]), "{name}");
        assert_eq!(disc["sectors"].as_u64().unwrap(), truth["size"].as_u64().unwrap().div_ceil(2048), "{name}");
        let media = match truth["kind"].as_str().unwrap() {
            "bluray" => "bd".into(),
            "uhd-bluray" => "uhd".into(),
            "dvd-video" => "dvd".into(),
            _ => Value::Null,
        };
        assert_eq!(disc["media"], media, "{name}");
        assert_eq!((&disc["protected"], &told["damage"], &told["files"]), (&false.into(), &Value::Null, &Value::Null));
        let authored = titles(&truth);
        let ids: BTreeSet<&str> = list(&told["titles"]).iter().map(|title| title["id"].as_str().unwrap()).collect();
        // What plays nothing at all is no title, and told in a note.
        let real: BTreeSet<&str> =
            authored.iter().filter(|(_, t)| t["duration"].as_f64() > Some(0.0)).map(|(id, _)| *id).collect();
        assert_eq!(ids, real, "{name}");
        for title in list(&told["titles"]) {
            let id = title["id"].as_str().unwrap();
            let (of, truth) = (format!("{name} {id}"), authored[id]);
            assert!(near(&title["duration_seconds"], &truth["duration"], 0.1), "{of}: {title}");
            let role = truth["role"].as_str().unwrap_or_default();
            let starts: Vec<&Value> = list(&title["chapters"]).iter().map(|c| &c["start_seconds"]).collect();
            let chapters = list(&truth["chapters"]);
            let is_alike = starts.iter().zip(chapters).all(|(a, b)| near(a, b, 0.002));
            assert!(starts.len() == chapters.len() && is_alike, "{of}: {starts:?}, {chapters:?}");
            // What a DVD plays by itself may be another title than the one its author had in mind.
            let is_film = role.starts_with("main") && truth["clips"].is_array();
            assert!(!is_film || title["main"] == true, "{of} is the film");
            if truth["bogus"] != true {
                assert_tracks(&title["tracks"], &truth["tracks"], &of);
            }
        }
    }
}

#[test]
fn data_discs_list_their_files_with_places_and_hashes() {
    for (name, image, truth) in discs().into_iter().filter(|(_, _, truth)| truth.get("files").is_some()) {
        let told = info(&image, &["--files", "--hash"]);
        let key = |path: &Value, bytes: &Value, hash: &Value| (path.to_string(), bytes.as_u64(), hash.to_string());
        let files: BTreeSet<_> =
            list(&told["files"]).iter().map(|f| key(&f["path"], &f["bytes"], &f["sha256"])).collect();
        let expected: BTreeSet<_> =
            list(&truth["files"]).iter().map(|f| key(&f["path"], &f["size"], &f["sha256"])).collect();
        assert_eq!(files, expected, "{name}");
        assert_eq!(list(&told["files"]).len(), expected.len(), "{name}: each once");
        let number = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
        for file in list(&told["files"]) {
            let length: usize = list(&file["extents"]).iter().map(|extent| number(&extent["bytes"])).sum();
            assert!(length == number(&file["bytes"]) || list(&file["extents"]).is_empty(), "{file}");
        }
        assert!(list(&told["titles"]).is_empty() && list(&told["notes"]).is_empty(), "{told}");
        let text = run(["info", &image, "--files", "--hash"]).stdout;
        let readme = "           480  686235ae66845b310fd1a0294e95792123152adcb2a613a17878b1a5c4bfcab6  README.TXT";
        assert!(text.lines().any(|line| line == readme), "{text}");
        let extents = list(&told["files"]).iter().flat_map(|file| list(&file["extents"]));
        let first = extents.map(|extent| number(&extent["sector"])).next().unwrap();
        let places = run(["info", &image, "--files", "-v"]).stdout;
        assert!(places.contains(&format!("in sectors {first}")) && !text.contains("in sectors"), "{places}");
    }
}
