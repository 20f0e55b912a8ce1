//! A title whose parts that go straight on, in one clip or from the end of one to the start of another, are one part: nothing is
//! read twice, and no stream ends where nothing does. Pure.

use crate::title::clock::PartClock;
use crate::title::model::{Join, Packets, Part, Piece, SubPath, Title, Track};
use crate::title::streams::{Origin, Streams};

impl Title {
    /// The title with parts joined that go on seamlessly at the very time of the clock at which the one before ends, with the same
    /// streams. All times of the title are as before.
    #[must_use]
    pub fn joined(&self) -> Self {
        let sub_paths = self.sub_paths.iter().map(|path| self.joined_beside(path)).collect();
        let mut parts: Vec<Part> = Vec::new();
        // For each new part the first old one.
        let mut firsts: Vec<usize> = Vec::new();
        for (number, part) in self.parts.iter().enumerate() {
            let has_same_streams = || self.tracks.iter().all(|track| is_same(track, number));
            let longer = parts.last().and_then(|before| together(before, part)).filter(|_| has_same_streams());
            match (parts.last_mut(), longer) {
                (Some(last), Some(longer)) => *last = longer,
                _ => {
                    parts.push(part.clone());
                    firsts.push(number);
                }
            }
        }
        let renumbered = |streams: &Streams| -> Streams {
            firsts.iter().enumerate().filter_map(|(new, old)| Some((new, streams.at(*old)?))).collect()
        };
        let track = |track: &Track| Track {
            streams: renumbered(&track.streams),
            enhancement: track.enhancement.as_ref().map(renumbered),
            ..track.clone()
        };
        Self { tracks: self.tracks.iter().map(track).collect(), parts, sub_paths, ..self.clone() }
    }

    /// A sub-path, likewise.
    fn joined_beside(&self, path: &SubPath) -> SubPath {
        let lists = self.tracks.iter().flat_map(|track| std::iter::once(&track.streams).chain(&track.enhancement));
        let is_one = |list: &Streams| list.iter().all(|(_, stream)| Some(stream) == list.first());
        let own = |list: &&Streams| list.first().is_some_and(|first| first.origin == Origin::SubPath(path.number));
        if !lists.filter(own).all(is_one) {
            return path.clone();
        }
        let mut parts: Vec<Part> = Vec::new();
        for part in &path.parts {
            match (parts.last().and_then(|before| together(before, part)), parts.last_mut()) {
                (Some(longer), Some(last)) => *last = longer,
                _ => parts.push(part.clone()),
            }
        }
        SubPath { number: path.number, parts }
    }
}

/// Whether a track has in a part what it has in the part before.
fn is_same(track: &Track, part: usize) -> bool {
    let is_same = |streams: &Streams| streams.at(part) == part.checked_sub(1).and_then(|before| streams.at(before));
    is_same(&track.streams) && track.enhancement.as_ref().is_none_or(is_same)
}

/// Both parts as one, where the second goes straight on: in the same clip, or in one that the stream of the first goes on in.
fn together(before: &Part, part: &Part) -> Option<Part> {
    let (a, b) = (&before.clock, &part.clock);
    let is_transport = matches!(part.packets, Packets::Transport { .. }) && before.packets == part.packets;
    let goes_on = part.join.is_seamless() && a.end() == b.start();
    let ends_there = b.since_in(a.out_time()).0 == 0 && !a.is_open() && !b.is_open();
    let ([earlier @ .., first], [second]) = (&before.pieces[..], &part.pieces[..]) else { return None };
    if !is_transport || !goes_on || !ends_there {
        return None;
    }
    let is_same_clip = first.path == second.path && first.owner == second.owner && a.number() == b.number();
    let pieces = match part.join {
        Join::SameStream => {
            let bytes = second.bytes.as_ref().map(|bytes| 0..bytes.end);
            [&before.pieces[..], &[Piece { bytes, ..second.clone() }]].concat()
        }
        _ if is_same_clip => {
            let bytes = first.bytes.as_ref().zip(second.bytes.as_ref());
            let bytes = bytes.map(|(one, other)| one.start.min(other.start)..one.end.max(other.end));
            [earlier, &[Piece { bytes, ..first.clone() }]].concat()
        }
        _ => return None,
    };
    let length = (a.end() - a.start()) + (b.end() - b.start());
    Some(Part {
        pieces,
        clock: PartClock::new(a.number(), a.in_time()..a.in_time() + length, a.start()),
        entry_points: before.entry_points + part.entry_points,
        ..before.clone()
    })
}

#[cfg(test)]
#[path = "joined_tests.rs"]
mod tests;
