//! One part of a title: its bytes to frames on the title's clock.

use std::ops::Range;

use super::super::MuxError;
use super::super::input::sync_filter::{Filter, Target};
use super::super::input::walk::sector_of;
use super::super::memory::UNFINISHED_FRAMES;
use super::super::plan::{Plan, Wanted};
use super::assemble::Film;
use super::cut::{Seen, Span};
use super::losses::Missing;
use crate::base::time::Ticks90;
use crate::codec::{self, CORE, Lost, MAIN, Splitter, Stamp};
use crate::demux::m2ts::Demux;
use crate::demux::pes::PesHead;
use crate::demux::{Loss, LossKind, Sink};
use crate::fs::File;
use crate::title::Connection;
use crate::title::model::Part;

/// What little damage costs at least: a packet.
const PACKET_BYTES: u64 = 192;
/// Damage that was told of one track may hurt the other one of its stream as late as this many bytes on.
const NEAR: u64 = 16 << 20;
/// Byte of a display set that counts its objects (number_of_composition_objects).
const PGS_OBJECTS: usize = 13;

/// Where something of a stream is missing.
#[derive(Clone, Copy, Debug)]
struct Hurt {
    position: u64,
    bytes: u64,
    /// A hole, which hurts all streams.
    is_hole: bool,
    /// The loss was reported.
    told: bool,
}

struct Stream {
    splitter: Box<dyn Splitter>,
    lanes: [Option<usize>; 2],
    /// What waits in the splitter, bytes.
    memory: usize,
    /// A packet has begun.
    started: bool,
    /// Of which lanes something came: a frame, or word of a loss.
    spoke: [bool; 2],
    hurt: Option<Hurt>,
}

/// A part under way.
pub(in crate::mux) struct Feed<'a> {
    filter: Filter,
    inner: Inner<'a>,
}

struct Inner<'a> {
    demux: Demux,
    streams: Streams<'a>,
}

struct Streams<'a> {
    film: &'a mut Film,
    streams: Vec<Stream>,
    /// What a time stamp of the clip lacks to the title's clock.
    offset: Ticks90,
    file: File,
    /// Where the bytes at hand begin.
    position: u64,
    /// The hole that is being told.
    hole: Option<Range<u64>>,
    /// What waits in all splitters, bytes.
    waiting: usize,
}

impl<'a> Feed<'a> {
    /// Begins a part; `first` says that it is the title's first.
    pub(in crate::mux) fn new(
        film: &'a mut Film,
        part: &Part,
        file: File,
        plan: &Plan,
        wanted: &[Wanted],
        first: bool,
    ) -> Self {
        let (start, end) = (part.clock.start(), part.clock.end());
        let is_break =
            first || !matches!(part.connection, Connection::SeamlessNewClock | Connection::SeamlessSameClock);
        film.begin(Span { start: start.0, end: end.0, is_first: first, is_break });
        let position = part.bytes.as_ref().map_or(0, |b| b.start);
        let in_time = Ticks90::from(part.in_time);
        let mut demux = Demux::new(plan.layout, position);
        demux.clock().expect(in_time);
        let mut streams = Vec::new();
        for stream in wanted {
            let Some(splitter) = codec::splitter(stream.codec) else { continue };
            if demux.select(stream.pid) == u8::try_from(streams.len()).ok() {
                streams.push(Stream { splitter, lanes: stream.lanes, memory: 0, started: false, spoke: [false; 2], hurt: None });
            }
        }
        let streams = Streams { film, streams, offset: start - in_time, file, position, hole: None, waiting: 0 };
        Self { filter: Filter::new(plan.on_grid, position), inner: Inner { demux, streams } }
    }

    /// Takes the next bytes.
    pub(in crate::mux) fn bytes(&mut self, offset: u64, bytes: &[u8]) {
        self.inner.streams.position = offset;
        self.filter.push(offset, bytes, &mut self.inner);
    }

    /// Bytes are missing.
    pub(in crate::mux) fn hole(&mut self, range: Range<u64>) {
        self.filter.hole(range, &mut self.inner);
    }

