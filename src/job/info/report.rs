//! The report of `info`: its fields are the keys of the JSON object.

use serde::{Serialize, Serializer};

use crate::base::media::Media;
use crate::base::sector::tract::LeftOut;
use crate::title::select::Role;

/// The report.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Report {
    /// `info`.
    pub command: &'static str,
    /// The source, as the person named it.
    pub source: String,
    /// The disc.
    pub disc: DiscReport,
    /// Its titles, numbered from 1 in this order. Those that were not asked for are not in the JSON.
    #[serde(serialize_with = "asked_for")]
    pub titles: Vec<TitleReport>,
    /// Its files; `None` where they were not asked for.
    pub files: Option<Vec<FileReport>>,
    /// What is missing; `None` where no map tells.
    pub damage: Option<DamageReport>,
    /// Tracts that hold no data; they are not missing.
    pub left_out: LeftOut,
    /// What a person should know: tables that were read from their copies, files that cannot be read, protection.
    pub notes: Vec<String>,
    /// The title that comes next after the main one, by its number.
    #[serde(skip)]
    pub runner_up: Option<usize>,
    /// Whether some titles alone were asked for.
    #[serde(skip)]
    pub is_of_titles: bool,
    /// Why a title that no program is seen to play may be played all the same; none where that proves it is not.
    #[serde(skip)]
    pub not_followed: Vec<&'static str>,
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
    /// The file systems of its sessions, where there are several; the last one is what is told of here.
    pub sessions: Vec<SessionReport>,
    /// What the disc calls itself.
    #[serde(skip)]
    pub name: Option<String>,
}

/// The file system of a session.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SessionReport {
    /// First sector of the session's data.
    pub lba: u64,
    /// Name of its volume.
    pub label: String,
    /// As that of the disc.
    pub filesystem: String,
}

/// A title.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct TitleReport {
    /// Its number, from 1.
    pub number: usize,
    /// The playlist's: `00001`.
    pub id: String,
    /// What the disc calls it.
    pub name: Option<String>,
    /// Angles to choose from.
    pub angles: usize,
    /// The clips that it plays, in order; of the first angle.
    pub clips: Vec<String>,
    /// How the disc's own programs play it; none where no way to it is found.
    pub played_by: Vec<WayReport>,
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
    /// What it is beside the others; its numbers count from 0.
    #[serde(skip)]
    pub role: Role,
    /// Whether it was asked for.
    #[serde(skip)]
    pub is_asked_for: bool,
}

fn asked_for<S: Serializer>(titles: &[TitleReport], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(titles.iter().filter(|title| title.is_asked_for))
}

/// A way in which a title is played.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct WayReport {
    /// The title under which a player shows it: a number of the disc's index, `first play`, `menu`.
    pub title: String,
    /// `direct`, `button`, `number`, `listed`, `unknown`.
    pub how: &'static str,
}

/// A chapter.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ChapterReport {
    /// Where it starts, seconds from the start of the title.
    pub start_seconds: f64,
    /// Its name, where the disc has one.
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
    /// Channels of captions among the pictures.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub captions: Vec<&'static str>,
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
    /// What else than the size that was taken was told of the disc when it was imaged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_note: Option<String>,
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
