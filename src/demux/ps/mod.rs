//! Program streams (ISO/IEC 13818-1, 2.5; ISO/IEC 11172-1): packs, and the packets in them, each whole.
//!
//! A DVD lays one pack into each sector, and the first of each unit is a navigation pack that says which cell the unit
//! belongs to. Cells of other angles lie between ours: what is not ours is passed over.

mod packet;

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::pes::{Parsed, PesHead};
use super::timestamp::Unwrapper;
use super::{Loss, LossKind, Sink};
use packet::{END, PACK, PACK_HEAD, PACKET_HEAD, SYSTEM_HEAD, Step, packet_head, private_head, step};

static PACK_START: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(&PACK));
/// Zeros between packs, fewer than a sector, are padding.
const PADDING: u64 = 2048;
/// Bytes of a pack of a DVD; a packet that reaches further may say that it is longer than it is.
const DVD_PACK: u64 = 2048;
const NOT_SELECTED: u8 = u8::MAX;

const PRIVATE_1: u8 = 0xBD;
const PRIVATE_2: u8 = 0xBF;
/// Number of the private packet that says when a unit plays, and where in its data it does.
const PCI: u8 = 0;
const PCI_START: usize = 0x0C;
const PCI_END: usize = 0x10;
/// How far the end of a unit may lie from the start of the next one: its last sound may be longer than its pictures.
const NEAR: u32 = 9000;
/// Number of the private packet that says which cell a unit belongs to, and where in its data it does.
const DSI: u8 = 1;
const DSI_VOB: usize = 0x18;
const DSI_CELL: usize = 0x1B;

/// Which unit is wanted of those that lie mixed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Owner {
    /// VOB and cell.
    pub cell: (u16, u8),
    /// What no navigation pack tells is ours: the tables of the disc say that all of it is.
    pub is_vouched: bool,
}

/// What came in front of a unit.
#[derive(Clone, Copy, Debug)]
enum Before {
    /// Nothing: the tables say that what is ours begins here.
    Nothing,
    /// A unit that is ours and ends at this time.
    Ours { end: u32 },
    /// A unit that is not, or nobody knows.
    Unknown,
}

/// Takes a program stream apart.
#[derive(Debug)]
pub struct Demux {
    /// Slots by stream id, and by the number in private stream 1.
    ids: [u8; 256],
    private: [u8; 256],
    slots: u8,
    /// Which of them were seen at all.
    seen: [bool; 256],
    seen_private: [bool; 256],
    /// Byte in the file of the next byte to be looked at.
    position: u64,
    /// Bytes of a packet that is not whole yet.
    carry: Vec<u8>,
    /// Where in the file bytes began that are no packs, and whether all of them were zero.
    lost: Option<(u64, bool)>,
    owner: Option<Owner>,
    is_ours: bool,
    /// When the unit begins and ends whose navigation pack came last.
    unit: Option<(u32, u32)>,
    before: Before,
    clock: Unwrapper,
    scrambled: u64,
    /// Where the last pack began, and whether it is one of MPEG-1.
    pack: Option<(u64, bool)>,
}

impl Demux {
    /// A demultiplexer for bytes that begin at `position` of the file.
    #[must_use]
    pub fn new(position: u64) -> Self {
        Self {
            ids: [NOT_SELECTED; 256],
            private: [NOT_SELECTED; 256],
            slots: 0,
            seen: [false; 256],
            seen_private: [false; 256],
            position,
            carry: Vec::new(),
            lost: None,
            owner: None,
            is_ours: true,
            unit: None,
            before: Before::Nothing,
            clock: Unwrapper::default(),
            scrambled: 0,
            pack: None,
        }
    }

