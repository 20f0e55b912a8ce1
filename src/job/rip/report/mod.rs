//! The report of the rip of one disc: its fields are the keys of `report.json`.

pub(super) mod html;
pub(super) mod pictures;
pub(super) mod written;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::human;
use crate::base::media::Media;
use crate::imaging;
use crate::mux::report::{OutputReport, stretches};

use crate::job::rip::error::Trouble;

/// A rip that takes longer than its sweep by more than this factor says so.
const WORTH_A_WORD: f64 = 1.05;

/// What became of one disc.
#[derive(Debug, Default, Serialize)]
pub struct Ripped {
    /// `rip`; the first key, by which the file is known as ours.
    pub command: &'static str,
    /// The source, as the person named it.
    pub source: String,
    /// The folder of the disc; `None` where it was not begun.
    #[serde(serialize_with = "human::paths_text")]
    pub folder: Option<PathBuf>,
    /// Name of the volume.
    pub label: Option<String>,
    /// What the disc calls itself.
    pub name: Option<String>,
    /// The kind of disc.
    pub media: Option<Media>,
    /// Sectors of 2048 bytes.
    pub sectors: Option<u64>,
    /// By which it is known again.
    pub fingerprint: Option<String>,
    /// It was ripped already, and nothing was done.
    pub skipped: bool,
    /// The image; `None` where it was removed, or never begun.
    #[serde(serialize_with = "human::paths_text")]
    pub image: Option<PathBuf>,
    /// The report of the sweep.
    pub sweep: Option<imaging::Report>,
    /// The report of the patch, where there was one.
    pub patch: Option<imaging::Report>,
    /// How fast the drive read over the disc; coarsely.
    pub speed: Vec<Speed>,
    /// The films that are whole, in order.
    pub films: Vec<Film>,
    /// Sentences about what a person should know.
    pub notes: Vec<String>,
    /// Seconds of the whole rip.
    pub seconds: f64,
    /// How many times as long that was as the sweep; only of a disc that needed no more, with films.
    pub times_of_sweep: Option<f64>,
    /// What went wrong, the first thing first.
    #[serde(skip)]
    pub troubles: Vec<Trouble>,
    /// What an earlier run of a disc that was skipped ended with.
    #[serde(skip)]
    pub earlier: Option<u8>,
    /// What went wrong, in words, with what to do.
    pub errors: Vec<Told>,
    /// How it ended: [`Verdict::code`].
    pub exit_code: u8,
}

/// The speed on a stretch of the disc.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Speed {
    /// Where it begins.
    pub position_bytes: u64,
    /// How fast the drive read there.
    pub bytes_per_second: u64,
}

/// Something that went wrong, in words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Told {
    /// Its exit code.
    pub code: u8,
    /// One sentence.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Ripped {
    /// Nothing yet of this source.
    #[must_use]
    pub fn of(source: &str) -> Self {
        Self { command: "rip", source: source.to_owned(), ..Self::default() }
    }

    /// The report of the image as it stands.
    #[must_use]
    pub fn imaged(&self) -> Option<&imaging::Report> {
        self.patch.as_ref().or(self.sweep.as_ref())
    }

    /// Tells how much longer than its sweep the rip of a sound disc took, where that is worth a word: the films were not
    /// written as fast as the disc was read.
    pub(in crate::job::rip) fn compare_with_sweep(&mut self) {
        let swept = self.sweep.as_ref().filter(|sweep| sweep.complete && sweep.read_commands > 0);
        let Some(swept) = swept.filter(|_| self.patch.is_none() && !self.films.is_empty()) else { return };
        let times = self.seconds / swept.seconds.max(0.001);
        self.times_of_sweep = Some(times);
        if times > WORTH_A_WORD {
            self.notes.push(format!("With its films this took {times:.2} times as long as the sweep alone."));
        }
    }

    /// Whether data of the disc or of a film is missing.
    #[must_use]
    pub fn lacks(&self) -> bool {
        self.imaged().is_some_and(|report| !report.complete) || self.films.iter().any(|film| !film.complete)
    }
}

/// What the command line knows: which exit code something has, and how it is put into words.
pub trait Verdict: Sync {
    /// The exit code of what became of a disc.
    fn code(&self, ripped: &Ripped) -> u8;

    /// A trouble in words. `source` is what the person named.
    fn told(&self, trouble: &Trouble, source: &str) -> Told;

    /// The whole report in words.
    fn words(&self, ripped: &Ripped) -> String;
}

