//! `--only` and `--skip` by name: what is read is where the disc's own tables say that a file or a title lies.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

mod support;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use serde_json::Value;
use support::{Finished, SECTOR, finish, freemkv, rescued_sectors, test_data};
use tempfile::TempDir;

fn disc(name: &str) -> Option<String> {
    Some(test_data()?.join(format!("discs/{name}.iso")).to_str().unwrap().to_owned())
}

fn run(folder: &Path, words: &[&str]) -> Finished {
    finish(freemkv().current_dir(folder).args(words))
}

/// Sweeps `source` into `name` and tells which sectors came.
fn swept(folder: &Path, source: &str, name: &str, more: &[&str]) -> BTreeSet<usize> {
    let finished = finish(freemkv().current_dir(folder).args(["sweep", source, name]).args(more));
    assert!(matches!(finished.code, Some(0 | 3)), "{more:?}: {finished:?}");
    rescued_sectors(&folder.join(format!("{name}.map")))
}

/// The files of a disc with their sectors.
fn files(source: &str) -> Vec<(String, BTreeSet<usize>)> {
    let told: Value =
        serde_json::from_str(&finish(freemkv().args(["info", source, "--files", "--json"])).stdout).unwrap();
    let number = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    let sectors = |file: &Value| {
        let extents = file["extents"].as_array().unwrap().iter().filter(|extent| !extent["sector"].is_null());
        let run = |extent: &Value| {
            let first = number(&extent["sector"]);
            first..first + number(&extent["bytes"]).div_ceil(SECTOR)
        };
        extents.flat_map(run).collect()
    };
    let of = |file: &Value| (file["path"].as_str().unwrap().to_owned(), sectors(file));
    told["files"].as_array().unwrap().iter().map(of).collect()
}

fn below<'a>(files: &'a [(String, BTreeSet<usize>)], path: &str) -> impl Iterator<Item = usize> + use<'a> {
    let path = path.to_owned();
    files.iter().filter(move |(name, _)| name.starts_with(&path)).flat_map(|(_, sectors)| sectors.iter().copied())
}

#[test]
fn a_file_is_read_by_its_extents_from_a_file_and_from_a_drive() {
    for (name, profile) in [("data-cd", "cd"), ("data-udf", "dvd"), ("bd-basic", "bd")] {
        let Some(disc) = disc(name) else { return };
        let folder = TempDir::new().unwrap();
        let files = files(&disc);
        let emulated = format!("emu:{disc},profile={profile}");
        for (index, (path, sectors)) in files.iter().filter(|(_, sectors)| !sectors.is_empty()).enumerate().take(5) {
            let only = format!("file:/{path}");
            for (kind, source) in [("file", &disc), ("drive", &emulated)] {
                let image = format!("{kind}{index}.iso");
                let came = swept(folder.path(), source, &image, &["--only", &only]);
                assert_eq!(&came, sectors, "{name}, {kind}: {path}");
            }
        }
    }
}

#[test]
fn a_folder_is_all_below_it_and_skipping_is_the_rest() {
    let Some(disc) = disc("bd-multi") else { return };
    let folder = TempDir::new().unwrap();
    let files = files(&disc);
    let all = usize::try_from(fs::metadata(&disc).unwrap().len()).unwrap() / SECTOR;
    let streams: BTreeSet<usize> = below(&files, "BDMV/STREAM/").collect();
    for path in ["file:/BDMV/STREAM", "file:BDMV/STREAM/", "file:/bdmv/stream"] {
        let image = format!("{}.iso", path.len() + usize::from(path.contains("bdmv")) * 100);
        assert_eq!(swept(folder.path(), &disc, &image, &["--only", path]), streams, "{path}");
    }
    let rest = swept(folder.path(), &disc, "rest.iso", &["--skip", "file:/BDMV/STREAM"]);
    assert_eq!(rest, (0..all).filter(|sector| !streams.contains(sector)).collect());
    // Both, and sectors beside names.
    let one = below(&files, "BDMV/STREAM/00001.m2ts").collect::<BTreeSet<_>>();
    let come = swept(
        folder.path(),
        &disc,
        "both.iso",
        &["--only", "file:/BDMV/STREAM", "--only", "0-15,17", "--skip", "file:/BDMV/STREAM/00001.m2ts"],
    );
    let wanted = streams.difference(&one).copied().chain(0..16).chain([17]).collect::<BTreeSet<usize>>();
    assert_eq!(come, wanted);
    // The rest comes with the next run, and then the image is the disc.
    assert_eq!(swept(folder.path(), &disc, "both.iso", &[]).len(), all);
    assert_eq!(fs::read(folder.path().join("both.iso")).unwrap(), fs::read(&disc).unwrap());
}

