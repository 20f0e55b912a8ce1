//! What is known of a film before its first frame.

use std::collections::BTreeSet;

use super::chapters::Chapter;
use super::track::{Kind, Track};
use crate::matroska::Error;

/// What is known of a film before its first frame.
#[derive(Clone, PartialEq, Debug)]
pub struct Segment {
    /// Stands for the content: a digest of disc and title. All UIDs come from it.
    pub identity: u128,
    /// The film's title.
    pub title: Option<String>,
    /// Name and version of the program that writes.
    pub application: String,
    /// The tracks, in the order of the file; TrackNumber is the index plus 1.
    pub tracks: Vec<Track>,
    /// Chapters in order of time; none: the file has no Chapters element.
    pub chapters: Vec<Chapter>,
    /// Tags for the film as a whole: name and value.
    pub tags: Vec<(String, String)>,
    /// Space is kept in front for this many cue points; if more come than fit, Cues go to the end. Each subtitle
    /// makes one, and each random-access point of video: as many as the disc's own seek table has, two a second at most.
    pub expected_cues: u32,
}

impl Segment {
    /// What Matroska asks of tracks: at least one, distinct UIDs, no zero where a size or a rate belongs.
    pub(in crate::matroska) fn check(&self) -> Result<(), Error> {
        if self.tracks.is_empty() {
            return Err(Error::NoTracks);
        }
        let mut streams = BTreeSet::new();
        for (index, track) in self.tracks.iter().enumerate() {
            if !streams.insert(track.stream) {
                return Err(Error::SameStream { track: index, stream: track.stream });
            }
            let bad = |what| Err(Error::BadTrack { track: index, what });
            match &track.kind {
                _ if track.codec_id.is_empty() => return bad("a codec"),
                Kind::Video(v) if v.pixels.0 == 0 || v.pixels.1 == 0 => return bad("a picture size"),
                Kind::Video(v) if v.display.is_some_and(|d| d.0 == 0 || d.1 == 0) => return bad("a display size"),
                Kind::Audio(a) if a.rate == 0 => return bad("a sampling rate"),
                Kind::Audio(a) if a.channels == 0 => return bad("channels"),
                _ => {}
            }
        }
        Ok(())
    }
}
