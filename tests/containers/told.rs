//! What is asked and told of a qcow2 image is of the disc in it: its hash, its files, its last sector.

use std::fs;

use serde_json::Value;

use super::{Bench, quiet};
use crate::support::{program, run, run_program};

const FILM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/discs/film.iso");

/// The hash that a run tells with `--json`.
fn hash(words: &[&str]) -> String {
    let done = run(words.iter().copied().chain(["--hash", "--json", "-q", "--no-drive-log"]));
    assert_eq!(done.code, Some(0), "{words:?}: {done:?}");
    let report: Value = serde_json::from_str(&done.stdout).unwrap();
    report["sha256"].as_str().unwrap().to_owned()
}

#[test]
fn the_hash_is_that_of_the_disc_as_it_is_written_and_as_it_is_read_back() {
    if program("sha256sum").is_none() {
        return;
    }
    let bench = Bench::new(71);
    let truth = run_program("sha256sum", &[bench.disc()]).unwrap();
    let truth = truth.split_whitespace().next().unwrap();
    let out = bench.text("out.qcow2");
    assert_eq!(hash(&["sweep", bench.disc(), &out]), truth, "written in order");
    assert_eq!(hash(&["sweep", bench.disc(), &out]), truth, "nothing was written");
    fs::write(bench.path("plan"), "bad 64 32 0\n").unwrap();
    let drive = format!("emu:{},profile=dvd,faults={}", bench.disc(), bench.text("plan"));
    let patched = bench.text("patched.qcow2");
    assert_eq!(quiet(&["sweep", &drive, &patched, "--hash"]).code, Some(3));
    assert!(!bench.path("patched.qcow2.sha256").exists(), "a hash of half a disc");
    assert_eq!(hash(&["patch", bench.disc(), &patched]), truth, "out of order");
    assert_eq!(fs::read_to_string(bench.path("patched.qcow2.sha256")).unwrap(), format!("{truth}  -\n"));
    let check = format!("sha256sum -c '{patched}.sha256' < '{}'", bench.disc());
    run_program("sh", &["-c", &check]).unwrap();
}

#[test]
fn files_are_found_by_what_was_rescued_into_the_image() {
    let bench = Bench::new(72);
    let out = bench.text("out.qcow2");
    assert_eq!(quiet(&["sweep", FILM, &out]).code, Some(0));
    for what in ["file:/BDMV/index.bdmv", "title:main"] {
        let done = quiet(&["patch", FILM, &out, "--only", what]);
        assert_eq!(done.code, Some(0), "{what}: {done:?}");
    }
}

#[test]
fn a_disc_that_ends_inside_a_sector_is_the_same_to_its_last_byte() {
    let bench = Bench::new(73);
    // Neither whole sectors nor whole units of a container.
    let bytes = &bench.bytes[..4 * 2048 + 1000];
    let (disc, out, back) = (bench.text("odd.iso"), bench.text("odd.qcow2"), bench.text("back.iso"));
    fs::write(&disc, bytes).unwrap();
    assert_eq!(quiet(&["sweep", &disc, &out]).code, Some(0));
    let verify = |image: &str| {
        let done = run(["verify", &disc, image, "--json"]);
        let report: Value = serde_json::from_str(&done.stdout).unwrap();
        (done.code, report["compared_bytes"].as_u64().unwrap(), report["notes"].to_string())
    };
    assert_eq!(verify(&out), (Some(0), bytes.len() as u64, "[]".to_owned()));
    assert_eq!(quiet(&["convert", &out, &back]).code, Some(0));
    assert_eq!(fs::read(&back).unwrap(), bytes);
    assert_eq!(verify(&back), (Some(0), bytes.len() as u64, "[]".to_owned()));
    // A byte of the last sector still counts.
    let mut other = bytes.to_vec();
    *other.last_mut().unwrap() ^= 1;
    fs::write(&disc, other).unwrap();
    assert_eq!((verify(&out).0, verify(&back).0), (Some(5), Some(5)));
}
