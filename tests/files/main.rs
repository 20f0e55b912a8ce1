//! Every command, every place where it reads or writes a file, and everything that may lie there: nothing that was there
//! before is changed, replaced or removed, unless its owner asked for just that.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

#[path = "../support/mod.rs"]
mod support;

mod cases;
mod place;
mod snapshot;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cases::{CASES, Case};
use place::{KINDS, Kind};
use snapshot::Snapshot;

/// A run that takes longer hangs; these take milliseconds.
const HANGS: Duration = Duration::from_secs(60);

/// The user and group that own nothing.
const NOBODY: u32 = 65534;

fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// A folder with what the commands work on, and the program where anybody may run it.
struct Bench {
    folder: tempfile::TempDir,
    program: PathBuf,
    user: Option<u32>,
}

impl Bench {
    fn new(user: Option<u32>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let program = folder.path().join("freemkv");
        fs::copy(env!("CARGO_BIN_EXE_freemkv"), &program).unwrap();
        Self { folder, program, user }
    }

    /// A new folder for one case.
    fn room(&self) -> tempfile::TempDir {
        let room = tempfile::tempdir_in(self.folder.path()).unwrap();
        let disc = support::disc_bytes(5, 64);
        fs::write(room.path().join("disc.iso"), &disc).unwrap();
        fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/discs/film.iso"), room.path().join("film.iso"))
            .unwrap();
        // A rescue under way, for patch.
        fs::write(room.path().join("old.iso"), &disc[..32 * support::SECTOR]).unwrap();
        let map = format!("0x0 ? 1\n0x0 {:#x} +\n{:#x} {:#x} /\n", 32 * 2048, 32 * 2048, 32 * 2048);
        fs::write(room.path().join("old.iso.map"), map).unwrap();
        room
    }

    fn own(&self, room: &Path) {
        let Some(user) = self.user else { return };
        for entry in fs::read_dir(room).unwrap().flatten() {
            std::os::unix::fs::lchown(entry.path(), Some(user), Some(user)).unwrap();
        }
        std::os::unix::fs::chown(room, Some(user), Some(user)).unwrap();
    }

    fn run(&self, room: &Path, words: &[&str]) -> (Option<i32>, String) {
        let mut command = Command::new(&self.program);
        command.current_dir(room).args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command.env("XDG_STATE_HOME", room.join("state"));
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        ended(command.spawn().unwrap()).unwrap_or_else(|| panic!("{words:?} hangs"))
    }
}

/// Exit code and standard error; `None` for a process that does not end.
fn ended(mut child: Child) -> Option<(Option<i32>, String)> {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            let output = child.wait_with_output().unwrap();
            return Some((status.code(), String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        if began.elapsed() > HANGS {
            child.kill().unwrap();
            return None;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn check(bench: &Bench, case: &Case, kind: Kind) {
    let room = bench.room();
    let place = room.path().join(case.place);
    if !place::put(kind, &place, room.path(), case.source()) {
        return;
    }
    bench.own(room.path());
    let before = Snapshot::of(room.path());
    // A pipe that somebody reads: writing to it is what was asked for.
    let reader = (kind == Kind::Pipe && case.may_wait_for_a_reader).then(|| place::reader(&place));
    let (code, said) = bench.run(room.path(), case.words);
    drop(reader);
    let told = format!("{kind:?} at {} of {:?}: exit {code:?}, {said}", case.place, case.words);
    assert!(code.is_some_and(|code| code < 10), "{told}");
    assert!(!said.contains("panicked"), "{told}");
    before.check(room.path(), case, kind).unwrap_or_else(|wrong| panic!("{wrong}\n{told}"));
    // That bytes differ is what a comparison is run to find.
    let is_found = code == Some(5) && case.words.first() == Some(&"verify");
    if code != Some(0) && code != Some(3) && !is_found {
        assert!(said.contains("freemkv: "), "a refusal has a sentence: {told}");
    }
    if case.refused(kind) {
        assert_eq!(code, Some(2), "{told}");
    }
}

fn walk(user: Option<u32>) {
    let bench = Bench::new(user);
    for case in CASES {
        for kind in KINDS {
            check(&bench, case, *kind);
        }
    }
}

#[test]
fn nothing_is_changed_that_nobody_asked_for() {
    walk(None);
}

#[test]
fn nor_by_a_user_who_is_not_root() {
    if is_root() {
        walk(Some(NOBODY));
    } else {
        support::skip("only root can become another user; the other test has run as one");
    }
}

#[test]
fn a_map_to_the_null_device_says_what_to_do_instead() {
    let bench = Bench::new(None);
    let room = bench.room();
    // Never the real one: should this test ever fail, it must not break the machine.
    let (code, said) = bench.run(room.path(), &["sweep", "disc.iso", "out.iso", "--map", "/dev/full"]);
    assert!(code == Some(2) && said.contains("device"), "{code:?} {said}");
    assert!(!room.path().join("out.iso").exists());
}

#[test]
fn a_linked_map_stays_a_link_and_its_company_stands_beside_what_it_names() {
    let bench = Bench::new(None);
    let room = bench.room();
    let path = |name: &str| room.path().join(name);
    fs::create_dir(path("far")).unwrap();
    fs::rename(path("old.iso.map"), path("far/real.map")).unwrap();
    std::os::unix::fs::symlink("far/real.map", path("old.iso.map")).unwrap();
    let (code, said) = bench.run(room.path(), &["patch", "disc.iso", "old.iso", "-q"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(path("old.iso.map").is_symlink() && path("far/real.map.state").exists());
    assert!(!path("old.iso.map.state").exists());
    assert_eq!(support::rescued_sectors(&path("far/real.map")).len(), 64);
    assert_eq!(fs::read_dir(path("far")).unwrap().count(), 2, "no lock and no temporary file is left");
}

#[test]
fn two_runs_do_not_share_a_map() {
    let bench = Bench::new(None);
    let room = bench.room();
    fs::write(room.path().join("plan"), "rate 0.02\n").unwrap();
    let words = |image| ["sweep", "emu:disc.iso,profile=bd,faults=plan,time=real", image, "--map", "m.map", "-q"];
    let mut first = Command::new(&bench.program).current_dir(room.path()).args(words("one.iso")).spawn().unwrap();
    while !room.path().join("m.map").exists() {
        assert!(first.try_wait().unwrap().is_none());
        std::thread::yield_now();
    }
    let (code, said) = bench.run(room.path(), &words("two.iso"));
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(code == Some(4) && said.contains("in use"), "{code:?} {said}");
    assert!(!room.path().join("two.iso").exists());
    // A run that was killed leaves its lock, and the next one does not mind.
    let (code, said) = bench.run(room.path(), &["sweep", "disc.iso", "one.iso", "--map", "m.map", "-q"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(!room.path().join("m.map.lock").exists());
}
