use super::*;
use proptest::prelude::*;

fn command(head: [u8; 4], a: u32, b: u32) -> Command {
    let mut bytes = [0; COMMAND_BYTES];
    bytes[..4].copy_from_slice(&head);
    bytes[4..8].copy_from_slice(&a.to_be_bytes());
    bytes[8..].copy_from_slice(&b.to_be_bytes());
    Command::decode(bytes)
}

#[test]
fn commands_that_discs_use_are_read() {
    assert_eq!(command([0; 4], 0, 0), Command::Nop);
    assert_eq!(command([0x20, 0x81, 0, 0], 7, 0), Command::Goto(Operand::Number(7)));
    assert_eq!(command([0x21, 0x81, 0, 0], 3, 0), Command::JumpTitle(Operand::Number(3)));
    assert_eq!(command([0x22, 0x80, 0, 0], 800, 0), Command::Play(Operand::Number(800), From::Start));
    assert_eq!(command([0x22, 0, 0, 0], 1, 0), Command::Play(Operand::General(1), From::Start));
    let from_mark = Command::Play(Operand::Number(2), From::Mark(Operand::General(9)));
    assert_eq!(command([0x42, 0x82, 0, 0], 2, 9), from_mark);
    let equal = Command::Compare(Comparison::Equal, Operand::General(20), Operand::Number(3));
    assert_eq!(command([0x48, 0x40, 2, 0], 20, 3), equal);
    let title = Command::Set(Operation::Move, Operand::General(1), Operand::Player(4));
    assert_eq!(command([0x50, 0, 0, 1], 1, 0x8000_0004), title);
    let page = Command::Player(Setting::ButtonPage, Operand::Number(0x8000_0002), Operand::Number(0x8000_0001));
    assert_eq!(command([0x51, 0xc0, 0, 3], 0x8000_0002, 0x8000_0001), page);
}

#[test]
fn an_operand_that_is_not_there_is_zero() {
    assert_eq!(command([0x22, 0xc1, 0, 0], 5, 7), Command::Play(Operand::Number(5), From::Item(Operand::Number(0))));
    assert_eq!(command([0x02, 0x00, 0, 0], 5, 7), Command::Play(Operand::Number(0), From::Start));
}

#[test]
fn numbers_that_nobody_knows_are_unknown() {
    for head in
        [[0x20, 0x83, 0, 0], [0x21, 0x85, 0, 0], [0x22, 0x86, 0, 0], [0x48, 0, 0, 0], [0x50, 0, 0, 16], [0x58, 0, 0, 0]]
    {
        assert_eq!(command(head, 0, 0), Command::Unknown, "{head:x?}");
    }
}

#[test]
fn results_stay_within_32_bits() {
    let top = u32::MAX;
    for (how, a, b, result) in [
        (Operation::Add, top, 1, top),
        (Operation::Subtract, 3, 5, 0),
        (Operation::Multiply, top, 2, top),
        (Operation::Divide, 7, 0, top),
        (Operation::Remainder, 7, 0, top),
        (Operation::SetBit, 1, 40, 1),
        (Operation::ClearBit, 7, 1, 5),
        (Operation::ShiftLeft, 1, 32, 0),
        (Operation::ShiftRight, 8, 3, 1),
    ] {
        assert_eq!(how.result(a, b), Some(result), "{how:?} {a} {b}");
    }
    assert_eq!((Operation::Random.result(9, 4), Operation::Random.result(9, 1)), (None, Some(1)));
    assert!(Comparison::BitsWithin.holds(5, 7) && !Comparison::BitsWithin.holds(5, 6));
}

proptest! {
    #[test]
    fn any_twelve_bytes_are_a_command(bytes: [u8; COMMAND_BYTES], a: u32, b: u32) {
        match Command::decode(bytes) {
            Command::Set(how, ..) => {
                let random = how == Operation::Random && b > 1;
                prop_assert_eq!(how.result(a, b).is_none(), random);
            }
            Command::Compare(how, ..) => {
                let _ = how.holds(a, b);
            }
            Command::JumpObject(Operand::General(r)) => prop_assert!(r < 4096),
            _ => {}
        }
    }
}
