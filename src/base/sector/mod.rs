//! Sectors and ranges of them; sets of them, and tracts that hold no data.

pub mod set;
pub mod tract;

use std::fmt;

/// Bytes of user data in one sector: Mode 1 CD, DVD and Blu-ray alike.
pub const SECTOR_SIZE: usize = 2048;

/// [`SECTOR_SIZE`] as the type of byte offsets.
pub const SECTOR_BYTES: u64 = SECTOR_SIZE as u64;

/// A half-open range of logical block addresses, in sectors of 2048 bytes.
///
/// `start <= end` always holds; an empty range has `start == end`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SectorRange {
    start: u64,
    end: u64,
}

impl SectorRange {
    /// The range from `start` up to, not including, `end`. Reversed ends give an empty range at `start`.
    #[must_use]
    pub fn new(start: u64, end: u64) -> Self {
        Self { start, end: end.max(start) }
    }

    /// `count` sectors from `start`; cut at the largest address there is.
    #[must_use]
    pub fn with_len(start: u64, count: u64) -> Self {
        Self { start, end: start.saturating_add(count) }
    }

    /// First sector.
    #[must_use]
    pub fn start(self) -> u64 {
        self.start
    }

    /// One past the last sector.
    #[must_use]
    pub fn end(self) -> u64 {
        self.end
    }

    /// Number of sectors.
    #[must_use]
    pub fn len(self) -> u64 {
        self.end - self.start
    }

    /// Whether no sector lies in the range.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether `sector` lies in the range.
    #[must_use]
    pub fn contains(self, sector: u64) -> bool {
        (self.start..self.end).contains(&sector)
    }

    /// Whether all of `other` lies in the range; an empty range lies in every one.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        other.is_empty() || (self.start <= other.start && other.end <= self.end)
    }

    /// What both ranges share; empty (at the larger start) when nothing.
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        Self::new(self.start.max(other.start), self.end.min(other.end))
    }

    /// The first `count` sectors (or all, when there are fewer) and the rest.
    #[must_use]
    pub fn split_at(self, count: u64) -> (Self, Self) {
        let middle = self.start.saturating_add(count).min(self.end);
        (Self::new(self.start, middle), Self::new(middle, self.end))
    }

    /// The range widened outwards to multiples of `unit` sectors (an ECC unit). `unit` 0 counts as 1.
    #[must_use]
    pub fn widen_to(self, unit: u64) -> Self {
        let unit = unit.max(1);
        let start = self.start - self.start % unit;
        let end = self.end.checked_next_multiple_of(unit).unwrap_or(self.end);
        Self::new(start, if self.is_empty() { start } else { end })
    }

    /// Bytes that the sectors hold.
    #[must_use]
    pub fn bytes(self) -> u64 {
        self.len().saturating_mul(SECTOR_BYTES)
    }

    /// Byte offset of the first sector.
    #[must_use]
    pub fn byte_start(self) -> u64 {
        self.start.saturating_mul(SECTOR_BYTES)
    }
}

impl fmt::Debug for SectorRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

/// As a person writes it for `--only` and `--skip`: first and last sector.
impl fmt::Display for SectorRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.len() {
            0 => f.write_str("nothing"),
            1 => write!(f, "{}", self.start),
            _ => write!(f, "{}-{}", self.start, self.end - 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reversed_ends_are_empty() {
        let r = SectorRange::new(9, 3);
        assert!(r.is_empty());
        assert_eq!(r.start(), 9);
    }

    #[test]
    fn widening_reaches_whole_units() {
        assert_eq!(SectorRange::new(33, 65).widen_to(32), SectorRange::new(32, 96));
        assert_eq!(SectorRange::new(32, 64).widen_to(32), SectorRange::new(32, 64));
        assert_eq!(SectorRange::new(40, 40).widen_to(32), SectorRange::new(32, 32));
    }

    #[test]
    fn splitting_keeps_every_sector() {
        let r = SectorRange::new(10, 15);
        assert_eq!(r.split_at(2), (SectorRange::new(10, 12), SectorRange::new(12, 15)));
        assert_eq!(r.split_at(9), (r, SectorRange::new(15, 15)));
    }

    #[test]
    fn shows_first_and_last_sector() {
        assert_eq!(SectorRange::new(16, 32).to_string(), "16-31");
        assert_eq!(SectorRange::new(16, 17).to_string(), "16");
    }
}
