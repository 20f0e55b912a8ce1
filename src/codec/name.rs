//! Codecs, and what people call them.

use std::fmt;

/// A codec, independent of any container's name for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Codec {
    /// H.264.
    Avc,
    /// The other eye of a 3D film: the dependent view of H.264 MVC.
    Mvc,
    /// H.265.
    Hevc,
    /// MPEG-1 video.
    Mpeg1Video,
    /// MPEG-2 video.
    Mpeg2Video,
    /// VC-1, advanced profile.
    Vc1,
    /// Dolby Digital.
    Ac3,
    /// Dolby Digital Plus, an AC-3 core with extension among it.
    Eac3,
    /// Dolby TrueHD.
    TrueHd,
    /// Meridian Lossless Packing, which TrueHD came from: DVD-Audio.
    Mlp,
    /// DTS: a core, with no more than extensions inside its own frames.
    Dts,
    /// DTS-HD High Resolution: a core and a lossy extension.
    DtsHdHighResolution,
    /// DTS-HD Master Audio: a core and a lossless extension.
    DtsHdMaster,
    /// DTS-HD Master Audio without a core.
    DtsLossless,
    /// DTS Express.
    DtsExpress,
    /// DTS-UHD (DTS:X Profile 2), which has neither core nor extension of the others.
    DtsUhd,
    /// Uncompressed samples, to be written as signed little-endian integers.
    Pcm,
    /// What a DVD packs uncompressed samples as; they become [`Codec::Pcm`].
    DvdPcm,
    /// MPEG audio layer II.
    Mp2,
    /// Blu-ray subtitles as pictures.
    Pgs,
    /// Text subtitles of Blu-ray as the disc has them.
    TextSt,
    /// Text. Declared: text subtitles of Blu-ray in these characters, which become UTF-8.
    Text(Characters),
    /// DVD subtitles.
    VobSub,
    /// Blu-ray menus: interactive graphics.
    Menu,
}

/// Characters that text is made of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Characters {
    /// UTF-8.
    Utf8,
    /// UTF-16, the upper byte first.
    Utf16,
}

impl Codec {
    /// What people call it; reports have this too.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Avc => "H.264",
            Self::Mvc => "MVC",
            Self::Hevc => "HEVC",
            Self::Mpeg1Video => "MPEG-1",
            Self::Mpeg2Video => "MPEG-2",
            Self::Vc1 => "VC-1",
            Self::Ac3 => "AC-3",
            Self::Eac3 => "E-AC-3",
            Self::TrueHd => "TrueHD",
            Self::Mlp => "MLP",
            Self::Dts => "DTS",
            Self::DtsHdHighResolution => "DTS-HD HR",
            Self::DtsHdMaster | Self::DtsLossless => "DTS-HD MA",
            Self::DtsExpress => "DTS Express",
            Self::DtsUhd => "DTS-UHD",
            Self::Pcm | Self::DvdPcm => "LPCM",
            Self::Mp2 => "MP2",
            Self::Pgs => "PGS",
            Self::TextSt => "TextST",
            Self::Text(_) => "text",
            Self::VobSub => "VobSub",
            Self::Menu => "menu",
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
