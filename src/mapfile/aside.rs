//! Sectors that are set aside: they stay `?` for a reason that is no damage, and are asked for last or not at all. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::sector_map::SectorMap;
use super::status::Status;
use crate::base::outcome::Complaint;
use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;

/// Why sectors are set aside. The word is that of the sidecar and of the report.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A drive that is well, and reads elsewhere, says something about itself here.
    Answer,
    /// A run ended here: the drive was lost, or did not recover.
    RunEnded,
}

/// What is known of sectors that are set aside.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Aside {
    /// Why.
    pub cause: Cause,
    /// What the drive said the last time.
    pub said: Complaint,
    /// Runs and last attempts that came to this.
    pub attempts: u32,
    /// Seconds that the last attempt took, everything that was tried for it included.
    pub seconds: f64,
}

/// Runs that may end at a place before it is left alone.
const ENDS_MAX: u32 = 2;

impl Aside {
    /// Whether a run asks for such sectors once more, behind all others. What has ended two runs is asked for no more until
    /// the disc lies elsewhere, or was taken out, or a person says so.
    #[must_use]
    pub fn is_asked_again(&self) -> bool {
        match self.cause {
            Cause::Answer => true,
            Cause::RunEnded => self.attempts < ENDS_MAX,
        }
    }

    /// Whether the two are told as one where they are neighbours.
    fn is_like(&self, other: &Self) -> bool {
        (self.cause, self.said, self.attempts) == (other.cause, other.said, other.attempts)
    }
}

/// Ranges that are set aside, disjoint and in order; neighbours that are alike are one.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Asides {
    /// By first sector: the one behind the last, and what is known.
    by_start: BTreeMap<u64, (u64, Aside)>,
}

