//! What a title's file will hold.

mod identity;
mod late;
pub(super) mod probe;
pub(super) mod track_entry;

use std::collections::HashSet;

use serde::Serialize;

use super::MuxError;
use super::input::scout::Timed;
pub use super::options::{Core, Options, Selection};
use crate::base::cancel::Cancel;
use crate::base::set::SectorSet;
use crate::codec::{self, Characters, Codec};
use crate::fs::FileSystem;
use crate::matroska::chapters::Chapter;
use crate::matroska::codec_id;
use crate::matroska::segment::Segment;
use crate::matroska::track::{Kind, Track};
use crate::title::model::{self, Packets, Title, TrackKind};
use crate::title::streams::{Origin, StreamId, Streams};
use crate::title::{Attributes, Coding, coding, language};
use identity::Identity;
use probe::{Effort, Facts};
use track_entry::{self as entry, About};

/// Read of the first part in any case: several groups of pictures.
const FIRST_BYTES: u64 = 8 << 20;
/// Read of a part at most to find out what a stream is: a minute and more of film.
const PART_BYTES: u64 = 64 << 20;
/// Read of all parts at most.
const TITLE_BYTES: u64 = 256 << 20;
/// Read of a clip to see whether it is encrypted: the first block.
const GLANCE_BYTES: u64 = 1;
/// Numbers of cores are those of their streams plus this.
const CORE_NUMBER: u32 = 1 << 16;
/// Seconds from a subtitle to the next, of those that space in front is kept for.
const SUBTITLE_SECONDS: u64 = 2;

/// Where a title comes from: what is known of the disc and of the choice of the title.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Provenance {
    /// Label of the volume.
    pub label: String,
    /// What the disc calls itself.
    pub name: Option<String>,
    /// Number of the title, as `info` counts them.
    pub number: usize,
    /// Why this title was chosen.
    pub why: Vec<String>,
}

/// A track of the file.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Planned {
    /// What its streams are declared as.
    pub(super) declared: Codec,
    /// What it is.
    pub(super) codec: Codec,
    pub(super) kind: TrackKind,
    /// It is the core inside the stream.
    pub(super) is_core: bool,
    /// Where it is.
    pub(super) streams: Streams,
    pub(super) entry: Track,
}

/// A stream to be taken from a part, and the tracks that come of it: [`MAIN`], [`CORE`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Wanted {
    pub(super) stream: StreamId,
    pub(super) codec: Codec,
    pub(super) lanes: [Option<usize>; 2],
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
    left_out: Vec<String>,
}

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
    /// Streams that are not taken, and why.
    pub left_out: Vec<String>,
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

/// Looks into the streams of `title` and plans its file. `missing` are sectors that the source is known to lack.
///
/// # Errors
/// [`MuxError`]: nothing can be muxed, the streams are encrypted, or the source fails.
pub fn plan(
    fs: &dyn FileSystem,
    title: &Title,
    from: &Provenance,
    options: &Options,
    missing: &SectorSet,
    cancel: &Cancel,
) -> Result<Plan, MuxError> {
    let mut left_out = Vec::new();
    let wanted = wanted(title, options, &mut left_out);
    let Proven { facts, off_grid } = facts(fs, title, &wanted, missing, cancel)?;
    let mut tracks = Vec::new();
    for ((index, codec), facts) in wanted.iter().zip(&facts) {
        add(title, *index, *codec, facts, options.core, &mut tracks, &mut left_out);
    }
    set_defaults(&mut tracks);
    if tracks.iter().all(|t| t.kind == TrackKind::Subtitle) {
        let path = title.parts.first().map(|p| p.path().to_owned()).unwrap_or_default();
        return Err(MuxError::NoTracks { path, left_out });
    }
    let (bytes, identity) = sizes(fs, title, from)?;
    let chapters = if options.chapters { chapters(title) } else { Vec::new() };
    let title = with_grids(title, &off_grid);
    Ok(Plan { title, from: from.clone(), tracks, chapters, identity, bytes, left_out })
}

/// The tracks to look for: index and codec.
fn wanted(title: &Title, options: &Options, left_out: &mut Vec<String>) -> Vec<(usize, Codec)> {
    let mut wanted = Vec::new();
    for (index, track) in title.tracks.iter().enumerate() {
        let selected = match track.kind {
            TrackKind::Video => true,
            TrackKind::Audio => options.audio.takes(track.language),
            TrackKind::Subtitle => options.subtitles.takes(track.language),
        };
        if !selected {
            continue;
        }
        let codec = codec_of(track, options).filter(|codec| codec::splitter(*codec).is_some());
        let reason = match codec {
            _ if track.kind == TrackKind::Video && track.secondary => "picture in picture",
            _ if !is_on_main_path(track) => "it lies in a clip of its own, which cannot be muxed yet",
            None => "its coding cannot be muxed yet",
            Some(codec) => {
                wanted.push((index, codec));
                continue;
            }
        };
        left_out.push(format!("{} ({:?}): {reason}", named(title, track), track.coding));
    }
    wanted
}

