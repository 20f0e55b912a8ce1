//! The sectors of a disc: of the drive while it is looked at, later of the image that becomes of it. What the drive brought is
//! kept, so that tables need not be waited for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::outcome::Fault;
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::fs::Sectors;

/// Sectors that are kept: 16 MiB.
const KEPT: usize = 8192;

/// Sectors of the longest read of tables.
const TABLES: u64 = 128;

/// Reads on, and keeps what came from the drive.
pub struct Known {
    count: u64,
    from: Mutex<From>,
    kept: Mutex<BTreeMap<u64, Box<[u8; SECTOR_SIZE]>>>,
}

/// Where sectors come from.
struct From {
    /// `None` when the drive was given back and nothing came in its place.
    sectors: Option<Arc<dyn Sectors>>,
    /// It is the drive.
    is_drive: bool,
    /// The drive could not read something.
    is_hurt: bool,
    /// Sectors that the drive may still be asked for, and whether more were wanted.
    left: u64,
    is_spent: bool,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Known").field("count", &self.count).finish_non_exhaustive()
    }
}

impl Known {
    /// The sectors of a drive, none of them read yet.
    #[must_use]
    pub fn new(drive: Arc<dyn Sectors>) -> Self {
        let count = drive.count();
        let from = From { sectors: Some(drive), is_drive: true, is_hurt: false, left: u64::MAX, is_spent: false };
        Self { count, from: Mutex::new(from), kept: Mutex::default() }
    }

    /// Gives the drive back, and reads on from something else, if anything.
    pub fn read_on(&self, from: Option<Arc<dyn Sectors>>) {
        *self.from() = From { sectors: from, is_drive: false, is_hurt: false, left: u64::MAX, is_spent: false };
    }

    /// From now on the drive is asked for so many sectors at most; what is wanted beyond that does not come.
    pub fn limit(&self, sectors: u64) {
        self.from().left = sectors;
    }

    /// Whether more was wanted than the drive was to be asked for.
    pub fn is_spent(&self) -> bool {
        self.from().is_spent
    }

    /// Whether the drive could not read something that was asked of it.
    pub fn is_hurt(&self) -> bool {
        self.from().is_hurt
    }

    fn from(&self) -> MutexGuard<'_, From> {
        self.from.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Copies sectors that are kept; whether all of them are.
    fn copy(&self, range: SectorRange, buffer: &mut [u8]) -> bool {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        (range.start()..range.end()).zip(buffer.chunks_mut(SECTOR_SIZE)).all(|(lba, piece)| {
            let sector = kept.get(&lba).and_then(|sector| sector.get(..piece.len()));
            sector.is_some_and(|sector| {
                piece.copy_from_slice(sector);
                true
            })
        })
    }

    fn keep(&self, range: SectorRange, buffer: &[u8]) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        for (lba, piece) in (range.start()..range.end()).zip(buffer.chunks_exact(SECTOR_SIZE)) {
            if kept.len() >= KEPT {
                return;
            }
            if let Ok(sector) = piece.try_into() {
                kept.insert(lba, Box::new(sector));
            }
        }
    }
}

impl Sectors for Known {
    fn count(&self) -> u64 {
        self.count
    }

    fn read(&self, range: SectorRange, buffer: &mut [u8]) -> (u64, Option<Fault>) {
        if self.copy(range, buffer) {
            return (range.len(), None);
        }
        let (sectors, is_drive) = {
            let mut from = self.from();
            from.is_spent |= from.left < range.len();
            if from.is_spent {
                return (0, Some(Fault::Unknown));
            }
            from.left -= range.len();
            (from.sectors.clone(), from.is_drive)
        };
        let Some(sectors) = sectors else { return (0, Some(Fault::Unknown)) };
        let (good, fault) = sectors.read(range, buffer);
        if is_drive {
            self.from().is_hurt |= fault.is_some();
            // Streams are too long to be kept: the image will have them.
            if range.len() <= TABLES {
                self.keep(range.split_at(good).0, buffer);
            }
        }
        (good, fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::MemorySectors;

    #[test]
    fn what_came_once_is_there_when_the_source_is_not() {
        let known = Known::new(Arc::new(MemorySectors::new([[1; SECTOR_SIZE], [2; SECTOR_SIZE]].concat())));
        let mut buffer = [0; SECTOR_SIZE];
        assert_eq!(known.read(SectorRange::new(1, 2), &mut buffer), (1, None));
        known.limit(0);
        assert_eq!(known.read(SectorRange::new(0, 1), &mut buffer), (0, Some(Fault::Unknown)));
        assert!(known.is_spent() && !known.is_hurt());
        known.read_on(None);
        buffer = [0; SECTOR_SIZE];
        assert_eq!(known.read(SectorRange::new(1, 2), &mut buffer), (1, None));
        assert_eq!(buffer, [2; SECTOR_SIZE]);
        assert_eq!(known.read(SectorRange::new(0, 1), &mut buffer), (0, Some(Fault::Unknown)));
        known.read_on(Some(Arc::new(MemorySectors::new([[3; SECTOR_SIZE], [4; SECTOR_SIZE]].concat()))));
        assert_eq!((known.read(SectorRange::new(0, 1), &mut buffer), buffer[0]), ((1, None), 3));
    }
}
