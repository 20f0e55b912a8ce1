//! Small writes gathered into large ones. Pure.

use crate::pipeline::buffers::{Buffer, Pool};

/// How much is gathered: also what the gathered writes end at multiples of.
pub(super) const CHUNK: usize = 1 << 20;

/// Bytes that wait until there are enough of them, in memory that is aligned as the file is.
pub(super) struct Gather {
    buffer: Buffer,
    /// Where the bytes that wait belong.
    offset: u64,
    len: usize,
}

/// How far behind a multiple of [`CHUNK`] a place lies.
fn behind_edge(offset: u64) -> usize {
    usize::try_from(offset % CHUNK as u64).unwrap_or(0)
}

impl Gather {
    /// Nothing waits. `None`: no memory.
    pub(super) fn new() -> Option<Self> {
        Some(Self { buffer: Pool::new(1, CHUNK).try_take()?, offset: 0, len: 0 })
    }

    /// What waits, and where it belongs.
    pub(super) fn pending(&self) -> Option<(u64, &[u8])> {
        let start = behind_edge(self.offset);
        let bytes = self.buffer.get(start..start + self.len).filter(|bytes| !bytes.is_empty())?;
        Some((self.offset, bytes))
    }

    /// Nothing waits any more.
    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    /// How many bytes at the head of `bytes` gain nothing by being gathered: nothing waits, and they are
    /// whole chunks.
    pub(super) fn passes(&self, offset: u64, bytes: &[u8]) -> usize {
        if self.len > 0 || behind_edge(offset) > 0 { 0 } else { bytes.len() - bytes.len() % CHUNK }
    }

    /// Takes as many bytes from the head of `bytes` as go behind those that wait, and says how many; none
    /// when what waits must go first.
    pub(super) fn take(&mut self, offset: u64, bytes: &[u8]) -> usize {
        if self.len == 0 {
            self.offset = offset;
        } else if self.offset.checked_add(self.len as u64) != Some(offset) {
            return 0;
        }
        let start = behind_edge(self.offset) + self.len;
        let room = self.buffer.get_mut(start..).unwrap_or_default();
        let count = room.len().min(bytes.len());
        if let (Some(room), Some(bytes)) = (room.get_mut(..count), bytes.get(..count)) {
            room.copy_from_slice(bytes);
        }
        self.len += count;
        count
    }

    /// Whether what waits reaches to its edge.
    pub(super) fn is_full(&self) -> bool {
        behind_edge(self.offset) + self.len == CHUNK
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pipeline::buffers::ALIGNMENT;

    #[test]
    fn what_comes_in_a_row_becomes_one_write_that_ends_at_an_edge() {
        let mut gather = Gather::new().unwrap();
        assert_eq!(gather.pending(), None);
        let before = CHUNK as u64 - 6000;
        assert_eq!(gather.take(before, &[1; 2048]), 2048);
        assert_eq!(gather.take(before, &[2; 2048]), 0, "not in a row");
        assert_eq!(gather.take(before + 2048, &[2; 8192]), 3952);
        assert!(gather.is_full());
        let (offset, bytes) = gather.pending().unwrap();
        assert_eq!((offset, bytes.len(), bytes[2047], bytes[2048]), (before, 6000, 1, 2));
        assert_eq!(gather.take(CHUNK as u64, &[3; 10]), 0, "no room");
        gather.clear();
        assert_eq!(gather.take(5, &[3; 10]), 10);
        assert!(!gather.is_full());
    }

    #[test]
    fn whole_chunks_are_not_copied() {
        let mut gather = Gather::new().unwrap();
        let three = vec![0; 3 * CHUNK + 5];
        assert_eq!(gather.passes(CHUNK as u64, &three), 3 * CHUNK);
        assert_eq!(gather.passes(4096, &three), 0);
        gather.take(0, &[1]);
        assert_eq!(gather.passes(CHUNK as u64, &three), 0);
    }

    proptest! {
        #[test]
        fn memory_is_aligned_as_the_file_is(offset in 0..1_u64 << 40, len in 1..3 * CHUNK) {
            let mut gather = Gather::new().unwrap();
            let taken = gather.take(offset, &vec![7; len]);
            prop_assert!(taken > 0 && taken <= len);
            let (at, bytes) = gather.pending().unwrap();
            prop_assert_eq!((at, bytes.len()), (offset, taken));
            prop_assert_eq!(bytes.as_ptr().addr() % ALIGNMENT, usize::try_from(offset).unwrap() % ALIGNMENT);
            prop_assert_eq!(taken < len, gather.is_full() && taken != len);
        }
    }
}
