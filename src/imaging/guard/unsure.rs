//! Sectors whose bytes are in the image and are not believed yet: the drive may have had to guess them. Pure.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};

use crate::base::sector::set::SectorSet;
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::mapfile::status::Status;
use crate::recovery::Change;

/// That many sectors are read a second time together: then the seeks there and back cost little beside the reading, and
/// little is at stake. A drive's cache holds less.
const SECTORS_MAX: usize = 8192;

/// So are that many places.
const PLACES_MAX: usize = 64;

/// Sectors that wait for their second read, with what the first one brought.
#[derive(Debug, Default)]
pub(super) struct Unsure {
    waiting: BTreeMap<u64, Waiting>,
    /// Runs of sectors among them, roughly: those that did not follow the sector before.
    places: usize,
    /// Enough have waited, and all of them get their second read now.
    due: bool,
    /// Where a command ended in anything but all its data: what it left in the cache may be guessed, and nobody was told.
    unsaid: SectorSet,
    /// Where two reads differed.
    never_cached: SectorSet,
}

/// A sector that waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Waiting {
    /// Of what the first read brought.
    digest: u64,
    /// The drive said that it had to work for it.
    effort: bool,
    /// What it was before.
    before: Status,
}

/// What is compared of a sector.
pub(super) fn digest(sector: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(sector);
    hasher.finish()
}

impl Unsure {
    /// Whether it is time for second reads: from when enough wait until none does, else a disc that is hard all over has two
    /// seeks for each command.
    pub(super) fn is_due(&self) -> bool {
        self.due
    }

    /// The first run of sectors that wait, at most `most` of them and none across a boundary of that many.
    pub(super) fn first(&self, most: u64) -> Option<SectorRange> {
        let start = *self.waiting.first_key_value()?.0;
        let boundary = (start + 1).next_multiple_of(most.max(1));
        let run = self.waiting.range(start..boundary).zip(start..).take_while(|((sector, _), at)| *sector == at);
        Some(SectorRange::with_len(start, run.count() as u64))
    }

    /// Sectors that were read wait for their second read. `effort`: the drive said that it had to work for them; `before`:
    /// what they were.
    pub(super) fn wait(&mut self, range: SectorRange, bytes: &[u8], effort: bool, before: &[Change]) {
        if range.start().checked_sub(1).is_none_or(|before| !self.waiting.contains_key(&before)) {
            self.places += usize::from(!range.is_empty());
        }
        for (lba, sector) in (range.start()..range.end()).zip(bytes.chunks(SECTOR_SIZE)) {
            let was = before.iter().find(|(range, _)| range.contains(lba)).map_or(Status::NonTried, |(_, was)| *was);
            self.waiting.insert(lba, Waiting { digest: digest(sector), effort, before: was });
        }
        self.due |= self.waiting.len() >= SECTORS_MAX || self.places >= PLACES_MAX;
    }

    /// What the first read brought; `None` where none is waited for.
    pub(super) fn first_read(&self, lba: u64) -> Option<u64> {
        self.waiting.get(&lba).map(|waiting| waiting.digest)
    }

    /// Sectors wait no longer: they are believed, or were taken back.
    pub(super) fn settle(&mut self, range: SectorRange) {
        if self.waiting.is_empty() {
            return;
        }
        let settled: Vec<u64> = self.waiting.range(range.start()..range.end()).map(|(lba, _)| *lba).collect();
        settled.iter().for_each(|lba| {
            let _ = self.waiting.remove(lba);
        });
        if self.waiting.is_empty() {
            (self.places, self.due) = (0, false);
        }
    }

    /// Sectors that wait are damage after all, `failed` as they have: what they are now. What had failed alone, or was
    /// called bad by another program, stays so.
    pub(super) fn denied(&mut self, range: SectorRange, failed: Status) -> Vec<Change> {
        let mut changes: Vec<Change> = Vec::new();
        for lba in range.start()..range.end() {
            let status = match self.waiting.get(&lba).map(|waiting| waiting.before) {
                Some(before @ (Status::Bad | Status::NonScraped)) => before,
                _ => failed,
            };
            match changes.last_mut() {
                Some((run, same)) if *same == status => *run = SectorRange::new(run.start(), lba + 1),
                _ => changes.push((SectorRange::with_len(lba, 1), status)),
            }
        }
        self.settle(range);
        changes
    }

