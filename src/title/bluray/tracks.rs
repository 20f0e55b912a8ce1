//! The tracks of a title: all that any of its play items offers.

use std::collections::HashSet;
use std::sync::Arc;

use super::super::language;
use super::super::model::{Source, Track, TrackKind};
use crate::bluray::clpi::Clip;
use crate::bluray::stn::{Origin, Stream, Streams};
use crate::bluray::stream_info::{Kind, Language};

/// Most tracks of a title: players know numbers up to 255 of subtitles, 32 of sound.
pub(super) const TRACK_LIMIT: usize = 512;

/// The tracks of a title while its parts are looked at.
#[derive(Default)]
pub(super) struct Tracks {
    /// Each with the parts that offer it, ascending.
    found: Vec<(Track, Vec<usize>)>,
    too_many: bool,
}

impl Tracks {
    /// Adds the streams that part number `part` offers; a stream that an earlier part has too (same PID, coding,
    /// language and source) becomes the same track.
    pub(super) fn add(&mut self, streams: &Streams, part: usize, clip: Option<&Clip>) {
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
                let same = |(t, _): &&mut (Track, Vec<usize>)| {
                    (t.pid, t.coding, t.language, t.source, t.kind, t.secondary)
                        == (track.pid, track.coding, track.language, track.source, kind, secondary)
                };
                let full = self.found.len() >= TRACK_LIMIT;
                match self.found.iter_mut().find(same) {
                    Some((_, parts)) if parts.last() != Some(&part) => parts.push(part),
                    Some(_) => {}
                    None if full => self.too_many = true,
                    None => self.found.push((track, vec![part])),
                }
            }
        }
    }

    /// The tracks: video first, then sound, then subtitles; primary ones before secondary ones; else as they came.
    /// `None` when there are more than [`TRACK_LIMIT`].
    pub(super) fn finish(self) -> Option<Vec<Track>> {
        if self.too_many {
            return None;
        }
        // Most tracks are offered by the same parts: by all.
        let mut known: HashSet<Arc<[usize]>> = HashSet::new();
        let mut share = |parts: Vec<usize>| match known.get(parts.as_slice()) {
            Some(shared) => Arc::clone(shared),
            None => {
                let shared: Arc<[usize]> = parts.into();
                known.insert(Arc::clone(&shared));
                shared
            }
        };
        let mut tracks: Vec<Track> =
            self.found.into_iter().map(|(track, parts)| Track { parts: share(parts), ..track }).collect();
        tracks.sort_by_key(|t| (t.kind, t.secondary));
        Some(tracks)
    }
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
    Some(Track { kind, pid, source, coding, attributes, language, secondary, parts: Arc::default() })
}
