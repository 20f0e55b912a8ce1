//! How images are written: `--write`, `--prealloc`, `--hash`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

mod support;

use std::fs;
use std::path::Path;

use support::{Finished, disc_file, run, skip};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn json(finished: &Finished) -> serde_json::Value {
    serde_json::from_str(finished.stdout.trim()).unwrap_or_else(|e| panic!("{e}: {finished:?}"))
}

#[test]
fn every_strategy_copies_the_disc_or_says_that_it_cannot() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let disc = disc_file(folder.path(), "disc.iso", 3, 9_001);
    for strategy in ["auto", "dontcache", "window", "direct", "plain"] {
        let out = folder.path().join(strategy);
        let done = run(["sweep", text(&disc), text(&out), "--write", strategy, "--json"]);
        if done.code == Some(2) {
            assert!(["dontcache", "direct"].contains(&strategy) && done.stderr.contains("cannot be written"));
            skip(&format!("{strategy} does not work here"));
            continue;
        }
        assert_eq!(done.code, Some(0), "{strategy}: {done:?}");
        let used = json(&done)["write_strategy"].as_str().unwrap().to_owned();
        assert!(used == strategy || strategy == "auto", "{used}");
        assert!(fs::read(&disc).unwrap() == fs::read(&out).unwrap(), "{strategy}");
    }
}

/// A tmpfs is the cache: its pages cannot be dropped.
#[test]
fn a_strategy_that_cannot_work_is_refused_before_anything_is_made() {
    let Ok(memory) = tempfile::tempdir_in("/dev/shm") else { return skip("no /dev/shm") };
    let folder = tempfile::tempdir().unwrap();
    let disc = disc_file(folder.path(), "disc.iso", 3, 100);
    let out = memory.path().join("out.iso");
    let done = run(["sweep", text(&disc), text(&out), "--write", "dontcache"]);
    if done.code == Some(0) {
        return skip("this kernel's tmpfs takes RWF_DONTCACHE");
    }
    assert_eq!(done.code, Some(2), "{done:?}");
    assert!(done.stderr.contains("out.iso cannot be written so that nothing stays in the cache"), "{}", done.stderr);
    assert_eq!(fs::read_dir(memory.path()).unwrap().count(), 0);
    let done = run(["sweep", text(&disc), "/dev/null", "--write", "direct"]);
    assert_eq!(done.code, Some(2), "{done:?}");
}
