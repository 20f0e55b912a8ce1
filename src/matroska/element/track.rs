//! What a track is, and its TrackEntry (RFC 9559, section 5.1.4.1).

use crate::base::time::Nanoseconds;
use crate::matroska::ebml::{put_binary, put_float, put_master, put_text, put_uint};
use crate::matroska::ids;

/// One track of the file to be written.
#[derive(Clone, PartialEq, Debug)]
pub struct Track {
    /// The number of the stream on the disc (its PID, say). The TrackUID comes from it, so it must be
    /// another for each track; leaving a track out then changes no other's UID.
    pub stream: u32,
    /// Matroska's name for the codec, like `A_AC3`.
    pub codec_id: String,
    /// CodecPrivate; empty: the element is left out.
    pub codec_private: Vec<u8>,
    /// What kind of track, with what only that kind has.
    pub kind: Kind,
    /// How long a frame lasts, when all last as long.
    pub default_duration: Option<Nanoseconds>,
    /// A name for people.
    pub name: Option<String>,
    /// ISO 639-2/B, three letters; anything else is written as `und`.
    pub language: String,
    /// BCP 47. Players that know this element take it in place of `language`.
    pub language_bcp47: Option<String>,
    /// What the track is for.
    pub flags: Flags,
    /// Frames are stored compressed with zlib (RFC 1950). For subtitles with bitmaps; never for audio and video.
    pub zlib: bool,
    /// The SOURCE_ID tag, where the frames come from.
    pub source_id: Option<String>,
    /// BlockAdditionMappings, such as a Dolby Vision configuration record.
    pub additions: Vec<Addition>,
}

/// What a track is for. A flag of `false` is written for `default` and `forced` only: for the others RFC 9559
/// gives "no" and "not said" different meanings, and discs do not say no.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Flags {
    /// To be played unless the viewer chooses another.
    pub default: bool,
    /// Shown even when subtitles are off.
    pub forced: bool,
    /// In the language that was filmed.
    pub original: bool,
    /// Somebody talks about the film.
    pub commentary: bool,
    /// For viewers who hear little.
    pub hearing_impaired: bool,
    /// For viewers who see little.
    pub visual_impaired: bool,
}

/// The kind of a track.
#[derive(Clone, PartialEq, Debug)]
pub enum Kind {
    /// Pictures.
    Video(Video),
    /// Sound.
    Audio(Audio),
    /// Subtitles, as text or bitmaps.
    Subtitle,
}

impl Kind {
    /// The TrackType (RFC 9559, section 5.1.4.1.3).
    fn track_type(&self) -> u64 {
        match self {
            Self::Video(_) => 1,
            Self::Audio(_) => 2,
            Self::Subtitle => 17,
        }
    }
}

/// What sound looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Audio {
    /// Samples a second.
    pub rate: u32,
    /// Channels.
    pub channels: u32,
    /// Bits of a sample; PCM needs it.
    pub bit_depth: Option<u32>,
}

/// What pictures look like.
#[derive(Clone, PartialEq, Debug)]
pub struct Video {
    /// Coded width and height.
    pub pixels: (u32, u32),
    /// Width and height to show, in square pixels; `None`: as coded.
    pub display: Option<(u32, u32)>,
    /// How lines make pictures.
    pub scan: Scan,
    /// StereoMode (RFC 9559, section 5.1.4.1.28.3), for more than one view.
    pub stereo_mode: Option<u8>,
    /// Colour, as far as the disc tells it.
    pub colour: Option<Colour>,
}

/// What people call sound of this many channels, where there is but one usual layout of so many.
#[must_use]
pub fn layout_name(channels: u32) -> Option<&'static str> {
    match channels {
        1 => Some("Mono"),
        2 => Some("Stereo"),
        6 => Some("Surround 5.1"),
        8 => Some("Surround 7.1"),
        _ => None,
    }
}

/// How lines make pictures.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Scan {
    /// Nobody says.
    #[default]
    Unknown,
    /// Whole pictures.
    Progressive,
    /// Two fields a picture, and which is shown first if that is known.
    Interlaced(Option<FieldOrder>),
}

/// Which field is shown and stored first (RFC 9559, section 5.1.4.1.28.2). The two values for fields whose lines
/// alternate, 9 and 14, are missing: programs disagree on which of them is which, and use these two for such frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldOrder {
    /// The top field.
    TopFirst = 1,
    /// The bottom field.
    BottomFirst = 6,
}

