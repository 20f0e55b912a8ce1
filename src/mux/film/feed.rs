//! One path of a title, part by part: its bytes to frames on the title's clock.

use std::collections::VecDeque;
use std::ops::Range;

use super::super::input::reader::Opening;
use super::super::input::streams::Demux;
use super::super::input::sync_filter::{Filter, Target};
use super::super::input::walk::sector_of;
use super::super::memory::UNFINISHED_FRAMES;
use super::super::plan::Wanted;
use super::assemble::Film;
use super::cut::{PartSpan, Seen};
use super::losses::Gap;
use crate::base::time::Ticks90;
use crate::codec::{self, CORE, Codec, Lost, MAIN, Splitter, Stamp};
use crate::demux::pes::PesHead;
use crate::demux::{Loss, LossKind, Sink};
use crate::fs::File;
use crate::title::model::{Packets, Part};

/// Damage that was reported of one track may hurt the other one of its stream as late as this many bytes on.
const NEAR: u64 = 16 << 20;
/// Byte of a display set that counts its objects (number_of_composition_objects).
const PGS_OBJECTS: usize = 13;

/// Where something of a stream is missing.
#[derive(Clone, Copy, Debug)]
struct Damage {
    position: u64,
    bytes: u64,
    /// A hole, which hurts all streams.
    is_hole: bool,
    /// The loss was reported.
    reported: bool,
}

struct Stream {
    splitter: Box<dyn Splitter>,
    lanes: [Option<usize>; 2],
    /// What waits in the splitter, bytes.
    memory: usize,
    /// A packet has begun.
    started: bool,
    damage: Option<Damage>,
    /// It is presentation graphics, whose display sets may clear the picture.
    is_pgs: bool,
}

/// A part under way.
pub(in crate::mux) struct Feed {
    filter: Filter,
    packets: Packets,
    demux: Demux,
    streams: Streams,
}

struct Streams {
    streams: Vec<Stream>,
    /// What a time stamp of the clip lacks to the title's clock.
    offset: Ticks90,
    file: File,
    /// Where the bytes at hand begin.
    position: u64,
    /// The hole that is being reported.
    hole: Option<Range<u64>>,
    /// What waits in all splitters, bytes.
    waiting: usize,
    /// What little damage costs at least: a packet.
    packet_bytes: u64,
    /// Packets ahead whose stamps are wrong, in their order.
    wrong: VecDeque<u64>,
}

impl Feed {
    /// Begins a part, the first bytes of which lie where `opening` says; `first` says that it is the first of the
    /// title's path.
    pub(in crate::mux) fn new(film: &mut Film, part: &Part, opening: Opening, wanted: &[Wanted], first: bool) -> Self {
        let Opening { file, start, owner } = opening;
        let is_break = first || !part.join.is_seamless();
        film.begin(if part.clock.is_open() {
            PartSpan::open(part.clock.start(), first)
        } else {
            PartSpan::new(part.clock.start(), part.clock.end(), first, is_break)
        });
        let in_time = part.clock.in_time();
        let mut demux = Demux::new(part.packets, start, owner);
        demux.expect(in_time);
        let mut streams = Vec::new();
        for stream in wanted {
            let Some(splitter) = codec::splitter(stream.codec) else { continue };
            if demux.select(stream.stream) == u8::try_from(streams.len()).ok() {
                let is_pgs = stream.codec == Codec::Pgs;
                let lanes = stream.lanes;
                streams.push(Stream { splitter, lanes, memory: 0, started: false, damage: None, is_pgs });
            }
        }
        let streams = Streams {
            streams,
            offset: part.clock.start() - in_time,
            file,
            position: start,
            hole: None,
            waiting: 0,
            packet_bytes: part.packets.stride(),
            wrong: VecDeque::new(),
        };
        Self { filter: Filter::new(part.packets, start), packets: part.packets, demux, streams }
    }

    /// The part goes on in another piece, whose bytes lie where `opening` says; those before ended at `end`.
    pub(in crate::mux) fn next_piece(&mut self, film: &mut Film, end: u64, opening: Opening) {
        let Opening { file, start, owner } = opening;
        self.with(film, |filter, target| filter.finish(end, target));
        self.filter = Filter::new(self.packets, start);
        self.demux.jump(start, owner, &mut Sinking { film, streams: &mut self.streams });
        self.streams.file = file;
        self.streams.position = start;
    }

