//! What the program needs of the system: no root, no network, and no file but those it was told to write and its state.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::inject::{self, Seen, injector};
use super::work;
use crate::support::{finish, installed, skip};

/// Where it may write besides: nowhere, but into the bin.
const NOWHERE: &str = "/dev/null";

/// What a run wrote outside of `folder`.
fn outside<'a>(seen: &'a Seen, folder: &Path) -> Vec<&'a PathBuf> {
    seen.wrote.iter().filter(|path| !path.starts_with(folder) && *path != Path::new(NOWHERE)).collect()
}

#[test]
fn every_verb_writes_only_where_it_was_told_and_opens_no_socket() {
    if injector().is_none() {
        return;
    }
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut works = work::all(folder.path());
    // Those that only read, too.
    let drive = works.iter().find(|work| work.name == "mux-drive").unwrap().clone();
    let source = drive.arguments[1].clone();
    let more: [(&str, &[&str]); 2] = [("info", &["--files", "--json"]), ("verify", &["out.iso"])];
    for (verb, rest) in more {
        let mut work = drive.clone();
        work.name = verb;
        work.arguments = vec![verb.into(), source.clone()];
        work.arguments.extend(rest.iter().map(|word| (*word).into()));
        works.push(work);
    }
    for work in works {
        let (whole, folder) = work.folder();
        if work.name == "verify" {
            fs::copy(&work.disc, folder.join("out.iso")).unwrap();
        }
        let (done, seen) = inject::run(None, &folder, &whole.path().join("calls"), &work.arguments);
        assert!(matches!(done.code, Some(0 | 3)), "{}: {done:?}", work.name);
        assert_eq!(seen.sockets, 0, "{} opens sockets", work.name);
        assert_eq!(outside(&seen, &folder), Vec::<&PathBuf>::new(), "{}", work.name);
        // Of the state folder, only its own part of it.
        let state = folder.join("state");
        let strangers: Vec<_> = seen
            .wrote
            .iter()
            .filter(|path| path.starts_with(&state) && !path.starts_with(state.join("freemkv")))
            .collect();
        assert!(strangers.iter().all(|path| **path == state), "{}: {strangers:?}", work.name);
        let is_reader = ["info", "verify"].contains(&work.name);
        assert!(!is_reader || seen.wrote.iter().all(|path| path.starts_with(&state) || *path == Path::new(NOWHERE)));
    }
}

/// Without a privilege, a home or a folder for state that may be written: only what is told suffers.
#[test]
fn a_user_without_any_privilege_and_without_a_home_makes_an_image() {
    if !nix::unistd::geteuid().is_root() || installed("setpriv").is_none() {
        return skip("not root, or no setpriv: the tests themselves run as a plain user then");
    }
    // Outside of the build folder, which such a user may not enter.
    let whole = TempDir::new_in("/tmp").unwrap();
    let (home, out) = (whole.path().join("home"), whole.path().join("out"));
    let (disc, program) = (whole.path().join("disc.iso"), whole.path().join("freemkv"));
    fs::write(&disc, crate::support::disc_bytes(9, 2000)).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_freemkv"), &program).unwrap();
    for (folder, mode) in [(whole.path(), 0o755), (&home, 0o555), (&out, 0o777)] {
        let _ = fs::create_dir(folder);
        fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
    }
    let mut command = std::process::Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs", "--bounding-set=-all"]);
    command.arg(&program).arg("sweep").arg(format!("emu:{},profile=bd", disc.display())).arg(out.join("out.iso"));
    command.env("HOME", &home).env_remove("XDG_STATE_HOME").current_dir("/");
    let done = finish(&mut command);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(fs::read(out.join("out.iso")).unwrap() == fs::read(&disc).unwrap());
    assert_eq!(fs::read_dir(&home).unwrap().count(), 0);
}
