//! What a hole in a clip takes, to a frame: by the time stamps of the streams around it.
//!
//! Pictures are lost from the first one that is not there on; all that is shown up to the next entry point may depend on them.
//! Sound is lost from the last packet before the hole, unless that is whole, to the first one behind it. Where any of this
//! cannot be read, nothing is said, and the entry points alone place the hole.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::base::time::Ticks90;
use crate::bluray::clip::clpi::Clip;
use crate::bluray::clip::ep_map::{EntryPoint, EpMap};
use crate::bluray::clip::stc::{SOURCE_PACKET_BYTES, StcSequence};
use crate::demux::pes::{self, Parsed, PesHead};
use crate::fs::{File, FileSystem};

/// Read behind the entry point behind a hole, for sound that is sent beside its picture.
const TAIL: u64 = 1 << 20;

/// Most bytes that are read on either side of a hole: more than a second of the fastest film.
const SIDE: u64 = 16 << 20;

/// Bytes of a transport packet, behind the arrival time of a source packet.
const ARRIVAL: usize = 4;
const SYNC: u8 = 0x47;

/// A clip that is looked into beside its holes.
pub(in crate::title) struct Beside<'a> {
    pub(in crate::title) fs: &'a dyn FileSystem,
    pub(in crate::title) file: &'a File,
    /// Bytes that may still be read, of all clips.
    pub(in crate::title) left: &'a mut u64,
}

impl Beside<'_> {
    /// The times on `clock` that a hole takes, as far as they can be told to a frame. There must be no other hole near it.
    pub(in crate::title) fn times(
        &mut self,
        clip: &Clip,
        clock: &StcSequence,
        hole: &Range<u64>,
    ) -> Option<Range<Ticks90>> {
        let maps: Vec<&EpMap> = clip.entry_points.iter().filter(|map| !map.on(clock).is_empty()).collect();
        let [map] = maps.as_slice() else { return None };
        let points = map.on(clock);
        let next = points.partition_point(|point| point.offset() < hole.end);
        let before = points.partition_point(|point| point.offset() <= hole.start).checked_sub(1)?;
        // One entry point more on either side, so that each stream shows itself; in front, unless another hole lies there.
        let (earlier, before) = (points.get(before.saturating_sub(1))?.offset(), points.get(before)?.offset());
        let behind = points.get(next)?.offset();
        let later = points.get(next + 1).map_or(u64::MAX, EntryPoint::offset);
        let first = hole.end.next_multiple_of(SOURCE_PACKET_BYTES);
        let end = behind.saturating_add(TAIL).min(later).min(self.file.length());
        let head = self.stamps(earlier..hole.start, clock).or_else(|| self.stamps(before..hole.start, clock))?;
        let tail = self.stamps(first..end, clock)?;
        let key = tail.get(&map.pid)?.iter().find(|stamp| stamp.at >= behind)?.time;
        let mut lost: Option<Range<Ticks90>> = None;
        for (pid, stamps) in &head {
            let span = match kind(*pid)? {
                Kind::Video => pictures_end(stamps)?..key,
                Kind::Audio => sound_end(stamps)?..tail.get(pid)?.first()?.time,
            };
            let lost = lost.get_or_insert(span.clone());
            *lost = lost.start.min(span.start)..lost.end.max(span.end);
        }
        // A stream that begins behind the hole may have begun in it.
        let is_known = tail.keys().all(|pid| head.contains_key(pid));
        lost.filter(|lost| is_known && lost.start < lost.end)
    }

    /// The time stamps of the pictures and the sound that begin in a stretch of the file.
    fn stamps(&mut self, range: Range<u64>, clock: &StcSequence) -> Option<BTreeMap<u16, Vec<Stamp>>> {
        let length = range.end.saturating_sub(range.start);
        *self.left = self.left.checked_sub(length).filter(|_| length <= SIDE)?;
        let mut bytes = vec![0; usize::try_from(length).ok()?];
        let mut done = 0;
        while let Some(rest) = bytes.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.fs.read_at(self.file, range.start + done as u64, rest).ok()? {
                0 => return None,
                count => done += count,
            }
        }
        let mut streams: BTreeMap<u16, Vec<Stamp>> = BTreeMap::new();
        let packets = bytes.chunks_exact(usize::try_from(SOURCE_PACKET_BYTES).ok()?);
        for (at, packet) in (range.start..).step_by(usize::try_from(SOURCE_PACKET_BYTES).ok()?).zip(packets) {
            let Some((pid, begins, payload)) = payload(packet.get(ARRIVAL..)?) else { continue };
            if kind(pid).is_none() {
                continue;
            }
            let stamps = streams.entry(pid).or_default();
            match begins.then(|| pes::parse(payload)) {
                Some(Parsed::Head(PesHead { pts: Some(pts), payload_bytes, .. }, head)) => {
                    let here = u64::try_from(payload.len().saturating_sub(head)).unwrap_or(0);
                    let missing = payload_bytes.map(|bytes| u64::from(bytes).saturating_sub(here));
                    stamps.push(Stamp { time: clock.since_start(pts.ticks_45()), at, missing });
                }
                Some(_) => {}
                None => {
                    if let Some(missing) = stamps.last_mut().and_then(|last| last.missing.as_mut()) {
                        *missing = missing.saturating_sub(payload.len() as u64);
                    }
                }
            }
        }
        streams.retain(|_, stamps| !stamps.is_empty());
        Some(streams)
    }
}

