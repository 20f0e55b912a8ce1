//! What is read for a planned title: its paths, and of their parts the streams.

use super::super::input::scout::Timed;
use super::Plan;
use super::paths::{Path, main_part, path_number, paths};
use super::tracks::{Planned, used_paths};
use crate::base::time::Ticks90;
use crate::codec::Codec;
use crate::title::model::{Part, TrackKind};
use crate::title::streams::{StreamId, Streams};

/// Parts of what is played beside each other end within so much of each other: some pictures of the slowest kind. A layer of
/// which nothing is shown for so long before its end has lost it.
pub(in crate::mux) const LAYER_TAIL: Ticks90 = Ticks90(Ticks90::SECOND.0 / 8);

/// A stream to be taken from a part, and the tracks that come of it: [`MAIN`](crate::codec::frame::MAIN),
/// [`CORE`](crate::codec::frame::CORE) or [`CAPTIONS`](crate::codec::frame::CAPTIONS).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::mux) struct Wanted {
    pub(in crate::mux) stream: StreamId,
    /// The stream of the same multiplex that makes it better.
    pub(in crate::mux) enhancement: Option<StreamId>,
    /// What makes it better comes from another path.
    pub(in crate::mux) has_layer_outside: bool,
    pub(in crate::mux) codec: Codec,
    pub(in crate::mux) lanes: [Option<usize>; 2],
    /// The second of these is the captions in the pictures.
    pub(in crate::mux) has_captions: bool,
}

/// A stream of a sub-path that makes the pictures of a track of the title's own path better.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::mux) struct OutsideLayer {
    pub(in crate::mux) stream: StreamId,
    /// The track, by its place.
    pub(in crate::mux) lane: usize,
    /// The parts of the title that it plays beside, with their ends on the title's clock; at least one.
    pub(in crate::mux) parts: Vec<(Ticks90, usize)>,
    /// Where it ends.
    pub(in crate::mux) end: Ticks90,
}

impl Plan {
    /// The parts of a path, and which of their streams keep the time.
    pub(in crate::mux) fn parts_to_read<'a>(&self, path: Path<'a>) -> Vec<(&'a Part, Vec<Timed>)> {
        let timed = |part: usize| {
            self.wanted(path.number, part).into_iter().filter_map(|w| {
                let kind = self.tracks.get(w.lanes.into_iter().flatten().next()?)?.kind;
                let is_sound = kind == TrackKind::Audio;
                (kind != TrackKind::Subtitle).then_some(Timed { stream: w.stream, is_sound })
            })
        };
        let layers = |part: usize| {
            self.layers(path.number, part).into_iter().map(|l| Timed { stream: l.stream, is_sound: false })
        };
        let timed = |part: usize| -> Vec<Timed> { timed(part).chain(layers(part)).collect() };
        path.parts.iter().enumerate().map(|(number, part)| (part, timed(number))).collect()
    }

    /// The streams of a part of a path that the file will lack, by their place among those left out: whether they come at all
    /// is looked for.
    pub(in crate::mux) fn watched(&self, path: usize, part: usize) -> Vec<(StreamId, usize)> {
        let part = if path == 0 { part } else { main_part(&self.title, path, part) };
        let all =
            self.left_out.iter().enumerate().filter(|(_, (_, streams))| path_number(&self.title, streams) == path);
        let stream = |streams: &Streams| streams.at(part).or_else(|| streams.first().filter(|_| path > 0));
        all.filter_map(|(n, (_, streams))| Some((stream(streams)?, n))).collect()
    }

    /// The paths that are read.
    pub(in crate::mux) fn paths(&self) -> impl Iterator<Item = Path<'_>> {
        paths(&self.title, used_paths(&self.title, &self.tracks, &self.left_out))
    }

    /// The number of the path that each track comes from.
    pub(in crate::mux) fn paths_of_tracks(&self) -> Vec<usize> {
        self.tracks.iter().map(|track| path_number(&self.title, &track.streams)).collect()
    }

    /// Whether a path has what makes pictures of the title's own path better.
    pub(in crate::mux) fn has_layers(&self, path: usize) -> bool {
        self.tracks.iter().any(|track| track.layer_path(&self.title) == Some(path))
    }

    /// Whether any path has.
    pub(in crate::mux) fn needs_layers(&self) -> bool {
        self.tracks.iter().any(|track| track.layer_path(&self.title).is_some())
    }

    /// What a part of a path has to make pictures of the title's own path better.
    pub(in crate::mux) fn layers(&self, path: usize, part: usize) -> Vec<OutsideLayer> {
        let clock =
            path.checked_sub(1).and_then(|place| self.title.sub_paths.get(place)?.parts.get(part)).map(|p| p.clock);
        let Some(clock) = clock else { return Vec::new() };
        let first = main_part(&self.title, path, part);
        let beside = self.title.parts.iter().enumerate().skip(first);
        // A layer may end some pictures behind what it plays beside.
        let beside = beside.take_while(|(n, part)| *n == first || part.clock.start() + LAYER_TAIL < clock.end());
        let parts: Vec<(Ticks90, usize)> = beside.map(|(number, part)| (part.clock.end(), number)).collect();
        let layer = |(lane, track): (usize, &Planned)| {
            let streams = track.enhancement.as_ref().filter(|_| track.layer_path(&self.title) == Some(path))?;
            let stream = streams.at(first).or(streams.first())?;
            Some(OutsideLayer { stream, lane, parts: parts.clone(), end: clock.end() })
        };
        if parts.is_empty() { Vec::new() } else { self.tracks.iter().enumerate().filter_map(layer).collect() }
    }

    /// The streams to be taken from a part of a path.
    pub(in crate::mux) fn wanted(&self, path: usize, part: usize) -> Vec<Wanted> {
        let part = if path == 0 { part } else { main_part(&self.title, path, part) };
        let mut wanted: Vec<Wanted> = Vec::new();
        for (lane, track) in self.tracks.iter().enumerate() {
            if path_number(&self.title, &track.streams) != path {
                continue;
            }
            // A sub-path goes on where the tables of single parts do not name it.
            let otherwise = || track.streams.first().filter(|_| path > 0);
            let Some(stream) = track.streams.at(part).or_else(otherwise) else { continue };
            let place = usize::from(track.is_core || track.is_captions);
            match wanted.iter_mut().find(|w| w.stream == stream) {
                Some(known) => {
                    known.has_captions |= track.is_captions;
                    if let Some(free @ None) = known.lanes.get_mut(place) {
                        *free = Some(lane);
                    }
                }
                None => {
                    let mut lanes = [None; 2];
                    lanes[place] = Some(lane);
                    let layer = track.enhancement.as_ref().and_then(|streams| streams.at(part));
                    let enhancement = layer.filter(|layer| layer.origin == stream.origin);
                    let has_layer_outside = layer.is_some() && enhancement.is_none();
                    let (codec, has_captions) = (track.declared, track.is_captions);
                    wanted.push(Wanted { stream, enhancement, has_layer_outside, codec, lanes, has_captions });
                }
            }
        }
        wanted
    }
}
