//! LPCM of DVD-Video: a stream of samples cut into packets anywhere, 20 and 24 bits with their low bits behind the
//! upper ones of a group. It becomes blocks of 1/150 s of signed little-endian integers.

use crate::base::time::Ticks90;
use crate::codec::arena::Stamp;
use crate::codec::audio::clock::{AudioClock, Unit};
use crate::codec::{Audio, Codec, MAIN, Output, Splitter, TrackFacts};

/// Behind the sub-stream id: number of frames, pointer to the first frame (2), emphasis and frame number,
/// bits and rate and channels, dynamic range.
const HEAD: usize = 6;
/// The pointer counts from its last byte, three bytes before the samples.
const POINTER_OF_FIRST: usize = 4;
/// A pack has 2048 bytes.
const LARGEST_PACKET: usize = 4096;
/// Blocks a second.
const BLOCKS: u32 = 150;

/// How samples are stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Format {
    bits: u8,
    rate: u32,
    channels: u8,
}

impl Format {
    fn parse(byte: u8) -> Option<Self> {
        let bits = 16 + 4 * (byte >> 6);
        let rate = match byte >> 4 & 3 {
            0 => 48_000,
            1 => 96_000,
            _ => return None,
        };
        (bits <= 24).then_some(Self { bits, rate, channels: (byte & 7) + 1 })
    }

    /// Samples of one channel in a group: of 20 and 24 bits, two samples of every channel have their low bits together.
    fn samples_of_group(self) -> usize {
        if self.bits == 16 { 1 } else { 2 }
    }

    /// Bytes of a group on the disc.
    fn group_bytes(self) -> usize {
        self.bytes(self.samples_of_group())
    }

    /// Samples of one channel in a group, and its bytes.
    fn least(self) -> (usize, usize) {
        (self.samples_of_group(), self.group_bytes())
    }

    /// Bytes on the disc of this many samples of every channel.
    fn bytes(self, samples: usize) -> usize {
        samples * usize::from(self.channels) * usize::from(self.bits) / 8
    }

    /// Appends the samples of whole groups as a container wants them.
    fn convert(self, data: &[u8], out: &mut Vec<u8>) {
        for group in data.chunks_exact(self.group_bytes()) {
            let upper = 2 * self.samples_of_group() * usize::from(self.channels);
            let (upper, lower) = group.split_at(upper.min(group.len()));
            for (n, sample) in upper.chunks_exact(2).enumerate() {
                match self.bits {
                    20 => out.push(lower.get(n / 2).map_or(0, |byte| byte << (4 * (n & 1)) & 0xF0)),
                    24 => out.push(lower.get(n).copied().unwrap_or(0)),
                    _ => {}
                }
                out.extend(sample.iter().rev());
            }
        }
    }
}

/// Splits LPCM of DVD-Video. Payload begins behind the sub-stream id.
#[derive(Debug, Default)]
pub struct DvdLpcmSplitter {
    packet: Vec<u8>,
    packet_stamp: Stamp,
    /// Samples as on the disc that are no whole block yet; they begin with a group.
    waiting: Vec<u8>,
    /// Time of the first sample that waits.
    stamp: Option<Ticks90>,
    /// Groups are known to begin where they are thought to.
    aligned: bool,
    samples: Vec<u8>,
    clock: AudioClock,
    format: Option<Format>,
    facts: Option<TrackFacts>,
}

