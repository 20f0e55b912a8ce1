//! What a hole in title VOBs takes, to a frame: the streams beside it are taken apart as a film is made of them.
//!
//! Pictures are lost from the first one that is not there to the next one at which decoding can begin, sound from the end of
//! the last whole frame to the first one behind the hole. Sub-pictures are not counted. Of a side on which a stream shows
//! nothing, nothing is told.

use std::ops::Range;

use super::super::clock::PartClock;
use super::super::model::Part;
use super::super::streams::StreamId;
use crate::base::time::Ticks90;
use crate::codec::{self, Codec, Frame, Lost, Output, Splitter, Stamp};
use crate::demux::pes::PesHead;
use crate::demux::ps::Demux;
use crate::demux::{Loss, Sink};
use crate::fs::{File, FileSystem};

/// Most bytes that are read on either side of a hole: more than a second of the fastest film.
const SIDE: u64 = 16 << 20;
/// A stream that begins with its part begins no later than a frame of it lasts.
const FRAME: Ticks90 = Ticks90(Ticks90::SECOND.0 / 20);
/// Bytes that are read at once.
const READ: u64 = 1 << 20;

/// A VOB file whose streams are looked at beside its holes.
pub(super) struct Beside<'a> {
    pub(super) fs: &'a dyn FileSystem,
    pub(super) file: &'a File,
    /// The part that plays it, with its pictures and sound.
    pub(super) part: &'a Part,
    pub(super) streams: &'a [(Codec, StreamId)],
    /// Bytes that may still be read, of all files.
    pub(super) left: &'a mut u64,
}

/// When what is whole in front of a hole ends, and when that behind it begins, on the title's clock; `None` of a side
/// that does not tell.
pub(super) type Sides = (Option<Ticks90>, Option<Ticks90>);

impl Beside<'_> {
    /// Looks at these bytes of the file, in front of a hole and behind it.
    pub(super) fn sides(&mut self, head: Range<u64>, tail: Range<u64>) -> Sides {
        let length = |range: &Range<u64>| range.end.saturating_sub(range.start);
        let all = length(&head).max(length(&tail));
        let Some(left) = self.left.checked_sub(length(&head) + length(&tail)).filter(|_| all <= SIDE) else {
            return (None, None);
        };
        *self.left = left;
        let mut demux = Demux::new(head.start);
        demux.clock().expect(self.part.clock.in_time());
        let mut lanes = Lanes { all: Vec::new() };
        for (codec, stream) in self.streams {
            let (Ok(id), Some(splitter)) = (u8::try_from(stream.id), codec::splitter(*codec)) else { continue };
            if demux.select(id, stream.sub_id).is_some_and(|slot| usize::from(slot) == lanes.all.len()) {
                lanes.all.push(Lane { splitter, seen: Seen::new(self.part.clock) });
            }
        }
        let is_read = self.feed(&head, &mut demux, &mut lanes).is_some();
        demux.hole(tail.start, &mut lanes);
        if !is_read {
            lanes.all.iter_mut().for_each(|lane| lane.seen = Seen::new(self.part.clock));
        }
        lanes.behind();
        // What cannot be read there is behind what shows when the streams go on.
        let _ = self.feed(&tail, &mut demux, &mut lanes);
        lanes.finish()
    }

    /// Hands on what of a stretch of the file is played. `None`: not all of it could be read.
    fn feed(&self, range: &Range<u64>, demux: &mut Demux, lanes: &mut Lanes) -> Option<()> {
        let mut buffer = Vec::new();
        for piece in self.part.pieces.iter().filter(|piece| piece.path == self.file.path()) {
            let bytes = piece.bytes.clone().unwrap_or(0..u64::MAX);
            let (mut at, end) = (bytes.start.max(range.start), bytes.end.min(range.end).min(self.file.length()));
            if at >= end {
                continue;
            }
            demux.own(piece.owner);
            if demux.position() != at {
                demux.jump(at, lanes);
            }
            while at < end {
                buffer.resize(usize::try_from((end - at).min(READ)).ok()?, 0);
                let count = self.fs.read_at(self.file, at, &mut buffer).ok().filter(|count| *count > 0)?;
                demux.push(buffer.get(..count)?, lanes);
                at += count as u64;
            }
        }
        Some(())
    }
}

/// What of a stream is whole on either side.
struct Seen {
    clock: PartClock,
    is_behind: bool,
    /// Frames in front of the hole: when each begins, and sound when it ends.
    before: Vec<(Ticks90, Option<Ticks90>)>,
    /// When the first one behind it begins.
    behind: Option<Ticks90>,
}

impl Seen {
    fn new(clock: PartClock) -> Self {
        Self { clock, is_behind: false, before: Vec::new(), behind: None }
    }

    /// Whether a hole here may take anything of it. A stream that shows itself on neither side plays elsewhere, and one that
    /// begins behind the hole and with its part has all that it ever had.
    fn is_here(&self) -> bool {
        !self.before.is_empty() || self.behind.is_some_and(|time| time - self.clock.start() > FRAME)
    }

