//! All that lies in front of the first cluster, written twice: once to start with, once with what the end brought.
//!
//! Every element has a space of fixed length, filled up with Void, so that the second writing fits over the first.

use super::chapters;
use super::cues;
use super::segment::Segment;
use super::tags::{self, Statistics, TrackTags};
use super::track;
use crate::base::time::Nanoseconds;
use crate::matroska::Error;
use crate::matroska::ebml::{
    UNKNOWN_SIZE, element_len, put_binary, put_fitted, put_float, put_id, put_master, put_text, put_uint, put_void,
    sealed, size_field,
};
use crate::matroska::ids;
use crate::matroska::uid::Uids;

/// SeekHead and the Void behind it: room for programs that edit the file later.
const SEEK_HEAD_SPACE: usize = 4096;

/// A tick of the segment (RFC 9559, section 11.1).
const TIMESTAMP_SCALE: Nanoseconds = Nanoseconds::MILLISECOND;

/// The header's plan: which elements there are and how much space each has.
#[derive(Clone, Debug)]
pub(in crate::matroska) struct Header {
    uids: Uids,
    ebml: Vec<u8>,
    seek_head: usize,
    info: usize,
    tracks: usize,
    chapters: usize,
    tags: usize,
    cues: usize,
    /// What the film is expected to last, where the end can tell no more.
    expected: Option<Nanoseconds>,
}

/// What is known at the end only.
pub(in crate::matroska) struct End<'a> {
    pub(in crate::matroska) duration: Nanoseconds,
    pub(in crate::matroska) statistics: &'a [Statistics],
    /// Tracks that nothing came for.
    pub(in crate::matroska) omitted: &'a [bool],
    pub(in crate::matroska) cues: CuesAt<'a>,
    /// Bytes of the Segment's content.
    pub(in crate::matroska) size: u64,
}

/// Where the Cues lie.
pub(in crate::matroska) enum CuesAt<'a> {
    Nowhere,
    /// In the space kept for them, with this sealed content.
    Front(&'a [u8]),
    /// Behind the clusters, this many bytes from the start of the Segment's content.
    Back(u64),
}

impl Header {
    /// Plans the spaces for `segment`.
    pub(in crate::matroska) fn plan(segment: &Segment) -> Self {
        let uids = Uids::new(segment.identity);
        let tags = match tags::widest(&segment.tags, &track_tags(segment, uids), &segment.application) {
            0 => 0,
            longest => element_len(ids::TAGS, longest + CRC_BYTES),
        };
        Self {
            uids,
            ebml: ebml_header(),
            seek_head: SEEK_HEAD_SPACE,
            // With a duration, Info is as long as it gets.
            info: space(ids::INFO, Some(info(segment, uids, Some(Nanoseconds(1))))),
            tracks: space(ids::TRACKS, Some(track_entries(segment, uids, &[]))),
            chapters: space(ids::CHAPTERS, chapters::content(&segment.chapters, uids)),
            tags,
            cues: cues::space(segment.expected_cues),
            expected: None,
        }
    }

    /// The plan of a header that is written once: without a SeekHead, without space for anything.
    pub(in crate::matroska) fn in_order(segment: &Segment, expected: Option<Nanoseconds>) -> Self {
        let uids = Uids::new(segment.identity);
        let tags = tags::content(&segment.tags, &track_tags(segment, uids), &[], &[], &segment.application);
        let info = space(ids::INFO, Some(info(segment, uids, expected)));
        Self { seek_head: 0, info, tags: space(ids::TAGS, tags), cues: 0, expected, ..Self::plan(segment) }
    }

    /// Bytes in front of the Segment's content, from where positions count.
    pub(in crate::matroska) fn content_start(&self) -> usize {
        self.ebml.len() + 4 + UNKNOWN_SIZE.len()
    }

    /// Bytes in front of the first cluster.
    pub(in crate::matroska) fn len(&self) -> usize {
        self.cues_at() + self.cues + self.content_start()
    }

    /// Whether a Cues element with this sealed content fits the space kept for it.
    pub(in crate::matroska) fn holds_cues(&self, content: &[u8]) -> bool {
        element_len(ids::CUES, content.len()) <= self.cues
    }

    /// The bytes: without `end` as they start the file, when the Segment's size is not known yet.
    ///
    /// # Errors
    /// [`Error::Space`] when an element outgrew its space.
    pub(in crate::matroska) fn render(&self, segment: &Segment, end: Option<&End<'_>>) -> Result<Vec<u8>, Error> {
        let mut out = Vec::with_capacity(self.len());
        out.extend_from_slice(&self.ebml);
        put_id(&mut out, ids::SEGMENT);
        out.extend_from_slice(&end.map_or(UNKNOWN_SIZE, |end| size_field(end.size)));
        let statistics = end.map_or(&[][..], |end| end.statistics);
        let omitted = end.map_or(&[][..], |end| end.omitted);
        let about = track_tags(segment, self.uids);
        let tags = tags::content(&segment.tags, &about, statistics, omitted, &segment.application);
        let seek_head = (self.seek_head > 0).then(|| self.seek_head(end, tags.is_some()));
        put(&mut out, ids::SEEK_HEAD, seek_head, self.seek_head)?;
        let duration = end.map_or(self.expected, |end| Some(end.duration));
        put(&mut out, ids::INFO, Some(info(segment, self.uids, duration)), self.info)?;
        put(&mut out, ids::TRACKS, Some(track_entries(segment, self.uids, omitted)), self.tracks)?;
        put(&mut out, ids::CHAPTERS, chapters::content(&segment.chapters, self.uids), self.chapters)?;
        put(&mut out, ids::TAGS, tags, self.tags)?;
        match end.map(|end| &end.cues) {
            Some(CuesAt::Front(sealed)) if put_fitted(&mut out, ids::CUES, sealed, self.cues) => {}
            Some(CuesAt::Front(_)) => return Err(Error::Space { element: ids::CUES }),
            _ => put_void(&mut out, self.cues),
        }
        Ok(out)
    }

