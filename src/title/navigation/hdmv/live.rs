//! Which registers a way through the disc can depend on. The others are not followed: menus keep their own state in
//! dozens of them, and each value would make every state twice.

use std::collections::{HashMap, HashSet};

use super::registers::{BUTTON, PAGE, Register, STREAMS, TITLE};
use crate::bluray::program::command::{Command, Operand, Operation, Setting};

/// How often compares are looked at again, since registers were found that matter. Then all compares matter.
const ROUNDS: usize = 64;

/// The registers that matter.
#[derive(Debug, Default)]
pub(super) struct Live(HashSet<Register>);

impl Live {
    /// Those of which a jump or a play reads, or a compare that more depends on than registers that do not matter;
    /// straight or by way of others. `programs`: the commands of each.
    pub(super) fn of(programs: &[&[Command]]) -> Self {
        let mut live = Self(HashSet::from([TITLE]));
        let made_of = flows(programs);
        let mut open = jumps(programs);
        for round in 0..=ROUNDS {
            while let Some(register) = open.pop() {
                if live.0.insert(register) {
                    open.extend(made_of.get(&register).into_iter().flatten());
                }
            }
            for program in programs {
                let ahead = live.ahead(program);
                for (at, command) in program.iter().enumerate() {
                    let decides = round == ROUNDS || ahead.get(at) == Some(&at);
                    if let (Command::Compare(_, a, b), true) = (command, decides) {
                        open.extend([*a, *b].into_iter().filter_map(Register::of).filter(|r| !live.has(*r)));
                    }
                }
            }
            if open.is_empty() {
                break;
            }
        }
        live
    }

    /// Every register.
    #[cfg(test)]
    pub(super) fn all() -> Self {
        let general = (0..4096).map(Register::General);
        Self(general.chain((0..128).map(Register::Player)).collect())
    }

    /// Whether a register matters.
    pub(super) fn has(&self, register: Register) -> bool {
        self.0.contains(&register)
    }

    /// Whether the button that was pressed matters.
    pub(super) fn has_buttons(&self) -> bool {
        self.has(BUTTON) || self.has(PAGE)
    }

    /// For each place of a program the one it comes to without anything that matters on the way: where two ways meet
    /// again like this, the compare that parts them decides nothing. A place that matters comes to itself.
    fn ahead(&self, program: &[Command]) -> Vec<usize> {
        let end = program.len();
        let mut ahead: Vec<usize> = (0..=end).collect();
        // Backwards, so that one round does for all jumps ahead; a few more for those that go back.
        for _ in 0..4 {
            for (at, command) in program.iter().enumerate().rev() {
                let to = |place: usize| ahead.get(place).copied().unwrap_or(end);
                let next = match command {
                    Command::Break => end,
                    Command::Goto(Operand::Number(place)) => to(*place as usize),
                    Command::Compare(..) if to(at + 1) == to(at + 2) => to(at + 1),
                    Command::Player(Setting::ButtonPage, ..) if !self.has_buttons() || forgets(program, to(at + 1)) => {
                        to(at + 1)
                    }
                    command if self.is_inert(command) => to(at + 1),
                    _ => at,
                };
                if let Some(place) = ahead.get_mut(at) {
                    *place = next;
                }
            }
        }
        ahead
    }

    /// Whether a command changes nothing that matters, and the next one follows.
    fn is_inert(&self, command: &Command) -> bool {
        let ignored = |operand| !matches!(Register::of(operand), Some(register) if self.has(register));
        match *command {
            Command::Nop | Command::Unknown | Command::Move(_) => true,
            Command::Set(Operation::Swap, a, b) => ignored(a) && ignored(b),
            Command::Set(_, a, _) => ignored(a),
            Command::Player(Setting::Streams, ..) => !STREAMS.iter().any(|r| self.has(*r)),
            Command::Player(Setting::Other(_), ..) => true,
            _ => false,
        }
    }
}

/// Whether the selected button is forgotten there: at the end of a program the viewer selects another, and so it is
/// while a playlist plays.
fn forgets(program: &[Command], place: usize) -> bool {
    matches!(program.get(place), None | Some(Command::Play(..)))
}

/// The registers that jumps and plays read.
fn jumps(programs: &[&[Command]]) -> Vec<Register> {
    let read = |command: &Command| match *command {
        Command::Goto(a)
        | Command::JumpObject(a)
        | Command::JumpTitle(a)
        | Command::CallObject(a)
        | Command::CallTitle(a)
        | Command::Play(a, _)
        | Command::Player(Setting::Timer, a, _) => Register::of(a),
        _ => None,
    };
    programs.iter().copied().flatten().filter_map(read).collect()
}

/// For each register those that its value is made of.
fn flows(programs: &[&[Command]]) -> HashMap<Register, HashSet<Register>> {
    let mut made_of: HashMap<Register, HashSet<Register>> = HashMap::new();
    let mut flow = |to: Operand, from: Operand| {
        if let Some((to, from)) = Register::of(to).zip(Register::of(from)) {
            made_of.entry(to).or_default().insert(from);
        }
    };
    for command in programs.iter().copied().flatten() {
        match *command {
            Command::Player(Setting::ButtonPage, a, b) => {
                flow(Operand::Player(10), a);
                flow(Operand::Player(11), b);
            }
            Command::Set(how, a, b) => {
                flow(a, b);
                if how == Operation::Swap {
                    flow(b, a);
                }
            }
            _ => {}
        }
    }
    made_of
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bluray::program::command::{Comparison, From};

    fn live(program: &[Command]) -> Vec<u16> {
        let live = Live::of(&[program]);
        assert!(live.has(TITLE));
        (0..10).filter(|n| live.has(Register::General(*n))).collect()
    }

    const fn r(number: u16) -> Operand {
        Operand::General(number)
    }

    fn set(to: u16, value: u32) -> Command {
        Command::Set(Operation::Move, r(to), Operand::Number(value))
    }

    fn is_one(register: u16) -> Command {
        Command::Compare(Comparison::Equal, r(register), Operand::Number(1))
    }

    #[test]
    fn what_only_counts_is_not_followed() {
        let program = [
            Command::Set(Operation::Add, r(1), Operand::Number(1)),
            Command::Set(Operation::Move, r(2), r(3)),
            Command::Set(Operation::Swap, r(4), r(5)),
            Command::Compare(Comparison::Equal, r(2), r(4)),
            Command::Play(r(6), From::Mark(r(7))),
        ];
        assert_eq!(live(&program), [2, 3, 4, 5, 6]);
    }

    #[test]
    fn a_compare_whose_ways_meet_again_decides_nothing() {
        let play = Command::Play(Operand::Number(1), From::Start);
        let goto = |to| Command::Goto(Operand::Number(to));
        assert_eq!(live(&[is_one(1), set(2, 3), play]), [0; 0]);
        // Either way, then the same play.
        assert_eq!(live(&[is_one(1), goto(4), set(2, 3), goto(5), set(2, 4), play]), [0; 0]);
        assert_eq!(live(&[is_one(1), goto(3), play, set(2, 4)]), [1]);
        // A button is selected, then the viewer selects another.
        let select = Command::Player(Setting::ButtonPage, Operand::Number(1 << 31), Operand::Number(0));
        let jump = Command::JumpTitle(Operand::Player(10));
        assert_eq!(live(&[is_one(1), select, play, jump]), [0; 0]);
        assert_eq!(live(&[is_one(1), select, jump]), [1]);
        // What the one way sets matters behind it.
        assert_eq!(live(&[is_one(1), set(2, 3), is_one(2), play]), [1, 2]);
    }
}
