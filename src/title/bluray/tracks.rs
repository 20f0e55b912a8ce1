//! The tracks of a title: all that any of its play items offers.

use super::super::language;
use super::super::model::{Purpose, Track, TrackKind};
use super::super::streams::{Gathered, Origin, StreamId, Streams};
use crate::bluray::clip::clpi::Clip;
use crate::bluray::playlist::stn::{self, Stream};
use crate::bluray::stream_info::Language;

/// Most tracks of a title: players know numbers up to 255 of subtitles, 32 of sound.
pub(super) const TRACK_LIMIT: usize = 512;

/// The tracks of a title while its parts are looked at.
#[derive(Default)]
pub(super) struct Tracks {
    found: Vec<Found>,
    /// Of each part its Dolby Vision enhancement layer, where it has one.
    enhancement: Vec<(usize, StreamId)>,
    too_many: bool,
}

/// A track and its streams so far.
struct Found {
    track: Track,
    streams: Gathered,
}

impl Tracks {
    /// Adds the streams that part number `part` offers. A stream becomes the same track as one of earlier parts with the
    /// same coding and language: on the same PID, else, where that is not there any more, on another one.
    pub(super) fn add(&mut self, table: &stn::Streams, part: usize, clip: Option<&Clip>) {
        let lists = [
            (&table.video, TrackKind::Video, false),
            (&table.secondary_video, TrackKind::Video, true),
            (&table.audio, TrackKind::Audio, false),
            (&table.secondary_audio, TrackKind::Audio, true),
            (&table.subtitles, TrackKind::Subtitle, false),
            (&table.picture_in_picture_subtitles, TrackKind::Subtitle, true),
        ];
        for (list, kind, secondary) in lists {
            let offered = list.iter().filter_map(|stream| track(stream, kind, secondary, clip));
            // Those that go on where they were come first, so that nothing else takes their place.
            let others: Vec<_> = offered.filter(|(track, id)| !self.goes_on(track, *id, part)).collect();
            others.into_iter().for_each(|(track, id)| self.add_elsewhere(track, id, part));
        }
        if let Some(id) = table.dolby_vision.first().and_then(stream_id) {
            self.enhancement.push((part, id));
        }
    }

    /// Adds the stream to the track that had it before. `false`: there is none.
    fn goes_on(&mut self, track: &Track, id: StreamId, part: usize) -> bool {
        let same = |f: &&mut Found| f.streams.last() == Some(id) && key(&f.track) == key(track);
        let found = self.found.iter_mut().find(same);
        found.map(|found| found.streams.add(part, id)).is_some()
    }

    /// Adds the stream to a track that looks the same and has none in this part, else as a new track. Pictures of one coding
    /// may change their format.
    fn add_elsewhere(&mut self, track: Track, id: StreamId, part: usize) {
        let same = |f: &&mut Found| {
            let before = f.streams.last().map(|stream| stream.origin);
            let same_format = track.kind == TrackKind::Video || f.track.attributes == track.attributes;
            let looks_the_same = key(&f.track) == key(&track) && same_format;
            looks_the_same && before == Some(id.origin) && !f.streams.has(part)
        };
        let is_full = self.found.len() >= TRACK_LIMIT;
        match self.found.iter_mut().find(same) {
            Some(found) => found.streams.add(part, id),
            None if is_full => self.too_many = true,
            None => {
                let mut streams = Gathered::default();
                streams.add(part, id);
                self.found.push(Found { track, streams });
            }
        }
    }

    /// The tracks: video first, then sound, then subtitles; primary ones before secondary ones; else as they came.
    /// `None` when there are more than [`TRACK_LIMIT`].
    pub(super) fn finish(self) -> Option<Vec<Track>> {
        if self.too_many {
            return None;
        }
        let Self { mut found, enhancement, .. } = self;
        found.sort_by_key(|found| (found.track.kind, found.track.secondary));
        let mut layers: Vec<Gathered> = found.iter().map(|_| Gathered::default()).collect();
        for (part, id) in enhancement {
            // What a layer makes better is the first picture of its own part: another part may have another picture.
            let is_base = |found: &Found| {
                found.track.kind == TrackKind::Video && !found.track.secondary && found.streams.is_in(part)
            };
            let base = found.iter().position(is_base);
            base.and_then(|place| layers.get_mut(place)).into_iter().for_each(|layer| layer.add(part, id));
        }
        let track = |(Found { track, streams }, layer): (Found, Gathered)| {
            let enhancement = Some(layer.finish()).filter(|layer| layer.first().is_some());
            Track { streams: streams.finish(), enhancement, ..track }
        };
        Some(found.into_iter().zip(layers).map(track).collect())
    }
}

/// What tells tracks apart, beside their streams.
fn key(track: &Track) -> impl PartialEq + use<> {
    (track.coding, track.language, track.kind, track.secondary)
}

fn stream_id(stream: &Stream) -> Option<StreamId> {
    let origin = match stream.origin {
        stn::Origin::Clip | stn::Origin::InMux { .. } => Origin::Main,
        stn::Origin::SubPath { path, .. } => Origin::SubPath(path),
        stn::Origin::Unknown(_) => return None,
    };
    Some(StreamId::pid(origin, stream.pid))
}

fn track(stream: &Stream, kind: TrackKind, secondary: bool, clip: Option<&Clip>) -> Option<(Track, StreamId)> {
    let id = stream_id(stream)?;
    let info = stream.info;
    let code = |l: Language| l.code().filter(|code| code != language::UNDETERMINED);
    let told = info.attributes.language().and_then(code);
    // What the playlist leaves open, the clip may know.
    let by_clip = || clip?.stream(stream.pid)?.info.attributes.language().and_then(code);
    let language = told.or_else(by_clip).and_then(|code| language::bibliographic(&code));
    let (coding, attributes) = (info.coding, info.attributes);
    let streams = Streams::default();
    let purpose = Purpose::default();
    let private = [].into();
    let track = Track { kind, coding, attributes, language, secondary, purpose, private, streams, enhancement: None };
    Some((track, id))
}