    /// Sectors that wait did not come again, for a reason that is none of theirs: they wait no longer, and are what they were.
    pub(super) fn forget(&mut self, range: SectorRange) -> Vec<Change> {
        let mut changes: Vec<Change> = Vec::new();
        for (lba, waiting) in self.waiting.range(range.start()..range.end()) {
            match changes.last_mut() {
                Some((run, same)) if *same == waiting.before && run.end() == *lba => {
                    *run = SectorRange::new(run.start(), lba + 1);
                }
                _ => changes.push((SectorRange::with_len(*lba, 1), waiting.before)),
            }
        }
        self.settle(range);
        changes
    }

    /// A command for these sectors brought less than all: there may be bytes in the cache of which the drive had more to
    /// say.
    pub(super) fn note_unsaid(&mut self, range: SectorRange) {
        self.unsaid.insert(range);
    }

    /// All of these came past the cache, and the drive said what it had to say.
    pub(super) fn note_said(&mut self, range: SectorRange) {
        self.unsaid.remove(range);
    }

    /// Two reads of these differed.
    pub(super) fn note_differed(&mut self, range: SectorRange) {
        self.never_cached.insert(range);
    }

    /// Whether the cache may hold bytes of these that are guessed.
    pub(super) fn is_unsaid(&self, range: SectorRange) -> bool {
        [&self.unsaid, &self.never_cached].into_iter().any(|set| set.within(range).next().is_some())
    }

    /// Whether two reads here have differed.
    pub(super) fn has_differed(&self, range: SectorRange) -> bool {
        self.never_cached.within(range).next().is_some()
    }

    /// What of `changes` the stored map may be told. Sectors that wait are not rescued: those that came with effort are
    /// `*` until then, when the map says nothing of them `before`, and all others are what they were.
    pub(super) fn told(&self, changes: Vec<Change>, before: &[Change]) -> Vec<Change> {
        if self.waiting.is_empty() {
            return changes;
        }
        let mut told = Vec::with_capacity(changes.len());
        for (range, status) in changes {
            if status != Status::Finished {
                told.push((range, status));
                continue;
            }
            for (part, waits) in self.runs(range) {
                let untried = before.iter().filter(|(_, status)| *status == Status::NonTried);
                let untried = untried.map(|(old, _)| (old.intersect(part), Status::NonTrimmed));
                match waits {
                    None => told.push((part, Status::Finished)),
                    Some(true) => told.extend(untried.filter(|(range, _)| !range.is_empty())),
                    Some(false) => {}
                }
            }
        }
        told
    }

