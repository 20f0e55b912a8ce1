//! General registers as far as their values are known, and what commands make of them.

use super::Set;
use super::operation::{Operand, Operation, Register, Test};

/// The sixteen general registers; those of the system are the player's and the viewer's, and never known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Registers {
    values: [Option<u16>; 16],
}

impl Registers {
    /// As they are when a disc is inserted: all are 0.
    #[must_use]
    pub fn at_start() -> Self {
        Self { values: [Some(0); 16] }
    }

    /// As they are when something else ran before: nothing is known.
    #[must_use]
    pub fn unknown() -> Self {
        Self { values: [None; 16] }
    }

    /// Whether a test holds; `None` where a value that is not known decides.
    #[must_use]
    pub fn holds(&self, test: Test) -> Option<bool> {
        Some(test.comparison.holds(self.value(test.a)?, self.operand(test.b)?))
    }

    /// Sets what a command sets, as far as it is a general register.
    pub fn apply(&mut self, set: Set) {
        match set {
            Set::General { register, operation, value } => {
                let (a, b) = (self.value(Register::General(register)), self.operand(value));
                let result = match (operation, a, b) {
                    (Operation::Move | Operation::Swap, _, b) => b,
                    (operation, Some(a), Some(b)) => operation.result(a, b),
                    _ => None,
                };
                self.put(register, result);
                if let (Operation::Swap, Operand::Register(Register::General(other))) = (operation, value) {
                    self.put(other, a);
                }
            }
            Set::Counter { register, value, counts } => {
                let value = self.operand(value).filter(|_| !counts);
                self.put(register, value);
            }
            Set::Streams { .. } | Set::Timer { .. } | Set::Button(_) => {}
        }
    }

    /// The same where nobody knows whether the command is run: what it would change is not known any more.
    pub fn may_apply(&mut self, set: Set) {
        let mut other = *self;
        other.apply(set);
        for (own, other) in self.values.iter_mut().zip(other.values) {
            if *own != other {
                *own = None;
            }
        }
    }

    fn value(&self, register: Register) -> Option<u16> {
        match register {
            Register::General(number) => *self.values.get(usize::from(number))?,
            Register::System(_) => None,
        }
    }

    fn operand(&self, operand: Operand) -> Option<u16> {
        match operand {
            Operand::Number(number) => Some(number),
            Operand::Register(register) => self.value(register),
        }
    }

    fn put(&mut self, register: u8, value: Option<u16>) {
        if let Some(place) = self.values.get_mut(usize::from(register)) {
            *place = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dvd::command::operation::Comparison;

    fn is(register: u8, b: u16) -> Test {
        Test { a: Register::General(register), comparison: Comparison::Equal, b: Operand::Number(b) }
    }

    fn set(register: u8, operation: Operation, value: Operand) -> Set {
        Set::General { register, operation, value }
    }

    #[test]
    fn what_is_set_is_known_and_what_is_not_known_spreads() {
        let mut registers = Registers::unknown();
        assert_eq!(registers.holds(is(3, 0)), None);
        registers.apply(set(3, Operation::Move, Operand::Number(7)));
        registers.apply(set(3, Operation::Add, Operand::Number(2)));
        assert_eq!((registers.holds(is(3, 9)), registers.holds(is(3, 8))), (Some(true), Some(false)));
        registers.apply(set(3, Operation::Swap, Operand::Register(Register::General(4))));
        assert_eq!((registers.holds(is(4, 9)), registers.holds(is(3, 0))), (Some(true), None));
        registers.apply(set(4, Operation::Random, Operand::Number(9)));
        assert_eq!(registers.holds(is(4, 9)), None);
        registers.apply(Set::Counter { register: 5, value: Operand::Number(1), counts: false });
        registers.apply(Set::Counter { register: 6, value: Operand::Number(1), counts: true });
        assert_eq!((registers.holds(is(5, 1)), registers.holds(is(6, 1))), (Some(true), None));
        let system = Test { a: Register::System(13), ..is(0, 15) };
        assert_eq!((Registers::at_start().holds(is(15, 0)), Registers::at_start().holds(system)), (Some(true), None));
    }

    #[test]
    fn what_may_be_set_is_known_only_where_it_makes_no_difference() {
        let mut registers = Registers::at_start();
        registers.may_apply(set(1, Operation::Move, Operand::Number(0)));
        registers.may_apply(set(2, Operation::Move, Operand::Number(1)));
        assert_eq!((registers.holds(is(1, 0)), registers.holds(is(2, 0))), (Some(true), None));
    }
}
