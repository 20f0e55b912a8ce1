//! What a disc holds, and what is damaged: the report of `info`.

mod files;
mod hashes;
mod protection;
mod titles;

use serde::Serialize;
use thiserror::Error;

use crate::base::allowance::Sentences;
use crate::base::cancel::Cancel;
use crate::base::event::Events;
use crate::base::media::Media;
use crate::fs::{FileSystem, FsError};
use crate::mux::bare;
use crate::title::from_bluray::{self, BluRay};
use crate::title::select::{Role, choose};
use crate::title::{TitleError, survey};

use super::disc::{Disc, Missing};
use files::Found;

/// Why a disc cannot be described.
#[derive(Debug, Error)]
pub enum InfoError {
    /// Its root directory cannot be read.
    #[error("the root directory: {0}")]
    Root(FsError),
    /// The person stopped it.
    #[error("stopped by a signal")]
    Stopped,
}

/// What is wanted beside the titles.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Wanted {
    /// The files.
    pub files: bool,
    /// Their hashes.
    pub hashes: bool,
}

/// The report.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Report {
    /// `info`.
    pub command: &'static str,
    /// The source, as the person named it.
    pub source: String,
    /// The disc.
    pub disc: DiscReport,
    /// Its titles, numbered from 1 in this order.
    pub titles: Vec<TitleReport>,
    /// Its files; `None` where they were not asked for.
    pub files: Option<Vec<FileReport>>,
    /// What is missing; `None` where no map tells.
    pub damage: Option<DamageReport>,
    /// What a person should know: tables that were read from their copies, files that cannot be read, protection.
    pub notes: Vec<String>,
    /// The title that comes next after the main one, by its number.
    #[serde(skip)]
    pub runner_up: Option<usize>,
}

/// The disc.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct DiscReport {
    /// Name of the volume; of a folder, its name.
    pub label: String,
    /// Kind of disc; `None` where nothing tells.
    pub media: Option<Media>,
    /// Sectors of 2048 bytes; `None` for a folder.
    pub sectors: Option<u64>,
    /// Size; `None` for a folder.
    pub size_bytes: Option<u64>,
    /// `UDF 2.50`, `ISO 9660 with Joliet`, `folder`.
    pub filesystem: String,
    /// Whether there are signs of copy protection.
    pub protected: bool,
    /// What the disc calls itself.
    #[serde(skip)]
    pub name: Option<String>,
}

/// A title.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct TitleReport {
    /// Its number, from 1.
    pub number: usize,
    /// The playlist's: `00001`.
    pub id: String,
    /// Length, seconds.
    pub duration_seconds: f64,
    /// Bytes of stream files that it plays.
    pub size_bytes: u64,
    /// Whether it is taken for the film.
    pub main: bool,
    /// What speaks for it and against it, with points.
    pub reason: String,
    /// The title that stands for all that play the same parts, in whatever order; `None` for one that has no such
    /// twins.
    pub group: Option<usize>,
    /// The title that it is the same as.
    pub duplicate_of: Option<usize>,
    /// Chapters.
    pub chapters: Vec<ChapterReport>,
    /// Tracks, as the tables of the disc tell of them.
    pub tracks: Vec<TrackReport>,
    /// Angles to choose from.
    #[serde(skip)]
    pub angles: usize,
    /// What it is beside the others; its numbers count from 0.
    #[serde(skip)]
    pub role: Role,
}

/// A chapter.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ChapterReport {
    /// Where it starts, seconds from the start of the title.
    pub start_seconds: f64,
    /// Its name; no table names chapters.
    pub name: Option<String>,
}

/// A track. What the tables do not tell is `None`.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct TrackReport {
    /// `video`, `audio`, `subtitle`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What people call the coding: `H.264`, `AC-3`.
    pub codec: String,
    /// Bibliographic code of ISO 639-2.
    pub language: Option<&'static str>,
    /// Channels of sound. Tables say only "more than two", which is 6 where the coding has no more.
    pub channels: Option<u32>,
    /// Samples a second of sound, pictures a second of video.
    pub rate: Option<Rate>,
    /// Width of the picture.
    pub width: Option<u32>,
    /// Height of the picture.
    pub height: Option<u32>,
    /// Whether it is shown to everybody.
    pub forced: Option<bool>,
    /// Whether it comments on the film: sound that is meant to be mixed into another track.
    pub commentary: Option<bool>,
    /// The track in a few words: `H.264 1080p`, `AC-3 5.1 eng`.
    #[serde(skip)]
    pub words: String,
}

/// How often a second.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[serde(untagged)]
pub enum Rate {
    /// Samples of sound.
    Samples(u32),
    /// Pictures.
    Pictures(f64),
}

/// A file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FileReport {
    /// Its path from the root of the disc.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Hash of its content, hexadecimal; `None` where it was not asked for or cannot be made.
    pub sha256: Option<String>,
    /// Where it lies, in the order of its bytes; empty where it has no sectors of its own.
    pub extents: Vec<ExtentReport>,
}

/// A run of a file's bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct ExtentReport {
    /// First byte in the file.
    pub offset: u64,
    /// First sector; `None` for bytes that are zero and lie nowhere.
    pub sector: Option<u64>,
    /// Length.
    pub bytes: u64,
}

/// What is missing.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct DamageReport {
    /// Bytes of the disc that are missing.
    pub missing_bytes: u64,
    /// The files that are hurt.
    pub files: Vec<HurtFile>,
    /// All titles.
    pub titles: Vec<HurtTitle>,
}

/// A file that is hurt.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct HurtFile {
    /// Its path.
    pub path: String,
    /// Bytes of it that are missing.
    pub bytes: u64,
}

