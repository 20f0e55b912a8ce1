//! The paths of a title, and which of them streams come from.

use std::collections::HashSet;

use super::super::memory::SUB_PATHS;
use crate::base::time::Ticks90;
use crate::codec::{self, Codec};
use crate::title::model::{Part, Title, Track};
use crate::title::streams::{Origin, Streams};

/// A path of a title.
#[derive(Clone, Copy, Debug)]
pub(in crate::mux) struct Path<'a> {
    /// 0 for the parts of the title, else one more than the place of its sub-path.
    pub(in crate::mux) number: usize,
    pub(in crate::mux) parts: &'a [Part],
}

/// The paths of a title that are read: its own, and of those beside it the ones with these numbers.
pub(in crate::mux) fn paths(title: &Title, used: HashSet<usize>) -> impl Iterator<Item = Path<'_>> {
    let main = Path { number: 0, parts: &title.parts };
    let beside = (1..).zip(title.sub_paths.iter().take(SUB_PATHS)).filter(move |(number, _)| used.contains(number));
    std::iter::once(main).chain(beside.map(|(number, path)| Path { number, parts: &path.parts }))
}

/// The part of the title that plays when a part of a sub-path begins.
pub(in crate::mux) fn main_part(title: &Title, path: usize, part: usize) -> usize {
    let sub_path = path.checked_sub(1).and_then(|place| title.sub_paths.get(place));
    let start = sub_path.and_then(|path| path.parts.get(part)).map_or(Ticks90::ZERO, |part| part.clock.start());
    title.parts.partition_point(|part| part.clock.end() <= start)
}

/// The number of the path that a track's streams come from: they all come from one.
pub(in crate::mux) fn path_number(title: &Title, streams: &Streams) -> usize {
    match streams.first().map(|stream| stream.origin) {
        Some(Origin::SubPath(number)) => {
            title.sub_paths.iter().position(|path| path.number == number).map_or(usize::MAX, |place| place + 1)
        }
        Some(Origin::Main) | None => 0,
    }
}

/// Whether streams come from one path, which is there and is one of those that are read.
pub(in crate::mux) fn is_on_one_path(title: &Title, streams: &Streams) -> bool {
    let origin = streams.first().map(|stream| stream.origin);
    let is_there = match origin {
        Some(Origin::SubPath(number)) => title.sub_paths.iter().take(SUB_PATHS).any(|path| path.number == number),
        Some(Origin::Main) | None => true,
    };
    is_there && streams.iter().all(|(_, stream)| Some(stream.origin) == origin)
}

/// Where the enhancement layer of a track is that can be put into it: beside it in the same multiplex, or in a sub-path with
/// clips of its own.
pub(in crate::mux) fn enhancement(title: &Title, track: &Track, declared: Codec) -> Option<Streams> {
    let streams = track.enhancement.as_ref().filter(|streams| is_on_one_path(title, streams))?;
    let has_base =
        |part: usize, fits: &dyn Fn(Origin) -> bool| track.streams.at(part).is_some_and(|base| fits(base.origin));
    let is_beside = streams.iter().all(|(part, stream)| has_base(part, &|base| base == stream.origin));
    let is_outside = streams.iter().all(|(part, _)| has_base(part, &|base| base == Origin::Main));
    let is_known = (is_beside || is_outside) && codec::layered_splitter(declared).is_some();
    is_known.then(|| streams.clone())
}
