//! From missing bytes of stream files to film time, by the entry points of their clips. Pure.
//!
//! What is told is never smaller than the truth. A byte of a stream file is placed by the entry points of its clip:
//! pictures that lie between two of them are shown between their times, but for pictures that are sent behind an
//! entry point and shown before it; and all that depends on a lost picture is over at the next entry point. Sound lies
//! beside pictures of about its time. Subtitles are counted by where they lie: one that is lost is missing for as long
//! as it would have been shown, be that longer than the span.

use std::ops::Range;

use super::super::damage::{Holes, SPANS_LIMIT, bounded};
use super::super::model::Part;
use crate::base::time::Ticks90;
use crate::bluray::clip::clpi::Clip;
use crate::bluray::clip::ep_map::EpMap;
use crate::bluray::clip::stc::{SOURCE_PACKET_BYTES, StcSequence};

/// How much earlier than its entry point something may be shown. Sound is sent when it is heard,
/// pictures up to a second before they are shown (ISO/IEC 13818-1, 2.4.2.6), and those that are shown before the entry
/// point they are sent behind are fewer than a decoder holds.
const EARLIER: Ticks90 = Ticks90(2 * Ticks90::SECOND.0);
/// How much later than the entry point behind it: sound that waits in its buffer. The times of
/// entry points are rounded down by less than 256 ticks of 45 kHz.
const LATER: Ticks90 = Ticks90(Ticks90::SECOND.0 + 512);
/// Most holes of a clip that are placed one by one.
const HOLES_LIMIT: usize = 1 << 16;

/// A hurt stream file: which times of its clip are missing.
#[derive(Clone, Debug)]
pub struct HurtClip {
    /// Of each clock the times that are missing, from its start, ascending and apart. `None`: any time may be missing.
    times: Option<Vec<(StcSequence, Vec<Range<Ticks90>>)>>,
}

impl HurtClip {
    /// Places `holes` by what the clip information says; without it, nothing can be placed.
    #[must_use]
    pub fn new(holes: &Holes, clip: Option<&Clip>) -> Self {
        Self::told(holes, clip, |_, _, _| None)
    }

    /// The same, and where `exact` tells the times of a hole to a frame, those. It is asked about holes that lie apart: no
    /// other one lies between the entry points around.
    pub(in crate::title) fn told(
        holes: &Holes,
        clip: Option<&Clip>,
        mut exact: impl FnMut(&Clip, &StcSequence, &Range<u64>) -> Option<Range<Ticks90>>,
    ) -> Self {
        let times = match (holes, clip) {
            (Holes::Bytes(bytes), Some(clip)) => {
                let holes = bounded(bytes.clone(), HOLES_LIMIT);
                Some(clip.clocks.iter().map(|c| times(clip, c, &holes, &mut exact)).collect())
            }
            _ => None,
        };
        Self { times }
    }

    /// What a part of a title loses, as spans of the title's clock, ascending.
    #[must_use]
    pub fn spans(&self, part: &Part) -> Vec<Range<Ticks90>> {
        let clock = &part.clock;
        let known = self.times.as_ref().and_then(|all| all.iter().find(|(c, _)| u32::from(c.stc_id) == clock.number()));
        let any = Ticks90::MIN..Ticks90::MAX;
        let times = known.map_or(std::slice::from_ref(&any), |(_, times)| times);
        let start = known.map_or(Ticks90::ZERO, |(sequence, _)| sequence.since_start(clock.in_time().ticks_45()));
        let played = start..start + (clock.end() - clock.start());
        let first = times.partition_point(|t| t.end <= played.start);
        let inside = times.iter().skip(first).take_while(|t| t.start < played.end);
        let title = |time: Ticks90| clock.start() + (time.clamp(played.start, played.end) - played.start);
        inside.map(|t| title(t.start)..title(t.end)).filter(|span| !span.is_empty()).collect()
    }
}

/// The times on one clock that `holes` take, joined.
fn times(
    clip: &Clip,
    clock: &StcSequence,
    holes: &[Range<u64>],
    exact: &mut impl FnMut(&Clip, &StcSequence, &Range<u64>) -> Option<Range<Ticks90>>,
) -> (StcSequence, Vec<Range<Ticks90>>) {
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
            let widest = widest.unwrap_or(Ticks90::MIN..Ticks90::MAX);
            times.push(match exact(clip, clock, hole) {
                Some(told) => told.start.max(widest.start)..told.end.min(widest.end),
                None => widest,
            });
        }
    }
    (*clock, bounded(times, SPANS_LIMIT))
}

/// From the entry point at or before the first packet to the one at or behind the last, with their margins.
fn around(map: &EpMap, clock: &StcSequence, packets: Range<u64>) -> Range<Ticks90> {
    let points = map.on(clock);
    let before = points.partition_point(|p| u64::from(p.packet) <= packets.start).checked_sub(1);
    let from = before.and_then(|i| points.get(i)).map_or(Ticks90::MIN, |p| clock.since_start(p.time) - EARLIER);
    let behind = points.get(points.partition_point(|p| u64::from(p.packet) < packets.end));
    let to = behind.map_or(Ticks90::MAX, |p| clock.since_start(p.time) + LATER);
    // Times of a damaged table may run backwards.
    from.min(to)..to.max(from)
}

#[cfg(test)]
#[path = "damage_tests.rs"]
mod tests;
