//! What drives do beside reading and failing, told to the whole program by the emulated drive: right words, right exit
//! code, and no sector called bad or rescued that is not.
//!
//! `senses.rs` has a test for each kind of answer, `answers.rs` the page of all of them,
//! `stories.rs` one for each way in which rescues went wrong for people,
//! `firmware.rs` drives that give up, `places.rs` places that they answer otherwise, `remembered.rs` what the next run knows of them, `guard.rs` what a drive is not believed, `options.rs` what a person can ask of a drive,
//! `agrees.rs` whether the emulated drive is the one that other programs are measured with.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

#[path = "../support/mod.rs"]
mod support;

mod agrees;
mod answers;
mod firmware;
mod guard;
mod options;
mod places;
mod remembered;
mod senses;
mod stories;

use std::ops::Range;

use support::Finished;
use support::bench::{Bench, json};

/// Units of the discs here, 16 sectors each: long enough for a sweep to have known-good places and to move on.
const UNITS: usize = 512;

/// A run on a DVD, and its disc.
struct Run {
    bench: Bench,
    done: Finished,
}

/// Sweeps a DVD in a drive with this plan.
fn sweep(plan: &str) -> Run {
    let bench = Bench::new(16 * UNITS);
    let done = bench.run("sweep", &bench.drive("dvd", plan), &[]);
    Run { bench, done }
}

impl Run {
    /// Patches with a drive that has this plan.
    fn patch(self, plan: &str) -> Self {
        let done = self.bench.run("patch", &self.bench.drive("dvd", plan), &[]);
        Self { done, ..self }
    }

    /// The exit code is this, and nothing is claimed that is not there.
    #[track_caller]
    fn ends(self, code: i32) -> Self {
        assert_eq!(self.done.code, Some(code), "{:?}", self.done);
        assert_eq!(json(&self.done)["exit_code"], code);
        if self.bench.out().exists() {
            self.bench.assert_no_false_claim();
        }
        self
    }

    /// The error says this.
    #[track_caller]
    fn says(self, words: &str) -> Self {
        let report = json(&self.done);
        let message = report["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(words), "'{words}' is not in: {report}");
        self
    }

    /// Something on the way there said this.
    #[track_caller]
    fn mentions(self, words: &str) -> Self {
        assert!(self.done.stderr.contains(words), "'{words}' is not in: {}", self.done.stderr);
        self
    }

    /// All of the disc came home.
    #[track_caller]
    fn whole(self) -> Self {
        assert!(self.bench.is_whole(), "{:?}", self.done);
        assert!(self.bench.map().chars().all(|status| status == '+'));
        self
    }

    /// No sector failed but those of these units.
    #[track_caller]
    fn fails_within(self, units: Range<usize>) -> Self {
        let failed = |status: char| matches!(status, '*' | '/' | '-');
        let wrong = self.bench.map().chars().enumerate().find(|(i, s)| failed(*s) && !units.contains(&(i / 16)));
        assert_eq!(wrong, None, "a sector failed outside {units:?}");
        self
    }

    /// Just these units are missing, and they are known to have failed, alone or in a command of several units.
    #[track_caller]
    fn lacks(self, units: Range<usize>) -> Self {
        let map = self.bench.map();
        let wrong = map.chars().enumerate().find(|(i, status)| match units.contains(&(i / 16)) {
            true => !matches!(status, '*' | '/'),
            false => *status != '+',
        });
        assert_eq!(wrong, None, "of {units:?}");
        self
    }

    /// Just these units are missing, whether they were given up or are known to have failed.
    #[track_caller]
    fn misses(self, units: Range<usize>) -> Self {
        let map = self.bench.map();
        let wrong = map.chars().enumerate().find(|(i, status)| (*status == '+') == units.contains(&(i / 16)));
        assert_eq!(wrong, None, "of {units:?}");
        self
    }

    fn report(&self) -> serde_json::Value {
        json(&self.done)
    }

    /// Lines of the drive log.
    fn log(&self) -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(self.bench.path("out.iso.log.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
