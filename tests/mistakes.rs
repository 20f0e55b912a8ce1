//! What people do wrong, and what the machine does to them: the exit code, a sentence, what to do, and nothing lost.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

mod support;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Stdio;

use support::{Finished, SECTOR, disc_file, finish, freemkv};
use tempfile::TempDir;

fn run(folder: &Path, words: &[&str]) -> Finished {
    finish(freemkv().current_dir(folder).args(words))
}

fn json(finished: &Finished) -> serde_json::Value {
    serde_json::from_str(finished.stdout.trim()).unwrap_or_else(|e| panic!("{e}: {finished:?}"))
}

/// A folder with `disc.iso` of that many sectors.
fn bench(sectors: usize) -> TempDir {
    let folder = TempDir::new().unwrap();
    let _ = disc_file(folder.path(), "disc.iso", 7, sectors);
    folder
}

#[test]
fn names_need_not_be_utf_8() {
    let folder = bench(100);
    let name = |bytes: &'static [u8]| OsStr::from_bytes(bytes).to_owned();
    fs::copy(folder.path().join("disc.iso"), folder.path().join(name(b"d\xFF.iso"))).unwrap();
    let emulated: OsString = [OsStr::new("emu:"), &name(b"d\xFF.iso")].into_iter().collect();
    for (source, image) in [(name(b"d\xFF.iso"), name(b"a\xFF.iso")), (emulated, name(b"b\xFF\n.iso"))] {
        let mut command = freemkv();
        command.current_dir(folder.path()).arg("sweep").args([&source, &image]).arg("--json");
        let done = finish(&mut command);
        assert_eq!(done.code, Some(0), "{done:?}");
        assert!(json(&done)["image"].as_str().unwrap().contains('\u{fffd}'));
        let bytes = fs::read(folder.path().join(&image)).unwrap();
        assert_eq!(bytes, fs::read(folder.path().join("disc.iso")).unwrap());
        let mut map = image.clone();
        map.push(".map");
        let shown = finish(freemkv().current_dir(folder.path()).args(["map", "show"]).arg(map));
        assert_eq!(shown.code, Some(0), "{shown:?}");
    }
}

#[test]
fn one_file_is_not_read_and_written() {
    let folder = bench(100);
    let disc = fs::read(folder.path().join("disc.iso")).unwrap();
    fs::write(folder.path().join("plan"), "bad 3 1 0\n").unwrap();
    std::os::unix::fs::symlink("disc.iso", folder.path().join("link.iso")).unwrap();
    for words in [
        &["sweep", "disc.iso", "disc.iso", "--force"][..],
        &["sweep", "disc.iso", "./link.iso", "--force"],
        &["sweep", "disc.iso", "new.iso", "--map", "disc.iso", "--restart"],
        &["sweep", "disc.iso", "new.iso", "--map", "./new.iso"],
        &["sweep", "emu:disc.iso", "disc.iso", "--restart"],
        &["sweep", "emu:disc.iso,faults=plan", "plan", "--force"],
        &["patch", "disc.iso", "disc.iso"],
    ] {
        let refused = run(folder.path(), words);
        assert_eq!(refused.code, Some(2), "{words:?}: {refused:?}");
        assert!(refused.stderr.contains("Choose another name"), "{refused:?}");
    }
    assert_eq!(fs::read(folder.path().join("disc.iso")).unwrap(), disc);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "nothing was made or moved");
}

#[test]
fn a_failure_in_json_has_the_keys_of_a_report() {
    let folder = bench(10);
    let report = json(&run(folder.path(), &["sweep", "disc.iso", "out.iso", "--json"]));
    for words in [
        &["sweep", "nowhere.iso", "new.iso", "--json"][..],
        &["sweep", "disc.iso", ".", "--json"],
        &["sweep", "disc.iso", "no/such/folder.iso", "--json"],
        &["sweep", ".", "new.iso", "--json"],
        &["patch", "disc.iso", "new.iso", "--json"],
        &["sweep", "disc.iso", "new.qcow2", "--json"],
    ] {
        let done = run(folder.path(), words);
        let failed = json(&done);
        assert_eq!(done.code.map(i64::from), failed["exit_code"].as_i64(), "{done:?}");
        assert_eq!(failed["exit_code"], failed["error"]["code"]);
        assert!(failed["error"]["hint"].is_string() && failed["error"]["message"].is_string(), "{failed}");
        for key in report.as_object().unwrap().keys() {
            assert!(failed.get(key).is_some(), "{key} is missing in {failed}");
        }
    }
}

