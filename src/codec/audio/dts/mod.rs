//! DTS in all its forms on discs: a core, a core with extension substreams behind it (DTS-HD), extension substreams
//! alone (DTS Express, DTS-HD without a core). All that plays at one time is one frame.

pub mod asset;
pub mod core_frame;
pub mod extension;
pub(in crate::codec) mod facts;
#[cfg(test)]
pub(crate) mod fixture;
pub(in crate::codec) mod sync;

use crate::codec::arena::{Arena, Stamp};
use crate::codec::audio::clock::{AudioClock, Unit};
use crate::codec::audio::dts::core_frame::Core;
use crate::codec::audio::dts::extension::Extension;
use crate::codec::audio::dts::facts::Facts;
use crate::codec::audio::dts::sync::Step;
use crate::codec::{CORE, Codec, MAIN, Output, Splitter, TrackFacts};

/// `stream_id_extension` of packets that hold extension substreams alone.
const EXTENSION_PACKET: u8 = 0x72;

/// A frame under way.
#[derive(Clone, Copy, Debug)]
struct Block {
    start: u64,
    end: u64,
    stamp: Stamp,
    core: Option<Core>,
    /// End of the core.
    core_end: u64,
    extension: Option<Extension>,
    /// Number of the last extension substream.
    last: Option<u8>,
    extensions: u32,
}

/// Splits DTS.
#[derive(Debug, Default)]
pub struct DtsSplitter {
    arena: Arena,
    clock: AudioClock,
    core_clock: AudioClock,
    cursor: u64,
    /// Frame boundaries are known; else a frame must prove itself.
    sure: bool,
    /// Bytes were passed over in front of the next frame.
    skipped: bool,
    block: Option<Block>,
    /// Extension substreams that the last frame had; `None` without one.
    extensions: Option<u32>,
    /// Samples of a frame without a core, and how many a second has, as last told.
    step: Option<(u32, u32)>,
    has_core: bool,
    facts: Facts,
}

impl DtsSplitter {
    /// A splitter at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what is whole; `over`: nothing comes behind.
    fn run(&mut self, over: bool, out: &mut dyn Output) {
        loop {
            match sync::step(self.arena.from(self.cursor), self.sure, over) {
                Step::Wait => return,
                Step::Padding(bytes) => self.cursor += bytes as u64,
                Step::Core(core) => self.take_core(core, out),
                Step::Extension { index, size } => self.take_extension(index, size, out),
                Step::Unknown => self.resync(out),
            }
        }
    }

    /// No frame begins at the cursor: goes to the next sync word behind it.
    fn resync(&mut self, out: &mut dyn Output) {
        if std::mem::take(&mut self.sure) {
            self.flush(out);
            self.gap();
        }
        let data = self.arena.from(self.cursor);
        if sync::is_uhd(data) {
            self.facts.name(Codec::DtsUhd);
        }
        self.cursor += 1 + sync::next(data.get(1..).unwrap_or_default()) as u64;
        self.skipped = true;
        self.arena.release(self.cursor);
    }

    fn take_core(&mut self, core: Core, out: &mut dyn Output) {
        if !self.has_core {
            // What came in front of the first core lacks its own.
            self.block = None;
        }
        self.flush(out);
        self.has_core = true;
        let block = self.begin(core.size);
        self.block = Some(Block { core: Some(core), ..block });
    }

    fn take_extension(&mut self, index: u8, size: usize, out: &mut dyn Output) {
        let joins = self.block.is_some_and(|block| block.last.is_none_or(|last| last < index));
        let data = self.arena.range(self.cursor, self.cursor + size as u64);
        let parsed = extension::parse(data);
        if joins {
            self.sure = true;
            self.cursor += size as u64;
        } else {
            self.flush(out);
            if index > 0 || self.has_core || parsed.is_some_and(|extension| extension.asset.needs_core) {
                // The core that it belongs to is not there. A time in front of it is that of the next frame.
                self.sure = true;
                self.cursor += size as u64;
                return self.arena.release(self.cursor);
            }
            self.block = Some(self.begin(size));
        }
        if let Some(block) = &mut self.block {
            block.end = self.cursor;
            block.last = Some(index);
            block.extensions += 1;
            block.extension = block.extension.or(parsed);
        }
    }

    /// A frame that begins at the cursor with something of `size` bytes, which is passed over.
    fn begin(&mut self, size: usize) -> Block {
        let (start, end) = (self.cursor, self.cursor + size as u64);
        self.sure = true;
        self.cursor = end;
        // Less than a frame in front can only be the end of one that began in the packet before.
        let reach = if std::mem::take(&mut self.skipped) { size as u64 } else { u64::MAX };
        let stamp = self.arena.take_stamp_within(start, reach);
        Block { start, end, stamp, core: None, core_end: end, extension: None, last: None, extensions: 0 }
    }

    fn flush(&mut self, out: &mut dyn Output) {
        let Some(block) = self.block.take() else { return };
        self.extensions = Some(block.extensions);
        let told = block.extension.and_then(|extension| Some((extension.samples?, extension.clock)));
        self.step = told.or(self.step);
        if let Some((samples, rate)) = block.core.map(|core| (core.samples, core.rate)).or(self.step) {
            self.facts.learn(block.core, block.extension.map(|extension| extension.asset), samples, rate);
            let unit = |track: u8, end: u64| Unit {
                track,
                bytes: self.arena.range(block.start, end),
                stamp: block.stamp,
                samples,
                rate,
                key: true,
            };
            if block.core.is_some() && self.facts.core.is_some() {
                self.core_clock.emit(unit(CORE, block.core_end), out);
            }
            self.clock.emit(unit(MAIN, block.end), out);
        }
        self.arena.release(block.end);
    }

    fn gap(&mut self) {
        self.clock.gap();
        self.core_clock.gap();
    }

    fn reset(&mut self) {
        self.arena.clear();
        self.cursor = self.arena.start();
        self.sure = false;
        self.skipped = false;
        self.block = None;
        self.gap();
    }
}

impl Splitter for DtsSplitter {
    fn start(&mut self, stamp: Stamp, extension: Option<u8>, _out: &mut dyn Output) {
        // What joins a core has no time of its own.
        if !(self.has_core && extension == Some(EXTENSION_PACKET)) {
            self.arena.stamp(stamp);
        }
    }

    fn payload(&mut self, bytes: &[u8]) {
        if !self.arena.extend(bytes) {
            self.reset();
        }
    }

    fn end(&mut self, out: &mut dyn Output) {
        self.run(false, out);
    }

    fn discontinuity(&mut self, out: &mut dyn Output) {
        self.run(false, out);
        // A frame that has fewer extensions than the one before lost them to the hole.
        let is_whole = |block: &Block| self.extensions.is_some_and(|before| block.extensions >= before);
        self.block = self.block.filter(is_whole);
        self.flush(out);
        self.reset();
        self.clock.let_go_before_loss(out);
        self.core_clock.let_go_before_loss(out);
    }

    fn finish(&mut self, out: &mut dyn Output) {
        self.run(true, out);
        self.flush(out);
        self.clock.finish(MAIN, out);
        self.core_clock.finish(CORE, out);
    }

    fn memory(&self) -> usize {
        self.arena.memory()
    }

    fn facts(&self, track: u8) -> Option<&TrackFacts> {
        match track {
            MAIN => self.facts.main.as_ref(),
            CORE => self.facts.core.as_ref(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