impl Asides {
    /// Whether nothing is set aside.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_start.is_empty()
    }

    /// All ranges, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (SectorRange, Aside)> + '_ {
        self.by_start.iter().map(|(start, (end, aside))| (SectorRange::new(*start, *end), *aside))
    }

    /// The parts of `range` that are set aside, ascending.
    pub fn within(&self, range: SectorRange) -> impl Iterator<Item = (SectorRange, Aside)> + '_ {
        // The one that `range` begins in starts before it.
        let from = self.by_start.range(..=range.start()).next_back().map_or(range.start(), |(start, _)| *start);
        let near = self.by_start.range(from..range.end().max(from));
        let parts = near.map(move |(start, (end, aside))| (SectorRange::new(*start, *end).intersect(range), *aside));
        parts.filter(|(part, _)| !part.is_empty())
    }

    /// All sectors that are set aside.
    #[must_use]
    pub fn sectors(&self) -> SectorSet {
        self.iter().map(|(range, _)| range).collect()
    }

    /// What of it lies in `domain`.
    #[must_use]
    pub fn limited_to(&self, domain: &SectorSet) -> Self {
        let mut limited = Self::default();
        for (range, aside) in self.iter() {
            domain.within(range).for_each(|part| limited.insert(part, aside));
        }
        limited
    }

    /// Sets `range` aside; what was known of it before is forgotten.
    pub fn insert(&mut self, range: SectorRange, aside: Aside) {
        if range.is_empty() {
            return;
        }
        self.remove(range);
        let (mut start, mut end, mut aside) = (range.start(), range.end(), aside);
        let before = self.by_start.range(..start).next_back().map(|(start, (end, before))| (*start, *end, *before));
        if let Some((first, _, before)) = before.filter(|(_, end, before)| *end == start && before.is_like(&aside)) {
            self.by_start.remove(&first);
            (start, aside.seconds) = (first, aside.seconds.max(before.seconds));
        }
        if let Some((last, behind)) = self.by_start.get(&end).copied().filter(|(_, behind)| behind.is_like(&aside)) {
            self.by_start.remove(&end);
            (end, aside.seconds) = (last, aside.seconds.max(behind.seconds));
        }
        self.by_start.insert(start, (end, aside));
    }

    /// `range` is not set aside any more.
    pub fn remove(&mut self, range: SectorRange) {
        if range.is_empty() {
            return;
        }
        let touching = self.by_start.range(..range.end()).rev().take_while(|(_, (end, _))| *end > range.start());
        let touching: Vec<u64> = touching.map(|(start, _)| *start).collect();
        for start in touching {
            let Some((end, aside)) = self.by_start.remove(&start) else { continue };
            if start < range.start() {
                self.by_start.insert(start, (range.start(), aside));
            }
            if end > range.end() {
                self.by_start.insert(range.end(), (end, aside));
            }
        }
    }

    /// Forgets what the map has overtaken: sectors that are good by now.
    pub fn agree_with(&mut self, map: &SectorMap) {
        let all = SectorRange::new(0, map.sectors());
        let parts = self.iter().flat_map(|(range, _)| map.within(range.intersect(all)));
        let good: Vec<SectorRange> =
            parts.filter(|(_, status)| *status == Status::Finished).map(|(part, _)| part).collect();
        good.into_iter().for_each(|part| self.remove(part));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::outcome::Sense;
    use proptest::prelude::*;

    fn aside(attempts: u32) -> Aside {
        let said = Complaint { sense: Some(Sense::new(2, 4, 1)), status: 2, host_status: 0 };
        Aside { cause: Cause::Answer, said, attempts, seconds: 0.5 }
    }

    fn ranges(asides: &Asides) -> Vec<(u64, u64, u32)> {
        asides.iter().map(|(range, aside)| (range.start(), range.end(), aside.attempts)).collect()
    }

    #[test]
    fn neighbours_that_are_alike_are_one_and_others_stay_apart() {
        let mut asides = Asides::default();
        asides.insert(SectorRange::new(10, 20), aside(1));
        asides.insert(SectorRange::new(30, 40), aside(1));
        asides.insert(SectorRange::new(40, 50), aside(2));
        assert_eq!(ranges(&asides), [(10, 20, 1), (30, 40, 1), (40, 50, 2)]);
        asides.insert(SectorRange::new(20, 30), Aside { seconds: 9.0, ..aside(1) });
        assert_eq!(ranges(&asides), [(10, 40, 1), (40, 50, 2)]);
        assert!(
            asides
                .iter()
                .all(|(range, aside)| (aside.seconds - if range.start() == 10 { 9.0 } else { 0.5 }).abs() < 1e-9)
        );
        asides.remove(SectorRange::new(15, 45));
        assert_eq!(ranges(&asides), [(10, 15, 1), (45, 50, 2)]);
    }

    #[test]
    fn what_the_map_calls_good_is_set_aside_no_more() {
        let mut asides = Asides::default();
        asides.insert(SectorRange::new(10, 20), aside(1));
        let mut map = SectorMap::new(100, 100 * 2048);
        map.set(SectorRange::new(12, 14), Status::Finished);
        map.set(SectorRange::new(14, 16), Status::Bad);
        asides.agree_with(&map);
        assert_eq!(ranges(&asides), [(10, 12, 1), (14, 20, 1)]);
    }

    proptest! {
        #[test]
        fn each_sector_has_what_was_last_said_of_it(
            steps in prop::collection::vec((0u64..60, 1u64..20, 0u32..4), 1..40), look in (0u64..60, 0u64..30)
        ) {
            let (mut asides, mut plain) = (Asides::default(), vec![0u32; 100]);
            for (start, length, attempts) in steps {
                let range = SectorRange::with_len(start, length);
                if attempts == 0 { asides.remove(range) } else { asides.insert(range, aside(attempts)) }
                for sector in range.start()..range.end() {
                    plain[usize::try_from(sector).unwrap()] = attempts;
                }
            }
            let spread = |parts: Vec<(SectorRange, Aside)>| {
                let mut all = vec![0; 100];
                for (range, aside) in parts {
                    prop_assert!(!range.is_empty());
                    for sector in range.start()..range.end() {
                        all[usize::try_from(sector).unwrap()] = aside.attempts;
                    }
                }
                Ok(all)
            };
            prop_assert_eq!(&spread(asides.iter().collect())?, &plain);
            let look = SectorRange::with_len(look.0, look.1);
            let mut seen = plain.clone();
            for (sector, attempts) in (0u64..).zip(&mut seen) {
                *attempts = if look.contains(sector) { *attempts } else { 0 };
            }
            prop_assert_eq!(spread(asides.within(look).collect())?, seen.clone());
            prop_assert_eq!(spread(asides.limited_to(&[look].into_iter().collect()).iter().collect())?, seen);
        }
    }
}
