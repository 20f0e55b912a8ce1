//! What a run says at its end, in the words of `--json`.

use serde::Serialize;

use super::plan::left_out::LeftOut;

/// A file that was written.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct OutputReport {
    /// Where it lies.
    pub path: String,
    /// Which title it is: `00800`.
    pub title: String,
    /// Its length in seconds.
    pub duration_seconds: f64,
    /// Its size.
    pub bytes: u64,
    /// Its tracks, in order.
    pub tracks: Vec<TrackReport>,
    /// Declared tracks that it lacks, though nobody asked to leave them out.
    pub left_out: Vec<LeftOut>,
    /// Number of chapters.
    pub chapters: usize,
    /// What of the film is missing: in the order of the film, then of the tracks.
    pub losses: Vec<Loss>,
    /// Bytes of the title are missing: a track that seems empty may have lain there.
    #[serde(skip)]
    pub has_hole: bool,
}

impl OutputReport {
    /// Whether nothing of the film is missing.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.losses.is_empty() && !self.left_out.iter().any(|left_out| self.has_hole || left_out.reason.is_loss())
    }
}

/// A track of the file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TrackReport {
    /// TrackNumber, from 1.
    pub number: usize,
    /// The codec, as people call it: `H.264`, `TrueHD`.
    pub codec: &'static str,
    /// ISO 639-2/B.
    pub language: String,
    /// `video`, `audio` or `subtitle`.
    pub kind: &'static str,
    /// Frames that were written.
    pub frames: u64,
    /// Their bytes, before compression.
    pub bytes: u64,
    /// Whether it is played unless the viewer chooses another.
    pub default: bool,
    /// Whether it is shown even when subtitles are off.
    pub forced: bool,
}

/// A stretch of a track that is missing.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Loss {
    /// TrackNumber, from 1.
    pub track: usize,
    /// Film time at which it starts.
    pub from_seconds: f64,
    /// Film time at which the track goes on.
    pub to_seconds: f64,
    /// Bytes of the source that are damaged there, as far as is known.
    pub bytes: u64,
    /// First sector of the damage on the disc; `None` where the source has no sectors.
    pub lba: Option<u64>,
}
