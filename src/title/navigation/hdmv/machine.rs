//! A player that runs programs: from a state to what follows it.

use super::live::Live;
use super::programs::{ButtonPlace, Programs};
use super::registers::{BUTTON, PAGE, PLAYLIST, Register, Registers, STREAMS, SUSPENDED_TITLE, TITLE};
use crate::bluray::program::command::{Command, Operand, Operation, Setting};
use crate::bluray::program::index::Object;

/// Why something is not known: the bounds of following were met.
pub(super) const UNFINISHED: &str = "programs too long to be followed to their end";

/// An object that waits for the end of a playlist.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Waiting {
    /// The playlist.
    pub(super) playlist: u32,
    /// The object.
    pub(super) object: u16,
    /// The command that it goes on with.
    pub(super) at: u32,
}

/// Where a player is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Place {
    /// Before a command of an object.
    Object { object: u16, at: u32 },
    /// Before a command of a button, by its place in the menu of the playlist that plays.
    Button { place: ButtonPlace, at: u32, over: Waiting },
    /// In a playlist.
    Playing(Waiting),
}

/// All that decides what a player does next.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct State {
    /// Where it is.
    pub(super) place: Place,
    /// What its registers hold.
    pub(super) registers: Registers,
    /// The caller that waits for a resume.
    suspended: Option<(Place, Option<u32>)>,
    /// The object that runs when the timer's time is over.
    timer: Option<u16>,
}

/// Where a run of commands ends.
#[derive(Debug)]
pub(super) enum Outcome {
    /// In a playlist.
    Plays(State),
    /// At a compare of unknown values.
    Branches(State, State),
    /// At the end of an object.
    Ends(State),
    /// In a Java program.
    Java,
    /// Nobody knows where.
    Lost(&'static str),
}

/// The programs with what is known of them.
pub(super) struct Machine<'a> {
    pub(super) programs: &'a Programs,
    live: Live,
}

/// What one command leads to.
enum Step {
    Goes,
    Stops(Outcome),
}

impl State {
    /// Bytes of memory.
    pub(super) fn memory(&self) -> usize {
        size_of::<Self>() + self.registers.memory()
    }

    /// The title that plays.
    pub(super) fn title(&self) -> Option<u16> {
        self.registers.get(TITLE).and_then(|title| u16::try_from(title).ok())
    }

    fn advance(&mut self, by: u32) {
        match &mut self.place {
            Place::Object { at, .. } | Place::Button { at, .. } => *at = at.saturating_add(by),
            Place::Playing(_) => {}
        }
    }
}

impl<'a> Machine<'a> {
    pub(super) fn new(programs: &'a Programs) -> Self {
        Self { programs, live: Live::of(&programs.commands()) }
    }

    /// As [`Machine::new`], with every register followed.
    #[cfg(test)]
    pub(super) fn with_all_registers(programs: &'a Programs) -> Self {
        Self { programs, live: Live::all() }
    }

