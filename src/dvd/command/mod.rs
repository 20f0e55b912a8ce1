//! Navigation commands: eight bytes in program chains and in the buttons of menus.

pub mod operation;
pub mod registers;

use operation::{Comparison, Operand, Operation, Register, Test};

/// Bytes of a command.
pub const COMMAND_BYTES: usize = 8;

/// What a command sets.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Set {
    /// A general register.
    General {
        /// Its number.
        register: u8,
        /// How.
        operation: Operation,
        /// The second value.
        value: Operand,
    },
    /// Audio, sub-picture and angle, those that are given.
    Streams {
        /// System registers 1 to 3.
        values: [Option<Operand>; 3],
    },
    /// The timer, and the chain that is played at its end.
    Timer {
        /// Seconds.
        seconds: Operand,
        /// The chain.
        chain: u16,
    },
    /// A general register that may then count seconds.
    Counter {
        /// Its number.
        register: u8,
        /// Its value.
        value: Operand,
        /// Whether it counts.
        counts: bool,
    },
    /// The button that is highlighted, times 1024.
    Button(Operand),
}

/// Where the player goes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Place {
    /// The chain that plays when the disc is inserted.
    FirstPlay,
    /// A menu of the disc: 2 is that of titles.
    DiscMenu(u8),
    /// A menu of a title set: 3 is the root, 4 to 7 sub-pictures, audio, angles, parts.
    SetMenu {
        /// Title set; 0 is this one.
        set: u8,
        /// Title in it.
        title: u8,
        /// Which menu.
        menu: u8,
    },
    /// A chain of the disc's menus.
    DiscChain(u16),
}

/// Places inside the chain or next to it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Near {
    /// The cell again.
    Cell,
    /// The next cell.
    NextCell,
    /// The cell before.
    PreviousCell,
    /// The program again.
    Program,
    /// The next program.
    NextProgram,
    /// The program before.
    PreviousProgram,
    /// The chain again.
    Chain,
    /// The next chain.
    NextChain,
    /// The chain before.
    PreviousChain,
    /// The chain above.
    UpperChain,
    /// The post commands.
    Tail,
    /// Where a menu was called.
    Resume,
}

impl Near {
    fn new(bits: u8) -> Option<Self> {
        Some(match bits & 31 {
            1 => Self::Cell,
            2 => Self::NextCell,
            3 => Self::PreviousCell,
            5 => Self::Program,
            6 => Self::NextProgram,
            7 => Self::PreviousProgram,
            9 => Self::Chain,
            10 => Self::NextChain,
            11 => Self::PreviousChain,
            12 => Self::UpperChain,
            13 => Self::Tail,
            16 => Self::Resume,
            _ => return None,
        })
    }
}

/// What a command does after it has set something.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Then {
    /// The line of this number, from 1.
    Goto(u8),
    /// The list ends.
    Break,
    /// Sets the parental level, which a viewer may refuse; then the line of this number.
    ParentalLevel(u8),
    /// A place in or next to the chain.
    Near(Near),
    /// A chain of this domain.
    Chain(u16),
    /// A part of this title.
    Part(u16),
    /// A program of this chain.
    Program(u8),
    /// A cell of this chain.
    Cell(u8),
    /// The player stops.
    Exit,
    /// A title of the disc.
    Title(u8),
    /// A title of this set, and its part where one is given.
    TitleOfSet {
        /// The title.
        title: u8,
        /// The part.
        part: Option<u16>,
    },
    /// Leaves for another place.
    Jump(Place),
    /// The same, to come back later: at this cell, 0 being the one that plays.
    Call(Place, u8),
}

/// In which order a command tests, sets and goes on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Order {
    /// Where the test holds, sets and goes on.
    Test,
    /// Sets; where the test then holds, goes on.
    SetFirst,
    /// Where the test holds, sets; goes on in any case.
    GoesOn,
}

/// A command.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Command {
    /// In which order its parts are run.
    pub order: Order,
    /// The condition; `None` always holds.
    pub test: Option<Test>,
    /// What it sets.
    pub set: Option<Set>,
    /// Where it goes.
    pub then: Option<Then>,
}

impl Command {
    /// Reads a command; what means nothing does nothing.
    #[must_use]
    pub fn new(b: [u8; COMMAND_BYTES]) -> Self {
        let is_direct = b[0] & 0x10 != 0;
        let low = b[1] & 15;
        let nop = Self { order: Order::Test, test: None, set: None, then: None };
        let wide = |at: usize| u16::from_be_bytes([b[at], b[at + 1]]);
        let by_low = |a: u8| test(&b, Register::General(a), 4, 5);
        let links = if low == 0 { None } else { link(&b) };
        match b[0] >> 5 {
            0 => Self { test: test(&b, Register::new(b[3]), 4, 5), then: special(&b), ..nop },
            1 if is_direct => Self { test: registers(&b, b[6], b[7]), then: jump(&b), ..nop },
            1 => Self { test: test(&b, Register::new(b[3]), 4, 5), then: link(&b), ..nop },
            2 => Self { test: registers(&b, b[6], b[7]), set: set_system(&b, is_direct), then: links, ..nop },
            3 => {
                let test = test(&b, Register::new(b[2]), 6, 7);
                let value = if is_direct { Operand::Number(wide(4)) } else { register(b[5]) };
                // The last bytes hold either a value to compare with or a link.
                let then = if test.is_some() { None } else { links };
                Self { test, set: set_general(&b, b[3], value), then, ..nop }
            }
            4 => {
                let value = if is_direct { Operand::Number(wide(2)) } else { register(b[3]) };
                Self { order: Order::SetFirst, test: by_low(low), set: set_general(&b, low, value), then: sub_link(&b) }
            }
            kind @ (5 | 6) => {
                let value = if is_direct { Operand::Number(wide(2)) } else { register(b[2]) };
                let test = if is_direct { registers(&b, b[4], b[5]) } else { test(&b, Register::new(b[3]), 4, 5) };
                let order = if kind == 5 { Order::Test } else { Order::GoesOn };
                Self { order, test, set: set_general(&b, low, value), then: sub_link(&b) }
            }
            _ => nop,
        }
    }

