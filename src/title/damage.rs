//! From missing bytes of stream files to film time. Pure.
//!
//! What is told is never smaller than the truth. A byte of a stream file is placed by the entry points of its clip:
//! pictures that lie between two of them are shown between their times, but for pictures that are sent behind an
//! entry point and shown before it; and all that depends on a lost picture is over at the next entry point. Sound lies
//! beside pictures of about its time. Subtitles are counted by where they lie: one that is lost is missing for as long
//! as it would have been shown, be that longer than the span.

use std::ops::{Range, Sub};

use super::model::Part;
use crate::base::time::{Ticks45, Ticks90};
use crate::bluray::clpi::Clip;
use crate::bluray::ep_map::EpMap;
use crate::bluray::stc::{SOURCE_PACKET_BYTES, StcSequence};

/// How much earlier than its entry point something may be shown. Sound is sent when it is heard,
/// pictures up to a second before they are shown (ISO/IEC 13818-1, 2.4.2.6), and those that are shown before the entry
/// point they are sent behind are fewer than a decoder holds.
const EARLIER: Ticks45 = Ticks45(2 * Ticks45::SECOND.0);
/// How much later than the entry point behind it: sound that waits in its buffer. The times of
/// entry points are rounded down by less than 256 ticks.
const LATER: Ticks45 = Ticks45(Ticks45::SECOND.0 + 256);
/// Most spans of a clip or a title. A span has three seconds or more unless the tables lie, so a film has fewer.
pub(super) const SPANS_LIMIT: usize = 4096;
/// Most holes of a clip that are placed one by one.
const HOLES_LIMIT: usize = 1 << 16;

/// What is missing of a stream file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Holes {
    /// Where the file lies cannot be told, so that all of it may be missing.
    Everything,
    /// These bytes, ascending; none where the file is whole.
    Bytes(Vec<Range<u64>>),
}

impl Holes {
    /// Whether the file is whole.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Bytes(bytes) if bytes.is_empty())
    }
}

/// A hurt stream file: which times of its clip are missing.
#[derive(Clone, Debug)]
pub struct HurtClip {
    /// Times of each clock, ascending and apart; by `stc_id`. `None`: any time may be missing.
    times: Option<Vec<(u8, Vec<Range<Ticks45>>)>>,
}

impl HurtClip {
    /// Places `holes` by what the clip information says; without it, nothing can be placed.
    #[must_use]
    pub fn new(holes: &Holes, clip: Option<&Clip>) -> Self {
        let times = match (holes, clip) {
            (Holes::Bytes(bytes), Some(clip)) => {
                let holes = bounded(bytes.clone(), HOLES_LIMIT);
                Some(clip.clocks.iter().map(|c| times(clip, c, &holes)).collect())
            }
            _ => None,
        };
        Self { times }
    }

    /// What a part of a title loses, as spans of the title's clock, ascending.
    #[must_use]
    pub fn spans(&self, part: &Part) -> Vec<Range<Ticks90>> {
        let played = part.in_time..part.out_time.max(part.in_time);
        let known = self.times.as_ref().and_then(|all| all.iter().find(|(stc_id, _)| *stc_id == part.stc_id));
        let any = Ticks45::ZERO..Ticks45::MAX;
        let times = known.map_or(std::slice::from_ref(&any), |(_, times)| times);
        let first = times.partition_point(|t| t.end <= played.start);
        let inside = times.iter().skip(first).take_while(|t| t.start < played.end);
        let title =
            |time: Ticks45| part.clock.start() + Ticks90::from(time.clamp(played.start, played.end) - played.start);
        inside.map(|t| title(t.start)..title(t.end)).filter(|span| !span.is_empty()).collect()
    }
}

/// The times on one clock that `holes` take, joined.
fn times(clip: &Clip, clock: &StcSequence, holes: &[Range<u64>]) -> (u8, Vec<Range<Ticks45>>) {
    let is_last = clip.clocks.last() == Some(clock);
    // A file may be longer than its tables say.
    let end = if is_last { u64::MAX } else { u64::from(clock.end_packet) };
    let packets = u64::from(clock.first_packet)..end;
    let maps: Vec<&EpMap> = clip.entry_points.iter().filter(|map| !map.on(clock).is_empty()).collect();
    let mut times = Vec::new();
    let ahead = holes.partition_point(|hole| hole.end / SOURCE_PACKET_BYTES < packets.start);
    let here = holes.iter().skip(ahead).take_while(|hole| hole.start / SOURCE_PACKET_BYTES < packets.end);
    for hole in here {
        let first = (hole.start / SOURCE_PACKET_BYTES).max(packets.start);
        let behind = hole.end.div_ceil(SOURCE_PACKET_BYTES).min(packets.end);
        if first < behind {
            let around = maps.iter().map(|map| around(map, clock, first..behind));
            let widest = around.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end));
            times.push(widest.unwrap_or(Ticks45::ZERO..Ticks45::MAX));
        }
    }
    (clock.stc_id, bounded(times, SPANS_LIMIT))
}

/// From the entry point at or before the first packet to the one at or behind the last, with their margins.
fn around(map: &EpMap, clock: &StcSequence, packets: Range<u64>) -> Range<Ticks45> {
    let points = map.on(clock);
    let before = points.partition_point(|p| u64::from(p.packet) <= packets.start).checked_sub(1);
    let from = before.and_then(|i| points.get(i)).map_or(Ticks45::ZERO, |p| p.time - EARLIER);
    let behind = points.get(points.partition_point(|p| u64::from(p.packet) < packets.end));
    let to = behind.map_or(Ticks45::MAX, |p| p.time + LATER);
    // Times of a damaged table may run backwards.
    from.min(to)..to.max(from)
}

/// Ranges in ascending order, those that meet or overlap made one. Where there are more than `most`, those that lie
/// nearest to each other are joined over what is between them.
#[must_use]
pub(super) fn bounded<T: Copy + Ord + Sub<Output = T>>(ranges: Vec<Range<T>>, most: usize) -> Vec<Range<T>> {
    let ranges = joined(ranges);
    let mut gaps: Vec<T> = ranges.windows(2).map(|pair| pair[1].start - pair[0].end).collect();
    // So many gaps at least must go, the narrowest ones.
    let Some(last) = ranges.len().saturating_sub(most.max(1)).checked_sub(1) else { return ranges };
    let narrow = *gaps.select_nth_unstable(last).1;
    let mut fewer: Vec<Range<T>> = Vec::new();
    for range in ranges {
        match fewer.last_mut() {
            Some(before) if range.start - before.end <= narrow => before.end = range.end,
            _ => fewer.push(range),
        }
    }
    fewer
}

/// Ranges in ascending order, those that meet or overlap made one.
fn joined<T: Copy + Ord>(mut ranges: Vec<Range<T>>) -> Vec<Range<T>> {
    ranges.sort_unstable_by_key(|r| (r.start, r.end));
    let mut joined: Vec<Range<T>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

#[cfg(test)]
#[path = "damage_tests.rs"]
mod tests;