/// Colour (RFC 9559, section 5.1.4.1.28.16). Absent is better than a guess.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Colour {
    /// Matrix coefficients, the code of ITU-T H.273.
    pub matrix: Option<u8>,
    /// Transfer characteristics, the code of H.273.
    pub transfer: Option<u8>,
    /// Primaries, the code of H.273.
    pub primaries: Option<u8>,
    /// `true`: full range; `false`: broadcast range.
    pub full_range: Option<bool>,
    /// Bits of a component.
    pub bits: Option<u8>,
    /// Pixels dropped per chroma sample kept, across and down: (1, 1) is 4:2:0.
    pub subsampling: Option<(u8, u8)>,
    /// Where chroma samples sit, across (1 left, 2 half) and down (1 top, 2 half).
    pub siting: Option<(u8, u8)>,
    /// Brightest pixel, cd/m².
    pub max_cll: Option<u32>,
    /// Brightest average of a frame, cd/m².
    pub max_fall: Option<u32>,
    /// The display that the film was mastered on.
    pub mastering: Option<Mastering>,
}

/// A mastering display, in the units of SMPTE ST 2086 and of the SEI message that carries it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mastering {
    /// Chromaticity x and y of red, in 0.00002.
    pub red: (u16, u16),
    /// Of green.
    pub green: (u16, u16),
    /// Of blue.
    pub blue: (u16, u16),
    /// Of the white point.
    pub white: (u16, u16),
    /// Most luminance, in 0.0001 cd/m².
    pub luminance_max: u32,
    /// Least luminance, in 0.0001 cd/m².
    pub luminance_min: u32,
}

/// A BlockAdditionMapping whose data belongs to the track as a whole (RFC 9559, section 5.1.4.1.17).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Addition {
    /// BlockAddIDType, usually four letters: `u32::from_be_bytes(*b"dvcC")`.
    pub kind: u32,
    /// BlockAddIDName, as the registry has it.
    pub name: Option<String>,
    /// BlockAddIDExtraData.
    pub data: Vec<u8>,
}

/// Appends the TrackEntry of `track`.
pub(in crate::matroska) fn put_entry(out: &mut Vec<u8>, track: &Track, number: u64, uid: u64) {
    put_master(out, ids::TRACK_ENTRY, |out| {
        put_uint(out, ids::TRACK_NUMBER, number);
        put_uint(out, ids::TRACK_UID, uid);
        put_uint(out, ids::TRACK_TYPE, track.kind.track_type());
        put_flags(out, track.flags);
        put_uint(out, ids::FLAG_LACING, 0);
        if let Some(duration) = track.default_duration.filter(|d| *d > Nanoseconds::ZERO) {
            // As wide whatever it is: when all frames have come it may turn out to be another.
            match u32::try_from(duration.0) {
                Ok(short) => put_binary(out, ids::DEFAULT_DURATION, &short.to_be_bytes()),
                Err(_) => put_uint(out, ids::DEFAULT_DURATION, duration.0),
            }
        }
        if let Some(name) = &track.name {
            put_text(out, ids::NAME, name);
        }
        put_text(out, ids::LANGUAGE, three_letters(&track.language));
        if let Some(language) = &track.language_bcp47 {
            put_text(out, ids::LANGUAGE_BCP47, language);
        }
        put_text(out, ids::CODEC_ID, &track.codec_id);
        if !track.codec_private.is_empty() {
            put_binary(out, ids::CODEC_PRIVATE, &track.codec_private);
        }
        track.additions.iter().for_each(|addition| put_addition(out, addition));
        match &track.kind {
            Kind::Video(video) => put_video(out, video),
            Kind::Audio(audio) => put_audio(out, *audio),
            Kind::Subtitle => {}
        }
        if track.zlib {
            put_zlib(out);
        }
    });
}

fn put_flags(out: &mut Vec<u8>, flags: Flags) {
    put_uint(out, ids::FLAG_DEFAULT, flags.default.into());
    put_uint(out, ids::FLAG_FORCED, flags.forced.into());
    let said = [
        (ids::FLAG_HEARING_IMPAIRED, flags.hearing_impaired),
        (ids::FLAG_VISUAL_IMPAIRED, flags.visual_impaired),
        (ids::FLAG_ORIGINAL, flags.original),
        (ids::FLAG_COMMENTARY, flags.commentary),
    ];
    said.into_iter().filter(|(_, set)| *set).for_each(|(id, _)| put_uint(out, id, 1));
}

fn three_letters(language: &str) -> &str {
    if language.len() == 3 && language.bytes().all(|b| b.is_ascii_lowercase()) { language } else { "und" }
}

fn put_addition(out: &mut Vec<u8>, addition: &Addition) {
    put_master(out, ids::BLOCK_ADDITION_MAPPING, |out| {
        if let Some(name) = &addition.name {
            put_text(out, ids::BLOCK_ADD_ID_NAME, name);
        }
        put_uint(out, ids::BLOCK_ADD_ID_TYPE, addition.kind.into());
        put_binary(out, ids::BLOCK_ADD_ID_EXTRA_DATA, &addition.data);
    });
}