    /// A failure that happened meanwhile.
    pub(in crate::mux) fn check(&mut self) -> Result<(), MuxError> {
        self.inner.streams.film.check()
    }

    /// The part is over. Gives the number of scrambled packets that it had.
    pub(in crate::mux) fn finish(mut self, end: u64) -> u64 {
        self.filter.finish(end, &mut self.inner);
        let Inner { demux, streams } = &mut self.inner;
        demux.finish(streams);
        for stream in 0..streams.streams.len() {
            streams.with(stream, |splitter, route| splitter.finish(route));
            streams.tell_silence(stream);
        }
        streams.film.end();
        demux.scrambling().packets
    }
}

impl Target for Inner<'_> {
    fn bytes(&mut self, bytes: &[u8]) {
        self.demux.push(bytes, &mut self.streams);
    }

    fn hole(&mut self, range: Range<u64>) {
        for hurt in self.streams.streams.iter_mut().filter_map(|s| s.hurt.as_mut()).filter(|h| !h.told) {
            hurt.bytes = hurt.bytes.saturating_add(range.end - range.start);
        }
        self.streams.hole = Some(range.clone());
        self.demux.hole(range.end, &mut self.streams);
        // Streams that have not begun yet may have begun in the hole.
        for stream in 0..self.streams.streams.len() {
            let Stream { started, hurt, .. } = self.streams.streams[stream];
            if !started && hurt.is_none() {
                self.streams.lost(stream as u8, Loss { position: range.start, kind: LossKind::Hole });
            }
        }
        self.streams.hole = None;
    }
}

impl Streams<'_> {
    fn with(&mut self, stream: usize, work: impl FnOnce(&mut dyn Splitter, &mut Route<'_>)) {
        let Some(stream) = self.streams.get_mut(stream) else { return };
        let mut route = Route {
            film: self.film,
            lanes: stream.lanes,
            offset: self.offset,
            spoke: &mut stream.spoke,
            hurt: &mut stream.hurt,
            position: self.position,
            file: &self.file,
        };
        work(&mut *stream.splitter, &mut route);
    }

    /// The part is over: a stream that was hurt and of which nothing came has lost all of it.
    fn tell_silence(&mut self, stream: usize) {
        let Some(Stream { lanes, spoke, hurt: Some(hurt), .. }) = self.streams.get(stream) else { return };
        for (lane, _) in lanes.iter().zip(spoke).filter(|(_, spoke)| !**spoke) {
            let Some(track) = *lane else { continue };
            let lba = sector_of(self.file.extents(), hurt.position);
            let (bytes, by_hole) = (hurt.bytes, hurt.is_hole);
            self.film.lost(Missing { track, from: i64::MIN, to: i64::MAX, bytes, lba, is_vague: false, by_hole });
        }
    }

    /// Counts again what waits in the splitter of a stream.
    fn weigh(&mut self, stream: u8) {
        let Some(stream) = self.streams.get_mut(usize::from(stream)) else { return };
        let memory = stream.splitter.memory();
        self.waiting = self.waiting - stream.memory + memory;
        stream.memory = memory;
    }

    /// Gives up what waits in the stream that keeps most: as much is no frame. It is told as a loss.
    fn give_up_most(&mut self) {
        let most = (0..=u8::MAX).zip(&self.streams).max_by_key(|(_, stream)| stream.memory).map(|(stream, _)| stream);
        if let Some(stream) = most {
            self.lost(stream, Loss { position: self.position, kind: LossKind::Packet });
        }
    }
}