    /// Where it goes whatever the registers hold; `None` where that depends on them, or where it goes nowhere.
    #[must_use]
    pub fn always_goes(&self) -> Option<Then> {
        self.then.filter(|_| self.test.is_none() || self.order == Order::GoesOn)
    }
}

fn register(byte: u8) -> Operand {
    Operand::Register(Register::new(byte))
}

/// A test with a number at `number` or a register at `by_register`.
fn test(b: &[u8; COMMAND_BYTES], a: Register, number: usize, by_register: usize) -> Option<Test> {
    let comparison = Comparison::new(b[1] >> 4)?;
    let word = u16::from_be_bytes([*b.get(number)?, *b.get(number + 1)?]);
    let second = if b[1] & 0x80 != 0 { Operand::Number(word) } else { register(*b.get(by_register)?) };
    Some(Test { a, comparison, b: second })
}

/// A test of two registers.
fn registers(b: &[u8; COMMAND_BYTES], a: u8, second: u8) -> Option<Test> {
    let comparison = Comparison::new(b[1] >> 4)?;
    Some(Test { a: Register::new(a), comparison, b: register(second) })
}

fn special(b: &[u8; COMMAND_BYTES]) -> Option<Then> {
    match b[1] & 15 {
        1 => Some(Then::Goto(b[7])),
        2 => Some(Then::Break),
        3 => Some(Then::ParentalLevel(b[7])),
        _ => None,
    }
}

fn link(b: &[u8; COMMAND_BYTES]) -> Option<Then> {
    let word = u16::from_be_bytes([b[6], b[7]]);
    match b[1] & 15 {
        1 => sub_link(b),
        4 => Some(Then::Chain(word & 0x7FFF)),
        5 => Some(Then::Part(word & 0x3FF)),
        6 => Some(Then::Program(b[7] & 0x7F)),
        7 => Some(Then::Cell(b[7])),
        _ => None,
    }
}

fn sub_link(b: &[u8; COMMAND_BYTES]) -> Option<Then> {
    Near::new(b[7]).map(Then::Near)
}

fn jump(b: &[u8; COMMAND_BYTES]) -> Option<Then> {
    let part = u16::from_be_bytes([b[2], b[3]]) & 0x3FF;
    let title = b[5] & 0x7F;
    match b[1] & 15 {
        1 => Some(Then::Exit),
        2 => Some(Then::Title(title)),
        3 => Some(Then::TitleOfSet { title, part: None }),
        5 => Some(Then::TitleOfSet { title, part: Some(part) }),
        6 => Some(Then::Jump(place(b, true))),
        8 => Some(Then::Call(place(b, false), b[4])),
        _ => None,
    }
}

fn place(b: &[u8; COMMAND_BYTES], is_jump: bool) -> Place {
    let menu = b[5] & 15;
    match b[5] >> 6 {
        0 => Place::FirstPlay,
        1 => Place::DiscMenu(menu),
        // A call is to a menu of the set that plays.
        2 if is_jump => Place::SetMenu { set: b[4], title: b[3], menu },
        2 => Place::SetMenu { set: 0, title: 0, menu },
        _ => Place::DiscChain(u16::from_be_bytes([b[2], b[3]]) & 0x7FFF),
    }
}

fn set_general(b: &[u8; COMMAND_BYTES], to: u8, value: Operand) -> Option<Set> {
    Operation::new(b[0]).map(|operation| Set::General { register: to & 15, operation, value })
}

fn set_system(b: &[u8; COMMAND_BYTES], is_direct: bool) -> Option<Set> {
    let wide = |at: usize| {
        let word = u16::from_be_bytes([*b.get(at)?, *b.get(at + 1)?]);
        Some(if is_direct { Operand::Number(word) } else { register(*b.get(at + 1)?) })
    };
    let stream = |byte: u8| {
        let value = if is_direct { Operand::Number((byte & 0x7F).into()) } else { register(byte & 15) };
        (byte & 0x80 != 0).then_some(value)
    };
    match b[0] & 15 {
        1 => Some(Set::Streams { values: [b[3], b[4], b[5]].map(stream) }),
        2 => Some(Set::Timer { seconds: wide(2)?, chain: u16::from_be_bytes([b[4], b[5]]) }),
        3 => Some(Set::Counter { register: b[5] & 15, value: wide(2)?, counts: b[5] & 0x80 != 0 }),
        6 => Some(Set::Button(wide(4)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
