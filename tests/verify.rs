//! `freemkv verify`: images that are what the disc holds, that are not, and drives that do not say.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

mod support;

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;

use serde_json::{Value, json};
use support::{Finished, SECTOR, disc_bytes, disc_file, finish, freemkv, test_data};
use tempfile::TempDir;

/// Sectors of the made-up disc.
const SECTORS: usize = 3000;

/// A folder with `disc.iso` and the same as `copy.iso`.
fn bench() -> TempDir {
    let folder = TempDir::new().unwrap();
    for name in ["disc.iso", "copy.iso"] {
        disc_file(folder.path(), name, 11, SECTORS);
    }
    folder
}

fn run(folder: &Path, words: &[&str]) -> Finished {
    finish(freemkv().current_dir(folder).arg("verify").args(words))
}

/// The report of a comparison that ends with this code.
fn verify(folder: &Path, code: i32, words: &[&str]) -> Value {
    let finished = finish(freemkv().current_dir(folder).arg("verify").args(words).arg("--json"));
    assert_eq!(finished.code, Some(code), "{words:?}: {finished:?}");
    let report: Value = serde_json::from_str(finished.stdout.trim()).unwrap_or_else(|e| panic!("{e}: {finished:?}"));
    assert_eq!((&report["command"], &report["exit_code"]), (&"verify".into(), &code.into()), "{report}");
    report
}

/// Changes one byte of `copy.iso` in each of these sectors.
fn damage(folder: &Path, sectors: &[usize]) {
    let file = OpenOptions::new().read(true).write(true).open(folder.join("copy.iso")).unwrap();
    for sector in sectors {
        let (mut byte, at) = ([0], (sector * SECTOR + sector % SECTOR) as u64);
        file.read_exact_at(&mut byte, at).unwrap();
        file.write_all_at(&[byte[0] ^ 0x40], at).unwrap();
    }
}

fn plan(folder: &Path, lines: &str) -> String {
    fs::write(folder.join("plan"), lines).unwrap();
    "emu:disc.iso,profile=dvd,faults=plan".to_owned()
}

#[test]
fn what_is_the_same_is_the_same_from_a_file_and_from_a_drive() {
    let folder = bench();
    for source in ["disc.iso", "emu:disc.iso", "emu:disc.iso,profile=bd"] {
        let report = verify(folder.path(), 0, &[source, "copy.iso"]);
        assert_eq!(report["compared_bytes"], SECTORS * SECTOR, "{report}");
        assert_eq!((&report["sectors"], &report["sector_size"]), (&SECTORS.into(), &SECTOR.into()));
        assert_eq!((&report["differing"], &report["unread"]), (&json!([]), &json!([])));
        assert_eq!((&report["sampled"], &report["image"]), (&false.into(), &"copy.iso".into()));
    }
    let text = run(folder.path(), &["disc.iso", "copy.iso"]);
    assert!(text.stdout.starts_with("copy.iso: the same as disc.iso; all of it was compared, 5.9 MiB"), "{text:?}");
    assert_eq!(fs::read(folder.path().join("copy.iso")).unwrap(), disc_bytes(11, SECTORS), "nothing is written");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left behind");
}

#[test]
fn each_byte_that_differs_is_found_and_its_sector_named() {
    let folder = bench();
    damage(folder.path(), &[0, 511, 512, 1500, SECTORS - 1]);
    let differing = json!([
        {"lba": 0, "sectors": 1}, {"lba": 511, "sectors": 2}, {"lba": 1500, "sectors": 1}, {"lba": SECTORS - 1, "sectors": 1},
    ]);
    for source in ["disc.iso", "emu:disc.iso,profile=dvd"] {
        let report = verify(folder.path(), 5, &[source, "copy.iso"]);
        assert_eq!((&report["differing"], &report["differing_sectors"]), (&differing, &5.into()), "{source}");
        assert_eq!(report["compared_bytes"], SECTORS * SECTOR, "what differs was compared");
    }
    let text = run(folder.path(), &["disc.iso", "copy.iso"]).stdout;
    assert!(text.contains("5 sectors differ: 0, 511-512, 1500, 2999"), "{text}");
}

