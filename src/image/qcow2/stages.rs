//! The tables of a qcow2 image that is written: they wait in memory, and go into the file in an order in which a power cut
//! leaves an image that is right, but for clusters that are counted and not used. Pure.
//!
//! Each stage may be written only when all before it, and the data that it maps, are on stable storage:
//! refcount blocks, so that no cluster is in use and free at once; the refcount table, so that no block is found before it is
//! there; L2 tables; the L1 table, so that no L2 table is found before it is there; the header.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

use crate::image::container::qcow2_header::{CLUSTER_BITS_WRITTEN, Qcow2Header};

/// Bytes of a cluster.
pub(super) const CLUSTER: usize = 1 << CLUSTER_BITS_WRITTEN;

/// Where an entry of the refcount table says that a block lies (QEMU, docs/interop/qcow2.txt, "Reference counts").
const BLOCK_OFFSET: u64 = !0x1FF;

/// Stages.
const STAGES: usize = 5;

/// Where the tables lie that never move.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Places {
    /// Clusters of the refcount table.
    refcount_table: Range<u64>,
    /// Clusters of the L1 table.
    l1: Range<u64>,
}

impl Places {
    /// As a header says that was [checked](Qcow2Header::check_writable).
    pub(super) fn of(header: &Qcow2Header) -> Self {
        let cluster = CLUSTER as u64;
        let table = header.refcount_table_offset / cluster;
        let l1 = header.l1_offset / cluster;
        Self {
            refcount_table: table..table + u64::from(header.refcount_table_clusters),
            l1: l1..l1 + (u64::from(header.l1_entries) * 8).div_ceil(cluster),
        }
    }

    /// The clusters of the refcount table.
    pub(super) fn refcount_table(&self) -> Range<u64> {
        self.refcount_table.clone()
    }

    fn stage_of(&self, cluster: u64, blocks: &BTreeSet<u64>) -> usize {
        match cluster {
            0 => 4,
            _ if self.l1.contains(&cluster) => 3,
            _ if self.refcount_table.contains(&cluster) => 1,
            _ if blocks.contains(&cluster) => 0,
            _ => 2,
        }
    }
}

/// A cluster of a table.
pub(super) type Table = (u64, Vec<u8>);

/// Tables that are not in the file as they are now, by cluster.
#[derive(Debug, Default)]
pub(super) struct Stages {
    /// Changed, and no part of what is under way.
    changed: BTreeMap<u64, Vec<u8>>,
    /// To be written, one stage after the other.
    under_way: VecDeque<Vec<Table>>,
}

impl Stages {
    /// A cluster as it is now, where it is not so in the file.
    pub(super) fn get(&self, cluster: u64) -> Option<&[u8]> {
        let under_way = || self.under_way.iter().flatten().find(|(at, _)| *at == cluster).map(|(_, bytes)| bytes);
        self.changed.get(&cluster).or_else(under_way).map(Vec::as_slice)
    }

    /// A cluster to be changed, which `load` brings where it is not here.
    ///
    /// # Errors
    /// Those of `load`.
    pub(super) fn change<E>(
        &mut self,
        cluster: u64,
        load: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<&mut Vec<u8>, E> {
        if !self.changed.contains_key(&cluster) {
            let bytes = match self.get(cluster) {
                Some(bytes) => bytes.to_vec(),
                None => load()?,
            };
            self.changed.insert(cluster, bytes);
        }
        Ok(self.changed.entry(cluster).or_default())
    }

    /// Bytes that changed.
    pub(super) fn changed_bytes(&self) -> usize {
        self.changed.len() * CLUSTER
    }

    /// Behind the last cluster here.
    pub(super) fn end(&self) -> u64 {
        let under_way = self.under_way.iter().flatten().map(|(cluster, _)| *cluster);
        self.changed.keys().copied().chain(under_way).max().map_or(0, |last| (last + 1) * CLUSTER as u64)
    }

    /// Makes stages of all that changed. `refcount_table` is the bytes of that table as they are now.
    pub(super) fn begin(&mut self, places: &Places, refcount_table: &[u8]) {
        let entry = |entry: &[u8]| entry.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte)) & BLOCK_OFFSET;
        let blocks: BTreeSet<u64> =
            refcount_table.chunks_exact(8).map(|bytes| entry(bytes) / CLUSTER as u64).filter(|at| *at > 0).collect();
        let mut stages: [Vec<Table>; STAGES] = Default::default();
        for (cluster, bytes) in std::mem::take(&mut self.changed) {
            if let Some(stage) = stages.get_mut(places.stage_of(cluster, &blocks)) {
                stage.push((cluster, bytes));
            }
        }
        self.under_way.extend(stages.into_iter().filter(|stage| !stage.is_empty()));
    }

    /// The next stage, which is to be written now; then it is in the file.
    pub(super) fn next(&mut self) -> Option<Vec<Table>> {
        self.under_way.pop_front()
    }

    /// Whether stages wait for what was written before them.
    pub(super) fn is_under_way(&self) -> bool {
        !self.under_way.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The refcount table in cluster 1, the L1 table in cluster 3.
    fn places() -> Places {
        Places { refcount_table: 1..2, l1: 3..4 }
    }

    /// A refcount table with blocks in these clusters.
    fn table(blocks: &[u64]) -> Vec<u8> {
        blocks.iter().flat_map(|cluster| (cluster * CLUSTER as u64).to_be_bytes()).collect()
    }

    fn change(stages: &mut Stages, cluster: u64, byte: u8) {
        let load = || Ok::<_, ()>(vec![0; CLUSTER]);
        stages.change(cluster, load).unwrap()[0] = byte;
    }

    #[test]
    fn what_others_rest_on_goes_first() {
        let mut stages = Stages::default();
        (0..8).for_each(|cluster| change(&mut stages, cluster, 1));
        assert_eq!((stages.changed_bytes(), stages.end()), (8 * CLUSTER, 8 * CLUSTER as u64));
        stages.begin(&places(), &table(&[2, 0, 6]));
        let mut order = Vec::new();
        while let Some(stage) = stages.next() {
            order.push(stage.iter().map(|(cluster, _)| *cluster).collect::<Vec<_>>());
        }
        assert_eq!(order, [vec![2, 6], vec![1], vec![4, 5, 7], vec![3], vec![0]]);
    }

    #[test]
    fn what_changes_while_stages_are_under_way_waits_for_the_next() {
        let mut stages = Stages::default();
        change(&mut stages, 2, 1);
        change(&mut stages, 5, 1);
        stages.begin(&places(), &table(&[2]));
        change(&mut stages, 5, 2);
        assert_eq!(stages.get(5).unwrap()[0], 2);
        assert_eq!(stages.next().unwrap()[0].0, 2);
        let l2 = stages.next().unwrap();
        assert_eq!((l2[0].0, l2[0].1[0]), (5, 1), "as it was when the stages began");
        assert!(!stages.is_under_way());
        assert_eq!(stages.get(2), None);
        assert_eq!(stages.get(5).unwrap()[0], 2);
    }
}
