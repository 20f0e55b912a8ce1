//! A folder with what the commands work on, and tables of what they say there.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::{Finished, SECTOR, disc_bytes, finish};

/// The user and group that own nothing else.
const NOBODY: u32 = 65534;

/// Sectors of `disc.iso`, of which `disc.iso.map` lacks the second half.
const SECTORS: usize = 64;

/// A command, its exit code, what it says, and what it says is next.
pub(crate) type Trial = (&'static str, i32, &'static str, &'static str);

/// The folder: `film.iso` is a Blu-ray with a film, `disc.iso` nothing in particular with a map beside it, `m` that map.
pub(crate) struct Room {
    folder: tempfile::TempDir,
    user: Option<u32>,
}

impl Room {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let room = Self { folder, user: None };
        fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/discs/film.iso"), room.path("film.iso")).unwrap();
        fs::write(room.path("disc.iso"), disc_bytes(5, SECTORS)).unwrap();
        let half = SECTORS * SECTOR / 2;
        let map = format!("0 ? 1\n0 {half} +\n{half} {half} /\n");
        fs::write(room.path("disc.iso.map"), &map).unwrap();
        fs::write(room.path("m"), map).unwrap();
        room
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// From now on the commands are run by a user who is not root, and who owns all that is in the folder.
    pub(crate) fn of_a_user(mut self) -> Self {
        if nix::unistd::geteuid().is_root() {
            fs::copy(env!("CARGO_BIN_EXE_freemkv"), self.path("freemkv")).unwrap();
            for entry in fs::read_dir(self.folder.path()).unwrap().flatten() {
                own(&entry.path());
            }
            own(self.folder.path());
            self.user = Some(NOBODY);
        }
        self
    }

    pub(crate) fn command<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Command {
        let program = match self.user {
            Some(_) => self.path("freemkv"),
            None => env!("CARGO_BIN_EXE_freemkv").into(),
        };
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).args(words).stdin(Stdio::null()).env_remove("NO_COLOR");
        command.env("LC_ALL", "C.UTF-8").env("XDG_STATE_HOME", self.path("state"));
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        command
    }

    pub(crate) fn run(&self, line: &str) -> Finished {
        finish(&mut self.command(line.split(' ')))
    }

    /// Runs each command of a table.
    pub(crate) fn tries(&self, table: &[Trial]) {
        for (line, code, says, next) in table {
            let done = self.run(line);
            let told = format!("freemkv {line}: {done:?}");
            assert_eq!(done.code, Some(*code), "{told}");
            assert!(done.stderr.contains(says), "\"{says}\" is not said by {told}");
            assert!(done.stderr.contains(next), "\"{next}\" is not said by {told}");
            for never in ["panicked", "(os error", ".tmp"] {
                assert!(!done.stderr.contains(never), "{never}: {told}");
            }
        }
    }
}

fn own(path: &Path) {
    std::os::unix::fs::lchown(path, Some(NOBODY), Some(NOBODY)).unwrap();
}
