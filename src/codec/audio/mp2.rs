//! MPEG audio layer II (ISO/IEC 11172-3, 2.4.1; 13818-3, 2.4.1): frames by their length.

use crate::codec::arena::{Arena, Stamp};
use crate::codec::audio::clock::{AudioClock, Unit};
use crate::codec::{Audio, Codec, MAIN, Output, Splitter, TrackFacts};

/// Bytes of a frame's head.
const HEAD: usize = 4;
const SAMPLES: u32 = 1152;
/// Kbit/s by `bitrate_index`; 0 leaves the length of frames open.
const KBITS: [u32; 15] = [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384];
/// The same at the lower rates of MPEG-2.
const KBITS_LOW: [u32; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const RATES: [u32; 3] = [44_100, 48_000, 32_000];

/// Head of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Header {
    size: usize,
    rate: u32,
    channels: u8,
}

impl Header {
    fn parse(data: &[u8]) -> Option<Self> {
        let [sync, version, rates, mode]: [u8; HEAD] = *data.first_chunk()?;
        // Twelve bits of sync; then the version, layer II, protection.
        if sync != 0xFF || version & 0xF6 != 0xF4 {
            return None;
        }
        let is_low = version & 8 == 0;
        let rate = RATES.get(usize::from(rates >> 2 & 3))? >> u32::from(is_low);
        let kbits =
            *(if is_low { KBITS_LOW } else { KBITS }).get(usize::from(rates >> 4)).filter(|kbits| **kbits > 0)?;
        let size = SAMPLES / 8 * kbits * 1000 / rate + u32::from(rates >> 1 & 1);
        Some(Self { size: size as usize, rate, channels: if mode >> 6 == 3 { 1 } else { 2 } })
    }
}

/// Splits MPEG audio layer II.
#[derive(Debug, Default)]
pub struct Mp2Splitter {
    arena: Arena,
    clock: AudioClock,
    cursor: u64,
    /// Frame boundaries are known; else the next frame has to follow where this one ends.
    sure: bool,
    /// Bytes were passed over in front of the next frame.
    skipped: bool,
    facts: Option<TrackFacts>,
}

impl Mp2Splitter {
    /// A splitter at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives out the frames that are whole; `is_end`: no more bytes come.
    fn run(&mut self, is_end: bool, out: &mut dyn Output) {
        loop {
            let data = self.arena.from(self.cursor);
            if data.len() < HEAD {
                return;
            }
            let Some(header) = Header::parse(data) else {
                self.resync();
                continue;
            };
            if data.len() < header.size {
                return;
            }
            let behind = data.get(header.size..).unwrap_or_default();
            let is_last = behind.is_empty() && is_end;
            if !self.sure && !is_last {
                if behind.len() < HEAD && !is_end {
                    return;
                }
                if Header::parse(behind).is_none_or(|next| next.rate != header.rate) {
                    self.resync();
                    continue;
                }
            }
            self.sure = true;
            self.give(header, out);
        }
    }

    fn give(&mut self, header: Header, out: &mut dyn Output) {
        let (start, end) = (self.cursor, self.cursor + header.size as u64);
        self.cursor = end;
        // Less than a frame in front can only be the end of one that began in the packet before.
        let reach = if std::mem::take(&mut self.skipped) { header.size as u64 } else { u64::MAX };
        let stamp = self.arena.take_stamp_within(start, reach);
        let facts = self.facts.get_or_insert_with(|| {
            let (sample_rate, channels) = (header.rate, header.channels);
            let audio = Audio { sample_rate, channels, bit_depth: None, frame_samples: Some(SAMPLES), atmos: false };
            TrackFacts::of_audio(Codec::Mp2, audio)
        });
        if let Some(audio) = &mut facts.audio {
            audio.channels = audio.channels.max(header.channels);
        }
        let (bytes, rate) = (self.arena.range(start, end), header.rate);
        self.clock.emit(Unit { track: MAIN, bytes, stamp, samples: SAMPLES, rate, key: true }, out);
        self.arena.release(end);
    }

