//! Navigation commands: twelve bytes in movie objects and in the buttons of menus.

use crate::bluray::TableError;
use crate::bluray::cursor::Cursor;

/// Bytes of a command.
pub const COMMAND_BYTES: usize = 12;

/// What a command works with.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Operand {
    /// A number in the command itself.
    Number(u32),
    /// A general register, 0 to 4095.
    General(u16),
    /// A player register, 0 to 127.
    Player(u8),
}

impl Operand {
    fn new(word: u32, is_immediate: bool) -> Self {
        match (is_immediate, word >> 31) {
            (true, _) => Self::Number(word),
            (false, 0) => Self::General((word & 0xfff) as u16),
            (false, _) => Self::Player((word & 0x7f) as u8),
        }
    }
}

/// Where a playlist starts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum From {
    /// At its start.
    Start,
    /// At a play item, counted from 0.
    Item(Operand),
    /// At a mark, counted from 0.
    Mark(Operand),
}

/// How two values are compared; both are unsigned.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Comparison {
    /// No bit of the first is missing in the second: (a AND NOT b) = 0.
    BitsWithin,
    /// =
    Equal,
    /// ≠
    NotEqual,
    /// ≥
    AtLeast,
    /// \>
    Above,
    /// ≤
    AtMost,
    /// <
    Below,
}

impl Comparison {
    /// Whether it holds for `a` and `b`.
    #[must_use]
    pub fn holds(self, a: u32, b: u32) -> bool {
        match self {
            Self::BitsWithin => a & !b == 0,
            Self::Equal => a == b,
            Self::NotEqual => a != b,
            Self::AtLeast => a >= b,
            Self::Above => a > b,
            Self::AtMost => a <= b,
            Self::Below => a < b,
        }
    }
}

/// How a register gets its new value; the result lies within 32 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Operation {
    /// The second value.
    Move,
    /// The values of two registers change places.
    Swap,
    /// Sum, at most 2^32 - 1.
    Add,
    /// Difference, at least 0.
    Subtract,
    /// Product, at most 2^32 - 1.
    Multiply,
    /// Quotient; by 0 it is 2^32 - 1.
    Divide,
    /// Remainder; by 0 it is 2^32 - 1.
    Remainder,
    /// A random number from 1 to the second value.
    Random,
    /// Bits of both.
    And,
    /// Bits of either.
    Or,
    /// Bits of one alone.
    Xor,
    /// Sets a bit, by its number.
    SetBit,
    /// Clears a bit, by its number.
    ClearBit,
    /// Shifts left.
    ShiftLeft,
    /// Shifts right.
    ShiftRight,
}

impl Operation {
    /// The new value of the first register; `None` where it cannot be told from both values: a random number.
    #[must_use]
    pub fn result(self, a: u32, b: u32) -> Option<u32> {
        Some(match self {
            Self::Move | Self::Swap => b,
            Self::Add => a.saturating_add(b),
            Self::Subtract => a.saturating_sub(b),
            Self::Multiply => a.saturating_mul(b),
            Self::Divide => a.checked_div(b).unwrap_or(u32::MAX),
            Self::Remainder => a.checked_rem(b).unwrap_or(u32::MAX),
            Self::Random => return (b <= 1).then_some(b),
            Self::And => a & b,
            Self::Or => a | b,
            Self::Xor => a ^ b,
            Self::SetBit => a | 1u32.checked_shl(b).unwrap_or(0),
            Self::ClearBit => a & !1u32.checked_shl(b).unwrap_or(0),
            Self::ShiftLeft => a.checked_shl(b).unwrap_or(0),
            Self::ShiftRight => a.checked_shr(b).unwrap_or(0),
        })
    }
}

/// What a command sets in the player.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Setting {
    /// Audio and subtitle stream; menu stream and angle.
    Streams,
    /// The object that runs when the seconds are over.
    Timer,
    /// The selected button and the page of the menu.
    ButtonPage,
    /// Something that no way through the disc depends on, by its number.
    Other(u8),
}