    /// `range` in parts that do not wait, that wait after effort, and that wait for another reason.
    fn runs(&self, range: SectorRange) -> Vec<(SectorRange, Option<bool>)> {
        let mut runs: Vec<(SectorRange, Option<bool>)> = Vec::new();
        for lba in range.start()..range.end() {
            let waits = self.waiting.get(&lba).map(|waiting| waiting.effort);
            match runs.last_mut() {
                Some((run, same)) if *same == waits => *run = SectorRange::new(run.start(), lba + 1),
                _ => runs.push((SectorRange::with_len(lba, 1), waits)),
            }
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_not_told_to_be_rescued() {
        let mut unsure = Unsure::default();
        unsure.wait(SectorRange::new(4, 8), &vec![1; 4 * SECTOR_SIZE], true, &[]);
        unsure.wait(SectorRange::new(0, 1), &[1; SECTOR_SIZE], false, &[]);
        let all = SectorRange::new(0, 12);
        let before = [(SectorRange::new(0, 6), Status::NonTried), (SectorRange::new(6, 12), Status::NonScraped)];
        let told = unsure.told(vec![(all, Status::Finished)], &before);
        let good = |start, end| (SectorRange::new(start, end), Status::Finished);
        assert_eq!(told, [good(1, 4), (SectorRange::new(4, 6), Status::NonTrimmed), good(8, 12)]);
        unsure.settle(all);
        assert_eq!(unsure.told(vec![(all, Status::Finished)], &before), [good(0, 12)]);
    }

    #[test]
    fn what_another_program_called_bad_is_bad_again_when_a_second_read_denies_it() {
        let mut unsure = Unsure::default();
        let before = [
            (SectorRange::new(0, 3), Status::NonScraped),
            (SectorRange::new(3, 6), Status::Bad),
            (SectorRange::new(6, 8), Status::NonTried),
        ];
        unsure.wait(SectorRange::new(0, 8), &vec![1; 8 * SECTOR_SIZE], true, &before);
        let damage = |start, end| (SectorRange::new(start, end), Status::NonScraped);
        let bad = (SectorRange::new(3, 6), Status::Bad);
        assert_eq!(unsure.denied(SectorRange::new(0, 7), Status::NonScraped), [damage(0, 3), bad, damage(6, 7)]);
        assert_eq!(unsure.first(64), Some(SectorRange::new(7, 8)), "the rest still waits");
    }

    #[test]
    fn what_does_not_come_again_for_a_reason_of_the_drives_is_what_it_was() {
        let mut unsure = Unsure::default();
        let before = [(SectorRange::new(0, 3), Status::NonScraped), (SectorRange::new(3, 8), Status::NonTried)];
        unsure.wait(SectorRange::new(0, 8), &vec![1; 8 * SECTOR_SIZE], true, &before);
        unsure.settle(SectorRange::new(4, 5));
        let changes = unsure.forget(SectorRange::new(1, 7));
        let untried = |start, end| (SectorRange::new(start, end), Status::NonTried);
        assert_eq!(changes, [(SectorRange::new(1, 3), Status::NonScraped), untried(3, 4), untried(5, 7)]);
        assert_eq!(unsure.first(64), Some(SectorRange::new(0, 1)), "the rest still waits");
    }

    #[test]
    fn places_come_in_order_and_not_longer_than_a_command() {
        let mut unsure = Unsure::default();
        for (start, len) in [(200, 1), (60, 10), (10, 2)] {
            unsure.wait(SectorRange::with_len(start, len), &vec![1; 10 * SECTOR_SIZE], true, &[]);
        }
        let mut places = Vec::new();
        while let Some(range) = unsure.first(64) {
            places.push((range.start(), range.end()));
            unsure.settle(range);
        }
        assert_eq!(places, [(10, 12), (60, 64), (64, 70), (200, 201)]);
    }

    #[test]
    fn a_second_read_is_due_when_much_waits_or_many_places_do() {
        let mut unsure = Unsure::default();
        unsure.wait(SectorRange::with_len(0, 8191), &vec![1; 8191 * SECTOR_SIZE], true, &[]);
        assert!(!unsure.is_due());
        unsure.wait(SectorRange::with_len(8191, 1), &[1; SECTOR_SIZE], true, &[]);
        assert!(unsure.is_due());
        unsure.settle(SectorRange::new(0, 8000));
        assert!(unsure.is_due(), "until none waits");
        unsure.settle(SectorRange::new(0, 9000));
        assert!(!unsure.is_due());
        (0..64).for_each(|i| unsure.wait(SectorRange::with_len(i * 100, 1), &[1; SECTOR_SIZE], true, &[]));
        assert!(unsure.is_due());
    }

    #[test]
    fn the_cache_is_believed_again_when_the_drive_has_said_all() {
        let mut unsure = Unsure::default();
        unsure.note_unsaid(SectorRange::new(10, 20));
        assert!(unsure.is_unsaid(SectorRange::new(0, 11)) && !unsure.is_unsaid(SectorRange::new(20, 30)));
        unsure.note_said(SectorRange::new(10, 20));
        assert!(!unsure.is_unsaid(SectorRange::new(0, 30)));
        unsure.note_differed(SectorRange::new(10, 11));
        unsure.note_said(SectorRange::new(10, 20));
        assert!(unsure.has_differed(SectorRange::new(10, 20)), "for good");
    }
}