#[test]
fn the_image_of_a_title_is_enough_for_its_film() {
    for (name, titles) in
        [("bd-multi", &["main", "00011", "9"][..]), ("dvd-chain", &["main", "1"]), ("dvd-angles", &["1"])]
    {
        let Some(disc) = disc(name) else { return };
        let all = usize::try_from(fs::metadata(&disc).unwrap().len()).unwrap() / SECTOR;
        for title in titles {
            let folder = TempDir::new().unwrap();
            let came = swept(folder.path(), &disc, "part.iso", &["--only", &format!("title:{title}")]);
            assert!(came.len() < all, "{name} {title}: all of the disc came");
            for (source, film) in [(disc.as_str(), "whole.mkv"), ("part.iso", "part.mkv")] {
                let muxed = run(folder.path(), &["mux", source, film, "--title", title]);
                assert_eq!(muxed.code, Some(0), "{name} {title}: {muxed:?}");
            }
            let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
            assert!(read("whole.mkv") == read("part.mkv"), "{name} {title}: the films differ");
        }
    }
}

#[test]
fn a_title_that_is_skipped_is_not_read() {
    let Some(disc) = disc("bd-multi") else { return };
    let folder = TempDir::new().unwrap();
    let files = files(&disc);
    let came = swept(folder.path(), &disc, "rest.iso", &["--skip", "title:00010"]);
    let told: Value = serde_json::from_str(&finish(freemkv().args(["info", &disc, "--json"])).stdout).unwrap();
    let title = told["titles"].as_array().unwrap().iter().find(|title| title["id"] == "00010").unwrap();
    let clip = format!("BDMV/STREAM/{}.m2ts", title["clips"][0].as_str().unwrap());
    let stream: BTreeSet<usize> = below(&files, &clip).collect();
    assert!(!stream.is_empty() && came.is_disjoint(&stream));
    let all = usize::try_from(fs::metadata(&disc).unwrap().len()).unwrap() / SECTOR;
    assert_eq!(came.len() + stream.len(), all);
}

#[test]
fn a_patch_of_a_file_asks_for_that_file_alone() {
    let Some(disc) = disc("data-udf") else { return };
    let folder = TempDir::new().unwrap();
    let files = files(&disc);
    let (path, sectors) = files.iter().max_by_key(|(_, sectors)| sectors.len()).unwrap();
    let inside = sectors.iter().nth(sectors.len() / 2).unwrap() / 16;
    let outside = (0..).find(|unit| sectors.is_disjoint(&(unit * 16..unit * 16 + 16).collect()) && *unit > 30).unwrap();
    fs::write(folder.path().join("plan"), format!("bad {inside} 1 0\nbad {outside} 1 0\n")).unwrap();
    let hurt = format!("emu:{disc},profile=dvd,faults=plan");
    let sound = format!("emu:{disc},profile=dvd");
    let only = format!("file:/{path}");
    let before = swept(folder.path(), &hurt, "disc.iso", &[]);
    let patched = run(folder.path(), &["patch", &sound, "disc.iso", "--only", &only]);
    assert_eq!(patched.code, Some(3), "{patched:?}");
    assert!(patched.stdout.contains("Next, for the rest of the disc"), "{patched:?}");
    let after = rescued_sectors(&folder.path().join("disc.iso.map"));
    let new: BTreeSet<usize> = after.difference(&before).copied().collect();
    assert!(!new.is_empty() && new.is_subset(sectors), "{new:?}");
    assert!(sectors.is_subset(&after), "all of the file has come");
}

