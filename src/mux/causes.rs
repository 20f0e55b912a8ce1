//! Why something of the film is missing, by the sectors of the damage. Pure.

use super::report::{Cause, Sort};
use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;

/// What is known of the sectors of a source.
#[derive(Clone, Copy, Debug)]
pub(in crate::mux) struct Known<'a> {
    /// Those that it lacks.
    pub(in crate::mux) missing: &'a SectorSet,
    /// Those of them that were tried in vain; `None`: all were.
    pub(in crate::mux) failed: Option<&'a SectorSet>,
    /// The sector behind the last one that the source has, where it may end before the disc does.
    pub(in crate::mux) end: Option<u64>,
}

impl Known<'_> {
    /// The sorts of what is missing in `sectors`, each once; where nothing is known to be missing, what was read is wrong.
    pub(in crate::mux) fn sorts(&self, sectors: SectorRange) -> Vec<Sort> {
        let (mut failed, mut not_read) = (SectorSet::new(), SectorSet::new());
        for piece in self.missing.within(sectors) {
            match self.failed {
                None => failed.insert(piece),
                Some(all) => {
                    not_read.insert(piece);
                    all.within(piece).for_each(|piece| failed.insert(piece));
                }
            }
        }
        failed.ranges().iter().for_each(|piece| not_read.remove(*piece));
        let past = self.end.map_or(SectorRange::default(), |end| sectors.intersect(SectorRange::new(end, u64::MAX)));
        let is_past = not_read.is_empty() && !past.is_empty();
        if is_past {
            failed.remove(past);
        }
        let sort = |cause, set: &SectorSet| {
            set.ranges().first().map(|first| Sort { cause, lba: first.start(), sectors: set.len() })
        };
        let past = Sort { cause: Cause::EndOfImage, lba: past.start(), sectors: past.len() };
        let sorts = [sort(Cause::Damaged, &failed), sort(Cause::NotRead, &not_read), is_past.then_some(past)];
        let sorts: Vec<Sort> = sorts.into_iter().flatten().collect();
        if sorts.is_empty() {
            return vec![Sort { cause: Cause::Damaged, lba: sectors.start(), sectors: sectors.len() }];
        }
        sorts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(ranges: &[(u64, u64)]) -> SectorSet {
        ranges.iter().map(|(from, to)| SectorRange::new(*from, *to)).collect()
    }

    #[test]
    fn damage_of_two_sorts_is_told_as_two() {
        let (missing, failed) = (set(&[(100, 200), (300, 310)]), set(&[(120, 140), (180, 200), (300, 310)]));
        let known = Known { missing: &missing, failed: Some(&failed), end: None };
        let sorts = |from, to| known.sorts(SectorRange::new(from, to));
        let damaged = |lba, sectors| Sort { cause: Cause::Damaged, lba, sectors };
        let not_read = |lba, sectors| Sort { cause: Cause::NotRead, lba, sectors };
        assert_eq!(sorts(100, 200), [damaged(120, 40), not_read(100, 60)]);
        assert_eq!((sorts(120, 130), sorts(100, 110)), (vec![damaged(120, 10)], vec![not_read(100, 10)]));
        assert_eq!(sorts(90, 320), [damaged(120, 50), not_read(100, 60)]);
        // Nothing is missing there: what was read is wrong.
        assert_eq!(sorts(210, 212), [damaged(210, 2)]);
        let all_tried = Known { failed: None, ..known };
        assert_eq!(all_tried.sorts(SectorRange::new(100, 200)), [damaged(100, 100)]);
    }

    #[test]
    fn an_image_that_ends_too_early_is_told_beside_what_failed_in_it() {
        let past = |lba, sectors| Sort { cause: Cause::EndOfImage, lba, sectors };
        let missing = set(&[(90, 95), (100, 120)]);
        let known = Known { missing: &missing, failed: None, end: Some(100) };
        let damaged = Sort { cause: Cause::Damaged, lba: 90, sectors: 5 };
        assert_eq!(known.sorts(SectorRange::new(90, 110)), [damaged, past(100, 10)]);
        assert_eq!(known.sorts(SectorRange::new(99, 110)), [past(100, 10)]);
        // What a map says was not read tells more than where the image ends.
        let none = SectorSet::new();
        let mapped = Known { failed: Some(&none), ..known };
        assert_eq!(mapped.sorts(SectorRange::new(99, 110)), [Sort { cause: Cause::NotRead, lba: 100, sectors: 10 }]);
    }
}
