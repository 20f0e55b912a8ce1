//! The tracks of a title: the streams that its program chains offer.

use super::super::language;
use super::super::model::{Purpose, Track, TrackKind};
use super::super::streams::{Gathered, Origin, StreamId, Streams};
use super::super::{Attributes, AudioFormat, Coding, Language, VideoFormat};
use crate::dvd::attributes::{AUDIO, AudioAttributes, AudioCoding, SUBPICTURES, StreamAttributes, VideoAttributes};
use crate::dvd::pgc::{Pgc, SubpictureStreams};

const VIDEO: u16 = 0xE0;
const PRIVATE_1: u16 = 0xBD;
const MPEG_AUDIO: u16 = 0xC0;
/// Codes of MPEG rates and shapes, as the tables of Blu-ray have them.
const RATE_25: u8 = 3;
const RATE_30: u8 = 4;
const SHAPE_4_3: u8 = 2;
const SHAPE_16_9: u8 = 3;

/// The tracks of a title; `chains` names of each part the chain that plays it.
pub(super) fn tracks(
    streams: &StreamAttributes,
    chains: &[Pgc],
    parts: &[usize],
    problems: &mut Vec<String>,
) -> Vec<Track> {
    let mut tracks = vec![video(&streams.video, parts.len())];
    let of_part = |part: usize| parts.get(part).and_then(|chain| chains.get(*chain));
    // Discs exist whose chains name no stream at all, and play.
    let names_any = chains.iter().any(|pgc| pgc.audio.iter().any(Option::is_some));
    for number in 0..AUDIO {
        let place = |part: usize| {
            let stream = of_part(part)?.audio.get(number)?;
            if names_any { *stream } else { u8::try_from(number).ok().filter(|_| number < streams.audio.len()) }
        };
        let Some(attributes) = streams.audio.get(number) else {
            if (0..parts.len()).any(|part| place(part).is_some()) {
                problems.push(format!("audio {} is left out: the tables do not say what it is", number + 1));
            }
            continue;
        };
        let Some((coding, id)) = audio_id(attributes.coding) else {
            let coding = match attributes.coding {
                AudioCoding::Unknown(number) => format!(" ({number})"),
                _ => String::new(),
            };
            problems.push(format!("audio {} is left out: its coding{coding} is not known", number + 1));
            continue;
        };
        let streams = gather(parts.len(), |part| place(part).map(&id));
        add(&mut tracks, audio(attributes, coding, streams), number, problems);
    }
    for number in 0..SUBPICTURES.min(streams.subpictures.len()) {
        let Some(attributes) = streams.subpictures.get(number) else { continue };
        let shown = |of: SubpictureStreams| if streams.video.is_wide { of.wide } else { of.normal };
        let found = |part: usize| of_part(part)?.subpictures.get(number).copied().flatten();
        let id = |stream: u8| StreamId { origin: Origin::Main, id: PRIVATE_1, sub_id: Some(0x20 + stream) };
        let gathered = gather(parts.len(), |part| found(part).map(|of| id(shown(of))));
        let Some(palette) = (0..parts.len()).find_map(|part| found(part).and(of_part(part))).map(|pgc| &pgc.palette)
        else {
            continue;
        };
        if (0..parts.len()).filter_map(of_part).any(|pgc| &pgc.palette != palette) {
            problems.push(format!("sub-picture {}: its colours change; those of its first chain are kept", number + 1));
        }
        let track = Track {
            kind: TrackKind::Subtitle,
            coding: Coding::VobSub,
            attributes: Attributes::Graphics { language: Language::default() },
            language: code(attributes.language),
            secondary: false,
            purpose: subtitle_purpose(attributes.extension),
            private: index(palette).into(),
            streams: gathered,
            enhancement: None,
        };
        add(&mut tracks, track, number, problems);
    }
    tracks
}

/// Which sub-pictures have other streams for displays of 4:3, a sentence for all; the tracks are those for the shape of
/// the title.
pub(super) fn variants(streams: &StreamAttributes, chains: &[Pgc]) -> Vec<String> {
    let all = || chains.iter().flat_map(|pgc| pgc.subpictures.iter().flatten());
    if !streams.video.is_wide {
        return Vec::new();
    }
    let mut others: Vec<u8> = all().flat_map(|of| [of.letterbox, of.pan_scan]).collect();
    others.retain(|stream| all().all(|of| of.wide != *stream));
    others.sort_unstable();
    others.dedup();
    if others.is_empty() {
        return Vec::new();
    }
    let names: Vec<String> = others.iter().map(|stream| format!("BD{:02X}", 0x20 + stream)).collect();
    vec![format!("sub-pictures for displays of 4:3 are left out: stream {}", names.join(", "))]
}

