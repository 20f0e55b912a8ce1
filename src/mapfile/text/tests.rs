use proptest::prelude::*;

use super::*;

fn blocks(text: &MapText) -> String {
    text.blocks.iter().map(|b| format!("{}+{}{} ", b.pos, b.size, b.status.symbol())).collect::<String>().trim().into()
}

/// The blocks of a map with a good status line, or `None` where it is refused.
fn read(block_lines: &str, input_size: Option<u64>) -> Option<String> {
    parse(format!("0 + 1\n{block_lines}").as_bytes(), input_size).ok().map(|m| blocks(&m))
}

fn status(line: &str) -> Option<(u64, char, u32)> {
    let map = parse(format!("{line}\n0 5 +\n").as_bytes(), None).ok()?;
    Some((map.status.position, map.status.phase.symbol(), map.status.pass))
}

/// `tests/interop/map.rs` puts the same cases before ddrescuelog.
#[test]
fn status_lines() {
    for (line, expected) in [
        ("0x10 ? 3", Some((16, '?', 3))),
        ("0x10 ?", Some((16, '?', 1))),
        ("0x10 ? 6", Some((16, '?', 1))),
        ("0x10 - 6", Some((16, '-', 6))),
        ("0x10 % 2", Some((16, '%', 2))),
        ("010F1", Some((8, 'F', 1))),
        ("+5 G abc", Some((5, 'G', 1))),
        ("-0 + 1.5", Some((0, '+', 1))),
        ("0x + 1", Some((0, '+', 1))),
        ("0 + 08 4", Some((0, '+', 8))),
        ("0 + 4294967297", Some((0, '+', 1))),
        ("0 + 0", None),
        ("0 + -1", None),
        ("0 + 0x2", None),
        ("0 + 2147483648", None),
        ("0 + 99999999999999999999", None),
        ("-5 + 1", None),
        ("08 + 1", None),
        ("0xg + 1", None),
        ("0 x 1", None),
        ("0x10", None),
        ("0 # + 1", None),
        ("9223372036854775808 + 1", None),
    ] {
        assert_eq!(status(line), expected, "{line}");
    }
}

#[test]
fn block_lines() {
    for (lines, expected) in [
        ("0 5 +", Some("0+5+")),
        ("0 0x800+", Some("0+2048+")),
        ("0 010 -junk # c", Some("0+8-")),
        ("0+5+", Some("0+5+")),
        ("0 5 +\n\n \t\x0b\x0c\r\n# c\n  5 5 +\r\n", Some("0+10+")),
        ("0 5 +#c", Some("0+5+")),
        ("512 512 +", Some("512+512+")),
        ("0 0 -\n0 0 /\n0 5 +", Some("0+5+")),
        ("0 0 -", Some("")),
        ("", Some("")),
        ("0 5 +\n5 0x7fffffffffffffff ?", Some("0+5+ 5+9223372036854775802?")),
        ("0 5# +", None),
        ("512 0 +", None),
        ("0 -1 +", None),
        ("-1 5 +", None),
        ("0 5 %", None),
        ("0 5", None),
        ("0 5 #+", None),
        ("0 08 +", None),
        ("0 64Ki +", None),
        ("0 65_536 +", None),
        ("0 5 +\n6 5 +", None),
        ("0 5 +\n4 5 +", None),
        ("0 5\0 +", None),
        ("0 9223372036854775808 ?", None),
    ] {
        assert_eq!(read(lines, None).as_deref(), expected, "{lines}");
    }
}

#[test]
fn only_127_bytes_of_a_line_count() {
    let line = |blanks| format!("{}0 5{}+{}", " ".repeat(500), " ".repeat(blanks), " # x".repeat(99));
    assert_eq!(read(&line(123), None).as_deref(), Some("0+5+"));
    assert_eq!(read(&line(124), None), None);
}

