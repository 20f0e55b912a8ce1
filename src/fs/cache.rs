//! Directories that were read already.
//!
//! A path is walked from the root for each file, so the directories on the way are remembered: this many bytes of them,
//! and the latest one however large. Without bounds, a small disc fills the memory with directories that it names over
//! and over; without a bound on what is read again, one with many large directories on every path is read for ever.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use super::path::Item;
use super::{FsError, MAX_ENTRIES};
use crate::base::allowance::{ALLOCATION, Allowance};

/// Bytes that are remembered; a disc of films has some thousand.
const REMEMBERED: usize = 12 << 20;
/// Bytes of directories that are read as long as a disc is open, again and again included.
const READ: u64 = 1 << 30;
/// Most bytes of the names of one directory.
const NAMES: usize = 8 << 20;

/// The items of one directory.
pub(super) type Items<T> = Arc<Vec<Item<T>>>;

/// Directories by where they lie.
pub(super) struct Directories<K, T> {
    inner: Mutex<Inner<K, T>>,
}

struct Inner<K, T> {
    known: HashMap<K, Items<T>>,
    bytes: usize,
    read: Allowance,
}

impl<K, T> Default for Directories<K, T> {
    fn default() -> Self {
        let inner = Inner { known: HashMap::new(), bytes: 0, read: Allowance::new(READ) };
        Self { inner: Mutex::new(inner) }
    }
}

impl<K: Eq + Hash + Clone, T> Directories<K, T> {
    /// The directory at `at`, from here or by `read`.
    ///
    /// # Errors
    /// Those of `read`; [`FsError::Unsupported`] when more was read than a disc may cost.
    pub(super) fn get(
        &self,
        at: &K,
        read: impl FnOnce() -> Result<Vec<Item<T>>, FsError>,
    ) -> Result<Items<T>, FsError> {
        let lock = || self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(items) = lock().known.get(at).cloned() {
            return Ok(items);
        }
        if lock().read.left() == 0 {
            return Err(FsError::Unsupported(format!(
                "the directories of this disc are too large: more than {READ} bytes of them would have to be read"
            )));
        }
        let items = Arc::new(read()?);
        let bytes = items.iter().map(weight).sum::<usize>() + ALLOCATION;
        let mut inner = lock();
        let now = u64::try_from(bytes).unwrap_or(u64::MAX).min(inner.read.left());
        let _ = inner.read.take(usize::try_from(now).unwrap_or(usize::MAX));
        if inner.bytes + bytes > REMEMBERED {
            inner.known.clear();
            inner.bytes = 0;
        }
        inner.bytes += bytes;
        inner.known.insert(at.clone(), Arc::clone(&items));
        Ok(items)
    }
}

/// What an item takes in memory.
fn weight<T>(item: &Item<T>) -> usize {
    size_of::<Item<T>>() + item.entry.name.len() + ALLOCATION
}

/// The names of a directory while it is read: how many, and how many bytes.
#[derive(Debug, Default)]
pub(super) struct Names {
    count: usize,
    bytes: usize,
}

impl Names {
    /// Counts one more name.
    ///
    /// # Errors
    /// What is wrong with the directory, when there are more than one may have.
    pub(super) fn add(&mut self, name: &str) -> Result<(), String> {
        self.count += 1;
        self.bytes += name.len();
        match (self.count > MAX_ENTRIES, self.bytes > NAMES) {
            (true, _) => Err(format!("more than {MAX_ENTRIES} names")),
            (_, true) => Err(format!("more than {NAMES} bytes of names")),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::Entry;

    fn directory(names: usize) -> Vec<Item<()>> {
        let entry = |i: usize| Entry { name: format!("{i:0100}"), is_directory: false, identity: 0 };
        (0..names).map(|i| Item { entry: entry(i), target: () }).collect()
    }

    #[test]
    fn no_more_is_remembered_than_allowed_and_the_latest_always() {
        let cache = Directories::default();
        for at in 0..100 {
            cache.get(&at, || Ok(directory(20_000))).unwrap();
            assert!(cache.inner.lock().unwrap().bytes <= REMEMBERED);
            cache.get(&at, || Err(FsError::Absent("it was read just now"))).unwrap();
        }
        assert_eq!(cache.get(&1000, || Ok(directory(100_000))).unwrap().len(), 100_000);
        cache.get(&1000, || Err(FsError::Absent("it was read just now"))).unwrap();
    }

    #[test]
    fn directories_are_not_read_without_end() {
        let cache = Directories::default();
        cache.inner.lock().unwrap().read = Allowance::new(1_000_000);
        let read = |at: usize| cache.get(&at, || Ok(directory(1000)));
        let done = (0..100).take_while(|at| read(*at).is_ok()).count();
        assert!((2..20).contains(&done), "{done}");
        assert!(read(1000).unwrap_err().to_string().contains("too large"));
        assert!(read(0).is_ok(), "what is remembered costs nothing");
    }
}
