//! Looks into the streams of a title before anything is written: what they are, and whether they can be read.

use super::super::MuxError;
use super::super::input::walk::{ALIGNED, Next, Walk};
use super::super::memory::UNFINISHED_FRAMES;
use crate::base::cancel::Cancel;
use crate::base::set::SectorSet;
use crate::codec::{self, CORE, Codec, Frame, Lost, MAIN, Output, Splitter, Stamp, TrackFacts};
use crate::demux::m2ts::{Demux, Layout};
use crate::demux::pes::PesHead;
use crate::demux::{Loss, Sink};
use crate::fs::FileSystem;
use crate::title::model::Part;

/// Bytes read at a time.
pub(in crate::mux) const BLOCK: usize = 512 * ALIGNED as usize;
/// Packets of an aligned unit of Blu-ray, which are encrypted together but for the first 16 bytes.
const UNIT_PACKETS: usize = 32;
const PACKET: usize = 192;
const SYNC: u8 = 0x47;
const SYNC_AT: usize = 4;
/// So many scrambled packets or units are no damage.
const EVIDENCE: u64 = 8;

/// What is known of a stream: the facts of its tracks [`MAIN`] and [`CORE`].
pub(in crate::mux) type Facts = [Option<TrackFacts>; 2];

/// How much is read of a part.
#[derive(Clone, Copy, Debug)]
pub(in crate::mux) struct Effort {
    /// At least so many bytes, though all streams are known: facts may grow.
    pub(in crate::mux) least: u64,
    /// At most so many, though some are not.
    pub(in crate::mux) most: u64,
}

/// What a look into a part brought.
#[derive(Clone, Debug)]
pub(in crate::mux) struct Probed {
    /// What is known of each stream.
    pub(in crate::mux) facts: Vec<Facts>,
    /// Bytes read.
    pub(in crate::mux) bytes: u64,
    /// Source packets lie at multiples of their size in the file.
    pub(in crate::mux) on_grid: bool,
}

/// Reads the start of a part until its streams are known.
///
/// # Errors
/// [`MuxError::Scrambled`]; the source's own.
pub(in crate::mux) fn probe(
    fs: &dyn FileSystem,
    part: &Part,
    layout: Layout,
    streams: &[(u16, Codec)],
    missing: &SectorSet,
    effort: Effort,
    cancel: &Cancel,
) -> Result<Probed, MuxError> {
    let mut walk = Walk::new(fs, part, missing)?;
    let mut demux = Demux::new(layout, part.bytes.as_ref().map_or(0, |b| b.start));
    let mut probe = Probe { streams: Vec::new() };
    let mut order = Vec::new();
    for (pid, codec) in streams {
        let Some(splitter) = codec::splitter(*codec) else { continue };
        if demux.select(*pid) == u8::try_from(probe.streams.len()).ok() {
            order.push(*pid);
            probe.streams.push(splitter);
        }
    }
    let mut buffer = vec![0; BLOCK];
    let (mut done, mut units) = (0, Units::default());
    loop {
        if cancel.is_raised() {
            return Err(MuxError::Stopped);
        }
        match walk.next(&mut buffer)? {
            None => break,
            Some(Next::Hole(range)) => demux.hole(range.end, &mut probe),
            Some(Next::Bytes { offset, inside }) => {
                let bytes = buffer.get(inside).unwrap_or_default();
                done += bytes.len() as u64;
                if layout == Layout::M2ts {
                    units.count(offset, bytes);
                }
                demux.push(bytes, &mut probe);
            }
        }
        refuse_scrambled(&part.path, is_scrambled(demux.scrambling().packets, done), &units)?;
        if (done >= effort.least && probe.knows_all()) || done >= effort.most {
            break;
        }
    }
    demux.finish(&mut probe);
    probe.finish();
    let facts = |pid: u16| -> Facts {
        let splitter = order.iter().position(|p| *p == pid).and_then(|n| probe.streams.get(n));
        [MAIN, CORE].map(|track| splitter.and_then(|s| s.facts(track)).cloned())
    };
    let facts = streams.iter().map(|(pid, _)| facts(*pid));
    Ok(Probed { facts: facts.collect(), bytes: done, on_grid: units.synced * 2 > units.packets })
}

/// Whether so many scrambled packets among so many bytes are more than damage makes: a quarter of all.
pub(in crate::mux) fn is_scrambled(packets: u64, bytes: u64) -> bool {
    packets >= EVIDENCE && packets.saturating_mul(4 * PACKET as u64) > bytes
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

/// Aligned units, and those that are encrypted: their first packet has its sync byte and others lack theirs.
#[derive(Clone, Copy, Debug, Default)]
struct Units {
    all: u64,
    scrambled: u64,
    /// Packets in them, and those with their sync byte where it should be.
    packets: u64,
    synced: u64,
}

impl Units {
    fn count(&mut self, offset: u64, bytes: &[u8]) {
        let first = (offset.next_multiple_of(ALIGNED) - offset) as usize;
        for unit in bytes.get(first..).unwrap_or_default().chunks_exact(UNIT_PACKETS * PACKET) {
            let mut syncs = unit.iter().skip(SYNC_AT).step_by(PACKET).map(|b| *b == SYNC);
            let starts = syncs.next() == Some(true);
            let others = syncs.filter(|is_sync| *is_sync).count();
            // What the disc does not give is zero.
            let is_there = unit.iter().take(PACKET).any(|b| *b != 0);
            self.all += u64::from(is_there);
            self.packets += if is_there { UNIT_PACKETS as u64 } else { 0 };
            self.synced += others as u64 + u64::from(starts);
            self.scrambled += u64::from(starts && others < UNIT_PACKETS / 2);
        }
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
