//! The disc's own table (`VIDEO_TS.IFO`): its titles, and what plays first.

use std::sync::Arc;

use super::TableError;
use super::parental::ParentalMasks;
use super::pgc::{self, Menus, Pgc};
use super::table::{self, Table};

const TABLE: &str = "video manager";
const MAGIC: &[u8; 12] = b"DVDVIDEO-VMG";
/// Bytes of an entry of the title table.
const ENTRY_BYTES: usize = 12;
/// Most titles of a disc.
pub const TITLES: usize = 99;

/// A title as the disc counts it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TitleEntry {
    /// Angles.
    pub angles: u8,
    /// Parts: chapters.
    pub parts: u16,
    /// Parental mask.
    pub parental: u16,
    /// Title set, from 1.
    pub set: u8,
    /// Number in the title set, from 1.
    pub number: u8,
    /// First sector of the title set on the disc.
    pub start: u32,
}

/// The video manager.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vmg {
    /// Number of title sets.
    pub sets: u16,
    /// Regions that may not play it: bit 0 is region 1.
    pub forbidden_regions: u8,
    /// The chain that plays when the disc is inserted.
    pub first_play: Option<Pgc>,
    /// Its titles; the first is title 1.
    pub titles: Vec<TitleEntry>,
    /// Its menus by languages.
    pub menus: Vec<Menus>,
    /// What may be played at the highest parental level; empty where the table is missing or damaged.
    pub parental: ParentalMasks,
}

impl Vmg {
    /// Reads the file.
    ///
    /// # Errors
    /// [`TableError`] where it is none, or has no table of titles.
    pub fn parse(file: &[u8]) -> Result<Self, TableError> {
        table::check(file, MAGIC, TABLE)?;
        let t = Table::new(file, 0, TABLE)?;
        let shared: Arc<[u8]> = file.into();
        let first_play = t.u32(0x84)? as usize;
        let menus = t.by_sector(0xC8, TABLE)?;
        let parental = t.by_sector(0xCC, "parental masks").ok().flatten();
        Ok(Self {
            sets: t.u16(0x3E)?,
            forbidden_regions: t.u8(0x23)?,
            // Without it a disc still has its titles.
            first_play: (first_play != 0).then(|| Pgc::read(file, first_play).ok()).flatten(),
            titles: titles(&t)?,
            menus: menus.and_then(|table| pgc::menus(&shared, table.base()).ok()).unwrap_or_default(),
            parental: parental.and_then(|table| ParentalMasks::read(&table).ok()).unwrap_or_default(),
        })
    }
}

impl Vmg {
    /// What is left of one that cannot be read, whose titles are known otherwise.
    #[must_use]
    pub fn of_titles(titles: Vec<TitleEntry>) -> Self {
        let sets = titles.iter().map(|title| title.set.into()).max().unwrap_or(0);
        let parental = ParentalMasks::default();
        Self { sets, forbidden_regions: 0, first_play: None, titles, menus: Vec::new(), parental }
    }

    /// How many of the titles that it names may be there, and how many it names: a disc has one at least.
    #[must_use]
    pub fn fits(&self) -> (usize, usize) {
        let may_be = |title: &&TitleEntry| (1..=self.sets).contains(&title.set.into()) && title.number > 0;
        (self.titles.iter().filter(may_be).count(), self.titles.len().max(1))
    }
}

fn titles(file: &Table<'_>) -> Result<Vec<TitleEntry>, TableError> {
    let Some(t) = file.by_sector(0xC4, "table of titles")? else {
        return Err(file.error(0xC4, "the file does not say where the table of titles is"));
    };
    let count = usize::from(t.u16(0)?).min(TITLES);
    (0..count).map(|n| title(&t.at(8 + n * ENTRY_BYTES, "table of titles")?)).collect()
}

fn title(t: &Table<'_>) -> Result<TitleEntry, TableError> {
    Ok(TitleEntry {
        angles: t.u8(1)?,
        parts: t.u16(2)?,
        parental: t.u16(4)?,
        set: t.u8(6)?,
        number: t.u8(7)?,
        start: t.u32(8)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dvd::fixture;
    use proptest::prelude::*;

    #[test]
    fn titles_and_first_play_are_read() {
        let vmg = Vmg::parse(&fixture::vmg(&[(1, 1), (2, 1), (1, 2)])).unwrap();
        assert_eq!(vmg.sets, 2);
        let places: Vec<_> = vmg.titles.iter().map(|t| (t.set, t.number, t.parts)).collect();
        assert_eq!(places, [(1, 1, 3), (2, 1, 3), (1, 2, 3)]);
        assert_eq!(vmg.first_play.unwrap().commands.pre.len(), 1);
        assert_eq!(vmg.parental.of(2).collect::<Vec<_>>(), [0xC000]);
    }

    #[test]
    fn what_is_no_manager_is_an_error() {
        let file = fixture::vmg(&[(1, 1)]);
        assert!(Vmg::parse(&fixture::vts()).is_err());
        assert!(Vmg::parse(&file[..2048]).is_err());
        assert!(Vmg::parse(&[]).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..40), at in 0usize..8192) {
            let mut file = fixture::vmg(&[(1, 1), (2, 1)]);
            let at = at.min(file.len() - bytes.len());
            file[at..at + bytes.len()].copy_from_slice(&bytes);
            let _ = Vmg::parse(&file);
        }
    }
}
