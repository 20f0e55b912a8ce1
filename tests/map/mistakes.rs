//! What people do wrong, and what machines do to them.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use crate::bench::Bench;
use crate::support::{finish, freemkv};

#[test]
fn names_may_be_any_bytes() {
    let bench = Bench::new();
    let name = |bytes: &[u8]| bench.folder.path().join(OsStr::from_bytes(bytes));
    let (map, output, png) = (name(b"a\xFF.map"), name(b"b\xFE\n.map"), name(b"c\xFD.png"));
    fs::write(&map, "0 + 1\n0 0x800 +\n0x800 0x800 -\n").unwrap();
    let run = |words: &[&OsStr]| {
        let done = finish(freemkv().arg("map").args(words));
        assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""), "{done:?}");
        done.stdout
    };
    let word = OsStr::new;
    assert!(run(&[word("show"), map.as_os_str()]).contains("a\u{fffd}.map: finished"));
    let told = run(&[word("invert"), map.as_os_str(), word("-o"), output.as_os_str()]);
    assert!(told.contains("b\u{fffd}?.map: 2.0 KiB of 4.0 KiB rescued"), "{told}");
    let text = fs::read_to_string(&output).unwrap();
    assert!(text.contains("a\\xFF.map'\n") && text.lines().count() == 8, "no line is made by a name: {text}");
    run(&[word("compare"), map.as_os_str(), map.as_os_str()]);
    run(&[word("picture"), map.as_os_str(), word("--png"), png.as_os_str()]);
    run(&[
        word("convert"),
        map.as_os_str(),
        word("--to"),
        word("json"),
        word("--json"),
        word("-o"),
        name(b"d\xFC").as_os_str(),
    ]);
    assert!(png.is_file());
}

#[test]
fn a_broken_map_is_named_with_its_line_by_every_command() {
    let bench = Bench::new();
    bench.map("good", "+-");
    fs::write(bench.path("bad"), "0 ? 1\n0 0x10 x\n").unwrap();
    for words in [
        &["show", "bad"][..],
        &["picture", "bad"],
        &["convert", "bad", "--to", "blocks"],
        &["and", "good", "bad"],
        &["invert", "bad"],
        &["compare", "bad", "good"],
        &["merge", "good", "bad", "--maps-only"],
    ] {
        let done = bench.run(&[&["map"], words].concat(), 1);
        assert!(done.stderr.starts_with("freemkv: bad: line 2: this is no block"), "{done:?}");
        assert!(done.stderr.contains("Is bad a map of freemkv or ddrescue?") && done.stdout.is_empty(), "{done:?}");
    }
    // Whoever names the image is told the map.
    fs::write(bench.path("disc.iso"), "x").unwrap();
    bench.map("disc.iso.map", "+");
    let done = bench.run(&["map", "show", "disc.iso"], 1);
    assert!(done.stderr.ends_with("\nIts map is beside it: disc.iso.map\n"), "{done:?}");
    for (map, told) in [(".", "Is a directory"), ("none", "there is no map none")] {
        assert!(bench.run(&["map", "invert", map], 1).stderr.contains(told));
    }
}

#[test]
fn a_result_that_does_not_arrive_is_a_failure() {
    let bench = Bench::new();
    bench.map("a", &"+-".repeat(5000));
    for words in [
        &["map", "show", "a", "-v"][..],
        &["map", "invert", "a"],
        &["map", "convert", "a", "--to", "blocks"],
        &["map", "convert", "a", "--to", "json"],
        &["map", "compare", "a", "a"],
        &["map", "picture", "a"],
        &["map", "merge", "a", "a", "--maps-only"],
    ] {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let child = freemkv().current_dir(bench.folder.path()).args(words).stdout(full).stderr(Stdio::piped()).spawn();
        let done = child.unwrap().wait_with_output().unwrap();
        assert_eq!(done.status.code(), Some(1), "{words:?}: {done:?}");
        assert!(
            String::from_utf8_lossy(&done.stderr).contains("cannot write to standard output"),
            "{words:?}: {done:?}"
        );
    }
}

#[test]
fn a_folder_that_takes_no_files_is_named() {
    let bench = Bench::new();
    bench.map("a", "+-");
    fs::create_dir(bench.path("closed")).unwrap();
    fs::set_permissions(bench.path("closed"), fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(bench.path("closed/x"), "").is_ok() {
        return crate::support::skip("root writes everywhere");
    }
    let done = bench.run(&["map", "invert", "a", "-o", "closed/b"], 1);
    assert!(done.stderr.contains("cannot write closed/b: Permission denied"), "{done:?}");
}

#[test]
fn a_merge_is_stopped_by_a_signal_and_leaves_nothing() {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    let bench = Bench::new();
    // Sparse images that take long enough: each byte is read and compared.
    let size = 3_u64 << 30;
    for name in ["one.iso", "two.iso"] {
        fs::File::create(bench.path(name)).unwrap().set_len(size).unwrap();
        fs::write(bench.path(&format!("{name}.map")), format!("0 + 1\n0 {size} +\n")).unwrap();
    }
    let mut merge = freemkv();
    merge
        .current_dir(bench.folder.path())
        .args(["map", "merge", "one.iso", "two.iso", "-o", "out.iso", "--force", "--json"]);
    let mut child = merge.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while !bench.path("out.iso").exists() {
        assert!(child.try_wait().unwrap().is_none(), "it has begun");
        std::thread::yield_now();
    }
    kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGTERM).unwrap();
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(130), "{done:?}");
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!((&report["stopped_by"], &report["exit_code"]), (&"signal".into(), &130.into()));
    assert!(!bench.path("out.iso").exists() && !bench.path("out.iso.map").exists());
    assert_eq!(fs::read_dir(bench.folder.path()).unwrap().count(), 4);
}
