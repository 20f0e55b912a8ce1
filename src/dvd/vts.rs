//! The table of a title set (`VTS_nn_0.IFO`): its titles, their chains, streams and sectors.

use std::sync::Arc;

use super::TableError;
use super::address::{CellAddresses, UnitMap};
use super::attributes::StreamAttributes;
use super::pgc::{self, Chains, Menus};
use super::table::{self, Table};

const TABLE: &str = "title set";
const MAGIC: &[u8; 12] = b"DVDVIDEO-VTS";
/// Most titles of a set.
const TITLES: usize = 99;
/// Most parts of a title.
const PARTS: usize = 999;

/// A part of a title: where a chapter begins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PartStart {
    /// Program chain, from 1.
    pub chain: u16,
    /// Program in it, from 1.
    pub program: u8,
}

/// A title set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vts {
    /// First sector of the title VOBs, from the first one of this file.
    pub title_vobs: u32,
    /// First sector of the menu VOBs, likewise; 0 where there are none.
    pub menu_vobs: u32,
    /// Last sector of the set, likewise.
    pub last: u32,
    /// Streams of its titles.
    pub streams: StreamAttributes,
    /// The parts of each title.
    pub titles: Vec<Vec<PartStart>>,
    /// The chains of its titles.
    pub chains: Chains,
    /// Its menus by languages.
    pub menus: Vec<Menus>,
    /// Which sectors belong to which cell; empty where the table is missing or damaged.
    pub cells: CellAddresses,
    /// Where units begin; empty where the table is missing or damaged.
    pub units: UnitMap,
}

impl Vts {
    /// Reads the file.
    ///
    /// # Errors
    /// [`TableError`] where it is none, or its titles or chains cannot be read.
    pub fn parse(file: &[u8]) -> Result<Self, TableError> {
        table::check(file, MAGIC, TABLE)?;
        let t = Table::new(file, 0, TABLE)?;
        let shared: Arc<[u8]> = file.into();
        let required = |at, name| {
            let missing = || t.error(at, format!("the file does not say where the {name} is"));
            t.by_sector(at, name)?.ok_or_else(missing)
        };
        let optional = |at, name| t.by_sector(at, name).ok().flatten();
        let menus = optional(0xD0, "menus").and_then(|m| pgc::menus(&shared, m.base()).ok());
        let cells = optional(0xE0, "cell addresses").and_then(|c| CellAddresses::read(&c).ok());
        let units = optional(0xE4, "unit addresses").and_then(|u| UnitMap::read(&u).ok());
        Ok(Self {
            title_vobs: t.u32(0xC4)?,
            menu_vobs: t.u32(0xC0)?,
            last: t.u32(0x0C)?,
            streams: StreamAttributes::read(&t.at(0x200, "attributes of streams")?)?,
            titles: parts(&required(0xC8, "table of parts")?)?,
            chains: Chains::read(&shared, required(0xCC, "table of program chains")?.base())?,
            menus: menus.unwrap_or_default(),
            cells: cells.unwrap_or_default(),
            units: units.unwrap_or_default(),
        })
    }

    /// Bytes of memory that it takes beside the file, which it keeps.
    #[must_use]
    pub fn memory(&self) -> usize {
        let parts: usize = self.titles.iter().map(|parts| parts.capacity() * size_of::<PartStart>()).sum();
        let menus: usize = self.menus.iter().map(|menus| menus.chains.memory()).sum();
        size_of::<Self>() + parts + menus + self.chains.memory() + self.cells.memory() + self.units.memory()
    }

    /// How much of what it names is there, and how much it names: the programs of its first parts, and the tables that say where cells
    /// and units lie.
    #[must_use]
    pub fn fits(&self) -> (usize, usize) {
        let leads = |part: &PartStart| {
            let chain = self.chains.chain(part.chain).and_then(Result::ok);
            chain.is_some_and(|chain| chain.cell_of_program(part.program).is_some())
        };
        let tables = [!self.cells.is_empty(), !self.units.is_empty()];
        let parts = self.titles.iter().flatten().take(PARTS);
        let right = parts.clone().filter(|part| leads(part)).count() + tables.iter().filter(|has| **has).count();
        (right, parts.count().max(1) + tables.len())
    }

    /// The parts of a title of the set, which counts from 1.
    #[must_use]
    pub fn parts(&self, title: u8) -> Option<&[PartStart]> {
        self.titles.get(usize::from(title).checked_sub(1)?).map(Vec::as_slice)
    }
}

/// A title's list ends where that of the next title begins.
fn parts(t: &Table<'_>) -> Result<Vec<Vec<PartStart>>, TableError> {
    let count = usize::from(t.u16(0)?).min(TITLES);
    let end = t.up_to(0, 4)?;
    let start = |n: usize| t.u32(8 + 4 * n).map(|offset| offset as usize);
    let mut titles = Vec::new();
    for n in 0..count {
        let from = start(n)?;
        let to = if n + 1 < count { start(n + 1)?.min(end) } else { end };
        let parts = (to.saturating_sub(from) / 4).min(PARTS);
        let part = |n: usize| -> Result<PartStart, TableError> {
            let at = from.saturating_add(4 * n);
            Ok(PartStart { chain: t.u16(at)?, program: u8::try_from(t.u16(at.saturating_add(2))?).unwrap_or(0) })
        };
        titles.push((0..parts).map(part).collect::<Result<_, _>>()?);
    }
    Ok(titles)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dvd::cell::CellId;
    use crate::dvd::fixture;
    use proptest::prelude::*;

    #[test]
    fn titles_chains_and_addresses_are_read() {
        let vts = Vts::parse(&fixture::vts()).unwrap();
        assert_eq!((vts.title_vobs, vts.menu_vobs), (64, 32));
        let part = |chain, program| PartStart { chain, program };
        assert_eq!(vts.titles, [vec![part(1, 1), part(1, 2)], vec![part(2, 1)]]);
        assert_eq!(vts.parts(2).unwrap(), [part(2, 1)]);
        assert_eq!((vts.parts(0), vts.parts(3)), (None, None));
        let chain = vts.chains.chain(1).unwrap().unwrap();
        assert_eq!(chain.cells.len(), 2);
        assert!(vts.cells.within(CellId { vob: 1, cell: 2 }, 0..1000).eq(std::iter::once(100..200)));
        assert_eq!(vts.units.within(0..1000), [0, 50, 100, 200]);
    }

    #[test]
    fn a_set_without_addresses_still_has_its_titles() {
        let mut file = fixture::vts();
        file[0xE0..0xE8].copy_from_slice(&[0xFF; 8]);
        let vts = Vts::parse(&file).unwrap();
        assert!(vts.cells.is_empty() && vts.units == UnitMap::default() && vts.titles.len() == 2);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..40), at in 0usize..16_384) {
            let mut file = fixture::vts();
            let at = at.min(file.len() - bytes.len());
            file[at..at + bytes.len()].copy_from_slice(&bytes);
            if let Ok(vts) = Vts::parse(&file) {
                for number in 0..=u16::try_from(vts.chains.entries().len()).unwrap() {
                    let _ = vts.chains.chain(number);
                }
            }
        }
    }
}
