//! The cells of a title in the order in which they play: from its table of parts through its program chains. Pure.

use std::collections::{HashMap, HashSet};

use crate::base::time::Ticks90;
use crate::dvd::cell::{BlockPlace, Cell};
use crate::dvd::command::registers::Registers;
use crate::dvd::command::{Command, Near, Order, Then};
use crate::dvd::pgc::{Entry, Pgc};
use crate::dvd::vts::{PartStart, Vts};

/// Most cells of a title: a chain has 255 at most, and films have one chain or few.
const CELLS: usize = 9999;
/// Most chains of a parental block: there are eight levels.
const BLOCK: u16 = 64;

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
    /// The title of the set, from 1, with which a player goes on where this one ends.
    pub(super) leads_to: Option<u8>,
    /// What is odd about it, a few words each.
    pub(super) problems: Vec<String>,
}

/// Follows title `title` of a set, which counts from 1. In blocks of angles number `angle` is played, or the first
/// where there are fewer; of a parental block the chain is played that shares a bit with one of `masks`. `None`: the set has
/// no such title, or no chain for it.
pub(super) fn follow(set: &Vts, title: u8, angle: usize, masks: &[u16]) -> Option<Playlist> {
    let parts = set.parts(title)?;
    let (places, seen, list) = (Vec::new(), HashSet::new(), Playlist::default());
    // What ran before the title is not known.
    let registers = Registers::unknown();
    let blocks = HashMap::new();
    let mut walk = Walk { set, title, parts, angle, masks, places, seen, blocks, registers, undecided: 0, list };
    walk.list.angles = 1;
    for part in parts {
        // A chain that the ones before lead to is played by then.
        walk.play_from(*part);
    }
    let mut chapters: Vec<usize> = parts.iter().filter_map(|part| walk.place_of(*part)).collect();
    chapters.sort_unstable();
    chapters.dedup();
    walk.list.chapters = chapters;
    if walk.undecided > 0 {
        let places = if walk.undecided == 1 { "a place".to_owned() } else { format!("{} places", walk.undecided) };
        let why = "what ran before decides where it goes on; its cells are played in order there";
        walk.list.problems.push(format!("at {places} {why}"));
    }
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
    /// It ends, and another title of the set begins.
    Other(u8),
    /// It ends with the number of a chain that is not there.
    Nowhere(u16),
    /// It ends, or goes on outside of the title.
    End,
}