    /// Packets among the next bytes whose stamps are wrong: the places where they begin, ascending.
    pub(in crate::mux) fn distrust(&mut self, wrong: &[u64]) {
        self.streams.wrong.extend(wrong);
    }

    /// Takes the next bytes.
    pub(in crate::mux) fn bytes(&mut self, film: &mut Film, offset: u64, bytes: &[u8]) {
        self.streams.position = offset;
        self.with(film, |filter, target| filter.push(offset, bytes, target));
    }

    /// Bytes are missing.
    pub(in crate::mux) fn hole(&mut self, film: &mut Film, range: Range<u64>) {
        self.with(film, |filter, target| filter.hole(range, target));
    }

    /// The part is over. Gives the number of scrambled packets that it had.
    pub(in crate::mux) fn finish(mut self, film: &mut Film, end: u64) -> u64 {
        self.with(film, |filter, target| filter.finish(end, target));
        let mut sinking = Sinking { film, streams: &mut self.streams };
        self.demux.finish(&mut sinking);
        for stream in 0..sinking.streams.streams.len() {
            sinking.with(stream, |splitter, route| {
                splitter.finish(route);
                for track in [MAIN, CORE] {
                    let audio = splitter.facts(track).and_then(|facts| facts.audio);
                    if let Some((lane, audio)) = route.lane(track).zip(audio) {
                        route.film.has_channels(lane, audio.channels);
                    }
                }
            });
        }
        film.end();
        self.demux.scrambled()
    }

    fn with(&mut self, film: &mut Film, work: impl FnOnce(&mut Filter, &mut dyn Target)) {
        let mut target = Whole { demux: &mut self.demux, sinking: Sinking { film, streams: &mut self.streams } };
        work(&mut self.filter, &mut target);
    }
}

/// What the filter lets through, on its way into the streams.
struct Whole<'a> {
    demux: &'a mut Demux,
    sinking: Sinking<'a>,
}

impl Target for Whole<'_> {
    fn bytes(&mut self, bytes: &[u8]) {
        self.demux.push(bytes, &mut self.sinking);
    }

    fn hole(&mut self, range: Range<u64>) {
        let streams = &mut *self.sinking.streams;
        for damage in streams.streams.iter_mut().filter_map(|s| s.damage.as_mut()).filter(|h| !h.reported) {
            damage.bytes = damage.bytes.saturating_add(range.end - range.start);
        }
        streams.hole = Some(range.clone());
        self.demux.hole(range.end, &mut self.sinking);
        // Streams that have not begun yet may have begun in the hole.
        for stream in 0..self.sinking.streams.streams.len() {
            let Stream { started, damage, .. } = self.sinking.streams.streams[stream];
            if !started && damage.is_none() {
                self.sinking.lost(stream as u8, Loss { position: range.start, kind: LossKind::Hole });
            }
        }
        self.sinking.streams.hole = None;
    }
}

/// The streams of a part, and the film that their frames go to.
struct Sinking<'a> {
    film: &'a mut Film,
    streams: &'a mut Streams,
}

impl Sinking<'_> {
    fn with(&mut self, stream: usize, work: impl FnOnce(&mut dyn Splitter, &mut Route<'_>)) {
        let streams = &mut *self.streams;
        let Some(stream) = streams.streams.get_mut(stream) else { return };
        let mut route = Route {
            film: self.film,
            lanes: stream.lanes,
            offset: streams.offset,
            damage: &mut stream.damage,
            is_pgs: stream.is_pgs,
            position: streams.position,
            file: &streams.file,
        };
        work(&mut *stream.splitter, &mut route);
    }

    /// Counts again what waits in the splitter of a stream.
    fn weigh(&mut self, stream: u8) {
        let Some(stream) = self.streams.streams.get_mut(usize::from(stream)) else { return };
        let memory = stream.splitter.memory();
        self.streams.waiting = self.streams.waiting - stream.memory + memory;
        stream.memory = memory;
    }

    /// Gives up what waits in the stream that keeps most: as much is no frame. It is reported as a loss.
    fn give_up_most(&mut self) {
        let all = (0..=u8::MAX).zip(&self.streams.streams);
        if let Some((most, _)) = all.max_by_key(|(_, stream)| stream.memory) {
            self.lost(most, Loss { position: self.streams.position, kind: LossKind::Packet });
        }
    }
}

