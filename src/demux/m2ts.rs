//! Transport stream packets: bare (188 bytes), with the arrival time of Blu-ray (192), with error correction (204).
//!
//! The loop steps from packet to packet and looks for sync only where the sync byte is missing. A packet of a
//! stream that nobody selected costs one load from a table.

use std::ops::Range;

pub use super::layout::Layout;
use super::layout::{SYNC, TS_BYTES};
use super::slot::Slot;
use super::timestamp::Unwrapper;
use super::{Loss, LossKind, Sink};

/// Sync bytes in a row that make an offset believed after sync was lost.
const CONFIRM: usize = 4;
/// The continuity counter has four bits: a gap of this many packets may pass it unseen.
const COUNTER_PERIOD: u64 = 16;
/// Bytes that are encrypted as one on a Blu-ray, but for their first 16.
const ALIGNED_UNIT: u64 = 6144;
const NOT_SELECTED: u8 = u8::MAX;

/// Signs that a stream is encrypted.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Scrambling {
    /// Selected packets whose `transport_scrambling_control` is not zero.
    pub packets: u64,
    /// Aligned units whose first packet has its copy permission bits set and is followed by no sync: an encrypted
    /// unit keeps its first 16 bytes in the clear.
    pub units: u64,
}

impl Scrambling {
    /// Whether any sign was seen. A single one can be damage; many are encryption.
    #[must_use]
    pub fn any(self) -> bool {
        self.packets + self.units > 0
    }
}

/// Takes a transport stream apart.
#[derive(Debug)]
pub struct Demux {
    layout: Layout,
    table: Box<[u8; 8192]>,
    slots: Vec<Slot>,
    /// Byte in the file of the next byte to be looked at.
    position: u64,
    /// Bytes not used yet: less than one packet, or than a search for sync needs.
    carry: Vec<u8>,
    locked: bool,
    /// Where sync was lost.
    lost_at: Option<u64>,
    /// Offset of packet starts in the file, modulo the stride.
    grid: u64,
    /// Bytes to pass over after a hole, up to the next packet start.
    skip: usize,
    last_prefix: u8,
    clock: Unwrapper,
    scrambling: Scrambling,
    /// Packets that were lost and are missing in no counter so far.
    unaccounted: u64,
    /// Only the heads of packets are wanted.
    is_of_heads: bool,
}

impl Demux {
    /// A demultiplexer for bytes that begin at `position` of the file.
    #[must_use]
    pub fn new(layout: Layout, position: u64) -> Self {
        Self {
            layout,
            table: Box::new([NOT_SELECTED; 8192]),
            slots: Vec::new(),
            position,
            carry: Vec::new(),
            // A file begins with a packet; if not, sync is looked for.
            locked: true,
            lost_at: None,
            grid: position % layout.stride() as u64,
            skip: 0,
            last_prefix: 0,
            clock: Unwrapper::default(),
            scrambling: Scrambling::default(),
            unaccounted: 0,
            is_of_heads: false,
        }
    }

    /// The same for one who wants to know of the heads of packets only: what of their payload comes is not whole, and no
    /// counter is looked at.
    #[must_use]
    pub fn of_heads(layout: Layout, position: u64) -> Self {
        Self { is_of_heads: true, ..Self::new(layout, position) }
    }

    /// Selects the stream of `pid` (13 bits) and gives its slot; slots count from 0 in the order of selection.
    /// A PID selected before keeps its slot. `None`: no such PID, or no slot left (255).
    pub fn select(&mut self, pid: u16) -> Option<u8> {
        let entry = self.table.get_mut(usize::from(pid))?;
        if *entry == NOT_SELECTED {
            *entry = u8::try_from(self.slots.len()).ok().filter(|slot| *slot != NOT_SELECTED)?;
            self.slots.push(Slot::new());
        }
        Some(*entry)
    }

    /// Byte in the file behind the last one that was used.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The clock that all streams share, to say where it should be or to reset it.
    pub fn clock(&mut self) -> &mut Unwrapper {
        &mut self.clock
    }

    /// Signs of encryption so far.
    #[must_use]
    pub fn scrambling(&self) -> Scrambling {
        self.scrambling
    }

    /// Takes the next bytes of the file. Slices of a few MiB are best; any other gives the same result.
    pub fn push<S: Sink + ?Sized>(&mut self, data: &[u8], sink: &mut S) {
        let skipped = self.skip.min(data.len());
        self.skip -= skipped;
        self.position += skipped as u64;
        let mut data = &data[skipped..];
        if !self.carry.is_empty() {
            // Enough of the new bytes behind the old ones that none of the old ones are left over.
            let kept = self.carry.len();
            let taken = data.len().min(2 * CONFIRM * self.layout.stride());
            let mut joint = std::mem::take(&mut self.carry);
            joint.extend_from_slice(&data[..taken]);
            let used = self.run(&joint, false, sink);
            if used < kept {
                joint.drain(..used);
                self.carry = joint;
                return;
            }
            data = &data[used - kept..];
            joint.clear();
            self.carry = joint;
        }
        let used = self.run(data, false, sink);
        self.carry.extend_from_slice(&data[used..]);
    }