    /// The start of a title, with the registers as they are; where it has no object, why nobody knows it, if so.
    pub(super) fn start(&self, title: u16, registers: &Registers) -> Result<State, Option<&'static str>> {
        let place = Place::Object { object: 0, at: 0 };
        let mut state = State { place, registers: registers.clone(), suspended: None, timer: None };
        match self.enter(&mut state, u32::from(title)) {
            Step::Goes => Ok(state),
            Step::Stops(Outcome::Lost(why)) => Err(Some(why)),
            Step::Stops(_) => Err(None),
        }
    }

    /// Runs commands, `left` of them at most, from a state that plays nothing.
    pub(super) fn run(&self, mut state: State, left: &mut u32) -> Outcome {
        // A state that comes again comes for ever; one is remembered, ever later.
        let mut earlier = state.clone();
        let mut count = 0u32;
        while let Some(rest) = left.checked_sub(1) {
            *left = rest;
            let Some(command) = self.command(state.place) else { return Self::over(state) };
            match self.step(&mut state, command) {
                Step::Goes => {}
                Step::Stops(outcome) => return outcome,
            }
            if state == earlier {
                return Outcome::Ends(state);
            }
            count += 1;
            if count.is_power_of_two() {
                earlier = state.clone();
            }
        }
        Outcome::Lost(UNFINISHED)
    }

    /// What may follow a playlist by itself.
    pub(super) fn after(&self, state: &State, waiting: Waiting) -> Vec<State> {
        let mut after = Vec::new();
        let has_menu = self.programs.menus.contains_key(&waiting.playlist);
        if !(has_menu && self.programs.endless.contains(&waiting.playlist)) {
            let mut state = State { place: Place::Object { object: waiting.object, at: waiting.at }, ..state.clone() };
            // Meanwhile the viewer may have chosen others.
            for register in [BUTTON, PAGE].into_iter().chain(STREAMS) {
                state.registers.set(register, None);
            }
            after.push(state);
        }
        if let Some(object) = state.timer {
            after.push(State { place: Place::Object { object, at: 0 }, timer: None, ..state.clone() });
        }
        after
    }

    /// What the viewer may do while a playlist plays: use its menu.
    pub(super) fn choices(&self, state: &State, waiting: Waiting) -> Vec<State> {
        let Some(menu) = self.programs.menus.get(&waiting.playlist) else { return Vec::new() };
        let pressed = |place| {
            let mut state = State { place: Place::Button { place, at: 0, over: waiting }, ..state.clone() };
            if let Some((page, button)) = menu.button(place).filter(|_| self.live.has_buttons()) {
                self.write(&mut state, BUTTON, Some(button.id.into()));
                self.write(&mut state, PAGE, Some(page.into()));
            }
            state
        };
        menu.places().map(pressed).collect()
    }

    /// Whether the viewer may call the top menu there.
    pub(super) fn may_call_menu(&self, object: u16) -> bool {
        self.programs.object(object).is_some_and(|o| !o.masks_menu)
    }

    fn command(&self, place: Place) -> Option<Command> {
        let (commands, at) = match place {
            Place::Object { object, at } => (&self.programs.object(object)?.commands, at),
            Place::Button { place, at, over } => {
                (&self.programs.menus.get(&over.playlist)?.button(place)?.1.commands, at)
            }
            Place::Playing(_) => return None,
        };
        commands.get(at as usize).copied()
    }

    /// A program has no more commands: a button's leaves the playlist as it is.
    fn over(mut state: State) -> Outcome {
        match state.place {
            Place::Button { over, .. } | Place::Playing(over) => {
                state.place = Place::Playing(over);
                // The viewer may select others now.
                state.registers.set(BUTTON, None);
                state.registers.set(PAGE, None);
                Outcome::Plays(state)
            }
            Place::Object { .. } => Outcome::Ends(state),
        }
    }

    fn step(&self, state: &mut State, command: Command) -> Step {
        match command {
            Command::Break => return Step::Stops(Self::over(state.clone())),
            Command::Compare(how, a, b) => match state.registers.value(a).zip(state.registers.value(b)) {
                Some((a, b)) => state.advance(if how.holds(a, b) { 1 } else { 2 }),
                None => return Step::Stops(Self::both(state)),
            },
            Command::Goto(_)
            | Command::JumpObject(_)
            | Command::CallObject(_)
            | Command::JumpTitle(_)
            | Command::CallTitle(_) => return self.jump(state, command),
            Command::Resume => return self.resume(state),
            Command::Play(a, _) => return self.play(state, a),
            Command::Stop => match state.place {
                Place::Button { over, .. } => state.place = Place::Object { object: over.object, at: over.at },
                _ => state.advance(1),
            },
            Command::Set(how, a, b) => {
                self.set(state, how, a, b);
                state.advance(1);
            }
            Command::Player(setting, a, b) => {
                self.setting(state, setting, a, b);
                state.advance(1);
            }
            Command::Nop | Command::Move(_) | Command::Unknown => state.advance(1),
        }
        Step::Goes
    }

    /// A compare that nobody can decide.
    fn both(state: &State) -> Outcome {
        let (mut holds, mut fails) = (state.clone(), state.clone());
        holds.advance(1);
        fails.advance(2);
        Outcome::Branches(holds, fails)
    }

    fn jump(&self, state: &mut State, command: Command) -> Step {
        let (Command::Goto(a)
        | Command::JumpObject(a)
        | Command::CallObject(a)
        | Command::JumpTitle(a)
        | Command::CallTitle(a)) = command
        else {
            return Step::Goes;
        };
        let Some(to) = state.registers.value(a) else {
            return Step::Stops(Outcome::Lost("a jump to a number that is not known"));
        };
        match command {
            Command::CallObject(_) | Command::CallTitle(_) => self.suspend(state),
            Command::JumpTitle(_) => state.suspended = None,
            _ => {}
        }
        match (command, &mut state.place) {
            (Command::Goto(_), Place::Object { at, .. } | Place::Button { at, .. }) => *at = to,
            (Command::JumpTitle(_) | Command::CallTitle(_), _) => return self.enter(state, to),
            _ => return self.enter_object(state, to),
        }
        Step::Goes
    }

    fn enter_object(&self, state: &mut State, object: u32) -> Step {
        let known = u16::try_from(object).ok().filter(|object| self.programs.object(*object).is_some());
        let Some(object) = known else {
            return Step::Stops(Outcome::Lost("a movie object that cannot be read"));
        };
        state.place = Place::Object { object, at: 0 };
        Step::Goes
    }

    fn enter(&self, state: &mut State, title: u32) -> Step {
        state.registers.set(TITLE, Some(title));
        match u16::try_from(title).ok().and_then(|title| self.programs.index.object(title)) {
            Some(Object::Movie(object)) => self.enter_object(state, u32::from(*object)),
            Some(Object::Java(_)) => Step::Stops(Outcome::Java),
            Some(Object::Unknown) => Step::Stops(Outcome::Lost("a title of a kind that is not known")),
            Some(Object::None) | None => Step::Stops(Outcome::Ends(state.clone())),
        }
    }

    fn suspend(&self, state: &mut State) {
        let back = match state.place {
            Place::Object { object, at } => Place::Object { object, at: at.saturating_add(1) },
            Place::Button { over, .. } | Place::Playing(over) => Place::Playing(over),
        };
        let title = state.registers.get(TITLE);
        state.suspended = Some((back, title));
        self.write(state, SUSPENDED_TITLE, title);
    }

    fn resume(&self, state: &mut State) -> Step {
        let Some((place, title)) = state.suspended.take() else { return Step::Stops(Self::over(state.clone())) };
        state.place = place;
        state.registers.set(TITLE, title);
        match place {
            Place::Playing(_) => Step::Stops(Outcome::Plays(state.clone())),
            _ => Step::Goes,
        }
    }

    fn play(&self, state: &mut State, number: Operand) -> Step {
        let Some(playlist) = state.registers.value(number) else {
            return Step::Stops(Outcome::Lost("a playlist whose number is not known"));
        };
        let (object, at) = match state.place {
            Place::Object { object, at } => (object, at.saturating_add(1)),
            Place::Button { over, .. } | Place::Playing(over) => (over.object, over.at),
        };
        self.write(state, PLAYLIST, Some(playlist));
        state.place = Place::Playing(Waiting { playlist, object, at });
        Step::Stops(Outcome::Plays(state.clone()))
    }

    fn set(&self, state: &mut State, how: Operation, a: Operand, b: Operand) {
        // Set commands cannot write player registers.
        let Some(to @ Register::General(_)) = Register::of(a) else { return };
        let (old, new) = (state.registers.value(a), state.registers.value(b));
        let result = match how {
            Operation::Move | Operation::Swap => new,
            _ => old.zip(new).and_then(|(a, b)| how.result(a, b)),
        };
        self.write(state, to, result);
        if let (Operation::Swap, Some(from @ Register::General(_))) = (how, Register::of(b)) {
            self.write(state, from, old);
        }
    }

    /// What a command sets in the player; a value that a register gives may be any.
    fn setting(&self, state: &mut State, setting: Setting, a: Operand, b: Operand) {
        let flagged = |operand, shift: u32| match operand {
            Operand::Number(word) => (word >> (shift + 15) & 1 != 0).then_some(Some(word >> shift)),
            _ => Some(None),
        };
        let low = |value: Option<Option<u32>>, mask: u32| value.map(|v| v.map(|v| v & mask));
        let mut writes = Vec::new();
        match setting {
            Setting::Streams => {
                writes.push((STREAMS[0], low(flagged(a, 16), 0xfff)));
                // The flag that shows subtitles moves to the top.
                let subtitles = flagged(a, 0).map(|v| v.map(|v| v & 0xfff | (v & 0x4000) << 17));
                writes.push((STREAMS[1], subtitles));
                writes.push((STREAMS[2], low(flagged(b, 0), 0xff)));
            }
            Setting::ButtonPage => {
                let top = |operand| match operand {
                    Operand::Number(word) => (word >> 31 != 0).then_some(Some(word)),
                    _ => Some(None),
                };
                writes.push((BUTTON, low(top(a), 0xffff)));
                writes.push((PAGE, low(top(b), 0xff)));
            }
            Setting::Timer => {
                let is_off = matches!(b, Operand::Number(0));
                let object = state.registers.value(a).and_then(|a| u16::try_from(a).ok());
                state.timer = object.filter(|object| !is_off && self.programs.object(*object).is_some());
            }
            Setting::Other(_) => {}
        }
        for (register, value) in writes {
            if let Some(value) = value {
                self.write(state, register, value);
            }
        }
    }

    fn write(&self, state: &mut State, register: Register, value: Option<u32>) {
        if self.live.has(register) {
            state.registers.set(register, value);
        }
    }
}
