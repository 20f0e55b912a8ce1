//! Looks into the streams of a title before anything is written: what they are, and whether they can be read.

use super::super::MuxError;
use super::super::input::streams::Demux;
use super::super::input::walk::{Next, Walk, unit};
use super::super::memory::UNFINISHED_FRAMES;
use crate::base::cancel::Cancel;
use crate::base::set::SectorSet;
use crate::codec::{self, CORE, Codec, Frame, Lost, MAIN, Output, Splitter, Stamp, TrackFacts};
use crate::demux::m2ts::Layout;
use crate::demux::pes::PesHead;
use crate::demux::{Loss, Sink};
use crate::fs::FileSystem;
use crate::title::model::{Packets, Part, Piece};
use crate::title::streams::StreamId;

/// Bytes read at a time.
const BLOCK: u64 = 3 << 20;
/// Packets that are looked at together: those of an aligned unit of Blu-ray, which are encrypted together but for the
/// first 16 bytes.
const UNIT_PACKETS: usize = 32;
const SYNC: u8 = 0x47;
/// Scrambled packets or units from which on they are no damage.
const EVIDENCE: u64 = 8;

/// What is known of a stream: the facts of its tracks [`MAIN`] and [`CORE`].
pub(in crate::mux) type Facts = [Option<TrackFacts>; 2];

/// How much is read of a part.
#[derive(Clone, Copy, Debug)]
pub(in crate::mux) struct Effort {
    /// Least bytes, though all streams are known: facts may grow.
    pub(in crate::mux) least: u64,
    /// Most bytes, though some streams are not known.
    pub(in crate::mux) most: u64,
}

/// What a look into a part brought.
#[derive(Clone, Debug)]
pub(in crate::mux) struct Probed {
    /// What is known of each stream.
    pub(in crate::mux) facts: Vec<Facts>,
    /// Bytes read.
    pub(in crate::mux) bytes: u64,
    /// Packets begin at multiples of their distance in the file.
    pub(in crate::mux) on_grid: bool,
}

/// Reads the start of a part until its streams are known.
///
/// # Errors
/// [`MuxError::Scrambled`]; the source's own.
pub(in crate::mux) fn probe(
    fs: &dyn FileSystem,
    part: &Part,
    streams: &[(StreamId, Codec)],
    missing: &SectorSet,
    effort: Effort,
    cancel: &Cancel,
) -> Result<Probed, MuxError> {
    let mut look = Look::new(part, streams);
    for piece in &part.pieces {
        if look.piece(fs, part, piece, missing, effort, cancel)? {
            break;
        }
    }
    Ok(look.finish(streams))
}

/// The same for one piece of a part, or a stretch of one.
pub(super) fn probe_piece(
    fs: &dyn FileSystem,
    part: &Part,
    piece: &Piece,
    streams: &[(StreamId, Codec)],
    missing: &SectorSet,
    effort: Effort,
    cancel: &Cancel,
) -> Result<Probed, MuxError> {
    let mut look = Look::new(part, streams);
    look.piece(fs, part, piece, missing, effort, cancel)?;
    Ok(look.finish(streams))
}

/// A look into a part, as far as it has come.
struct Look {
    demux: Demux,
    probe: Probe,
    /// The streams that are probed, in the order of their splitters.
    order: Vec<StreamId>,
    units: Units,
    buffer: Vec<u8>,
    /// Bytes read.
    done: u64,
}

impl Look {
    fn new(part: &Part, streams: &[(StreamId, Codec)]) -> Self {
        let mut demux = Demux::new(part.packets, 0, None);
        let mut probe = Probe { streams: Vec::new() };
        let mut order = Vec::new();
        for (stream, codec) in streams {
            let Some(splitter) = codec::splitter(*codec) else { continue };
            if demux.select(*stream) == u8::try_from(probe.streams.len()).ok() {
                order.push(*stream);
                probe.streams.push(splitter);
            }
        }
        let buffer = vec![0; usize::try_from(BLOCK.next_multiple_of(unit(part.packets))).unwrap_or(0)];
        Self { demux, probe, order, units: Units::new(part.packets), buffer, done: 0 }
    }

    /// Reads one piece; whether that is enough.
    fn piece(
        &mut self,
        fs: &dyn FileSystem,
        part: &Part,
        piece: &Piece,
        missing: &SectorSet,
        effort: Effort,
        cancel: &Cancel,
    ) -> Result<bool, MuxError> {
        let mut walk = Walk::new(fs, piece, part.packets, missing)?;
        self.demux.jump(walk.position(), piece.owner, &mut self.probe);
        loop {
            if cancel.is_raised() {
                return Err(MuxError::Stopped);
            }
            match walk.next(&mut self.buffer)? {
                None => return Ok(false),
                Some(Next::Hole(range)) => self.demux.hole(range.end, &mut self.probe),
                Some(Next::Bytes { offset, inside }) => {
                    let bytes = self.buffer.get(inside).unwrap_or_default();
                    self.done += bytes.len() as u64;
                    self.units.count(offset, bytes);
                    self.demux.push(bytes, &mut self.probe);
                }
            }
            let is_marked = is_scrambled(self.demux.scrambled(), self.done, part.packets.stride());
            refuse_scrambled(&piece.path, is_marked, &self.units)?;
            if (self.done >= effort.least && self.probe.knows_all()) || self.done >= effort.most {
                return Ok(true);
            }
        }
    }

