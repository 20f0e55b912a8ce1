//! A disc of which some sectors are given: a row of them, each as its number and the number of bytes in it (two bytes
//! each, little-endian) and those bytes. All else is zero.

use std::collections::BTreeMap;

use freemkv::base::outcome::Fault;
use freemkv::base::sector::SectorRange;
use freemkv::fs::Sectors;

pub const SECTOR: usize = 2048;
/// A disc has at least so many.
const FEWEST: u64 = 600;

pub struct Sparse {
    sectors: BTreeMap<u64, [u8; SECTOR]>,
    count: u64,
}

impl Sparse {
    /// Reads the row; `seal` makes the checksums of a sector right.
    pub fn new(data: &[u8], seal: impl Fn(&mut [u8; SECTOR])) -> Self {
        let (mut rest, mut sectors) = (data, BTreeMap::new());
        while let [a, b, low, high, tail @ ..] = rest {
            let length = usize::from(u16::from_le_bytes([*low, *high])).min(SECTOR).min(tail.len());
            let mut sector = [0; SECTOR];
            sector[..length].copy_from_slice(&tail[..length]);
            seal(&mut sector);
            sectors.insert(u16::from_le_bytes([*a, *b]).into(), sector);
            rest = &tail[length..];
        }
        let count = sectors.last_key_value().map_or(0, |(last, _)| last + 1).max(FEWEST);
        Self { sectors, count }
    }
}

impl Sectors for Sparse {
    fn count(&self) -> u64 {
        self.count
    }

    fn read(&self, range: SectorRange, buffer: &mut [u8]) -> (u64, Option<Fault>) {
        for (number, part) in (range.start()..).zip(buffer.chunks_mut(SECTOR)) {
            if number >= self.count {
                return (number - range.start(), Some(Fault::OutOfRange));
            }
            match self.sectors.get(&number) {
                Some(sector) => part.copy_from_slice(&sector[..part.len()]),
                None => part.fill(0),
            }
        }
        (range.len(), None)
    }
}
