//! A folder with maps, and the program run in it.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::support::{Finished, finish, freemkv};

/// A folder to work in.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A map: a character a sector.
    pub(crate) fn map(&self, name: &str, statuses: &str) {
        let line = |(index, status)| format!("{:#x} 0x800 {status}\n", index * 2048);
        let blocks: String = statuses.chars().enumerate().map(line).collect();
        fs::write(self.path(name), format!("0 ? 1\n{blocks}")).unwrap();
    }

    /// Runs freemkv in the folder, and looks at its exit code.
    pub(crate) fn run(&self, words: &[&str], code: i32) -> Finished {
        let done = finish(freemkv().current_dir(self.folder.path()).args(words));
        assert_eq!(done.code, Some(code), "{words:?}: {done:?}");
        assert!(!done.stderr.contains("panicked"), "{done:?}");
        done
    }

    /// The report of a run.
    pub(crate) fn json(&self, words: &[&str], code: i32) -> serde_json::Value {
        let done = self.run(&[words, &["--json"]].concat(), code);
        let report: serde_json::Value =
            serde_json::from_str(done.stdout.trim()).unwrap_or_else(|e| panic!("{e}: {done:?}"));
        assert_eq!(report["exit_code"].as_i64(), Some(code.into()), "{report}");
        assert_eq!(report["command"].as_str().unwrap().split_whitespace().collect::<Vec<_>>(), words[..2], "{report}");
        assert!(report["source"].is_string(), "{report}");
        report
    }

    /// The statuses of a map, a character a sector.
    pub(crate) fn statuses(&self, name: &str) -> String {
        crate::support::bench::statuses(&self.path(name))
    }

    /// The statuses of the map that a run printed.
    pub(crate) fn printed(&self, done: &Finished) -> String {
        fs::write(self.path("printed"), &done.stdout).unwrap();
        self.statuses("printed")
    }
}