/// A film that was written.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Film {
    /// Where it lies.
    pub path: String,
    /// Which title it is.
    pub title: String,
    /// Its length, seconds.
    pub duration_seconds: f64,
    /// Its size.
    pub bytes: u64,
    /// Its tracks.
    pub tracks: Vec<Track>,
    /// Declared tracks that it lacks.
    pub left_out: Vec<Value>,
    /// Number of chapters.
    pub chapters: usize,
    /// What is missing of it.
    pub losses: Vec<Loss>,
    /// What the disc plays from where no decoder can begin, as `mux` tells it: nothing that could be read is missing.
    #[serde(default)]
    pub undecodable: Vec<Loss>,
    /// Nothing is missing.
    #[serde(default)]
    pub complete: bool,
    /// Hash of its bytes, as they were read back.
    #[serde(default)]
    pub sha256: Option<String>,
}

/// A track of a film.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Track {
    /// TrackNumber.
    pub number: usize,
    /// What people call the coding.
    pub codec: String,
    /// ISO 639-2/B.
    pub language: String,
    /// `video`, `audio` or `subtitle`.
    pub kind: String,
    /// Frames.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Whether it is played unless the viewer chooses another.
    pub default: bool,
    /// Whether it is shown even when subtitles are off.
    pub forced: bool,
}

/// A stretch of a track that is missing.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Loss {
    /// TrackNumber.
    pub track: usize,
    /// `damaged`, `not_read`, `end_of_image`, `undecodable`.
    pub cause: String,
    /// Film time at which it starts.
    pub from_seconds: f64,
    /// Film time at which the track goes on.
    pub to_seconds: f64,
    /// Bytes of the source that are damaged there.
    pub bytes: u64,
    /// First sector of the damage.
    pub lba: Option<u64>,
}

impl Film {
    /// The film of a mux, by the keys that both have in common.
    ///
    /// # Errors
    /// The keys have become others: a mistake of the program.
    pub fn of(output: &OutputReport) -> Result<Self, serde_json::Error> {
        let film: Self = serde_json::from_value(serde_json::to_value(output)?)?;
        Ok(Self { complete: output.is_complete(), ..film })
    }

    /// The stretches of the film in which anything is missing, joined, in seconds.
    #[must_use]
    pub fn hurt(&self) -> Vec<(f64, f64)> {
        stretches(self.losses.iter().map(|loss| (loss.from_seconds, loss.to_seconds)))
    }

    /// How long the longest stretch is that the disc plays from where no decoder can begin, in seconds.
    #[must_use]
    pub fn undecodable_seconds(&self) -> f64 {
        self.undecodable.iter().map(|loss| loss.to_seconds - loss.from_seconds).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mux::report::{self, Cause};

    #[test]
    fn a_rip_that_takes_longer_than_its_sweep_says_so() {
        let told = |seconds, patch| {
            let sweep =
                imaging::Report { seconds: 100.0, complete: true, read_commands: 9, ..imaging::Report::default() };
            let mut ripped =
                Ripped { seconds, sweep: Some(sweep), patch, films: vec![Film::default()], ..Ripped::of("/dev/sr0") };
            ripped.compare_with_sweep();
            (ripped.times_of_sweep, ripped.notes)
        };
        assert_eq!(told(104.0, None), (Some(1.04), vec![]));
        assert_eq!(told(143.0, None).1, ["With its films this took 1.43 times as long as the sweep alone."]);
        assert_eq!(told(900.0, Some(imaging::Report::default())), (None, vec![]), "the patch took its time");
    }

    #[test]
    fn a_film_has_what_its_mux_said() {
        let loss = |track, from_seconds, to_seconds| report::Loss {
            track,
            cause: Cause::NotRead,
            from_seconds,
            to_seconds,
            bytes: 4096,
            lba: Some(7),
            end: None,
        };
        let output = OutputReport {
            path: "a.mkv".into(),
            title: "00001".into(),
            duration_seconds: 9.5,
            bytes: 100,
            tracks: vec![report::TrackReport {
                number: 1,
                codec: "H.264",
                language: "und".into(),
                kind: "video",
                frames: 3,
                bytes: 90,
                default: true,
                forced: false,
            }],
            left_out: Vec::new(),
            chapters: 2,
            undecodable: Vec::new(),
            losses: vec![loss(1, 1.0, 2.0), loss(2, 1.5, 3.0), loss(1, 5.0, 6.0)],
            has_hole: true,
        };
        let film = Film::of(&output).unwrap();
        assert_eq!((film.tracks[0].codec.as_str(), film.losses[0].cause.as_str()), ("H.264", "not_read"));
        assert_eq!((film.chapters, film.complete), (2, false));
        assert_eq!(film.hurt(), [(1.0, 3.0), (5.0, 6.0)]);
    }
}
