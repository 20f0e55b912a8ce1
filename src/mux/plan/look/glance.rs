//! A glance at the streams of a part of a title, for whoever describes it: what they say of themselves at its start.

use super::super::super::MuxError;
use super::super::super::options::Options;
use super::super::coding::{codec_of, needs_facts};
use super::probe::{Effort, Sought, probe};
use crate::base::cancel::Cancel;
use crate::base::sector::set::SectorSet;
use crate::codec::TrackFacts;
use crate::fs::FileSystem;
use crate::title::model::{Title, Track};
use crate::title::streams::{Origin, StreamId};

/// Most bytes that are read where a stream does not show itself.
const MOST_BYTES: u64 = 6 << 20;

/// The stream of a track in a part of the title itself, where it says something of itself.
#[must_use]
pub fn stream_of(track: &Track, part: usize) -> Option<StreamId> {
    let says = codec_of(track, &Options::default()).is_some_and(needs_facts);
    track.streams.at(part).filter(|stream| says && stream.origin == Origin::Main)
}

/// What the streams of these tracks, by their indices, say of themselves at the start of a part; `None` for what is not
/// there or says nothing. And how many bytes were read.
///
/// # Errors
/// [`MuxError`]: the stream is scrambled, or cannot be read.
pub fn facts(
    fs: &dyn FileSystem,
    title: &Title,
    part: usize,
    tracks: &[usize],
    missing: &SectorSet,
    cancel: &Cancel,
) -> Result<(Vec<Option<TrackFacts>>, u64), MuxError> {
    let sought = |index: &usize| {
        let track = title.tracks.get(*index)?;
        let codec = codec_of(track, &Options::default())?;
        Some(Sought { stream: stream_of(track, part)?, enhancement: None, codec })
    };
    let sought: Vec<Option<Sought>> = tracks.iter().map(sought).collect();
    let there: Vec<Sought> = sought.iter().filter_map(|sought| *sought).collect();
    let Some(of) = title.parts.get(part).filter(|_| !there.is_empty()) else {
        return Ok((vec![None; tracks.len()], 0));
    };
    let probed = probe(fs, of, &there, missing, Effort { least: 1, most: MOST_BYTES }, cancel)?;
    let mut proofs = probed.proofs.into_iter();
    let facts = sought.iter().map(|sought| sought.and_then(|_| proofs.next()?.facts.into_iter().next()?));
    Ok((facts.collect(), probed.bytes))
}
