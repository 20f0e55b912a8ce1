//! Where the bytes of a stream wait until they are a frame.

use std::collections::VecDeque;

use crate::base::time::Ticks90;

/// Above this a stream has no frame boundaries that could be believed: the bytes are given up.
pub(crate) const MOST_BYTES: usize = 24 << 20;
/// Room that is kept when it is not needed any more. Pictures need megabytes now and then, and a hundred streams may.
const KEPT_BYTES: usize = 1 << 20;
/// So often in a row there was more room than needed before it is given back: a picture that is large comes every second
/// or so, and memory that comes and goes costs more than the reading.
const SPARE_ROUNDS: u32 = 256;
/// What was given back is moved out of the way after this many bytes at the latest.
const FRONT_BYTES: usize = 4 << 20;
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

/// A growing buffer whose front is given back frame by frame.
///
/// Offsets are of the whole stream, so they stay valid while the front moves on. The buffer's start is only moved
/// when little is left in it, so a byte is moved about once in eight frames.
#[derive(Debug, Default)]
pub(crate) struct Arena {
    data: Vec<u8>,
    /// Index of the first byte still wanted.
    front: usize,
    /// Stream offset of index 0.
    base: u64,
    stamps: VecDeque<(u64, Stamp)>,
    /// Rounds of moving in a row in which little room was needed.
    spare_rounds: u32,
}

impl Arena {
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
        if self.live().len() + bytes.len() > MOST_BYTES {
            return false;
        }
        self.data.extend_from_slice(bytes);
        true
    }

    /// Bytes of memory that it takes.
    pub(crate) fn memory(&self) -> usize {
        self.data.capacity() + self.stamps.capacity() * size_of::<(u64, Stamp)>()
    }

    /// Stream offset of the first byte still here.
    pub(crate) fn start(&self) -> u64 {
        self.base + self.front as u64
    }

    /// Stream offset behind the last byte.
    pub(crate) fn end(&self) -> u64 {
        self.base + self.data.len() as u64
    }

    /// What is still here.
    pub(crate) fn live(&self) -> &[u8] {
        &self.data[self.front..]
    }

    /// The bytes from stream offset `from` on.
    pub(crate) fn from(&self, from: u64) -> &[u8] {
        let index = from.saturating_sub(self.base) as usize;
        self.data.get(index.max(self.front)..).unwrap_or_default()
    }

    /// The bytes between two stream offsets.
    pub(crate) fn range(&self, from: u64, to: u64) -> &[u8] {
        let rest = self.from(from);
        &rest[..(to.saturating_sub(from) as usize).min(rest.len())]
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
        let index = to.saturating_sub(self.base) as usize;
        self.front = index.clamp(self.front, self.data.len());
        let left = self.data.len() - self.front;
        if left == 0 || self.front >= (left * 8).clamp(64 << 10, FRONT_BYTES) {
            self.spare_rounds = if self.data.len() > KEPT_BYTES { 0 } else { self.spare_rounds + 1 };
            self.base += self.front as u64;
            self.data.copy_within(self.front.., 0);
            self.data.truncate(left);
            self.front = 0;
            if self.spare_rounds >= SPARE_ROUNDS {
                self.spare_rounds = 0;
                self.data.shrink_to(KEPT_BYTES);
            }
        }
    }

    /// Gives up everything, the stamps too.
    pub(crate) fn clear(&mut self) {
        self.stamps = VecDeque::new();
        self.release(self.end());
        self.data = Vec::new();
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
        assert!(arena.data.capacity() < 512 << 10);
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
        for _ in 0..SPARE_ROUNDS {
            assert!(arena.memory() > KEPT_BYTES);
            arena.release(arena.end());
            assert!(arena.extend(&vec![0; 1000]));
        }
        arena.release(arena.end());
        assert!(arena.memory() <= KEPT_BYTES);
        arena.clear();
        assert_eq!((arena.memory(), arena.live().len()), (0, 0));
    }

    #[test]
    fn refuses_to_grow_without_end() {
        let mut arena = Arena::default();
        assert!(arena.extend(&vec![0; MOST_BYTES]));
        assert!(!arena.extend(&[0]));
    }
}
