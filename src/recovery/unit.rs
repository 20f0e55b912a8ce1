//! Arithmetic on ECC units.

use crate::base::sector::SectorRange;

/// The ECC unit of a disc: its length in sectors, at least 1. Unit boundaries are multiples of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Unit(u64);

impl Unit {
    /// A unit of `sectors`; 0 counts as 1.
    pub(super) fn new(sectors: u64) -> Self {
        Self(sectors.max(1))
    }

    /// Sectors in that number of units.
    pub(super) fn times(self, units: u64) -> u64 {
        self.0.saturating_mul(units)
    }

    /// Number of the unit that holds `sector`.
    pub(super) fn index(self, sector: u64) -> u64 {
        sector / self.0
    }

    /// The sectors of the unit with this number.
    pub(super) fn whole(self, index: u64) -> SectorRange {
        SectorRange::with_len(self.times(index), self.0)
    }

    /// The unit boundary at or before `sector`.
    pub(super) fn floor(self, sector: u64) -> u64 {
        sector - sector % self.0
    }

    /// The unit boundary at or behind `sector`; the largest address when there is none.
    pub(super) fn ceil(self, sector: u64) -> u64 {
        sector.checked_next_multiple_of(self.0).unwrap_or(u64::MAX)
    }

    /// The unit that holds `sector`.
    pub(super) fn around(self, sector: u64) -> SectorRange {
        SectorRange::with_len(self.floor(sector), self.0)
    }

    /// The part of `range` that lies in its first unit.
    pub(super) fn first_piece(self, range: SectorRange) -> SectorRange {
        range.intersect(self.around(range.start()))
    }

    /// Units that `range` touches.
    pub(super) fn count(self, range: SectorRange) -> u64 {
        if range.is_empty() { 0 } else { (range.end() - 1) / self.0 - range.start() / self.0 + 1 }
    }
}
