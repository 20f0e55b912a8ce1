//! Where the bytes of a stream wait until they are a frame.

use std::collections::VecDeque;

use bytes::{Buf, Bytes, BytesMut};

use crate::base::time::Ticks90;

/// Above this a stream has no frame boundaries that could be believed: the bytes are given up.
pub(crate) const MOST_BYTES: usize = 24 << 20;
/// Room that is kept when it is not needed any more. Pictures need megabytes now and then, and a hundred streams may.
const KEPT_BYTES: usize = 1 << 20;
/// Buffers have room for as much, at least; where frames leave with the memory that they lie in, room for more than one, but
/// no more than this.
const LEAST_ROOM: usize = 16 << 10;
const MOST_ROOM: usize = 2 << 20;
/// Buffers with frames that are still on their way; with more of them, frames are copied. A small frame that somebody keeps
/// keeps all of its buffer.
const MOST_GIVEN: usize = 16;
/// Bytes of all of these, that with the next frame included: pictures of the largest kind take larger buffers, and then fewer.
const MOST_GIVEN_BYTES: usize = (MOST_GIVEN + 1) * MOST_ROOM;
/// A frame that leaves with a buffer larger than usual takes this part of it, at least; smaller ones are copied.
const LEAST_PART: usize = 4;
/// Stamps that can wait; more packets than this without a frame are no stream.
const MOST_STAMPS: usize = 4096;

/// Time stamps of a PES packet, unwrapped.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Stamp {
    /// Presentation time.
    pub pts: Option<Ticks90>,
    /// Decoding time, where given.
    pub dts: Option<Ticks90>,
}

/// A growing buffer whose front is given back, or given away, frame by frame.
///
/// Offsets are of the whole stream, so they stay valid while the front moves on. A frame that is given away may leave with its
/// memory, so that nobody needs to copy it. When the room behind it is used up, what is not a frame yet moves to another
/// buffer, and the one before is used again when all its frames are gone.
#[derive(Debug, Default)]
pub(crate) struct Arena {
    /// What is still wanted.
    data: BytesMut,
    /// Stream offset of its first byte.
    base: u64,
    stamps: VecDeque<(u64, Stamp)>,
    /// Bytes of the buffer that `data` lies in.
    room: usize,
    /// Most that was here since room was made the last time.
    peak: usize,
    /// Frames may leave with their memory.
    may_share: bool,
    /// Something of the buffer left.
    is_shared: bool,
    /// Buffers that were used up, and their bytes.
    given: VecDeque<(usize, BytesMut)>,
    given_bytes: usize,
}

impl Arena {
    /// Frames may leave with their memory from now on.
    pub(crate) fn share(&mut self) {
        self.may_share = true;
    }

    /// A packet begins at the end of what is here.
    pub(crate) fn stamp(&mut self, stamp: Stamp) {
        if stamp.pts.is_none() && stamp.dts.is_none() {
            return;
        }
        let end = self.end();
        if self.stamps.back().is_some_and(|(at, _)| *at == end) {
            self.stamps.pop_back();
        }
        if self.stamps.len() < MOST_STAMPS {
            self.stamps.push_back((end, stamp));
        }
    }

    /// Takes bytes; `false` when there are too many without a frame among them.
    pub(crate) fn extend(&mut self, bytes: &[u8]) -> bool {
        if self.data.len() + bytes.len() > MOST_BYTES {
            return false;
        }
        if self.data.capacity() - self.data.len() < bytes.len() {
            self.make_room(bytes.len());
        }
        self.data.extend_from_slice(bytes);
        true
    }

    /// Makes room behind what is here: by moving it to the front, or to another buffer.
    #[cold]
    fn make_room(&mut self, bytes: usize) {
        let needed = self.data.len() + bytes;
        let is_oversized = self.room > KEPT_BYTES && self.peak.max(needed) < KEPT_BYTES / 2;
        self.peak = needed;
        if !self.is_shared && !is_oversized && self.data.try_reclaim(bytes) {
            return;
        }
        let least = if self.is_shared { (2 * self.room).clamp(LEAST_ROOM, MOST_ROOM) } else { LEAST_ROOM };
        let (room, mut next) = self.buffer(least.max((2 * needed).min(MOST_BYTES)));
        next.extend_from_slice(&self.data);
        let mut before = std::mem::replace(&mut self.data, next);
        let size = std::mem::replace(&mut self.room, room);
        if std::mem::take(&mut self.is_shared) {
            before.clear();
            self.given_bytes += size;
            self.given.push_back((size, before));
        }
    }