#[test]
fn wrong_usage_is_json_where_json_is_asked_for() {
    let folder = bench(10);
    for words in [&["sweep", "--progress", "json"][..], &["sweep", "--progress=json", "--unheard-of"]] {
        let done = run(folder.path(), words);
        assert_eq!(done.code, Some(2));
        let line: serde_json::Value =
            serde_json::from_str(done.stderr.trim()).unwrap_or_else(|e| panic!("{e}: {done:?}"));
        assert_eq!((&line["event"], &line["code"]), (&"error".into(), &2.into()));
    }
    let done = run(folder.path(), &["--json"]);
    assert!(done.code == Some(2) && json(&done)["error"]["message"].is_string(), "{done:?}");
}

#[test]
fn runs_that_begin_together_do_not_spoil_each_other() {
    let folder = bench(2000);
    for round in 0..8 {
        let image = format!("out{round}.iso");
        let start = || {
            let mut command = freemkv();
            command.current_dir(folder.path()).args(["sweep", "disc.iso", &image]);
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let ended: Vec<_> = [start(), start(), start()].map(|child| child.wait_with_output().unwrap()).into();
        assert!(ended.iter().any(|output| output.status.success()), "{ended:?}");
        for output in ended.iter().filter(|output| !output.status.success()) {
            let said = String::from_utf8_lossy(&output.stderr);
            let code = if said.contains("in use") { 4 } else { 2 };
            assert!(said.contains("in use") || said.contains("exists already"), "{said}");
            assert_eq!(output.status.code(), Some(code), "{said}");
        }
        assert_eq!(fs::read(folder.path().join(&image)).unwrap(), fs::read(folder.path().join("disc.iso")).unwrap());
        let shown = run(folder.path(), &["map", "show", &format!("{image}.map")]);
        assert!(shown.stdout.contains("Nothing is missing."), "{shown:?}");
    }
}

#[test]
fn a_limit_to_the_size_of_files_is_an_error_and_no_death() {
    let folder = bench(1000);
    let mut shell = std::process::Command::new("sh");
    let limited = "ulimit -f 64 && exec \"$0\" sweep disc.iso out.iso --json";
    shell.current_dir(folder.path()).args(["-c", limited, env!("CARGO_BIN_EXE_freemkv")]);
    let done = finish(&mut shell);
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(json(&done)["error"]["hint"].as_str().unwrap().contains("ulimit"), "{done:?}");
    let rest = run(folder.path(), &["sweep", "disc.iso", "out.iso"]);
    assert_eq!(rest.code, Some(0), "{rest:?}");
    assert_eq!(fs::read(folder.path().join("out.iso")).unwrap().len(), 1000 * SECTOR);
}

#[test]
fn a_broken_map_is_named_with_its_line_and_a_way_out() {
    let folder = bench(10);
    fs::write(folder.path().join("out.iso.map"), "0x0 ? 1\n0x0 0x10 x\n").unwrap();
    let done = run(folder.path(), &["sweep", "disc.iso", "out.iso"]);
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.stderr.contains("line 2") && done.stderr.contains("--restart"), "{done:?}");
    assert!(!folder.path().join("out.iso").exists());
    let shown = run(folder.path(), &["map", "show", "out.iso.map"]);
    assert_eq!(shown.code, Some(1));
    assert_eq!(shown.stderr.matches("line 2").count(), 1, "{shown:?}");
}

#[test]
fn a_log_is_added_to_and_has_times() {
    let folder = bench(10);
    fs::write(folder.path().join("log"), "mine\n").unwrap();
    let done = run(folder.path(), &["sweep", "emu:disc.iso", "out.iso", "--log-file", "log"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.starts_with("mine\n2") && log.contains("INFO"), "{log}");
}

#[test]
fn the_next_command_is_pasted_as_it_is() {
    let folder = bench(16 * 64);
    fs::write(folder.path().join("plan"), "bad 3 2 0\n").unwrap();
    let swept = run(folder.path(), &["sweep", "emu:disc.iso,profile=dvd,faults=plan", "my image.iso"]);
    assert_eq!(swept.code, Some(3), "{swept:?}");
    let line = swept.stdout.lines().find_map(|line| line.strip_prefix("Next: freemkv")).unwrap();
    let mut shell = std::process::Command::new("sh");
    shell.current_dir(folder.path()).args(["-c", &format!("\"$0\" {line}"), env!("CARGO_BIN_EXE_freemkv")]);
    let patched = finish(&mut shell);
    assert_eq!(patched.code, Some(3), "{patched:?}");
    assert!(patched.stdout.contains("failed alone"), "{patched:?}");
}

#[test]
fn a_dash_is_not_taken_for_a_file() {
    let folder = bench(10);
    for command in ["sweep", "patch"] {
        let done = run(folder.path(), &[command, "disc.iso", "-", "--json"]);
        assert_eq!(done.code, Some(2), "{done:?}");
        assert!(json(&done)["error"]["hint"].as_str().unwrap().contains("/dev/stdout"), "{done:?}");
        assert!(!folder.path().join("-").exists());
    }
}
