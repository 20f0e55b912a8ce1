//! Transport stream packets: bare (188 bytes), with the arrival time of Blu-ray (192), with error correction (204).
//!
//! The loop steps from packet to packet and looks for sync only where the sync byte is missing. A packet of a
//! stream that nobody selected costs one load from a table.

use super::pes::{self, Parsed, PesHead};
use super::timestamp::Unwrapper;
use super::{Loss, LossKind, Sink};

const TS_BYTES: usize = 188;
const SYNC: u8 = 0x47;
/// Sync bytes in a row that make an offset believed after sync was lost.
const CONFIRM: usize = 4;
/// The continuity counter has four bits: a gap of this many packets may pass it unseen.
const COUNTER_PERIOD: u64 = 16;
/// Bytes that are encrypted as one on a Blu-ray, but for their first 16.
const ALIGNED_UNIT: u64 = 6144;
const NOT_SELECTED: u8 = u8::MAX;

/// How packets lie in the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layout {
    /// 192 bytes: two bits of copy permission, 30 bits of arrival time, the packet.
    M2ts,
    /// 188 bytes.
    Ts,
    /// 204 bytes: the packet, 16 bytes of error correction.
    Ts204,
}

impl Layout {
    /// Bytes from packet to packet.
    #[must_use]
    pub fn stride(self) -> usize {
        match self {
            Self::M2ts => 192,
            Self::Ts => TS_BYTES,
            Self::Ts204 => 204,
        }
    }

    /// Where in a packet with what stands around it the sync byte is.
    #[must_use]
    pub fn sync_at(self) -> usize {
        self.prefix()
    }

    fn prefix(self) -> usize {
        match self {
            Self::M2ts => 4,
            Self::Ts | Self::Ts204 => 0,
        }
    }

    /// Which layout the first bytes of a file have; `None` when they are no transport stream.
    /// Damage at the start is stepped over as long as some packets in a row are whole.
    #[must_use]
    pub fn detect(data: &[u8]) -> Option<Self> {
        let run = |x: usize, stride: usize| (0..8).all(|k| data.get(x + k * stride).is_none_or(|b| *b == SYNC));
        memchr::memchr_iter(SYNC, data).find_map(|x| {
            [Self::M2ts, Self::Ts, Self::Ts204].into_iter().find(|layout| {
                let stride = layout.stride();
                x >= layout.prefix() && x + 2 * stride < data.len() && run(x, stride)
            })
        })
    }
}

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

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// No packet was begun yet.
    Fresh,
    /// Between two packets.
    Idle,
    /// Gathering the PES head.
    Head,
    /// Inside the payload; bytes left of a bounded one.
    Payload(Option<u32>),
    /// Behind the declared end of a packet.
    Over,
    /// Lost; waits for the next packet.
    Void,
}

