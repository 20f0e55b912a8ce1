//! Matroska's names of codecs (RFC 9559, section 5.1.4.1.21, and the registry of codec mappings).

use crate::codec::Codec;

/// The CodecID of a codec; `None` for one that is not written to Matroska by itself.
#[must_use]
pub fn of(codec: Codec) -> Option<&'static str> {
    Some(match codec {
        Codec::Avc => "V_MPEG4/ISO/AVC",
        Codec::Hevc => "V_MPEGH/ISO/HEVC",
        Codec::Mpeg1Video => "V_MPEG1",
        Codec::Mpeg2Video => "V_MPEG2",
        Codec::Vc1 => "V_MS/VFW/FOURCC",
        Codec::Ac3 => "A_AC3",
        Codec::Eac3 => "A_EAC3",
        Codec::TrueHd => "A_TRUEHD",
        // What has a core plays wherever DTS does.
        Codec::Dts | Codec::DtsHdHighResolution | Codec::DtsHdMaster => "A_DTS",
        Codec::DtsLossless => "A_DTS/LOSSLESS",
        Codec::DtsExpress => "A_DTS/EXPRESS",
        Codec::Pcm => "A_PCM/INT/LIT",
        Codec::Mp2 => "A_MPEG/L2",
        Codec::Pgs => "S_HDMV/PGS",
        Codec::TextSt => "S_HDMV/TEXTST",
        Codec::Text(_) => "S_TEXT/UTF8",
        Codec::VobSub => "S_VOBSUB",
        Codec::Mvc | Codec::Mlp | Codec::DtsUhd | Codec::DvdPcm | Codec::Menu => return None,
    })
}
