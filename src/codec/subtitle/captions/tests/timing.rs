use super::super::fixture::{ERASE, PAINT_ON, RETURN, ROLL_UP_2, pair, popped, twice, typed};
use super::*;

const FRAME: i64 = 3003;

/// Texts and the frames from which they are shown; each pair is that of a frame, and behind them nothing comes for `more`.
fn texts(pairs: &[[u8; 2]], more: usize) -> Vec<(i64, String)> {
    let mut texts = Texts::default();
    let nothing = std::iter::repeat_n(pair(0, 0), more);
    for (frame, pair) in (0..).zip(pairs.iter().copied().chain(nothing)) {
        texts.pair(Ticks90(frame * FRAME), pair);
    }
    texts.end(Ticks90((pairs.len() + more) as i64 * FRAME), false);
    std::iter::from_fn(|| texts.next()).map(|text| (text.from.0 / FRAME, text.text)).collect()
}

fn own(texts: &[(i64, &str)]) -> Vec<(i64, String)> {
    texts.iter().map(|(frame, text)| (*frame, (*text).to_owned())).collect()
}

#[test]
fn what_is_shown_at_once_has_the_time_of_its_order() {
    let first = popped("ONE");
    let shown = first.len() as i64 - 2;
    let pause = vec![pair(0, 0); 10];
    let pairs = [first, pause, twice(0x14, ERASE), popped("TWO")].concat();
    let erased = shown + 2 + 10;
    let last = pairs.len() as i64 - 2;
    assert_eq!(texts(&pairs, 3), own(&[(shown, "ONE"), (erased, ""), (last, "TWO")]));
}

#[test]
fn what_is_written_as_one_watches_begins_with_its_first_character() {
    let mut pairs = twice(0x14, ROLL_UP_2);
    for line in ["FIRST", "SECOND"] {
        pairs.extend([twice(0x14, RETURN), twice(0x14, 0x70), typed(line), vec![pair(0, 0); 30]].concat());
    }
    // Two pairs for the mode; each line has four, its characters, and a second of nothing.
    let second = 2 + 4 + 3 + 30;
    assert_eq!(texts(&pairs, 0), own(&[(2, "FIRST"), (second, "FIRST\nSECOND")]));
}

#[test]
fn rows_that_follow_each_other_without_a_pause_are_told_apart() {
    let mut pairs = twice(0x14, ROLL_UP_2);
    for line in ["AAAA", "BBBB", "CCCC"] {
        pairs.extend([twice(0x14, RETURN), typed(line)].concat());
    }
    assert_eq!(texts(&pairs, 20), own(&[(2, "AAAA"), (6, "AAAA\nBBBB"), (10, "BBBB\nCCCC")]));
}

#[test]
fn slow_writing_is_not_waited_for() {
    let slow: Vec<[u8; 2]> =
        typed("ABCDEFGHIJKL").into_iter().flat_map(|two| [vec![two], vec![pair(0, 0); 11]].concat()).collect();
    let found = texts(&[twice(0x14, PAINT_ON), slow].concat(), 30);
    assert_eq!(found.first(), Some(&(2, "ABCDEFGH".to_owned())), "{found:?}");
    assert_eq!(found.last().unwrap().1, "ABCDEFGHIJKL");
}

#[test]
fn what_is_shown_when_bytes_are_missing_ends_there() {
    let mut texts = Texts::default();
    popped("ONE").into_iter().for_each(|pair| texts.pair(Ticks90::ZERO, pair));
    texts.end(Ticks90(500), true);
    // The mode is not known any more.
    typed("XX").into_iter().for_each(|pair| texts.pair(Ticks90(900), pair));
    let found: Vec<(i64, String)> = std::iter::from_fn(|| texts.next()).map(|text| (text.from.0, text.text)).collect();
    assert_eq!(found, own(&[(0, "ONE"), (500, "")]));
}