impl DvdLpcmSplitter {
    /// A splitter at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn take(&mut self, out: &mut dyn Output) {
        let packet = std::mem::take(&mut self.packet);
        if let Some((head, body)) = packet.split_first_chunk::<HEAD>() {
            let format = Format::parse(head[4]);
            match format.filter(|format| self.format.is_none_or(|first| first == *format)) {
                Some(format) => {
                    self.learn(format);
                    let pointer = usize::from(u16::from_be_bytes([head[1], head[2]]));
                    self.samples(format, body, pointer.checked_sub(POINTER_OF_FIRST), out);
                }
                // A track has one format.
                None => self.gap(out),
            }
        }
        self.packet = packet;
        self.packet.clear();
    }

    /// Takes the samples of a packet, in which a frame begins `first` bytes from the start, if any does.
    fn samples(&mut self, format: Format, body: &[u8], first: Option<usize>, out: &mut dyn Output) {
        let first = first.filter(|first| *first < body.len());
        let (unit, unit_bytes) = format.least();
        let mut body = body;
        let mut at = first.map(|first| self.waiting.len() + first);
        if !self.aligned || at.is_some_and(|at| !at.is_multiple_of(unit_bytes)) {
            if self.aligned {
                self.gap(out);
            }
            let Some(from) = first.and_then(|first| body.get(first..)) else { return };
            (body, at) = (from, Some(0));
            self.aligned = true;
        }
        if let (Some(at), Some(pts)) = (at, self.packet_stamp.pts) {
            let before = at / unit_bytes * unit;
            self.stamp = Some(pts - Ticks90::from_count(before as u64, format.rate));
        }
        self.waiting.extend_from_slice(body);
        let block = format.bytes((format.rate / BLOCKS) as usize);
        let whole = self.waiting.len() / block * block;
        self.give(format, whole, block, out);
    }

    /// Gives the first `bytes` bytes out in blocks of `block` bytes.
    fn give(&mut self, format: Format, bytes: usize, block: usize, out: &mut dyn Output) {
        let (unit, unit_bytes) = format.least();
        for data in self.waiting.get(..bytes).unwrap_or_default().chunks(block.max(1)) {
            self.samples.clear();
            format.convert(data, &mut self.samples);
            self.clock.emit(
                Unit {
                    track: MAIN,
                    bytes: &self.samples,
                    stamp: Stamp { pts: self.stamp.take(), dts: None },
                    samples: (data.len() / unit_bytes * unit) as u32,
                    rate: format.rate,
                    key: true,
                },
                out,
            );
        }
        self.waiting.drain(..bytes.min(self.waiting.len()));
    }

    /// Gives out what is whole of what waits.
    fn flush(&mut self, out: &mut dyn Output) {
        if let Some(format) = self.format {
            let (_, unit_bytes) = format.least();
            let whole = self.waiting.len() / unit_bytes * unit_bytes;
            self.give(format, whole, whole, out);
        }
        self.waiting.clear();
        self.stamp = None;
    }

    fn gap(&mut self, out: &mut dyn Output) {
        self.flush(out);
        self.aligned = false;
        self.clock.gap();
    }

    fn learn(&mut self, format: Format) {
        self.format = Some(format);
        self.facts.get_or_insert_with(|| {
            let audio = Audio {
                sample_rate: format.rate,
                channels: format.channels,
                bit_depth: Some(if format.bits == 16 { 16 } else { 24 }),
                frame_samples: Some(format.rate / BLOCKS),
                atmos: false,
            };
            TrackFacts::of_audio(Codec::Pcm, audio)
        });
    }
}

impl Splitter for DvdLpcmSplitter {
    fn start(&mut self, stamp: Stamp, _extension: Option<u8>, _out: &mut dyn Output) {
        self.packet.clear();
        self.packet_stamp = stamp;
    }

    fn payload(&mut self, bytes: &[u8]) {
        let room = LARGEST_PACKET.saturating_sub(self.packet.len());
        self.packet.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    fn end(&mut self, out: &mut dyn Output) {
        self.take(out);
    }

    fn discontinuity(&mut self, out: &mut dyn Output) {
        self.packet.clear();
        self.gap(out);
        self.clock.let_go_before_loss(out);
    }

    fn finish(&mut self, out: &mut dyn Output) {
        self.take(out);
        self.flush(out);
        self.clock.finish(MAIN, out);
    }

    fn memory(&self) -> usize {
        self.packet.capacity() + self.waiting.capacity() + self.samples.capacity()
    }

    fn facts(&self, track: u8) -> Option<&TrackFacts> {
        self.facts.as_ref().filter(|_| track == MAIN)
    }
}

#[cfg(test)]
#[path = "lpcm_dvd_tests.rs"]
mod tests;
