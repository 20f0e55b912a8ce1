//! Blu-ray subtitles (presentation graphics): segments joined to display sets, which last until the next one.

use crate::base::bytes::{Bytes, Short};
use crate::base::time::Ticks90;
use crate::codec::arena::{Arena, Stamp};
use crate::codec::{Codec, Frame, Lost, MAIN, Output, Payload, Splitter, Subtitle, TrackFacts};

pub(in crate::codec) const PALETTE: u8 = 0x14;
pub(in crate::codec) const OBJECT: u8 = 0x15;
pub(in crate::codec) const COMPOSITION: u8 = 0x16;
pub(in crate::codec) const WINDOWS: u8 = 0x17;
pub(in crate::codec) const END: u8 = 0x80;

pub(in crate::codec) const SEGMENT_HEAD: usize = 3;
/// A set larger than this is none: the object buffer of a player holds 4 MiB decoded.
const LARGEST_SET: usize = 8 << 20;
/// Largest buffer that is used again.
const KEPT_BYTES: usize = 1 << 20;
/// An epoch defines up to 64 objects.
pub(in crate::codec) const MOST_OBJECTS: usize = 64;

/// What a presentation composition segment says.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Composition {
    width: u16,
    height: u16,
    /// 0x00 normal, 0x40 acquisition point, 0x80 epoch start.
    state: u8,
    /// Object, and whether it is forced.
    objects: Vec<(u16, bool)>,
}

fn composition(body: &[u8]) -> Result<Composition, Short> {
    let mut bytes = Bytes::new(body);
    let (width, height) = (bytes.u16_be()?, bytes.u16_be()?);
    bytes.skip(3)?;
    let state = bytes.u8()? & 0xC0;
    bytes.skip(2)?;
    let count = bytes.u8()?;
    let mut objects = Vec::new();
    for _ in 0..count {
        let id = bytes.u16_be()?;
        bytes.skip(1)?;
        let flags = bytes.u8()?;
        bytes.skip(4)?;
        if flags & 0x80 != 0 {
            bytes.skip(8)?;
        }
        objects.push((id, flags & 0x40 != 0));
    }
    Ok(Composition { width, height, state, objects })
}

/// A display set that is being gathered, or is whole and waits for the next one.
#[derive(Debug)]
struct Set {
    bytes: Vec<u8>,
    stamp: Stamp,
    composition: Composition,
}

/// Splits presentation graphics.
#[derive(Debug, Default)]
pub struct PgsSplitter {
    arena: Arena,
    cursor: u64,
    open: Option<Set>,
    waiting: Option<Set>,
    /// Empty buffers to use again.
    spare: Vec<Vec<u8>>,
    /// Objects defined in this epoch, looked at only behind a loss.
    objects: Vec<u16>,
    /// Objects may be missing until an epoch start or acquisition point.
    doubtful: bool,
    lost: bool,
    end: Option<Ticks90>,
    facts: Option<TrackFacts>,
}

