use super::super::disc::Disc;
use super::super::row::cells;
use super::*;
use crate::mapfile::text::{MapText, parse};

const PLAIN: Style = Style { unicode: false, colour: false };
const BLOCKS: Style = Style { unicode: true, colour: false };
const COLOUR: Style = Style { unicode: true, colour: true };

fn map(statuses: &str) -> MapText {
    let line = |(index, status)| format!("{} 2048 {status}\n", index * 2048);
    let blocks: String = statuses.chars().enumerate().map(line).collect();
    parse(format!("# Left out: sectors 6-6, audio\n0 + 1\n{blocks}").as_bytes(), None).unwrap()
}

#[test]
fn each_terminal_gets_what_it_can_show() {
    let cells = cells(&map("++?*/-?+"), 8);
    assert_eq!(rows(&cells, 5, PLAIN), "..?*/\n-_.\n");
    assert_eq!(rows(&cells, 8, BLOCKS), "░░·███╱░\n");
    assert_eq!(rows(&cells[..4], 8, COLOUR), "\x1b[36m░░\x1b[90m·\x1b[33m█\x1b[0m\n");
    assert!(rows(&cells, 8, PLAIN).is_ascii());
}

#[test]
fn what_failed_is_darker_where_it_is_more() {
    let shown = |statuses: &str, count| rows(&cells(&map(statuses), count), 9, BLOCKS);
    assert_eq!(shown("-+++++++--++--++-------+", 3), "▒▓█\n");
    assert_eq!(shown("+++++-++", 1), "▒\n");
}

#[test]
fn the_legend_has_what_is_there_and_fits() {
    let cells = cells(&map("++?*/-?+"), 8);
    for width in [20, 40, 80, 200] {
        for style in [PLAIN, COLOUR] {
            let legend = legend(&cells, width, style);
            let fits = |line: &str| line.chars().count() <= width.max(24);
            assert!(style.colour || legend.lines().all(fits), "{legend}");
            assert!(Kind::ALL.iter().all(|kind| legend.contains(kind.words())));
        }
    }
    assert_eq!(legend(&cells[..3], 80, PLAIN), ". rescued  ? not tried\n");
    assert_eq!(legend(&cells[..1], 80, COLOUR), "\x1b[36m░\x1b[0m rescued\n");
    assert_eq!(legend(&cells[..6], 80, BLOCKS), "░ rescued  · not tried  ▒▓█ failed, by how much\n");
}

#[test]
fn sentences_are_wrapped_between_words() {
    assert_eq!(wrapped("one two three", 7), "one two\nthree\n");
    assert_eq!(wrapped("a-very-long-name of it", 6), "a-very-long-name\nof it\n");
    assert_eq!(wrapped("one two", 80), "one two\n");
}

#[test]
fn speeds_are_bars() {
    let known = [Some(100), Some(1000), None, Some(550)];
    assert_eq!(speeds(&known, 8, BLOCKS).as_deref(), Some("▁▁██  ▄▄"));
    assert_eq!(speeds(&known, 4, PLAIN).as_deref(), Some("_# ="));
    assert_eq!(speeds(&known, 2, BLOCKS).as_deref(), Some("▄▄"), "the mean of what is known");
    assert_eq!(speeds(&[None, None], 4, BLOCKS), None);
    assert_eq!(speeds(&[], 4, BLOCKS), None);
}

#[test]
fn a_disc_is_round_and_fits_any_width() {
    let text = parse(format!("0 + 1\n0 {} +\n", 4_000_000_u64 * 2048).as_bytes(), None).unwrap();
    let disc = Disc::new(4_000_000, None, None);
    for width in [20, 36, 60, 80, 120, 200] {
        let abreast = discs_in_a_line(width, 2);
        let across = disc_width(width, abreast);
        let shown = spiral(&Spiral::new(&text, &disc, across / 4, across * 2), width, BLOCKS);
        assert!(shown.lines().all(|line| line.chars().count() <= width && !line.ends_with(' ')), "{width}\n{shown}");
        assert_eq!(shown.lines().count(), across / 2 * (2 / abreast), "{width}");
        let middle = shown.lines().nth(across / 4).unwrap();
        assert!(middle.trim_start().starts_with('░') && middle.contains("░  "), "{width}\n{shown}");
    }
    assert_eq!((discs_in_a_line(80, 2), discs_in_a_line(60, 2), discs_in_a_line(200, 3)), (2, 1, 3));
}
