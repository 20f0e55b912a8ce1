//! What the commands of a DVD compute with: registers, comparisons, operations.

/// A register of the player.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Register {
    /// 0 to 15, whose values the disc sets.
    General(u8),
    /// 0 to 23, which tell the state and the settings of the player.
    System(u8),
}

impl Register {
    pub(super) fn new(byte: u8) -> Self {
        if byte & 0x80 == 0 { Self::General(byte & 15) } else { Self::System(byte & 31) }
    }
}

/// What a command works with.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Operand {
    /// A number in the command itself.
    Number(u16),
    /// A register.
    Register(Register),
}

/// How two values are compared; both are unsigned.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Comparison {
    /// Some bit is in both.
    BitsShared,
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
    pub(super) fn new(bits: u8) -> Option<Self> {
        Some(match bits & 7 {
            1 => Self::BitsShared,
            2 => Self::Equal,
            3 => Self::NotEqual,
            4 => Self::AtLeast,
            5 => Self::Above,
            6 => Self::AtMost,
            7 => Self::Below,
            _ => return None,
        })
    }

    /// Whether it holds for `a` and `b`.
    #[must_use]
    pub fn holds(self, a: u16, b: u16) -> bool {
        match self {
            Self::BitsShared => a & b != 0,
            Self::Equal => a == b,
            Self::NotEqual => a != b,
            Self::AtLeast => a >= b,
            Self::Above => a > b,
            Self::AtMost => a <= b,
            Self::Below => a < b,
        }
    }
}

/// A condition.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Test {
    /// Left of it.
    pub a: Register,
    /// How both are compared.
    pub comparison: Comparison,
    /// Right of it.
    pub b: Operand,
}

/// How a general register gets its new value; the result lies within 16 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Operation {
    /// The second value.
    Move,
    /// The values of two registers change places.
    Swap,
    /// Sum, at most 65535.
    Add,
    /// Difference, at least 0.
    Subtract,
    /// Product, at most 65535.
    Multiply,
    /// Quotient; by 0 it is 65535.
    Divide,
    /// Remainder; by 0 it is 65535.
    Remainder,
    /// A random number from 1 to the second value.
    Random,
    /// Bits of both.
    And,
    /// Bits of either.
    Or,
    /// Bits of one alone.
    Xor,
}

impl Operation {
    pub(super) fn new(bits: u8) -> Option<Self> {
        Some(match bits & 15 {
            1 => Self::Move,
            2 => Self::Swap,
            3 => Self::Add,
            4 => Self::Subtract,
            5 => Self::Multiply,
            6 => Self::Divide,
            7 => Self::Remainder,
            8 => Self::Random,
            9 => Self::And,
            10 => Self::Or,
            11 => Self::Xor,
            _ => return None,
        })
    }

    /// The new value of the first register; `None` where it cannot be told from both values: a random number.
    #[must_use]
    pub fn result(self, a: u16, b: u16) -> Option<u16> {
        Some(match self {
            Self::Move | Self::Swap => b,
            Self::Add => a.saturating_add(b),
            Self::Subtract => a.saturating_sub(b),
            Self::Multiply => a.saturating_mul(b),
            Self::Divide => a.checked_div(b).unwrap_or(u16::MAX),
            Self::Remainder => a.checked_rem(b).unwrap_or(u16::MAX),
            Self::Random => return None,
            Self::And => a & b,
            Self::Or => a | b,
            Self::Xor => a ^ b,
        })
    }
}
