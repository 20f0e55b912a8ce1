//! Level 1: elementary streams cut into frames, and what a container must know of them. Bytes in, frames out.
//!
//! A [`Splitter`] takes the payload of PES packets and tells an [`Output`] of each complete frame, whose bytes lie
//! in the splitter: whoever writes them copies once. A track's [`TrackFacts`] appear when the stream has proven
//! them, never from a guess.

mod annexb;
mod arena;
mod aspect;
mod clock;

pub mod ac3;
pub mod dolby;
pub mod dolby_vision;
pub mod facts;
pub mod h264;
mod h264_sps;
pub mod hevc;
mod hevc_sps;
pub mod layers;
pub mod lpcm;
pub mod lpcm_dvd;
mod mpeg_headers;
pub mod mpeg_video;
mod pace;
pub mod pgs;
mod pictures;
mod rbsp;
mod sets;
pub mod textst;
mod textst_dialog;
mod timeline;
pub mod truehd;
pub mod vc1;
mod vc1_headers;

pub use arena::Stamp;
pub use facts::{Audio, Characters, Codec, Colour, MasteringDisplay, Rational, Subtitle, TrackFacts, Video};

use crate::base::time::Ticks90;

/// Bytes of one frame, as they go into a block.
#[derive(Clone, Copy, Debug)]
pub enum Payload<'a> {
    /// As they are.
    Bytes(&'a [u8]),
    /// NAL units, to be written with a 4-byte length before each. Ranges of `data`, ascending.
    Nals {
        /// The access unit as it came, start codes and all.
        data: &'a [u8],
        /// Where its NAL units lie: first byte, byte behind.
        nals: &'a [(u32, u32)],
        /// Parameter sets that the frame needs and does not bring along, each with its length in front.
        sets: &'a [u8],
        /// The unit in front of which they go.
        sets_at: usize,
    },
}

impl Payload<'_> {
    /// Bytes that [`Payload::append_to`] writes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Nals { nals, sets, .. } => {
                sets.len() + nals.iter().map(|(from, to)| 4 + (to - from) as usize).sum::<usize>()
            }
        }
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends the frame to `out`; the one copy between the demultiplexer and the file.
    pub fn append_to(&self, out: &mut Vec<u8>) {
        match self {
            Self::Bytes(bytes) => out.extend_from_slice(bytes),
            Self::Nals { data, nals, sets, sets_at } => {
                out.reserve(self.len());
                for (n, (from, to)) in nals.iter().enumerate() {
                    if n == *sets_at {
                        out.extend_from_slice(sets);
                    }
                    let unit = data.get(*from as usize..*to as usize).unwrap_or_default();
                    out.extend_from_slice(&(unit.len() as u32).to_be_bytes());
                    out.extend_from_slice(unit);
                }
            }
        }
    }
}

/// One complete frame: an access unit, an audio frame, a display set.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Which track of the stream: [`MAIN`] the stream itself, [`CORE`] the AC-3 inside a TrueHD stream.
    pub track: u8,
    /// The bytes.
    pub payload: Payload<'a>,
    /// Presentation time, unwrapped.
    pub pts: Ticks90,
    /// Decoding time where the stream gave one.
    pub dts: Option<Ticks90>,
    /// How long it lasts. Audio: always. Video: never (the next frame ends it). Subtitles: when known.
    pub duration: Option<Ticks90>,
    /// Decoding can begin here.
    pub key: bool,
    /// No other frame refers to it.
    pub discardable: bool,
    /// Shown before the key frame it follows in the stream, and refers to frames before that one:
    /// to be dropped where the frames before are not there.
    pub leading: bool,
    /// A subtitle whose every object is marked forced.
    pub forced: bool,
}

/// Number of the track that a stream is by itself.
pub const MAIN: u8 = 0;

/// Number of the AC-3 track that a TrueHD stream carries between its own frames.
pub const CORE: u8 = 1;

/// A stretch of a track that is not there. Reported when the next frame is found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lost {
    /// As in [`Frame::track`].
    pub track: u8,
    /// End of the last good frame; `None` when there was none.
    pub from: Option<Ticks90>,
    /// Start of the next one; `None` when the stream ended before.
    pub until: Option<Ticks90>,
}