    /// No frame begins at the cursor: goes to the next byte behind it that may begin one.
    fn resync(&mut self) {
        if std::mem::take(&mut self.sure) {
            self.clock.gap();
        }
        let data = self.arena.from(self.cursor + 1);
        self.cursor += 1 + memchr::memchr(0xFF, data).unwrap_or(data.len()) as u64;
        self.skipped = true;
        self.arena.release(self.cursor);
    }

    fn reset(&mut self) {
        self.arena.clear();
        self.cursor = self.arena.start();
        self.sure = false;
        self.skipped = false;
        self.clock.gap();
    }
}

impl Splitter for Mp2Splitter {
    fn start(&mut self, stamp: Stamp, _extension: Option<u8>, _out: &mut dyn Output) {
        self.arena.stamp(stamp);
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
        self.run(true, out);
        self.reset();
        self.clock.let_go_before_loss(out);
    }

    fn finish(&mut self, out: &mut dyn Output) {
        self.run(true, out);
        self.clock.finish(MAIN, out);
    }

    fn facts(&self, track: u8) -> Option<&TrackFacts> {
        self.facts.as_ref().filter(|_| track == MAIN)
    }

    fn memory(&self) -> usize {
        self.arena.memory()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Ticks90;
    use crate::codec::recorder::{Recorder, split};
    use proptest::prelude::*;

    /// 192 kbit/s at 48 kHz: 576 bytes.
    fn frame(fill: u8) -> Vec<u8> {
        let mut frame = vec![0xFF, 0xFD, 0xA4, 0x00];
        frame.resize(576, fill);
        frame
    }

    #[test]
    fn frames_come_out_whole_however_packets_cut_them() {
        let data: Vec<u8> = (0..5).flat_map(frame).collect();
        let mut splitter = Mp2Splitter::new();
        let out = split(&mut splitter, &data, 700);
        assert_eq!(out.frames.iter().map(|f| f.pts).collect::<Vec<_>>(), [0, 2160, 4320, 6480, 8640]);
        assert!(out.frames.iter().zip(0..).all(|(f, fill)| f.bytes == frame(fill) && f.duration == Some(2160)));
        let audio = splitter.facts(MAIN).unwrap().audio.unwrap();
        assert_eq!((audio.sample_rate, audio.channels, audio.frame_samples), (48_000, 2, Some(1152)));
    }

    #[test]
    fn a_false_head_is_stepped_over_and_a_hole_is_told() {
        let data = [vec![0xFF, 0xFD, 0xA4], frame(1), frame(2)].concat();
        assert_eq!(split(&mut Mp2Splitter::new(), &data, 4096).frames.len(), 2);
        let mut splitter = Mp2Splitter::new();
        let mut out = Recorder::default();
        for (pts, cut) in [(0, 400), (90_000, 0)] {
            splitter.start(Stamp { pts: Some(Ticks90(pts)), dts: None }, None, &mut out);
            splitter.payload(&[frame(1), frame(2)].concat()[..1152 - cut]);
            splitter.discontinuity(&mut out);
        }
        assert_eq!(out.frames.iter().map(|f| f.pts).collect::<Vec<_>>(), [0, 90_000, 92_160]);
    }

    #[test]
    fn lower_rates_and_other_layers_are_told_apart() {
        let low = Header { size: 240, rate: 24_000, channels: 1 };
        assert_eq!(Header::parse(&[0xFF, 0xF5, 0x54, 0xC0]), Some(low));
        assert_eq!(Header::parse(&[0xFF, 0xFB, 0xA4, 0]), None, "layer III");
        assert_eq!(Header::parse(&[0xFF, 0xFD, 0x04, 0]), None, "free format");
        assert_eq!(Header::parse(&[0xFF, 0xFD, 0xFC, 0]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(data in prop::collection::vec(prop::sample::select(vec![0u8, 0xFF, 0xFD, 0xA4, 7]), 0..3000), cut in 1usize..900) {
            let whole = split(&mut Mp2Splitter::new(), &data, cut);
            prop_assert!(whole.frames.iter().map(|f| f.bytes.len()).sum::<usize>() <= data.len());
        }
    }
}