#[test]
fn files_that_lie_in_sectors_that_differ_are_named() {
    let Some(data) = test_data() else { return };
    let folder = TempDir::new().unwrap();
    let disc = data.join("discs/data-cd.iso");
    let disc = disc.to_str().unwrap();
    fs::copy(disc, folder.path().join("copy.iso")).unwrap();
    let told: Value =
        serde_json::from_str(&finish(freemkv().args(["info", disc, "--files", "--json"])).stdout).unwrap();
    let file = told["files"].as_array().unwrap().iter().find(|file| file["bytes"].as_u64() > Some(100_000)).unwrap();
    let sector = usize::try_from(file["extents"][0]["sector"].as_u64().unwrap()).unwrap() + 2;
    damage(folder.path(), &[sector]);
    let report = verify(folder.path(), 5, &[disc, "copy.iso"]);
    assert_eq!(report["differing_files"], json!([{"path": file["path"], "bytes": SECTOR}]));
}

#[test]
fn what_does_not_come_is_unread_and_not_different() {
    let folder = bench();
    let source = plan(folder.path(), "bad 20 2 0\nbads 1000 1 0\n");
    let report = verify(folder.path(), 3, &[&source, "copy.iso"]);
    let unread = report["unread"].as_array().unwrap();
    assert_eq!(unread[0], json!({"lba": 320, "sectors": 32}), "{report}");
    let near = |range: &Value| range["lba"].as_u64() >= Some(992) && range["lba"].as_u64() <= Some(1000);
    assert!(unread.len() == 2 && near(&unread[1]), "{report}");
    assert_eq!((&report["differing"], &report["left_out"]), (&json!([]), &json!([])));
    let read = report["compared_bytes"].as_u64().unwrap() / SECTOR as u64 + report["unread_sectors"].as_u64().unwrap();
    assert_eq!(read, SECTORS as u64, "every sector is one or the other");
    damage(folder.path(), &[2000]);
    let report = verify(folder.path(), 5, &[&source, "copy.iso"]);
    assert_eq!(report["differing"], json!([{"lba": 2000, "sectors": 1}]), "bytes that differ weigh more");
}

#[test]
fn what_the_image_lacks_is_told_and_not_compared() {
    let folder = bench();
    let source = plan(folder.path(), "bad 20 2 0\n");
    for command in ["sweep", "patch"] {
        let made = finish(freemkv().current_dir(folder.path()).args([command, &source, "new.iso"]));
        assert_eq!(made.code, Some(3), "{made:?}");
    }
    let report = verify(folder.path(), 3, &["disc.iso", "new.iso"]);
    assert_eq!((&report["not_in_image"], &report["unread"]), (&json!([{"lba": 320, "sectors": 32}]), &json!([])));
    assert_eq!(report["compared_bytes"], (SECTORS - 32) * SECTOR);
    // A source with a map of its own lacks it, too.
    let report = verify(folder.path(), 3, &["new.iso", "copy.iso"]);
    assert_eq!((&report["unread"], &report["not_in_image"]), (&json!([{"lba": 320, "sectors": 32}]), &json!([])));
}

#[test]
fn sizes_that_differ_are_told() {
    let folder = bench();
    let bytes = disc_bytes(11, SECTORS);
    fs::write(folder.path().join("short.iso"), &bytes[..2500 * SECTOR]).unwrap();
    fs::write(folder.path().join("long.iso"), [&bytes[..], &[0; 10 * SECTOR]].concat()).unwrap();
    let short = verify(folder.path(), 3, &["disc.iso", "short.iso"]);
    assert_eq!(short["not_in_image"], json!([{"lba": 2500, "sectors": 500}]));
    let long = verify(folder.path(), 5, &["disc.iso", "long.iso"]);
    assert_eq!(long["differing"], json!([{"lba": SECTORS, "sectors": 10}]));
    // What a drive says of the end of its disc is no fact.
    let drive = verify(folder.path(), 3, &["emu:disc.iso", "long.iso"]);
    assert_eq!(drive["unread"], json!([{"lba": SECTORS, "sectors": 10}]));
    for report in [short, long, drive] {
        let notes = report["notes"].to_string();
        assert!(notes.contains("the sizes differ"), "{notes}");
    }
}

#[test]
fn a_drive_that_gives_up_or_goes_away_says_nothing_against_the_image() {
    let folder = bench();
    for (lines, code) in [
        ("wedge 2 100\nbad 20 2 0\n", 7),
        ("zero-after 1\nbad 20 1 0\n", 7),
        ("at 0.3 unplug\n", 4),
        ("at 0.3 eject\n", 4),
        ("answer 30 1 05/6F/03\n", 6),
    ] {
        let source = plan(folder.path(), lines);
        let report = verify(folder.path(), code, &[&source, "copy.iso"]);
        assert_eq!((&report["differing"], &report["unread"]), (&json!([]), &json!([])), "{lines}: {report}");
        assert_eq!(report["error"]["code"], code, "{lines}");
        let compared = report["compared_bytes"].as_u64().unwrap();
        assert!(compared > 0 && compared < (SECTORS * SECTOR) as u64, "{lines}: {report}");
    }
}

