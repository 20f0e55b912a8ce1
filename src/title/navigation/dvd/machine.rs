//! A player's state, and what one step of it leads to.

use super::programs::{Chain, Domain, Programs};
use crate::dvd::command::registers::Registers;
use crate::dvd::command::{Command, Near, Order, Place, Then};

/// Commands of one list that are run in a row.
const ROW: usize = 1000;
/// Numbers of menus: of titles, of a set.
const TITLE_MENU: u8 = 2;
const ROOT_MENU: u8 = 3;

/// Where chains belong.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Where {
    FirstPlay,
    DiscMenus,
    SetMenus(u8),
    Titles {
        set: u8,
        /// Number in the set.
        title: u8,
    },
}

/// A place in a chain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Step {
    /// In front of a pre command.
    Pre(usize),
    /// A cell plays.
    Cell(usize),
    /// Behind a cell.
    After(usize),
    /// In front of a post command.
    Post(usize),
}

/// Where a player is, and what it remembers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct State {
    pub(super) at: Where,
    pub(super) chain: u16,
    pub(super) step: Step,
    registers: Registers,
    /// Where a menu was called.
    resume: Option<(Where, u16, usize)>,
}

/// What follows a state.
#[derive(Debug, Default)]
pub(super) struct Follow {
    /// By itself.
    pub(super) next: Vec<State>,
    /// By the viewer.
    pub(super) choices: Vec<State>,
    /// Something leads to where nothing is known.
    pub(super) is_lost: bool,
}

/// Runs programs.
pub(super) struct Machine<'a> {
    pub(super) programs: &'a Programs,
}

impl State {
    fn new(at: Where, chain: u16) -> Self {
        Self { at, chain, step: Step::Pre(0), registers: Registers::at_start(), resume: None }
    }

    /// The same player elsewhere.
    fn to(&self, at: Where, chain: u16, step: Step) -> Self {
        Self { at, chain, step, ..self.clone() }
    }

    fn step(&self, step: Step) -> Self {
        self.to(self.at, self.chain, step)
    }
}

impl<'a> Machine<'a> {
    /// When the disc is inserted.
    pub(super) fn first(&self) -> Option<State> {
        match &self.programs.first_play {
            Some(_) => Some(State::new(Where::FirstPlay, 1)),
            None => self.programs.menus.chain(1).map(|_| State::new(Where::DiscMenus, 1)),
        }
    }

    /// When the viewer asks for a title of the disc.
    pub(super) fn title(&self, number: u16) -> Option<State> {
        self.to_title(&State::new(Where::FirstPlay, 1), number)
    }

    /// The title of the disc that plays.
    pub(super) fn playing(&self, state: &State) -> Option<u16> {
        match (state.at, state.step) {
            (Where::Titles { set, title }, Step::Cell(_)) => self.programs.title(set, title),
            _ => None,
        }
    }