/// What a title loses.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct HurtTitle {
    /// Its number.
    pub number: usize,
    /// Whether nothing of it is missing.
    pub whole: bool,
    /// The times that are hurt; never less than what really is.
    pub spans: Vec<Span>,
}

/// A span of a title's time.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Span {
    /// Start, seconds.
    pub from_seconds: f64,
    /// End, seconds.
    pub to_seconds: f64,
}

/// A report, and why its titles are missing where the disc has some that cannot be read.
pub struct Info {
    /// The report.
    pub report: Report,
    /// Why there are no titles.
    pub failure: Option<TitleError>,
}

/// Describes a disc.
///
/// # Errors
/// [`InfoError`].
pub fn describe(
    disc: &Disc,
    source: &str,
    wanted: Wanted,
    cancel: &Cancel,
    events: &dyn Events,
) -> Result<Info, InfoError> {
    let fs = disc.files.as_ref();
    let has = Contents::of(fs)?;
    let mut notes = Sentences::default();
    notes.extend(disc.notes.iter().cloned());
    let (bluray, failure) = match has.bluray.then(|| from_bluray::read(fs, 1)) {
        None if disc.stream.is_some() => (stream(disc, &mut notes), None),
        None => (BluRay::default(), None),
        Some(Ok(bluray)) => (bluray, None),
        Some(Err(e)) => (BluRay::default(), Some(e)),
    };
    notes.extend(bluray.problems.iter().cloned());
    if has.dvd && !has.bluray {
        notes.push("DVD-Video titles are not read yet; --files lists the files".to_owned());
    }
    let signs = protection::signs(fs, has.dvd);
    let protected = !signs.is_empty();
    notes.extend(signs);
    let found = if wanted.files || disc.missing.is_some() {
        files::walk(fs, wanted.files, disc.missing.as_ref().map(|m| &m.sectors), &mut notes, cancel)?
    } else {
        Found::default()
    };
    let Found { mut files, hurt } = found;
    let damage = disc.missing.as_ref().map(|missing| damage(fs, &bluray, missing, hurt, &mut notes));
    if wanted.files && wanted.hashes {
        hashes::add(fs, &mut files, &mut notes, cancel, events)?;
    }
    let choice = choose(&bluray.titles, &[]);
    let report = Report {
        command: "info",
        source: source.to_owned(),
        disc: disc_report(disc, &has, &bluray, protected),
        titles: choice.as_ref().map_or_else(Vec::new, |choice| titles::reports(fs, &bluray.titles, choice)),
        files: wanted.files.then_some(files),
        damage,
        notes: notes.finish(),
        runner_up: choice.and_then(|choice| choice.runner_up).map(|index| index + 1),
    };
    Ok(Info { report, failure })
}

/// What lies in the root directory.
struct Contents {
    bluray: bool,
    dvd: bool,
}

impl Contents {
    fn of(fs: &dyn FileSystem) -> Result<Self, InfoError> {
        let root = fs.list("").map_err(InfoError::Root)?;
        let has = |name: &str| root.iter().any(|e| e.is_directory && e.name.eq_ignore_ascii_case(name));
        Ok(Self { bluray: has("BDMV"), dvd: has("VIDEO_TS") })
    }
}

fn disc_report(disc: &Disc, has: &Contents, bluray: &BluRay, protected: bool) -> DiscReport {
    let volume = disc.files.volume();
    let facts = disc.facts.as_ref();
    // A drive calls an Ultra HD disc a Blu-ray; an image file says nothing.
    let by_content = match has {
        Contents { bluray: true, .. } if bluray.is_ultra_hd => Some(Media::Uhd),
        Contents { bluray: true, .. } => Some(Media::Bd),
        Contents { dvd: true, .. } => Some(Media::Dvd),
        _ => None,
    };
    let by_drive = facts.and_then(|f| f.media);
    let media = match (by_drive, by_content) {
        (Some(Media::Bd), Some(Media::Uhd)) => Some(Media::Uhd),
        (Some(media), _) => Some(media),
        (None, content) => content,
    };
    DiscReport {
        label: volume.label.clone(),
        media,
        sectors: facts.map(|f| f.sectors),
        size_bytes: facts.map(|f| f.size_bytes),
        filesystem: volume.format.clone(),
        protected,
        name: bluray.name.clone(),
    }
}

fn damage(
    fs: &dyn FileSystem,
    bluray: &BluRay,
    missing: &Missing,
    files: Vec<HurtFile>,
    notes: &mut Sentences,
) -> DamageReport {
    let hurt = survey::hurt(fs, &bluray.titles, &missing.sectors);
    if hurt.is_joined {
        notes.push(
            "the times that titles lose are too many to be told apart: some are told as one with what is between",
        );
    }
    let titles = (1..).zip(hurt.spans).map(|(number, spans)| HurtTitle {
        number,
        whole: spans.is_empty(),
        spans: spans
            .into_iter()
            .map(|s| Span { from_seconds: s.start.seconds(), to_seconds: s.end.seconds() })
            .collect(),
    });
    DamageReport { missing_bytes: missing.bytes, files, titles: titles.collect() }
}

/// The one title of a stream file, as it tells of itself.
fn stream(disc: &Disc, notes: &mut Sentences) -> BluRay {
    let title = disc.stream.iter().map(|path| bare::title(disc.files.as_ref(), path));
    let titles = title.filter_map(|title| title.map(|(title, _)| title).map_err(|e| notes.push(e.to_string())).ok());
    BluRay { titles: titles.collect(), ..BluRay::default() }
}
