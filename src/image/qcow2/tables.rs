//! What imago writes into while a qcow2 image is made: the tables stay in memory until their turn comes, and nothing gets into
//! the file but by the hand of whoever holds it.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::stages::{CLUSTER, Places, Stages, Table};
use crate::image::writeback::sink::Sink;
use crate::image::writeback::window::ByteRange;
use crate::os::storage::Host;

/// The tables, shared by imago and whoever writes them out.
#[derive(Clone)]
pub(super) struct Tables(Arc<Inner>);

struct Inner {
    /// A way of its own to the file, for reading what tables are in it.
    file: Box<dyn Sink>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    stages: Stages,
    /// Ranges of fresh clusters that are to read as zeros.
    zeros: Vec<ByteRange>,
}

impl Tables {
    /// None changed yet; those that are there are read from `file`.
    pub(super) fn new(file: Box<dyn Sink>) -> Self {
        Self(Arc::new(Inner { file, state: Mutex::default() }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The parts of fresh clusters that imago wants to be zeros, since the last time somebody asked.
    pub(super) fn take_zeros(&self) -> Vec<ByteRange> {
        std::mem::take(&mut self.lock().zeros)
    }

    /// Bytes of tables that changed.
    pub(super) fn changed_bytes(&self) -> usize {
        self.lock().stages.changed_bytes()
    }

    /// Makes stages of all that changed.
    ///
    /// # Errors
    /// The refcount table cannot be read.
    pub(super) fn begin(&self, places: &Places) -> io::Result<()> {
        let clusters = places.refcount_table();
        let length = usize::try_from(clusters.end - clusters.start).unwrap_or(0) * CLUSTER;
        let mut table = vec![0; length];
        self.read(&mut table, clusters.start * CLUSTER as u64)?;
        self.lock().stages.begin(places, &table);
        Ok(())
    }

    /// The next stage.
    pub(super) fn next(&self) -> Option<Vec<Table>> {
        self.lock().stages.next()
    }

    /// Whether there is one.
    pub(super) fn is_under_way(&self) -> bool {
        self.lock().stages.is_under_way()
    }

    /// Fills `buffer` from the file alone, with zeros behind its end.
    fn read_file(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let there = self.0.file.length()?.saturating_sub(offset);
        let there = usize::try_from(there).unwrap_or(usize::MAX).min(buffer.len());
        let (data, rest) = buffer.split_at_mut(there);
        rest.fill(0);
        if data.is_empty() { Ok(()) } else { self.0.file.read_at(data, offset) }
    }
}

/// Pieces of `length` bytes from `offset`, none of which crosses the edge of a cluster: cluster, start in it, length.
fn pieces(offset: u64, length: usize) -> impl Iterator<Item = (u64, usize, usize)> {
    let end = offset.saturating_add(length as u64);
    let mut at = offset;
    std::iter::from_fn(move || {
        let start = usize::try_from(at % CLUSTER as u64).unwrap_or(0);
        let piece = usize::try_from(end - at).unwrap_or(usize::MAX).min(CLUSTER - start);
        let cluster = at / CLUSTER as u64;
        at += piece as u64;
        (piece > 0).then_some((cluster, start, piece))
    })
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tables").finish_non_exhaustive()
    }
}

impl fmt::Display for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the tables of a qcow2 image")
    }
}

impl Host for Tables {
    fn length(&self) -> io::Result<u64> {
        Ok(self.0.file.length()?.max(self.lock().stages.end()))
    }

    fn read(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let mut rest = buffer;
        for (cluster, start, length) in pieces(offset, rest.len()) {
            let (piece, behind) = rest.split_at_mut(length);
            match self.lock().stages.get(cluster).and_then(|bytes| bytes.get(start..start + length)) {
                Some(bytes) => piece.copy_from_slice(bytes),
                None => self.read_file(piece, cluster * CLUSTER as u64 + start as u64)?,
            }
            rest = behind;
        }
        Ok(())
    }

    fn write(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut rest = bytes;
        let mut state = self.lock();
        for (cluster, start, length) in pieces(offset, bytes.len()) {
            let (piece, behind) = rest.split_at(length);
            let load = || {
                let mut whole = vec![0; CLUSTER];
                // What is written whole need not be read.
                let result =
                    if length == CLUSTER { Ok(()) } else { self.read_file(&mut whole, cluster * CLUSTER as u64) };
                result.map(|()| whole)
            };
            if let Some(room) = state.stages.change(cluster, load)?.get_mut(start..start + length) {
                room.copy_from_slice(piece);
            }
            rest = behind;
        }
        Ok(())
    }

    fn zero(&self, offset: u64, length: u64) -> io::Result<()> {
        self.lock().zeros.push(ByteRange { offset, len: length });
        Ok(())
    }
}
