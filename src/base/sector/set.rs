//! A set of sectors, kept as disjoint ranges in order.

use super::SectorRange;

/// A set of sectors. Neighbouring ranges are joined.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct SectorSet {
    ranges: Vec<SectorRange>,
}

impl SectorSet {
    /// The empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self { ranges: Vec::new() }
    }

    /// The ranges, ascending and disjoint.
    #[must_use]
    pub fn ranges(&self) -> &[SectorRange] {
        &self.ranges
    }

    /// Whether no sector is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Number of sectors in the set.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.ranges.iter().map(|r| r.len()).sum()
    }

    /// Whether `sector` is in the set.
    #[must_use]
    pub fn contains(&self, sector: u64) -> bool {
        let i = self.ranges.partition_point(|r| r.end() <= sector);
        self.ranges.get(i).is_some_and(|r| r.contains(sector))
    }

    /// Adds all sectors of `range`.
    pub fn insert(&mut self, range: SectorRange) {
        if range.is_empty() {
            return;
        }
        let first = self.ranges.partition_point(|r| r.end() < range.start());
        let last = self.ranges.partition_point(|r| r.start() <= range.end());
        let mut joined = range;
        for r in &self.ranges[first..last] {
            joined = SectorRange::new(joined.start().min(r.start()), joined.end().max(r.end()));
        }
        self.ranges.splice(first..last, [joined]);
    }

    /// Takes all sectors of `range` out.
    pub fn remove(&mut self, range: SectorRange) {
        if range.is_empty() {
            return;
        }
        let first = self.ranges.partition_point(|r| r.end() <= range.start());
        let last = self.ranges.partition_point(|r| r.start() < range.end());
        let mut rest = Vec::with_capacity(2);
        for r in &self.ranges[first..last] {
            for part in [
                SectorRange::new(r.start(), range.start().min(r.end())),
                SectorRange::new(range.end().max(r.start()), r.end()),
            ] {
                if !part.is_empty() {
                    rest.push(part);
                }
            }
        }
        self.ranges.splice(first..last, rest);
    }

    /// The parts of `range` that are in the set, ascending.
    pub fn within(&self, range: SectorRange) -> impl Iterator<Item = SectorRange> + '_ {
        let first = self.ranges.partition_point(|r| r.end() <= range.start());
        self.ranges[first..].iter().map(move |r| r.intersect(range)).take_while(|r| !r.is_empty())
    }

    /// What lies in both sets.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        other.ranges.iter().flat_map(|r| self.within(*r)).collect()
    }
}

impl FromIterator<SectorRange> for SectorSet {
    fn from_iter<I: IntoIterator<Item = SectorRange>>(iter: I) -> Self {
        let mut set = Self::new();
        for range in iter {
            set.insert(range);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against a plain array of flags.
        #[test]
        fn agrees_with_flags(steps in prop::collection::vec((any::<bool>(), 0u64..64, 0u64..20), 0..40)) {
            let mut set = SectorSet::new();
            let mut flags = [false; 96];
            for (add, start, len) in steps {
                let range = SectorRange::with_len(start, len);
                if add { set.insert(range) } else { set.remove(range) }
                for i in range.start()..range.end() {
                    flags[i as usize] = add;
                }
                for (i, flag) in flags.iter().enumerate() {
                    prop_assert_eq!(set.contains(i as u64), *flag);
                }
                for pair in set.ranges().windows(2) {
                    prop_assert!(pair[0].end() < pair[1].start());
                }
                prop_assert_eq!(set.len(), flags.iter().filter(|f| **f).count() as u64);
                let inside: u64 = set.within(SectorRange::new(10, 50)).map(|r| r.len()).sum();
                prop_assert_eq!(inside, flags[10..50].iter().filter(|f| **f).count() as u64);
            }
        }
    }
}
