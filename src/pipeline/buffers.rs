//! A fixed set of page-aligned buffers that go round between threads.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

/// Buffers begin at multiples of this: what drives and `O_DIRECT` want of memory.
pub const ALIGNMENT: usize = 4096;

/// The buffers that nobody uses. Clones share them.
#[derive(Clone, Debug)]
pub struct Pool {
    back: Sender<Storage>,
    idle: Receiver<Storage>,
    length: usize,
}

/// One buffer on loan, [`ALIGNMENT`] aligned. Dropped, on whatever thread, it goes back to its pool;
/// its content stays what it was.
pub struct Buffer {
    storage: Storage,
    length: usize,
    back: Sender<Storage>,
}

/// Memory with room to begin at an aligned place. Never grows, so that place stays.
#[derive(Debug, Default)]
struct Storage {
    memory: Vec<u8>,
    start: usize,
}

impl Storage {
    fn new(length: usize) -> Self {
        let memory = vec![0; length.saturating_add(ALIGNMENT - 1)];
        let address = memory.as_ptr().addr();
        Self { start: address.next_multiple_of(ALIGNMENT) - address, memory }
    }
}

impl Pool {
    /// `count` buffers (at least one) of `length` bytes each: all the memory that the pool will ever take.
    #[must_use]
    pub fn new(count: usize, length: usize) -> Self {
        let count = count.max(1);
        let (back, idle) = bounded(count);
        for _ in 0..count {
            // There is room for all of them and the other end is held, so this cannot fail.
            let _ = back.try_send(Storage::new(length));
        }
        Self { back, idle, length }
    }

    /// Takes a buffer, waiting until one comes back; `None` when none does within `limit`.
    #[must_use]
    pub fn take(&self, limit: Duration) -> Option<Buffer> {
        self.idle.recv_timeout(limit).ok().map(|storage| self.lend(storage))
    }

    /// Takes a buffer if one is idle.
    #[must_use]
    pub fn try_take(&self) -> Option<Buffer> {
        self.idle.try_recv().ok().map(|storage| self.lend(storage))
    }

    /// Length of each buffer, bytes.
    #[must_use]
    pub fn buffer_length(&self) -> usize {
        self.length
    }

    fn lend(&self, storage: Storage) -> Buffer {
        Buffer { storage, length: self.length, back: self.back.clone() }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        let end = self.storage.start + self.length;
        self.storage.memory.get(self.storage.start..end).unwrap_or_default()
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        let end = self.storage.start + self.length;
        self.storage.memory.get_mut(self.storage.start..end).unwrap_or_default()
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Buffer({} bytes)", self.length)
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // The pool may be gone; then so is the need.
        let _ = self.back.try_send(std::mem::take(&mut self.storage));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn buffers_are_aligned_whole_and_no_more_than_agreed() {
        let pool = Pool::new(4, 65_536);
        let mut taken: Vec<_> = (0..4).map(|_| pool.try_take().unwrap()).collect();
        assert!(pool.try_take().is_none());
        for buffer in &mut taken {
            assert_eq!(buffer.as_ptr().addr() % ALIGNMENT, 0);
            assert_eq!(buffer.len(), 65_536);
            buffer.fill(7);
        }
    }

    #[test]
    fn the_same_memory_goes_round() {
        let pool = Pool::new(2, 2048);
        let addresses: BTreeSet<_> = (0..1000).map(|_| pool.take(LONG).unwrap().as_ptr().addr()).collect();
        assert!(addresses.len() <= 2);
    }

    #[test]
    fn a_taker_waits_until_another_thread_gives_one_back() {
        let pool = Pool::new(1, 2048);
        let buffer = pool.try_take().unwrap();
        assert!(pool.take(Duration::from_millis(1)).is_none());
        let taker = std::thread::spawn({
            let pool = pool.clone();
            move || pool.take(LONG).is_some()
        });
        drop(buffer);
        assert!(taker.join().unwrap());
    }

    #[test]
    fn a_buffer_may_outlive_its_pool_and_hold_nothing() {
        let pool = Pool::new(0, 0);
        assert_eq!(pool.buffer_length(), 0);
        let buffer = pool.try_take().unwrap();
        drop(pool);
        assert!(buffer.is_empty());
    }
}