#[test]
fn an_answer_about_a_place_is_not_the_drive() {
    let folder = bench();
    for answer in ["05/24/00", "02/04/01", "hang", "host:07"] {
        let source = plan(folder.path(), &format!("answer 30 1 {answer}\n"));
        let report = verify(folder.path(), 3, &[&source, "copy.iso"]);
        assert_eq!(report["unread"], json!([{"lba": 480, "sectors": 16}]), "{answer}: {report}");
    }
}

#[test]
fn what_a_drive_reads_otherwise_each_time_is_no_difference() {
    let folder = bench();
    // Wrong bytes the first time alone.
    let source = plan(folder.path(), "recovered 30 3 1\n");
    let report = verify(folder.path(), 0, &[&source, "copy.iso"]);
    assert!(report["notes"].to_string().contains("48 sectors came otherwise at first"), "{report}");
    let source = plan(folder.path(), "recovered 30 3 9\n");
    let report = verify(folder.path(), 3, &[&source, "copy.iso"]);
    assert_eq!((&report["differing"], &report["unread"]), (&json!([]), &json!([{"lba": 480, "sectors": 48}])));
}

#[test]
fn a_sample_is_spread_over_the_whole_disc_and_the_same_for_the_same_seed() {
    let folder = TempDir::new().unwrap();
    let sectors = 100_000;
    for name in ["disc.iso", "copy.iso"] {
        let file = fs::File::create(folder.path().join(name)).unwrap();
        file.set_len(sectors * SECTOR as u64).unwrap();
    }
    let report = verify(folder.path(), 0, &["disc.iso", "copy.iso", "--sample", "5"]);
    let compared = report["compared_bytes"].as_u64().unwrap() / SECTOR as u64;
    assert!((5000..5100).contains(&compared), "{report}");
    assert_eq!((&report["sampled"], &report["sample"]), (&true.into(), &json!({"percent": 5.0, "seed": 1})));
    damage(folder.path(), &[0, 99_999]);
    let ends = verify(folder.path(), 5, &["disc.iso", "copy.iso", "--sample", "0.001"]);
    assert_eq!(ends["differing_sectors"], 2, "the first and the last sector belong to every sample");
    assert!(ends["compared_bytes"].as_u64() >= Some(2000 * SECTOR as u64), "{ends}");
    // A hole of a tenth is met wherever it lies.
    let hole: Vec<usize> = (42_000..52_000).collect();
    damage(folder.path(), &hole);
    let hurt = |seed: &str| {
        verify(folder.path(), 5, &["disc.iso", "copy.iso", "--sample", "1", "--seed", seed])["differing"].clone()
    };
    assert_eq!(hurt("7"), hurt("7"));
    assert_ne!(hurt("7"), hurt("8"));
    assert!(hurt("7").as_array().unwrap().len() > 2);
}

#[test]
fn what_cannot_be_compared_is_refused_with_what_to_do() {
    let folder = bench();
    fs::create_dir(folder.path().join("BDMV")).unwrap();
    for (words, code, said) in [
        (&["disc.iso", "/dev/sr97"][..], 2, "Name the disc first"),
        (&["disc.iso", "BDMV"], 2, "is a folder"),
        (&["BDMV", "copy.iso"], 2, "is a folder"),
        (&["disc.iso", "nowhere.iso"], 1, "there is no such file"),
        (&["nowhere.iso", "copy.iso"], 1, "there is no such file"),
        (&["disc.iso", "copy.iso", "--map", "nowhere.map"], 2, "there is no map"),
        (&["disc.iso", "copy.iso", "--sample", "0"], 2, "is no share"),
        (&["disc.iso", "copy.iso", "--log-file", "copy.iso"], 2, "at once"),
        (&["disc.iso", "copy.iso", "--log-file", "disc.iso"], 2, "at once"),
    ] {
        let refused = run(folder.path(), words);
        assert_eq!(refused.code, Some(code), "{words:?}: {refused:?}");
        assert!(refused.stderr.contains(said), "{words:?}: {refused:?}");
    }
    assert_eq!(fs::read(folder.path().join("copy.iso")).unwrap(), disc_bytes(11, SECTORS));
}
