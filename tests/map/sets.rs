//! `and`, `or`, `xor`, `invert`.

use std::fs;

use crate::bench::Bench;

#[test]
fn sets_are_printed_or_written() {
    let bench = Bench::new();
    bench.map("a", "++-?*/");
    bench.map("b", "+-+++/");
    for (name, expected) in [("and", "+--?*/"), ("or", "+++++/"), ("xor", "-++++/")] {
        let done = bench.run(&["map", name, "a", "b"], 0);
        assert_eq!(bench.printed(&done), expected, "{name}");
        assert_eq!(done.stderr, "");
        let report = bench.json(&["map", name, "a", "b", "-o", name], 0);
        assert_eq!(bench.statuses(name), expected);
        let count = |wanted: bool| expected.chars().filter(|c| (*c == '+') == wanted).count() * 2048;
        assert_eq!((&report["rescued_bytes"], &report["missing_bytes"]), (&count(true).into(), &count(false).into()));
        assert!(
            fs::read_to_string(bench.path(name))
                .unwrap()
                .contains(&format!("# Command line: freemkv map {name} a b\n"))
        );
    }
    let done = bench.run(&["map", "invert", "a", "-o", "opposite"], 0);
    assert_eq!(done.stdout, "opposite: 8.0 KiB of 12.0 KiB rescued\n");
    assert_eq!(bench.statuses("opposite"), "--++++");
    assert_eq!(bench.run(&["map", "invert", "a", "-o", "quiet", "-q"], 0).stdout, "");
}

#[test]
fn with_the_map_on_standard_output_the_report_is_on_standard_error() {
    let bench = Bench::new();
    bench.map("a", "+-");
    let done = bench.run(&["map", "invert", "a", "--json"], 0);
    assert_eq!(bench.printed(&done), "-+");
    let report: serde_json::Value = serde_json::from_str(&done.stderr).unwrap();
    assert_eq!((&report["command"], &report["ranges"]), (&"map invert".into(), &2.into()));
    let done = bench.run(&["map", "invert", "none", "--json"], 1);
    assert!(
        done.stdout.is_empty()
            && done.stderr.contains("there is no map none")
            && done.stderr.contains("\"exit_code\":1")
    );
}

#[test]
fn nothing_is_replaced_unasked_and_no_map_that_is_read() {
    let bench = Bench::new();
    bench.map("a", "+-");
    bench.map("b", "--");
    fs::write(bench.path("old"), "mine").unwrap();
    let done = bench.run(&["map", "and", "a", "b", "-o", "old"], 2);
    assert!(done.stderr.contains("old is there already"), "{done:?}");
    assert_eq!(fs::read(bench.path("old")).unwrap(), b"mine");
    bench.run(&["map", "and", "a", "b", "-o", "old", "--force"], 0);
    assert_eq!(bench.statuses("old"), "--");
    for output in ["a", "./b"] {
        let done = bench.run(&["map", "and", "a", "b", "-o", output, "--force"], 2);
        assert!(done.stderr.contains("at once"), "{done:?}");
    }
    let done = bench.run(&["map", "invert", "a", "-o", "/dev/full", "--force"], 2);
    assert!(done.stderr.contains("is a device"), "{done:?}");
    assert_eq!(bench.run(&["map", "invert", "a", "-o", "no/such/folder"], 1).stdout, "");
    assert_eq!((bench.statuses("a"), bench.statuses("b")), ("+-".into(), "--".into()));
}

#[test]
fn tracts_without_data_stay_in_the_comments() {
    let bench = Bench::new();
    fs::write(bench.path("a"), "# Left out: sectors 1-2, audio\n0 + 1\n0 0x800 +\n0x800 0x1000 ?\n").unwrap();
    let done = bench.run(&["map", "invert", "a"], 0);
    assert!(done.stdout.contains("# Left out: sectors 1-2, audio\n"), "{}", done.stdout);
}
