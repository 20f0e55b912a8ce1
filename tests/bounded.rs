//! Memory on inputs that were made to fill it, and that what was left out is told.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

#[path = "bounded/discs.rs"]
mod discs;
mod support;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use discs::{Entry, Udf};
use support::freemkv;
use tempfile::TempDir;

/// `info` and `mux`, on any input.
const ANY_KIB: u64 = 128 << 10;
/// `sweep` and `patch` with maps of up to 100,000 ranges.
const SHORT_MAP_KIB: u64 = 64 << 10;
/// `sweep` and `patch` with a million.
const LONG_MAP_KIB: u64 = 160 << 10;

/// How a run ended.
struct Ran {
    code: Option<i32>,
    /// Standard output, then standard error.
    said: String,
    peak_kib: u64,
}

/// freemkv as it is shipped, where it was built: these inputs are long, and a program for debugging is slow.
fn program() -> Command {
    let mut command = freemkv();
    if let Some(built) = std::env::var_os("FREEMKV_STATIC_BIN") {
        command = Command::new(built);
        command.stdin(Stdio::null());
    }
    command
}

/// Runs freemkv, looking at its memory until it ends.
fn run(arguments: &[&str]) -> Ran {
    let folder = TempDir::new().unwrap();
    let out = [folder.path().join("out"), folder.path().join("err")];
    let [stdout, stderr] = [0, 1].map(|n| File::create(&out[n]).unwrap());
    let mut child = program().args(arguments).stdout(stdout).stderr(stderr).spawn().unwrap();
    let mut peak_kib = 0;
    let status = loop {
        let facts = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let peak = facts.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        peak_kib = peak.unwrap_or(0).max(peak_kib);
        match child.try_wait().unwrap() {
            Some(status) => break status,
            // What counts is the highest that it ever was, so that a look now and then is enough.
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    let said = out.iter().map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()).collect();
    println!("{peak_kib:>8} KiB  {}", arguments.join(" "));
    Ran { code: status.code(), said, peak_kib }
}

/// Runs freemkv within `limit`; what it said must hold `told`.
fn bounded(limit: u64, arguments: &[&str], code: i32, told: &str) {
    let ran = run(arguments);
    // One that ended before its memory could be looked at has not filled it.
    assert!(ran.peak_kib <= limit, "{} KiB at the peak: {arguments:?}", ran.peak_kib);
    let said: String = ran.said.chars().take(2000).collect();
    assert_eq!(ran.code, Some(code), "{arguments:?}: {said}");
    assert!(ran.said.contains(told), "{told:?} is not said by {arguments:?}: {said}");
}

/// All that `info` can be asked of a disc.
fn info(disc: &Path, told: &str) {
    let disc = disc.to_str().unwrap();
    bounded(ANY_KIB, &["info", disc, "--files", "-v"], 0, told);
    bounded(ANY_KIB, &["info", disc, "--files", "--json"], 0, told);
}

fn write(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn named(name: impl Into<String>, icb: u32) -> Entry {
    (name.into(), icb, true)
}

#[test]
fn a_directory_in_itself_is_listed_once() {
    let folder = TempDir::new().unwrap();
    for (length, count) in [(248, 6), (1, 40)] {
        let mut udf = Udf::new();
        let root = udf.reserve();
        let file = udf.file(b"hello");
        let mut entries: Vec<Entry> =
            (0..count).map(|i| named(format!("{}{i:02}", "a".repeat(length)), root)).collect();
        entries.push(("only.txt".to_owned(), file, false));
        let names = udf.names(&entries);
        udf.directory_at(root, names);
        let disc = write(&folder, "loop.iso", &udf.finish(root));
        info(&disc, "is the same directory");
        let listed = run(&["info", disc.to_str().unwrap(), "--files", "--json"]).said;
        assert_eq!(listed.matches("only.txt").count(), 1, "{listed}");
    }
    info(&write(&folder, "iso.iso", &discs::iso_loop(400)), "is the same directory");
}

#[test]
fn directories_that_lead_to_the_next_by_many_names_are_walked_once() {
    let folder = TempDir::new().unwrap();
    let mut udf = Udf::new();
    let file = udf.file(b"hello");
    let mut below = udf.directory(&[("only.txt".to_owned(), file, false)]);
    for _ in 0..28 {
        below = udf.directory(&(0..40).map(|i| named(format!("d{i}"), below)).collect::<Vec<_>>());
    }
    info(&write(&folder, "many.iso", &udf.finish(below)), "is the same directory");
}

#[test]
fn names_and_places_that_would_fill_the_memory_are_cut_and_that_is_told() {
    let folder = TempDir::new().unwrap();
    let mut udf = Udf::new();
    let file = udf.file(b"hello");
    // Twenty directories with the same 25,000 names, each a directory of its own: 120 MB of names.
    let names: Vec<Entry> = (0..25_000).map(|i| (format!("{i:0>240}"), file, false)).collect();
    let names = udf.names(&names);
    let mut entries = Vec::new();
    for index in 0..20 {
        let icb = udf.reserve();
        udf.directory_at(icb, names);
        entries.push(named(format!("d{index}"), icb));
    }
    let root = udf.directory(&entries);
    info(&write(&folder, "names.iso", &udf.finish(root)), "files of this disc are looked at");
    // One file in very many pieces, under a thousand names.
    let mut udf = Udf::new();
    let file = udf.scattered_file(200_000);
    let root = udf.directory(&(0..100).map(|i| (format!("f{i}"), file, false)).collect::<Vec<_>>());
    let disc = write(&folder, "pieces.iso", &udf.finish(root));
    info(&disc, "files of this disc are looked at");
    // And all that a map can lack lies in it.
    let length = fs::metadata(&disc).unwrap().len();
    fs::write(folder.path().join("pieces.iso.map"), format!("0 ? 1\n0 {length} /\n")).unwrap();
    bounded(ANY_KIB, &["info", disc.to_str().unwrap(), "--json"], 1, "");
    let holes = folder.path().join("holes.map");
    write_map(&holes, length / 2048, "+/", 2048, length);
    fs::rename(&holes, folder.path().join("pieces.iso.map")).unwrap();
    bounded(ANY_KIB, &["info", disc.to_str().unwrap(), "--json"], 1, "");
}

#[test]
fn tables_that_would_fill_the_memory_are_left_out_and_that_is_told() {
    let folder = TempDir::new().unwrap();
    for (items, streams, marks) in [(2, 1, 65_535), (20_000, 2, 0)] {
        let playlist = discs::playlist(items, streams, marks);
        assert!(playlist.len() <= 2 << 20, "{}", playlist.len());
        let mut udf = Udf::new();
        let root = udf.playlists(&playlist, 150);
        let disc = write(&folder, "tables.iso", &udf.finish(root));
        info(&disc, "left out");
        let film = folder.path().join("film.mkv");
        let film = film.to_str().unwrap();
        // A title that was left out is not there.
        bounded(ANY_KIB, &["mux", disc.to_str().unwrap(), film, "--title", "00149.mpls"], 2, "no playlist 00149.mpls");
        bounded(ANY_KIB, &["mux", disc.to_str().unwrap(), film], 1, "");
    }
}

#[test]
fn streams_whose_packets_never_end_are_given_up() {
    let folder = TempDir::new().unwrap();
    let stream = write(&folder, "endless.m2ts", &discs::endless_packets(100, 300 << 20));
    let film = folder.path().join("film.mkv");
    bounded(ANY_KIB, &["mux", stream.to_str().unwrap(), film.to_str().unwrap()], 1, "no stream of");
}

/// A map of ranges of `size` bytes with these statuses by turns; the last one reaches to `end`.
fn write_map(path: &Path, ranges: u64, statuses: &str, size: u64, end: u64) {
    let statuses: Vec<char> = statuses.chars().collect();
    let mut map = BufWriter::new(File::create(path).unwrap());
    writeln!(map, "0x0 ? 1").unwrap();
    for i in 0..ranges {
        let length = if i + 1 == ranges { end - i * size } else { size };
        writeln!(map, "{:#X} {length:#X} {}", i * size, statuses[i as usize % statuses.len()]).unwrap();
    }
    map.flush().unwrap();
}

#[test]
fn lines_of_a_map_and_its_state_may_be_of_any_length() {
    let folder = TempDir::new().unwrap();
    let disc = support::disc_file(folder.path(), "disc.iso", 7, 64);
    let out = folder.path().join("out.iso");
    let paths = [&disc, &out].map(|path| path.to_str().unwrap());
    assert_eq!(run(&["sweep", paths[0], paths[1]]).code, Some(0));
    let map = folder.path().join("out.iso.map");
    let text = fs::read_to_string(&map).unwrap();
    let mut long = BufWriter::new(File::create(&map).unwrap());
    write!(long, "# ").unwrap();
    (0..200).for_each(|_| long.write_all(&[b'x'; 1 << 20]).unwrap());
    write!(long, "\n{text}").unwrap();
    long.flush().unwrap();
    let state = File::options().append(true).open(folder.path().join("out.iso.map.state")).unwrap();
    let mut state = BufWriter::new(state);
    (0..200).for_each(|_| state.write_all(&[b'{'; 1 << 20]).unwrap());
    state.flush().unwrap();
    bounded(SHORT_MAP_KIB, &["map", "show", map.to_str().unwrap()], 0, "");
    bounded(SHORT_MAP_KIB, &["patch", paths[0], paths[1]], 0, "");
    bounded(SHORT_MAP_KIB, &["sweep", paths[0], paths[1]], 0, "");
}

#[test]
fn long_maps_stay_within_the_promise_and_longer_ones_are_refused() {
    let folder = TempDir::new().unwrap();
    let (disc, out) = (folder.path().join("disc.iso"), folder.path().join("disc.copy"));
    let map = folder.path().join("disc.copy.map");
    let paths = [&disc, &out, &map].map(|path| path.to_str().unwrap());
    for (ranges, limit, code) in [
        (100_000, SHORT_MAP_KIB, 3),
        (1_000_000, LONG_MAP_KIB, 3),
        (1_000_500, LONG_MAP_KIB, 1),
        (1_001_001, LONG_MAP_KIB, 1),
    ] {
        let end = ranges * 2048;
        for sparse in [&disc, &out] {
            File::create(sparse).unwrap().set_len(end).unwrap();
        }
        write_map(&map, ranges, "+-", 2048, end);
        let told = match ranges {
            1_000_500 => "more than 1000000 ranges",
            1_001_001 => "the map has more than",
            _ => "",
        };
        bounded(limit, &["sweep", paths[0], paths[1]], code, told);
        if code == 1 {
            bounded(limit, &["patch", paths[0], paths[1]], code, told);
        }
    }
    // What is no disc has no files, but the map was read before that is found out.
    let end = 1_000_000 * 2048;
    File::create(&out).unwrap().set_len(end).unwrap();
    write_map(&map, 1_000_000, "+-", 2048, end);
    bounded(ANY_KIB, &["info", paths[1]], 1, "file system");
    // The image is one hole.
    bounded(ANY_KIB, &["map", "show", paths[2]], 3, "nothing but holes");
    bounded(ANY_KIB, &["map", "show", paths[2], "--json"], 3, "rescued_in_holes");
    let other = folder.path().join("other.map");
    write_map(&other, 1_000_000, "-+", 2048, end);
    let other = other.to_str().unwrap();
    for words in [
        &["map", "or", paths[2], other][..],
        &["map", "convert", paths[2], "--to", "json"],
        &["map", "picture", paths[2], "--spiral", "--json"],
        &["map", "merge", paths[2], other, "--maps-only", "--json"],
    ] {
        bounded(LONG_MAP_KIB, words, 0, "");
    }
    bounded(LONG_MAP_KIB, &["map", "compare", paths[2], other], 3, "differ in 1.9 GiB");
}
