//! Cues (RFC 9559, section 5.1.5): where a player finds a moment of the film.

use super::track::{Kind, Track};
use crate::matroska::ebml::{put_master, put_uint};
use crate::matroska::ids;

/// Video and audio get at most one point in this many milliseconds.
pub const MIN_DISTANCE: u64 = 500;

/// No more points than this are kept, so that no disc makes the list grow without bound: video alone
/// reaches it after three days, and 48 bytes a point stay under 26 MB.
pub const MAX_POINTS: usize = 1 << 19;

/// Bytes that one point takes at most: file under 1 TiB, film under 49 days, up to 127 tracks.
const POINT_BYTES: usize = 30;

/// Bytes of the Cues element beside its points: ID, size, CRC-32.
const ELEMENT_BYTES: usize = 4 + 8 + 6;

/// One point.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Cue {
    /// Milliseconds: the block's own timestamp.
    pub time: u64,
    /// TrackNumber.
    pub track: u64,
    /// Where the cluster starts, from the start of the Segment's content.
    pub cluster: u64,
    /// Where the block starts, from the start of the cluster's content.
    pub relative: u64,
    /// Milliseconds that the block lasts.
    pub duration: Option<u64>,
}

/// Which blocks of a track get a point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Rule {
    /// Blocks where decoding can start, [`MIN_DISTANCE`] apart.
    Thinned {
        last: Option<u64>,
    },
    Every,
    Never,
}

/// The points gathered so far.
#[derive(Debug)]
pub struct Cues {
    rules: Vec<Rule>,
    points: Vec<Cue>,
}

impl Cues {
    /// No points yet. All video and subtitle tracks will have some; without video, the first audio track.
    #[must_use]
    pub fn new(tracks: &[Track]) -> Self {
        let video = tracks.iter().any(|t| matches!(t.kind, Kind::Video(_)));
        let lead = tracks.iter().position(|t| matches!(t.kind, Kind::Audio(_))).filter(|_| !video);
        let rule = |(index, track): (usize, &Track)| match track.kind {
            Kind::Video(_) => Rule::Thinned { last: None },
            Kind::Subtitle => Rule::Every,
            Kind::Audio(_) if lead == Some(index) => Rule::Thinned { last: None },
            Kind::Audio(_) => Rule::Never,
        };
        Self { rules: tracks.iter().enumerate().map(rule).collect(), points: Vec::new() }
    }

    /// Whether a block of the track at `index` is to get a point; saying yes is remembered for the distance.
    pub fn takes(&mut self, index: usize, time: u64, key: bool) -> bool {
        if self.points.len() >= MAX_POINTS {
            return false;
        }
        match self.rules.get_mut(index) {
            Some(Rule::Every) => true,
            Some(Rule::Thinned { last }) => {
                let due = key && last.is_none_or(|last| time.abs_diff(last) >= MIN_DISTANCE);
                if due {
                    *last = Some(time);
                }
                due
            }
            Some(Rule::Never) | None => false,
        }
    }

    /// Adds a point; gives its number.
    pub fn add(&mut self, cue: Cue) -> usize {
        self.points.push(cue);
        self.points.len() - 1
    }

    /// Says how long the block of a point lasts.
    pub fn set_duration(&mut self, number: usize, milliseconds: u64) {
        if let Some(point) = self.points.get_mut(number) {
            point.duration = Some(milliseconds);
        }
    }

    /// The content of the Cues element in order of time; `None` without a point, for an empty one is not allowed.
    #[must_use]
    pub fn content(mut self) -> Option<Vec<u8>> {
        self.points.sort_unstable();
        let mut out = Vec::with_capacity(self.points.len() * POINT_BYTES);
        for together in self.points.chunk_by(|a, b| a.time == b.time) {
            put_master(&mut out, ids::CUE_POINT, |out| {
                put_uint(out, ids::CUE_TIME, together[0].time);
                together.iter().for_each(|cue| put_positions(out, cue));
            });
        }
        (!out.is_empty()).then_some(out)
    }
}

/// Bytes to keep for a Cues element with `points` points; none for none.
#[must_use]
pub fn space(points: u32) -> usize {
    match (points as usize).min(MAX_POINTS) {
        0 => 0,
        points => ELEMENT_BYTES + points * POINT_BYTES,
    }
}

fn put_positions(out: &mut Vec<u8>, cue: &Cue) {
    put_master(out, ids::CUE_TRACK_POSITIONS, |out| {
        put_uint(out, ids::CUE_TRACK, cue.track);
        put_uint(out, ids::CUE_CLUSTER_POSITION, cue.cluster);
        put_uint(out, ids::CUE_RELATIVE_POSITION, cue.relative);
        if let Some(duration) = cue.duration {
            put_uint(out, ids::CUE_DURATION, duration);
        }
    });
}

#[cfg(test)]
#[path = "cues_tests.rs"]
mod tests;
