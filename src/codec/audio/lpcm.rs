//! LPCM of Blu-ray: each PES packet is a block of samples behind a header of four bytes. The samples become signed
//! little-endian integers in WAVE order of channels, the padding channel goes.

use crate::codec::arena::Stamp;
use crate::codec::audio::clock::{AudioClock, Unit};
use crate::codec::{Audio, Codec, MAIN, Output, Splitter, TrackFacts};

const HEAD: usize = 4;
/// Bytes of a packet that are looked at: the size in its head has 16 bits.
const LARGEST_PACKET: usize = HEAD + 0xFFFF;

/// By `channel_assignment`: for each channel of the output its place among those of the disc.
const PLACES: [&[u8]; 12] = [
    &[],
    &[0],
    &[],
    &[0, 1],
    &[0, 1, 2],
    &[0, 1, 2],
    &[0, 1, 2, 3],
    &[0, 1, 2, 3],
    &[0, 1, 2, 3, 4],
    // L R C Ls Rs LFE
    &[0, 1, 2, 5, 3, 4],
    // L R C Ls Lrs Rrs Rs
    &[0, 1, 2, 4, 5, 3, 6],
    // L R C Ls Lrs Rrs Rs LFE
    &[0, 1, 2, 7, 4, 5, 3, 6],
];

/// How samples are stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Format {
    places: &'static [u8],
    rate: u32,
    /// Bytes of a sample on the disc: 20 bits are the upper ones of three bytes.
    width: usize,
}

impl Format {
    /// From the head of a packet: 16 bits of size, then assignment 4, rate 4, bits 2.
    fn parse(head: [u8; HEAD]) -> Option<Self> {
        let [_, _, layout, bits] = head;
        let places = PLACES.get(usize::from(layout >> 4)).copied().filter(|places| !places.is_empty())?;
        let rate = match layout & 0x0F {
            1 => 48_000,
            4 => 96_000,
            5 => 192_000,
            _ => return None,
        };
        let width = match bits >> 6 {
            1 => 2,
            2 | 3 => 3,
            _ => return None,
        };
        Some(Self { places, rate, width })
    }

    fn channels(self) -> u8 {
        self.places.len() as u8
    }

    /// Bytes on the disc of one sample of every channel, whose number is even there.
    fn stride(self) -> usize {
        self.places.len().next_multiple_of(2) * self.width
    }

    /// Appends the samples as a container wants them; what is not whole at the end is left out.
    fn convert(self, data: &[u8], out: &mut Vec<u8>) {
        for samples in data.chunks_exact(self.stride()) {
            for place in self.places {
                let from = usize::from(*place) * self.width;
                out.extend(samples.get(from..from + self.width).unwrap_or_default().iter().rev());
            }
        }
    }
}

/// Splits LPCM of Blu-ray.
#[derive(Debug, Default)]
pub struct LpcmSplitter {
    packet: Vec<u8>,
    samples: Vec<u8>,
    stamp: Stamp,
    clock: AudioClock,
    format: Option<Format>,
    facts: Option<TrackFacts>,
}

impl LpcmSplitter {
    /// A splitter at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The packet is whole: gives its samples out.
    fn give(&mut self, out: &mut dyn Output) {
        let Some((head, body)) = self.packet.split_first_chunk::<HEAD>() else { return };
        let size = usize::from(u16::from_be_bytes([head[0], head[1]]));
        let format = Format::parse(*head);
        // A track has one format: what is in another one cannot be told from noise.
        let Some(format) = format.filter(|format| self.format.is_none_or(|first| first == *format)) else {
            return self.clock.gap();
        };
        let body = body.get(..size).unwrap_or(body);
        let count = (body.len() / format.stride()) as u32;
        if count == 0 {
            return;
        }
        self.samples.clear();
        format.convert(body, &mut self.samples);
        self.format = Some(format);
        self.facts.get_or_insert_with(|| {
            let audio = Audio {
                sample_rate: format.rate,
                channels: format.channels(),
                bit_depth: Some(8 * format.width as u8),
                frame_samples: Some(count),
                atmos: false,
            };
            TrackFacts::of_audio(Codec::Pcm, audio)
        });
        if let Some(audio) = self.facts.as_mut().and_then(|facts| facts.audio.as_mut()) {
            // The last packet of a clip may be shorter than the others.
            audio.frame_samples = audio.frame_samples.filter(|samples| count <= *samples);
        }
        let stamp = std::mem::take(&mut self.stamp);
        let unit = Unit { track: MAIN, bytes: &self.samples, stamp, samples: count, rate: format.rate, key: true };
        self.clock.emit(unit, out);
    }
}

impl Splitter for LpcmSplitter {
    fn start(&mut self, stamp: Stamp, _extension: Option<u8>, _out: &mut dyn Output) {
        self.packet.clear();
        self.stamp = stamp;
    }

    fn payload(&mut self, bytes: &[u8]) {
        let room = LARGEST_PACKET.saturating_sub(self.packet.len());
        self.packet.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    fn end(&mut self, out: &mut dyn Output) {
        self.give(out);
        self.packet.clear();
    }

    fn discontinuity(&mut self, out: &mut dyn Output) {
        self.packet = Vec::new();
        self.samples = Vec::new();
        self.clock.gap();
        self.clock.let_go_before_loss(out);
    }

    fn finish(&mut self, out: &mut dyn Output) {
        self.end(out);
        self.clock.finish(MAIN, out);
    }

    fn memory(&self) -> usize {
        self.packet.capacity() + self.samples.capacity()
    }

    fn facts(&self, track: u8) -> Option<&TrackFacts> {
        self.facts.as_ref().filter(|_| track == MAIN)
    }
}

#[cfg(test)]
#[path = "lpcm_tests.rs"]
mod tests;
