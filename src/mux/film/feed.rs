//! One path of a title, part by part: its bytes to frames on the title's clock.

use std::collections::VecDeque;
use std::ops::Range;

use super::super::input::reader::Opening;
use super::super::input::streams::Demux;
use super::super::input::sync_filter::{Filter, Target};
use super::super::input::walk::sector_of;
use super::assemble::Film;
use super::cut::PartSpan;
use super::enhancement::{Arrival, Layer};
use super::losses::Gap;
use super::route::Route;
use super::selected::{self, Damage, PartStreams, Slot, Stream};
use crate::base::time::Ticks90;
use crate::codec::{CORE, Enhancement, MAIN, Splitter, Stamp};
use crate::demux::pes::PesHead;
use crate::demux::{Loss, LossKind, Sink};
use crate::fs::File;
use crate::title::model::{Packets, Part};

/// Bytes of a stream behind which it is looked again at how much waits.
const WEIGHED: usize = 16 << 10;

/// How far ahead of its pictures a layer from another path is taken: fewer pictures than may wait for each other.
const LAYER_AHEAD: Ticks90 = Ticks90(Ticks90::SECOND.0 / 2);

/// What a part turned out to be.
#[derive(Clone, Debug)]
pub(in crate::mux) struct Ended {
    /// Scrambled packets that it had.
    pub(in crate::mux) scrambled: u64,
    /// Numbers of watched streams that it has.
    pub(in crate::mux) came: Vec<usize>,
}

/// A part under way.
pub(in crate::mux) struct Feed {
    filter: Filter,
    packets: Packets,
    demux: Demux,
    streams: Streams,
}

