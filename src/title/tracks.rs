//! The tracks of a title: all that any of its play items offers.

use super::language;
use super::model::{Source, Track, TrackKind};
use crate::bluray::clpi::Clip;
use crate::bluray::stn::{Origin, Stream, Streams};
use crate::bluray::stream_info::{Kind, Language};

/// Most tracks of a title: players know numbers up to 255 of subtitles, 32 of sound.
const TRACK_LIMIT: usize = 512;

/// Adds the streams that part number `part` offers; a stream that an earlier part has too (same PID, coding,
/// language and source) becomes the same track.
pub(super) fn add(tracks: &mut Vec<Track>, streams: &Streams, part: usize, clip: Option<&Clip>) {
    let lists = [
        (&streams.video, TrackKind::Video, false),
        (&streams.secondary_video, TrackKind::Video, true),
        (&streams.audio, TrackKind::Audio, false),
        (&streams.secondary_audio, TrackKind::Audio, true),
        (&streams.subtitles, TrackKind::Subtitle, false),
        (&streams.picture_in_picture_subtitles, TrackKind::Subtitle, true),
    ];
    for (list, kind, secondary) in lists {
        for stream in list {
            let Some(track) = track(stream, kind, secondary, clip) else { continue };
            let same = |t: &&mut Track| {
                (t.pid, t.coding, t.language, t.source, t.kind, t.secondary)
                    == (track.pid, track.coding, track.language, track.source, kind, secondary)
            };
            let full = tracks.len() >= TRACK_LIMIT;
            match tracks.iter_mut().find(same) {
                Some(known) if known.parts.last() != Some(&part) => known.parts.push(part),
                Some(_) => {}
                None if full => {}
                None => tracks.push(Track { parts: vec![part], ..track }),
            }
        }
    }
}

/// Video first, then sound, then subtitles; primary ones before secondary ones; else as they came.
pub(super) fn sort(tracks: &mut [Track]) {
    tracks.sort_by_key(|t| (t.kind, t.secondary));
}

fn track(stream: &Stream, kind: TrackKind, secondary: bool, clip: Option<&Clip>) -> Option<Track> {
    let source = match stream.origin {
        Origin::Clip | Origin::InMux { .. } => Source::Clip,
        Origin::SubPath { path, .. } => Source::SubPath(path),
        Origin::Unknown(_) => return None,
    };
    let info = stream.info;
    if info.coding.kind() == Kind::Unknown {
        return None;
    }
    let code = |l: Language| l.code().filter(|code| code != language::UNDETERMINED);
    let told = info.attributes.language().and_then(code);
    // What the playlist leaves open, the clip may know.
    let by_clip = || clip?.stream(stream.pid)?.info.attributes.language().and_then(code);
    let language = told.or_else(by_clip).and_then(|code| language::bibliographic(&code));
    let (pid, coding, attributes) = (stream.pid, info.coding, info.attributes);
    Some(Track { kind, pid, source, coding, attributes, language, secondary, parts: Vec::new() })
}
