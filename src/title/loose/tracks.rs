//! Tracks by the lines of a stream table.

use super::super::model::{Purpose, Track, TrackKind};
use super::super::streams::{Origin, StreamId, Streams};
use super::super::{Attributes, AudioFormat, Coding, Kind, Language, VideoFormat, language};
use crate::demux::psi::ElementaryStream;

/// The track that a line of the stream table is; `None` where that is nothing to be seen or heard.
pub(super) fn track(stream: &ElementaryStream) -> Option<Track> {
    let coding = coding(stream);
    let language = Language(stream.language.unwrap_or_default());
    let kind = match coding.kind() {
        _ if coding == Coding::InteractiveGraphics => return None,
        Kind::Video => TrackKind::Video,
        Kind::Audio => TrackKind::Audio,
        Kind::Graphics | Kind::Text => TrackKind::Subtitle,
        Kind::Unknown => unknown(stream)?,
    };
    let attributes = match (kind, coding.kind()) {
        (TrackKind::Video, _) => {
            Attributes::Video { format: VideoFormat::Unknown(0), rate: 0, aspect: None, range: None }
        }
        (TrackKind::Audio, _) => Attributes::Audio { format: AudioFormat::Unknown(0), rate: 0, language },
        (TrackKind::Subtitle, Kind::Text) => Attributes::Text { characters: 0, language },
        (TrackKind::Subtitle, _) => Attributes::Graphics { language },
    };
    let code = language.code().filter(|code| code != language::UNDETERMINED);
    Some(Track {
        kind,
        coding,
        attributes,
        language: code.and_then(|code| language::bibliographic(&code)),
        secondary: false,
        purpose: Purpose::default(),
        private: [].into(),
        streams: Streams::of_one_part(StreamId::pid(Origin::Main, stream.pid)),
        enhancement: None,
    })
}

/// What a stream is by its type, and where that leaves it open, by its descriptors.
fn coding(stream: &ElementaryStream) -> Coding {
    let has = |tag: u8| stream.descriptors.contains(&tag);
    match (stream.stream_type, stream.registration.as_ref()) {
        // Private data, as European broadcasts have it (ETSI EN 300 468): by a descriptor of its own, or by who
        // registered it.
        (0x06, _) if has(0x6A) => Coding::Ac3,
        (0x06, _) if has(0x7A) => Coding::Eac3,
        (0x06, _) if has(0x7B) || stream.extensions.iter().any(|tag| matches!(tag, 0x0E | 0x21)) => Coding::Dts,
        (0x06, Some(b"AC-3")) => Coding::Ac3,
        (0x06, Some(b"EAC3")) => Coding::Eac3,
        (0x06, Some(b"HEVC")) => Coding::Hevc,
        (0x06, Some(b"VC-1")) => Coding::Vc1,
        (0x06, Some(b"DTS1" | b"DTS2" | b"DTS3" | b"DTSH")) => Coding::Dts,
        // As American ones have it.
        (0x87, _) => Coding::Eac3,
        (0x8A, _) => Coding::Dts,
        (byte, _) => Coding::from_byte(byte),
    }
}

/// What a stream that cannot be taken is for, so that it is named: other sound, teletext and subtitles of broadcasts.
fn unknown(stream: &ElementaryStream) -> Option<TrackKind> {
    match stream.stream_type {
        0x0F | 0x11 | 0x1C => Some(TrackKind::Audio),
        0x06 if stream.descriptors.iter().any(|tag| matches!(tag, 0x56 | 0x59)) => Some(TrackKind::Subtitle),
        0x06 if stream.descriptors.contains(&0x7C) => Some(TrackKind::Audio),
        0x10 | 0x42 | 0xD1 | 0xD2 => Some(TrackKind::Video),
        _ => None,
    }
}
