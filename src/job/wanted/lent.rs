//! A source that is lent to a file system for a while: what the image holds already is read from there, the rest from the
//! source, and what was asked for is remembered.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::base::clock::Clock;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::set::SectorSet;
use crate::base::sector::tract::LeftOut;
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::fs::{Sectors, SharedSource};
use crate::source::{Facts, ReadRequest, SectorSource, Source};

/// How long a read of a table may take: a drive works for seconds on a scratch.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// What an earlier run has brought.
pub(super) struct Rescued {
    /// The image.
    pub(super) image: Box<dyn SectorSource>,
    /// The sectors that its map calls good.
    pub(super) sectors: SectorSet,
}

/// Sectors of a source, or of the image where that has them.
pub(super) struct Lent {
    source: SharedSource,
    rescued: Option<(SharedSource, SectorSet)>,
    asked: Mutex<SectorSet>,
}

impl Lent {
    /// Lends `source`, which is its owner's again when all of this is dropped.
    pub(super) fn new(source: &Arc<Mutex<Source>>, rescued: Option<Rescued>) -> Self {
        let rescued = rescued.map(|Rescued { image, sectors }| (SharedSource::new(image, TIME_LIMIT), sectors));
        let source = SharedSource::new(Box::new(Held::new(source)), TIME_LIMIT);
        Self { source, rescued, asked: Mutex::new(SectorSet::new()) }
    }

    /// The sectors that were asked for so far.
    pub(super) fn asked(&self) -> SectorSet {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the head of `range` that lies in one place; tells how many sectors that are.
    fn read_head(&self, range: SectorRange, buffer: &mut [u8]) -> (u64, u64, Option<Fault>) {
        let Some((image, rescued)) = &self.rescued else { return self.of_source(range, buffer) };
        let next = rescued.within(range).next();
        let head = next.map_or(range, |run| range.split_at(run.start() - range.start()).0);
        match next.filter(|run| run.start() == range.start()) {
            Some(run) => match image.read(run, part(buffer, run.len())) {
                (_, None) => (run.len(), run.len(), None),
                _ => self.of_source(run, part(buffer, run.len())),
            },
            None => self.of_source(head, part(buffer, head.len())),
        }
    }

    fn of_source(&self, range: SectorRange, buffer: &mut [u8]) -> (u64, u64, Option<Fault>) {
        let (good, fault) = self.source.read(range, buffer);
        (range.len(), good, fault)
    }
}

/// The room of that many sectors.
fn part(buffer: &mut [u8], sectors: u64) -> &mut [u8] {
    let length = usize::try_from(sectors.saturating_mul(SECTOR_BYTES)).unwrap_or(usize::MAX).min(buffer.len());
    &mut buffer[..length]
}

impl Sectors for Lent {
    fn count(&self) -> u64 {
        self.source.count()
    }

    fn read(&self, range: SectorRange, buffer: &mut [u8]) -> (u64, Option<Fault>) {
        let there = SectorRange::new(0, self.count());
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(range.intersect(there));
        let (mut rest, mut done) = (range, 0);
        while !rest.is_empty() {
            let from = usize::try_from(done * SECTOR_BYTES).unwrap_or(usize::MAX).min(buffer.len());
            let (head, good, fault) = self.read_head(rest, &mut buffer[from..]);
            done += good;
            if fault.is_some() {
                return (done, fault);
            }
            rest = rest.split_at(head.max(1)).1;
        }
        (done, None)
    }
}

/// The source in the hands of a borrower.
struct Held {
    source: Arc<Mutex<Source>>,
    facts: Facts,
    clock: Arc<dyn Clock>,
    left_out: LeftOut,
    sessions: Vec<u64>,
    lacking: SectorSet,
}

impl Held {
    fn new(source: &Arc<Mutex<Source>>) -> Self {
        let mut guard = source.lock().unwrap_or_else(PoisonError::into_inner);
        let mut input = guard.input();
        let sectors = input.sectors();
        Self {
            source: Arc::clone(source),
            facts: sectors.facts().clone(),
            clock: sectors.clock(),
            left_out: sectors.left_out().clone(),
            sessions: sectors.sessions().to_vec(),
            lacking: sectors.lacking().clone(),
        }
    }
}

impl SectorSource for Held {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn read(&mut self, request: &ReadRequest, buffer: &mut [u8]) -> Outcome {
        self.source.lock().unwrap_or_else(PoisonError::into_inner).input().sectors().read(request, buffer)
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    fn left_out(&self) -> &LeftOut {
        &self.left_out
    }

    fn sessions(&self) -> &[u64] {
        &self.sessions
    }

    fn lacking(&self) -> &SectorSet {
        &self.lacking
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::file::FileSource;

    fn file(folder: &tempfile::TempDir, name: &str, sectors: usize, byte: u8) -> Box<dyn SectorSource> {
        let path = folder.path().join(name);
        std::fs::write(&path, vec![byte; sectors * 2048]).unwrap();
        Box::new(FileSource::open(&path).unwrap())
    }

    #[test]
    fn what_is_rescued_comes_from_the_image_and_the_source_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let source = Arc::new(Mutex::new(Source::File(file(&folder, "s", 20, 1))));
        let sectors = [SectorRange::new(2, 4), SectorRange::new(6, 30)].into_iter().collect();
        let lent = Lent::new(&source, Some(Rescued { image: file(&folder, "i", 10, 2), sectors }));
        let mut buffer = vec![0; 8 * 2048];
        assert_eq!(lent.read(SectorRange::new(0, 8), &mut buffer), (8, None));
        let of: Vec<u8> = buffer.chunks(2048).map(|sector| sector[7]).collect();
        assert_eq!(of, [1, 1, 2, 2, 1, 1, 2, 2]);
        assert_eq!(lent.read(SectorRange::new(12, 14), &mut buffer[..4096]), (2, None), "an image that is too short");
        assert_eq!(buffer[0], 1);
        assert_eq!(lent.asked().ranges(), [SectorRange::new(0, 8), SectorRange::new(12, 14)]);
        drop(lent);
        assert!(Arc::into_inner(source).is_some());
    }
}
