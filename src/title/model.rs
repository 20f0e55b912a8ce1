//! Titles: what a disc can play from start to end, whatever kind of disc it is.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::clock::PartClock;
use super::streams::Streams;
use super::{Attributes, Coding, StaticHdr};
use crate::base::allowance::ALLOCATION;
use crate::base::time::Ticks90;
pub use crate::codec::subtitle::captions::channels::Channels;
use crate::demux::m2ts::Layout;
pub use crate::demux::ps::Owner;

/// What comparing titles takes for each part of one.
const JUDGED_PART: usize = 96;
/// What a report takes for each part: the name of its clip.
const REPORTED_PART: usize = 56;
/// What a report takes for a track.
const REPORTED_TRACK: usize = 320;
/// What a report takes for a chapter.
const REPORTED_CHAPTER: usize = 32;
/// What the verdict on a title and its report take without those.
const REPORTED_TITLE: usize = 2048;

/// A stretch of a stream file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// Path of the stream file in the file system.
    pub path: String,
    /// Name of the clip that the file is: `00012`.
    pub clip: String,
    /// Its bytes: whole packets. `None` where no table places them: all of the file.
    pub bytes: Option<Range<u64>>,
    /// The bytes around them that lie on the same clock: beyond is another's, whatever its stamps say.
    pub clock_bytes: Range<u64>,
    /// Which units of the bytes are meant, where those of others lie between them.
    pub owner: Option<Owner>,
}

impl Piece {
    /// The bytes of a file that has one clock, as far as its tables tell.
    pub const ONE_CLOCK: Range<u64> = 0..u64::MAX;
}

/// How the packets of a stream file lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Packets {
    /// Transport packets.
    Transport {
        /// What stands before and behind each.
        layout: Layout,
        /// Each begins at a multiple of their distance in the file, unless the file itself shows otherwise.
        on_grid: bool,
    },
    /// Packs of a program stream, a sector each.
    Program,
}

impl Packets {
    /// Bytes from packet to packet.
    #[must_use]
    pub fn stride(self) -> u64 {
        match self {
            Self::Transport { layout, .. } => layout.stride() as u64,
            Self::Program => crate::base::sector::SECTOR_BYTES,
        }
    }
}

/// How a part joins the one before.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Join {
    /// Nothing goes on: the decoder begins from scratch.
    Break,
    /// The picture goes on, on another clock; sound may overlap.
    SeamlessNewClock,
    /// All goes on, the clock too.
    SeamlessSameClock,
    /// The same, and the clip of this part is what its stream goes on with where the clip before ends: both are one stream that
    /// was cut, wherever that was.
    SameStream,
}

impl Join {
    /// Whether pictures may refer to those of the part before.
    #[must_use]
    pub fn is_seamless(self) -> bool {
        self != Self::Break
    }
}

/// A stretch of a title that plays on one clock.
#[derive(Clone, PartialEq, Debug)]
pub struct Part {
    /// Where its bytes lie, in order: from a place at or before its start where decoding can begin, to some seconds
    /// behind its end. At least one.
    pub pieces: Vec<Piece>,
    /// How the packets in them lie.
    pub packets: Packets,
    /// Its clock.
    pub clock: PartClock,
    /// How it joins the part before.
    pub join: Join,
    /// Places inside it that the disc's own tables offer to begin at.
    pub entry_points: usize,
}

impl Part {
    /// Name of its first clip.
    #[must_use]
    pub fn clip(&self) -> &str {
        self.pieces.first().map_or("", |piece| &piece.clip)
    }

    /// Path of its first stream file.
    #[must_use]
    pub fn path(&self) -> &str {
        self.pieces.first().map_or("", |piece| &piece.path)
    }

    /// Bytes of memory that it takes.
    fn memory(&self) -> usize {
        let pieces = self.pieces.iter().map(|p| size_of::<Piece>() + p.path.len() + p.clip.len() + 2 * ALLOCATION);
        size_of::<Self>() + ALLOCATION + pieces.sum::<usize>()
    }
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

/// Whom a track is for, as the tables of the disc say.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Purpose {
    /// Somebody talks about the film.
    pub commentary: bool,
    /// For viewers who hear little.
    pub hearing_impaired: bool,
    /// For viewers who see little.
    pub visual_impaired: bool,
    /// Subtitles that are shown whether or not the viewer wants any.
    pub forced: bool,
}

