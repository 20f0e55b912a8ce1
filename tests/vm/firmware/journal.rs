//! What happened to the drive, a line each, with the seconds since the machine's start.

use std::fs::File;
use std::io::Write;

use crate::Result;

/// The log of the drive.
pub(crate) struct Journal(File);

impl Journal {
    /// Begins a log, or goes on with one.
    pub(crate) fn open(path: &str) -> Result<Self> {
        File::options().create(true).append(true).open(path).map(Self).map_err(|e| format!("{path}: {e}"))
    }

    /// Adds a line. One that cannot be written is missing where the test looks for it.
    pub(crate) fn say(&mut self, what: &str) {
        let up = std::fs::read_to_string("/proc/uptime").unwrap_or_default();
        let up = up.split(' ').next().unwrap_or_default();
        let _ = self.0.write_all(format!("{up:>8} {what}\n").as_bytes());
    }
}