#[test]
fn tables_that_cannot_be_read_are_taken_from_the_image() {
    let Some(disc) = disc("data-udf") else { return };
    let folder = TempDir::new().unwrap();
    let whole = swept(folder.path(), &disc, "disc.iso", &["--skip", "file:/pattern.bin"]);
    assert!(whole.contains(&16));
    // From now on no table of the disc can be read.
    fs::write(folder.path().join("plan"), "bads 0 340 0\n").unwrap();
    let source = format!("emu:{disc},profile=dvd,faults=plan");
    let refused = run(folder.path(), &["sweep", &source, "new.iso", "--only", "file:/pattern.bin"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("cannot be told") && !folder.path().join("new.iso").exists(), "{refused:?}");
    let patched = run(folder.path(), &["patch", &source, "disc.iso", "--only", "file:/pattern.bin"]);
    assert!(matches!(patched.code, Some(0 | 3)), "{patched:?}");
    assert!(rescued_sectors(&folder.path().join("disc.iso.map")).len() > whole.len(), "{patched:?}");
}

#[test]
fn what_is_not_there_is_refused_with_what_is_nearest() {
    let Some(disc) = disc("bd-multi") else { return };
    let Some(data) = self::disc("data-cd") else { return };
    let folder = TempDir::new().unwrap();
    for (source, option, value, said) in [
        (&disc, "--only", "file:/BDMV/STREAM/00099.m2ts", "there is /BDMV/STREAM/000"),
        (&disc, "--skip", "file:/BDMV/STREAN/00001.m2ts", "there is /BDMV/STREAM"),
        (&disc, "--only", "file:/BDMV/index.bdmv/x", "there is no file"),
        (&disc, "--only", "title:77", "this disc has the titles 1 to 9"),
        (&disc, "--only", "title:00013", "there is 00012, 00011, 00010"),
        (&data, "--only", "title:main", "this disc has no titles"),
        (&data, "--only", "title:00001.m2ts", "is a stream file"),
        (&data, "--only", "somewhere", "file:/PATH"),
    ] {
        let refused = run(folder.path(), &["sweep", source, "x.iso", option, value]);
        assert_eq!(refused.code, Some(2), "{value}: {refused:?}");
        assert!(refused.stderr.contains(said), "{value}: {refused:?}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was made");
}

#[test]
fn names_may_be_any_bytes() {
    let Some(disc) = disc("data-cd") else { return };
    let folder = TempDir::new().unwrap();
    let files = files(&disc);
    let (path, sectors) = files.iter().find(|(path, sectors)| path.ends_with(".dat") && sectors.len() > 1).unwrap();
    let (at, name) = path.rsplit_once('/').unwrap_or(("", path));
    // The name as Rock Ridge has it, with a byte that is no UTF-8.
    let mut bytes = fs::read(&disc).unwrap();
    let odd = [&b"\xE9"[..], &name.as_bytes()[1..]].concat();
    let found: Vec<usize> =
        (0..bytes.len() - name.len()).filter(|i| bytes[*i..].starts_with(name.as_bytes())).collect();
    assert!(!found.is_empty(), "{name}");
    found.iter().for_each(|i| bytes[*i..i + odd.len()].copy_from_slice(&odd));
    fs::write(folder.path().join("disc.iso"), bytes).unwrap();
    let only = OsString::from_vec([b"file:/", at.as_bytes(), b"/", &odd].concat());
    let swept = finish(freemkv().current_dir(folder.path()).args(["sweep", "disc.iso", "x.iso", "--only"]).arg(&only));
    assert_eq!(swept.code, Some(3), "{swept:?}");
    assert_eq!(&rescued_sectors(&folder.path().join("x.iso.map")), sectors);
    assert!(swept.stdout.contains("sweep disc.iso x.iso"), "{swept:?}");
}
