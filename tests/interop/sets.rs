//! ddrescuelog 1.27 as judge of sets of maps, of comparisons and of lists of blocks.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use freemkv::mapfile::text::{Block, parse};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tempfile::TempDir;

use crate::support::{Finished, finish, freemkv};

struct Judge {
    folder: TempDir,
}

impl Judge {
    /// `None`, and a word about it, where ddrescuelog is not installed.
    fn new() -> Option<Self> {
        crate::support::program("ddrescuelog")?;
        Some(Self { folder: tempfile::tempdir().unwrap() })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, blocks: &str) {
        fs::write(self.path(name), format!("0 ? 1\n{blocks}")).unwrap();
    }

    fn theirs(&self, arguments: &[&str]) -> Finished {
        let mut command = Command::new("ddrescuelog");
        finish(command.current_dir(self.folder.path()).env("LC_ALL", "C").stdin(Stdio::null()).args(arguments))
    }

    fn ours(&self, arguments: &[&str]) -> Finished {
        finish(freemkv().current_dir(self.folder.path()).arg("map").args(arguments))
    }
}

fn blocks(done: &Finished) -> Vec<Block> {
    assert_eq!(done.code, Some(0), "{done:?}");
    parse(done.stdout.as_bytes(), None).unwrap().blocks
}

/// Two maps of one length: sizes and statuses of their blocks, the last block of the shorter one made to fit.
fn two_maps() -> impl Strategy<Value = [String; 2]> {
    let map = || prop::collection::vec((1u64..5000, prop::sample::select(vec!['?', '*', '/', '-', '+', '+'])), 1..12);
    (map(), map()).prop_map(|(one, other)| {
        let length = |blocks: &[(u64, char)]| blocks.iter().map(|block| block.0).sum::<u64>();
        let end = length(&one).max(length(&other));
        [one, other].map(|mut blocks| {
            let missing = end - length(&blocks);
            blocks.last_mut().unwrap().0 += missing;
            let mut pos = 0;
            let line = |(size, status)| {
                pos += size;
                format!("{} {size} {status}\n", pos - size)
            };
            blocks.into_iter().map(line).collect()
        })
    })
}

fn check(judge: &Judge, [one, other]: &[String; 2]) {
    judge.put("one", one);
    judge.put("other", other);
    for (name, option) in [("and", "-y"), ("or", "-z"), ("xor", "-x")] {
        let theirs = judge.theirs(&[option, "other", "one"]);
        assert_eq!(blocks(&judge.ours(&[name, "one", "other"])), blocks(&theirs), "{name}: {one}{other}");
    }
    assert_eq!(blocks(&judge.ours(&["invert", "one"])), blocks(&judge.theirs(&["-n", "one"])), "{one}");
    for (more, option) in [(None, "-p"), (Some("--rescued"), "-P")] {
        let ours = judge.ours(&[&["compare", "one", "other"][..], more.as_slice()].concat()).code;
        let theirs = judge.theirs(&["-q", option, "other", "one"]).code;
        assert_eq!(ours == Some(0), theirs == Some(0), "{option}: {one}{other}");
    }
    for size in ["512", "2048", "3000"] {
        for statuses in ["-", "?*/-", "+", "*?"] {
            let ours = judge.ours(&["convert", "one", "--to", "blocks", "--block-size", size, "--status", statuses]);
            let theirs = judge.theirs(&["-b", size, "-l", statuses, "one"]);
            assert_eq!(ours.stdout, theirs.stdout, "{size} {statuses}: {one}");
        }
    }
    assert_eq!(
        blocks(&judge.ours(&["convert", "one", "--to", "ddrescue"])),
        parse(format!("0 ? 1\n{one}").as_bytes(), None).unwrap().blocks
    );
}

#[test]
fn ddrescuelog_agrees_on_random_maps_of_one_length() {
    let Some(judge) = Judge::new() else { return };
    let config = ProptestConfig { cases: 10, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config)
        .run(&two_maps(), |maps| {
            check(&judge, &maps);
            Ok(())
        })
        .unwrap();
}

#[test]
fn what_is_equal_compares_equal() {
    let Some(judge) = Judge::new() else { return };
    let map = "0 4096 +\n4096 512 -\n4608 4096 ?\n".to_owned();
    check(&judge, &[map.clone(), map.clone()]);
    check(&judge, &[map, "0 4096 +\n4096 4608 *\n".to_owned()]);
}

/// Where only one map speaks, we follow ddrescuelog's manual ("finished in both", "finished in either"), and not what it does.
#[test]
fn the_exception_is_what_only_one_map_speaks_of() {
    let Some(judge) = Judge::new() else { return };
    judge.put("long", "0 4096 +\n");
    judge.put("short", "0 2048 +\n");
    let statuses = |done: Finished| blocks(&done).iter().map(|b| (b.size, b.status.symbol())).collect::<Vec<_>>();
    assert_eq!(statuses(judge.theirs(&["-y", "short", "long"])), [(4096, '+')]);
    assert_eq!(statuses(judge.ours(&["and", "long", "short"])), [(2048, '+'), (2048, '-')]);
    assert_eq!(statuses(judge.theirs(&["-z", "long", "short"])), [(2048, '+')]);
    assert_eq!(statuses(judge.ours(&["or", "short", "long"])), [(4096, '+')]);
}
