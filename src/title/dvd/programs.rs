//! The programs of a disc, gathered to be followed: its chains, and the buttons of its menus out of the menu VOBs.

use std::collections::BTreeMap;

use super::super::navigation::Navigation;
use super::super::navigation::dvd::{Chain, Domain, Programs, SetPrograms, follow};
use super::tables::Set;
use super::vobs::Vobs;
use crate::base::allowance::Allowance;
use crate::base::time::Ticks90;
use crate::dvd::command::Command;
use crate::dvd::nav;
use crate::dvd::pgc::{Chains, Menus, Pgc};
use crate::dvd::vmg::Vmg;
use crate::fs::FileSystem;

/// Bytes that all programs may take; those of a disc take some hundred thousand.
const PROGRAMS: u64 = 16 << 20;
/// Units of a menu's cell that are looked at for its buttons.
const UNITS: usize = 8;
/// Cells of menus that are looked at, all menus together.
const CELLS: usize = 2000;
/// Chains of titles that play for less may be menus.
const SHORT: Ticks90 = Ticks90(60 * Ticks90::SECOND.0);
/// The language of the menus that are followed, where there is a choice.
const LANGUAGE: [u8; 2] = *b"en";

/// Follows what a disc plays; of one whose own table `is_lost`, nothing says what it begins with.
pub(super) fn navigation(
    fs: &dyn FileSystem,
    manager: &Vmg,
    sets: &mut BTreeMap<u8, Option<Set<'_>>>,
    is_lost: bool,
) -> Navigation {
    let mut gather = Gather { left: Allowance::new(PROGRAMS), cells: CELLS, lacks: is_lost };
    let first_play = manager.first_play.as_ref().map(|pgc| Chain::new(None, pgc, Vec::new()));
    let menus = gather.menus(fs, "VIDEO_TS/VIDEO_TS.VOB", &manager.menus);
    let mut programs = Programs {
        first_play,
        menus,
        titles: manager.titles.iter().map(|title| (title.set, title.number)).collect(),
        ..Programs::default()
    };
    for (number, set) in sets {
        let Some(set) = set else {
            gather.lacks = true;
            continue;
        };
        let menus = gather.menus(fs, &format!("VIDEO_TS/VTS_{number:02}_0.VOB"), &set.table.menus);
        let titles = gather.titles(&set.table.chains, &mut set.vobs);
        programs.sets.insert(*number, SetPrograms { menus, titles, parts: set.table.titles.clone() });
    }
    programs.lacks_menus = gather.lacks;
    follow(&programs)
}

/// Gathers chains, as far as there is room.
struct Gather {
    left: Allowance,
    cells: usize,
    /// Something could not be read.
    lacks: bool,
}

impl Gather {
    /// The chains of the menus in one language.
    fn menus(&mut self, fs: &dyn FileSystem, path: &str, menus: &[Menus]) -> Domain {
        let Some(menus) = menus.iter().find(|menus| menus.language == LANGUAGE).or_else(|| menus.first()) else {
            return Domain::default();
        };
        let Ok(mut vobs) = Vobs::of_menus(fs, path) else {
            self.lacks = true;
            return self.chains(&menus.chains, |_| Vec::new());
        };
        self.with_buttons(&menus.chains, &mut vobs, |_| true)
    }

    /// The chains of titles; some discs have their menus among them.
    fn titles(&mut self, table: &Chains, vobs: &mut Vobs<'_>) -> Domain {
        let stands = |pgc: &Pgc| pgc.still != 0 || pgc.cells.iter().any(|cell| cell.still != 0);
        self.with_buttons(table, vobs, |pgc| stands(pgc) || pgc.time < SHORT)
    }

    /// Chains, with the buttons of those that may have any.
    fn with_buttons(&mut self, table: &Chains, vobs: &mut Vobs<'_>, may_have: impl Fn(&Pgc) -> bool) -> Domain {
        let mut cells = self.cells;
        let of = |pgc: &Pgc| if may_have(pgc) { buttons(vobs, pgc, &mut cells) } else { Vec::new() };
        let domain = self.chains(table, of);
        self.lacks |= cells == 0;
        self.cells = cells;
        domain
    }

    fn chains(&mut self, table: &Chains, mut buttons: impl FnMut(&Pgc) -> Vec<Vec<Command>>) -> Domain {
        let mut domain = Domain::default();
        for (number, entry) in (1..).zip(table.entries()) {
            let chain = match table.chain(number) {
                Some(Ok(pgc)) => Some(Chain::new(Some(*entry), &pgc, buttons(&pgc))),
                _ => None,
            };
            let chain = chain.filter(|chain| self.left.take(chain.memory()));
            self.lacks |= chain.is_none();
            domain.chains.push(chain);
        }
        domain
    }
}

/// The buttons of each cell of a menu; `left` cells more are looked at.
fn buttons(vobs: &mut Vobs<'_>, pgc: &Pgc, left: &mut usize) -> Vec<Vec<Command>> {
    let of_cell = |cell: &crate::dvd::cell::Cell| {
        *left = left.checked_sub(1)?;
        let mut at = cell.first;
        for _ in 0..UNITS {
            let found = vobs.sector(at).map(|sector| nav::buttons(&sector)).filter(|found| !found.is_empty());
            if found.is_some() {
                return found;
            }
            let unit = vobs.nav(at)?;
            at = at.checked_add(unit.sectors)?.checked_add(1)?;
            if at > cell.last {
                break;
            }
        }
        vobs.sector(cell.last_vobu).map(|sector| nav::buttons(&sector))
    };
    pgc.cells.iter().map(of_cell).map(Option::unwrap_or_default).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dvd::fixture::{chain, put, vts_of};
    use crate::dvd::vts::Vts;
    use crate::fs::folder::Folder;

    #[test]
    fn buttons_are_gathered_of_titles_that_stand_or_are_short() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("VIDEO_TS")).unwrap();
        // A navigation pack with one button.
        let mut sector = vec![0; 2048];
        put(&mut sector, 0, &[0, 0, 1, 0xBA]);
        put(&mut sector, 0x26, &[0, 0, 1, 0xBF, 3, 0xD4, 0]);
        put(&mut sector, 0x400, &[0, 0, 1, 0xBF, 3, 0xFA, 1]);
        put(&mut sector, 0x2D + 0x60, &[0, 1]);
        put(&mut sector, 0x2D + 0x60 + 17, &[1]);
        put(&mut sector, 0x2D + 0x8E + 10, &[0x30, 2, 0, 0, 0, 5, 0, 0]);
        std::fs::write(folder.path().join("VIDEO_TS/VTS_01_1.VOB"), &sector).unwrap();
        let of = |minutes: u8, still: u8| {
            let mut chain = chain(&[(0, 0, 0, 0, 1, 1)], 0, [&[]; 3]);
            (chain[5], chain[0xA3]) = (minutes, still);
            (0x81, 0, chain)
        };
        let file = vts_of(&[vec![(1, 1)]], &[of(0, 0), of(2, 0), of(2, 255)]);
        let table = Vts::parse(&file).unwrap();
        let fs = Folder::open(folder.path()).unwrap();
        let mut gather = Gather { left: Allowance::new(PROGRAMS), cells: CELLS, lacks: false };
        let domain = gather.titles(&table.chains, &mut Vobs::open(&fs, 1).unwrap());
        let buttons = domain.chains.iter().flatten().map(|chain| chain.buttons.iter().map(Vec::len).sum::<usize>());
        assert_eq!(buttons.collect::<Vec<_>>(), [1, 0, 1]);
    }
}
