//! What a machine leaves behind, and a disk for it to leave more on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::trace::{self, Traced};
use crate::support;

/// What a script left behind.
pub(crate) struct Output {
    pub(super) folder: TempDir,
    /// What the machine's console said.
    pub(crate) console: String,
    /// Whether it ended by `power_cut`; only what `hand_out` let out is there then.
    pub(crate) power_cut: bool,
    pub(super) commands: Vec<Traced>,
}

impl Output {
    /// A file that the script left in `/out`.
    pub(crate) fn file(&self, name: &str) -> Vec<u8> {
        let path = self.folder.path().join("results").join(name);
        fs::read(&path).unwrap_or_else(|e| panic!("{name}: {e}; the console says:\n{}", self.console))
    }

    /// The same as text.
    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8_lossy(&self.file(name)).into_owned()
    }

    /// Where all that the script left lies, until this is dropped.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().join("results")
    }

    /// Whether the script left such a file.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.folder.path().join("results").join(name).exists()
    }

    /// Fails with all that is known when a step did not end with this exit code.
    pub(crate) fn expect_exit(&self, step: &str, code: i32) {
        let was = self.text(&format!("{step}.code"));
        let said = |stream: &str| self.text(&format!("{step}.{stream}"));
        assert_eq!(
            was.trim(),
            code.to_string(),
            "exit code of {step}\n{}{}\n{}",
            said("out"),
            said("err"),
            self.console
        );
    }

    /// The SCSI commands that a drive got, in order. `drive` counts those that are not on USB from 0.
    pub(crate) fn commands(&self, drive: usize) -> Vec<&Traced> {
        self.commands.iter().filter(|command| command.target == trace::target_of(drive)).collect()
    }
}

/// A file that holds an empty ext4 file system, for [`Machine::disk`]; `None`, with a note, without mke2fs.
pub(crate) fn ext4_disk(folder: &Path, bytes: u64) -> Option<PathBuf> {
    let path = folder.join("disk.ext4");
    let file = fs::File::create(&path).expect("room for a disk");
    file.set_len(bytes).expect("a sparse file");
    // mke2fs lies in sbin, which a normal person's PATH may leave out.
    let tool = ["/usr/sbin/mke2fs", "/sbin/mke2fs"].into_iter().find(|tool| Path::new(tool).exists());
    let Some(tool) = tool else {
        support::skip("mke2fs is not installed (package e2fsprogs)");
        return None;
    };
    let status = Command::new(tool).args(["-q", "-F", "-t", "ext4", "-b", "4096"]).arg(&path).status();
    assert!(status.is_ok_and(|status| status.success()), "mke2fs fails");
    Some(path)
}
