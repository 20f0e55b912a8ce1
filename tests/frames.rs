//! What other programs read: the JSON object of every command, however it ends, and the lines of `--progress json`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

mod support;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use support::{Finished, disc_file, finish, freemkv, test_data};
use tempfile::TempDir;

/// A folder with a disc, a damaged one, a map and a film.
fn bench() -> TempDir {
    let folder = TempDir::new().unwrap();
    disc_file(folder.path(), "disc.iso", 5, 2000);
    disc_file(folder.path(), "copy.iso", 5, 2000);
    fs::write(folder.path().join("plan"), "bad 20 2 0\n").unwrap();
    folder
}

fn run(folder: &Path, words: &[&str]) -> Finished {
    finish(freemkv().current_dir(folder).args(words))
}

/// The one object on standard output.
fn object(finished: &Finished) -> Value {
    let lines: Vec<&str> = finished.stdout.lines().collect();
    assert_eq!(lines.len(), 1, "one object: {finished:?}");
    serde_json::from_str(lines[0]).unwrap_or_else(|e| panic!("{e}: {finished:?}"))
}

/// Checks the frame of an object; `command` as it calls itself.
fn assert_frame(finished: &Finished, command: &str, code: i32) {
    assert_eq!(finished.code, Some(code), "{command}: {finished:?}");
    let object = object(finished);
    assert_eq!((&object["command"], &object["exit_code"]), (&command.into(), &code.into()), "{object}");
    assert!(object.get("source").is_some(), "{command}: {object}");
    assert_eq!(object.get("error").is_some_and(|error| !error.is_null()), !matches!(code, 0 | 3 | 5), "{object}");
    if let Some(error) = object.get("error").filter(|error| !error.is_null()) {
        assert_eq!(error["code"], code, "{object}");
        assert!(error["message"].is_string() && error.get("hint").is_some(), "{object}");
    }
}

#[test]
fn every_command_has_the_same_frame_when_it_works() {
    let folder = bench();
    let data = test_data();
    let disc = data.as_ref().map(|data| data.join("discs/bd-basic.iso").to_str().unwrap().to_owned());
    for (command, words, code) in [
        ("sweep", &["sweep", "emu:disc.iso,profile=dvd,faults=plan", "out.iso"][..], 3),
        ("patch", &["patch", "emu:disc.iso,profile=dvd", "out.iso"], 0),
        ("map show", &["map", "show", "out.iso.map"], 0),
        ("verify", &["verify", "disc.iso", "copy.iso"], 0),
        ("completions", &["completions", "bash"], 0),
        ("man", &["man", "pages"], 0),
    ] {
        let mut words = words.to_vec();
        words.push("--json");
        assert_frame(&run(folder.path(), &words), command, code);
    }
    let Some(disc) = disc else { return };
    assert_frame(&run(folder.path(), &["info", &disc, "--json"]), "info", 0);
    assert_frame(&run(folder.path(), &["mux", &disc, "film.mkv", "--json"]), "mux", 0);
    assert_frame(&run(folder.path(), &["mux", &disc, "other.mkv", "--dry-run", "--json"]), "mux", 0);
}

#[test]
fn every_command_has_the_same_frame_when_it_fails() {
    let folder = bench();
    for (command, words, code) in [
        ("sweep", &["sweep", "nowhere.iso", "out.iso"][..], 1),
        ("sweep", &["sweep", "disc.iso", "copy.iso"], 2),
        ("sweep", &["sweep", "disc.iso", "out.iso", "--only", "file:/x"], 1),
        ("sweep", &["sweep", "emu:disc.iso,faults=nowhere", "out.iso"], 2),
        ("patch", &["patch", "disc.iso", "out.iso"], 2),
        ("mux", &["mux", "nowhere.iso", "film.mkv"], 1),
        ("mux", &["mux", "disc.iso", "film.mkv"], 1),
        ("info", &["info", "nowhere.iso"], 1),
        ("info", &["info", "disc.iso", "--log-file", "disc.iso"], 2),
        ("verify", &["verify", "nowhere.iso", "copy.iso"], 1),
        ("verify", &["verify", "disc.iso", "nowhere.iso"], 1),
        ("map show", &["map", "show", "nowhere.map"], 1),
        ("map show", &["map", "show", "disc.iso"], 1),
        ("drives", &["drives", "disc.iso"], 4),
        ("drives", &["drives", "/dev/sr97", "--eject"], 4),
        ("man", &["man", "plan/x"], 1),
    ] {
        let mut words = words.to_vec();
        words.push("--json");
        assert_frame(&run(folder.path(), &words), command, code);
    }
}

#[test]
fn wrong_usage_has_the_frame_too() {
    let folder = bench();
    for (command, words) in [
        (Some("sweep"), &["sweep", "disc.iso"][..]),
        (Some("patch"), &["patch", "a", "b", "--unheard-of"]),
        (Some("mux"), &["mux"]),
        (Some("info"), &["info", "a", "b"]),
        (Some("verify"), &["verify", "a", "b", "--sample", "0"]),
        (Some("map"), &["map"]),
        (Some("map show"), &["map", "show"]),
        (Some("drives"), &["drives", "--eject"]),
        (Some("completions"), &["completions", "cmd"]),
        (Some("man"), &["man"]),
        (None, &["disc.iso"]),
        (None, &[]),
    ] {
        let done = finish(freemkv().current_dir(folder.path()).arg("--json").args(words));
        assert_eq!(done.code, Some(2), "{words:?}: {done:?}");
        let object = object(&done);
        assert_eq!((object["command"].as_str(), &object["exit_code"]), (command, &2.into()), "{object}");
        assert!(object.get("source").is_some() && object["error"]["code"] == 2, "{object}");
        assert!(object["error"]["message"].is_string() && object["error"]["hint"].is_string(), "{object}");
        assert!(done.stderr.lines().count() <= 3 && done.stderr.starts_with("freemkv: "), "{done:?}");
    }
}

