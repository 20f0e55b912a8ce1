//! What a container must know of a track, whatever the codec.

use super::dolby_vision::DolbyVision;
use super::name::Codec;

/// A fraction of two positive numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rational {
    /// Above the line.
    pub num: u32,
    /// Below the line, not 0.
    pub den: u32,
}

impl Rational {
    /// The same number in lowest terms.
    #[must_use]
    pub fn reduced(self) -> Self {
        let (mut a, mut b) = (self.num, self.den);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let divisor = a.max(1);
        Self { num: self.num / divisor, den: self.den / divisor }
    }
}

/// Colour of a video track in the code points of ITU-T H.273; 2 is "unspecified" there and absent here.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Colour {
    /// Colour primaries.
    pub primaries: Option<u8>,
    /// Transfer characteristics: 16 PQ, 18 HLG.
    pub transfer: Option<u8>,
    /// Matrix coefficients.
    pub matrix: Option<u8>,
    /// `true`: full range, `false`: limited range.
    pub full_range: Option<bool>,
    /// Chroma sample location type 0–5 (H.265 figure E.1): 0 left, 2 top left.
    pub chroma_location: Option<u8>,
}

/// Mastering display colour volume (SMPTE ST 2086).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MasteringDisplay {
    /// x, y of red, green and blue, in units of 0.00002.
    pub primaries: [(u16, u16); 3],
    /// x, y of the white point, in units of 0.00002.
    pub white: (u16, u16),
    /// In units of 0.0001 cd/m².
    pub max_luminance: u32,
    /// In units of 0.0001 cd/m².
    pub min_luminance: u32,
}

/// Facts of a video track.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Video {
    /// Pixels after cropping.
    pub width: u32,
    /// Pixels of a frame (of both fields) after cropping.
    pub height: u32,
    /// Width to height of one pixel; `None` when the stream does not say.
    pub sample_aspect: Option<Rational>,
    /// Frames a second where the stream declares it.
    pub frame_rate: Option<Rational>,
    /// Whether frames may be coded as fields.
    pub interlaced: bool,
    /// Of an interlaced track, where known: the top field comes first.
    pub top_field_first: Option<bool>,
    /// Bits a sample of luma.
    pub bit_depth: u8,
    /// Colour description.
    pub colour: Colour,
    /// HDR10: the display it was mastered on.
    pub mastering: Option<MasteringDisplay>,
    /// HDR10: MaxCLL and MaxFALL, cd/m².
    pub light_level: Option<(u16, u16)>,
    /// HEVC: what the stream carries of Dolby Vision.
    pub dolby_vision: Option<DolbyVision>,
    /// HEVC: the stream carries HDR10+ metadata.
    pub hdr10_plus: bool,
}

/// Facts of an audio track.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Audio {
    /// Samples a second.
    pub sample_rate: u32,
    /// Channels, the low-frequency one counted.
    pub channels: u8,
    /// Bits a sample, where that means anything.
    pub bit_depth: Option<u8>,
    /// Samples of a frame, where all have the same number.
    pub frame_samples: Option<u32>,
    /// Dolby Atmos objects are there.
    pub atmos: bool,
}

/// Facts of a subtitle track.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Subtitle {
    /// Size of the picture it is drawn for.
    pub width: u32,
    /// Size of the picture it is drawn for.
    pub height: u32,
}

/// What a container must know of a track.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrackFacts {
    /// The codec.
    pub codec: Codec,
    /// Matroska's CodecPrivate; empty for none.
    pub private: Vec<u8>,
    /// Set for video.
    pub video: Option<Video>,
    /// Set for audio.
    pub audio: Option<Audio>,
    /// Set for subtitles.
    pub subtitle: Option<Subtitle>,
}

impl TrackFacts {
    pub(crate) fn of_audio(codec: Codec, audio: Audio) -> Self {
        Self { codec, private: Vec::new(), video: None, audio: Some(audio), subtitle: None }
    }

    pub(crate) fn of_video(codec: Codec, private: Vec<u8>, video: Video) -> Self {
        Self { codec, private, video: Some(video), audio: None, subtitle: None }
    }

    /// Of a stream that is known by name only, and not split.
    pub(crate) fn of_name(codec: Codec) -> Self {
        Self { codec, private: Vec::new(), video: None, audio: None, subtitle: None }
    }

    /// How long a frame lasts by what the stream declares, as a fraction of a second: of audio the samples of a
    /// frame over the rate, of video the inverse of the frame rate.
    #[must_use]
    pub fn frame_duration(&self) -> Option<Rational> {
        let audio = self.audio.and_then(|a| Some(Rational { num: a.frame_samples?, den: a.sample_rate }));
        let video = self.video.as_ref().and_then(|v| v.frame_rate).map(|r| Rational { num: r.den, den: r.num });
        audio.or(video)
    }
}