#[test]
fn an_input_of_known_size_is_covered_exactly() {
    for (lines, expected) in [
        ("", Some("0+1000?")),
        ("0 600 +", Some("0+600+ 600+400?")),
        ("600 100 +", Some("0+600? 600+100+ 700+300?")),
        ("0 1000 +\n1000 5 -", Some("0+1000+")),
        ("0 600 +\n600 900 -", Some("0+600+ 600+400-")),
        ("0 600 +\n600 100 -", Some("0+600+ 600+100- 700+300?")),
        ("0 1000 ?\n1000 9223372036854775807 ?", Some("0+1000?")),
        ("1000 5 ?", Some("0+1000?")),
        ("0 600 ?\n600 100 ?", Some("0+1000?")),
        ("0 1001 +", None),
        ("0 1000 +\n1000 1 +", None),
        // Joined they would cross the end; as they stand, the last one lies behind it.
        ("0 900 +\n900 200 ?\n1100 5 ?", None),
        ("1001 5 ?", None),
        ("0 600 +\n600 500 +", None),
    ] {
        assert_eq!(read(lines, Some(1000)).as_deref(), expected, "{lines}");
    }
    assert_eq!(blocks(&parse(b"# nothing\n", Some(7)).unwrap()), "0+7?");
    assert_eq!(blocks(&parse(b"", Some(0)).unwrap()), "");
}

#[test]
fn errors_name_the_line() {
    let message = |text: &str| parse(text.as_bytes(), Some(100)).unwrap_err().to_string();
    assert!(message("# c\n\n0 5 +\nx").starts_with("line 3: a status line"));
    assert!(message("0 + 1\n\n5 x +").starts_with("line 3: this is no block"));
    assert!(message("0 + 1\n0 5 +\n6 1 +").starts_with("line 3: the block begins at 0x6"));
    assert!(message("0 + 1\n0 101 +\n#\n").starts_with("line 2: the map goes on"));
    assert!(message("0 + 1\n0 99999999999999999999 +").starts_with("line 2: a number"));
}

#[test]
fn a_doubtful_size_is_kept_and_written_again() {
    let note = "the drive says 1000, the physical format information 6624 sectors; taking 6624";
    let mut text = Vec::new();
    let notes = Notes { size: Some(note), ..Notes::default() };
    write(&mut text, &notes, StatusLine::default(), [Block { pos: 0, size: 2048, status: Status::Finished }]).unwrap();
    assert_eq!(parse(&text, None).unwrap().size_note.as_deref(), Some(note));
    for other in ["Size: \u{1b}[2J".to_owned(), "Size:".to_owned(), format!("Size: {}", "x".repeat(300))] {
        let map = parse(format!("# {other}\n0 + 1\n").as_bytes(), None).unwrap();
        assert_eq!(map.size_note, None, "{other:?}");
    }
}

#[test]
fn the_start_time_is_kept_when_it_is_one() {
    let of = |comment: &str| parse(format!("# x\n#{comment}\n0 + 1\n").as_bytes(), None).unwrap().start_time;
    assert_eq!(of(" Start time:   2026-01-31 12:00:00").as_deref(), Some("2026-01-31 12:00:00"));
    assert_eq!(of(" Start time:   \x1b[31m"), None);
    assert_eq!(of(" Start time:"), None);
    assert_eq!(of(&format!(" Start time: {}", "1".repeat(500))), None);
}

#[test]
fn blocks_are_bounded_after_joining() {
    let read = |lines: &str| {
        let mut parser = Parser::new(Some(100));
        parser.content.most = 3;
        parser.feed(format!("0 + 1\n{lines}").as_bytes()).and_then(|()| parser.finish())
    };
    assert!(read("0 1 +\n1 1 +\n2 1 +\n3 1 +\n4 1 -\n").is_ok());
    let message = read("0 1 +\n1 1 -\n2 1 +\n3 1 /\n").unwrap_err().to_string();
    assert_eq!(message, "line 5: the map has more than 3 blocks");
}

#[test]
fn comments_and_blank_lines_take_no_memory() {
    let mut parser = Parser::new(None);
    for _ in 0..1000 {
        parser.feed(&[b'#'; 4096]).unwrap();
    }
    parser.feed(b"\n0 + 1\n0 5 +").unwrap();
    assert_eq!(blocks(&parser.finish().unwrap()), "0+5+");
}

