//! Entry points (`EP_map`): at which packet the decoding of a picture may begin.

use super::stc::{SOURCE_PACKET_BYTES, StcSequence};
use crate::base::time::Ticks45;
use crate::bluray::TableError;
use crate::bluray::cursor::Cursor;

/// Most entry points of a clip, over all its streams: more than a film of ten hours has.
const ENTRY_LIMIT: usize = 1 << 20;
/// Bytes of a coarse entry.
const COARSE_LENGTH: usize = 8;
/// Bytes of a fine entry.
const FINE_LENGTH: usize = 4;

/// An entry point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EntryPoint {
    /// When the picture is presented, rounded down to a multiple of 256 ticks (5.7 ms).
    pub time: Ticks45,
    /// The source packet it begins in.
    pub packet: u32,
}

impl EntryPoint {
    /// Byte offset in the stream file.
    #[must_use]
    pub fn offset(&self) -> u64 {
        u64::from(self.packet) * SOURCE_PACKET_BYTES
    }
}

/// The entry points of one stream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EpMap {
    /// PID of the stream.
    pub pid: u16,
    /// The points, in the order of the file: ascending packets, and ascending times within a clock.
    pub points: Vec<EntryPoint>,
}

impl EpMap {
    /// The points that lie on a clock.
    #[must_use]
    pub fn on(&self, clock: &StcSequence) -> &[EntryPoint] {
        let from = self.points.partition_point(|p| p.packet < clock.first_packet);
        let to = self.points.partition_point(|p| p.packet < clock.end_packet);
        self.points.get(from..to).unwrap_or_default()
    }

    /// The last point on `clock` at or before `time`: where reading begins to show that time. As times are
    /// rounded, the picture itself may be up to 256 ticks later. `None` where the clock's first point is later.
    #[must_use]
    pub fn at_or_before(&self, clock: &StcSequence, time: Ticks45) -> Option<EntryPoint> {
        let points = self.on(clock);
        let next = points.partition_point(|p| clock.since_start(p.time) <= clock.since_start(time));
        next.checked_sub(1).and_then(|i| points.get(i)).copied()
    }

    /// The first point on `clock` more than `margin` behind `time`: by its packet, all video before that was read, but for
    /// pictures that are sent behind and shown before it. `None` where there is none: read to the clock's end.
    #[must_use]
    pub fn behind(&self, clock: &StcSequence, time: Ticks45, margin: Ticks45) -> Option<EntryPoint> {
        let points = self.on(clock);
        let end = clock.since_start(time) + margin.into();
        points.get(points.partition_point(|p| clock.since_start(p.time) <= end)).copied()
    }

    /// How many points on `clock` lie within `in_time..out_time`.
    #[must_use]
    pub fn count_within(&self, clock: &StcSequence, in_time: Ticks45, out_time: Ticks45) -> usize {
        let points = self.on(clock);
        let from = points.partition_point(|p| clock.since_start(p.time) < clock.since_start(in_time));
        let to = points.partition_point(|p| clock.since_start(p.time) < clock.since_start(out_time));
        to.saturating_sub(from)
    }
}

/// Where one stream's entries are.
struct Head {
    pid: u16,
    coarse: usize,
    fine: usize,
    start: usize,
}

/// The map; `map` starts at it and ends where the file says.
pub(in crate::bluray) fn parse(map: Cursor<'_>) -> Result<Vec<EpMap>, TableError> {
    let mut c = map;
    c.skip(1)?;
    let mut heads = Vec::new();
    let mut total = 0;
    for _ in 0..c.u8()? {
        let pid = c.u16()? & 0x1fff;
        // 10 bits reserved, 4 type, 16 coarse entries, 18 fine entries.
        let (high, low) = (c.u16()?, c.u32()?);
        let bits = u64::from(high) << 32 | u64::from(low);
        let (coarse, fine) = ((bits >> 18 & 0xffff) as usize, (bits & 0x3_ffff) as usize);
        total += fine;
        if total > ENTRY_LIMIT {
            return Err(c.error(format!("more than {ENTRY_LIMIT} entry points")));
        }
        heads.push(Head { pid, coarse, fine, start: c.u32()? as usize });
    }
    heads.iter().map(|head| stream(map, head)).collect()
}

fn stream(map: Cursor<'_>, head: &Head) -> Result<EpMap, TableError> {
    let mut coarse = map;
    coarse.skip(head.start)?;
    let mut fine = coarse;
    // Relative to this stream's part.
    let fine_start = coarse.u32()? as usize;
    fine.skip(fine_start)?;
    let mut fine = fine.sub(head.fine * FINE_LENGTH, "fine entry points")?;
    let mut coarse = coarse.sub(head.coarse * COARSE_LENGTH, "coarse entry points")?;
    let mut points = Vec::with_capacity(head.fine);
    let mut current = None;
    let mut next = next_coarse(&mut coarse)?;
    for index in 0..head.fine {
        while let Some((_, time, packet)) = next.filter(|n| n.0 as usize <= index) {
            current = Some((time, packet));
            next = next_coarse(&mut coarse)?;
        }
        let word = fine.u32()?;
        let Some((time_high, packet_high)) = current else {
            return Err(fine.error("a fine entry point that no coarse one covers"));
        };
        // 1 bit angle change, 3 bits size of the picture, 11 bits time, 17 bits packet.
        let time = time_high + ((word >> 17 & 0x7ff) << 8);
        points.push(EntryPoint { time: Ticks45(time), packet: packet_high | word & 0x1_ffff });
    }
    Ok(EpMap { pid: head.pid, points })
}

/// The next coarse entry: first fine entry, high bits of the time, high bits of the packet.
fn next_coarse(c: &mut Cursor<'_>) -> Result<Option<(u32, u32, u32)>, TableError> {
    if c.remaining() == 0 {
        return Ok(None);
    }
    let (word, packet) = (c.u32()?, c.u32()?);
    let time = (word & 0x3ffe) << 18;
    Ok(Some((word >> 14, time, packet & !0x1_ffff)))
}