struct Streams {
    /// The number of the path.
    path: usize,
    /// The part, by its number on the path.
    part: usize,
    /// Most bytes that may wait in all splitters.
    most_waiting: usize,
    /// Enhancement layers of tracks of another path.
    layers: Vec<Layer>,
    /// What the streams are that were selected, in that order.
    slots: Vec<Slot>,
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
    pub(in crate::mux) fn new(
        film: &mut Film,
        part: &Part,
        opening: Opening,
        streams: &PartStreams,
        first: bool,
    ) -> Self {
        let Opening { file, start, owner } = opening;
        let is_break = first || !part.join.is_seamless();
        let clock = &part.clock;
        let span = if clock.is_open() {
            PartSpan::open(clock.start(), first)
        } else {
            PartSpan::new(clock.start(), clock.end(), first, is_break)
        };
        film.begin(streams.path, span);
        let in_time = part.clock.in_time();
        let mut demux = Demux::new(part.packets, start, owner);
        demux.expect(in_time);
        let (slots, all, layers) = selected::select(&mut demux, streams);
        let streams = Streams {
            path: streams.path,
            part: streams.part,
            most_waiting: streams.most_waiting,
            layers,
            slots,
            streams: all,
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
        self.streams.wrong.clear();
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

    /// The part is over.
    pub(in crate::mux) fn finish(mut self, film: &mut Film, end: u64) -> Ended {
        self.with(film, |filter, target| filter.finish(end, target));
        let mut sinking = Sinking { film, streams: &mut self.streams };
        self.demux.finish(&mut sinking);
        sinking.streams.layers.iter_mut().for_each(|layer| layer.finish(&mut sinking.film.layers));
        for stream in 0..sinking.streams.streams.len() {
            sinking.take_layer(stream, Ticks90::MAX);
            sinking.with(stream, |splitter, route| {
                splitter.finish(route);
                for track in [MAIN, CORE] {
                    let audio = splitter.facts(track).and_then(|facts| facts.audio);
                    if let Some((lane, audio)) = route.lane(track).zip(audio) {
                        route.film.has_channels(lane, audio.channels);
                    }
                }
            });
            sinking.report_silence(stream);
        }
        film.end(self.streams.path);
        let came = |slot: &Slot| match slot {
            Slot::Watched { number, came: true } => Some(*number),
            _ => None,
        };
        Ended { scrambled: self.demux.scrambled(), came: self.streams.slots.iter().filter_map(came).collect() }
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
                self.sinking.damaged(stream, Loss { position: range.start, kind: LossKind::Hole });
            }
        }
        for layer in 0..self.sinking.streams.layers.len() {
            if !self.sinking.streams.layers[layer].has_begun() {
                self.sinking.layer_damaged(layer, Loss { position: range.start, kind: LossKind::Hole });
            }
        }
        self.sinking.streams.hole = None;
        self.sinking.film.has_hole();
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
            spoke: &mut stream.spoke,
            damage: &mut stream.damage,
            has_captions: stream.has_captions,
            is_pgs: stream.is_pgs,
            position: streams.position,
            file: &streams.file,
        };
        work(&mut *stream.splitter, &mut route);
    }

    /// Gives a stream what has come of its enhancement layer from another path and is decoded no later than `until` on the
    /// title's clock: what is far ahead would not find its pictures.
    fn take_layer(&mut self, stream: usize, until: Ticks90) {
        let Some(track) = self.streams.streams.get(stream).and_then(|stream| stream.layer_of) else { return };
        let offset = self.streams.offset;
        while let Some(arrival) = self.film.layers.take(track, self.streams.part, until) {
            match arrival {
                Arrival::Packet { stamp, bytes } => {
                    let back = |time: Ticks90| time - offset;
                    let stamp = Stamp { pts: stamp.pts.map(back), dts: stamp.dts.map(back) };
                    for event in [Enhancement::Start(stamp), Enhancement::Payload(&bytes), Enhancement::End] {
                        self.with(stream, |splitter, route| splitter.enhancement(event, route));
                    }
                }
                Arrival::Missing(gap) => {
                    self.with(stream, |splitter, route| splitter.enhancement(Enhancement::Discontinuity, route));
                    self.film.lost(gap);
                }
            }
        }
        self.weigh(stream);
    }

    /// Something of an enhancement layer of another path's track is missing.
    fn layer_damaged(&mut self, layer: usize, loss: Loss) {
        let streams = &mut *self.streams;
        let hole = streams.hole.clone().filter(|_| loss.kind == LossKind::Hole);
        let by_hole = hole.is_some();
        let (position, bytes) = hole.map_or((loss.position, streams.packet_bytes), |h| (h.start, h.end - h.start));
        let lba = sector_of(streams.file.extents(), position);
        if let Some(layer) = streams.layers.get_mut(layer) {
            layer.lost((lba, bytes), by_hole, &mut self.film.layers);
        }
    }

    /// The part is over: a stream that was damaged and of which nothing came has lost all of it.
    fn report_silence(&mut self, stream: usize) {
        let Some(Stream { lanes, spoke, damage: Some(damage), .. }) = self.streams.streams.get(stream) else { return };
        for (lane, _) in lanes.iter().zip(spoke).filter(|(_, spoke)| !**spoke) {
            let Some(track) = *lane else { continue };
            let lba = sector_of(self.streams.file.extents(), damage.position);
            let (bytes, by_hole) = (damage.bytes, damage.is_hole);
            let (from, to) = (i64::MIN, i64::MAX);
            self.film.lost(Gap { track, from, to, bytes, lba, is_vague: false, by_hole, is_at_edge: false });
        }
    }

    /// Counts again what waits in the splitter of a stream.
    fn weigh(&mut self, stream: usize) {
        let Some(stream) = self.streams.streams.get_mut(stream) else { return };
        stream.unweighed = 0;
        let memory = stream.splitter.memory();
        self.streams.waiting = self.streams.waiting - stream.memory + memory;
        stream.memory = memory;
    }

    /// Gives up what waits in the stream that keeps most: as much is no frame. It is reported as a loss.
    fn give_up_most(&mut self) {
        let all = self.streams.streams.iter().enumerate();
        if let Some((most, _)) = all.max_by_key(|(_, stream)| stream.memory) {
            self.damaged(most, Loss { position: self.streams.position, kind: LossKind::Packet });
        }
    }

    /// Something of a stream is missing.
    fn damaged(&mut self, number: usize, loss: Loss) {
        self.note_damage(number, loss);
        self.with(number, |splitter, route| splitter.discontinuity(route));
        self.weigh(number);
    }

    /// Remembers where something of a stream is missing, for when the loss shows.
    fn note_damage(&mut self, number: usize, loss: Loss) {
        let streams = &mut *self.streams;
        let hole = streams.hole.clone().filter(|_| loss.kind == LossKind::Hole);
        let is_hole = hole.is_some();
        let (position, bytes) = hole.map_or((loss.position, streams.packet_bytes), |h| (h.start, h.end - h.start));
        if let Some(stream) = streams.streams.get_mut(number) {
            match &mut stream.damage {
                Some(damage) if !damage.reported => damage.bytes = damage.bytes.saturating_add(bytes),
                damage => *damage = Some(Damage { position, bytes, is_hole, reported: false }),
            }
        }
    }

    fn slot(&self, slot: u8) -> Option<Slot> {
        self.streams.slots.get(usize::from(slot)).copied()
    }
}