/// Takes what a splitter finds.
pub trait Output {
    /// A frame is complete.
    fn frame(&mut self, frame: Frame<'_>);

    /// Frames are missing.
    fn lost(&mut self, lost: Lost);
}

/// What comes of the stream that holds a track's enhancement layer, in the order of the calls of a [`Splitter`].
#[derive(Clone, Copy, Debug)]
pub enum Enhancement<'a> {
    /// A packet begins.
    Start(Stamp),
    /// Payload of the packet.
    Payload(&'a [u8]),
    /// The packet is complete.
    End,
    /// Bytes are missing here.
    Discontinuity,
}

/// Cuts one elementary stream into frames. Calls come in the order of the stream:
/// `start`, any number of `payload`, `end`; the next packet. How the payload is cut into slices does not matter.
pub trait Splitter: Send {
    /// A PES packet begins. `extension` is its `stream_id_extension`.
    fn start(&mut self, stamp: Stamp, extension: Option<u8>, out: &mut dyn Output);

    /// Payload of the packet.
    fn payload(&mut self, bytes: &[u8]);

    /// The packet is complete.
    fn end(&mut self, out: &mut dyn Output);

    /// Bytes are missing here: frames that were complete come out, the one under way is dropped, and the next is
    /// one at which decoding can resume.
    fn discontinuity(&mut self, out: &mut dyn Output);

    /// The stream is over: the last frames come out.
    fn finish(&mut self, out: &mut dyn Output);

    /// What is known of a track; `None` until its parameters are proven.
    fn facts(&self, track: u8) -> Option<&TrackFacts>;

    /// Bytes of memory that what waits here takes; [`Splitter::discontinuity`] gives nearly all of it back.
    fn memory(&self) -> usize;

    /// Takes what comes of the stream with the track's enhancement layer. Only splitters of [`layered_splitter`] do
    /// something with it.
    fn enhancement(&mut self, event: Enhancement<'_>, out: &mut dyn Output) {
        let _ = (event, out);
    }

    /// Start of a frame that is complete but waits to know how long it lasts (subtitles).
    fn waiting_since(&self) -> Option<Ticks90> {
        None
    }

    /// Gives the waiting frame out without its duration.
    fn release(&mut self, out: &mut dyn Output) {
        let _ = out;
    }
}

/// A splitter for streams declared as `codec`; `None` where there is none. What the stream really is, is in
/// [`TrackFacts::codec`].
#[must_use]
pub fn splitter(codec: Codec) -> Option<Box<dyn Splitter>> {
    Some(match codec {
        Codec::Avc => Box::new(h264::H264Splitter::new()),
        Codec::Hevc => Box::new(hevc::HevcSplitter::new()),
        Codec::Mpeg1Video | Codec::Mpeg2Video => Box::new(mpeg_video::MpegVideoSplitter::new()),
        Codec::Vc1 => Box::new(vc1::Vc1Splitter::new()),
        Codec::Ac3 => Box::new(dolby::DolbySplitter::ac3()),
        Codec::Eac3 => Box::new(dolby::DolbySplitter::eac3()),
        Codec::TrueHd => Box::new(truehd::TrueHdSplitter::new()),
        Codec::Pcm => Box::new(lpcm::LpcmSplitter::new()),
        Codec::DvdPcm => Box::new(lpcm_dvd::DvdLpcmSplitter::new()),
        Codec::Pgs => Box::new(pgs::PgsSplitter::new()),
        Codec::TextSt => Box::new(textst::TextStSplitter::segments()),
        Codec::Text(characters) => Box::new(textst::TextStSplitter::text(characters)),
        _ => return None,
    })
}

/// A splitter for a stream declared as `codec` whose enhancement layer is a stream of its own.
#[must_use]
pub fn layered_splitter(codec: Codec) -> Option<Box<dyn Splitter>> {
    match codec {
        Codec::Hevc => Some(Box::new(layers::LayeredSplitter::new())),
        _ => None,
    }
}

#[cfg(test)]
pub(crate) mod recorder;
