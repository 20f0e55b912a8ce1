//! Tags (RFC 9559, section 5.1.8): what the caller says of the film, and statistics of each track.

use crate::base::time::Nanoseconds;
use crate::matroska::ebml::{put_master, put_text, put_uint};
use crate::matroska::ids;

/// What players read to tell how a track is, so that they need not count themselves.
const STATISTICS: &str = "BPS DURATION NUMBER_OF_FRAMES NUMBER_OF_BYTES";

/// What is counted of a track while it is written.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Statistics {
    /// Frames.
    pub frames: u64,
    /// Bytes of the frames as they came, before compression.
    pub bytes: u64,
    /// When the first frame in time starts.
    pub start: Nanoseconds,
    /// When the last frame in time ends.
    pub end: Nanoseconds,
}

impl Statistics {
    /// Every field at its longest, to size the space that is kept for the tags.
    const WIDEST: Self = Self { frames: u64::MAX, bytes: u64::MAX, start: Nanoseconds::ZERO, end: Nanoseconds::MAX };

    /// Counts one frame.
    pub(in crate::matroska) fn count(&mut self, bytes: u64, start: Nanoseconds, end: Nanoseconds) {
        self.start = if self.frames == 0 { start } else { self.start.min(start) };
        self.end = self.end.max(end);
        self.frames = self.frames.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// From the first start to the last end.
    #[must_use]
    pub fn duration(&self) -> Nanoseconds {
        self.end - self.start
    }

    /// Bits a second, over [`Statistics::duration`]; 0 when that is 0.
    #[must_use]
    pub fn bits_per_second(&self) -> u64 {
        let bits = u128::from(self.bytes) * 8 * u128::from(Nanoseconds::SECOND.0);
        let rate = bits.checked_div(self.duration().0.into()).unwrap_or(0);
        u64::try_from(rate).unwrap_or(u64::MAX)
    }
}

/// The tags of one track.
pub(in crate::matroska) struct TrackTags<'a> {
    pub(in crate::matroska) uid: u64,
    pub(in crate::matroska) source_id: Option<&'a str>,
}

/// The content of the Tags element; `None` when nothing is to be said.
/// Statistics come in the order of the tracks; those that are missing are left out, as are tracks that are `omitted`.
pub(in crate::matroska) fn content(
    global: &[(String, String)],
    tracks: &[TrackTags<'_>],
    statistics: &[Statistics],
    omitted: &[bool],
    application: &str,
) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    if !global.is_empty() {
        put_tag(&mut out, None, global.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    }
    for (index, track) in tracks.iter().enumerate().filter(|(index, _)| omitted.get(*index) != Some(&true)) {
        let counted = statistics.get(index).map(|s| counted(s, application)).unwrap_or_default();
        let source = track.source_id.map(|id| ("SOURCE_ID", id));
        if source.is_some() || !counted.is_empty() {
            let counted = counted.iter().map(|(name, value)| (*name, value.as_str()));
            put_tag(&mut out, Some(track.uid), counted.chain(source));
        }
    }
    (!out.is_empty()).then_some(out)
}

/// The most bytes that [`content`] can take, whatever the statistics turn out to be.
pub(in crate::matroska) fn widest(global: &[(String, String)], tracks: &[TrackTags<'_>], application: &str) -> usize {
    // The longest duration goes with a bit rate 10 digits short of the longest; size fields may grow a byte with them.
    const SHORT: usize = 16;
    let longest = vec![Statistics::WIDEST; tracks.len()];
    content(global, tracks, &longest, &[], application).map_or(0, |c| c.len() + SHORT * tracks.len())
}

fn counted(s: &Statistics, application: &str) -> Vec<(&'static str, String)> {
    vec![
        ("BPS", s.bits_per_second().to_string()),
        ("DURATION", clock(s.duration())),
        ("NUMBER_OF_FRAMES", s.frames.to_string()),
        ("NUMBER_OF_BYTES", s.bytes.to_string()),
        ("_STATISTICS_WRITING_APP", application.to_owned()),
        ("_STATISTICS_TAGS", STATISTICS.to_owned()),
    ]
}

/// `HH:MM:SS.nnnnnnnnn`, the form that readers of these tags expect.
fn clock(time: Nanoseconds) -> String {
    let time = time.duration();
    let seconds = time.as_secs();
    let [h, m, s] = [seconds / 3600, seconds / 60 % 60, seconds % 60];
    format!("{h:02}:{m:02}:{s:02}.{:09}", time.subsec_nanos())
}

/// One Tag for a track, or for the whole film.
fn put_tag<'a>(out: &mut Vec<u8>, track: Option<u64>, fields: impl Iterator<Item = (&'a str, &'a str)>) {
    put_master(out, ids::TAG, |out| {
        put_master(out, ids::TARGETS, |out| {
            put_uint(out, ids::TARGET_TYPE_VALUE, 50);
            if let Some(uid) = track {
                put_uint(out, ids::TAG_TRACK_UID, uid);
            }
        });
        for (name, value) in fields {
            put_master(out, ids::SIMPLE_TAG, |out| {
                put_text(out, ids::TAG_NAME, name);
                put_text(out, ids::TAG_LANGUAGE, "und");
                put_uint(out, ids::TAG_DEFAULT, 1);
                put_text(out, ids::TAG_STRING, value);
            });
        }
    });
}