impl Sink for Streams<'_> {
    fn start(&mut self, stream: u8, head: &PesHead) {
        if let Some(time) = head.dts.or(head.pts) {
            let plays = |lane: usize| self.streams.iter().any(|s| s.lanes.contains(&Some(lane)));
            self.film.reach((time + self.offset).0, plays);
        }
        let stream = usize::from(stream);
        if let Some(stream) = self.streams.get_mut(stream) {
            stream.started = true;
        }
        let stamp = Stamp { pts: head.pts, dts: head.dts };
        self.with(stream, |splitter, route| splitter.start(stamp, head.extension, route));
    }

    fn payload(&mut self, stream: u8, bytes: &[u8]) {
        if let Some(stream) = self.streams.get_mut(usize::from(stream)) {
            stream.splitter.payload(bytes);
        }
        self.weigh(stream);
        if self.waiting > UNFINISHED_FRAMES {
            self.give_up_most();
        }
    }

    fn end(&mut self, stream: u8) {
        self.with(usize::from(stream), |splitter, route| {
            splitter.end(route);
            // When a subtitle ends is found out in the file itself.
            splitter.release(route);
        });
        self.weigh(stream);
    }

    fn lost(&mut self, stream: u8, loss: Loss) {
        let hole = self.hole.clone().filter(|_| loss.kind == LossKind::Hole);
        let is_hole = hole.is_some();
        let (position, bytes) = hole.map_or((loss.position, PACKET_BYTES), |h| (h.start, h.end - h.start));
        let number = stream;
        let stream = usize::from(stream);
        if let Some(stream) = self.streams.get_mut(stream) {
            match &mut stream.hurt {
                Some(hurt) if !hurt.told => hurt.bytes = hurt.bytes.saturating_add(bytes),
                hurt => *hurt = Some(Hurt { position, bytes, is_hole, told: false }),
            }
        }
        self.with(stream, |splitter, route| splitter.discontinuity(route));
        self.weigh(number);
    }
}

/// Takes the frames of one stream to its tracks.
struct Route<'a> {
    film: &'a mut Film,
    lanes: [Option<usize>; 2],
    offset: Ticks90,
    spoke: &'a mut [bool; 2],
    hurt: &'a mut Option<Hurt>,
    position: u64,
    file: &'a File,
}

impl Route<'_> {
    /// The lane of what a splitter calls `track`, which has spoken now.
    fn lane(&mut self, track: u8) -> Option<usize> {
        let [main, core] = &mut self.spoke;
        let (lane, spoke) = match track {
            MAIN => (self.lanes[0], main),
            CORE => (self.lanes[1], core),
            _ => return None,
        };
        *spoke = true;
        lane
    }
}

impl codec::Output for Route<'_> {
    fn frame(&mut self, frame: codec::Frame<'_>) {
        let Some(lane) = self.lane(frame.track) else { return };
        let time = (frame.pts + self.offset).0;
        let order = (frame.dts.unwrap_or(frame.pts) + self.offset).0;
        let objects = match frame.payload {
            codec::Payload::Bytes(bytes) => bytes.get(PGS_OBJECTS).copied(),
            codec::Payload::Nals { .. } => None,
        };
        let seen = Seen {
            time,
            duration: frame.duration.unwrap_or_default().0,
            key: frame.key,
            leading: frame.leading,
            discardable: frame.discardable,
            clear: objects == Some(0),
        };
        let bytes = || {
            let mut bytes = Vec::with_capacity(frame.payload.len());
            frame.payload.append_to(&mut bytes);
            bytes
        };
        self.film.frame(lane, seen, order.min(time), frame.forced, bytes);
    }

    fn lost(&mut self, lost: Lost) {
        let Some(track) = self.lane(lost.track) else { return };
        let (position, bytes, by_hole) = match self.hurt {
            Some(hurt) if !hurt.told || hurt.position.abs_diff(self.position) < NEAR => {
                hurt.told = true;
                (hurt.position, hurt.bytes, hurt.is_hole)
            }
            // The stream itself is garbled, here or in front of here.
            _ => (self.position, 0, false),
        };
        let shift = |time: Ticks90| (time + self.offset).0;
        self.film.lost(Missing {
            track,
            from: lost.from.map_or(i64::MIN, shift),
            to: lost.until.map_or(i64::MAX, shift),
            bytes,
            lba: sector_of(self.file.extents(), position),
            is_vague: false,
            by_hole,
        });
    }
}
