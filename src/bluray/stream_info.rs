//! What playlists and clips say of a stream: coding, format, language.

use std::fmt;

use super::TableError;
use super::cursor::Cursor;

/// Codings (`stream_coding_type`), equal to the stream type in the transport stream's program map.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Coding {
    /// MPEG-1 video (0x01).
    Mpeg1Video,
    /// MPEG-2 video (0x02).
    Mpeg2Video,
    /// MPEG-1 audio (0x03).
    Mpeg1Audio,
    /// MPEG-2 audio (0x04).
    Mpeg2Audio,
    /// AVC video (0x1B).
    Avc,
    /// The dependent view of MVC video (0x20).
    Mvc,
    /// HEVC video (0x24).
    Hevc,
    /// VC-1 video (0xEA).
    Vc1,
    /// LPCM audio (0x80).
    Lpcm,
    /// AC-3 audio (0x81).
    Ac3,
    /// DTS audio (0x82).
    Dts,
    /// TrueHD audio with an AC-3 core on the same PID (0x83).
    TrueHd,
    /// E-AC-3 audio (0x84).
    Eac3,
    /// DTS-HD High Resolution audio (0x85).
    DtsHdHighResolution,
    /// DTS-HD Master Audio (0x86).
    DtsHdMaster,
    /// E-AC-3 as secondary audio (0xA1).
    Eac3Secondary,
    /// DTS Express as secondary audio (0xA2).
    DtsExpress,
    /// Presentation graphics: subtitles (0x90).
    Pgs,
    /// Interactive graphics: menus (0x91).
    InteractiveGraphics,
    /// Text subtitles (0x92).
    TextSubtitles,
    /// LPCM audio as DVDs have it; no Blu-ray does.
    DvdLpcm,
    /// Sub-pictures of DVDs; no Blu-ray has any.
    VobSub,
    /// None of those.
    Unknown(u8),
}

impl Coding {
    /// The coding of a number.
    #[must_use]
    pub fn from_byte(byte: u8) -> Self {
        match byte {
            0x01 => Self::Mpeg1Video,
            0x02 => Self::Mpeg2Video,
            0x03 => Self::Mpeg1Audio,
            0x04 => Self::Mpeg2Audio,
            0x1b => Self::Avc,
            0x20 => Self::Mvc,
            0x24 => Self::Hevc,
            0xea => Self::Vc1,
            0x80 => Self::Lpcm,
            0x81 => Self::Ac3,
            0x82 => Self::Dts,
            0x83 => Self::TrueHd,
            0x84 => Self::Eac3,
            0x85 => Self::DtsHdHighResolution,
            0x86 => Self::DtsHdMaster,
            0xa1 => Self::Eac3Secondary,
            0xa2 => Self::DtsExpress,
            0x90 => Self::Pgs,
            0x91 => Self::InteractiveGraphics,
            0x92 => Self::TextSubtitles,
            other => Self::Unknown(other),
        }
    }

    /// What kind of stream it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Mpeg1Video | Self::Mpeg2Video | Self::Avc | Self::Mvc | Self::Hevc | Self::Vc1 => Kind::Video,
            Self::Pgs | Self::InteractiveGraphics | Self::VobSub => Kind::Graphics,
            Self::TextSubtitles => Kind::Text,
            Self::Unknown(_) => Kind::Unknown,
            _ => Kind::Audio,
        }
    }
}

/// Kinds of streams.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// Pictures.
    Video,
    /// Sound.
    Audio,
    /// Subtitles or menus as pictures.
    Graphics,
    /// Subtitles as text.
    Text,
    /// Nothing that is known.
    Unknown,
}

/// Size and scan of a video stream (`video_format`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum VideoFormat {
    /// 720x480, interlaced (1).
    I480,
    /// 720x576, interlaced (2).
    I576,
    /// 720x480, progressive (3).
    P480,
    /// 1920x1080, interlaced (4).
    I1080,
    /// 1280x720, progressive (5).
    P720,
    /// 1920x1080, progressive (6).
    P1080,
    /// 720x576, progressive (7).
    P576,
    /// 3840x2160, progressive (8).
    P2160,
    /// 352x240, of DVDs alone.
    P240,
    /// 352x288, likewise.
    P288,
    /// None of those.
    Unknown(u8),
}

