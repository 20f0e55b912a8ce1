//! Level 1: elementary streams cut into frames, and what a container must know of them. Bytes in, frames out.
//!
//! A [`Splitter`] takes the payload of PES packets and tells an [`Output`] of each complete frame, whose bytes lie
//! in the splitter: whoever writes them copies once. A track's [`TrackFacts`] appear when the stream has proven
//! them, never from a guess.

mod annexb;
mod arena;
mod aspect;
mod clock;
mod crc16;

pub mod ac3;
pub mod dolby;
pub mod dolby_vision;
pub mod dts;
pub mod dts_asset;
pub mod dts_core;
pub mod dts_extension;
mod dts_facts;
mod dts_sync;
pub mod facts;
pub mod frame;
pub mod h264;
mod h264_sps;
pub mod hevc;
mod hevc_sps;
pub mod layers;
pub mod lpcm;
pub mod lpcm_dvd;
pub mod mp2;
mod mpeg_headers;
pub mod mpeg_video;
pub mod name;
mod order;
mod pace;
pub mod pgs;
pub mod pgs_forced;
mod pictures;
mod rbsp;
mod sets;
pub mod split;
pub mod textst;
mod textst_dialog;
mod timeline;
pub mod truehd;
pub mod vc1;
mod vc1_headers;
pub mod vobsub;

pub use arena::Stamp;
pub use facts::{Audio, Colour, MasteringDisplay, Rational, Subtitle, TrackFacts, Video};
pub use frame::{CORE, Frame, Lost, MAIN, Payload};
pub use name::{Characters, Codec};
pub use split::{Enhancement, Output, Splitter};

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
        Codec::Dts | Codec::DtsHdHighResolution | Codec::DtsHdMaster | Codec::DtsLossless | Codec::DtsExpress => {
            Box::new(dts::DtsSplitter::new())
        }
        Codec::Pcm => Box::new(lpcm::LpcmSplitter::new()),
        Codec::DvdPcm => Box::new(lpcm_dvd::DvdLpcmSplitter::new()),
        Codec::Mp2 => Box::new(mp2::Mp2Splitter::new()),
        Codec::Pgs => Box::new(pgs::PgsSplitter::new()),
        Codec::VobSub => Box::new(vobsub::VobSubSplitter::new()),
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
pub(crate) mod dts_fixture;
#[cfg(test)]
pub(crate) mod recorder;
