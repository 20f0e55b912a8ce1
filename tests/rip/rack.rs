//! A folder with drives and discs in it, and a folder that is ripped into.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::support::bench::json;
use super::support::{Finished, finish, freemkv};

/// The bundled disc: a film of 64 seconds and a short menu.
pub(crate) const FILM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/discs/film.iso");

/// What the disc is called.
pub(crate) const LABEL: &str = "SCRATCHED_FILM";

/// What is made of it by default, with a film of 64 seconds taken for one.
pub(crate) const OPTIONS: [&str; 2] = ["--min-length", "30s"];

/// The place of the tests.
pub(crate) struct Rack {
    pub(crate) folder: TempDir,
}

impl Rack {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The file `name` of the folder of the film.
    pub(crate) fn made(&self, name: &str) -> PathBuf {
        self.path("rips").join(LABEL).join(name)
    }

    /// The film in an emulated drive with a damage plan.
    pub(crate) fn drive(&self, name: &str, plan: &str) -> String {
        self.drive_with(Path::new(FILM), name, plan)
    }

    /// An image in an emulated drive with a damage plan.
    pub(crate) fn drive_with(&self, image: &Path, name: &str, plan: &str) -> String {
        let faults = self.path(&format!("{name}.plan"));
        fs::write(&faults, plan).unwrap();
        format!("emu:{},profile=bd,faults={}", image.display(), faults.display())
    }

    /// Rips these sources, with a report in JSON.
    pub(crate) fn rip(&self, sources: &[&str], more: &[&str]) -> Finished {
        let mut command = freemkv();
        command.arg("rip").args(sources).arg(self.path("rips")).args(OPTIONS).args(more).arg("--json");
        command.env("XDG_STATE_HOME", self.path("state"));
        finish(&mut command)
    }

    /// The same of one source, with its exit code and the report of its only disc.
    pub(crate) fn rip_one(&self, source: &str, more: &[&str]) -> (i32, Value) {
        let done = self.rip(&[source], more);
        let report = json(&done);
        assert_eq!(report["discs"].as_array().map(Vec::len), Some(1), "{done:?}");
        assert_eq!(report["exit_code"].as_i64(), done.code.map(i64::from), "{done:?}");
        (done.code.unwrap(), report["discs"][0].clone())
    }

    /// A text that a command of a test has written.
    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }
}

/// The report that lies in a folder.
pub(crate) fn report_in(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("report.json")).unwrap()).unwrap()
}