    fn domain(&self, at: Where) -> Option<&'a Domain> {
        match at {
            Where::FirstPlay => None,
            Where::DiscMenus => Some(&self.programs.menus),
            Where::SetMenus(set) => self.programs.sets.get(&set).map(|set| &set.menus),
            Where::Titles { set, .. } => self.programs.sets.get(&set).map(|set| &set.titles),
        }
    }

    fn chain(&self, at: Where, number: u16) -> Option<&'a Chain> {
        match at {
            Where::FirstPlay => self.programs.first_play.as_ref(),
            at => self.domain(at)?.chain(number),
        }
    }

    /// What follows a state.
    pub(super) fn follow(&self, state: &State) -> Follow {
        let mut follow = Follow::default();
        let Some(chain) = self.chain(state.at, state.chain) else {
            follow.is_lost = true;
            return follow;
        };
        match state.step {
            Step::Pre(line) => {
                self.run(state, &chain.commands.pre, line, Step::Pre, &mut follow, Some(Step::Cell(0)));
            }
            Step::Post(line) => self.run(state, &chain.commands.post, line, Step::Post, &mut follow, None),
            Step::Cell(cell) => self.play(state, chain, cell, &mut follow),
            Step::After(cell) => {
                let number = chain.cells.get(cell).map_or(0, |(command, _)| usize::from(*command));
                let command = number.checked_sub(1).and_then(|n| chain.commands.cell.get(n));
                let command = command.map_or(&[][..], std::slice::from_ref);
                // A goto inside one command would lead to itself.
                let stay = move |_| Step::Cell(cell + 1);
                self.run(state, command, 0, stay, &mut follow, Some(Step::Cell(cell + 1)));
            }
        }
        follow
    }

    fn play(&self, state: &State, chain: &Chain, cell: usize, follow: &mut Follow) {
        let Some((_, is_endless)) = chain.cells.get(cell) else {
            return follow.next.push(state.step(Step::Post(0)));
        };
        if !is_endless {
            follow.next.push(state.step(Step::After(cell)));
        }
        for button in chain.buttons.get(cell).into_iter().flatten() {
            let mut chosen = Follow::default();
            let command = std::slice::from_ref(button);
            self.run(state, command, 0, |_| Step::Cell(cell), &mut chosen, Some(Step::Cell(cell)));
            follow.choices.extend(chosen.next);
            follow.is_lost |= chosen.is_lost;
        }
        if let Where::Titles { set, .. } = state.at {
            let called = State { resume: Some((state.at, state.chain, cell)), ..state.clone() };
            follow.choices.extend(self.to_set_menu(&called, set, ROOT_MENU));
            follow.choices.extend(self.to_disc_menu(&called, TITLE_MENU));
        }
    }

    /// Runs a list of commands from a line on; behind it comes `behind`, or what the chain names as next. `at` makes a step
    /// of a line.
    fn run(
        &self,
        state: &State,
        list: &[Command],
        line: usize,
        at: impl Fn(usize) -> Step,
        follow: &mut Follow,
        behind: Option<Step>,
    ) {
        let (mut state, mut line) = (state.clone(), line);
        for _ in 0..ROW {
            let Some(command) = list.get(line) else {
                return match behind {
                    Some(step) => follow.next.push(state.step(step)),
                    None => self.at_end(&state, follow),
                };
            };
            let (test, set) = (command.test, command.set);
            if let Some(set) = set.filter(|_| command.order == Order::SetFirst) {
                state.registers.apply(set);
            }
            let holds = test.map_or(Some(true), |test| state.registers.holds(test));
            if holds != Some(true) && command.order != Order::GoesOn {
                line += 1;
                if holds.is_none() {
                    // Both ways: where it does not hold, the next line.
                    follow.next.push(state.step(at(line)));
                } else {
                    continue;
                }
            }
            if let Some(set) = set.filter(|_| command.order != Order::SetFirst && holds != Some(false)) {
                if holds.is_none() && command.order == Order::GoesOn {
                    state.registers.may_apply(set);
                } else {
                    state.registers.apply(set);
                }
            }
            match command.then {
                None if holds.is_none() => return follow.next.push(state.step(at(line))),
                None => line += 1,
                Some(Then::Goto(to) | Then::ParentalLevel(to)) => {
                    let to = usize::from(to).saturating_sub(1);
                    return follow.next.push(state.step(at(to)));
                }
                Some(Then::Break) => {
                    return match behind {
                        Some(step) => follow.next.push(state.step(step)),
                        None => self.at_end(&state, follow),
                    };
                }
                Some(Then::Exit) => return,
                Some(then) => {
                    match self.go(&state, then) {
                        Some(next) => follow.next.push(next),
                        None => follow.is_lost = true,
                    }
                    return;
                }
            }
        }
        follow.is_lost = true;
    }

    /// Behind the post commands: the next chain, if there is one.
    fn at_end(&self, state: &State, follow: &mut Follow) {
        let Some(chain) = self.chain(state.at, state.chain).filter(|chain| !chain.is_endless) else { return };
        if chain.next != 0 {
            follow.next.extend(self.to_chain(state, chain.next));
        }
    }

    /// Where a link, a jump or a call leads.
    fn go(&self, state: &State, then: Then) -> Option<State> {
        let chain = self.chain(state.at, state.chain)?;
        let cell = match state.step {
            Step::Cell(cell) | Step::After(cell) => cell,
            _ => 0,
        };
        match then {
            Then::Near(near) => self.near(state, chain, cell, near),
            Then::Chain(number) => self.to_chain(state, number),
            Then::Part(part) => match state.at {
                Where::Titles { set, title } => self.to_part(state, set, title, part),
                _ => None,
            },
            Then::Program(program) => Some(state.step(Step::Cell(cell_of(chain, program.into())?))),
            Then::Cell(cell) => Some(state.step(Step::Cell(usize::from(cell).checked_sub(1)?))),
            Then::Title(number) => self.to_title(state, number.into()),
            Then::TitleOfSet { title, part } => self.to_part(state, set_of(state.at)?, title, part.unwrap_or(1)),
            Then::Jump(place) => self.to_place(state, place),
            Then::Call(place, resume) => {
                let cell = usize::from(resume).checked_sub(1).unwrap_or(cell);
                let called = State { resume: Some((state.at, state.chain, cell)), ..state.clone() };
                self.to_place(&called, place)
            }
            Then::Exit | Then::Goto(_) | Then::Break | Then::ParentalLevel(_) => None,
        }
    }

    fn near(&self, state: &State, chain: &Chain, cell: usize, near: Near) -> Option<State> {
        let program = chain.programs.iter().rposition(|first| usize::from(*first) <= cell + 1).map_or(1, |n| n + 1);
        let to_program = |number: usize| match cell_of(chain, number) {
            Some(cell) => Step::Cell(cell),
            None => Step::Post(0),
        };
        let step = match near {
            Near::Cell => Step::Cell(cell),
            Near::NextCell => Step::Cell(cell + 1),
            Near::PreviousCell => Step::Cell(cell.saturating_sub(1)),
            Near::Program => to_program(program),
            Near::NextProgram => to_program(program + 1),
            Near::PreviousProgram => to_program(program.saturating_sub(1).max(1)),
            Near::Chain => Step::Pre(0),
            Near::Tail => Step::Post(0),
            Near::NextChain => return self.to_chain(state, chain.next),
            Near::PreviousChain => return self.to_chain(state, chain.previous),
            Near::UpperChain => return self.to_chain(state, chain.up),
            Near::Resume => {
                let (at, chain, cell) = state.resume?;
                return Some(State { resume: None, ..state.to(at, chain, Step::Cell(cell)) });
            }
        };
        Some(state.step(step))
    }

    fn to_chain(&self, state: &State, number: u16) -> Option<State> {
        let found = self.chain(state.at, number).filter(|_| state.at != Where::FirstPlay)?;
        // A chain of another title makes that the one that plays.
        let at = match state.at {
            Where::Titles { set, .. } if found.number != 0 => Where::Titles { set, title: found.number },
            at => at,
        };
        Some(state.to(at, number, Step::Pre(0)))
    }

    fn to_title(&self, state: &State, number: u16) -> Option<State> {
        let (set, title) = *self.programs.titles.get(usize::from(number).checked_sub(1)?)?;
        self.to_part(state, set, title, 1)
    }

    fn to_part(&self, state: &State, set: u8, title: u8, part: u16) -> Option<State> {
        let parts = self.programs.sets.get(&set)?.parts.get(usize::from(title).checked_sub(1)?)?;
        let part = parts.get(usize::from(part).checked_sub(1)?)?;
        let at = Where::Titles { set, title };
        self.chain(at, part.chain)?;
        Some(State { resume: None, ..state.to(at, part.chain, Step::Pre(0)) })
    }

    fn to_place(&self, state: &State, place: Place) -> Option<State> {
        match place {
            Place::FirstPlay => self.first().map(|first| state.to(first.at, first.chain, Step::Pre(0))),
            Place::DiscMenu(menu) => self.to_disc_menu(state, menu),
            Place::DiscChain(number) => {
                self.programs.menus.chain(number)?;
                Some(state.to(Where::DiscMenus, number, Step::Pre(0)))
            }
            Place::SetMenu { set: 0, menu, .. } => self.to_set_menu(state, set_of(state.at)?, menu),
            Place::SetMenu { set, menu, .. } => self.to_set_menu(state, set, menu),
        }
    }

    fn to_disc_menu(&self, state: &State, menu: u8) -> Option<State> {
        let number = self.programs.menus.menu(menu)?;
        Some(state.to(Where::DiscMenus, number, Step::Pre(0)))
    }

    fn to_set_menu(&self, state: &State, set: u8, menu: u8) -> Option<State> {
        let number = self.programs.sets.get(&set)?.menus.menu(menu)?;
        Some(state.to(Where::SetMenus(set), number, Step::Pre(0)))
    }
}

fn set_of(at: Where) -> Option<u8> {
    match at {
        Where::SetMenus(set) | Where::Titles { set, .. } => Some(set),
        Where::FirstPlay | Where::DiscMenus => None,
    }
}

fn cell_of(chain: &Chain, program: usize) -> Option<usize> {
    usize::from(*chain.programs.get(program.checked_sub(1)?)?).checked_sub(1)
}