fn is_on_main_path(track: &model::Track) -> bool {
    track.streams.iter().all(|(_, stream)| stream.origin == Origin::Main)
}

/// What tells a track's stream from others: its PID, or its stream id.
fn number(track: &model::Track) -> u16 {
    track.streams.first().map_or(0, StreamId::number)
}

/// The codec of a track, as far as a stream of it may be taken.
fn codec_of(track: &model::Track, options: &Options) -> Option<Codec> {
    match track.coding {
        Coding::TextSubtitles => text(&track.attributes).filter(|_| !options.keep_textst).or(Some(Codec::TextSt)),
        coding => coding::codec(coding),
    }
}

/// What text subtitles become where their characters are known here; others stay as the disc has them.
fn text(attributes: &Attributes) -> Option<Codec> {
    match attributes {
        Attributes::Text { characters: 1, .. } => Some(Codec::Text(Characters::Utf8)),
        Attributes::Text { characters: 2, .. } => Some(Codec::Text(Characters::Utf16)),
        _ => None,
    }
}

/// A track's stream in words.
fn named(title: &Title, track: &model::Track) -> String {
    let is_program = title.parts.first().is_some_and(|part| part.packets == Packets::Program);
    format!("{} {:04X}", if is_program { "stream" } else { "PID" }, number(track))
}

/// Whether a stream must have told of itself before its track is written.
fn needs_facts(codec: Codec) -> bool {
    !matches!(codec, Codec::Pgs | Codec::VobSub)
}

/// What the streams showed.
struct Proven {
    facts: Vec<Facts>,
    /// Paths of the files whose packets lie on no grid, whatever the tables say.
    off_grid: HashSet<String>,
}

/// What the streams prove of themselves, from the first part that tells.
fn facts(
    fs: &dyn FileSystem,
    title: &Title,
    wanted: &[(usize, Codec)],
    missing: &SectorSet,
    cancel: &Cancel,
) -> Result<Proven, MuxError> {
    let mut proven = Proven { facts: wanted.iter().map(|_| [None, None]).collect(), off_grid: HashSet::new() };
    let mut clips: HashSet<&str> = HashSet::new();
    let mut left = TITLE_BYTES;
    for (number, part) in title.parts.iter().enumerate() {
        // Subtitles need no facts, and may come an hour into the film.
        let asks = |(n, (index, codec)): (usize, &(usize, Codec))| {
            let stream = title.tracks.get(*index)?.streams.at(number)?;
            let is_unknown = proven.facts.get(n).is_some_and(|f| f[0].is_none());
            (needs_facts(*codec) && is_unknown).then_some((n, (stream, *codec)))
        };
        let (asked, streams): (Vec<usize>, Vec<_>) = wanted.iter().enumerate().filter_map(asks).unzip();
        let is_new = clips.insert(part.path());
        if asked.is_empty() && !is_new {
            continue;
        }
        let least = if number == 0 { FIRST_BYTES } else { GLANCE_BYTES };
        let most = if streams.is_empty() { GLANCE_BYTES } else { PART_BYTES.min(left).max(least) };
        let probed = probe::probe(fs, part, &streams, missing, Effort { least, most }, cancel)?;
        left = left.saturating_sub(probed.bytes);
        if is_new && !probed.on_grid {
            proven.off_grid.insert(part.path().to_owned());
        }
        for (n, facts) in asked.into_iter().zip(probed.facts) {
            if let Some(place) = proven.facts.get_mut(n) {
                *place = facts;
            }
        }
    }
    let late = |number: usize, found: &[Option<Facts>]| -> Vec<(usize, (StreamId, Codec))> {
        let is_unknown = |n: usize| {
            let is_proven = proven.facts.get(n).is_some_and(|facts| facts[0].is_some());
            !is_proven && found.get(n).is_some_and(Option::is_none)
        };
        let asks = |(n, (index, codec)): (usize, &(usize, Codec))| {
            let stream = title.tracks.get(*index)?.streams.at(number)?;
            (needs_facts(*codec) && is_unknown(n)).then_some((n, (stream, *codec)))
        };
        wanted.iter().enumerate().filter_map(asks).collect()
    };
    let late = late::find(fs, title, (wanted.len(), TITLE_BYTES - left), &late, missing, cancel)?;
    for (known, late) in proven.facts.iter_mut().zip(late) {
        *known = late.unwrap_or_else(|| known.clone());
    }
    Ok(proven)
}

/// The title, with what its files show of the grid of their packets.
fn with_grids(title: &Title, off_grid: &HashSet<String>) -> Title {
    let mut title = title.clone();
    for part in &mut title.parts {
        let is_off = off_grid.contains(part.path());
        if let Packets::Transport { on_grid, .. } = &mut part.packets {
            *on_grid &= !is_off;
        }
    }
    title
}