    /// The bytes up to `position` are missing: open packets are void, and [`Demux::push`] goes on from there.
    pub fn hole<S: Sink + ?Sized>(&mut self, position: u64, sink: &mut S) {
        self.drain(sink);
        self.void_all(Loss { position: self.position, kind: LossKind::Hole }, sink);
        self.position = position;
        self.skip = 0;
        if self.locked {
            let stride = self.layout.stride() as u64;
            let into = (position % stride + stride - self.grid) % stride;
            self.skip = ((stride - into) % stride) as usize;
        }
    }

    /// The bytes behind those that came lie at `position`, perhaps of another file: nothing is missing between them.
    pub fn jump<S: Sink + ?Sized>(&mut self, position: u64, sink: &mut S) {
        self.drain(sink);
        self.position = position;
        self.skip = 0;
        self.locked = true;
        self.grid = position % self.layout.stride() as u64;
        // Another file may count from elsewhere.
        self.slots.iter_mut().for_each(|slot| slot.counter = None);
    }

    /// The file ends: packets without declared length are complete, others that are open are lost.
    pub fn finish<S: Sink + ?Sized>(&mut self, sink: &mut S) {
        self.drain(sink);
        // Other files may be filled up to the end of a block; a clip is, with packets without content.
        let long = COUNTER_PERIOD * self.layout.stride() as u64;
        if let Some(position) = self.lost_at.filter(|_| !self.locked)
            && (self.position - position >= long || self.layout == Layout::M2ts)
        {
            self.lost_packets(position..self.position, sink);
        }
        for (index, slot) in self.slots.iter_mut().enumerate() {
            if self.unaccounted > 0 {
                slot.lose_in_doubt(index as u8, sink);
            }
            slot.finish(index as u8, self.position, sink);
        }
    }

    fn drain<S: Sink + ?Sized>(&mut self, sink: &mut S) {
        let carry = std::mem::take(&mut self.carry);
        let used = self.run(&carry, true, sink);
        self.position += (carry.len() - used) as u64;
    }

    /// Works through `data` as far as it can; gives the bytes used.
    fn run<S: Sink + ?Sized>(&mut self, data: &[u8], end: bool, sink: &mut S) -> usize {
        let start = self.position;
        let mut at = 0;
        loop {
            if self.locked {
                at = self.packets(data, at, sink);
                self.position = start + at as u64;
                if data.len() - at < self.layout.stride() {
                    break;
                }
                self.locked = false;
                self.lost_at = Some(self.position);
                self.scrambling.units += u64::from(self.last_prefix & 0xC0 != 0);
            }
            let found;
            (at, found) = self.find_sync(data, at, start, end);
            self.position = start + at as u64;
            if !found {
                break;
            }
            self.lock(sink);
        }
        self.slots.iter_mut().for_each(|slot| slot.save(data));
        at
    }

    fn lock<S: Sink + ?Sized>(&mut self, sink: &mut S) {
        self.locked = true;
        let stride = self.layout.stride() as u64;
        self.grid = self.position % stride;
        if let Some(lost_at) = self.lost_at.take() {
            self.lost_packets(lost_at..self.position, sink);
        }
    }

    /// These bytes are no packets.
    fn lost_packets<S: Sink + ?Sized>(&mut self, bytes: Range<u64>, sink: &mut S) {
        let (stride, gap) = (self.layout.stride() as u64, bytes.end - bytes.start);
        let passes_counters = gap >= COUNTER_PERIOD * stride;
        // Others stand between packets, of which none need be missing.
        let were_packets = gap.is_multiple_of(stride);
        if !passes_counters && !were_packets {
            return;
        }
        sink.gap(bytes.clone());
        if passes_counters {
            self.void_all(Loss { position: bytes.start, kind: LossKind::Sync }, sink);
        }
        if self.slots.iter().all(|slot| slot.doubt.is_none()) {
            self.unaccounted = 0;
        }
        self.unaccounted += gap.div_ceil(stride);
        // A shorter gap shows in the counters of the streams it hit, unless they begin behind it, or have ended.
        for slot in self.slots.iter_mut().filter(|slot| !passes_counters || (were_packets && slot.is_fresh())) {
            slot.doubt.get_or_insert(bytes.start);
        }
    }

