//! A plan for people and programs to read.

use serde::Serialize;

use super::Plan;
use super::left_out::LeftOut;
use super::tracks::Planned;
use crate::title::model::TrackKind;

/// A plan for people and programs to read.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PlanSummary {
    /// Which title it is: `00800`.
    pub title: String,
    /// Why it was chosen.
    pub why: Vec<String>,
    /// Name for its file in a directory.
    pub file_name: String,
    /// Its length in seconds.
    pub duration_seconds: f64,
    /// Its tracks, in order.
    pub tracks: Vec<TrackSummary>,
    /// Starts of its chapters, seconds.
    pub chapters: Vec<f64>,
    /// Bytes that the file will have, about; rather fewer than this.
    pub size_estimate: u64,
    /// Declared tracks, and stretches, that are not taken, though nobody asked to leave them out. Of a track whose reason is
    /// "empty" no packet was found so far.
    pub left_out: Vec<LeftOut>,
    /// What else is special about it, a sentence each.
    pub notes: Vec<String>,
}

/// A track of a plan.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TrackSummary {
    /// TrackNumber, from 1.
    pub number: usize,
    /// The codec, as people call it.
    pub codec: &'static str,
    /// ISO 639-2/B.
    pub language: String,
    /// `video`, `audio` or `subtitle`.
    pub kind: &'static str,
    /// Whether it is played unless the viewer chooses another.
    pub default: bool,
}

impl Plan {
    /// The plan, to be shown.
    #[must_use]
    pub fn summary(&self) -> PlanSummary {
        let track = |(number, t): (usize, &Planned)| TrackSummary {
            number,
            codec: t.codec.name(),
            language: t.entry.language.clone(),
            kind: kind_name(t.kind),
            default: t.entry.flags.default,
        };
        PlanSummary {
            title: self.title.id.clone(),
            why: self.from.why.clone(),
            file_name: self.file_name(),
            duration_seconds: self.title.duration().seconds(),
            tracks: (1..).zip(&self.tracks).map(track).collect(),
            chapters: self.chapters.iter().map(|c| c.start.seconds()).collect(),
            size_estimate: self.size_estimate(),
            left_out: self.left_out().cloned().collect(),
            notes: self.notes.clone(),
        }
    }
}

/// `video`, `audio` or `subtitle`.
pub(in crate::mux) fn kind_name(kind: TrackKind) -> &'static str {
    match kind {
        TrackKind::Video => "video",
        TrackKind::Audio => "audio",
        TrackKind::Subtitle => "subtitle",
    }
}
