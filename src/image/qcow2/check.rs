//! Whether the tables of an image that is gone on with agree (QEMU, docs/interop/qcow2.txt): each cluster that is in use has
//! one user, or what is written for one would be found by the other, and is counted, or it would be given away again. Then
//! nothing that was in the image is lost by writing.

use std::io;

use super::stages::CLUSTER;
use crate::image::container::Refusal;
use crate::image::container::qcow2_header::{CONTENT_MAX, Qcow2Header};

/// Bits of an entry: where it leads, and what is there.
const OFFSET: u64 = 0x00FF_FFFF_FFFF_FE00;
const ONE_USER: u64 = 1 << 63;
const COMPRESSED: u64 = 1 << 62;

/// Entries of an L2 table, and refcounts of a block.
const ENTRIES: usize = CLUSTER / 8;
const COUNTS: usize = CLUSTER / 2;

/// The longest file that is looked at: no image has as much beside its content.
const FILE_MAX: u64 = 2 * CONTENT_MAX;

/// Fills a buffer from the file, from an offset on.
pub(super) type Read<'a> = dyn Fn(&mut [u8], u64) -> io::Result<()> + 'a;

/// Looks at all tables of an image whose header can be [written](Qcow2Header::check_writable), in a file of `length` bytes.
/// `Some`: why it is not written into. Keeps a bit for each cluster and a table of each kind.
///
/// # Errors
/// Those of `read`.
pub(super) fn tables(header: &Qcow2Header, length: u64, read: &Read<'_>) -> io::Result<Option<Refusal>> {
    if length > FILE_MAX {
        return Ok(Some(Refusal::ReadOnly("its file is far longer than its content")));
    }
    let mut clusters = Clusters::of(length);
    let mut check = || -> io::Result<Result<(), Refusal>> {
        let table = header.refcount_table_offset..header.refcount_table_offset + table_bytes(header);
        let l1 = header.l1_offset..header.l1_offset + u64::from(header.l1_entries) * 8;
        for range in [0..1, table.clone(), l1.clone()] {
            if let Err(refusal) = range.step_by(CLUSTER).try_for_each(|at| clusters.use_once(at)) {
                return Ok(Err(refusal));
            }
        }
        let blocks = entries(read, table)?;
        let used = blocks.iter().filter(|at| **at > 0).try_for_each(|at| clusters.use_once(*at));
        let used = used.and(mappings(&mut clusters, &entries(read, l1)?, read)?);
        used.map_or_else(|refusal| Ok(Err(refusal)), |()| counts(&clusters, &blocks, read))
    };
    check().map(Result::err)
}

fn table_bytes(header: &Qcow2Header) -> u64 {
    u64::from(header.refcount_table_clusters) * CLUSTER as u64
}

/// Takes note of the L2 tables and of what they lead to.
fn mappings(clusters: &mut Clusters, l1: &[u64], read: &Read<'_>) -> io::Result<Result<(), Refusal>> {
    for at in l1.iter().filter(|entry| **entry & OFFSET > 0) {
        if let Err(refusal) = clusters.lead(*at) {
            return Ok(Err(refusal));
        }
        let table = at & OFFSET;
        let entries = entries(read, table..table + (ENTRIES * 8) as u64)?;
        let leads = |entry: &&u64| **entry & (OFFSET | COMPRESSED) > 0;
        if let Err(refusal) = entries.iter().filter(leads).try_for_each(|entry| clusters.lead(*entry)) {
            return Ok(Err(refusal));
        }
    }
    Ok(Ok(()))
}

/// Whether all that is used is counted, by the blocks at these offsets.
fn counts(clusters: &Clusters, blocks: &[u64], read: &Read<'_>) -> io::Result<Result<(), Refusal>> {
    let mut counts = vec![0; CLUSTER];
    for first in (0..clusters.count).step_by(COUNTS) {
        match blocks.get(first / COUNTS) {
            Some(at) if *at > 0 => read(&mut counts, *at)?,
            _ => counts.fill(0),
        }
        let mut pairs = counts.chunks_exact(2).enumerate();
        if pairs.any(|(index, count)| count == [0, 0] && clusters.is_used(first + index)) {
            return Ok(Err(Refusal::Tables("a cluster is in use and counted as free")));
        }
    }
    Ok(Ok(()))
}

/// The entries of a table.
fn entries(read: &Read<'_>, range: std::ops::Range<u64>) -> io::Result<Vec<u64>> {
    let mut bytes = vec![0; usize::try_from(range.end - range.start).unwrap_or(0)];
    read(&mut bytes, range.start)?;
    Ok(bytes.chunks_exact(8).map(|entry| entry.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))).collect())
}

/// The clusters of a file: which are used.
struct Clusters {
    count: usize,
    bits: Vec<u64>,
}

impl Clusters {
    fn of(length: u64) -> Self {
        let count = usize::try_from(length.div_ceil(CLUSTER as u64)).unwrap_or(usize::MAX);
        Self { count, bits: vec![0; count.div_ceil(64)] }
    }

    fn is_used(&self, cluster: usize) -> bool {
        self.bits.get(cluster / 64).is_some_and(|bits| bits >> (cluster % 64) & 1 > 0)
    }

    /// Something lies in the cluster at `offset`.
    fn use_once(&mut self, offset: u64) -> Result<(), Refusal> {
        let cluster = usize::try_from(offset / CLUSTER as u64).unwrap_or(usize::MAX);
        if !offset.is_multiple_of(CLUSTER as u64) {
            return Err(Refusal::Tables("an entry leads into the middle of a cluster"));
        }
        if self.is_used(cluster) {
            return Err(Refusal::Tables("a cluster has two users"));
        }
        let bits = self.bits.get_mut(cluster / 64).filter(|_| cluster < self.count);
        bits.map(|bits| *bits |= 1 << (cluster % 64)).ok_or(Refusal::Cut("content"))
    }

    /// An entry of an L1 or L2 table leads there.
    fn lead(&mut self, entry: u64) -> Result<(), Refusal> {
        if entry & COMPRESSED > 0 {
            return Err(Refusal::ReadOnly("clusters are compressed"));
        }
        if entry & ONE_USER == 0 {
            return Err(Refusal::ReadOnly("clusters are shared"));
        }
        self.use_once(entry & OFFSET)
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
