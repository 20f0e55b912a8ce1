//! The programs of a DVD, as far as they decide what plays.

use std::collections::BTreeMap;

use crate::base::allowance::ALLOCATION;
use crate::dvd::command::Command;
use crate::dvd::pgc::{Commands, Entry, Pgc};
use crate::dvd::vts::PartStart;

/// A program chain.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Chain {
    /// Whether a title or a menu begins with it.
    pub is_entry: bool,
    /// Of titles, the number of the title in its set; of menus, which menu it is.
    pub number: u8,
    /// Its commands.
    pub commands: Commands,
    /// Of each cell the number of its command, and whether it stands until a button is used.
    pub cells: Vec<(u8, bool)>,
    /// Of each cell the commands of its buttons.
    pub buttons: Vec<Vec<Command>>,
    /// First cell of each program, from 1.
    pub programs: Vec<u8>,
    /// Chains next to it and above; 0 is none.
    pub next: u16,
    /// The one before.
    pub previous: u16,
    /// The one above.
    pub up: u16,
    /// Whether it stands at its end until a button is used.
    pub is_endless: bool,
}

impl Chain {
    /// What matters of a chain; `buttons` are those of its cells.
    #[must_use]
    pub fn new(entry: Option<Entry>, pgc: &Pgc, buttons: Vec<Vec<Command>>) -> Self {
        Self {
            is_entry: entry.is_some_and(|entry| entry.is_entry),
            number: entry.map_or(0, |entry| entry.number),
            commands: pgc.commands.clone(),
            cells: pgc.cells.iter().map(|cell| (cell.command, cell.still == u8::MAX)).collect(),
            buttons,
            programs: pgc.programs.clone(),
            next: pgc.next,
            previous: pgc.previous,
            up: pgc.up,
            is_endless: pgc.still == u8::MAX,
        }
    }

    /// Bytes of memory that it takes.
    #[must_use]
    pub fn memory(&self) -> usize {
        let Commands { pre, post, cell } = &self.commands;
        let commands = pre.len() + post.len() + cell.len() + self.buttons.iter().map(Vec::len).sum::<usize>();
        let lists = 6 + self.buttons.len();
        size_of::<Self>()
            + commands * size_of::<Command>()
            + self.cells.len() * 2
            + self.programs.len()
            + lists * ALLOCATION
    }
}

/// Chains of one domain, from 1.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Domain {
    /// The chains; `None` for one that cannot be read.
    pub chains: Vec<Option<Chain>>,
}

impl Domain {
    /// A chain by its number.
    pub(super) fn chain(&self, number: u16) -> Option<&Chain> {
        self.chains.get(usize::from(number).checked_sub(1)?)?.as_ref()
    }

    /// The number of the chain with which a menu begins.
    pub(super) fn menu(&self, menu: u8) -> Option<u16> {
        let is_menu = |chain: &Option<Chain>| chain.as_ref().is_some_and(|c| c.is_entry && c.number == menu);
        let found = self.chains.iter().position(is_menu)?;
        u16::try_from(found + 1).ok()
    }
}

/// The programs of a title set.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SetPrograms {
    /// Chains of its menus.
    pub menus: Domain,
    /// Chains of its titles.
    pub titles: Domain,
    /// Parts of its titles.
    pub parts: Vec<Vec<PartStart>>,
}

/// The programs of a disc.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Programs {
    /// What plays when the disc is inserted.
    pub first_play: Option<Chain>,
    /// Chains of the disc's menus.
    pub menus: Domain,
    /// Its title sets.
    pub sets: BTreeMap<u8, SetPrograms>,
    /// Set, and number in the set, of each title of the disc.
    pub titles: Vec<(u8, u8)>,
    /// Some chain, or the buttons of a menu, cannot be read.
    pub lacks_menus: bool,
}

impl Programs {
    /// The number on the disc of a title of a set.
    pub(super) fn title(&self, set: u8, number: u8) -> Option<u16> {
        let found = self.titles.iter().position(|title| *title == (set, number))?;
        u16::try_from(found + 1).ok()
    }
}