    /// Whether these first bytes of a file are a program stream: packs follow each other.
    #[must_use]
    pub fn detect(data: &[u8]) -> bool {
        let mut packs = 0;
        let Some(mut at) = PACK_START.find(data) else { return false };
        while let Some(rest) = data.get(at..).filter(|rest| rest.len() > PACKET_HEAD) {
            packs += usize::from(rest.starts_with(&PACK));
            match step(rest) {
                Step::Whole(size) => at += size,
                Step::Incomplete => break,
                Step::Invalid => return packs > 8,
            }
        }
        packs > 1
    }

    /// Selects the stream `id`, of private stream 1 (0xBD) that with the number `private`, and gives its slot; slots
    /// count from 0 in the order of selection. One selected before keeps its slot. `None`: no slot is left (255).
    pub fn select(&mut self, id: u8, private: Option<u8>) -> Option<u8> {
        let entry = match private {
            Some(number) if id == PRIVATE_1 => self.private.get_mut(usize::from(number))?,
            _ => self.ids.get_mut(usize::from(id))?,
        };
        if *entry == NOT_SELECTED {
            if self.slots == NOT_SELECTED {
                return None;
            }
            *entry = self.slots;
            self.slots += 1;
        }
        Some(*entry)
    }

    /// From here on only units of this cell count, until another is set; `None`: all do.
    pub fn own(&mut self, owner: Option<Owner>) {
        self.owner = owner;
        self.is_ours = owner.is_none_or(|owner| owner.is_vouched);
        self.before = Before::Nothing;
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

    /// Packets that are marked as scrambled.
    #[must_use]
    pub fn scrambled(&self) -> u64 {
        self.scrambled
    }

    /// The streams that were seen: id, and of private stream 1 the number in it.
    pub fn seen(&self) -> impl Iterator<Item = (u8, Option<u8>)> {
        let numbers = |seen: [bool; 256]| (0..=u8::MAX).zip(seen).filter(|(_, seen)| *seen).map(|(number, _)| number);
        let private = numbers(self.seen_private).map(|number| (PRIVATE_1, Some(number)));
        numbers(self.seen).map(|id| (id, None)).chain(private)
    }

    /// Takes the next bytes of the file, in slices of any size.
    pub fn push<S: Sink + ?Sized>(&mut self, data: &[u8], sink: &mut S) {
        if self.carry.is_empty() {
            let used = self.run(data, sink);
            self.carry.extend_from_slice(data.get(used..).unwrap_or_default());
            return;
        }
        let mut joint = std::mem::take(&mut self.carry);
        joint.extend_from_slice(data);
        let used = self.run(&joint, sink);
        joint.drain(..used);
        self.carry = joint;
    }

    /// The bytes up to `position` are missing; [`Demux::push`] goes on from there.
    pub fn hole<S: Sink + ?Sized>(&mut self, position: u64, sink: &mut S) {
        let loss = Loss { position: self.position, kind: LossKind::Hole };
        self.begin_at(position);
        self.is_ours = self.owner.is_none_or(|owner| owner.is_vouched);
        self.before = Before::Unknown;
        self.lose(loss, sink);
    }

    /// The stream goes on at `position` of the same or another file; what comes in front of that is whole or lost.
    pub fn jump<S: Sink + ?Sized>(&mut self, position: u64, sink: &mut S) {
        self.finish(sink);
        self.begin_at(position);
    }

    fn begin_at(&mut self, position: u64) {
        self.carry = Vec::new();
        self.lost = None;
        self.pack = None;
        self.position = position;
    }

    /// The file ends: a packet that is not whole is lost.
    pub fn finish<S: Sink + ?Sized>(&mut self, sink: &mut S) {
        let left = std::mem::take(&mut self.carry);
        let is_zero = left.iter().all(|byte| *byte == 0);
        let end = self.position + left.len() as u64;
        match self.lost.take() {
            Some((began, was_zero)) => self.tell(began..end, was_zero && is_zero, sink),
            None if is_zero => {}
            None => self.lose(Loss { position: self.position, kind: LossKind::Packet }, sink),
        }
        self.position = end;
    }

    /// Bytes between packs: zeros, if they are few, are padding.
    fn tell<S: Sink + ?Sized>(&mut self, bytes: Range<u64>, is_zero: bool, sink: &mut S) {
        if is_zero && bytes.end - bytes.start < PADDING {
            return;
        }
        self.is_ours = self.owner.is_none_or(|owner| owner.is_vouched);
        let loss = Loss { position: bytes.start, kind: LossKind::Sync };
        sink.gap(bytes);
        self.lose(loss, sink);
    }

    fn lose<S: Sink + ?Sized>(&self, loss: Loss, sink: &mut S) {
        (0..self.slots).for_each(|slot| sink.lost(slot, loss));
    }

    /// Works through `data` as far as it can; gives the bytes used.
    fn run<S: Sink + ?Sized>(&mut self, data: &[u8], sink: &mut S) -> usize {
        let start = self.position;
        let mut at = 0;
        while let Some(rest) = data.get(at..).filter(|rest| !rest.is_empty()) {
            self.position = start + at as u64;
            at += if self.lost.is_some() {
                let Some(step) = self.seek(rest, sink) else { break };
                step
            } else {
                match step(rest) {
                    Step::Whole(size) => {
                        let packet = rest.get(..size).unwrap_or_default();
                        match self.pack_inside(packet) {
                            Some(place) => {
                                self.invalid(packet.get(3).copied().unwrap_or(0), sink);
                                place
                            }
                            None => {
                                self.take(packet, sink);
                                size
                            }
                        }
                    }
                    Step::Incomplete => break,
                    Step::Invalid => {
                        // Past the first byte, so that a start code of nothing known is not found again.
                        self.lost = Some((self.position, rest.first() == Some(&0)));
                        1
                    }
                }
            };
        }
        self.position = start + at as u64;
        at
    }

    /// Looks for the next pack; gives the bytes to pass over, or `None` where more are needed.
    fn seek<S: Sink + ?Sized>(&mut self, data: &[u8], sink: &mut S) -> Option<usize> {
        let found = PACK_START.find(data);
        // The last bytes may be the first of a start code.
        let step = found.unwrap_or(data.len().saturating_sub(PACK.len() - 1));
        let (began, was_zero) = self.lost?;
        let is_zero = was_zero && data.get(..step).is_some_and(|bytes| bytes.iter().all(|byte| *byte == 0));
        self.lost = Some((began, is_zero));
        if found.is_some() {
            self.lost = None;
            self.tell(began..self.position + step as u64, is_zero, sink);
        }
        (step > 0 || found.is_some()).then_some(step)
    }

    /// Where in a packet a pack begins: it says that it is longer than it is. None does in one that ends with its sector.
    fn pack_inside(&self, packet: &[u8]) -> Option<usize> {
        let (pack, _) = self.pack?;
        if self.position + packet.len() as u64 <= pack + DVD_PACK {
            return None;
        }
        let from = PACKET_HEAD.min(packet.len());
        let mut places = PACK_START.find_iter(packet.get(from..)?).map(|place| from + place);
        places.find(|place| {
            let rest = packet.get(*place..).unwrap_or_default();
            // Followed by what may follow it, it is no chance.
            matches!(step(rest), Step::Whole(size) if rest.get(size..).is_some_and(|next| next.starts_with(&PACK[..3])))
        })
    }

    /// Takes a whole head or packet.
    fn take<S: Sink + ?Sized>(&mut self, packet: &[u8], sink: &mut S) {
        let Some(id) = packet.get(3).copied() else { return };
        match id {
            PACK_HEAD => self.pack = Some((self.position, packet.get(4).is_some_and(|byte| byte & 0xF0 == 0x20))),
            END | SYSTEM_HEAD => {}
            PRIVATE_2 => self.navigation(packet.get(PACKET_HEAD..).unwrap_or_default()),
            _ => self.stream(id, packet, sink),
        }
    }

    /// A packet of private stream 2.
    fn navigation(&mut self, data: &[u8]) {
        let Some(owner) = self.owner else { return };
        let word = |data: &[u8], at: usize| Some(u32::from_be_bytes(data.get(at..at + 4)?.try_into().ok()?));
        match data.split_first() {
            Some((&PCI, pci)) => self.unit = word(pci, PCI_START).zip(word(pci, PCI_END)),
            Some((&DSI, dsi)) => {
                if let (Some([high, low]), Some(cell)) = (dsi.get(DSI_VOB..DSI_VOB + 2), dsi.get(DSI_CELL)) {
                    let says_so = owner.cell == (u16::from_be_bytes([*high, *low]), *cell);
                    self.is_ours = says_so || (owner.is_vouched && self.goes_on());
                    let ours = self.unit.filter(|_| self.is_ours);
                    self.before = ours.map_or(Before::Unknown, |(_, end)| Before::Ours { end });
                }
            }
            _ => {}
        }
    }

    /// Whether a unit begins where ours ended, or is the first one where the tables say that ours begins: whatever its
    /// navigation pack says of its cell, it is ours. Units of another angle play at the times of ours.
    fn goes_on(&self) -> bool {
        match (self.before, self.unit) {
            (Before::Nothing, _) => true,
            (Before::Ours { end }, Some((start, _))) => start.wrapping_sub(end).min(end.wrapping_sub(start)) <= NEAR,
            (Before::Ours { .. }, None) | (Before::Unknown, _) => false,
        }
    }

    /// A packet of an elementary stream.
    fn stream<S: Sink + ?Sized>(&mut self, id: u8, packet: &[u8], sink: &mut S) {
        let is_mpeg1 = self.pack.is_none_or(|(_, is_mpeg1)| is_mpeg1);
        let (head, size) = match packet_head(id, packet, is_mpeg1) {
            Some(Parsed::Head(head, size)) => (head, size),
            Some(Parsed::NoStream) => return,
            _ => return self.invalid(id, sink),
        };
        let payload = packet.get(size..).unwrap_or_default();
        if packet.get(PACKET_HEAD).is_some_and(|flags| flags & 0xF0 > 0x80 && flags & 0xC0 == 0x80) {
            self.scrambled += 1;
            return self.invalid(id, sink);
        }
        let (slot, payload) = if id == PRIVATE_1 {
            let Some((number, rest)) = payload.split_first() else { return };
            mark(&mut self.seen_private, *number);
            let behind = rest.get(private_head(*number)..).unwrap_or_default();
            (self.private.get(usize::from(*number)).copied(), behind)
        } else {
            mark(&mut self.seen, id);
            (self.ids.get(usize::from(id)).copied(), payload)
        };
        let Some(slot) = slot.filter(|slot| *slot != NOT_SELECTED && self.is_ours) else { return };
        let pts = head.pts.map(|pts| self.clock.place(pts));
        let dts = head.dts.map(|dts| self.clock.place(dts));
        sink.start(slot, &PesHead { position: self.position, pts, dts, ..head });
        sink.payload(slot, payload);
        sink.end(slot);
    }

    /// A packet that cannot be used.
    fn invalid<S: Sink + ?Sized>(&mut self, id: u8, sink: &mut S) {
        let loss = Loss { position: self.position, kind: LossKind::Packet };
        match self.ids.get(usize::from(id)) {
            _ if !self.is_ours => {}
            // Which of the private streams it is stands where nothing can be read.
            _ if id == PRIVATE_1 => {
                let slots = self.private.iter().filter(|slot| **slot != NOT_SELECTED);
                slots.for_each(|slot| sink.lost(*slot, loss));
            }
            Some(&slot) if slot != NOT_SELECTED => sink.lost(slot, loss),
            _ => {}
        }
    }
}

fn mark(seen: &mut [bool; 256], number: u8) {
    if let Some(seen) = seen.get_mut(usize::from(number)) {
        *seen = true;
    }
}

#[cfg(test)]
mod tests;