    /// Looks for a run of sync bytes from `at` on; gives where it starts, or up to where there is none.
    fn find_sync(&mut self, data: &[u8], at: usize, start: u64, end: bool) -> (usize, bool) {
        let (stride, prefix) = (self.layout.stride(), self.layout.sync_at());
        let mut at = at;
        loop {
            let Some(found) = data.get(at + prefix..).and_then(|rest| memchr::memchr(SYNC, rest)) else {
                // The prefix of a packet whose sync byte is still to come must be kept.
                return (at.max(data.len().saturating_sub(prefix)), false);
            };
            at += found;
            let confirmed = (1..CONFIRM).take_while(|k| data.get(at + prefix + k * stride) == Some(&SYNC)).count() + 1;
            if confirmed == CONFIRM {
                return (at, true);
            }
            if at + prefix + confirmed * stride >= data.len() {
                if !end {
                    return (at, false);
                }
                // At the end too few are left to confirm: believe what lies in step with the packets before.
                let in_step = (start + at as u64) % stride as u64 == self.grid;
                if in_step && data.len() - at >= stride {
                    return (at, true);
                }
            }
            let unit_start = (start + at as u64).is_multiple_of(ALIGNED_UNIT);
            self.scrambling.units += u64::from(prefix != 0 && unit_start && data[at] & 0xC0 != 0);
            at += 1;
        }
    }

    fn packets<S: Sink + ?Sized>(&mut self, data: &[u8], mut at: usize, sink: &mut S) -> usize {
        let (stride, prefix) = (self.layout.stride(), self.layout.sync_at());
        let start = self.position - at as u64;
        while let Some(unit) = data.get(at..at + stride) {
            let packet = &unit[prefix..];
            if packet[0] != SYNC {
                break;
            }
            if prefix != 0 {
                self.last_prefix = unit[0];
            }
            let pid = usize::from(u16::from_be_bytes([packet[1], packet[2]]) & 0x1FFF);
            let slot = self.table[pid];
            if slot != NOT_SELECTED && (!self.is_of_heads || self.may_hold_head(slot, packet)) {
                self.packet(slot, data, at + prefix, start, sink);
            }
            at += stride;
        }
        at
    }

    fn may_hold_head(&self, slot: u8, packet: &[u8]) -> bool {
        packet[1] & 0x40 != 0 || self.slots[usize::from(slot)].is_in_head()
    }

    fn packet<S: Sink + ?Sized>(&mut self, index: u8, data: &[u8], at: usize, start: u64, sink: &mut S) {
        let packet = &data[at..at + TS_BYTES];
        let position = start + at as u64;
        let slot = &mut self.slots[usize::from(index)];
        if packet[1] & 0x80 != 0 {
            slot.counter = None;
            return slot.void(index, Loss { position, kind: LossKind::ErrorIndicator }, sink);
        }
        let control = packet[3];
        let from = match control & 0x30 {
            0x10 => 4,
            0x30 => 5 + usize::from(packet[4]),
            0x20 => {
                if packet[4] != 0 && packet[5] & 0x80 != 0 {
                    slot.counter = None;
                }
                return;
            }
            _ => return,
        };
        let payload = packet.get(from..).unwrap_or_default();
        let unchecked = self.is_of_heads || (control & 0x20 != 0 && packet[4] != 0 && packet[5] & 0x80 != 0);
        let counter = control & 0x0F;
        match slot.counter {
            Some(last) if !unchecked && counter != (last + 1) & 0x0F => {
                if counter == last && payload == slot.last_payload(data) {
                    return;
                }
                if slot.doubt.is_some() {
                    let missing = counter.wrapping_sub(last + 1) & 0x0F;
                    self.unaccounted = self.unaccounted.saturating_sub(missing.into());
                }
                slot.void(index, Loss { position, kind: LossKind::Continuity }, sink);
            }
            None if !self.is_of_heads && self.unaccounted > 0 => slot.lose_in_doubt(index, sink),
            _ => {}
        }
        slot.doubt = None;
        slot.counter = Some(counter);
        slot.last = Some((at + TS_BYTES - payload.len(), at + TS_BYTES));
        if control & 0xC0 != 0 {
            self.scrambling.packets += 1;
            return slot.void(index, Loss { position, kind: LossKind::Scrambled }, sink);
        }
        if packet[1] & 0x40 != 0 {
            slot.begin(index, position, sink);
        }
        slot.take(index, payload, position, &mut self.clock, sink);
    }

    fn void_all<S: Sink + ?Sized>(&mut self, loss: Loss, sink: &mut S) {
        for (index, slot) in self.slots.iter_mut().enumerate() {
            (slot.counter, slot.doubt) = (None, None);
            // Of one that begins later nothing need be missing.
            if !slot.is_fresh() {
                slot.void(index as u8, loss, sink);
            }
        }
    }
}

#[cfg(test)]
#[path = "m2ts_tests.rs"]
mod tests;
