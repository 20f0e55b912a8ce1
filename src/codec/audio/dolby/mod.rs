//! AC-3 and E-AC-3 streams: frames by their length, joined into blocks where one belongs to another.

pub mod ac3;
pub(in crate::codec) mod crc16;
pub mod truehd;

use crate::codec::arena::{Arena, Stamp};
use crate::codec::audio::clock::{AudioClock, Unit};
use crate::codec::audio::dolby::ac3::{Header, Kind};
use crate::codec::{Audio, Codec, Output, Splitter, TrackFacts};

/// A block under way: a main frame and what belongs to it.
#[derive(Clone, Copy, Debug)]
struct Block {
    start: u64,
    end: u64,
    stamp: Stamp,
    samples: u32,
    rate: u32,
    places: u16,
    extensions: u32,
    /// What comes belongs to another program.
    is_other: bool,
    enhanced: bool,
    atmos: bool,
}

/// Splits AC-3 and E-AC-3.
#[derive(Debug)]
pub struct DolbySplitter {
    track: u8,
    /// Frames may be followed by extensions, so a block waits for the next one.
    joins: bool,
    arena: Arena,
    clock: AudioClock,
    cursor: u64,
    /// Frame boundaries are known; else a frame needs a right checksum to be believed.
    sure: bool,
    /// Bytes were passed over in front of the next frame.
    skipped: bool,
    block: Option<Block>,
    /// Extensions that the last block had; `None` without one.
    extensions: Option<u32>,
    facts: Option<TrackFacts>,
}

impl DolbySplitter {
    /// For a stream declared as AC-3.
    #[must_use]
    pub fn ac3() -> Self {
        Self::new(crate::codec::MAIN, false)
    }

    /// For a stream declared as E-AC-3, whose core may be AC-3.
    #[must_use]
    pub fn eac3() -> Self {
        Self::new(crate::codec::MAIN, true)
    }

    pub(crate) fn new(track: u8, joins: bool) -> Self {
        Self {
            track,
            joins,
            arena: Arena::default(),
            clock: AudioClock::default(),
            cursor: 0,
            sure: false,
            skipped: false,
            block: None,
            extensions: None,
            facts: None,
        }
    }

    fn run(&mut self, out: &mut dyn Output) {
        loop {
            let data = self.arena.from(self.cursor);
            if data.len() < ac3::SIZE_BYTES {
                return;
            }
            let Some(size) = ac3::size(data) else {
                self.resync(out);
                continue;
            };
            let Some(frame) = data.get(..size) else { return };
            let header = ac3::parse(frame).filter(|_| self.sure || ac3::checks(frame));
            let Some(header) = header else {
                self.resync(out);
                continue;
            };
            self.sure = true;
            self.take(header, out);
        }
    }

    /// No frame begins at the cursor: goes to the next sync word behind it.
    fn resync(&mut self, out: &mut dyn Output) {
        if std::mem::take(&mut self.sure) {
            self.flush(out);
            self.clock.gap();
        }
        let data = self.arena.from(self.cursor + 1);
        // A last byte that may be half a sync word is kept.
        let step = memchr::memmem::find(data, &[0x0B, 0x77]).unwrap_or(data.len().saturating_sub(1));
        self.cursor += 1 + step as u64;
        self.skipped = true;
        self.arena.release(self.cursor);
    }

    fn take(&mut self, header: Header, out: &mut dyn Output) {
        let (start, end) = (self.cursor, self.cursor + header.size as u64);
        self.cursor = end;
        // Less than a frame in front can only be the end of one that began in the packet before.
        let reach = if std::mem::take(&mut self.skipped) { header.size as u64 } else { u64::MAX };
        if header.kind == Kind::Main {
            self.flush(out);
            self.block = Some(Block {
                start,
                end,
                stamp: self.arena.take_stamp_within(start, reach),
                samples: header.samples,
                rate: header.rate,
                places: header.places,
                extensions: 0,
                is_other: false,
                enhanced: header.enhanced,
                atmos: header.atmos,
            });
            if !self.joins && !header.enhanced {
                self.flush(out);
            }
        } else if let Some(block) = &mut self.block {
            block.end = end;
            block.is_other |= header.kind == Kind::OtherProgram;
            if !block.is_other {
                block.places |= header.places;
            }
            block.extensions += 1;
            block.enhanced |= header.enhanced;
            block.atmos |= header.atmos;
        } else {
            // An extension whose main frame is not there.
            self.arena.release(end);
        }
    }

    fn flush(&mut self, out: &mut dyn Output) {
        let Some(block) = self.block.take() else { return };
        self.extensions = Some(block.extensions);
        self.learn(&block);
        let unit = Unit {
            track: self.track,
            bytes: self.arena.range(block.start, block.end),
            stamp: block.stamp,
            samples: block.samples,
            rate: block.rate,
            key: true,
        };
        self.clock.emit(unit, out);
        self.arena.release(block.end);
    }

    fn learn(&mut self, block: &Block) {
        let channels = ac3::channels(block.places);
        let codec = if self.joins || block.enhanced { Codec::Eac3 } else { Codec::Ac3 };
        let facts = self.facts.get_or_insert_with(|| {
            let audio = Audio {
                sample_rate: block.rate,
                channels,
                bit_depth: None,
                frame_samples: Some(block.samples),
                atmos: false,
            };
            TrackFacts::of_audio(codec, audio)
        });
        if let Some(audio) = &mut facts.audio {
            // A title may open in stereo and go on in more channels: the most are the fact.
            audio.channels = audio.channels.max(channels);
            audio.atmos |= block.atmos;
            audio.frame_samples = audio.frame_samples.filter(|samples| *samples == block.samples);
        }
    }

    fn reset(&mut self) {
        self.arena.clear();
        self.cursor = self.arena.start();
        self.sure = false;
        self.skipped = false;
        self.block = None;
        self.clock.gap();
    }
}

impl Splitter for DolbySplitter {
    fn start(&mut self, stamp: Stamp, _extension: Option<u8>, _out: &mut dyn Output) {
        self.arena.stamp(stamp);
    }

    fn payload(&mut self, bytes: &[u8]) {
        if !self.arena.extend(bytes) {
            self.reset();
        }
    }

    fn end(&mut self, out: &mut dyn Output) {
        self.run(out);
    }

    fn discontinuity(&mut self, out: &mut dyn Output) {
        self.run(out);
        // A block that has fewer extensions than the one before lost them to the hole.
        let is_whole = |block: &Block| self.extensions.is_some_and(|before| block.extensions >= before);
        self.block = self.block.filter(is_whole);
        self.flush(out);
        self.reset();
        self.clock.let_go_before_loss(out);
    }

    fn finish(&mut self, out: &mut dyn Output) {
        self.run(out);
        self.flush(out);
        self.clock.finish(self.track, out);
    }

    fn memory(&self) -> usize {
        self.arena.memory()
    }

    fn facts(&self, track: u8) -> Option<&TrackFacts> {
        self.facts.as_ref().filter(|_| track == self.track)
    }
}

#[cfg(test)]
mod tests;