/// What a line of progress must have.
const KEYS: [&str; 10] = [
    "event",
    "phase",
    "position_bytes",
    "total_bytes",
    "rescued_bytes",
    "missing_bytes",
    "errors",
    "bytes_per_second",
    "elapsed_seconds",
    "seconds_left",
];

/// The lines on standard error, all of them JSON; those of progress and phases have all keys and come no more than once a
/// second, but for changes of phase.
fn lines(finished: &Finished) -> Vec<Value> {
    let parse = |line: &str| serde_json::from_str::<Value>(line).unwrap_or_else(|e| panic!("{e}: {line}"));
    let lines: Vec<Value> = finished.stderr.lines().map(parse).collect();
    let mut phase = String::new();
    let mut told = f64::MIN;
    for line in &lines {
        let event = line["event"].as_str().unwrap();
        assert!(["phase", "progress", "notice", "warning", "error", "log"].contains(&event), "{line}");
        if !matches!(event, "phase" | "progress") {
            continue;
        }
        assert!(KEYS.iter().all(|key| line.get(key).is_some()), "{line}");
        let (now, of) = (line["elapsed_seconds"].as_f64().unwrap(), line["phase"].as_str().unwrap());
        match event {
            "phase" => assert_ne!(of, phase, "{line}"),
            _ => assert!(of == phase && now - told >= 0.999, "{line}, the last at {told}"),
        }
        told = if event == "progress" { now } else { told };
        of.clone_into(&mut phase);
    }
    lines
}

fn phases(lines: &[Value]) -> Vec<&str> {
    lines.iter().filter(|line| line["event"] == "phase").map(|line| line["phase"].as_str().unwrap()).collect()
}

#[test]
fn progress_in_json_is_all_that_is_said_on_standard_error() {
    let folder = bench();
    let with = |words: &[&str]| {
        let done = finish(freemkv().current_dir(folder.path()).args(words).args(["--progress", "json", "-v"]));
        let lines = lines(&done);
        (done, lines)
    };
    let source = "emu:disc.iso,profile=dvd,faults=plan";
    let (done, swept) = with(&["sweep", source, "out.iso", "--json"]);
    let told = object(&done);
    let phases_of_sweep = phases(&swept);
    assert!(phases_of_sweep.contains(&"open") && phases_of_sweep.contains(&"sweep"), "{phases_of_sweep:?}");
    for line in swept.iter().filter(|line| line["event"] == "progress") {
        let bytes = |key: &str| line[key].as_u64().unwrap();
        assert_eq!(bytes("total_bytes"), 2000 * 2048, "{line}");
        assert_eq!(bytes("rescued_bytes") + bytes("missing_bytes"), 2000 * 2048, "{line}");
    }
    let missing: u64 = ["non_tried_bytes", "non_trimmed_bytes", "non_scraped_bytes", "bad_bytes"]
        .map(|key| told[key].as_u64().unwrap())
        .iter()
        .sum();
    assert_eq!(missing + told["rescued_bytes"].as_u64().unwrap(), 2000 * 2048);
    let (_, patched) = with(&["patch", source, "out.iso"]);
    assert!(phases(&patched).len() > 1, "{patched:?}");
    let (done, verified) = with(&["verify", source, "copy.iso"]);
    assert_eq!(done.code, Some(3));
    assert!(phases(&verified).ends_with(&["verify"]) && verified.iter().any(|line| line["event"] == "progress"));
    let (done, refused) = with(&["verify", "disc.iso", "nowhere.iso"]);
    assert_eq!((done.code, refused.last().map(|line| line["code"].clone())), (Some(1), Some(1.into())));
    let Some(data) = test_data() else { return };
    let disc = data.join("discs/bd-basic.iso");
    let disc = disc.to_str().unwrap();
    let (done, hashed) = with(&["info", disc, "--files", "--hash"]);
    assert_eq!(done.code, Some(0));
    assert!(phases(&hashed).ends_with(&["files", "hash", "streams"]), "{hashed:?}");
    let last = hashed.iter().rfind(|line| line["event"] == "progress").unwrap();
    assert!(last["total_bytes"].as_u64() > Some(0) && last["rescued_bytes"].as_u64() > Some(0), "{last}");
    let (done, muxed) = with(&["mux", disc, "film.mkv"]);
    assert_eq!(done.code, Some(0));
    assert!(phases(&muxed).ends_with(&["plan", "mux"]), "{muxed:?}");
}

#[test]
fn a_comparison_that_is_stopped_says_so_in_its_frame() {
    let folder = bench();
    fs::write(folder.path().join("slow"), "rate 0.07\n").unwrap();
    let mut command = freemkv();
    command.current_dir(folder.path()).args(["verify", "emu:disc.iso,profile=bd,faults=slow,time=real", "copy.iso"]);
    command.args(["--json", "--progress", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The first line of progress comes when signals are in place.
    let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(stderr.any(|line| line.unwrap().contains("\"progress\"")));
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGTERM).unwrap();
    let rest: Vec<String> = stderr.map(Result::unwrap).collect();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{rest:?}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!([&report["command"], &report["stopped_by"]], ["verify", "signal"]);
    assert_eq!((&report["exit_code"], &report["error"]["code"]), (&130.into(), &130.into()), "{report}");
    assert!(report["source"].is_string() && report["differing"] == serde_json::json!([]), "{report}");
}