    /// An empty buffer of at least this many bytes: one whose frames are all gone, else a new one.
    fn buffer(&mut self, bytes: usize) -> (usize, BytesMut) {
        while self.is_first_free() {
            let Some((size, buffer)) = self.forget_first() else { break };
            if size >= bytes && size <= 2 * MOST_ROOM {
                return (size, buffer);
            }
        }
        (bytes, BytesMut::with_capacity(bytes))
    }

    /// Whether all frames of the first buffer that was used up are gone.
    fn is_first_free(&mut self) -> bool {
        self.given.front_mut().is_some_and(|(size, given)| given.try_reclaim(*size))
    }

    fn forget_first(&mut self) -> Option<(usize, BytesMut)> {
        let first = self.given.pop_front();
        self.given_bytes -= first.as_ref().map_or(0, |(size, _)| *size);
        first
    }

    /// Whether a frame may leave with its memory: not too much of that is on its way already.
    fn may_give(&mut self) -> bool {
        if self.is_shared {
            return self.given.len() < MOST_GIVEN || self.is_first_free();
        }
        while self.given.len() > MOST_GIVEN || self.given_bytes + self.room > MOST_GIVEN_BYTES {
            if !self.is_first_free() {
                return false;
            }
            self.forget_first();
        }
        self.given.len() < MOST_GIVEN || self.is_first_free()
    }

    /// Bytes of memory that it takes, without the buffers that frames left with.
    pub(crate) fn memory(&self) -> usize {
        self.room + self.stamps.capacity() * size_of::<(u64, Stamp)>()
    }

    /// Stream offset of the first byte still here.
    pub(crate) fn start(&self) -> u64 {
        self.base
    }

    /// Stream offset behind the last byte.
    pub(crate) fn end(&self) -> u64 {
        self.base + self.data.len() as u64
    }

    /// What is still here.
    pub(crate) fn live(&self) -> &[u8] {
        &self.data
    }

    /// The bytes from stream offset `from` on.
    pub(crate) fn from(&self, from: u64) -> &[u8] {
        self.data.get(from.saturating_sub(self.base) as usize..).unwrap_or_default()
    }

    /// The bytes between two stream offsets.
    pub(crate) fn range(&self, from: u64, to: u64) -> &[u8] {
        let rest = self.from(from);
        &rest[..(to.saturating_sub(from) as usize).min(rest.len())]
    }

    /// Gives the bytes between two stream offsets away, and up what lies before them.
    pub(crate) fn give(&mut self, from: u64, to: u64) -> Bytes {
        self.release(from);
        let count = (to.saturating_sub(self.base) as usize).min(self.data.len());
        let is_large = self.room <= 2 * MOST_ROOM || count >= self.room / LEAST_PART;
        if !self.may_share || !is_large || !self.may_give() {
            let copy = Bytes::copy_from_slice(self.range(from, to));
            self.release(to);
            return copy;
        }
        self.base += count as u64;
        self.is_shared = true;
        self.data.split_to(count).freeze()
    }

    /// The stamp of the packet that the byte at `offset` came in, if nothing before it took that stamp.
    /// Stamps of earlier packets are forgotten.
    pub(crate) fn take_stamp(&mut self, offset: u64) -> Stamp {
        self.take_stamp_within(offset, u64::MAX)
    }

    /// As [`Arena::take_stamp`], but a stamp is void when its packet begins `reach` bytes or more before `offset`:
    /// the unit that it belonged to was among bytes passed over.
    pub(crate) fn take_stamp_within(&mut self, offset: u64, reach: u64) -> Stamp {
        let mut stamp = Stamp::default();
        while let Some((at, next)) = self.stamps.front() {
            if *at > offset {
                break;
            }
            stamp = if offset - *at < reach { *next } else { Stamp::default() };
            self.stamps.pop_front();
        }
        stamp
    }

    /// Gives up what lies before stream offset `to`.
    pub(crate) fn release(&mut self, to: u64) {
        let count = (to.saturating_sub(self.base) as usize).min(self.data.len());
        self.base += count as u64;
        self.peak = self.peak.max(self.data.len());
        self.data.advance(count);
    }

