//! Which sectors of the VOBs belong to which cell, and where their units begin.

use std::ops::Range;

use super::TableError;
use super::cell::CellId;
use super::table::Table;

/// Bytes of an entry of the cell address table.
const ENTRY_BYTES: usize = 12;

/// The cell address table (C_ADT): a stretch of sectors for each cell, or for each interleaved unit of one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CellAddresses {
    /// Cell, first sector and the one behind the last; ascending by cell, then by first sector.
    stretches: Vec<(CellId, Range<u32>)>,
}

impl CellAddresses {
    pub(super) fn read(table: &Table<'_>) -> Result<Self, TableError> {
        let count = table.up_to(8, 4)? / ENTRY_BYTES;
        let mut stretches = Vec::with_capacity(count);
        for n in 0..count {
            let at = 8 + n * ENTRY_BYTES;
            let id = CellId { vob: table.u16(at)?, cell: table.u8(at + 2)? };
            let (first, last) = (table.u32(at + 4)?, table.u32(at + 8)?);
            // An entry that ends before it begins says nothing.
            if first <= last && last < u32::MAX {
                stretches.push((id, first..last + 1));
            }
        }
        stretches.sort_by_key(|(id, sectors)| (*id, sectors.start, sectors.end));
        // One that lies inside the one before says nothing either; so one alone may reach into what is behind its neighbour's start.
        stretches.dedup_by(|next, before| next.0 == before.0 && next.1.end <= before.1.end);
        Ok(Self { stretches })
    }

    /// The stretches of a cell as far as they lie in `sectors`, ascending; of those that overlap, the first.
    pub fn within(&self, id: CellId, sectors: Range<u32>) -> impl Iterator<Item = Range<u32>> {
        let from = self.stretches.partition_point(|(own, own_sectors)| (*own, own_sectors.start) < (id, sectors.start));
        // The one before may reach into them.
        let near = self.stretches.get(from.saturating_sub(1)..).unwrap_or_default().iter();
        let near = near.skip_while(move |(own, _)| *own < id).take_while(move |(own, _)| *own == id);
        let mut end = sectors.start;
        let inside = near.map_while(move |(_, own)| {
            let part = own.start.max(end)..own.end.min(sectors.end);
            end = end.max(part.end);
            (own.start < sectors.end).then_some(part)
        });
        inside.filter(|part| part.start < part.end)
    }

    /// Bytes of memory that it takes.
    pub(super) fn memory(&self) -> usize {
        self.stretches.capacity() * size_of::<(CellId, Range<u32>)>()
    }

    /// Whether it names nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stretches.is_empty()
    }

    /// The sector behind the last one that it names.
    #[must_use]
    pub fn end(&self) -> u32 {
        self.stretches.iter().map(|(_, sectors)| sectors.end).max().unwrap_or(0)
    }
}

/// The VOBU address map (VOBU_ADMAP): the first sector of every unit, which is its navigation pack.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct UnitMap {
    starts: Vec<u32>,
}

impl UnitMap {
    pub(super) fn read(table: &Table<'_>) -> Result<Self, TableError> {
        let bytes = table.bytes(4, table.up_to(4, 0)?)?;
        let mut starts: Vec<u32> =
            bytes.chunks_exact(4).filter_map(|b| b.try_into().ok()).map(u32::from_be_bytes).collect();
        starts.sort_unstable();
        starts.dedup();
        Ok(Self { starts })
    }

    /// Bytes of memory that it takes.
    pub(super) fn memory(&self) -> usize {
        self.starts.capacity() * size_of::<u32>()
    }

    /// Whether it names nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The units that begin among these sectors, ascending.
    #[must_use]
    pub fn within(&self, sectors: Range<u32>) -> &[u32] {
        let from = self.starts.partition_point(|start| *start < sectors.start);
        let to = self.starts.partition_point(|start| *start < sectors.end);
        self.starts.get(from..to).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn addresses(entries: &[(u16, u8, u32, u32)]) -> Vec<u8> {
        let mut file = vec![0, 9, 0, 0];
        file.extend((entries.len() as u32 * 12 + 7).to_be_bytes());
        for (vob, cell, first, last) in entries {
            file.extend(vob.to_be_bytes());
            file.extend([*cell, 0]);
            file.extend(first.to_be_bytes());
            file.extend(last.to_be_bytes());
        }
        file
    }

    #[test]
    fn a_cell_in_units_has_a_stretch_for_each() {
        let file = addresses(&[(1, 1, 0, 9), (2, 1, 20, 29), (2, 1, 40, 49), (3, 1, 30, 39), (4, 1, 60, 50)]);
        let table = CellAddresses::read(&Table::new(&file, 0, "").unwrap()).unwrap();
        let of = |vob, sectors| table.within(CellId { vob, cell: 1 }, sectors).collect::<Vec<_>>();
        let one = |range: Range<u32>| -> Vec<_> { std::iter::once(range).collect() };
        assert_eq!(of(2, 0..100), [20..30, 40..50]);
        assert_eq!(of(2, 25..45), [25..30, 40..45]);
        assert_eq!((of(2, 41..60), of(2, 50..60), of(1, 10..20)), (one(41..50), vec![], vec![]));
        assert_eq!((of(3, 0..100), of(4, 0..100)), (one(30..40), vec![]));
        assert_eq!(table.end(), 50);
    }

    #[test]
    fn stretches_that_overlap_give_each_sector_once() {
        let file = addresses(&[(1, 1, 0, 9), (1, 1, 5, 19), (1, 1, 5, 7), (1, 1, 30, 39)]);
        let table = CellAddresses::read(&Table::new(&file, 0, "").unwrap()).unwrap();
        let of = |sectors| table.within(CellId { vob: 1, cell: 1 }, sectors).collect::<Vec<_>>();
        assert_eq!(of(0..100), [0..10, 10..20, 30..40]);
        assert!(of(0..6).into_iter().eq(std::iter::once(0..6)));
    }

    #[test]
    fn units_are_found_by_their_sectors() {
        let mut file = 15u32.to_be_bytes().to_vec();
        [0u32, 30, 10].iter().for_each(|n| file.extend(n.to_be_bytes()));
        let map = UnitMap::read(&Table::new(&file, 0, "").unwrap()).unwrap();
        assert_eq!(map.within(0..30), [0, 10]);
        assert_eq!(map.within(5..100), [10, 30]);
        assert!(map.within(11..12).is_empty());
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let table = Table::new(&bytes, 0, "").unwrap();
            if let Ok(cells) = CellAddresses::read(&table) {
                prop_assert!(cells.stretches.len() <= bytes.len() / ENTRY_BYTES);
            }
            if let Ok(map) = UnitMap::read(&table) {
                prop_assert!(map.within(0..u32::MAX).len() <= bytes.len() / 4);
            }
        }
    }
}