/// A command.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Command {
    /// Does nothing.
    Nop,
    /// Goes on at a command of the same object, counted from 0.
    Goto(Operand),
    /// The object ends.
    Break,
    /// Another object, by its number.
    JumpObject(Operand),
    /// A title, by its number.
    JumpTitle(Operand),
    /// As [`Command::JumpObject`]; the caller is suspended.
    CallObject(Operand),
    /// As [`Command::JumpTitle`]; the caller is suspended.
    CallTitle(Operand),
    /// Back to the suspended caller.
    Resume,
    /// Plays a playlist, by its number.
    Play(Operand, From),
    /// Ends the playlist that plays; the object goes on behind its play command.
    Stop,
    /// Moves to a play item or a mark of the playlist that plays.
    Move(From),
    /// The next command is passed over where this does not hold.
    Compare(Comparison, Operand, Operand),
    /// Changes a register, the first operand.
    Set(Operation, Operand, Operand),
    /// Changes the player's state.
    Player(Setting, Operand, Operand),
    /// A number that is not known.
    Unknown,
}

impl Command {
    /// Reads twelve bytes: operand count, group, sub-group; which operands are numbers, branch option; compare option; set option; two
    /// operands.
    #[must_use]
    pub fn decode(bytes: [u8; COMMAND_BYTES]) -> Self {
        let [head, branch, compare, set, a0, a1, a2, a3, b0, b1, b2, b3] = bytes;
        let count = head >> 5;
        let operand = |number: u8, word: u32| {
            if count < number {
                Operand::Number(0)
            } else {
                Operand::new(word, branch & (0x100u16 >> number) as u8 != 0)
            }
        };
        let a = operand(1, u32::from_be_bytes([a0, a1, a2, a3]));
        let b = operand(2, u32::from_be_bytes([b0, b1, b2, b3]));
        match (head >> 3 & 3, head & 7) {
            (0, 0) => go(branch & 15, a),
            (0, 1) => jump(branch & 15, a),
            (0, 2) => play(branch & 15, a, b),
            (1, 0) => comparison(compare & 15).map_or(Self::Unknown, |how| Self::Compare(how, a, b)),
            (2, 0) => operation(set & 31).map_or(Self::Unknown, |how| Self::Set(how, a, b)),
            (2, 1) => Self::Player(setting(set & 31), a, b),
            _ => Self::Unknown,
        }
    }

    /// The commands behind their count of two bytes.
    pub(in crate::bluray) fn list(c: &mut Cursor<'_>) -> Result<Vec<Self>, TableError> {
        let count = c.u16()?;
        let mut bytes = c.sub(usize::from(count) * COMMAND_BYTES, "navigation commands")?;
        (0..count).map(|_| bytes.array().map(Self::decode)).collect()
    }
}

fn go(option: u8, a: Operand) -> Command {
    match option {
        0 => Command::Nop,
        1 => Command::Goto(a),
        2 => Command::Break,
        _ => Command::Unknown,
    }
}

fn jump(option: u8, a: Operand) -> Command {
    match option {
        0 => Command::JumpObject(a),
        1 => Command::JumpTitle(a),
        2 => Command::CallObject(a),
        3 => Command::CallTitle(a),
        4 => Command::Resume,
        _ => Command::Unknown,
    }
}

fn play(option: u8, a: Operand, b: Operand) -> Command {
    match option {
        0 => Command::Play(a, From::Start),
        1 => Command::Play(a, From::Item(b)),
        2 => Command::Play(a, From::Mark(b)),
        3 => Command::Stop,
        4 => Command::Move(From::Item(a)),
        5 => Command::Move(From::Mark(a)),
        _ => Command::Unknown,
    }
}

fn comparison(option: u8) -> Option<Comparison> {
    Some(match option {
        1 => Comparison::BitsWithin,
        2 => Comparison::Equal,
        3 => Comparison::NotEqual,
        4 => Comparison::AtLeast,
        5 => Comparison::Above,
        6 => Comparison::AtMost,
        7 => Comparison::Below,
        _ => return None,
    })
}

fn operation(option: u8) -> Option<Operation> {
    Some(match option {
        1 => Operation::Move,
        2 => Operation::Swap,
        3 => Operation::Add,
        4 => Operation::Subtract,
        5 => Operation::Multiply,
        6 => Operation::Divide,
        7 => Operation::Remainder,
        8 => Operation::Random,
        9 => Operation::And,
        10 => Operation::Or,
        11 => Operation::Xor,
        12 => Operation::SetBit,
        13 => Operation::ClearBit,
        14 => Operation::ShiftLeft,
        15 => Operation::ShiftRight,
        _ => return None,
    })
}

fn setting(option: u8) -> Setting {
    match option {
        1 => Setting::Streams,
        2 => Setting::Timer,
        3 => Setting::ButtonPage,
        other => Setting::Other(other),
    }
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
