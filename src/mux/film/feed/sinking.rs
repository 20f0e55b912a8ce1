//! The streams of a part under way: what comes of them to their splitters, what is missing to the film.

use std::collections::VecDeque;
use std::ops::Range;

use super::super::super::input::walk::sector_of;
use super::super::assemble::Film;
use super::super::enhancement::{Arrival, Layer};
use super::super::lane::losses::Hole;
use super::route::Route;
use super::selected::{Damage, Slot, Stream};
use crate::base::time::Ticks90;
use crate::codec::{Enhancement, Splitter, Stamp};
use crate::demux::pes::PesHead;
use crate::demux::{Loss, LossKind, Sink};
use crate::fs::File;

/// How far ahead of its pictures a layer from another path is taken: fewer pictures than may wait for each other.
const LAYER_AHEAD: Ticks90 = Ticks90(Ticks90::SECOND.0 / 2);

/// Bytes of a stream behind which it is looked again at how much waits.
const WEIGHED: usize = 16 << 10;

/// The streams of a part that something is done with, and where they stand.
pub(super) struct Streams {
    /// The number of the path.
    pub(super) path: usize,
    /// The part, by its number on the path.
    pub(super) part: usize,
    /// Most bytes that may wait in all splitters.
    pub(super) most_waiting: usize,
    /// Enhancement layers of tracks of another path.
    pub(super) layers: Vec<Layer>,
    /// What the streams are that were selected, in that order.
    pub(super) slots: Vec<Slot>,
    pub(super) streams: Vec<Stream>,
    /// What a time stamp of the clip lacks to the title's clock.
    pub(super) offset: Ticks90,
    pub(super) file: File,
    /// Where the bytes at hand begin.
    pub(super) position: u64,
    /// The hole that is being reported.
    pub(super) hole: Option<Range<u64>>,
    /// What waits in all splitters, bytes.
    pub(super) waiting: usize,
    /// What little damage costs at least: a packet.
    pub(super) packet_bytes: u64,
    /// Packets ahead whose stamps are wrong, in their order.
    pub(super) wrong: VecDeque<u64>,
}

impl Streams {
    /// The sector behind the one in which the bytes of the file in front of this one end.
    pub(super) fn sector_behind(&self, byte: u64) -> Option<u64> {
        Some(sector_of(self.file.extents(), byte.checked_sub(1)?)? + 1)
    }
}

/// The streams of a part, and the film that their frames go to.
pub(super) struct Sinking<'a> {
    pub(super) film: &'a mut Film,
    pub(super) streams: &'a mut Streams,
}

impl Sinking<'_> {
    pub(super) fn with(&mut self, stream: usize, work: impl FnOnce(&mut dyn Splitter, &mut Route<'_>)) {
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
    pub(super) fn take_layer(&mut self, stream: usize, until: Ticks90) {
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
    pub(super) fn layer_damaged(&mut self, layer: usize, loss: Loss) {
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
    pub(super) fn report_silence(&mut self, stream: usize) {
        let Some(Stream { lanes, spoke, damage: Some(damage), .. }) = self.streams.streams.get(stream) else { return };
        for (lane, _) in lanes.iter().zip(spoke).filter(|(_, spoke)| !**spoke) {
            let Some(track) = *lane else { continue };
            self.film.lost(damage.gap(track, i64::MIN..i64::MAX));
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
    pub(super) fn damaged(&mut self, number: usize, loss: Loss) {
        self.note_damage(number, loss);
        self.with(number, |splitter, route| splitter.discontinuity(route));
        self.weigh(number);
    }

    /// Remembers where something of a stream is missing, for when the loss shows.
    fn note_damage(&mut self, number: usize, loss: Loss) {
        let streams = &mut *self.streams;
        let hole = streams.hole.clone().filter(|_| loss.kind == LossKind::Hole);
        // Of either it is known how far the film had come.
        let is_hole = matches!(loss.kind, LossKind::Hole | LossKind::Sync);
        let (position, bytes) = hole.map_or((loss.position, streams.packet_bytes), |h| (h.start, h.end - h.start));
        let lba = sector_of(streams.file.extents(), position);
        let end = streams.sector_behind(position.saturating_add(bytes));
        if let Some(stream) = streams.streams.get_mut(number) {
            match &mut stream.damage {
                Some(damage) if !damage.reported => {
                    damage.grow(bytes, end);
                    damage.is_hole &= is_hole;
                }
                damage => *damage = Some(Damage { position, lba, end, bytes, is_hole, reported: false }),
            }
        }
    }

    /// Bytes are missing where the path had come to `at`.
    pub(super) fn note_hole(&mut self, at: i64, bytes: Range<u64>) {
        let streams = &*self.streams;
        let (lba, end) = (sector_of(streams.file.extents(), bytes.start), streams.sector_behind(bytes.end));
        self.film.has_hole(Hole { path: streams.path, at, lba, end, bytes: bytes.end - bytes.start });
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

    fn gap(&mut self, bytes: Range<u64>) {
        self.note_hole(self.film.reached(self.streams.path), bytes);
    }
}
