//! Level 1: elementary streams cut into frames, and what a container must know of them. Bytes in, frames out.
//!
//! A [`Splitter`] takes the payload of PES packets and tells an [`Output`] of each complete frame, whose bytes lie
//! in the splitter; pictures of H.264 and H.265 may be kept without being copied. A track's [`TrackFacts`] appear when the stream has proven
//! them, never from a guess.

mod arena;

pub mod audio;
pub mod dolby_vision;
pub mod facts;
pub mod frame;
pub mod kept;
pub mod name;
pub mod split;
pub mod subtitle;
pub mod video;

pub use arena::Stamp;
pub use facts::{Audio, Colour, MasteringDisplay, Rational, Subtitle, TrackFacts, Video};
pub use frame::{CAPTIONS, CORE, Frame, Lost, MAIN, Payload};
pub use kept::{Kept, Piece};
pub use name::{Characters, Codec};
pub use split::{Enhancement, Output, Splitter};
use subtitle::captions::splitter::Captioned;

/// A splitter for streams declared as `codec`; `None` where there is none. What the stream really is, is in
/// [`TrackFacts::codec`].
#[must_use]
pub fn splitter(codec: Codec) -> Option<Box<dyn Splitter>> {
    Some(match codec {
        Codec::Avc => Box::new(video::nal::h264::H264Splitter::new()),
        Codec::Hevc => Box::new(video::nal::hevc::HevcSplitter::new()),
        Codec::Mpeg1Video | Codec::Mpeg2Video => Box::new(video::mpeg_video::MpegVideoSplitter::new()),
        Codec::Vc1 => Box::new(video::vc1::Vc1Splitter::new()),
        Codec::Ac3 => Box::new(audio::dolby::DolbySplitter::ac3()),
        Codec::Eac3 => Box::new(audio::dolby::DolbySplitter::eac3()),
        Codec::TrueHd => Box::new(audio::dolby::truehd::TrueHdSplitter::new()),
        Codec::Dts | Codec::DtsHdHighResolution | Codec::DtsHdMaster | Codec::DtsLossless | Codec::DtsExpress => {
            Box::new(audio::dts::DtsSplitter::new())
        }
        Codec::Pcm => Box::new(audio::lpcm::LpcmSplitter::new()),
        Codec::DvdPcm => Box::new(audio::lpcm_dvd::DvdLpcmSplitter::new()),
        Codec::Mp2 => Box::new(audio::mp2::Mp2Splitter::new()),
        Codec::Pgs => Box::new(subtitle::pgs::PgsSplitter::new()),
        Codec::VobSub => Box::new(subtitle::vobsub::VobSubSplitter::new()),
        Codec::TextSt => Box::new(subtitle::textst::TextStSplitter::segments()),
        Codec::Text(characters) => Box::new(subtitle::textst::TextStSplitter::text(characters)),
        _ => return None,
    })
}

/// A splitter for a stream declared as `codec` whose enhancement layer is a stream of its own.
#[must_use]
pub fn layered_splitter(codec: Codec) -> Option<Box<dyn Splitter>> {
    match codec {
        Codec::Hevc => Some(Box::new(video::nal::layers::LayeredSplitter::new())),
        _ => None,
    }
}

/// The splitter `pictures` of a stream of this codec, made to give out [`CAPTIONS`] as text too; as it is where nothing is
/// known of captions in such streams.
#[must_use]
pub fn captioned(codec: Codec, pictures: Box<dyn Splitter>) -> Box<dyn Splitter> {
    if Captioned::reads(codec) { Box::new(Captioned::new(codec, pictures)) } else { pictures }
}

#[cfg(test)]
pub(crate) mod recorder;
