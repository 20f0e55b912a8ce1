//! What a title's file will hold.

mod captions;
mod coding;
mod identity;
pub mod left_out;
pub mod look;
pub(super) mod paths;
mod pictures;
pub(super) mod reading;
pub mod summary;
pub(super) mod track_entry;
mod tracks;

use std::collections::HashSet;

use super::MuxError;
use super::memory::SUB_PATHS;
pub use super::options::{Core, Forced, Options, Selection};
use crate::base::cancel::Cancel;
use crate::base::sector::set::SectorSet;
use crate::fs::FileSystem;
use crate::matroska::element::chapters::Chapter;
use crate::matroska::element::segment::Segment;
use crate::title::model::{self, Title, TrackKind};
use crate::title::streams::Streams;
use coding::number;
use identity::Identity;
use left_out::{LeftOut, Reason};
use paths::{path_number, paths};
pub use summary::{PlanSummary, TrackSummary};
use tracks::Planned;

/// Seconds from a subtitle to the next, of those that space in front is kept for.
const SUBTITLE_SECONDS: u64 = 2;

/// Where a title comes from: what is known of the disc and of the choice of the title.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Provenance {
    /// Label of the volume.
    pub label: String,
    /// What the title is called.
    pub name: Option<String>,
    /// Number of the title, as `info` counts them.
    pub number: usize,
    /// Why this title was chosen.
    pub why: Vec<String>,
    /// What the choice means for it, a sentence each.
    pub notes: Vec<String>,
}

/// What a title's file will hold.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    pub(super) title: Title,
    pub(super) from: Provenance,
    pub(super) tracks: Vec<Planned>,
    pub(super) chapters: Vec<Chapter>,
    pub(super) identity: u128,
    /// Bytes of stream files that will be read.
    pub(super) bytes: u64,
    /// Declared tracks that the file will lack, and where their streams are.
    pub(super) left_out: Vec<(LeftOut, Streams)>,
    /// Stretches that `title` lacks already.
    pub(super) stretches: Vec<LeftOut>,
    notes: Vec<String>,
}

/// Looks into the streams of `title` and plans its file. `missing` are sectors that the source is known to lack.
///
/// # Errors
/// [`MuxError`]: nothing can be muxed, or not the picture; the streams are encrypted, or the source fails.
pub fn plan(
    fs: &dyn FileSystem,
    title: &Title,
    from: &Provenance,
    options: &Options,
    missing: &SectorSet,
    cancel: &Cancel,
) -> Result<Plan, MuxError> {
    let glance = pictures::glance(fs, title, missing, cancel)?;
    let mut title = title.without(&glance.parts);
    title.sub_paths.retain(|path| path.parts.iter().all(|part| pictures::is_there(fs, part)));
    let title = &title.joined();
    let tracks::Chosen { wanted, mut left_out, notes } = tracks::choose(title, options);
    let mut notes: Vec<String> = from.notes.iter().cloned().chain(glance.note()).chain(notes).collect();
    let proven = look::proof::prove(fs, title, &wanted, (glance.seen, glance.off_grid), missing, cancel)?;
    let mut tracks = Vec::new();
    for (wanted, proof) in wanted.iter().zip(&proven.proofs) {
        if let Err(unproven) = tracks::add(title, *wanted, proof, options, &mut tracks) {
            let streams = title.tracks.get(wanted.0).map(|t| t.streams.clone()).unwrap_or_default();
            left_out.push((unproven, streams));
        } else if let Some(track) = title.tracks.get(wanted.0)
            && paths::enhancement(title, track, wanted.1).is_some()
            && !proof.has_layer
        {
            let reason = if proof.has_layer_packets { Reason::NotUnderstood } else { Reason::Empty };
            left_out.extend(tracks::layer_left_out(track, options, reason));
        }
    }
    tracks::set_defaults(&mut tracks);
    tracks::set_names(&mut tracks);
    notes.extend(tracks::add_forced(&mut tracks, options.forced));
    notes.extend(captions::add(&mut tracks, options));
    refuse_without_picture(title, options, &tracks, &left_out)?;
    let (bytes, identity) = sizes(fs, title, from, &tracks, &left_out)?;
    let chapters = if options.chapters { chapters(title) } else { Vec::new() };
    let title = proven.with_grids(title);
    let stretches = glance.left_out;
    Ok(Plan { title, from: from.clone(), tracks, chapters, identity, bytes, left_out, stretches, notes })
}

/// A file of nothing but subtitles is none, and one without its picture only where that was asked for.
fn refuse_without_picture(
    title: &Title,
    options: &Options,
    tracks: &[Planned],
    left_out: &[(LeftOut, Streams)],
) -> Result<(), MuxError> {
    let path = || title.parts.first().map(|p| p.path().to_owned()).unwrap_or_default();
    let reasons = || left_out.iter().map(|(left_out, _)| left_out.line()).collect();
    if tracks.iter().all(|t| t.kind == TrackKind::Subtitle) {
        return Err(MuxError::NoTracks { path: path(), left_out: reasons() });
    }
    let has_picture = tracks.iter().any(|t| t.kind == TrackKind::Video);
    if !has_picture && !options.without_picture && title.primary(TrackKind::Video).next().is_some() {
        return Err(MuxError::NoPicture { title: title.id.clone(), left_out: reasons() });
    }
    Ok(())
}