struct Walk<'a> {
    set: &'a Vts,
    title: u8,
    parts: &'a [PartStart],
    angle: usize,
    masks: &'a [u16],
    /// Chain and index of the cell in it, of each cell that is played; in a block of angles of its first.
    places: Vec<(u16, usize)>,
    seen: HashSet<u16>,
    /// Of chains that were asked for, the one of their block that is played.
    blocks: HashMap<u16, u16>,
    /// As far as the title's own commands set them.
    registers: Registers,
    /// Places at which registers that are not known decide what of the title is played.
    undecided: usize,
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
        self.list.leads_to = None;
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
                // Cells that are repeated some times need not be, and what is behind them would be lost.
                Some(Next::Cell(_)) if command.is_some_and(|command| command.test.is_some()) => {}
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
            Next::At(place) => {
                self.tell_of_others(place.chain);
                return Some(place);
            }
            Next::Other(title) => self.list.leads_to = Some(title),
            Next::Nowhere(chain) => {
                self.list.problems.push(format!("chain {number} leads to chain {chain}, which is not there"));
            }
            _ => {}
        }
        None
    }

    /// Says of a chain that the title goes on with whose it is, if it is another's.
    fn tell_of_others(&mut self, chain: u16) {
        let owner = self.set.chains.entry(chain).map(|entry| entry.number).filter(|number| *number != self.title);
        if let Some(owner) = owner.filter(|_| !self.is_named(chain) && !self.seen.contains(&chain)) {
            let whose = format!("which the table counts to title {owner} of its set");
            self.list.problems.push(format!("it goes on with chain {chain}, {whose}"));
        }
    }

    /// Where a list of commands leads; `None` where it leads nowhere. Commands that depend on registers which the title
    /// itself did not set are passed over, and so are those that these may have skipped.
    fn goes(&mut self, pgc: &Pgc, commands: &[Command]) -> Option<Next> {
        let (mut line, mut is_sure) = (0, true);
        while let Some(command) = commands.get(line) {
            line += 1;
            let (Some(then), holds) = (command.then, self.run(*command, is_sure)) else { continue };
            if holds == Some(false) {
                continue;
            }
            if matches!(then, Then::Call(..)) {
                // The menu may set any, and comes back.
                self.registers = Registers::unknown();
            }
            if holds.is_none() || !is_sure || matches!(then, Then::ParentalLevel(_)) {
                is_sure &= !matches!(then, Then::Goto(_) | Then::Break | Then::ParentalLevel(_));
                let is_here = matches!(self.place(pgc, then), Some(Next::At(_) | Next::Cell(_)));
                self.undecided += usize::from(is_here);
                continue;
            }
            match then {
                Then::Goto(to) if usize::from(to) > line => line = usize::from(to) - 1,
                Then::Goto(_) | Then::Break => return None,
                _ => {
                    if let Some(next) = self.place(pgc, then) {
                        return Some(next);
                    }
                }
            }
        }
        None
    }

    /// Sets what a command sets, which `is_sure` to be run or may be skipped; whether it then goes where it leads, `None`
    /// where that is not known.
    fn run(&mut self, command: Command, is_sure: bool) -> Option<bool> {
        let Command { order, test, set, .. } = command;
        let is_first = order == Order::SetFirst;
        let put = |registers: &mut Registers, is_known| match set {
            Some(set) if is_known => registers.apply(set),
            Some(set) => registers.may_apply(set),
            None => {}
        };
        if is_first {
            put(&mut self.registers, is_sure);
        }
        let holds = test.map_or(Some(true), |test| self.registers.holds(test));
        if !is_first && holds != Some(false) {
            put(&mut self.registers, is_sure && holds == Some(true));
        }
        if order == Order::GoesOn { Some(true) } else { holds }
    }

    /// Where a command leads that is run; `None` where it goes on with what is next.
    fn place(&self, pgc: &Pgc, then: Then) -> Option<Next> {
        Some(match then {
            Then::Chain(chain) => self.of_title(chain, 1),
            Then::Near(Near::NextChain) => self.of_title(pgc.next, 1),
            Then::Near(Near::Tail) => Next::Tail,
            Then::Part(part) => self.part(part),
            Then::TitleOfSet { title, part } if title == self.title => self.part(part.unwrap_or(1)),
            Then::TitleOfSet { title, .. } => Next::Other(title),
            Then::Program(program) => pgc.cell_of_program(program).map_or(Next::End, Next::Cell),
            Then::Cell(cell) => usize::from(cell).checked_sub(1).map_or(Next::End, Next::Cell),
            Then::Near(Near::NextCell | Near::NextProgram) | Then::Goto(_) | Then::Break | Then::ParentalLevel(_) => {
                return None;
            }
            // A menu that is called comes back.
            Then::Call(..) => return None,
            _ => Next::End,
        })
    }

    fn part(&self, part: u16) -> Next {
        let part = usize::from(part).checked_sub(1).and_then(|n| self.parts.get(n));
        part.map_or(Next::End, |part| Next::At(*part))
    }

    /// Where a number of a chain leads. A player goes wherever the number says; a title is what is played from its beginning up to
    /// where another one begins, or each episode would hold all that come behind it.
    fn of_title(&self, chain: u16, program: u8) -> Next {
        let begins = |title: &u8| {
            *title != self.title && self.set.parts(*title).is_some_and(|p| p.first().is_some_and(|p| p.chain == chain))
        };
        let titles = u8::try_from(self.set.titles.len()).unwrap_or(u8::MAX);
        match (self.set.chains.entry(chain), (1..=titles).find(begins)) {
            (None, _) if chain == 0 => Next::End,
            (None, _) => Next::Nowhere(chain),
            (Some(_), Some(other)) if !self.is_named(chain) => Next::Other(other),
            _ => Next::At(PartStart { chain, program }),
        }
    }

    /// Whether a part of the title lies in a chain.
    fn is_named(&self, chain: u16) -> bool {
        self.parts.iter().any(|part| part.chain == chain)
    }

    /// Of a block of chains, one of which is played by the parental level, that of the highest level. Where the masks of
    /// the disc do not tell, the longest: it leaves nothing out.
    fn of_block(&mut self, chain: u16) -> u16 {
        if let Some(known) = self.blocks.get(&chain) {
            return *known;
        }
        let best = self.best_of_block(chain);
        self.blocks.insert(chain, best);
        best
    }

    fn best_of_block(&self, chain: u16) -> u16 {
        let entry = |number: u16| self.set.chains.entry(number).filter(|entry| entry.block != BlockPlace::Outside);
        if entry(chain).is_none() {
            return chain;
        }
        let mut first = chain;
        let is_first = |number: u16| entry(number).is_none_or(|entry| entry.block == BlockPlace::First);
        while !is_first(first) && chain - first < BLOCK && entry(first - 1).is_some() {
            first -= 1;
        }
        let mut best = (chain, (false, Ticks90::MIN));
        for number in first..=first.saturating_add(BLOCK) {
            let Some(Entry { block, parental, .. }) = entry(number) else { break };
            if let Some(Ok(pgc)) = self.set.chains.chain(number) {
                let is_meant = self.masks.iter().any(|mask| mask & parental != 0);
                best = if (is_meant, pgc.time) > best.1 { (number, (is_meant, pgc.time)) } else { best };
            }
            if block == BlockPlace::Last {
                break;
            }
        }
        best.0
    }

    /// Index of the cell that a part begins with, among those that are played.
    fn place_of(&mut self, part: PartStart) -> Option<usize> {
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
