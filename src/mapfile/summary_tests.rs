use super::super::text::parse;
use super::*;

/// The summary of a text that lasts as long as the tests.
fn summary(text: &str, listed: usize) -> Summary<'static> {
    Summary::new("disc.map", Box::leak(Box::new(parse(text.as_bytes(), None).unwrap())), listed)
}

const EXAMPLE: &str = "# Start time:   2026-01-31 12:00:00
0x8000 * 1
0x00000000  0x00008000  +
0x00008000  0x00000800  -
0x00008800  0x00000800  /
0x00009000  0x00001000  *
0x0000A000  0x00001000  +
0x0000B000  0x00000200  -
0x0000B200  0x00004E00  ?
";

#[test]
fn for_people() {
    let expected = "\
disc.map: trimming, pass 1, at byte 32768 (sector 16)
begun 2026-01-31 12:00:00
64.0 KiB (65536 bytes)

  rescued       36.0 KiB   56.25 %            36864 bytes in 2 areas
  not tried     19.5 KiB   30.46 %            19968 bytes in 1 area
  not trimmed    4.0 KiB    6.25 %             4096 bytes in 1 area
  not scraped    2.0 KiB    3.12 %             2048 bytes in 1 area
  bad            2.5 KiB    3.90 %             2560 bytes in 2 areas

Missing: 28.0 KiB in 2 areas, the largest 20.0 KiB:
  0x00008000  0x00000800  -  sector 16 (2.0 KiB)
  0x00008800  0x00000800  /  sector 17 (2.0 KiB)
  0x00009000  0x00001000  *  sectors 18-19 (4.0 KiB)
  0x0000B000  0x00000200  -  sector 22 (512 bytes)
  0x0000B200  0x00004E00  ?  sectors 22-31 (19.5 KiB)
";
    assert_eq!(summary(EXAMPLE, LISTED).to_string(), expected);
}

#[test]
fn for_programs() {
    let json = serde_json::to_value(summary(EXAMPLE, 1)).unwrap();
    assert_eq!(json["phase"], "trimming");
    assert_eq!(json["totals"]["rescued"], serde_json::json!({"bytes": 36864, "percent": 56.25, "areas": 2}));
    assert_eq!(json["missing"].as_array().unwrap().len(), 5, "a program gets all of them");
    assert_eq!((&json["missing"][2]["last_sector"], &json["missing"][2]["status"]), (&19.into(), &"*".into()));
    assert_eq!((&json["missing_bytes"], &json["failed_bytes"]), (&28672.into(), &8704.into()));
    assert_eq!((&json["missing_areas"], &json["largest_missing_bytes"]), (&2.into(), &20480.into()));
    assert_eq!(json["complete"], false);
}

#[test]
fn a_long_list_is_cut_and_says_so() {
    let shown = summary(EXAMPLE, 1).to_string();
    assert!(shown.ends_with("  -  sector 16 (2.0 KiB)\n  … and 4 more; -v shows all\n"), "{shown}");
}

#[test]
fn a_finished_map_lacks_nothing() {
    let shown = summary("0 + 1\n0 2048 +\n", LISTED);
    assert!(shown.complete);
    assert!(shown.to_string().starts_with("disc.map: finished\n2.0 KiB (2048 bytes)\n"), "{shown}");
    assert!(shown.to_string().ends_with("\nNothing is missing.\n"), "{shown}");
}

#[test]
fn one_missing_byte_is_not_everything() {
    let shown = summary("0 + 1\n0 99999999 +\n99999999 1 -\n", LISTED);
    assert_eq!(shown.totals.rescued.percent, 99.99);
    assert!(!shown.complete);
    assert!(shown.to_string().contains("  <0.01 %"), "{shown}");
}

#[test]
fn an_empty_map_says_so() {
    for text in ["", "0 ? 1\n", "0 ? 1\n0 0 +\n"] {
        assert!(summary(text, LISTED).to_string().ends_with("The map is empty: nothing was tried.\n"));
    }
}

#[test]
fn a_map_that_begins_later_says_where() {
    let shown = summary("0 ? 1\n512 512 +\n", LISTED);
    assert_eq!((shown.begin_bytes, shown.end_bytes, shown.size_bytes), (512, 1024, 512));
    assert!(shown.complete);
    assert!(shown.to_string().contains("512 bytes (512 bytes) from byte 512 on\n"), "{shown}");
}

#[test]
fn names_cannot_steer_the_terminal() {
    let text = parse(b"", None).unwrap();
    assert_eq!(Summary::new("a\x1b[2Jb", &text, 0).map, "a?[2Jb");
}

#[test]
fn the_largest_map_does_not_overflow() {
    let shown = summary("0 ? 1\n1 0x7fffffffffffffff -\n", LISTED);
    assert_eq!(shown.totals.bad.percent, 100.0);
    assert_eq!(shown.largest_missing_bytes, i64::MAX as u64 - 1);
}

#[test]
fn what_is_left_out_is_not_missing() {
    let of = |comment: &str| {
        let text = format!("# Left out: sectors {comment}\n0 + 1\n0 2048 +\n2048 6144 -\n8192 2048 +\n10240 100 ?\n");
        let summary = summary(&text, 9);
        (
            summary.complete,
            summary.missing_bytes,
            summary.failed_bytes,
            summary.to_string().contains("left out: sector"),
        )
    };
    assert_eq!(of("2-2, audio"), (false, 4196, 4096, true));
    assert_eq!(of("1-3, audio"), (false, 100, 0, true));
    assert_eq!(of("1-9, not_data"), (true, 0, 0, true));
    assert_eq!(of("nothing"), (false, 6244, 6144, false));
}

#[test]
fn what_lies_in_the_image_is_told_beside_what_the_map_says() {
    let lies = |holes: &[(u64, u64)]| Lies {
        image: "disc.iso".into(),
        rescued_in_holes_bytes: holes.iter().map(|hole| hole.1).sum(),
        rescued_in_holes: holes
            .iter()
            .map(|&(position_bytes, size_bytes)| HoleRange { position_bytes, size_bytes })
            .collect(),
    };
    let text = "0 + 1\n0 8192 +\n8192 2048 -\n10240 2048 ?\n";
    let shown = summary(text, 9).with_image(vec![Content::Data, Content::Hole], lies(&[(4096, 4096)])).to_string();
    let end = "  -  sector 4 (2.0 KiB): data\n  0x00002800  0x00000800  ?  sector 5 (2.0 KiB): a hole\n\
        disc.iso has nothing but holes for 4.0 KiB that the map calls rescued:\n  0x00001000  0x00001000  sectors 2-3\n";
    assert!(shown.ends_with(end), "{shown}");
    let good = summary(text, 9).with_image(vec![Content::Hole; 2], lies(&[]));
    assert!(good.to_string().ends_with("disc.iso has everything that the map calls rescued.\n"));
    let json = serde_json::to_value(&good).unwrap();
    assert_eq!(
        (&json["image"], &json["rescued_in_holes_bytes"], &json["missing"][1]["content"]),
        (&"disc.iso".into(), &0.into(), &"hole".into())
    );
}
