//! A folder with a disc in it, and sweep and patch on that disc.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Finished, SECTOR, disc_file, run};

/// A folder with a disc in it, and names for what is made of it.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
    pub(crate) disc: PathBuf,
}

impl Bench {
    /// A disc of this many sectors.
    pub(crate) fn new(sectors: usize) -> Self {
        let folder = TempDir::new().unwrap();
        let disc = disc_file(folder.path(), "disc.iso", 7, sectors);
        Self { folder, disc }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.path("out.iso")
    }

    /// The emulated drive with this damage plan.
    pub(crate) fn drive(&self, profile: &str, plan: &str) -> String {
        let faults = self.path("faults.plan");
        fs::write(&faults, plan).unwrap();
        format!("emu:{},profile={profile},faults={}", self.disc.display(), faults.display())
    }

    /// A command with a report in JSON.
    pub(crate) fn run(&self, command: &str, source: &str, more: &[&str]) -> Finished {
        let out = self.out();
        let mut arguments = vec![command, source, out.to_str().unwrap(), "--json"];
        arguments.extend(more);
        run(arguments)
    }

    /// The statuses of the map, a character a sector.
    pub(crate) fn map(&self) -> String {
        statuses(&self.path("out.iso.map"))
    }

    /// Every sector that the map calls rescued is the disc's.
    pub(crate) fn assert_no_false_claim(&self) {
        let (disc, image) = (fs::read(&self.disc).unwrap(), fs::read(self.out()).unwrap());
        for (i, status) in self.map().chars().enumerate() {
            let at = i * SECTOR..((i + 1) * SECTOR).min(disc.len());
            assert!(status != '+' || disc.get(at.clone()) == image.get(at), "sector {i} is called rescued and differs");
        }
    }

    /// Whether the image is the disc, byte for byte.
    pub(crate) fn is_whole(&self) -> bool {
        fs::read(self.out()).unwrap() == fs::read(&self.disc).unwrap()
    }
}

/// The statuses of a map, a character a sector.
pub(crate) fn statuses(map: &Path) -> String {
    let text = fs::read_to_string(map).unwrap();
    let number = |s: &str| usize::from_str_radix(s.trim_start_matches("0x"), 16).unwrap();
    let lines = text.lines().filter(|l| !l.starts_with('#')).skip(1);
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            fields[2].repeat(number(fields[1]).div_ceil(SECTOR))
        })
        .collect()
}

/// The report of a command.
pub(crate) fn json(finished: &Finished) -> serde_json::Value {
    serde_json::from_str(finished.stdout.trim()).unwrap_or_else(|e| panic!("{e}: {finished:?}"))
}