    /// Gives up everything, the stamps too.
    pub(crate) fn clear(&mut self) {
        let base = self.end();
        // Frames that left keep their memory all the same.
        if self.is_shared {
            self.data.clear();
            self.given_bytes += self.room;
            self.given.push_back((self.room, std::mem::take(&mut self.data)));
        }
        let (given, given_bytes) = (std::mem::take(&mut self.given), self.given_bytes);
        *self = Self { base, may_share: self.may_share, given, given_bytes, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(pts: i64) -> Stamp {
        Stamp { pts: Some(Ticks90(pts)), dts: None }
    }

    #[test]
    fn offsets_outlive_the_moving_front() {
        let mut arena = Arena::default();
        for round in 0..200u64 {
            assert!(arena.extend(&[round as u8; 1000]));
            assert_eq!(arena.range(round * 1000, round * 1000 + 1000), &[round as u8; 1000]);
            arena.release(round * 1000 + 900);
            assert_eq!(arena.live(), &[round as u8; 100]);
        }
        assert!(arena.memory() < 64 << 10);
    }

    #[test]
    fn a_stamp_goes_to_the_first_unit_that_starts_in_its_packet() {
        let mut arena = Arena::default();
        arena.stamp(at(1));
        arena.extend(&[0; 10]);
        arena.stamp(at(2));
        arena.extend(&[0; 10]);
        assert_eq!(arena.take_stamp(0), at(1));
        assert_eq!(arena.take_stamp(9), Stamp::default());
        assert_eq!(arena.take_stamp(12), at(2));
        assert_eq!(arena.take_stamp(15), Stamp::default());
    }

    #[test]
    fn room_that_is_not_needed_is_given_back() {
        let mut arena = Arena::default();
        assert!(arena.extend(&vec![0; 10 << 20]));
        assert!(arena.memory() >= 10 << 20);
        for _ in 0..60_000 {
            arena.release(arena.end());
            assert!(arena.extend(&[0; 1000]));
        }
        assert!(arena.memory() <= KEPT_BYTES);
        arena.clear();
        assert_eq!((arena.memory(), arena.live().len()), (0, 0));
    }

    /// Gives frames of 10,000 bytes away, of which so many are kept at a time; the buffers that they lay in.
    fn given(may_share: bool, kept_at_once: usize) -> (usize, Arena) {
        let (mut arena, mut kept) = (Arena::default(), VecDeque::new());
        if may_share {
            arena.share();
        }
        let mut places = std::collections::BTreeSet::new();
        for round in 0..20_000u64 {
            // Something that belongs to the next frame is there already.
            assert!(arena.extend(&[round as u8; 7_000]) && arena.extend(&[round as u8; 3_000]));
            if round > 0 {
                let from = round * 10_000 - 9_000;
                let frame = arena.give(from, from + 10_000);
                places.insert(frame.as_ptr().addr() / MOST_ROOM);
                kept.push_back((round, frame));
            }
            if kept.len() > kept_at_once {
                let (round, frame) = kept.pop_front().unwrap();
                assert_eq!(&frame[..9_000], &[(round - 1) as u8; 9_000]);
                assert_eq!(&frame[9_000..], &[round as u8; 1_000]);
            }
            assert!(arena.live().len() == 9_000 || round == 0);
        }
        (places.len(), arena)
    }

    #[test]
    fn frames_that_are_given_away_stay_and_their_buffers_are_used_again() {
        let (places, arena) = given(true, 500);
        assert!(arena.memory() <= MOST_ROOM && arena.given.len() < 6 && places < 20, "{places} {}", arena.given.len());
        assert!(given(false, 500).1.given.is_empty());
    }

    #[test]
    fn frames_that_are_kept_keep_no_more_than_so_many_buffers() {
        let (_, arena) = given(true, 10_000);
        assert!(arena.given.len() <= MOST_GIVEN + 1 && arena.memory() <= MOST_ROOM, "{}", arena.given.len());
    }

    #[test]
    fn giant_frames_that_are_kept_keep_no_more_memory_than_usual_ones() {
        let (mut arena, mut kept) = (Arena::default(), Vec::new());
        arena.share();
        let size = 7 << 20;
        let mut most = 0;
        for round in 0..20u8 {
            assert!(arena.extend(&vec![round; size]));
            let from = arena.start();
            kept.push(arena.give(from, from + size as u64));
            most = most.max(arena.given.iter().map(|(size, _)| size).sum());
        }
        let is_shared = usize::from(arena.is_shared) * arena.room;
        assert!(most + is_shared <= MOST_GIVEN_BYTES && arena.given_bytes <= most, "{most} {is_shared}");
        assert!(kept.iter().zip(0..).all(|(frame, round)| frame.iter().all(|byte| *byte == round)));
    }

    #[test]
    fn refuses_to_grow_without_end() {
        let mut arena = Arena::default();
        assert!(arena.extend(&vec![0; MOST_BYTES]));
        assert!(!arena.extend(&[0]));
    }
}
