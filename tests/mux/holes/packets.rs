//! What of each stream lies in a stretch of a stream file, by a reader of its own (ISO/IEC 13818-1, 2.4.3 and 2.5.3).

use std::collections::BTreeMap;
use std::ops::Range;

/// Bytes of a source packet of a Blu-ray, and of a pack of a DVD.
pub(super) const PACKET: usize = 192;
pub(super) const SECTOR: usize = 2048;

const PACK: [u8; 4] = [0, 0, 1, 0xBA];
const PACK_HEAD: usize = 14;
/// Times further apart than this are on two clocks, 90 kHz.
const JUMP: u64 = 90_000 * 20;

/// What a stream holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Video,
    Audio,
    Other,
}

/// Of the stream with this PID, or with this id in a program stream (`0xBD80`).
pub(super) fn kind(number: u16) -> Kind {
    match number {
        0xE0..=0xEF | 0x1011..=0x10FF => Kind::Video,
        0xC0..=0xCF | 0xBD80..=0xBDAF | 0x1100..=0x11FF | 0x1A00..=0x1AFF => Kind::Audio,
        _ => Kind::Other,
    }
}

/// A PES packet, or a picture of a DVD, which lies in several: its bytes in the file from the first to the last, and when it
/// is presented, 90 kHz.
#[derive(Clone, Debug)]
struct Unit {
    bytes: Range<u64>,
    pts: Option<u64>,
}

/// The units of each stream, in the order of the file.
pub(super) struct Packets(BTreeMap<u16, Vec<Unit>>);

/// What of a stream lies in a stretch: PES packets or pictures, and for how long they are presented, seconds.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Hit {
    pub(super) units: usize,
    pub(super) seconds: f64,
}

impl Packets {
    /// Reads a whole stream file of a Blu-ray or a DVD.
    pub(super) fn read(file: &[u8]) -> Self {
        if file.starts_with(&PACK) { Self::program(file) } else { Self::transport(file) }
    }

    fn transport(file: &[u8]) -> Self {
        let mut streams: BTreeMap<u16, Vec<Unit>> = BTreeMap::new();
        for (at, packet) in (0..).step_by(PACKET).zip(file.chunks_exact(PACKET)) {
            let end = at + PACKET as u64;
            let pid = u16::from_be_bytes([packet[5] & 0x1F, packet[6]]);
            let list = streams.entry(pid).or_default();
            if packet[5] & 0x40 != 0 {
                list.push(Unit { bytes: at..end, pts: pts(payload(packet)) });
            } else if let Some(last) = list.last_mut() {
                last.bytes.end = end;
            }
        }
        streams.retain(|pid, _| *pid >= 0x1011);
        Self(streams)
    }

    fn program(file: &[u8]) -> Self {
        let mut streams: BTreeMap<u16, Vec<Unit>> = BTreeMap::new();
        // The last bytes of video, which may be the first of a start code.
        let mut tail = [0xFF; 3];
        for (at, sector) in (0..).step_by(SECTOR).zip(file.chunks_exact(SECTOR)) {
            let bytes = at..at + SECTOR as u64;
            let mut place = PACK_HEAD;
            while let Some(pes) = sector.get(place..).filter(|rest| rest.len() > 9 && rest.starts_with(&[0, 0, 1])) {
                let size = 6 + usize::from(u16::from_be_bytes([pes[4], pes[5]]));
                let pes = &pes[..size.min(pes.len())];
                place += size;
                let id = u16::from(pes[3]);
                let content = pes.get(9 + usize::from(pes.get(8).copied().unwrap_or(0))..).unwrap_or_default();
                match id {
                    0xE0..=0xEF => pictures(streams.entry(id).or_default(), &mut tail, content, &bytes),
                    0xC0..=0xCF => streams.entry(id).or_default().push(Unit { bytes: bytes.clone(), pts: pts(pes) }),
                    0xBD => {
                        let number = id << 8 | u16::from(content.first().copied().unwrap_or(0));
                        streams.entry(number).or_default().push(Unit { bytes: bytes.clone(), pts: pts(pes) });
                    }
                    // Navigation and padding: where such a pack is lost, nobody knows that it was no more than that.
                    _ => streams.entry(id).or_default().push(Unit { bytes: bytes.clone(), pts: None }),
                }
            }
        }
        Self(streams)
    }

    /// What of each stream lies in `bytes`, one by one: those of a piece of a film that were hit.
    pub(super) fn hits(&self, bytes: &Range<u64>) -> impl Iterator<Item = (u16, Hit)> {
        self.0.iter().map(move |(number, list)| (*number, hit(list, bytes)))
    }
}

fn hit(list: &[Unit], bytes: &Range<u64>) -> Hit {
    let touches = |unit: &Unit| unit.bytes.start < bytes.end && bytes.start < unit.bytes.end;
    let from = list.iter().position(touches).unwrap_or(list.len());
    let units = list[from..].iter().take_while(|unit| touches(unit)).count();
    let (inside, behind) = list[from..].split_at(units);
    let first = |units: &[Unit]| units.iter().find_map(|unit| unit.pts);
    let last = |units: &[Unit]| units.iter().rev().find_map(|unit| unit.pts);
    let passed = |from: u64, to: u64| Some(to.wrapping_sub(from) & 0x1_FFFF_FFFF).filter(|ticks| *ticks < JUMP);
    let Some((start, end)) = first(inside).zip(last(inside)) else {
        return Hit { units, seconds: 0.0 };
    };
    // What is presented with the last one is of its frame.
    let is_later = |pts: &u64| passed(end, *pts).is_some_and(|ticks| ticks > 0);
    let next = behind.iter().filter_map(|unit| unit.pts).find(is_later);
    // Where the clock ends, the last one lasts as long as the one in front of it.
    let before = || list[..from + units].iter().rev().filter_map(|unit| unit.pts).find(|pts| *pts != end);
    let step = || before().and_then(|before| passed(before, end)).unwrap_or(0);
    let to_end = || passed(start, end).map(|ticks| ticks + step());
    let ticks = next.and_then(|next| passed(start, next)).or_else(to_end).unwrap_or(0);
    Hit { units, seconds: ticks as f64 / 90_000.0 }
}

/// Adds the pictures that begin in more bytes of video, which lie in `bytes` of the file.
fn pictures(list: &mut Vec<Unit>, tail: &mut [u8; 3], content: &[u8], bytes: &Range<u64>) {
    if let Some(last) = list.last_mut() {
        last.bytes.end = bytes.end;
    }
    let joined = [&tail[..], content].concat();
    for _ in joined.windows(4).filter(|window| **window == [0, 0, 1, 0]) {
        list.push(Unit { bytes: bytes.clone(), pts: None });
    }
    if let Some(last) = joined.last_chunk() {
        *tail = *last;
    }
}

fn payload(packet: &[u8]) -> &[u8] {
    let skip = if packet[7] & 0x20 != 0 { 9 + usize::from(packet[8]) } else { 8 };
    packet.get(skip..).unwrap_or_default()
}

fn pts(pes: &[u8]) -> Option<u64> {
    let b = pes.get(..14).filter(|b| b[..3] == [0, 0, 1] && b[7] & 0x80 != 0)?;
    let bits = |at: usize| u64::from(b[at]);
    Some((bits(9) >> 1 & 7) << 30 | bits(10) << 22 | (bits(11) >> 1) << 15 | bits(12) << 7 | bits(13) >> 1)
}