/// A track as the tables of the disc tell of it. What the stream itself says comes later, and is believed more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Track {
    /// What it is.
    pub kind: TrackKind,
    /// Coding.
    pub coding: Coding,
    /// Format, rate, language.
    pub attributes: Attributes,
    /// Bibliographic code of ISO 639-2; `None` where the disc tells none.
    pub language: Option<&'static str>,
    /// Whether it is meant for picture in picture or to be mixed with another track.
    pub secondary: bool,
    /// Whom it is for.
    pub purpose: Purpose,
    /// What a decoder must know of it beforehand and its stream does not say: of DVD subtitles the colours.
    pub private: Arc<[u8]>,
    /// Where it is: for each part of the title one stream or none.
    pub streams: Streams,
    /// A second stream of the same kind that makes it better, where there is one: a Dolby Vision enhancement layer.
    pub enhancement: Option<Streams>,
}

/// A chapter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chapter {
    /// Where it starts on the title's clock.
    pub start: Ticks90,
    /// What the disc calls it; `None` where it says nothing, as nearly all do. Whoever prints it makes it safe.
    pub name: Option<String>,
}

impl Chapter {
    /// A chapter without a name.
    #[must_use]
    pub fn at(start: Ticks90) -> Self {
        Self { start, name: None }
    }
}

/// Clips that play beside the parts of a title, in step with them.
#[derive(Clone, PartialEq, Debug)]
pub struct SubPath {
    /// Its number, as in [`Origin::SubPath`](super::streams::Origin::SubPath).
    pub number: u8,
    /// The parts of clips it plays; their clocks are on the title's.
    pub parts: Vec<Part>,
}

/// A title.
#[derive(Clone, PartialEq, Debug)]
pub struct Title {
    /// What a person calls it: the playlist's number, `00800`, or that in the title table of a DVD, `1`.
    pub id: String,
    /// Its number, by which a person asks for it, from 1.
    pub number: usize,
    /// Its parts, in order; at least one.
    pub parts: Vec<Part>,
    /// Tracks in the order of the disc: video, audio, subtitles. Menus are left out.
    pub tracks: Vec<Track>,
    /// The sub-paths with clips of their own that tracks come from.
    pub sub_paths: Vec<SubPath>,
    /// Chapters, ascending.
    pub chapters: Vec<Chapter>,
    /// Angles that could be chosen; 1 where there is no choice.
    pub angles: usize,
    /// Mastering data of an HDR10 film.
    pub static_hdr: Option<StaticHdr>,
    /// Whether it offers menus: buttons over the picture.
    pub has_menu: bool,
    /// Channels of captions in its pictures, where they were looked for.
    pub captions: Channels,
    /// What else a person should know of it, a sentence each.
    pub notes: Vec<String>,
    /// Whether the parts are meant to be played in a random order.
    pub is_random: bool,
}

impl Title {
    /// Bytes of memory that it takes, with what is made of it to choose the film and to report: never less.
    #[must_use]
    pub fn memory(&self) -> usize {
        let parts: usize = self.all_parts().map(|part| part.memory() + JUDGED_PART + REPORTED_PART).sum();
        let lists = self.tracks.iter().flat_map(|t| std::iter::once(&t.streams).chain(&t.enhancement));
        let mut seen = HashSet::new();
        let lists: usize = lists.filter(|list| seen.insert(list.place())).map(|l| l.memory() + ALLOCATION).sum();
        let private: usize = self.tracks.iter().map(|t| t.private.len()).sum();
        let tracks = private + self.tracks.len() * (size_of::<Track>() + REPORTED_TRACK);
        // A name is in the report once more.
        let name = |c: &Chapter| c.name.as_ref().map_or(0, |name| 2 * (name.len() + ALLOCATION));
        let chapters = self.chapters.iter().map(|c| size_of::<Chapter>() + REPORTED_CHAPTER + name(c)).sum::<usize>();
        let notes: usize = self.notes.iter().map(|note| note.len() + size_of::<String>() + ALLOCATION).sum();
        size_of::<Self>() + REPORTED_TITLE + notes + parts + lists + tracks + chapters
    }

    /// Length on the title's clock.
    #[must_use]
    pub fn duration(&self) -> Ticks90 {
        self.parts.last().map_or(Ticks90::ZERO, |p| p.clock.end())
    }

    /// The parts of the main path, then those of the sub-paths.
    pub fn all_parts(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().chain(self.sub_paths.iter().flat_map(|sub_path| &sub_path.parts))
    }

    /// The tracks of a kind that stand for themselves.
    pub fn primary(&self, kind: TrackKind) -> impl Iterator<Item = &Track> {
        self.tracks.iter().filter(move |t| t.kind == kind && !t.secondary)
    }
}