impl Sink for Sinking<'_> {
    fn start(&mut self, stream: u8, head: &PesHead) {
        let streams = &mut *self.streams;
        while streams.wrong.front().is_some_and(|at| *at < head.position) {
            streams.wrong.pop_front();
        }
        let is_wrong = streams.wrong.front() == Some(&head.position);
        let head = if is_wrong { &PesHead { pts: None, dts: None, ..*head } } else { head };
        if let Some(time) = head.dts.or(head.pts) {
            let plays = |lane: usize| streams.streams.iter().any(|s| s.lanes.contains(&Some(lane)));
            self.film.reach((time + streams.offset).0, plays);
        }
        let stream = usize::from(stream);
        if let Some(stream) = streams.streams.get_mut(stream) {
            stream.started = true;
        }
        let stamp = Stamp { pts: head.pts, dts: head.dts };
        self.with(stream, |splitter, route| splitter.start(stamp, head.extension, route));
    }

    fn payload(&mut self, stream: u8, bytes: &[u8]) {
        if let Some(stream) = self.streams.streams.get_mut(usize::from(stream)) {
            stream.splitter.payload(bytes);
        }
        self.weigh(stream);
        if self.streams.waiting > UNFINISHED_FRAMES {
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

    fn lost(&mut self, number: u8, loss: Loss) {
        let streams = &mut *self.streams;
        let hole = streams.hole.clone().filter(|_| loss.kind == LossKind::Hole);
        let is_hole = hole.is_some();
        let (position, bytes) = hole.map_or((loss.position, streams.packet_bytes), |h| (h.start, h.end - h.start));
        if let Some(stream) = streams.streams.get_mut(usize::from(number)) {
            match &mut stream.damage {
                Some(damage) if !damage.reported => damage.bytes = damage.bytes.saturating_add(bytes),
                damage => *damage = Some(Damage { position, bytes, is_hole, reported: false }),
            }
        }
        self.with(usize::from(number), |splitter, route| splitter.discontinuity(route));
        self.weigh(number);
    }
}

/// Takes the frames of one stream to its tracks.
struct Route<'a> {
    film: &'a mut Film,
    lanes: [Option<usize>; 2],
    offset: Ticks90,
    damage: &'a mut Option<Damage>,
    is_pgs: bool,
    position: u64,
    file: &'a File,
}

impl Route<'_> {
    fn lane(&self, track: u8) -> Option<usize> {
        match track {
            MAIN => self.lanes[0],
            CORE => self.lanes[1],
            _ => None,
        }
    }
}

impl codec::Output for Route<'_> {
    fn frame(&mut self, frame: codec::Frame<'_>) {
        let Some(lane) = self.lane(frame.track) else { return };
        let time = (frame.pts + self.offset).0;
        let order = (frame.dts.unwrap_or(frame.pts) + self.offset).0;
        let objects = match frame.payload {
            codec::Payload::Bytes(bytes) if self.is_pgs => bytes.get(PGS_OBJECTS).copied(),
            _ => None,
        };
        let seen = Seen {
            time,
            // One that is taken away at once is not one that stays.
            duration: frame.duration.map_or(0, |duration| duration.0.max(1)),
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
        let (position, bytes, by_hole) = match self.damage {
            Some(damage) if !damage.reported || damage.position.abs_diff(self.position) < NEAR => {
                damage.reported = true;
                (damage.position, damage.bytes, damage.is_hole)
            }
            // The stream itself is garbled, here or in front of here.
            _ => (self.position, 0, false),
        };
        let shift = |time: Ticks90| (time + self.offset).0;
        self.film.lost(Gap {
            track,
            from: lost.from.map_or(i64::MIN, shift),
            to: lost.until.map_or(i64::MAX, shift),
            bytes,
            lba: sector_of(self.file.extents(), position),
            is_vague: false,
            by_hole,
            is_at_edge: false,
        });
    }
}