/// What begins with a packet.
#[derive(Clone, Copy, Debug)]
struct Stamp {
    /// When it is shown or heard.
    time: Ticks90,
    /// Where its packet begins in the file.
    at: u64,
    /// Bytes of it that have not come; `None` where its length is not told.
    missing: Option<u64>,
}

/// What a PID of a Blu-ray carries, as far as a hole hurts it (BDA, part 3: PIDs are fixed). Subtitles are not counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Video,
    Audio,
}

fn kind(pid: u16) -> Option<Kind> {
    match pid {
        0x1011..=0x101F => Some(Kind::Video),
        0x1100..=0x111F => Some(Kind::Audio),
        _ => None,
    }
}

/// PID and payload of a transport packet, and whether something begins in it.
fn payload(packet: &[u8]) -> Option<(u16, bool, &[u8])> {
    let [sync, high, low, control] = *packet.first_chunk::<4>()?;
    if sync != SYNC || control & 0x10 == 0 {
        return None;
    }
    let pid = u16::from_be_bytes([high & 0x1F, low]);
    let skipped = if control & 0x20 == 0 { 0 } else { 1 + usize::from(*packet.get(4)?) };
    Some((pid, high & 0x40 != 0, packet.get(4 + skipped..)?))
}

/// Where pictures end that go on without a gap from an entry point: the last that begins before the hole may reach into it.
fn pictures_end(stamps: &[Stamp]) -> Option<Ticks90> {
    let (_, whole) = stamps.split_last()?;
    let first = whole.first().map_or_else(|| stamps.first().map(|stamp| stamp.time), |first| Some(first.time))?;
    let mut times: Vec<Ticks90> = stamps.iter().map(|stamp| stamp.time).collect();
    times.sort_unstable();
    let least = times.windows(2).map(|two| two[1] - two[0]).filter(|step| *step > Ticks90::ZERO).min()?;
    let mut shown: Vec<Ticks90> = whole.iter().map(|stamp| stamp.time).filter(|time| *time >= first).collect();
    shown.sort_unstable();
    // Pictures with repeated fields last half as long again.
    let gap = shown.windows(2).find(|two| (two[1] - two[0]).times(5) > least.times(8));
    let last = gap.map_or_else(|| shown.last().copied(), |two| two.first().copied());
    Some(last.map_or(first, |last| last + least))
}

/// Where sound ends that is whole.
fn sound_end(stamps: &[Stamp]) -> Option<Ticks90> {
    let last = stamps.last()?;
    let before = stamps.len().checked_sub(2).and_then(|index| stamps.get(index));
    match (last.missing, before) {
        (Some(0), Some(before)) => Some(last.time + (last.time - before.time)),
        _ => Some(last.time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamps(times: &[i64], missing: Option<u64>) -> Vec<Stamp> {
        times.iter().map(|time| Stamp { time: Ticks90(*time), at: 0, missing }).collect()
    }

    #[test]
    fn pictures_end_at_the_first_that_is_not_there() {
        let end = |times: &[i64]| pictures_end(&stamps(times, None)).map(|end| end.0);
        // I0 P3 B1 B2 P6 B4, and the last one is cut.
        assert_eq!(end(&[0, 30, 10, 20, 60, 40]), Some(40));
        assert_eq!(end(&[0, 30, 10, 20, 60]), Some(40));
        assert_eq!(end(&[0, 30, 10]), Some(10 + 10 - 10), "the first that is missing is the second");
        assert_eq!(end(&[100, 90, 130]), Some(110), "pictures shown before the entry point are another's");
        assert_eq!(end(&[0, 15, 25, 40, 50, 65]), Some(60), "repeated fields are no gap");
        assert_eq!(end(&[0]), None);
    }

    #[test]
    fn sound_that_is_whole_ends_behind_its_last_packet() {
        assert_eq!(sound_end(&stamps(&[0, 32, 64], Some(0))), Some(Ticks90(96)));
        assert_eq!(sound_end(&stamps(&[0, 32, 64], Some(5))), Some(Ticks90(64)));
        assert_eq!(sound_end(&stamps(&[64], None)), Some(Ticks90(64)));
    }

    #[test]
    fn a_packet_without_payload_or_sync_says_nothing() {
        let mut packet = [0; 188];
        assert_eq!(payload(&packet), None);
        packet[..5].copy_from_slice(&[SYNC, 0x51, 0x00, 0x30, 7]);
        let (pid, begins, bytes) = payload(&packet).unwrap();
        assert_eq!((pid, begins, bytes.len()), (0x1100, true, 188 - 4 - 8));
        packet[4] = 200;
        assert_eq!(payload(&packet), None);
    }
}