impl VideoFormat {
    fn from_nibble(nibble: u8) -> Self {
        match nibble {
            1 => Self::I480,
            2 => Self::I576,
            3 => Self::P480,
            4 => Self::I1080,
            5 => Self::P720,
            6 => Self::P1080,
            7 => Self::P576,
            8 => Self::P2160,
            other => Self::Unknown(other),
        }
    }

    /// Lines of a picture.
    #[must_use]
    pub fn lines(self) -> Option<u32> {
        match self {
            Self::I480 | Self::P480 => Some(480),
            Self::I576 | Self::P576 => Some(576),
            Self::P720 => Some(720),
            Self::I1080 | Self::P1080 => Some(1080),
            Self::P2160 => Some(2160),
            Self::P240 => Some(240),
            Self::P288 => Some(288),
            Self::Unknown(_) => None,
        }
    }

    /// Whether pictures are made of two fields.
    #[must_use]
    pub fn is_interlaced(self) -> bool {
        matches!(self, Self::I480 | Self::I576 | Self::I1080)
    }
}

/// `1080p`, `576i`.
impl fmt::Display for VideoFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.lines() {
            Some(lines) => write!(f, "{lines}{}", if self.is_interlaced() { 'i' } else { 'p' }),
            None => f.write_str("unknown format"),
        }
    }
}

/// Pictures a second (`frame_rate`) as a fraction; `None` for a code that is not known.
#[must_use]
pub fn frame_rate(code: u8) -> Option<(u32, u32)> {
    match code {
        1 => Some((24_000, 1001)),
        2 => Some((24, 1)),
        3 => Some((25, 1)),
        4 => Some((30_000, 1001)),
        6 => Some((50, 1)),
        7 => Some((60_000, 1001)),
        _ => None,
    }
}

/// Dynamic range of an HEVC stream (`dynamic_range_type`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum DynamicRange {
    /// Standard (0).
    Sdr,
    /// HDR10 (1).
    Hdr10,
    /// Dolby Vision (2).
    DolbyVision,
    /// None of those.
    Unknown(u8),
}

/// What only HEVC streams say.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct HevcRange {
    /// Dynamic range.
    pub dynamic_range: DynamicRange,
    /// Colour space as recorded: 1 is BT.709, 2 is BT.2020.
    pub colour_space: u8,
    /// Whether HDR10+ metadata is in the stream.
    pub hdr10_plus: bool,
}

/// Channels of an audio stream (`audio_presentation_type`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AudioFormat {
    /// One channel (1).
    Mono,
    /// Two channels (3).
    Stereo,
    /// More than two (6).
    MultiChannel,
    /// A stereo core, with more channels in the extension (12).
    StereoAndMultiChannel,
    /// None of those.
    Unknown(u8),
}

impl AudioFormat {
    fn from_nibble(nibble: u8) -> Self {
        match nibble {
            1 => Self::Mono,
            3 => Self::Stereo,
            6 => Self::MultiChannel,
            12 => Self::StereoAndMultiChannel,
            other => Self::Unknown(other),
        }
    }
}

/// Samples a second (`sampling_frequency`), the extension's where core and extension differ; `None` for a code
/// that is not known.
#[must_use]
pub fn sampling_rate(code: u8) -> Option<u32> {
    match code {
        1 => Some(48_000),
        4 | 14 => Some(96_000),
        5 | 12 => Some(192_000),
        _ => None,
    }
}

/// A language of ISO 639-2 as three letters; whatever the disc has there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Language(pub [u8; 3]);