    /// When what is whole in front of the hole ends.
    fn end(&self) -> Option<Ticks90> {
        if let Some((_, Some(end))) = self.before.last() {
            return Some(*end);
        }
        shown_until(self.before.iter().map(|(start, _)| *start).collect())
    }
}

impl Output for Seen {
    fn frame(&mut self, frame: Frame<'_>) {
        let start = self.clock.to_title(frame.pts);
        if self.is_behind {
            self.behind.get_or_insert(start);
        } else {
            self.before.push((start, frame.duration.map(|duration| start + duration)));
        }
    }

    fn lost(&mut self, _lost: Lost) {}

    fn undecodable(&mut self, _skipped: Lost) {}
}

/// Until when pictures are shown one behind the other, by when each begins.
fn shown_until(mut times: Vec<Ticks90>) -> Option<Ticks90> {
    times.sort_unstable();
    let steps = || times.windows(2).filter_map(|two| Some((*two.first()?, *two.last()? - *two.first()?)));
    let least = steps().map(|(_, step)| step).filter(|step| *step > Ticks90::ZERO).min()?;
    // Pictures with repeated fields last half as long again.
    let gap = steps().find(|(_, step)| step.times(5) > least.times(8));
    Some(gap.map_or(*times.last()?, |(last, _)| last) + least)
}

/// A stream under way.
struct Lane {
    splitter: Box<dyn Splitter>,
    seen: Seen,
}

/// The streams, by their slots.
struct Lanes {
    all: Vec<Lane>,
}

impl Lanes {
    fn with(&mut self, slot: u8, work: impl FnOnce(&mut dyn Splitter, &mut Seen)) {
        if let Some(Lane { splitter, seen }) = self.all.get_mut(usize::from(slot)) {
            work(&mut **splitter, seen);
        }
    }

    /// What comes from now on lies behind the hole.
    fn behind(&mut self) {
        self.all.iter_mut().for_each(|lane| lane.seen.is_behind = true);
    }

    /// The streams are over.
    fn finish(mut self) -> Sides {
        self.all.iter_mut().for_each(|Lane { splitter, seen }| splitter.finish(seen));
        let here = || self.all.iter().map(|lane| &lane.seen).filter(|seen| seen.is_here());
        let start = here().map(Seen::end).reduce(|a, b| Some(a?.min(b?))).flatten();
        let end = here().map(|seen| seen.behind).reduce(|a, b| Some(a?.max(b?))).flatten();
        (start, end)
    }
}

impl Sink for Lanes {
    fn start(&mut self, slot: u8, head: &PesHead) {
        let stamp = Stamp { pts: head.pts, dts: head.dts };
        self.with(slot, |splitter, seen| splitter.start(stamp, head.extension, seen));
    }

    fn payload(&mut self, slot: u8, bytes: &[u8]) {
        self.with(slot, |splitter, _| splitter.payload(bytes));
    }

    fn end(&mut self, slot: u8) {
        self.with(slot, |splitter, seen| splitter.end(seen));
    }

    fn lost(&mut self, slot: u8, _loss: Loss) {
        self.with(slot, |splitter, seen| splitter.discontinuity(seen));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_shown_until_the_first_that_is_not_there() {
        let until = |times: &[i64]| shown_until(times.iter().map(|time| Ticks90(*time)).collect()).map(|end| end.0);
        assert_eq!(until(&[0, 9009, 3003, 6006, 18_018]), Some(12_012));
        // Repeated fields are no gap.
        assert_eq!(until(&[0, 4505, 7508, 12_012, 15_015]), Some(18_018));
        assert_eq!((until(&[5]), until(&[])), (None, None));
    }

    #[test]
    fn sound_ends_with_its_last_frame_and_a_stream_on_one_side_alone_tells_of_that() {
        let clock = PartClock::new(0, Ticks90(9000)..Ticks90(900_000), Ticks90::ZERO);
        let lane = |before: &[i64], behind: Option<i64>| {
            let mut seen = Seen::new(clock);
            seen.before = before.iter().map(|at| (Ticks90(*at), Some(Ticks90(at + 2880)))).collect();
            seen.behind = behind.map(Ticks90);
            Lane { splitter: codec::splitter(Codec::Ac3).unwrap(), seen }
        };
        let sides = |all: Vec<Lane>| {
            let (start, end) = Lanes { all }.finish();
            (start.map(|t| t.0), end.map(|t| t.0))
        };
        assert_eq!(sides(vec![lane(&[0, 2880], Some(9000)), lane(&[0], Some(8000))]), (Some(2880), Some(9000)));
        assert_eq!(sides(vec![lane(&[0], Some(9000)), lane(&[], Some(7000)), lane(&[], None)]), (None, Some(9000)));
        assert_eq!(sides(vec![lane(&[0], None)]), (Some(2880), None));
        // Sound that begins behind the hole, with the film and later.
        assert_eq!(sides(vec![lane(&[0], Some(9000)), lane(&[], Some(1000))]), (Some(2880), Some(9000)));
    }
}