/// Adds a track, if no other is the same streams.
fn add(tracks: &mut Vec<Track>, track: Track, number: usize, problems: &mut Vec<String>) {
    if track.streams.first().is_none() {
        return;
    }
    let Some(same) = tracks.iter().position(|other| other.streams == track.streams) else { return tracks.push(track) };
    let kind = if track.kind == TrackKind::Audio { "audio" } else { "sub-picture" };
    let Some(other) = tracks.get_mut(same) else { return };
    let language = track.language.unwrap_or(language::UNDETERMINED);
    // What one of both names says, the other does not deny.
    other.language = other.language.or(track.language);
    problems.push(format!("{kind} {} ({language}) is the stream of track {}", number + 1, same + 1));
}

/// The streams of all parts.
fn gather(parts: usize, stream: impl Fn(usize) -> Option<StreamId>) -> Streams {
    let mut gathered = Gathered::default();
    (0..parts).for_each(|part| {
        if let Some(stream) = stream(part) {
            gathered.add(part, stream);
        }
    });
    gathered.finish()
}

fn video(attributes: &VideoAttributes, parts: usize) -> Track {
    let format = match attributes.height {
        240 => VideoFormat::P240,
        288 => VideoFormat::P288,
        576 => VideoFormat::I576,
        _ => VideoFormat::I480,
    };
    let rate = if attributes.is_pal { RATE_25 } else { RATE_30 };
    let aspect = Some(if attributes.is_wide { SHAPE_16_9 } else { SHAPE_4_3 });
    Track {
        kind: TrackKind::Video,
        coding: if attributes.is_mpeg2 { Coding::Mpeg2Video } else { Coding::Mpeg1Video },
        attributes: Attributes::Video { format, rate, aspect, range: None },
        language: None,
        secondary: false,
        purpose: Purpose::default(),
        private: [].into(),
        streams: gather(parts, |_| Some(StreamId { origin: Origin::Main, id: VIDEO, sub_id: None })),
        enhancement: None,
    }
}

/// The coding of a stream, and its ids by its number.
fn audio_id(coding: AudioCoding) -> Option<(Coding, impl Fn(u8) -> StreamId)> {
    let (coding, id, first) = match coding {
        AudioCoding::Ac3 => (Coding::Ac3, PRIVATE_1, 0x80),
        AudioCoding::Dts => (Coding::Dts, PRIVATE_1, 0x88),
        AudioCoding::Lpcm => (Coding::DvdLpcm, PRIVATE_1, 0xA0),
        AudioCoding::Mpeg1 => (Coding::Mpeg1Audio, MPEG_AUDIO, 0),
        AudioCoding::Mpeg2 => (Coding::Mpeg2Audio, MPEG_AUDIO, 0),
        AudioCoding::Unknown(_) => return None,
    };
    let id = move |number: u8| match id {
        PRIVATE_1 => StreamId { origin: Origin::Main, id, sub_id: Some(first + number) },
        _ => StreamId { origin: Origin::Main, id: id + u16::from(number), sub_id: None },
    };
    Some((coding, id))
}

fn audio(attributes: &AudioAttributes, coding: Coding, streams: Streams) -> Track {
    let format = match attributes.channels {
        1 => AudioFormat::Mono,
        2 => AudioFormat::Stereo,
        _ => AudioFormat::MultiChannel,
    };
    let rate = if attributes.rate == 96_000 { 4 } else { 1 };
    Track {
        kind: TrackKind::Audio,
        coding,
        attributes: Attributes::Audio { format, rate, language: Language::default() },
        language: code(attributes.language),
        secondary: false,
        purpose: Purpose {
            commentary: matches!(attributes.extension, 3 | 4),
            visual_impaired: attributes.extension == 2,
            ..Purpose::default()
        },
        private: [].into(),
        streams,
        enhancement: None,
    }
}

fn subtitle_purpose(extension: u8) -> Purpose {
    Purpose {
        commentary: matches!(extension, 13..=15),
        hearing_impaired: matches!(extension, 5..=7),
        forced: extension == 9,
        ..Purpose::default()
    }
}

fn code(letters: Option<[u8; 2]>) -> Option<&'static str> {
    letters.and_then(|letters| language::bibliographic(std::str::from_utf8(&letters).ok()?))
}

/// What a decoder needs beforehand beside the size of the picture, in the words of an index file: the colours.
fn index(palette: &[[u8; 4]; 16]) -> Vec<u8> {
    let colours: Vec<String> = palette.iter().map(|colour| format!("{:06x}", rgb(*colour))).collect();
    format!("palette: {}\n", colours.join(", ")).into_bytes()
}

/// Red, green and blue of a colour in the order 0, Y, Cr, Cb, black at 16 and white at 235 (ITU-R BT.601).
fn rgb([_, y, cr, cb]: [u8; 4]) -> u32 {
    // In thousandths.
    let (y, cr, cb) = (1164 * (i32::from(y) - 16), i32::from(cr) - 128, i32::from(cb) - 128);
    let channels = [y + 1596 * cr, y - 813 * cr - 392 * cb, y + 2017 * cb];
    channels.iter().fold(0, |rgb, channel| rgb << 8 | ((channel + 500) / 1000).clamp(0, 255).unsigned_abs())
}

#[cfg(test)]
#[path = "tracks_tests.rs"]
mod tests;
