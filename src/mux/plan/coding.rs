//! What the coding of a title's track means for its file.

use super::super::options::Options;
use crate::codec::{Characters, Codec};
use crate::title::model::Track;
use crate::title::streams::StreamId;
use crate::title::{Attributes, Coding, coding};

/// What tells a track's stream from others: its PID, or its stream id with the number in the private stream behind it.
pub(in crate::mux) fn number(track: &Track) -> u16 {
    track.streams.first().map_or(0, StreamId::number)
}

/// The codec of a track, as far as a stream of it may be taken.
pub(in crate::mux) fn codec_of(track: &Track, options: &Options) -> Option<Codec> {
    match track.coding {
        Coding::TextSubtitles => text(&track.attributes).filter(|_| !options.keep_textst).or(Some(Codec::TextSt)),
        coding => coding::codec(coding),
    }
}

/// What text subtitles become where their characters are known here; others stay as the disc has them.
fn text(attributes: &Attributes) -> Option<Codec> {
    match attributes {
        Attributes::Text { characters: 1, .. } => Some(Codec::Text(Characters::Utf8)),
        Attributes::Text { characters: 2, .. } => Some(Codec::Text(Characters::Utf16)),
        _ => None,
    }
}

/// Whether a stream must have told of itself before its track is written.
pub(in crate::mux) fn needs_facts(codec: Codec) -> bool {
    !matches!(codec, Codec::Pgs | Codec::VobSub)
}
