//! A track for the captions that lie in the pictures.

use super::super::options::Options;
use super::tracks::{CORE_NUMBER, Planned};
use crate::codec::subtitle::captions::splitter::Captioned;
use crate::codec::{Characters, Codec};
use crate::matroska::codec_id;
use crate::matroska::element::track::{Flags, Kind};
use crate::title::language;
use crate::title::model::TrackKind;

/// What the track is called: the first channel of line 21.
const NAME: &str = "Captions (CC1)";

/// Adds a track for the captions in the first of the pictures, where that is asked for. Gives a sentence for the plan.
pub(super) fn add(tracks: &mut Vec<Planned>, options: &Options) -> Option<String> {
    if !options.captions {
        return None;
    }
    let pictures = tracks.iter().find(|track| track.kind == TrackKind::Video && !track.secondary)?;
    if !Captioned::reads(pictures.declared) {
        return Some(format!("captions in {} are not read", pictures.codec));
    }
    let codec = Codec::Text(Characters::Utf8);
    let mut track =
        Planned { codec, kind: TrackKind::Subtitle, is_captions: true, enhancement: None, ..pictures.clone() };
    let taken = |stream: u32| tracks.iter().any(|t| t.entry.stream == stream);
    let numbers = (1..).map(|n| pictures.entry.stream.wrapping_add(n * CORE_NUMBER));
    track.entry.stream = numbers.take(1 << 12).find(|s| !taken(*s)).unwrap_or(pictures.entry.stream);
    track.entry.codec_id = codec_id::of(codec).unwrap_or_default().to_owned();
    track.entry.codec_private = Vec::new();
    track.entry.kind = Kind::Subtitle;
    track.entry.default_duration = None;
    track.entry.additions = Vec::new();
    track.entry.name = Some(NAME.to_owned());
    // The language of captions stands nowhere.
    (track.entry.language, track.entry.language_bcp47) = (language::UNDETERMINED.to_owned(), None);
    // They tell of sounds too.
    track.entry.flags = Flags { hearing_impaired: true, ..Flags::default() };
    tracks.push(track);
    Some(format!("captions (CC1) go into track {}, which is not written where there are none", tracks.len()))
}
