//! Titles: what a disc can play from start to end.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::clock::PartClock;
use crate::base::allowance::ALLOCATION;
use crate::base::time::{Ticks45, Ticks90};
use crate::bluray::mpls::StaticHdr;
use crate::bluray::play_item::Connection;
use crate::bluray::stream_info::{Attributes, Coding};

/// What comparing titles takes for each part of one.
const JUDGED_PART: usize = 96;
/// What a report takes for a track.
const REPORTED_TRACK: usize = 320;
/// What a report takes for a chapter.
const REPORTED_CHAPTER: usize = 32;
/// What the verdict on a title and its report take without those.
const REPORTED_TITLE: usize = 2048;

/// A part of a clip.
#[derive(Clone, PartialEq, Debug)]
pub struct Part {
    /// Name of the clip: `00012`.
    pub clip: String,
    /// Path of the stream file in the file system.
    pub path: String,
    /// Which of the clip's clocks it is on.
    pub stc_id: u8,
    /// Where it starts and ends on the clip's clock.
    pub in_time: Ticks45,
    /// See `in_time`.
    pub out_time: Ticks45,
    /// Its clock.
    pub clock: PartClock,
    /// How it joins the part before.
    pub connection: Connection,
    /// The bytes of the stream file that hold it: from the entry point at or before IN to some seconds behind OUT.
    /// Whole source packets; the whole of a clock where there are no entry points. `None` where the clip
    /// information could not be read: all of the file.
    pub bytes: Option<Range<u64>>,
    /// Entry points between IN and OUT.
    pub entry_points: usize,
}

/// What a track is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TrackKind {
    /// Pictures.
    Video,
    /// Sound.
    Audio,
    /// Subtitles.
    Subtitle,
}

/// Where a track comes from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Source {
    /// The clips of the parts.
    Clip,
    /// A sub-path, by its number.
    SubPath(u8),
}

/// A track as the tables of the disc tell of it. What the stream itself says comes later, and is believed more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Track {
    /// What it is.
    pub kind: TrackKind,
    /// PID in the transport stream.
    pub pid: u16,
    /// Where it comes from.
    pub source: Source,
    /// Coding.
    pub coding: Coding,
    /// Format, rate, language.
    pub attributes: Attributes,
    /// Bibliographic code of ISO 639-2; `None` where the disc tells none.
    pub language: Option<&'static str>,
    /// Whether it is meant for picture in picture or to be mixed with another track.
    pub secondary: bool,
    /// The parts that offer it, ascending; tracks of the same parts share the list.
    pub parts: Arc<[usize]>,
}

/// A chapter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Chapter {
    /// Where it starts on the title's clock.
    pub start: Ticks90,
}

/// A sub-path that some tracks come from.
#[derive(Clone, PartialEq, Debug)]
pub struct SidePath {
    /// Its number, as in [`Source::SubPath`].
    pub number: u8,
    /// The parts of clips it plays; their clocks are on the title's.
    pub parts: Vec<Part>,
}

/// A title.
#[derive(Clone, PartialEq, Debug)]
pub struct Title {
    /// What a person calls it: the playlist's number, `00800`.
    pub id: String,
    /// Parts of clips, in order; at least one.
    pub parts: Vec<Part>,
    /// Tracks in the order of the disc: video, audio, subtitles. Menus are left out.
    pub tracks: Vec<Track>,
    /// PID of a Dolby Vision enhancement layer that belongs to the first video track.
    pub enhancement: Option<u16>,
    /// Sub-paths out of the mux that tracks come from.
    pub side_paths: Vec<SidePath>,
    /// Chapters, ascending.
    pub chapters: Vec<Chapter>,
    /// Angles that could be chosen; 1 where there is no choice.
    pub angles: usize,
    /// Mastering data of an HDR10 film.
    pub static_hdr: Option<StaticHdr>,
    /// Whether the playlist offers menus: buttons over the picture.
    pub has_menu: bool,
    /// Whether the parts are meant to be played in a random order.
    pub is_random: bool,
}

impl Title {
    /// Bytes of memory that it takes, with what is made of it to choose the film and to report: never less.
    #[must_use]
    pub fn memory(&self) -> usize {
        let part = |p: &Part| size_of::<Part>() + p.clip.len() + p.path.len() + 2 * ALLOCATION + JUDGED_PART;
        let parts: usize = self.parts.iter().chain(self.side_paths.iter().flat_map(|s| &s.parts)).map(part).sum();
        let lists: HashSet<*const usize> = self.tracks.iter().map(|t| t.parts.as_ptr()).collect();
        let list =
            |at: &*const usize| self.tracks.iter().find(|t| t.parts.as_ptr() == *at).map_or(0, |t| t.parts.len());
        let lists: usize = lists.iter().map(|at| list(at) * size_of::<usize>() + ALLOCATION).sum();
        let tracks = self.tracks.len() * (size_of::<Track>() + REPORTED_TRACK);
        let chapters = self.chapters.len() * (size_of::<Chapter>() + REPORTED_CHAPTER);
        size_of::<Self>() + REPORTED_TITLE + parts + lists + tracks + chapters
    }

    /// Length on the title's clock.
    #[must_use]
    pub fn duration(&self) -> Ticks90 {
        self.parts.last().map_or(Ticks90::ZERO, |p| p.clock.end())
    }

    /// The tracks of a kind that stand for themselves.
    pub fn primary(&self, kind: TrackKind) -> impl Iterator<Item = &Track> {
        self.tracks.iter().filter(move |t| t.kind == kind && !t.secondary)
    }

    /// Bytes of stream files that its parts lie in; a part without known bytes counts nothing.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.parts.iter().filter_map(|p| p.bytes.as_ref()).map(|b| b.end - b.start).sum()
    }
}
