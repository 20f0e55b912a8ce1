//! What a title set says of its streams.

use super::TableError;
use super::table::Table;

/// Most audio streams of a title set.
pub const AUDIO: usize = 8;
/// Most sub-picture streams of a title set.
pub const SUBPICTURES: usize = 32;

/// What is said of the video stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VideoAttributes {
    /// Whether it is MPEG-2; else MPEG-1.
    pub is_mpeg2: bool,
    /// Whether it has 625 lines and 25 frames a second; else 525 and 30000/1001.
    pub is_pal: bool,
    /// Whether it is 16:9; else 4:3.
    pub is_wide: bool,
    /// A 4:3 display may show it letterboxed.
    pub letterbox: bool,
    /// A 4:3 display may show its middle.
    pub pan_scan: bool,
    /// Line 21 of field 1 or 2 is in the stream.
    pub captions: bool,
    /// Width in pixels.
    pub width: u32,
    /// Lines of a frame.
    pub height: u32,
}

impl VideoAttributes {
    pub(super) fn read(field: [u8; 2]) -> Self {
        let [a, b] = field;
        let is_pal = a >> 4 & 3 == 1;
        let lines = if is_pal { 576 } else { 480 };
        let (width, height) = match b >> 2 & 3 {
            0 => (720, lines),
            1 => (704, lines),
            2 => (352, lines),
            _ => (352, lines / 2),
        };
        Self {
            is_mpeg2: a >> 6 == 1,
            is_pal,
            is_wide: a >> 2 & 3 == 3,
            letterbox: matches!(a & 3, 0 | 2),
            pan_scan: matches!(a & 3, 0 | 1),
            captions: b & 0xC0 != 0,
            width,
            height,
        }
    }
}

/// Codings of audio.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AudioCoding {
    /// AC-3 (0).
    Ac3,
    /// MPEG-1 layer II (2).
    Mpeg1,
    /// MPEG-2 layer II, whose stream goes on in an extension stream (3).
    Mpeg2,
    /// Samples (4).
    Lpcm,
    /// DTS (6).
    Dts,
    /// None of those.
    Unknown(u8),
}

impl AudioCoding {
    fn new(bits: u8) -> Self {
        match bits {
            0 => Self::Ac3,
            2 => Self::Mpeg1,
            3 => Self::Mpeg2,
            4 => Self::Lpcm,
            6 => Self::Dts,
            other => Self::Unknown(other),
        }
    }
}

/// What is said of an audio stream; channels are not always as said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AudioAttributes {
    /// Coding.
    pub coding: AudioCoding,
    /// Language, two letters of ISO 639; `None` where none is given.
    pub language: Option<[u8; 2]>,
    /// What it is for: 1 the film, 2 for the visually impaired, 3 and 4 the director's comments.
    pub extension: u8,
    /// Samples a second.
    pub rate: u32,
    /// Channels.
    pub channels: u8,
}

impl AudioAttributes {
    fn read(field: [u8; 8]) -> Self {
        let [format, samples, a, b, _, extension, ..] = field;
        Self {
            coding: AudioCoding::new(format >> 5),
            language: language(format >> 2 & 3 == 1, [a, b]),
            extension,
            rate: if samples >> 4 & 3 == 1 { 96_000 } else { 48_000 },
            channels: (samples & 7) + 1,
        }
    }
}

/// What is said of a sub-picture stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SubpictureAttributes {
    /// Language, two letters of ISO 639; `None` where none is given.
    pub language: Option<[u8; 2]>,
    /// What it is for: 1 normal, 2 large, 3 for children, 5 to 7 captions of those kinds, 9 forced, 13 to 15 the director's
    /// comments.
    pub extension: u8,
}

impl SubpictureAttributes {
    fn read(field: [u8; 6]) -> Self {
        let [kind, _, a, b, _, extension] = field;
        Self { language: language(kind & 3 == 1, [a, b]), extension }
    }
}

/// The letters, where there are two, whatever the field before them says of the kind of code.
fn language(is_given: bool, letters: [u8; 2]) -> Option<[u8; 2]> {
    let are_letters = letters.iter().all(u8::is_ascii_alphabetic);
    (is_given || are_letters).then_some(letters.map(|b| b.to_ascii_lowercase())).filter(|_| are_letters)
}

/// The streams of the titles of a set.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StreamAttributes {
    /// The video stream.
    pub video: VideoAttributes,
    /// Audio streams by their logical numbers.
    pub audio: Vec<AudioAttributes>,
    /// Sub-picture streams by their logical numbers.
    pub subpictures: Vec<SubpictureAttributes>,
}

impl StreamAttributes {
    /// Reads the block that begins at byte 0x200 of the file of a title set.
    pub(super) fn read(table: &Table<'_>) -> Result<Self, TableError> {
        let audio = usize::from(table.u16(2)?).min(AUDIO);
        let subpictures = usize::from(table.u16(0x54)?).min(SUBPICTURES);
        Ok(Self {
            video: VideoAttributes::read(table.array(0)?),
            audio: (0..audio).map(|n| table.array(4 + 8 * n).map(AudioAttributes::read)).collect::<Result<_, _>>()?,
            subpictures: (0..subpictures)
                .map(|n| table.array(0x56 + 6 * n).map(SubpictureAttributes::read))
                .collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_format_has_them() {
        let mut block = vec![0u8; 0x200];
        block[..4].copy_from_slice(&[0x5E, 0x84, 0, 2]);
        block[4..12].copy_from_slice(&[0xC4, 0x01, b'F', b'r', 0, 3, 0, 0]);
        block[12..20].copy_from_slice(&[0x80, 0x90 | 5, 0, 0, 0, 1, 0, 0]);
        block[0x55] = 1;
        block[0x56..0x5C].copy_from_slice(&[1, 0, b'd', b'e', 0, 9]);
        let streams = StreamAttributes::read(&Table::new(&block, 0, "").unwrap()).unwrap();
        let v = streams.video;
        assert_eq!((v.is_mpeg2, v.is_pal, v.is_wide, v.width, v.height), (true, true, true, 704, 576));
        assert_eq!((v.letterbox, v.pan_scan, v.captions), (true, false, true));
        let [first, second] = streams.audio[..] else { panic!() };
        assert_eq!((first.coding, first.language, first.extension), (AudioCoding::Dts, Some(*b"fr"), 3));
        assert_eq!((first.rate, first.channels), (48_000, 2));
        assert_eq!((second.coding, second.language, second.rate), (AudioCoding::Lpcm, None, 96_000));
        assert_eq!(streams.subpictures, [SubpictureAttributes { language: Some(*b"de"), extension: 9 }]);
        assert!(StreamAttributes::read(&Table::new(&block[..0x58], 0, "").unwrap()).is_err());
    }
}