prop_compose! {
    /// A map as the reader hands it out: contiguous, joined, starting at 0.
    fn any_map()(
        sizes in prop::collection::vec((1u64..5000, 0usize..5), 0..60),
        position in 0..1u64 << 40,
        phase in prop::sample::select(vec![Phase::Copying, Phase::Trimming, Phase::Scraping, Phase::Retrying, Phase::Finished]),
        pass in 1u32..6,
    ) -> MapText {
        let mut map = MapText { status: StatusLine { position, phase, pass }, ..MapText::default() };
        for (size, status) in sizes {
            let (pos, status) = (map.end(), Status::ALL[status]);
            match map.blocks.last_mut() {
                Some(last) if last.status == status => last.size += size,
                _ => map.blocks.push(Block { pos, size, status }),
            }
        }
        map
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(map in any_map(), known in any::<bool>()) {
        let mut out = Vec::new();
        write(&mut out, &Notes::default(), map.status, map.blocks.iter().copied()).unwrap();
        prop_assert_eq!(parse(&out, known.then(|| map.end())).unwrap(), map);
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300), size in any::<Option<u64>>()) {
        let _ = parse(&bytes, size);
    }

    /// Bytes that get past the first characters more often; and a text may arrive in any pieces.
    #[test]
    fn likely_bytes_are_survived(text in "([0-9x+?*/ #-]{0,8}\n){0,9}", size in any::<Option<u16>>(), cut in 0usize..80) {
        let size = size.map(u64::from);
        let text = format!("0 + 1\n{text}");
        let whole = parse(text.as_bytes(), size);
        let (a, b) = text.as_bytes().split_at(cut.min(text.len()));
        let mut parser = Parser::new(size);
        let pieces = parser.feed(a).and_then(|()| parser.feed(b)).and_then(|()| parser.finish());
        prop_assert_eq!(whole.as_ref().ok(), pieces.as_ref().ok());
        if let (Ok(map), Some(size)) = (whole, size) {
            prop_assert_eq!(map.end(), size);
            for pair in map.blocks.windows(2) {
                prop_assert_eq!(pair[0].end(), pair[1].pos);
                prop_assert!(pair[0].status != pair[1].status);
            }
        }
    }
}

#[test]
fn of_very_many_tracts_in_comments_the_first_count() {
    let text: String = (0..2000).rev().map(|i| format!("# Left out: sectors {}-{}, audio\n", 3 * i, 3 * i)).collect();
    let map = parse(format!("{text}0 + 1\n0 2048 +\n").as_bytes(), None).unwrap();
    let tracts = map.left_out.tracts();
    assert_eq!((tracts.len(), tracts.first().map(|tract| tract.range.start())), (1000, Some(3000)));
}

#[test]
fn what_was_rescued_is_no_tract_whatever_a_comment_says() {
    let map = parse(b"# Left out: sectors 2-9, not_data\n0 + 1\n0 8192 ?\n8192 4096 +\n12288 8192 -\n", None).unwrap();
    let left: Vec<_> = map.left_out.tracts().iter().map(|tract| tract.range).collect();
    assert_eq!(left, [SectorRange::new(2, 4), SectorRange::new(6, 10)]);
}

#[test]
fn a_comment_that_is_no_tract_is_a_comment() {
    let left_out = |comment: &str| parse(format!("#{comment}\n0 + 1\n0 2048 +\n").as_bytes(), None).unwrap().left_out;
    assert_eq!(left_out(" Left out: sectors 3-7, unwritten").sectors().ranges(), [SectorRange::new(3, 8)]);
    for comment in [
        " Left out: sectors 7-3, audio",
        " Left out: sectors 3-7, music",
        " Left out: sectors 3, audio",
        " Left out: sectors 0-18446744073709551615, audio",
        " Left out: sectors -1-2, audio",
        " Left out: all",
    ] {
        assert!(left_out(comment).is_empty(), "{comment}");
    }
    let behind = parse(b"0 + 1\n# Left out: sectors 3-7, audio\n0 2048 +\n", None).unwrap();
    assert!(behind.left_out.is_empty(), "only the head of a map tells");
}
