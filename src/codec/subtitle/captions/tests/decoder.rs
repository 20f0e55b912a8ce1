use super::super::fixture::{
    ERASE, ERASE_HIDDEN, PAINT_ON, POP_ON, RETURN, ROLL_UP_2, ROLL_UP_3, SHOW, odd, pair, popped, twice, typed,
};
use super::*;
use proptest::prelude::*;

fn run(pairs: &[[u8; 2]]) -> (String, Vec<Change>) {
    let mut decoder = Decoder::default();
    let changes = pairs.iter().map(|pair| decoder.take(*pair)).collect();
    (decoder.text(), changes)
}

fn shown(pairs: &[Vec<[u8; 2]>]) -> String {
    run(&pairs.concat()).0
}

fn order(code: u8) -> Vec<[u8; 2]> {
    twice(0x14, code)
}

#[test]
fn pop_on_is_seen_when_it_is_whole() {
    let pairs = popped("HELLO");
    let (text, changes) = run(&pairs);
    assert_eq!(text, "HELLO");
    // The second of the last two codes is the repeat.
    let place = changes.iter().position(|change| *change != Change::None).unwrap();
    assert_eq!((place, changes[place]), (pairs.len() - 2, Change::Turns));
    assert_eq!(run(&pairs[..pairs.len() - 2]).0, "");
    assert_eq!(shown(&[pairs.clone(), popped("NEXT")]), "NEXT");
    assert_eq!(shown(&[pairs, order(ERASE)]), "");
}

#[test]
fn a_code_that_is_sent_twice_counts_once_and_a_third_is_a_new_one() {
    let typed = [order(PAINT_ON), vec![pair(0x14, 0x70)], typed("ABCD")].concat();
    let back = pair(0x14, 0x21);
    let nothing = pair(0, 0);
    for (more, left) in [
        (vec![back], "ABC"),
        (vec![back, back], "ABC"),
        (vec![back, back, back], "AB"),
        (vec![back, back, back, back], "AB"),
        (vec![back, nothing, back], "AB"),
    ] {
        assert_eq!(run(&[typed.clone(), more].concat()).0, left);
    }
    // Characters are never repeats.
    assert_eq!(shown(&[order(PAINT_ON), vec![pair(b'N', b'O'); 3]]), "NONONO");
}

#[test]
fn roll_up_moves_rows_up_within_its_window() {
    let mut pairs = order(ROLL_UP_2);
    for line in ["ONE", "TWO", "THREE"] {
        pairs.extend([order(RETURN), vec![pair(0x14, 0x70)], typed(line)].concat());
    }
    let (text, changes) = run(&pairs);
    assert_eq!(text, "TWO\nTHREE");
    assert_eq!(changes.iter().filter(|change| **change == Change::Rolls).count(), 3);
    // A preamble of another row takes the window there.
    let moved = [pairs.clone(), vec![pair(0x11, 0x50)], typed("!")].concat();
    let mut decoder = Decoder::default();
    for pair in &moved {
        decoder.take(*pair);
    }
    assert_eq!(decoder.text(), "!HREE", "row 1 has no room above");
    assert_eq!(run(&[pairs.clone(), order(ROLL_UP_3)].concat()).0, "TWO\nTHREE", "a deeper window keeps what is there");
    // Captions of another kind begin with nothing.
    assert_eq!(shown(&[popped("OLD"), order(ROLL_UP_2)]), "");
    assert_eq!(shown(&[order(ROLL_UP_2), typed("OLD"), popped("NEW")]), "NEW");
}

#[test]
fn paint_on_writes_what_is_seen() {
    let pairs = [popped("OLD"), order(PAINT_ON), vec![pair(0x13, 0x74), pair(0x17, 0x22)], typed("AB")].concat();
    let (text, changes) = run(&pairs);
    // Row 13, 8 columns and 2 more in.
    assert_eq!(text, "AB\nOLD");
    assert_eq!(*changes.last().unwrap(), Change::Grows);
    assert_eq!(shown(&[pairs, order(ERASE_HIDDEN)]), "AB\nOLD");
    // To the end of the row.
    let erased = [order(PAINT_ON), typed("ABCDEF"), vec![pair(0x14, 0x72)], order(0x24)].concat();
    assert_eq!(run(&erased).0, "ABCD");
}

#[test]
fn characters_of_all_sets_are_written() {
    let text = |pairs: &[[u8; 2]]| run(&[order(PAINT_ON), pairs.to_vec()].concat()).0;
    assert_eq!(text(&[pair(0x2A, 0x5C), pair(0x11, 0x37), pair(0x7E, 0)]), "áé♪ñ");
    // An extended character takes the place of the plain one in front of it.
    assert_eq!(text(&[pair(b'X', b'E'), pair(0x12, 0x21), pair(0x12, 0x21), pair(b'Y', 0)]), "XÉY");
    assert_eq!(text(&[pair(b'S', b's'), pair(0x13, 0x34)]), "Sß");
    // Codes that set colours take a column.
    assert_eq!(text(&[pair(b'A', 0), pair(0x11, 0x2E), pair(b'B', 0)]), "A B");
    // At the end of a row the last character is written over.
    assert_eq!(text(&typed(&format!("{}XYZ", "=".repeat(31)))), format!("{}Z", "=".repeat(31)));
}

#[test]
fn other_channels_and_text_beside_the_film_are_passed_over() {
    let second = [twice(0x1C, POP_ON), typed("OTHER"), twice(0x1C, SHOW)].concat();
    assert_eq!(run(&second).0, "");
    // One channel between the pairs of the other.
    let half = [order(PAINT_ON), typed("ON")].concat();
    let back = [order(PAINT_ON), typed("E")].concat();
    assert_eq!(shown(&[half, second, back]), "ONE");
    let beside = [order(PAINT_ON), typed("FILM"), order(0x2A), typed("TEXT"), order(RETURN)].concat();
    assert_eq!(run(&beside).0, "FILM");
    // Nothing says how to show them yet.
    assert_eq!(run(&typed("EARLY")).0, "");
}

#[test]
fn wrong_parity_is_a_block_and_never_an_order() {
    let painted = [order(PAINT_ON), vec![[odd(b'A'), odd(b'B') ^ 0x80]]].concat();
    assert_eq!(run(&painted).0, "A█");
    let order = [order(PAINT_ON), typed("AB"), vec![[odd(0x14), odd(ERASE) ^ 0x80]]].concat();
    assert_eq!(run(&order).0, "AB");
    let first = [twice(0x14, PAINT_ON), vec![[odd(0x14) ^ 0x80, odd(ERASE)]]].concat();
    assert_eq!(run(&first).0, "█,");
}

proptest! {
    #[test]
    fn any_pairs_are_survived(pairs in prop::collection::vec((0u8..0x20, any::<u8>()), 0..300), mode in 0x20u8..0x30) {
        let mut decoder = Decoder::default();
        decoder.take(pair(0x14, mode));
        for (first, second) in pairs {
            decoder.take(pair(first, second & 0x7F));
            prop_assert!(decoder.text().lines().count() <= ROWS);
        }
    }
}
