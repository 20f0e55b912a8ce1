//! What is selected of a part's streams, and where each of them stands.

use std::ops::Range;

use super::super::super::input::streams::Demux;
use super::super::super::plan::reading::{OutsideLayer, Wanted};
use super::super::enhancement::Layer;
use super::super::lane::losses::Gap;
use crate::codec::{self, Codec, Splitter};
use crate::title::streams::StreamId;

/// Streams whose frames may keep the memory in which they were gathered: the first ones, pictures.
const SHARING: usize = 2;

/// The streams of a part that something is done with.
#[derive(Clone, Debug, Default)]
pub(in crate::mux) struct PartStreams {
    /// The number of the path that the part is on.
    pub(in crate::mux) path: usize,
    /// Those to be taken.
    pub(in crate::mux) wanted: Vec<Wanted>,
    /// Enhancement layers of tracks of the title's own path.
    pub(in crate::mux) layers: Vec<OutsideLayer>,
    /// The part, by its number on its path.
    pub(in crate::mux) part: usize,
    /// Those that the film lacks, by the numbers that `Ended::came` has.
    pub(in crate::mux) watched: Vec<(StreamId, usize)>,
    /// Most bytes that may be kept before they are frames.
    pub(in crate::mux) most_waiting: usize,
}

/// What a selected stream of the multiplex is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Slot {
    /// The stream of this index.
    Stream(usize),
    /// What makes the stream of this index better.
    Enhancement(usize),
    /// The enhancement layer of this index, of a track of another path.
    Layer(usize),
    /// One of which is looked for whether it comes at all, and whether it did.
    Watched { number: usize, came: bool },
}

/// A stream that is taken.
pub(super) struct Stream {
    pub(super) splitter: Box<dyn Splitter>,
    /// The tracks of the stream and of its core.
    pub(super) lanes: [Option<usize>; 2],
    /// What waits in the splitter, bytes.
    pub(super) memory: usize,
    /// Bytes that came since that was found out.
    pub(super) unweighed: usize,
    /// A packet has begun.
    pub(super) started: bool,
    /// Of which lanes something came: a frame, or word of a loss.
    pub(super) spoke: [bool; 2],
    pub(super) damage: Option<Damage>,
    /// The track whose enhancement layer comes from another path.
    pub(super) layer_of: Option<usize>,
    /// The second of these is captions.
    pub(super) has_captions: bool,
    /// It is presentation graphics, whose display sets may clear the picture.
    pub(super) is_pgs: bool,
}

/// Where something of a stream is missing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Damage {
    pub(super) position: u64,
    /// Its sector on the disc.
    pub(super) lba: Option<u64>,
    /// The sector behind it.
    pub(super) end: Option<u64>,
    pub(super) bytes: u64,
    /// A hole, which hurts all streams.
    pub(super) is_hole: bool,
    /// The loss was reported.
    pub(super) reported: bool,
}

impl Damage {
    /// More is missing: bytes up to the sector `end`.
    pub(super) fn grow(&mut self, bytes: u64, end: Option<u64>) {
        self.bytes = self.bytes.saturating_add(bytes);
        self.end = self.end.max(end);
    }

    /// What of a track is missing for it.
    pub(super) fn gap(&self, track: usize, times: Range<i64>) -> Gap {
        let Self { bytes, lba, end, is_hole, .. } = *self;
        Gap { bytes, lba, end, by_hole: is_hole, is_at_edge: false, ..Gap::untold(track, times) }
    }
}

/// Selects the streams of a part, and the layers that tracks of another path have here; slots are numbered in the order of
/// selection.
pub(super) fn select(demux: &mut Demux, streams: &PartStreams) -> (Vec<Slot>, Vec<Stream>, Vec<Layer>) {
    let (mut slots, mut all, mut layers) = (Vec::new(), Vec::new(), Vec::new());
    for wanted in &streams.wanted {
        let is_layered = wanted.enhancement.is_some() || wanted.has_layer_outside;
        let layered = if is_layered { codec::layered_splitter(wanted.codec) } else { None };
        let layer = wanted.enhancement.filter(|_| layered.is_some());
        let layer_of = wanted.lanes[0].filter(|_| layered.is_some() && wanted.has_layer_outside);
        let Some(mut splitter) = layered.or_else(|| codec::splitter(wanted.codec)) else { continue };
        if all.len() < SHARING {
            splitter.share();
        }
        let splitter = if wanted.has_captions { codec::captioned(wanted.codec, splitter) } else { splitter };
        if demux.select(wanted.stream) == u8::try_from(slots.len()).ok() {
            slots.push(Slot::Stream(all.len()));
            if layer.is_some_and(|layer| demux.select(layer) == u8::try_from(slots.len()).ok()) {
                slots.push(Slot::Enhancement(all.len()));
            }
            all.push(Stream {
                splitter,
                lanes: wanted.lanes,
                memory: 0,
                unweighed: 0,
                started: false,
                spoke: [false; 2],
                damage: None,
                layer_of,
                has_captions: wanted.has_captions,
                is_pgs: wanted.codec == Codec::Pgs,
            });
        }
    }
    for layer in &streams.layers {
        if demux.select(layer.stream) == u8::try_from(slots.len()).ok() {
            slots.push(Slot::Layer(layers.len()));
            layers.push(Layer::new(layer.lane, layer.parts.clone(), layer.end));
        }
    }
    for (stream, number) in &streams.watched {
        if demux.select(*stream) == u8::try_from(slots.len()).ok() {
            slots.push(Slot::Watched { number: *number, came: false });
        }
    }
    (slots, all, layers)
}
