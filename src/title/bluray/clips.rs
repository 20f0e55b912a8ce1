//! Parts of titles: play items joined with what their clip information says.

use std::collections::HashMap;
use std::ops::Range;

use super::super::clock::PartClock;
use super::super::model::{Join, Packets, Part, Piece};
use super::tables::Tables;
use crate::base::time::{Ticks45, Ticks90};
use crate::bluray::clip::clpi::{self, Clip};
use crate::bluray::clip::ep_map::EpMap;
use crate::bluray::clip::stc::{self, SOURCE_PACKET_BYTES, StcSequence};
use crate::bluray::playlist::play_item::{ClipRef, Connection};
use crate::demux::m2ts::Layout;

/// How much is read behind OUT, in seconds: sound that plays until OUT is sent after pictures that play up to a second
/// later.
const MARGIN: Ticks45 = Ticks45(2 * Ticks45::SECOND.0);
/// How packets lie in the stream files of a Blu-ray.
const PACKETS: Packets = Packets::Transport { layout: Layout::M2ts, on_grid: true };
/// Bytes of clip information that are remembered, the latest clip not counted.
const REMEMBERED: usize = 8 << 20;

/// The clip information of a disc, read when it is first asked for.
pub(super) struct Clips<'a> {
    pub(super) tables: Tables<'a>,
    known: HashMap<ClipRef, Option<Clip>>,
    bytes: usize,
}

/// Times of a play item.
#[derive(Clone, Copy)]
pub(super) struct Times {
    pub(super) in_time: Ticks45,
    pub(super) out_time: Ticks45,
    pub(super) connection: Connection,
    /// Start on the title's clock.
    pub(super) start: Ticks90,
}

impl<'a> Clips<'a> {
    pub(super) fn new(tables: Tables<'a>) -> Self {
        Self { tables, known: HashMap::new(), bytes: 0 }
    }

    /// The information of a clip; `None`, and a sentence among the problems the first time, where it cannot be read.
    pub(super) fn get(&mut self, clip: ClipRef) -> Option<&Clip> {
        // One table for all the clip's clocks.
        let key = ClipRef { stc_id: 0, ..clip };
        if self.bytes > REMEMBERED && !self.known.contains_key(&key) {
            self.known.clear();
            self.bytes = 0;
        }
        let (tables, bytes) = (&mut self.tables, &mut self.bytes);
        let known = self.known.entry(key).or_insert_with(|| {
            let name = format!("{}.clpi", clip.name);
            let read = tables.read("CLIPINF", &name, clpi::MAX_BYTES, Clip::parse);
            let read = read.map_err(|e| tables.problems.push(e.to_string())).ok();
            *bytes += 2 * size_of::<(ClipRef, Option<Clip>)>() + read.as_ref().map_or(0, Clip::memory);
            read
        });
        known.as_ref()
    }

    /// A part of a title.
    pub(super) fn part(&mut self, clip: ClipRef, times: Times) -> Part {
        let Times { in_time, out_time, connection, start } = times;
        let info = self.get(clip);
        let on_clock = info.and_then(|info| Some((info, info.clock(clip.stc_id)?)));
        let clock_bytes = on_clock.map_or(Piece::ONE_CLOCK, |(info, clock)| clock_bytes(info, clock));
        let (bytes, entry_points) = match info {
            None => (None, 0),
            Some(info) => match info.clock(clip.stc_id).zip(main_points(info)) {
                None => (Some(0..u64::from(info.packets) * SOURCE_PACKET_BYTES), 0),
                Some((clock, map)) => {
                    (Some(bytes(clock, map, in_time, out_time)), map.count_within(clock, in_time, out_time))
                }
            },
        };
        let path = format!("BDMV/STREAM/{}.m2ts", clip.name);
        let length = stc::played(in_time, out_time).unwrap_or_default();
        let played = in_time.into()..Ticks90::from(in_time) + length.into();
        Part {
            pieces: vec![Piece { path, clip: clip.name.to_string(), bytes, clock_bytes, owner: None }],
            packets: PACKETS,
            clock: PartClock::new(clip.stc_id.into(), played, start),
            join: join(connection),
            entry_points,
        }
    }

    /// Whether a clip that is played up to `before` its end goes on with another that is played from its beginning, on the same
    /// clock: by a clip, and OUT or IN. Discs join only such clips so; one without clip information is believed to be one.
    pub(super) fn is_one_stream(&mut self, before: (ClipRef, Ticks45), next: (ClipRef, Ticks45)) -> bool {
        let is_end = |info: &Clip| {
            let clock = info.clock(before.0.stc_id).filter(|clock| clock.end_packet == info.packets);
            clock.is_some_and(|clock| clock.since_start(before.1) >= clock.since_start(clock.end))
        };
        let is_begin = |info: &Clip| {
            let clock = info.clock(next.0.stc_id).filter(|clock| clock.first_packet == 0);
            clock.is_some_and(|clock| clock.since_start(next.1) <= Ticks90::ZERO)
        };
        before.0.name != next.0.name
            && before.1 == next.1
            && self.get(before.0).is_none_or(is_end)
            && self.get(next.0).is_none_or(is_begin)
    }
}

fn join(connection: Connection) -> Join {
    match connection {
        Connection::SeamlessNewClock => Join::SeamlessNewClock,
        Connection::SeamlessSameClock => Join::SeamlessSameClock,
        Connection::Break | Connection::Unknown(_) => Join::Break,
    }
}

/// The entry points that a player would use: those of the first stream that has some, which is the video.
fn main_points(clip: &Clip) -> Option<&EpMap> {
    clip.entry_points.iter().find(|m| !m.points.is_empty())
}

/// The bytes that lie on one of a clip's clocks. A file may be longer than its tables say.
fn clock_bytes(info: &Clip, clock: &StcSequence) -> Range<u64> {
    let is_last = clock.end_packet >= info.packets;
    let end = if is_last { u64::MAX } else { u64::from(clock.end_packet) * SOURCE_PACKET_BYTES };
    u64::from(clock.first_packet) * SOURCE_PACKET_BYTES..end
}

/// The bytes from the entry point at or before IN to the one behind OUT and the margin.
fn bytes(clock: &StcSequence, map: &EpMap, in_time: Ticks45, out_time: Ticks45) -> Range<u64> {
    let first = map.at_or_before(clock, in_time).map_or(clock.first_packet, |p| p.packet);
    let end = map.behind(clock, out_time, MARGIN).map_or(clock.end_packet, |p| p.packet);
    u64::from(first) * SOURCE_PACKET_BYTES..u64::from(end.max(first)) * SOURCE_PACKET_BYTES
}
