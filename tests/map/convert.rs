//! `convert`.

use std::fs;

use crate::bench::Bench;

#[test]
fn a_list_has_the_blocks_with_the_statuses_that_were_asked_for() {
    let bench = Bench::new();
    bench.map("a", "+-?*/+-");
    let list = |more: &[&str]| bench.run(&[&["map", "convert", "a", "--to", "blocks"], more].concat(), 0).stdout;
    assert_eq!(list(&[]), "1\n2\n3\n4\n6\n");
    assert_eq!(list(&["--status", "-"]), "1\n6\n");
    assert_eq!(list(&["--status", "-?", "--block-size", "4KiB"]), "0\n1\n3\n");
    assert_eq!(list(&["--status=+", "--block-size", "512"]), "0\n1\n2\n3\n20\n21\n22\n23\n");
    for wrong in [["--status", "x"], ["--status", ""], ["--block-size", "0"], ["--block-size", "1x"]] {
        bench.run(&[&["map", "convert", "a", "--to", "blocks"][..], &wrong].concat(), 2);
    }
    bench.run(&["map", "convert", "a"], 2);
    assert_eq!(bench.run(&["map", "convert", "a", "--to", "blocks", "-o", "list"], 0).stdout, "list: a, converted\n");
    assert_eq!(fs::read_to_string(bench.path("list")).unwrap(), "1\n2\n3\n4\n6\n");
}

#[test]
fn json_has_every_block() {
    let bench = Bench::new();
    fs::write(bench.path("a"), "# Start time:   2026-01-31 12:00:00\n0x800 * 2\n0 0x800 +\n0x800 100 -\n").unwrap();
    let done = bench.run(&["map", "convert", "a", "--to", "json"], 0);
    let object: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let expected = serde_json::json!({"command": "map convert", "source": "a", "position_bytes": 2048, "phase": "*", "pass": 2,
        "start_time": "2026-01-31 12:00:00", "size_bytes": 2148, "left_out": [], "exit_code": 0, "blocks": [
            {"position_bytes": 0, "size_bytes": 2048, "status": "+"}, {"position_bytes": 2048, "size_bytes": 100, "status": "-"}]});
    assert_eq!(object, expected);
}

#[test]
fn a_map_in_another_hand_becomes_one_as_ddrescue_writes_it() {
    let bench = Bench::new();
    fs::write(bench.path("a"), "0x800 * 2\r\n512 512 +\r\n1024 01000 +\r\n1536 5 -").unwrap();
    let done = bench.run(&["map", "convert", "a", "--to", "ddrescue"], 0);
    let blocks = "0x00000800     *               2\n#      pos        size  status\n0x00000000  0x00000200  ?\n\
        0x00000200  0x00000400  +\n0x00000600  0x00000005  -\n";
    assert!(done.stdout.ends_with(blocks), "{}", done.stdout);
}
