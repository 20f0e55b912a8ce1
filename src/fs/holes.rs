//! Sectors of which some are known to be missing: an image that is not complete.

use std::sync::Arc;

use super::sectors::Sectors;
use crate::base::outcome::Fault;
use crate::base::sector::set::SectorSet;
use crate::base::sector::{SECTOR_BYTES, SectorRange};

/// Reads of missing sectors fail, whatever the image has in their place: zeros, or what lay on the disk
/// before. Without that, zeros would be taken for what the disc says, and no second copy of a table be looked for.
pub struct Holed {
    sectors: Arc<dyn Sectors>,
    missing: SectorSet,
    count: u64,
}

impl Holed {
    /// `sectors` without those that are `missing`, on a disc of `count` sectors: an image may end before its disc does.
    #[must_use]
    pub fn new(sectors: Arc<dyn Sectors>, missing: SectorSet, count: u64) -> Self {
        Self { sectors, missing, count }
    }
}

impl Sectors for Holed {
    fn count(&self) -> u64 {
        self.count
    }

    fn read(&self, range: SectorRange, buffer: &mut [u8]) -> (u64, Option<Fault>) {
        let Some(hole) = self.missing.within(range).next() else { return self.sectors.read(range, buffer) };
        let (head, _) = range.split_at(hole.start() - range.start());
        let length = usize::try_from(head.len() * SECTOR_BYTES).unwrap_or(usize::MAX).min(buffer.len());
        match buffer.get_mut(..length) {
            Some(buffer) if !head.is_empty() => {
                let (good, fault) = self.sectors.read(head, buffer);
                (good, fault.or(Some(Fault::NotInImage)))
            }
            _ => (0, Some(Fault::NotInImage)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::sector::SECTOR_SIZE;
    use crate::fs::MemorySectors;

    #[test]
    fn what_is_missing_is_damage_and_what_lies_before_it_arrives() {
        let bytes: Vec<u8> = (0..8 * SECTOR_SIZE).map(|at| (at / SECTOR_SIZE) as u8).collect();
        let missing: SectorSet = [SectorRange::new(3, 5), SectorRange::new(8, 10)].into_iter().collect();
        let holed = Holed::new(Arc::new(MemorySectors::new(bytes)), missing, 10);
        let read = |start, end| {
            let range = SectorRange::new(start, end);
            let mut buffer = vec![0xff; range.bytes() as usize];
            let (good, fault) = holed.read(range, &mut buffer);
            let right = (0..good as usize).all(|i| buffer[i * SECTOR_SIZE] == start as u8 + i as u8);
            (good, fault, right)
        };
        assert_eq!(read(0, 3), (3, None, true));
        assert_eq!(read(1, 8), (2, Some(Fault::NotInImage), true));
        assert_eq!(read(3, 4), (0, Some(Fault::NotInImage), true));
        assert_eq!(read(5, 10), (3, Some(Fault::NotInImage), true));
        assert_eq!(holed.count(), 10);
    }
}
