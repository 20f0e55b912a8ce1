//! The registers of a player, as far as they are known.

use crate::bluray::program::command::Operand;

/// A register.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Register {
    /// A general register.
    General(u16),
    /// A player register.
    Player(u8),
}

/// Player registers 1 to 3: audio, subtitles, angle.
pub(super) const STREAMS: [Register; 3] = [Register::Player(1), Register::Player(2), Register::Player(3)];
/// The title that plays.
pub(super) const TITLE: Register = Register::Player(4);
/// The playlist that plays.
pub(super) const PLAYLIST: Register = Register::Player(6);
/// The selected button.
pub(super) const BUTTON: Register = Register::Player(10);
/// The page of the menu.
pub(super) const PAGE: Register = Register::Player(11);
/// The title of a suspended caller.
pub(super) const SUSPENDED_TITLE: Register = Register::Player(36);

impl Register {
    /// The register that an operand names.
    pub(super) fn of(operand: Operand) -> Option<Self> {
        match operand {
            Operand::Number(_) => None,
            Operand::General(number) => Some(Self::General(number)),
            Operand::Player(number) => Some(Self::Player(number)),
        }
    }

    /// What it holds before anything wrote it: general registers 0; the others are the viewer's and the player's.
    fn at_start(self) -> Option<u32> {
        match self {
            Self::General(_) => Some(0),
            Self::Player(_) => None,
        }
    }
}

/// What registers hold; `None` is a value that is not known. Those that hold what they do at the start take no room.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Registers(Vec<(Register, Option<u32>)>);

impl Registers {
    /// What a register holds.
    pub(super) fn get(&self, register: Register) -> Option<u32> {
        match self.0.binary_search_by_key(&register, |(r, _)| *r) {
            Ok(at) => self.0.get(at).and_then(|(_, value)| *value),
            Err(_) => register.at_start(),
        }
    }

    /// The value of an operand.
    pub(super) fn value(&self, operand: Operand) -> Option<u32> {
        match (operand, Register::of(operand)) {
            (Operand::Number(number), _) => Some(number),
            (_, register) => self.get(register?),
        }
    }

    /// Writes a register.
    pub(super) fn set(&mut self, register: Register, value: Option<u32>) {
        let is_default = value == register.at_start();
        match self.0.binary_search_by_key(&register, |(r, _)| *r) {
            Ok(at) if is_default => drop(self.0.remove(at)),
            Ok(at) => {
                if let Some((_, old)) = self.0.get_mut(at) {
                    *old = value;
                }
            }
            Err(_) if is_default => {}
            Err(at) => self.0.insert(at, (register, value)),
        }
    }

    /// Bytes of memory.
    pub(super) fn memory(&self) -> usize {
        self.0.capacity() * size_of::<(Register, Option<u32>)>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn registers_hold_what_was_written_last(writes in prop::collection::vec((0u16..6, prop::option::of(0u32..3)), 0..40)) {
            let mut registers = Registers::default();
            let mut expected = std::collections::HashMap::new();
            for (number, value) in writes {
                let register = if number < 3 { Register::General(number) } else { Register::Player(number as u8) };
                registers.set(register, value);
                expected.insert(register, value);
            }
            for (register, value) in &expected {
                prop_assert_eq!(registers.get(*register), *value);
            }
            prop_assert!(registers.0.iter().all(|(r, value)| *value != r.at_start()));
        }
    }
}