fn put_video(out: &mut Vec<u8>, video: &Video) {
    let (width, height) = video.pixels;
    let (display_width, display_height) = video.display.unwrap_or(video.pixels);
    put_master(out, ids::VIDEO, |out| {
        match video.scan {
            Scan::Unknown => {}
            Scan::Progressive => put_uint(out, ids::FLAG_INTERLACED, 2),
            Scan::Interlaced(order) => {
                put_uint(out, ids::FLAG_INTERLACED, 1);
                if let Some(order) = order {
                    put_uint(out, ids::FIELD_ORDER, order as u64);
                }
            }
        }
        if let Some(mode) = video.stereo_mode {
            put_uint(out, ids::STEREO_MODE, mode.into());
        }
        put_uint(out, ids::PIXEL_WIDTH, width.into());
        put_uint(out, ids::PIXEL_HEIGHT, height.into());
        put_uint(out, ids::DISPLAY_WIDTH, display_width.into());
        put_uint(out, ids::DISPLAY_HEIGHT, display_height.into());
        put_uint(out, ids::DISPLAY_UNIT, 0);
        if let Some(colour) = &video.colour {
            put_colour(out, colour);
        }
    });
}

fn put_colour(out: &mut Vec<u8>, colour: &Colour) {
    let (across, down) = (colour.subsampling.map(|s| s.0), colour.subsampling.map(|s| s.1));
    let (left, top) = (colour.siting.map(|s| s.0), colour.siting.map(|s| s.1));
    let fields = [
        (ids::MATRIX_COEFFICIENTS, colour.matrix.map(u32::from)),
        (ids::BITS_PER_CHANNEL, colour.bits.map(u32::from)),
        (ids::CHROMA_SUBSAMPLING_HORZ, across.map(u32::from)),
        (ids::CHROMA_SUBSAMPLING_VERT, down.map(u32::from)),
        (ids::CHROMA_SITING_HORZ, left.map(u32::from)),
        (ids::CHROMA_SITING_VERT, top.map(u32::from)),
        (ids::RANGE, colour.full_range.map(|full| if full { 2 } else { 1 })),
        (ids::TRANSFER_CHARACTERISTICS, colour.transfer.map(u32::from)),
        (ids::PRIMARIES, colour.primaries.map(u32::from)),
        (ids::MAX_CLL, colour.max_cll),
        (ids::MAX_FALL, colour.max_fall),
    ];
    put_master(out, ids::COLOUR, |out| {
        for (id, value) in fields {
            if let Some(value) = value {
                put_uint(out, id, value.into());
            }
        }
        if let Some(mastering) = &colour.mastering {
            put_mastering(out, mastering);
        }
    });
}

fn put_mastering(out: &mut Vec<u8>, display: &Mastering) {
    // Dividing rounds once, so 34000 becomes the double nearest to 0.68; multiplying by 0.00002 would not.
    let chromaticities = [
        (ids::PRIMARY_R_CHROMATICITY_X, display.red.0),
        (ids::PRIMARY_R_CHROMATICITY_Y, display.red.1),
        (ids::PRIMARY_G_CHROMATICITY_X, display.green.0),
        (ids::PRIMARY_G_CHROMATICITY_Y, display.green.1),
        (ids::PRIMARY_B_CHROMATICITY_X, display.blue.0),
        (ids::PRIMARY_B_CHROMATICITY_Y, display.blue.1),
        (ids::WHITE_POINT_CHROMATICITY_X, display.white.0),
        (ids::WHITE_POINT_CHROMATICITY_Y, display.white.1),
    ];
    put_master(out, ids::MASTERING_METADATA, |out| {
        chromaticities.into_iter().for_each(|(id, value)| put_float(out, id, f64::from(value) / 50_000.0));
        put_float(out, ids::LUMINANCE_MAX, f64::from(display.luminance_max) / 10_000.0);
        put_float(out, ids::LUMINANCE_MIN, f64::from(display.luminance_min) / 10_000.0);
    });
}

fn put_audio(out: &mut Vec<u8>, audio: Audio) {
    put_master(out, ids::AUDIO, |out| {
        put_float(out, ids::SAMPLING_FREQUENCY, audio.rate.into());
        put_uint(out, ids::CHANNELS, audio.channels.into());
        if let Some(bits) = audio.bit_depth {
            put_uint(out, ids::BIT_DEPTH, bits.into());
        }
    });
}

/// Every frame, and nothing else, goes through zlib.
fn put_zlib(out: &mut Vec<u8>) {
    put_master(out, ids::CONTENT_ENCODINGS, |out| {
        put_master(out, ids::CONTENT_ENCODING, |out| {
            put_uint(out, ids::CONTENT_ENCODING_ORDER, 0);
            put_uint(out, ids::CONTENT_ENCODING_SCOPE, 1);
            put_uint(out, ids::CONTENT_ENCODING_TYPE, 0);
            put_master(out, ids::CONTENT_COMPRESSION, |out| put_uint(out, ids::CONTENT_COMP_ALGO, 0));
        });
    });
}
