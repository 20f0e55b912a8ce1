//! The cells of a title in the order in which they play: from its table of parts through its program chains. Pure.

use std::collections::HashSet;

use crate::dvd::cell::{BlockPlace, Cell};
use crate::dvd::command::{Command, Near, Then};
use crate::dvd::pgc::Pgc;
use crate::dvd::vts::{PartStart, Vts};

/// Most cells of a title: a chain has 255 at most, and films have one chain or few.
const CELLS: usize = 9999;

/// A cell that is played.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Played {
    pub(super) cell: Cell,
    /// Which of the chains played it, as an index.
    pub(super) chain: usize,
}

/// What a title plays.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Playlist {
    pub(super) cells: Vec<Played>,
    /// Its chains, in the order in which they play.
    pub(super) chains: Vec<Pgc>,
    /// Where its chapters begin, as indices of cells, ascending.
    pub(super) chapters: Vec<usize>,
    /// Angles that can be chosen somewhere.
    pub(super) angles: usize,
    pub(super) is_random: bool,
    /// What is odd about it, a few words each.
    pub(super) problems: Vec<String>,
}

/// Follows title `title` of a set, which counts from 1. In blocks of angles number `angle` is played, or the first
/// where there are fewer. `None`: the set has no such title, or no chain for it.
pub(super) fn follow(set: &Vts, title: u8, angle: usize) -> Option<Playlist> {
    let parts = set.parts(title)?;
    let mut walk =
        Walk { set, title, parts, angle, places: Vec::new(), seen: HashSet::new(), list: Playlist::default() };
    walk.list.angles = 1;
    for part in parts {
        // A chain that the ones before lead to is played by then.
        walk.play_from(*part);
    }
    let mut chapters: Vec<usize> = parts.iter().filter_map(|part| walk.place_of(*part)).collect();
    chapters.sort_unstable();
    chapters.dedup();
    walk.list.chapters = chapters;
    Some(walk.list)
}

/// Where the next chain is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Next {
    /// The title goes on here.
    At(PartStart),
    /// It goes on with the post commands.
    Tail,
    /// At this cell of the chain, as an index.
    Cell(usize),
    /// It ends, or goes on outside of the title.
    End,
}

struct Walk<'a> {
    set: &'a Vts,
    title: u8,
    parts: &'a [PartStart],
    angle: usize,
    /// Chain and index of the cell in it, of each cell that is played; in a block of angles of its first.
    places: Vec<(u16, usize)>,
    seen: HashSet<u16>,
    list: Playlist,
}