impl Sink for Sinking<'_> {
    fn start(&mut self, slot: u8, head: &PesHead) {
        let streams = &mut *self.streams;
        while streams.wrong.front().is_some_and(|at| *at < head.position) {
            streams.wrong.pop_front();
        }
        let is_wrong = streams.wrong.front() == Some(&head.position);
        let head = if is_wrong { &PesHead { pts: None, dts: None, ..*head } } else { head };
        let stamp = Stamp { pts: head.pts, dts: head.dts };
        let stream = match streams.slots.get_mut(usize::from(slot)) {
            Some(Slot::Stream(stream)) => *stream,
            Some(Slot::Enhancement(stream)) => {
                let stream = *stream;
                return self.with(stream, |splitter, route| splitter.enhancement(Enhancement::Start(stamp), route));
            }
            Some(Slot::Layer(layer)) => {
                let to_title = |time: Ticks90| time + streams.offset;
                let stamp = Stamp { pts: stamp.pts.map(to_title), dts: stamp.dts.map(to_title) };
                if let Some(time) = stamp.dts.or(stamp.pts) {
                    self.film.reach(streams.path, time.0, |_| true);
                }
                if let Some(layer) = streams.layers.get_mut(*layer) {
                    layer.start(stamp, &mut self.film.layers);
                }
                return;
            }
            Some(Slot::Watched { came, .. }) => return *came = true,
            None => return,
        };
        let offset = streams.offset;
        let time = head.dts.or(head.pts).map(|time| time + offset);
        if let Some(time) = time {
            let plays = |lane: usize| streams.streams.iter().any(|s| s.lanes.contains(&Some(lane)));
            self.film.reach(streams.path, time.0, plays);
        }
        if let Some(stream) = streams.streams.get_mut(stream) {
            stream.started = true;
        }
        if let Some(time) = time {
            self.take_layer(stream, time + LAYER_AHEAD);
        }
        self.with(stream, |splitter, route| splitter.start(stamp, head.extension, route));
    }

    fn payload(&mut self, slot: u8, bytes: &[u8]) {
        let stream = match self.slot(slot) {
            Some(Slot::Stream(number)) => {
                let Some(stream) = self.streams.streams.get_mut(number) else { return };
                stream.splitter.payload(bytes);
                stream.unweighed += bytes.len();
                if stream.unweighed < WEIGHED {
                    return;
                }
                number
            }
            Some(Slot::Enhancement(stream)) => {
                self.with(stream, |splitter, route| splitter.enhancement(Enhancement::Payload(bytes), route));
                stream
            }
            Some(Slot::Layer(layer)) => {
                if let Some(layer) = self.streams.layers.get_mut(layer) {
                    layer.payload(bytes, &mut self.film.layers);
                }
                return;
            }
            Some(Slot::Watched { .. }) | None => return,
        };
        self.weigh(stream);
        if self.streams.waiting > self.streams.most_waiting {
            self.give_up_most();
        }
    }

    fn end(&mut self, slot: u8) {
        let stream = match self.slot(slot) {
            Some(Slot::Stream(stream)) => {
                self.with(stream, |splitter, route| {
                    splitter.end(route);
                    // When a subtitle ends is found out in the file itself.
                    splitter.release(route);
                });
                stream
            }
            Some(Slot::Enhancement(stream)) => {
                self.with(stream, |splitter, route| splitter.enhancement(Enhancement::End, route));
                stream
            }
            Some(Slot::Layer(layer)) => {
                if let Some(layer) = self.streams.layers.get_mut(layer) {
                    layer.end(&mut self.film.layers);
                }
                return;
            }
            Some(Slot::Watched { .. }) | None => return,
        };
        self.weigh(stream);
    }

    fn lost(&mut self, slot: u8, loss: Loss) {
        match self.slot(slot) {
            Some(Slot::Stream(stream)) => self.damaged(stream, loss),
            Some(Slot::Enhancement(stream)) => {
                self.note_damage(stream, loss);
                self.with(stream, |splitter, route| splitter.enhancement(Enhancement::Discontinuity, route));
                self.weigh(stream);
            }
            Some(Slot::Layer(layer)) => self.layer_damaged(layer, loss),
            Some(Slot::Watched { .. }) | None => {}
        }
    }
}
