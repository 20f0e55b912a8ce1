use super::*;
use proptest::prelude::*;

fn then(bytes: [u8; 8]) -> Option<Then> {
    Command::new(bytes).always_goes()
}

#[test]
fn jumps_and_links_of_real_discs_are_read() {
    assert_eq!(then([0x30, 6, 0, 0, 0, 0x42, 0, 0]), Some(Then::Jump(Place::DiscMenu(2))));
    assert_eq!(then([0x30, 2, 0, 0, 0, 2, 0, 0]), Some(Then::Title(2)));
    assert_eq!(then([0x30, 8, 0, 0, 1, 0x42, 0, 0]), Some(Then::Call(Place::DiscMenu(2), 1)));
    assert_eq!(then([0x30, 1, 0, 0, 0, 0, 0, 0]), Some(Then::Exit));
    assert_eq!(then([0x20, 4, 0, 0, 0, 0, 0, 7]), Some(Then::Chain(7)));
    assert_eq!(then([0x20, 1, 0, 0, 0, 0, 0, 13]), Some(Then::Near(Near::Tail)));
    assert_eq!(then([0x30, 5, 0, 3, 0, 2, 0, 0]), Some(Then::TitleOfSet { title: 2, part: Some(3) }));
    let menu = Place::SetMenu { set: 4, title: 1, menu: 3 };
    assert_eq!(then([0x30, 6, 0, 1, 4, 0x83, 0, 0]), Some(Then::Jump(menu)));
    assert_eq!(then([0, 1, 0, 0, 0, 0, 0, 5]), Some(Then::Goto(5)));
    assert_eq!(Command::new([0; 8]), Command { order: Order::Test, test: None, set: None, then: None });
}

#[test]
fn a_highlighted_button_is_set_and_leads_nowhere() {
    let command = Command::new([0x56, 0, 0, 0, 4, 0, 0, 0]);
    assert_eq!((command.set, command.then), (Some(Set::Button(Operand::Number(1024))), None));
}

#[test]
fn tests_compare_registers_with_numbers_or_registers() {
    // If general register 3 equals 5, link to chain 2: the number stands where a link's would, so it is a special goto.
    let goto = Command::new([0, 0xA1, 0, 3, 0, 5, 0, 9]);
    let test = Test { a: Register::General(3), comparison: Comparison::Equal, b: Operand::Number(5) };
    assert_eq!((goto.test, goto.then, goto.always_goes()), (Some(test), Some(Then::Goto(9)), None));
    let jump = Command::new([0x30, 0x42, 0, 0, 0, 1, 0x81, 2]);
    let b = Operand::Register(Register::General(2));
    assert_eq!(jump.test, Some(Test { a: Register::System(1), comparison: Comparison::AtLeast, b }));
}

#[test]
fn registers_are_set_by_number_or_register() {
    let moved = Command::new([0x71, 0, 0, 4, 0, 9, 0, 0]);
    let value = Operand::Number(9);
    assert_eq!(moved.set, Some(Set::General { register: 4, operation: Operation::Move, value }));
    let added = Command::new([0x63, 4, 0, 4, 0, 0x81, 0, 2]);
    let value = Operand::Register(Register::System(1));
    assert_eq!(added.set, Some(Set::General { register: 4, operation: Operation::Add, value }));
    assert_eq!(added.then, Some(Then::Chain(2)));
    let streams = Command::new([0x51, 0, 0, 0x81, 0, 0x82, 0, 0]);
    let values = [Some(Operand::Number(1)), None, Some(Operand::Number(2))];
    assert_eq!(streams.set, Some(Set::Streams { values }));
}

#[test]
fn results_stay_within_a_register() {
    use Operation::{Add, Divide, Random, Subtract};
    assert_eq!(Add.result(65_000, 1000), Some(u16::MAX));
    assert_eq!(Subtract.result(1, 2), Some(0));
    assert_eq!(Divide.result(7, 0), Some(u16::MAX));
    assert_eq!(Random.result(1, 2), None);
    assert!(Comparison::BitsShared.holds(6, 2) && !Comparison::BitsShared.holds(4, 2));
}

proptest! {
    #[test]
    fn any_bytes_are_a_command(bytes: [u8; 8], a: u16, b: u16) {
        let command = Command::new(bytes);
        if let Some(Set::General { operation, register, .. }) = command.set {
            prop_assert!(register < 16);
            let _ = operation.result(a, b);
        }
        prop_assert!(command.always_goes().is_none_or(|then| command.then == Some(then)));
    }
}