impl Walk<'_> {
    /// Plays chains from one of them on, until one was played before or the title ends.
    fn play_from(&mut self, start: PartStart) {
        let mut next = Some(start);
        while let Some(PartStart { chain, program }) = next {
            let chain = self.of_block(chain);
            if !self.seen.insert(chain) {
                return;
            }
            let pgc = match self.set.chains.chain(chain) {
                Some(Ok(pgc)) => pgc,
                Some(Err(e)) => return self.list.problems.push(format!("chain {chain} is left out: {e}")),
                None => return self.list.problems.push(format!("it names chain {chain}, which is not there")),
            };
            next = match self.goes(&pgc, &pgc.commands.pre) {
                // Other ways out of a chain before it plays depend on what was played before.
                Some(Next::At(elsewhere)) => Some(elsewhere),
                _ => self.play(chain, program, pgc),
            };
        }
    }

    /// Plays one chain, from a program on; gives where the title goes on.
    fn play(&mut self, number: u16, program: u8, pgc: Pgc) -> Option<PartStart> {
        let index = self.list.chains.len();
        self.list.is_random |= pgc.is_random;
        let mut at = pgc.cell_of_program(program).unwrap_or(0);
        let mut end = None;
        while let Some(first) = pgc.cells.get(at) {
            let block = angle_block(&pgc.cells, at);
            self.list.angles = self.list.angles.max(block);
            let chosen = self.angle.checked_sub(1).filter(|n| *n < block).unwrap_or(0);
            let cell = pgc.cells.get(at + chosen).unwrap_or(first);
            if self.list.cells.len() >= CELLS {
                self.list.problems.push(format!("of its cells only the first {CELLS} are played"));
                return None;
            }
            self.places.push((number, at));
            self.list.cells.push(Played { cell: *cell, chain: index });
            at += block;
            let command = usize::from(cell.command).checked_sub(1).and_then(|n| pgc.commands.cell.get(n));
            match command.and_then(|command| self.goes(&pgc, std::slice::from_ref(command))) {
                // Back to a cell that was played would go on without end.
                Some(Next::Cell(to)) if to >= at => at = to,
                Some(Next::Tail | Next::Cell(_)) => break,
                Some(next) => {
                    end = Some(next);
                    break;
                }
                None => {}
            }
        }
        let next = end.or_else(|| self.goes(&pgc, &pgc.commands.post)).unwrap_or_else(|| self.of_title(pgc.next, 1));
        self.list.chains.push(pgc);
        match next {
            Next::At(place) => Some(place),
            _ => None,
        }
    }

    /// Where a list of commands leads whatever the registers hold; `None` where it leads nowhere. Commands that depend on
    /// registers are passed over.
    fn goes(&self, pgc: &Pgc, commands: &[Command]) -> Option<Next> {
        let mut line = 0;
        while let Some(command) = commands.get(line) {
            line += 1;
            let next = match command.always_goes() {
                None | Some(Then::ParentalLevel(_)) => continue,
                Some(Then::Goto(to)) if usize::from(to) > line => {
                    line = usize::from(to) - 1;
                    continue;
                }
                // A menu that is called comes back.
                Some(Then::Call(..)) => continue,
                Some(Then::Goto(_) | Then::Break) => return None,
                Some(Then::Chain(chain)) => self.of_title(chain, 1),
                Some(Then::Near(Near::NextChain)) => self.of_title(pgc.next, 1),
                Some(Then::Near(Near::Tail)) => Next::Tail,
                Some(Then::Near(Near::NextCell | Near::NextProgram)) => continue,
                Some(Then::Part(part)) => self.part(part),
                Some(Then::TitleOfSet { title, part }) if title == self.title => self.part(part.unwrap_or(1)),
                Some(Then::Program(program)) => pgc.cell_of_program(program).map_or(Next::End, Next::Cell),
                Some(Then::Cell(cell)) => usize::from(cell).checked_sub(1).map_or(Next::End, Next::Cell),
                Some(_) => Next::End,
            };
            return Some(next);
        }
        None
    }

    fn part(&self, part: u16) -> Next {
        let part = usize::from(part).checked_sub(1).and_then(|n| self.parts.get(n));
        part.map_or(Next::End, |part| Next::At(*part))
    }

    /// A chain, if it is one of this title.
    fn of_title(&self, chain: u16, program: u8) -> Next {
        let is_named = self.parts.iter().any(|part| part.chain == chain);
        let is_ours = self.set.chains.entry(chain).is_some_and(|entry| is_named || entry.number == self.title);
        if is_ours { Next::At(PartStart { chain, program }) } else { Next::End }
    }

    /// Of a block of chains, one of which is played by the parental level, the longest: it leaves nothing out.
    fn of_block(&self, chain: u16) -> u16 {
        let place = |number: u16| self.set.chains.entry(number).map(|entry| entry.block);
        if place(chain).is_none_or(|place| place == BlockPlace::Outside) {
            return chain;
        }
        let mut first = chain;
        while matches!(place(first), Some(BlockPlace::Inside | BlockPlace::Last)) && first > 1 {
            first -= 1;
        }
        let mut best = (chain, crate::base::time::Ticks90::MIN);
        for number in first..=u16::MAX {
            let Some(place) = place(number).filter(|place| *place != BlockPlace::Outside) else { break };
            if let Some(Ok(pgc)) = self.set.chains.chain(number)
                && pgc.time > best.1
            {
                best = (number, pgc.time);
            }
            if place == BlockPlace::Last {
                break;
            }
        }
        best.0
    }

    /// Index of the cell that a part begins with, among those that are played.
    fn place_of(&self, part: PartStart) -> Option<usize> {
        let number = self.of_block(part.chain);
        let chain = self.set.chains.chain(number)?.ok()?;
        let cell = chain.cell_of_program(part.program)?;
        // A program that begins inside a block of angles begins with it.
        let first = (0..=cell).rev().find(|at| at + angle_block(&chain.cells, *at) > cell && starts(&chain.cells, *at));
        let cell = first.unwrap_or(cell);
        self.places.iter().position(|place| *place == (number, cell))
    }
}

/// Whether a cell is outside of blocks of angles or the first of one.
fn starts(cells: &[Cell], at: usize) -> bool {
    cells.get(at).is_some_and(|cell| !cell.is_angle || matches!(cell.block, BlockPlace::Outside | BlockPlace::First))
}

/// Cells of the block of angles that begins at `at`; 1 where none does.
fn angle_block(cells: &[Cell], at: usize) -> usize {
    let Some(rest) = cells.get(at..) else { return 1 };
    if !rest.first().is_some_and(|cell| cell.is_angle && cell.block == BlockPlace::First) {
        return 1;
    }
    let inside = rest.iter().skip(1).take_while(|cell| cell.is_angle && cell.block == BlockPlace::Inside).count();
    let has_last = rest.get(1 + inside).is_some_and(|cell| cell.is_angle && cell.block == BlockPlace::Last);
    1 + inside + usize::from(has_last)
}

#[cfg(test)]
#[path = "chain_tests.rs"]
mod tests;