#[derive(Debug)]
struct Slot {
    state: State,
    /// Byte in the file where the packet under way begins.
    begun: u64,
    /// Of the packet under way.
    current: Option<PesHead>,
    /// A packet ended early though none of its transport packets was missing: its lengths are not to be believed.
    lies: bool,
    counter: Option<u8>,
    head: Vec<u8>,
    /// Payload of the last packet, to know a duplicate: where it lies in the slice at hand, else `saved`.
    last: Option<(usize, usize)>,
    saved: Vec<u8>,
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
        }
    }

    /// Selects the stream of `pid` (13 bits) and gives its slot; slots count from 0 in the order of selection.
    /// A PID selected before keeps its slot. `None`: no such PID, or no slot left (255).
    pub fn select(&mut self, pid: u16) -> Option<u8> {
        let entry = self.table.get_mut(usize::from(pid))?;
        if *entry == NOT_SELECTED {
            *entry = u8::try_from(self.slots.len()).ok().filter(|slot| *slot != NOT_SELECTED)?;
            self.slots.push(Slot {
                state: State::Fresh,
                begun: 0,
                current: None,
                lies: false,
                counter: None,
                head: Vec::with_capacity(pes::LONGEST_HEAD + TS_BYTES),
                last: None,
                saved: Vec::with_capacity(TS_BYTES),
            });
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
    }

    /// The file ends: packets without declared length are complete, others that are open are lost.
    pub fn finish<S: Sink + ?Sized>(&mut self, sink: &mut S) {
        self.drain(sink);
        if let Some(position) = self.lost_at.filter(|_| !self.locked)
            && self.position - position >= COUNTER_PERIOD * self.layout.stride() as u64
        {
            self.void_all(Loss { position, kind: LossKind::Sync }, sink);
        }
        for (index, slot) in self.slots.iter_mut().enumerate() {
            let lies = slot.lies;
            slot.close(index as u8, lies, self.position, sink);
            slot.counter = None;
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
        for slot in &mut self.slots {
            if let Some((from, to)) = slot.last.take() {
                slot.saved.clear();
                slot.saved.extend_from_slice(&data[from..to]);
            }
        }
        at
    }

    fn lock<S: Sink + ?Sized>(&mut self, sink: &mut S) {
        self.locked = true;
        let stride = self.layout.stride() as u64;
        self.grid = self.position % stride;
        if let Some(lost_at) = self.lost_at.take() {
            // Shorter gaps show in the counters of the streams they hit.
            if self.position - lost_at >= COUNTER_PERIOD * stride {
                self.void_all(Loss { position: lost_at, kind: LossKind::Sync }, sink);
            }
        }
    }

    /// Looks for a run of sync bytes from `at` on; gives where it starts, or up to where there is none.
    fn find_sync(&mut self, data: &[u8], at: usize, start: u64, end: bool) -> (usize, bool) {
        let (stride, prefix) = (self.layout.stride(), self.layout.prefix());
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
        let (stride, prefix) = (self.layout.stride(), self.layout.prefix());
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
            if slot != NOT_SELECTED {
                self.packet(slot, data, at + prefix, start, sink);
            }
            at += stride;
        }
        at
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
        let unchecked = control & 0x20 != 0 && packet[4] != 0 && packet[5] & 0x80 != 0;
        let counter = control & 0x0F;
        match slot.counter {
            Some(last) if !unchecked && counter != (last + 1) & 0x0F => {
                if counter == last && payload == slot.last_payload(data) {
                    return;
                }
                slot.void(index, Loss { position, kind: LossKind::Continuity }, sink);
            }
            _ => {}
        }
        slot.counter = Some(counter);
        slot.last = Some((at + TS_BYTES - payload.len(), at + TS_BYTES));
        if control & 0xC0 != 0 {
            self.scrambling.packets += 1;
            return slot.void(index, Loss { position, kind: LossKind::Scrambled }, sink);
        }
        if packet[1] & 0x40 != 0 {
            slot.close(index, true, position, sink);
            slot.state = State::Head;
            slot.begun = position;
            slot.head.clear();
        }
        self.payload(index, payload, position, sink);
    }

    fn payload<S: Sink + ?Sized>(&mut self, index: u8, payload: &[u8], position: u64, sink: &mut S) {
        let slot = &mut self.slots[usize::from(index)];
        match slot.state {
            State::Payload(left) => slot.deliver(index, payload, left, sink),
            State::Over => slot.go_on(index, payload, sink),
            State::Head => {
                let whole = if slot.head.is_empty() {
                    payload
                } else {
                    slot.head.extend_from_slice(payload);
                    &slot.head
                };
                match pes::parse(whole) {
                    Parsed::Head(mut head, size) => {
                        let clock = &mut self.clock;
                        // The decoding time first: it is the one that never goes back.
                        head.dts = head.dts.map(|stamp| clock.place(stamp));
                        head.pts = head.pts.map(|stamp| clock.place(stamp));
                        head.position = slot.begun;
                        slot.current = Some(head);
                        sink.start(index, &head);
                        let held = std::mem::take(&mut slot.head);
                        let rest = if held.is_empty() { payload } else { &held[..] };
                        slot.deliver(index, &rest[size..], head.payload_bytes, sink);
                        slot.head = held;
                    }
                    Parsed::Incomplete => {
                        if slot.head.is_empty() {
                            slot.head.extend_from_slice(payload);
                        }
                    }
                    Parsed::NoStream => slot.state = State::Idle,
                    Parsed::Invalid => slot.void(index, Loss { position, kind: LossKind::Packet }, sink),
                }
            }
            State::Fresh | State::Idle | State::Void => {}
        }
    }

    fn void_all<S: Sink + ?Sized>(&mut self, loss: Loss, sink: &mut S) {
        for (index, slot) in self.slots.iter_mut().enumerate() {
            slot.counter = None;
            slot.void(index as u8, loss, sink);
        }
    }
}

impl Slot {
    fn last_payload<'a>(&'a self, data: &'a [u8]) -> &'a [u8] {
        match self.last {
            Some((from, to)) => &data[from..to],
            None => &self.saved,
        }
    }

    fn deliver<S: Sink + ?Sized>(&mut self, index: u8, payload: &[u8], left: Option<u32>, sink: &mut S) {
        let Some(left) = left else {
            self.state = State::Payload(None);
            return sink.payload(index, payload);
        };
        let (ours, behind) = payload.split_at(payload.len().min(left as usize));
        sink.payload(index, ours);
        let left = left - ours.len() as u32;
        if left > 0 {
            self.state = State::Payload(Some(left));
            return;
        }
        sink.end(index);
        self.state = State::Over;
        self.go_on(index, behind, sink);
    }

    /// Takes what lies behind the declared end of a packet: stuffing, or more of the packet than its length tells.
    fn go_on<S: Sink + ?Sized>(&mut self, index: u8, payload: &[u8], sink: &mut S) {
        let is_stuffing = payload.iter().all(|b| *b == 0xFF) || payload.iter().all(|b| *b == 0);
        let Some(head) = self.current.filter(|_| !is_stuffing) else { return };
        sink.start(index, &PesHead { pts: None, dts: None, aligned: false, payload_bytes: None, ..head });
        sink.payload(index, payload);
        self.state = State::Payload(None);
    }

    /// Ends what is open, because a new packet begins or the file ends. `whole`: nothing of it is missing, whatever its
    /// length says.
    fn close<S: Sink + ?Sized>(&mut self, index: u8, whole: bool, position: u64, sink: &mut S) {
        match self.state {
            State::Payload(None | Some(0)) => sink.end(index),
            State::Payload(Some(_)) if whole => {
                self.lies = true;
                sink.end(index);
            }
            State::Payload(Some(_)) | State::Head => {
                self.void(index, Loss { position, kind: LossKind::Packet }, sink);
            }
            State::Fresh | State::Idle | State::Over | State::Void => return,
        }
        self.state = State::Idle;
    }

    fn void<S: Sink + ?Sized>(&mut self, index: u8, loss: Loss, sink: &mut S) {
        if !matches!(self.state, State::Void | State::Fresh) {
            self.state = State::Void;
            sink.lost(index, loss);
        }
    }
}

#[cfg(test)]
#[path = "m2ts_tests.rs"]
mod tests;
