//! One path of a title, part by part: its bytes to frames on the title's clock.

mod route;
pub(in crate::mux) mod selected;
mod sinking;

use std::collections::VecDeque;
use std::ops::Range;

use super::super::input::reader::Opening;
use super::super::input::streams::Demux;
use super::super::input::sync_filter::{Filter, Target};
use super::assemble::Film;
use super::lane::cut::PartSpan;
use crate::base::time::Ticks90;
use crate::codec::{CORE, MAIN};
use crate::demux::{Loss, LossKind};
use crate::title::model::{Packets, Part};
use selected::{PartStreams, Slot, Stream};
use sinking::{Sinking, Streams};

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

impl Feed {
    /// Begins a part, the first bytes of which lie where `opening` says; `first` and `last` say whether it is
    /// that of the title's path.
    pub(in crate::mux) fn new(
        film: &mut Film,
        part: &Part,
        opening: Opening,
        streams: &PartStreams,
        first: bool,
        last: bool,
    ) -> Self {
        let Opening { file, start, owner } = opening;
        let is_break = first || !part.join.is_seamless();
        let clock = &part.clock;
        let span = if clock.is_open() {
            PartSpan::open(clock.start(), first)
        } else {
            // Parts of a Blu-ray that go straight on in one clip are one; others have their own subtitles, wherever they begin.
            let goes_on = !is_break && part.packets == Packets::Program;
            PartSpan { is_last: last, goes_on, ..PartSpan::new(clock.start(), clock.end(), first, is_break) }
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
                for (track, lane) in [MAIN, CORE].into_iter().zip(route.lanes) {
                    if let Some((lane, facts)) = lane.zip(splitter.facts(track)) {
                        route.film.turned_out(lane, facts);
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
        let end = streams.sector_behind(range.end);
        for damage in streams.streams.iter_mut().filter_map(|s| s.damage.as_mut()).filter(|h| !h.reported) {
            damage.grow(range.end - range.start, end);
        }
        streams.hole = Some(range.clone());
        // How far it has come: the first packet behind the hole may be much further.
        let at = self.sinking.film.reached(self.sinking.streams.path);
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
        self.sinking.note_hole(at, range);
    }
}
