//! Looks into the streams of a title before anything is written: what they are, and whether they can be read.

use super::super::super::MuxError;
use super::super::super::input::streams::Demux;
use super::super::super::input::walk::{Next, Walk, unit};
use super::super::super::memory::UNFINISHED_FRAMES;
use super::scrambled::{Units, is_scrambled, refuse_scrambled};
use crate::base::cancel::Cancel;
use crate::base::sector::set::SectorSet;
use crate::codec::{self, CORE, Codec, Enhancement, Frame, Lost, MAIN, Output, Splitter, Stamp, TrackFacts};
use crate::demux::pes::PesHead;
use crate::demux::{Loss, Sink};
use crate::fs::FileSystem;
use crate::title::model::{Part, Piece};
use crate::title::streams::StreamId;

/// Bytes read at a time.
const BLOCK: u64 = 3 << 20;

/// What a stream has proven of itself.
#[derive(Clone, Debug, Default)]
pub(in crate::mux) struct Proof {
    /// The facts of its tracks [`MAIN`] and [`CORE`].
    pub(in crate::mux) facts: [Option<TrackFacts>; 2],
    /// Packets of it are there.
    pub(in crate::mux) has_packets: bool,
    /// What makes it better is known for what it is, or lies in the same multiplex.
    pub(in crate::mux) has_layer: bool,
    /// Packets of that are there.
    pub(in crate::mux) has_layer_packets: bool,
}

/// A stream to be looked at.
#[derive(Clone, Copy, Debug)]
pub(in crate::mux) struct Sought {
    pub(in crate::mux) stream: StreamId,
    /// What makes it better.
    pub(in crate::mux) enhancement: Option<StreamId>,
    pub(in crate::mux) codec: Codec,
}

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
    pub(in crate::mux) proofs: Vec<Proof>,
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
    streams: &[Sought],
    missing: &SectorSet,
    effort: Effort,
    cancel: &Cancel,
) -> Result<Probed, MuxError> {
    let mut look = Look::new(part, streams);
    look.parts(fs, part, missing, effort, cancel)?;
    Ok(look.finish(streams))
}

/// The same for one piece of a part, or a stretch of one.
pub(in crate::mux) fn probe_piece(
    fs: &dyn FileSystem,
    part: &Part,
    piece: &Piece,
    streams: &[Sought],
    missing: &SectorSet,
    effort: Effort,
    cancel: &Cancel,
) -> Result<Probed, MuxError> {
    let mut look = Look::new(part, streams);
    look.piece(fs, part, piece, missing, effort, cancel)?;
    Ok(look.finish(streams))
}

/// Reads the start of a part, and of another one with what makes its stream `sought` better: `layer`. What both prove
/// together.
///
/// # Errors
/// As [`probe`].
pub(in crate::mux) fn probe_layered(
    fs: &dyn FileSystem,
    (base, sought): (&Part, Sought),
    (beside, layer): (&Part, StreamId),
    missing: &SectorSet,
    effort: Effort,
    cancel: &Cancel,
) -> Result<Probed, MuxError> {
    let Some(splitter) = codec::layered_splitter(sought.codec) else {
        return probe(fs, base, &[sought], missing, effort, cancel);
    };
    let mut look = Look::new(base, &[]);
    look.probe.take(&mut look.demux, (sought.stream, false), splitter);
    look.parts(fs, base, missing, effort, cancel)?;
    look.demux.finish(&mut look.probe);
    let Look { probe, done, .. } = look;
    let mut look = Look { probe: Probe { slots: Vec::new(), streams: Vec::new() }, ..Look::new(beside, &[]) };
    for stream in probe.streams {
        look.probe.take(&mut look.demux, (layer, true), stream.splitter);
    }
    look.parts(fs, beside, missing, effort, cancel)?;
    let mut probed = look.finish(&[Sought { stream: layer, ..sought }]);
    for proof in &mut probed.proofs {
        let is_known = proof.facts[0].as_ref().and_then(|facts| facts.video.as_ref()?.dolby_vision).is_some();
        proof.has_layer = proof.has_layer_packets && is_known;
    }
    Ok(Probed { bytes: probed.bytes + done, ..probed })
}

/// A look into a part, as far as it has come.
struct Look {
    demux: Demux,
    probe: Probe,
    units: Units,
    buffer: Vec<u8>,
    /// Bytes read.
    done: u64,
}

impl Look {
    fn new(part: &Part, streams: &[Sought]) -> Self {
        let mut demux = Demux::new(part.packets, 0, None);
        let probe = Probe::select(&mut demux, streams);
        let buffer = vec![0; usize::try_from(BLOCK.next_multiple_of(unit(part.packets))).unwrap_or(0)];
        Self { demux, probe, units: Units::new(part.packets), buffer, done: 0 }
    }