    /// Its content. There may be no Tags yet when the file starts.
    fn seek_head(&self, end: Option<&End<'_>>, tagged: bool) -> Vec<u8> {
        let info = self.seek_head;
        let tracks = info + self.info;
        let chapters = tracks + self.tracks;
        let tags = chapters + self.chapters;
        let cues = match end.map(|end| &end.cues) {
            Some(CuesAt::Front(_)) => Some(self.cues_at() as u64),
            Some(CuesAt::Back(position)) => Some(*position),
            Some(CuesAt::Nowhere) | None => None,
        };
        let mut out = Vec::new();
        put_seek(&mut out, ids::INFO, info as u64);
        put_seek(&mut out, ids::TRACKS, tracks as u64);
        if self.chapters > 0 {
            put_seek(&mut out, ids::CHAPTERS, chapters as u64);
        }
        if tagged {
            put_seek(&mut out, ids::TAGS, tags as u64);
        }
        if let Some(cues) = cues {
            put_seek(&mut out, ids::CUES, cues);
        }
        out
    }

    fn cues_at(&self) -> usize {
        self.seek_head + self.info + self.tracks + self.chapters + self.tags
    }
}

/// Bytes that an element with this content takes; none for none.
fn space(id: u32, content: Option<Vec<u8>>) -> usize {
    content.map_or(0, |content| element_len(id, sealed(&content).len()))
}

/// Puts an element and Void into its space, or Void alone.
fn put(out: &mut Vec<u8>, id: u32, content: Option<Vec<u8>>, space: usize) -> Result<(), Error> {
    match content {
        None => put_void(out, space),
        Some(content) if put_fitted(out, id, &sealed(&content), space) => {}
        Some(_) => return Err(Error::Space { element: id }),
    }
    Ok(())
}

/// Bytes of a CRC-32 element.
const CRC_BYTES: usize = 6;

/// The EBML header (RFC 8794, section 11.2.1). Readers of version 2 suffice, for SimpleBlock is the newest
/// thing that they must understand.
fn ebml_header() -> Vec<u8> {
    let mut out = Vec::new();
    put_master(&mut out, ids::EBML, |out| {
        put_uint(out, ids::EBML_VERSION, 1);
        put_uint(out, ids::EBML_READ_VERSION, 1);
        put_uint(out, ids::EBML_MAX_ID_LENGTH, 4);
        put_uint(out, ids::EBML_MAX_SIZE_LENGTH, 8);
        put_text(out, ids::DOC_TYPE, "matroska");
        put_uint(out, ids::DOC_TYPE_VERSION, 4);
        put_uint(out, ids::DOC_TYPE_READ_VERSION, 2);
    });
    out
}

/// The content of Info. A duration of 0 is not allowed and left out.
fn info(segment: &Segment, uids: Uids, duration: Option<Nanoseconds>) -> Vec<u8> {
    let mut out = Vec::new();
    put_binary(&mut out, ids::SEGMENT_UUID, &uids.segment().to_be_bytes());
    put_uint(&mut out, ids::TIMESTAMP_SCALE, TIMESTAMP_SCALE.0);
    if let Some(duration) = duration.filter(|d| *d > Nanoseconds::ZERO) {
        put_float(&mut out, ids::DURATION, duration.0 as f64 / TIMESTAMP_SCALE.0 as f64);
    }
    if let Some(title) = &segment.title {
        put_text(&mut out, ids::TITLE, title);
    }
    put_text(&mut out, ids::MUXING_APP, &segment.application);
    put_text(&mut out, ids::WRITING_APP, &segment.application);
    out
}

fn track_entries(segment: &Segment, uids: Uids, omitted: &[bool]) -> Vec<u8> {
    let mut out = Vec::new();
    let is_there = |(index, _): &(usize, _)| omitted.get(*index) != Some(&true);
    for (index, entry) in segment.tracks.iter().enumerate().filter(is_there) {
        let number = index as u64 + 1;
        track::put_entry(&mut out, entry, number, uids.track(entry.stream));
    }
    out
}

fn track_tags(segment: &Segment, uids: Uids) -> Vec<TrackTags<'_>> {
    segment.tracks.iter().map(|t| TrackTags { uid: uids.track(t.stream), source_id: t.source_id.as_deref() }).collect()
}

fn put_seek(out: &mut Vec<u8>, id: u32, position: u64) {
    put_master(out, ids::SEEK, |out| {
        put_binary(out, ids::SEEK_ID, &id.to_be_bytes());
        put_uint(out, ids::SEEK_POSITION, position);
    });
}

#[cfg(test)]
#[path = "header_tests.rs"]
mod tests;