/// Adds the tracks that a stream becomes.
fn add(
    title: &Title,
    index: usize,
    declared: Codec,
    facts: &Facts,
    core: Core,
    tracks: &mut Vec<Planned>,
    left_out: &mut Vec<String>,
) {
    let Some(track) = title.tracks.get(index) else { return };
    let pid = number(track);
    let about = About {
        stream: pid.into(),
        pid,
        language: track.language,
        bcp47: track.language.and_then(language::bcp47),
        attributes: &track.attributes,
        hdr: title.static_hdr.as_ref(),
        purpose: track.purpose,
        private: &track.private,
        default: false,
    };
    // Two tracks may come by one PID in different parts.
    let taken = |stream: u32| tracks.iter().any(|t| t.entry.stream == stream);
    let free = |stream: u32| (0..).map(|n| stream + n * 2 * CORE_NUMBER).find(|s| !taken(*s)).unwrap_or(stream);
    let (main_number, core_number) = (free(about.stream), free(about.stream + CORE_NUMBER));
    let planned = |is_core: bool, codec: Codec, entry: Track| Planned {
        declared,
        codec,
        kind: track.kind,
        is_core,
        streams: track.streams.clone(),
        entry,
    };
    let [main, inner] = facts;
    if !needs_facts(declared) {
        let about = About { stream: main_number, ..about };
        let picture = tracks.iter().find_map(|track| match &track.entry.kind {
            Kind::Video(video) => Some(video.pixels),
            _ => None,
        });
        return tracks.push(planned(false, declared, entry::subtitle(&about, declared, picture)));
    }
    let Some(main) = main else {
        let secondary = if track.secondary { " (secondary)" } else { "" };
        left_out.push(format!("{} ({:?}){secondary}: nothing of it was found", named(title, track), track.coding));
        return;
    };
    if codec_id::of(main.codec).is_none() {
        left_out.push(format!("PID {pid:04X} ({:?}): it is {}, which cannot be muxed", track.coding, main.codec));
        return;
    }
    // TrueHD has its core beside it, DTS-HD inside every frame.
    let is_beside = main.codec == Codec::TrueHd;
    let inner = inner.as_ref().filter(|_| core == Core::Only || (core == Core::Keep && is_beside));
    if core != Core::Only || inner.is_none() {
        let about = About { stream: main_number, ..about };
        tracks.push(planned(false, main.codec, entry::entry(&about, main)));
    }
    if let Some(inner) = inner {
        let about = About { stream: core_number, ..about };
        tracks.push(planned(true, inner.codec, entry::entry(&about, inner)));
    }
}

/// The first picture and the first sound are played unless the viewer chooses others; no subtitle is.
fn set_defaults(tracks: &mut [Planned]) {
    for kind in [TrackKind::Video, TrackKind::Audio] {
        if let Some(first) = tracks.iter_mut().find(|t| t.kind == kind) {
            first.entry.flags.default = true;
        }
    }
}

/// Bytes to be read, and the number that stands for the content: label, title, parts with the lengths of their
/// files, tracks.
fn sizes(fs: &dyn FileSystem, title: &Title, from: &Provenance) -> Result<(u64, u128), MuxError> {
    let mut bytes = 0u64;
    let mut identity = Identity::new().text(&from.label).text(&title.id);
    for part in &title.parts {
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
    let chapter =
        |(n, c): (usize, &model::Chapter)| Chapter { start: c.start.nanoseconds(), name: format!("Chapter {n:02}") };
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

    /// Streams that are not taken, and why.
    #[must_use]
    pub fn left_out(&self) -> &[String] {
        &self.left_out
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
            left_out: self.left_out.clone(),
        }
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

    /// The parts, and which of their streams keep the time.
    pub(super) fn parts_to_read(&self) -> Vec<(&model::Part, Vec<Timed>)> {
        let timed = |part: usize| {
            let lanes = self.wanted(part).into_iter().filter_map(|w| {
                let kind = self.tracks.get(w.lanes.into_iter().flatten().next()?)?.kind;
                let is_sound = kind == TrackKind::Audio;
                (kind != TrackKind::Subtitle).then_some(Timed { pid: w.stream.id, is_sound })
            });
            lanes.collect()
        };
        self.title.parts.iter().enumerate().map(|(number, part)| (part, timed(number))).collect()
    }

    /// The streams to be taken from a part.
    pub(super) fn wanted(&self, part: usize) -> Vec<Wanted> {
        let mut wanted: Vec<Wanted> = Vec::new();
        for (lane, track) in self.tracks.iter().enumerate() {
            let Some(stream) = track.streams.at(part) else { continue };
            let place = usize::from(track.is_core);
            match wanted.iter_mut().find(|w| w.stream == stream) {
                Some(known) => {
                    if let Some(free @ None) = known.lanes.get_mut(place) {
                        *free = Some(lane);
                    }
                }
                None => {
                    let mut lanes = [None; 2];
                    lanes[place] = Some(lane);
                    wanted.push(Wanted { stream, codec: track.declared, lanes });
                }
            }
        }
        wanted
    }
}

/// `video`, `audio` or `subtitle`.
pub(super) fn kind_name(kind: TrackKind) -> &'static str {
    match kind {
        TrackKind::Video => "video",
        TrackKind::Audio => "audio",
        TrackKind::Subtitle => "subtitle",
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
