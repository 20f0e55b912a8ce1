//! Titles for the tests of parts.

use std::ops::Range;

use crate::base::time::Ticks90;
use crate::demux::m2ts::Layout;
use crate::title::clock::PartClock;
use crate::title::model::{Channels, Join, Packets, Part, Piece, Purpose, Title, Track, TrackKind};
use crate::title::streams::{Origin, StreamId};
use crate::title::{Attributes, AudioFormat, Coding, Language};

pub(super) fn seconds(seconds: u64) -> Ticks90 {
    Ticks90::from_seconds(seconds)
}

/// A part that lies in these bytes of a clip's file.
pub(super) fn part(clip: &str, bytes: Range<u64>, clock: PartClock, join: Join) -> Part {
    Part {
        pieces: vec![Piece {
            path: format!("{clip}.m2ts"),
            clip: clip.into(),
            bytes: Some(bytes),
            clock_bytes: Piece::ONE_CLOCK,
            owner: None,
        }],
        packets: Packets::Transport { layout: Layout::M2ts, on_grid: true },
        clock,
        join,
        entry_points: 2,
    }
}

/// A track of sound, by the parts that have it and its PIDs there.
pub(super) fn track(streams: impl IntoIterator<Item = (usize, u16)>) -> Track {
    let language = Language(*b"eng");
    let streams = streams.into_iter().map(|(part, pid)| (part, StreamId::pid(Origin::Main, pid)));
    Track {
        kind: TrackKind::Audio,
        coding: Coding::Ac3,
        attributes: Attributes::Audio { format: AudioFormat::Stereo, rate: 1, language },
        language: Some("eng"),
        secondary: false,
        purpose: Purpose::default(),
        private: [].into(),
        streams: streams.collect(),
        enhancement: None,
    }
}

pub(super) fn title(parts: Vec<Part>, tracks: Vec<Track>) -> Title {
    Title {
        id: "00001".into(),
        number: 1,
        parts,
        tracks,
        sub_paths: Vec::new(),
        chapters: Vec::new(),
        angles: 1,
        static_hdr: None,
        has_menu: false,
        captions: Channels::default(),
        notes: Vec::new(),
        is_random: false,
    }
}
