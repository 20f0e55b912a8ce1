//! Which PES packets of a stream file lie in a stretch of it, by a reader of its own (ISO/IEC 13818-1, 2.4.3).

use std::collections::BTreeMap;
use std::ops::Range;

/// Bytes of a source packet.
pub(super) const PACKET: usize = 192;

/// A PES packet: where its first and its last source packet begin, and when it is presented, 90 kHz.
#[derive(Clone, Copy, Debug)]
struct Pes {
    first: u64,
    last: u64,
    pts: Option<u64>,
}

/// The PES packets of each PID, in the order of the file.
pub(super) struct Packets(BTreeMap<u16, Vec<Pes>>);

/// What of a PID lies in a stretch: PES packets, and for how long they are presented, seconds.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Hit {
    pub(super) packets: usize,
    pub(super) seconds: f64,
}

impl Packets {
    /// Reads a whole stream file.
    pub(super) fn read(file: &[u8]) -> Self {
        let mut pids: BTreeMap<u16, Vec<Pes>> = BTreeMap::new();
        for (index, packet) in file.chunks_exact(PACKET).enumerate() {
            let at = (index * PACKET) as u64;
            let pid = u16::from_be_bytes([packet[5] & 0x1F, packet[6]]);
            let list = pids.entry(pid).or_default();
            if packet[5] & 0x40 != 0 {
                list.push(Pes { first: at, last: at, pts: pts(payload(packet)) });
            } else if let Some(last) = list.last_mut() {
                last.last = at;
            }
        }
        Self(pids)
    }

    /// The PIDs of elementary streams, with what of each lies in the range of bytes.
    pub(super) fn hits(&self, bytes: &Range<u64>) -> impl Iterator<Item = (u16, Hit)> {
        self.0.iter().filter(|(pid, _)| **pid >= 0x1011).map(move |(pid, list)| {
            let touches = |p: &Pes| p.first < bytes.end && p.last + PACKET as u64 > bytes.start;
            let from = list.iter().position(touches).unwrap_or(list.len());
            let count = list[from..].iter().take_while(|p| touches(p)).count();
            let time = |index: usize| list.get(index..).and_then(|rest| rest.iter().find_map(|p| p.pts));
            let end = time(from + count).or_else(|| list.iter().rev().find_map(|p| p.pts));
            let ticks = time(from).zip(end).map_or(0, |(from, end)| end.wrapping_sub(from) & 0x1_FFFF_FFFF);
            // A clock that jumps tells nothing.
            let seconds = if ticks > 90_000 * 20 { 0.0 } else { ticks as f64 / 90_000.0 };
            (*pid, Hit { packets: count, seconds: if count == 0 { 0.0 } else { seconds } })
        })
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
