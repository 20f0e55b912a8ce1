//! Discs of every kind, each in the emulated drive and taken through sweep, patch and info: sizes that are told wrong,
//! tracts that hold no data, several sessions, discs that are told for what they are; and maps that GNU ddrescue has had in
//! between.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

#[path = "../support/mod.rs"]
mod support;

mod copies;
mod drives;
mod gaps;
mod kinds;
mod made;
mod outputs;
mod sessions;
mod sizes;

use std::fs;
use std::ops::Range;
use std::process::Command;

use serde_json::Value;
use support::bench::{Bench, json};
use support::{Finished, SECTOR, finish, program, run};

/// A disc in a drive of this profile with this plan.
struct Disc {
    bench: Bench,
    profile: &'static str,
    plan: String,
}

impl Disc {
    /// Made-up sectors.
    fn new(sectors: usize, profile: &'static str, plan: &str) -> Self {
        Self { bench: Bench::new(sectors), profile, plan: plan.to_owned() }
    }

    /// This content.
    fn of(content: &[u8], profile: &'static str, plan: &str) -> Self {
        let disc = Self::new(1, profile, plan);
        fs::write(&disc.bench.disc, content).unwrap();
        disc
    }

    fn run(&self, command: &str, more: &[&str]) -> Told {
        let drive = self.bench.drive(self.profile, &self.plan);
        Told::of(self.bench.run(command, &drive, more))
    }

    /// What `info` says of the image.
    fn info(&self, more: &[&str]) -> Told {
        let out = self.bench.out();
        Told::of(run([&["info", out.to_str().unwrap(), "--json"], more].concat()))
    }

    /// What `info` says of an image without a file system: an error, and the same as before.
    fn info_anyhow(&self) -> (Option<i32>, String) {
        let told = self.info(&[]);
        (told.code, told.report["error"]["message"].as_str().unwrap_or_default().to_owned())
    }

    /// What `info` says of the disc in the drive.
    fn info_of_drive(&self, more: &[&str]) -> Told {
        let drive = self.bench.drive(self.profile, &self.plan);
        Told::of(run([&["info", &drive, "--json"], more].concat()))
    }

    /// Lets ddrescue read the disc into the image, with these sectors dead.
    fn ddrescue(&self, dead: &[Range<usize>]) -> Finished {
        let sectors = fs::metadata(&self.bench.disc).unwrap().len() as usize / SECTOR;
        let mut faults = String::from("0x0 + 1\n");
        let mut at = 0;
        let line = |from: usize, to: usize, status| match to.saturating_sub(from) {
            0 => String::new(),
            count => format!("0x{:X} 0x{:X} {status}\n", from * SECTOR, count * SECTOR),
        };
        for range in dead {
            faults += &(line(at, range.start, '+') + &line(range.start, range.end, '-'));
            at = range.end;
        }
        faults += &line(at, sectors, '+');
        let path = self.bench.path("faults.map");
        fs::write(&path, faults).unwrap();
        let mut command = Command::new("ddrescue");
        command.args(["-q", "-b2048", "-r1", "-H"]).arg(path);
        finish(command.arg(&self.bench.disc).arg(self.bench.out()).arg(self.bench.path("out.iso.map")))
    }

    /// The sectors of these ranges are in the image, and the map says so; of the others it claims nothing.
    #[track_caller]
    fn holds_just(&self, data: &[Range<usize>]) {
        self.bench.assert_no_false_claim();
        let map = self.bench.map();
        let is_data = |sector: usize| data.iter().any(|range| range.contains(&sector));
        let wrong = map.chars().enumerate().find(|(sector, status)| (*status == '+') != is_data(*sector));
        assert_eq!(wrong, None, "of {data:?}");
        let last = data.iter().filter(|range| !range.is_empty()).map(|range| range.end).max().unwrap();
        assert!(map.len() >= last, "the map ends before sector {last}");
    }

    fn map_text(&self) -> String {
        fs::read_to_string(self.bench.path("out.iso.map")).unwrap()
    }

    /// Nothing is left of what the map and its sidecar tell beside the statuses.
    fn forget_comments(&self) {
        let text: String =
            self.map_text().lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect();
        fs::write(self.bench.path("out.iso.map"), text).unwrap();
    }

    fn forget_sidecar(&self) {
        fs::remove_file(self.bench.path("out.iso.map.state")).unwrap();
    }
}

/// What a command said.
#[derive(Debug)]
struct Told {
    code: Option<i32>,
    report: Value,
    words: String,
}

impl Told {
    fn of(finished: Finished) -> Self {
        Self { code: finished.code, report: json(&finished), words: finished.stderr }
    }

    #[track_caller]
    fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }

    /// These tracts are left out: first sector, count, kind.
    #[track_caller]
    fn leaves_out(self, tracts: &[(u64, u64, &str)]) -> Self {
        let told: Vec<(u64, u64, &str)> = self.report["left_out"]
            .as_array()
            .unwrap()
            .iter()
            .map(|tract| {
                (tract["lba"].as_u64().unwrap(), tract["sectors"].as_u64().unwrap(), tract["kind"].as_str().unwrap())
            })
            .collect();
        assert_eq!(told, tracts, "{self:?}");
        self
    }

    #[track_caller]
    fn says(self, words: &str) -> Self {
        let all = format!("{} {}", self.words, self.report);
        assert!(all.contains(words), "'{words}' is not in: {all}");
        self
    }
}
