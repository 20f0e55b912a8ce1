//! Which sectors of a disc are data, which tracts between them are not, and where its sessions begin. Pure: tables in,
//! sets out.

use crate::base::media::Media;
use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;
use crate::base::sector::tract::{LeftOut, TractKind};
use crate::scsi::answers::{Toc, Track};
use crate::scsi::tracks::{LastSession, Session, TrackInformation};

/// Sectors of the pause between a data track and an audio track (ECMA-130: 2 s).
const TRACK_PAUSE: u64 = 150;

/// Sectors between the last track of the first session and the first of the second one: lead-out, lead-in and pause
/// (the multi-session format of CDs); from the second session on the lead-out is shorter.
const FIRST_GAP: u64 = 11_400;
const LATER_GAP: u64 = 6_900;

/// A track, as far as its sectors are concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    pub(super) session: u16,
    pub(super) start: u64,
    /// One past its last sector.
    pub(super) end: u64,
    pub(super) data: bool,
}

/// What the tracks make of a disc.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(in crate::drive) struct Layout {
    /// The sectors that hold data.
    pub(in crate::drive) data: SectorSet,
    /// The tracts between and behind them.
    pub(in crate::drive) left_out: LeftOut,
    /// Where each session's first data track begins.
    pub(in crate::drive) sessions: Vec<u64>,
    /// Where each data track begins.
    pub(in crate::drive) starts: Vec<u64>,
}

/// The tracks of a full table of contents. A lead-out that cannot be is passed over.
pub(super) fn of_sessions(sessions: &[Session], sectors: u64) -> Vec<Span> {
    let mut spans = Vec::new();
    for (index, session) in sessions.iter().enumerate() {
        let gap = if index == 0 { FIRST_GAP } else { LATER_GAP };
        let next = sessions.get(index + 1).and_then(|next| next.tracks.first()).map(|track| u64::from(track.start));
        let bound = next.map_or(sectors, |next| next.saturating_sub(gap));
        let last = session.tracks.last().map_or(0, |track| u64::from(track.start));
        let is_possible = |end: &u64| *end > last && next.is_none_or(|next| *end <= next);
        let end = session.lead_out.map(u64::from).filter(is_possible).unwrap_or(bound);
        // The last session ends where reads say; a track that begins behind that ends where the table says.
        let end = if next.is_none() && last < sectors { sectors } else { end };
        push_tracks(&mut spans, &session.tracks, session.number.into(), end);
    }
    spans
}

/// The tracks of a table of contents without sessions. Of these only the last one is known, by `last_session`.
pub(super) fn of_toc(toc: &Toc, last_session: Option<LastSession>, sectors: u64) -> Vec<Span> {
    let mut spans = Vec::new();
    let first_of_last = last_session.filter(|last| last.sessions > 1).map(|last| last.track);
    let split = toc.tracks.iter().position(|track| Some(track.number) == first_of_last).unwrap_or(0);
    let (earlier, last) = toc.tracks.split_at(split);
    if let (false, Some(next)) = (earlier.is_empty(), last.first()) {
        let gap = if last_session.is_some_and(|last| last.sessions == 2) { FIRST_GAP } else { LATER_GAP };
        push_tracks(&mut spans, earlier, 1, u64::from(next.start).saturating_sub(gap));
    }
    let last_start = last.last().map_or(0, |track| u64::from(track.start));
    let end = if last_start < sectors { sectors } else { toc.lead_out.map_or(sectors, u64::from) };
    push_tracks(&mut spans, last, 2, end);
    spans
}

/// Tracks that follow each other up to `end`. A pause lies between data and sound.
fn push_tracks(spans: &mut Vec<Span>, tracks: &[Track], session: u16, end: u64) {
    for (index, track) in tracks.iter().enumerate() {
        let next = tracks.get(index + 1);
        let end = next.map_or(end, |next| {
            let pause = if track.data && !next.data { TRACK_PAUSE } else { 0 };
            u64::from(next.start).saturating_sub(pause)
        });
        spans.push(Span { session, start: track.start.into(), end, data: track.data });
    }
}

/// The tracks that READ TRACK INFORMATION tells of, each as far as it was written. The last one ends where reads say. DVDs
/// and Blu-rays have no other tracks than data, whatever drives put into the track mode of theirs.
pub(super) fn of_tracks(tracks: &[TrackInformation], sectors: u64, media: Option<Media>) -> Vec<Span> {
    let always_data = matches!(media, Some(Media::Dvd | Media::Bd | Media::Uhd));
    let span = |track: &TrackInformation| {
        let start = u64::from(track.start);
        let end = track.unwritten_from.map_or(start + u64::from(track.size), u64::from);
        Span { session: track.session, start, end, data: track.data || always_data }
    };
    let mut spans: Vec<Span> = tracks.iter().map(span).filter(|span| span.start < span.end).collect();
    if let Some(last) = spans.iter_mut().max_by_key(|span| span.start).filter(|last| last.start < sectors) {
        last.end = sectors;
    }
    spans
}

/// What the tracks make of a disc.
pub(super) fn layout(mut spans: Vec<Span>) -> Layout {
    spans.retain(|span| span.start < span.end);
    spans.sort_by_key(|span| span.start);
    let mut layout = Layout::default();
    let (mut at, mut before, mut session_seen) = (0, None::<Span>, None);
    for span in spans {
        layout.left_out.insert(SectorRange::new(at, span.start), between(before, span));
        if span.data {
            layout.data.insert(SectorRange::new(span.start, span.end));
            layout.starts.push(span.start);
            if session_seen != Some(span.session) {
                session_seen = Some(span.session);
                layout.sessions.push(span.start);
            }
        } else {
            layout.left_out.insert(SectorRange::new(span.start, span.end), TractKind::Audio);
        }
        at = at.max(span.end);
        before = Some(span);
    }
    // Tracks that overlap are a table that is wrong: what is data for one of them is data.
    layout.left_out.remove(&layout.data);
    layout
}

/// What lies between two tracks.
fn between(before: Option<Span>, behind: Span) -> TractKind {
    match before {
        Some(before) if before.session != behind.session => TractKind::SessionGap,
        Some(before) if !before.data || !behind.data => TractKind::Audio,
        None if !behind.data => TractKind::Audio,
        _ => TractKind::NotData,
    }
}

/// What a tract is that was found by reads: `starts` are those of the data tracks; on some discs these `may` hold
/// sectors of form 2.
pub(in crate::drive) fn kind_of(tract: SectorRange, starts: &[u64], may_hold_form_2: bool) -> TractKind {
    if starts.iter().any(|start| tract.contains(*start)) {
        // A data track without a sector of 2048 bytes.
        TractKind::Form2
    } else if starts.contains(&tract.end()) {
        TractKind::SessionGap
    } else if may_hold_form_2 {
        TractKind::Form2
    } else {
        TractKind::NotData
    }
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