impl PgsSplitter {
    /// A splitter at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn run(&mut self, out: &mut dyn Output) {
        loop {
            let data = self.arena.from(self.cursor);
            let Some(&[kind, high, low]) = data.first_chunk::<SEGMENT_HEAD>() else { break };
            let size = SEGMENT_HEAD + usize::from(u16::from_be_bytes([high, low]));
            if !matches!(kind, PALETTE..=WINDOWS | END | 0x18) {
                // No segment: the rest of the packet is foreign.
                self.drop_partial();
                break;
            }
            let Some(segment) = data.get(..size) else { break };
            if kind == COMPOSITION {
                let parsed = composition(&segment[SEGMENT_HEAD..]);
                self.begin(parsed, out);
            }
            let segment = self.arena.range(self.cursor, self.cursor + size as u64);
            if let Some(set) = &mut self.open {
                set.bytes.extend_from_slice(segment);
                if kind == OBJECT {
                    // The object counts from its last fragment on.
                    if let (Some(id), Some(order)) = (segment.get(3..5), segment.get(6)) {
                        let id = u16::from_be_bytes([id[0], id[1]]);
                        if order & 0x40 != 0 && self.objects.len() < MOST_OBJECTS && !self.objects.contains(&id) {
                            self.objects.push(id);
                        }
                    }
                }
                if set.bytes.len() > LARGEST_SET {
                    self.drop_partial();
                    break;
                }
            }
            self.cursor += size as u64;
            if kind == END {
                self.complete();
            }
        }
        self.arena.release(self.cursor);
    }

    fn begin(&mut self, parsed: Result<Composition, Short>, out: &mut dyn Output) {
        let stamp = self.arena.take_stamp(self.cursor);
        // A set without its end segment is as whole as it will be.
        self.complete();
        let Ok(composition) = parsed else {
            self.give(None, out);
            return self.lose();
        };
        if composition.state != 0 {
            if composition.state & 0x80 != 0 || self.doubtful {
                self.objects.clear();
            }
            self.doubtful = false;
        }
        self.give(stamp.pts, out);
        let bytes = self.spare.pop().unwrap_or_default();
        self.open = Some(Set { bytes, stamp, composition });
    }

    /// The set under way is whole: it waits for the next composition, which ends it.
    fn complete(&mut self) {
        let Some(set) = self.open.take() else { return };
        let known = set.composition.objects.iter().all(|(id, _)| self.objects.contains(id));
        if set.stamp.pts.is_none() || (self.lost && !known) || (self.doubtful && !known) {
            self.recycle(set.bytes);
            return self.lose();
        }
        self.facts.get_or_insert_with(|| TrackFacts {
            codec: Codec::Pgs,
            private: Vec::new(),
            video: None,
            audio: None,
            subtitle: Some(Subtitle { width: set.composition.width.into(), height: set.composition.height.into() }),
        });
        self.waiting = Some(set);
    }

    fn give(&mut self, until: Option<Ticks90>, out: &mut dyn Output) {
        let Some(set) = self.waiting.take() else { return };
        let Some(pts) = set.stamp.pts else { return };
        if std::mem::take(&mut self.lost) {
            out.lost(Lost { track: MAIN, from: self.end, until: Some(pts) });
        }
        let duration = until.map(|until| until - pts).filter(|duration| *duration > Ticks90::ZERO);
        self.end = Some(pts + duration.unwrap_or_default());
        let objects = &set.composition.objects;
        out.frame(Frame {
            track: MAIN,
            payload: Payload::Bytes(&set.bytes),
            pts,
            dts: set.stamp.dts,
            duration,
            key: set.composition.state != 0,
            discardable: false,
            leading: false,
            forced: !objects.is_empty() && objects.iter().all(|(_, forced)| *forced),
        });
        self.recycle(set.bytes);
    }

    fn recycle(&mut self, mut bytes: Vec<u8>) {
        if bytes.capacity() <= KEPT_BYTES {
            bytes.clear();
            self.spare.push(bytes);
        }
    }

    fn lose(&mut self) {
        self.lost = true;
        self.doubtful = true;
        self.objects.clear();
    }

    fn drop_partial(&mut self) {
        self.open = None;
        self.spare.clear();
        self.arena.clear();
        self.cursor = self.arena.start();
        self.lose();
    }
}

impl Splitter for PgsSplitter {
    fn start(&mut self, stamp: Stamp, _extension: Option<u8>, _out: &mut dyn Output) {
        self.arena.stamp(stamp);
    }

    fn payload(&mut self, bytes: &[u8]) {
        if !self.arena.extend(bytes) {
            self.drop_partial();
        }
    }

    fn end(&mut self, out: &mut dyn Output) {
        self.run(out);
    }

    fn discontinuity(&mut self, out: &mut dyn Output) {
        self.run(out);
        // It was whole before, and what shows when it ends may be lost.
        self.give(None, out);
        self.drop_partial();
    }

    fn finish(&mut self, out: &mut dyn Output) {
        self.run(out);
        self.complete();
        self.give(None, out);
        if std::mem::take(&mut self.lost) {
            out.lost(Lost { track: MAIN, from: self.end, until: None });
        }
    }

    fn memory(&self) -> usize {
        let sets = self.open.iter().chain(&self.waiting).map(|set| &set.bytes).chain(&self.spare);
        self.arena.memory() + sets.map(Vec::capacity).sum::<usize>()
    }

    fn facts(&self, track: u8) -> Option<&TrackFacts> {
        self.facts.as_ref().filter(|_| track == MAIN)
    }

    fn waiting_since(&self) -> Option<Ticks90> {
        self.waiting.as_ref().and_then(|set| set.stamp.pts)
    }

    fn release(&mut self, out: &mut dyn Output) {
        self.give(None, out);
    }
}

#[cfg(test)]
#[path = "pgs_tests.rs"]
mod tests;