/// Bytes to be read, and the number that stands for the content: label, title, parts with the lengths of their
/// files, tracks.
fn sizes(
    fs: &dyn FileSystem,
    title: &Title,
    from: &Provenance,
    tracks: &[Planned],
    left_out: &[(LeftOut, Streams)],
) -> Result<(u64, u128), MuxError> {
    let mut bytes = 0u64;
    let mut identity = Identity::new().text(&from.label).text(&title.id);
    for part in paths(title, tracks::used_paths(title, tracks, left_out)).flat_map(|path| path.parts) {
        let clock = &part.clock;
        for piece in &part.pieces {
            let length = fs.open(&piece.path)?.length();
            bytes = bytes.saturating_add(piece.bytes.as_ref().map_or(length, |b| b.end - b.start));
            identity = identity.text(&piece.clip).number(length).number(clock.number().into());
            let times = [clock.in_time(), clock.out_time()].map(|time| u64::from(time.ticks_45().0));
            identity = identity.number(times[0]).number(times[1]);
        }
    }
    for track in &title.tracks {
        identity = identity.number(number(track).into()).text(track.language.unwrap_or_default());
    }
    for chapter in &title.chapters {
        identity = identity.number(chapter.start.0.unsigned_abs());
    }
    Ok((bytes, identity.value()))
}

fn chapters(title: &Title) -> Vec<Chapter> {
    let chapter = |(n, c): (usize, &model::Chapter)| {
        let name = c.name.clone().unwrap_or_else(|| format!("Chapter {n:02}"));
        Chapter { start: c.start.nanoseconds(), name }
    };
    (1..).zip(&title.chapters).map(chapter).collect()
}

impl Plan {
    /// The title.
    #[must_use]
    pub fn title(&self) -> &Title {
        &self.title
    }

    /// Bytes that the file will have at most, about: what is read of the stream files.
    #[must_use]
    pub fn size_estimate(&self) -> u64 {
        self.bytes
    }

    /// Stretches and declared tracks that the file will lack.
    pub fn left_out(&self) -> impl Iterator<Item = &LeftOut> {
        self.stretches.iter().chain(self.left_out.iter().map(|(left_out, _)| left_out))
    }

    /// A name for the file in a directory: `LABEL-t01.mkv`.
    #[must_use]
    pub fn file_name(&self) -> String {
        let plain = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ') { c } else { '_' };
        let label: String = self.from.label.chars().map(plain).take(64).collect();
        let label = label.trim().trim_start_matches('.');
        let label = if label.is_empty() { "title" } else { label };
        format!("{label}-t{:02}.mkv", self.from.number)
    }

    /// What the file says in front of its frames.
    pub(super) fn segment(&self) -> Segment {
        let name = self.from.name.clone().filter(|n| !n.is_empty());
        let title = name.or_else(|| Some(self.from.label.clone()).filter(|l| !l.is_empty()));
        let mut tags = Vec::new();
        tags.extend(title.clone().map(|title| ("TITLE".to_owned(), title)));
        let known = [("SOURCE_DISC_LABEL", &self.from.label), ("SOURCE_TITLE", &self.title.id)];
        let known = known.into_iter().filter(|(_, value)| !value.is_empty());
        tags.extend(known.map(|(tag, value)| (tag.to_owned(), value.clone())));
        Segment {
            identity: self.identity,
            title,
            application: concat!("freemkv ", env!("CARGO_PKG_VERSION")).to_owned(),
            tracks: self.tracks.iter().map(|t| t.entry.clone()).collect(),
            chapters: self.chapters.clone(),
            tags,
            expected_cues: self.expected_cues(),
        }
    }

    /// Points of the disc's own seek table, and an allowance for subtitles.
    fn expected_cues(&self) -> u32 {
        let points: usize = self.title.parts.iter().map(|p| p.entry_points).sum();
        let seconds = self.title.duration().whole_seconds();
        let video = if points == 0 { 2 * seconds } else { points as u64 + self.title.parts.len() as u64 };
        let subtitles = self.tracks.iter().filter(|t| t.kind == TrackKind::Subtitle).count() as u64;
        let total = video + subtitles * (seconds / SUBTITLE_SECONDS + 16);
        u32::try_from(total).unwrap_or(u32::MAX)
    }

    /// What the file lacks of the title's tracks, now that all was read: `seen` were there, by their place among those left
    /// out; `frames` are those of each track.
    pub(super) fn lacking(&self, seen: &HashSet<usize>, frames: impl Iterator<Item = u64>) -> Vec<LeftOut> {
        let judged = self.left_out.iter().enumerate().map(|(n, (left_out, streams))| {
            let is_watched = path_number(&self.title, streams) <= SUB_PATHS;
            let reason = match left_out.reason {
                _ if is_watched && !seen.contains(&n) => Reason::Empty,
                Reason::Empty => Reason::Late,
                other => other,
            };
            LeftOut { reason, ..left_out.clone() }
        });
        let is_empty = |(track, frames): &(&Planned, u64)| *frames == 0 && !track.may_be_omitted();
        let empty = self.tracks.iter().zip(frames).filter(is_empty).map(|(track, _)| {
            // The picture is a track because its stream was looked into.
            let reason = if track.kind == TrackKind::Video { Reason::NoPicture } else { Reason::Empty };
            LeftOut { reason, ..track.empty.clone() }
        });
        self.stretches.iter().cloned().chain(judged).chain(empty).collect()
    }

    /// Of each track that holds only what is forced, the one that it is taken from.
    pub(super) fn forced_of(&self) -> Vec<Option<usize>> {
        self.tracks.iter().map(|track| track.forced_of).collect()
    }

    /// Which tracks the file does not get where the title turns out to have nothing for them.
    pub(super) fn may_be_omitted(&self) -> Vec<bool> {
        self.tracks.iter().map(Planned::may_be_omitted).collect()
    }
}

#[cfg(test)]
mod tests;