    /// Reads the pieces of a part until that is enough.
    fn parts(
        &mut self,
        fs: &dyn FileSystem,
        part: &Part,
        missing: &SectorSet,
        effort: Effort,
        cancel: &Cancel,
    ) -> Result<(), MuxError> {
        for piece in &part.pieces {
            if self.piece(fs, part, piece, missing, effort, cancel)? {
                break;
            }
        }
        Ok(())
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
    fn finish(mut self, streams: &[Sought]) -> Probed {
        self.demux.finish(&mut self.probe);
        self.probe.finish();
        let proof = |sought: &Sought| {
            let known = self.probe.streams.iter().find(|s| s.id == sought.stream);
            known.map_or_else(Proof::default, Stream::proof)
        };
        let proofs = streams.iter().map(proof).collect();
        Probed { proofs, bytes: self.done, on_grid: self.units.are_on_grid() }
    }
}

/// A stream whose frames nobody wants.
struct Stream {
    id: StreamId,
    splitter: Box<dyn Splitter>,
    has_packets: bool,
    /// What makes it better is looked at too; packets of that are there.
    is_layered: bool,
    has_layer_packets: bool,
}

impl Stream {
    fn proof(&self) -> Proof {
        let facts = [MAIN, CORE].map(|track| self.splitter.facts(track).cloned());
        let (has_layer, has_layer_packets) = (self.is_layered, self.has_layer_packets);
        Proof { facts, has_packets: self.has_packets, has_layer, has_layer_packets }
    }
}

struct Probe {
    /// Of each slot its stream, and whether it only makes that better.
    slots: Vec<(usize, bool)>,
    streams: Vec<Stream>,
}

struct Nowhere;

impl Output for Nowhere {
    fn frame(&mut self, _: Frame<'_>) {}
    fn lost(&mut self, _: Lost) {}
    fn undecodable(&mut self, _: Lost) {}
}

impl Probe {
    fn select(demux: &mut Demux, streams: &[Sought]) -> Self {
        let mut probe = Self { slots: Vec::new(), streams: Vec::new() };
        for sought in streams {
            let layered = sought.enhancement.and_then(|layer| Some((layer, codec::layered_splitter(sought.codec)?)));
            let layer = layered.as_ref().map(|(layer, _)| *layer);
            let splitter = layered.map(|(_, splitter)| splitter).or_else(|| codec::splitter(sought.codec));
            let Some(splitter) = splitter else { continue };
            if probe.take(demux, (sought.stream, false), splitter)
                && let Some(layer) = layer
                && demux.select(layer) == u8::try_from(probe.slots.len()).ok()
                && let Some(stream) = probe.streams.last_mut()
            {
                stream.is_layered = true;
                probe.slots.push((probe.streams.len() - 1, true));
            }
        }
        probe
    }

    /// Takes a stream, or what makes one better, into a splitter. `false`: there is no room.
    fn take(&mut self, demux: &mut Demux, (id, is_layer): (StreamId, bool), splitter: Box<dyn Splitter>) -> bool {
        let is_selected = demux.select(id) == u8::try_from(self.slots.len()).ok();
        if is_selected {
            self.slots.push((self.streams.len(), is_layer));
            let (has_packets, has_layer_packets) = (false, false);
            self.streams.push(Stream { id, splitter, has_packets, is_layered: is_layer, has_layer_packets });
        }
        is_selected
    }

    fn knows_all(&self) -> bool {
        self.streams.iter().all(|s| s.splitter.facts(MAIN).is_some())
    }

    fn finish(&mut self) {
        self.streams.iter_mut().for_each(|s| s.splitter.finish(&mut Nowhere));
    }

    /// The stream of a slot, and whether the slot only makes it better.
    fn stream(&mut self, slot: u8) -> Option<(&mut Stream, bool)> {
        let (stream, is_enhancement) = *self.slots.get(usize::from(slot))?;
        Some((self.streams.get_mut(stream)?, is_enhancement))
    }
}

impl Sink for Probe {
    fn start(&mut self, slot: u8, head: &PesHead) {
        let stamp = Stamp { pts: head.pts, dts: head.dts };
        match self.stream(slot) {
            Some((stream, false)) => {
                stream.has_packets = true;
                stream.splitter.start(stamp, head.extension, &mut Nowhere);
            }
            Some((stream, true)) => {
                stream.has_layer_packets = true;
                stream.splitter.enhancement(Enhancement::Start(stamp), &mut Nowhere);
            }
            None => {}
        }
    }

    fn payload(&mut self, slot: u8, bytes: &[u8]) {
        match self.stream(slot) {
            Some((stream, false)) => stream.splitter.payload(bytes),
            Some((stream, true)) => stream.splitter.enhancement(Enhancement::Payload(bytes), &mut Nowhere),
            None => {}
        }
        // As when the film is written: what keeps most is no stream of frames.
        if self.streams.iter().map(|s| s.splitter.memory()).sum::<usize>() > UNFINISHED_FRAMES
            && let Some(most) = self.streams.iter_mut().max_by_key(|s| s.splitter.memory())
        {
            most.splitter.discontinuity(&mut Nowhere);
        }
    }

    fn end(&mut self, slot: u8) {
        match self.stream(slot) {
            Some((stream, false)) => stream.splitter.end(&mut Nowhere),
            Some((stream, true)) => stream.splitter.enhancement(Enhancement::End, &mut Nowhere),
            None => {}
        }
    }

    fn lost(&mut self, slot: u8, _: Loss) {
        match self.stream(slot) {
            Some((stream, false)) => stream.splitter.discontinuity(&mut Nowhere),
            Some((stream, true)) => stream.splitter.enhancement(Enhancement::Discontinuity, &mut Nowhere),
            None => {}
        }
    }
}
