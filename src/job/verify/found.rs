//! What a comparison has found so far. What is kept of it is bounded, whatever the discs are.

use super::trust::Verdict;
use crate::base::sector::set::SectorSet;
use crate::base::sector::{SECTOR_BYTES, SectorRange};

/// Ranges of one kind that are told apart; those behind them are counted.
const RANGES: usize = 100_000;

/// Sectors of one kind, each told once.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Counted {
    /// Where they are.
    pub(super) set: SectorSet,
    /// How many.
    pub(super) sectors: u64,
    /// Some of them are counted and not in the set.
    pub(super) is_cut: bool,
}

impl Counted {
    /// Sectors that were not told before.
    pub(super) fn add(&mut self, range: SectorRange) {
        self.sectors = self.sectors.saturating_add(range.len());
        let ranges = self.set.ranges();
        let joins = ranges.last().is_some_and(|last| last.end() == range.start());
        if joins || ranges.len() < RANGES {
            self.set.insert(range);
        } else {
            self.is_cut = true;
        }
    }
}

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Found {
    /// Bytes of the disc; a last sector may end early.
    pub(super) size_bytes: u64,
    /// Bytes that were compared.
    pub(super) compared_bytes: u64,
    /// Sectors that differ.
    pub(super) differing: Counted,
    /// Sectors that did not come.
    pub(super) unread: Counted,
    /// Bytes that are done with, whatever came of them.
    pub(super) done_bytes: u64,
    /// Reads of the source.
    pub(super) commands: u64,
    /// Those that failed.
    pub(super) failed: u64,
    /// Sectors that the image's own disk did not bring.
    pub(super) unread_of_image: u64,
    /// Sectors that came otherwise the first time, and the second time as the image has them.
    pub(super) at_second_read: u64,
}

impl Found {
    /// What a range of sectors has come to.
    pub(super) fn add(&mut self, range: SectorRange, verdict: Verdict) {
        let end = range.end().saturating_mul(SECTOR_BYTES).min(self.size_bytes);
        let bytes = end.saturating_sub(range.byte_start());
        self.done_bytes = self.done_bytes.saturating_add(bytes);
        if verdict == Verdict::Unread {
            self.unread.add(range);
            return;
        }
        self.compared_bytes = self.compared_bytes.saturating_add(bytes);
        if verdict != Verdict::Same {
            self.differing.add(range);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_to_be_named_is_counted() {
        let mut found = Found { size_bytes: u64::MAX, ..Found::default() };
        for i in 0..RANGES as u64 + 10 {
            found.add(SectorRange::with_len(2 * i, 1), Verdict::Differs);
        }
        assert_eq!((found.differing.sectors, found.differing.set.ranges().len()), (RANGES as u64 + 10, RANGES));
        assert!(found.differing.is_cut && !found.unread.is_cut);
        assert_eq!(found.compared_bytes, (RANGES as u64 + 10) * SECTOR_BYTES);
    }

    #[test]
    fn a_last_sector_counts_as_far_as_the_disc_reaches() {
        let mut found = Found { size_bytes: 5000, ..Found::default() };
        found.add(SectorRange::new(0, 2), Verdict::Same);
        found.add(SectorRange::new(2, 3), Verdict::Unread);
        assert_eq!((found.compared_bytes, found.done_bytes, found.unread.sectors), (4096, 5000, 1));
    }
}