    /// What it brought of these streams.
    fn finish(mut self, streams: &[(StreamId, Codec)]) -> Probed {
        self.demux.finish(&mut self.probe);
        self.probe.finish();
        let facts = |stream: &StreamId| -> Facts {
            let splitter = self.order.iter().position(|s| s == stream).and_then(|n| self.probe.streams.get(n));
            [MAIN, CORE].map(|track| splitter.and_then(|s| s.facts(track)).cloned())
        };
        let facts = streams.iter().map(|(stream, _)| facts(stream)).collect();
        Probed { facts, bytes: self.done, on_grid: self.units.are_on_grid() }
    }
}

/// Whether scrambled packets are more than damage makes, a quarter of all, among `bytes` bytes of packets that lie
/// `stride` apart.
pub(in crate::mux) fn is_scrambled(packets: u64, bytes: u64, stride: u64) -> bool {
    packets >= EVIDENCE && packets.saturating_mul(4 * stride) > bytes
}

pub(in crate::mux) const MARKED: &str = "its packets are marked as scrambled";

fn refuse_scrambled(path: &str, is_marked: bool, units: &Units) -> Result<(), MuxError> {
    let evidence = if is_marked {
        MARKED
    } else if units.scrambled >= EVIDENCE && units.scrambled * 2 > units.all {
        "sync bytes are missing inside its aligned units"
    } else {
        return Ok(());
    };
    Err(MuxError::Scrambled { path: path.to_owned(), evidence: evidence.to_owned() })
}

/// Packets in units of [`UNIT_PACKETS`], and units that are encrypted: their first packet has its sync byte and others lack
/// theirs.
#[derive(Clone, Copy, Debug)]
struct Units {
    /// How packets lie; `None` where they are none of a transport stream.
    layout: Option<Layout>,
    all: u64,
    scrambled: u64,
    /// Packets in them, and those with their sync byte where it should be.
    packets: u64,
    synced: u64,
}

impl Units {
    fn new(packets: Packets) -> Self {
        let layout = match packets {
            Packets::Transport { layout, .. } => Some(layout),
            Packets::Program => None,
        };
        Self { layout, all: 0, scrambled: 0, packets: 0, synced: 0 }
    }

    fn count(&mut self, offset: u64, bytes: &[u8]) {
        let Some(layout) = self.layout else { return };
        let (stride, sync_at) = (layout.stride(), layout.sync_at());
        let size = UNIT_PACKETS * stride;
        let first = (offset.next_multiple_of(size as u64) - offset) as usize;
        for unit in bytes.get(first..).unwrap_or_default().chunks_exact(size) {
            let mut syncs = unit.iter().skip(sync_at).step_by(stride).map(|b| *b == SYNC);
            let starts = syncs.next() == Some(true);
            let others = syncs.filter(|is_sync| *is_sync).count();
            // What the disc does not give is zero.
            let is_there = unit.iter().take(stride).any(|b| *b != 0);
            // Only Blu-ray encrypts units.
            let is_scrambled = layout == Layout::M2ts && starts && others < UNIT_PACKETS / 2;
            self.all += u64::from(is_there);
            self.packets += if is_there { UNIT_PACKETS as u64 } else { 0 };
            self.synced += others as u64 + u64::from(starts);
            self.scrambled += u64::from(is_scrambled);
        }
    }

    /// Most packets have their sync byte where it should be.
    fn are_on_grid(&self) -> bool {
        // Where nothing could be read, nothing is known to be off.
        self.packets == 0 || self.synced * 2 > self.packets
    }
}

/// Splitters whose frames nobody wants.
struct Probe {
    streams: Vec<Box<dyn Splitter>>,
}

struct Nowhere;

impl Output for Nowhere {
    fn frame(&mut self, _: Frame<'_>) {}
    fn lost(&mut self, _: Lost) {}
}

impl Probe {
    fn knows_all(&self) -> bool {
        self.streams.iter().all(|s| s.facts(MAIN).is_some())
    }

    fn finish(&mut self) {
        self.streams.iter_mut().for_each(|s| s.finish(&mut Nowhere));
    }

    fn stream(&mut self, stream: u8, work: impl FnOnce(&mut dyn Splitter)) {
        if let Some(splitter) = self.streams.get_mut(usize::from(stream)) {
            work(&mut **splitter);
        }
    }
}

impl Sink for Probe {
    fn start(&mut self, stream: u8, head: &PesHead) {
        let stamp = Stamp { pts: head.pts, dts: head.dts };
        self.stream(stream, |s| s.start(stamp, head.extension, &mut Nowhere));
    }

    fn payload(&mut self, stream: u8, bytes: &[u8]) {
        self.stream(stream, |s| s.payload(bytes));
        // As when the film is written: what keeps most is no stream of frames.
        if self.streams.iter().map(|s| s.memory()).sum::<usize>() > UNFINISHED_FRAMES
            && let Some(most) = self.streams.iter_mut().max_by_key(|s| s.memory())
        {
            most.discontinuity(&mut Nowhere);
        }
    }

    fn end(&mut self, stream: u8) {
        self.stream(stream, |s| s.end(&mut Nowhere));
    }

    fn lost(&mut self, stream: u8, _: Loss) {
        self.stream(stream, |s| s.discontinuity(&mut Nowhere));
    }
}

#[cfg(test)]
#[path = "probe_tests.rs"]
mod tests;