impl Language {
    /// The three letters in lower case; `None` where there are no three letters.
    #[must_use]
    pub fn code(self) -> Option<String> {
        let letters = self.0.iter().all(u8::is_ascii_alphabetic);
        letters.then(|| self.0.iter().map(|b| char::from(b.to_ascii_lowercase())).collect())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code().unwrap_or_else(|| format!("{:02x?}", self.0)))
    }
}

/// What is said of a stream, by its kind.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Attributes {
    /// Of video.
    Video {
        /// Size and scan.
        format: VideoFormat,
        /// Code of the frame rate; see [`frame_rate`].
        rate: u8,
        /// Code of the shape: 2 is 4:3, 3 is 16:9; clips say it, playlists do not.
        aspect: Option<u8>,
        /// Dynamic range and colours, of HEVC.
        range: Option<HevcRange>,
    },
    /// Of audio.
    Audio {
        /// Channels.
        format: AudioFormat,
        /// Code of the sampling rate; see [`sampling_rate`].
        rate: u8,
        /// Language.
        language: Language,
    },
    /// Of subtitles and menus as pictures.
    Graphics {
        /// Language.
        language: Language,
    },
    /// Of text subtitles.
    Text {
        /// Code of the character set: 1 UTF-8, 2 UTF-16BE, 3 Shift JIS, 4 EUC-KR, 5 GB 18030, 6 GB 2312, 7 Big5.
        characters: u8,
        /// Language.
        language: Language,
    },
    /// Nothing, of a coding that is not known.
    None,
}

impl Attributes {
    /// The language, where the stream has one.
    #[must_use]
    pub fn language(&self) -> Option<Language> {
        match self {
            Self::Audio { language, .. } | Self::Graphics { language } | Self::Text { language, .. } => Some(*language),
            Self::Video { .. } | Self::None => None,
        }
    }
}

/// Coding and attributes of a stream.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct StreamInfo {
    /// Coding.
    pub coding: Coding,
    /// What is said of it.
    pub attributes: Attributes,
}

/// Which table the attributes stand in: the layouts differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Within {
    Playlist,
    Clip,
}

/// The block of attributes that begins with its length.
pub(super) fn parse(c: &mut Cursor<'_>, within: Within) -> Result<StreamInfo, TableError> {
    let mut block = c.block_u8("stream attributes")?;
    let coding = Coding::from_byte(block.u8()?);
    let attributes = match coding.kind() {
        Kind::Video => video(&mut block, coding, within)?,
        Kind::Audio => {
            let byte = block.u8()?;
            let language = Language(block.array()?);
            Attributes::Audio { format: AudioFormat::from_nibble(byte >> 4), rate: byte & 15, language }
        }
        Kind::Graphics => Attributes::Graphics { language: Language(block.array()?) },
        Kind::Text => Attributes::Text { characters: block.u8()?, language: Language(block.array()?) },
        Kind::Unknown => Attributes::None,
    };
    Ok(StreamInfo { coding, attributes })
}

fn video(block: &mut Cursor<'_>, coding: Coding, within: Within) -> Result<Attributes, TableError> {
    let byte = block.u8()?;
    let (format, rate) = (VideoFormat::from_nibble(byte >> 4), byte & 15);
    // In clips the aspect comes between.
    let aspect = match within {
        Within::Clip => Some(block.u8()? >> 4),
        Within::Playlist => None,
    };
    let range = if coding == Coding::Hevc && block.remaining() >= 2 {
        let (colours, flags) = (block.u8()?, block.u8()?);
        let dynamic_range = match colours >> 4 {
            0 => DynamicRange::Sdr,
            1 => DynamicRange::Hdr10,
            2 => DynamicRange::DolbyVision,
            other => DynamicRange::Unknown(other),
        };
        let plus = match within {
            Within::Playlist => 0x40,
            Within::Clip => 0x80,
        };
        Some(HevcRange { dynamic_range, colour_space: colours & 15, hdr10_plus: flags & plus != 0 })
    } else {
        None
    };
    Ok(Attributes::Video { format, rate, aspect, range })
}
