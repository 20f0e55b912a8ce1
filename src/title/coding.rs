//! What a disc's tables call a coding, as a codec.

use crate::bluray::stream_info::Coding;
use crate::codec::Codec;

/// The codec of a coding; `None` for a number that is not known.
#[must_use]
pub fn codec(coding: Coding) -> Option<Codec> {
    Some(match coding {
        Coding::Mpeg1Video => Codec::Mpeg1Video,
        Coding::Mpeg2Video => Codec::Mpeg2Video,
        Coding::Mpeg1Audio | Coding::Mpeg2Audio => Codec::Mp2,
        Coding::Avc => Codec::Avc,
        Coding::Mvc => Codec::Mvc,
        Coding::Hevc => Codec::Hevc,
        Coding::Vc1 => Codec::Vc1,
        Coding::Lpcm => Codec::Pcm,
        Coding::Ac3 => Codec::Ac3,
        Coding::Dts => Codec::Dts,
        Coding::TrueHd => Codec::TrueHd,
        Coding::Eac3 | Coding::Eac3Secondary => Codec::Eac3,
        Coding::DtsHdHighResolution => Codec::DtsHdHighResolution,
        Coding::DtsHdMaster => Codec::DtsHdMaster,
        Coding::DtsExpress => Codec::DtsExpress,
        Coding::Pgs => Codec::Pgs,
        Coding::InteractiveGraphics => Codec::Menu,
        Coding::TextSubtitles => Codec::TextSt,
        Coding::DvdLpcm => Codec::DvdPcm,
        Coding::VobSub => Codec::VobSub,
        Coding::Unknown(_) => return None,
    })
}
