//! `compare`.

use crate::bench::Bench;

#[test]
fn maps_that_differ_say_where() {
    let bench = Bench::new();
    bench.map("a", "++-?");
    bench.map("b", "++/+");
    bench.map("c", "++/+?");
    assert_eq!(bench.run(&["map", "compare", "a", "a"], 0).stdout, "a and a say the same.\n");
    let done = bench.run(&["map", "compare", "a", "b"], 3);
    let expected = "a and b differ in 4.0 KiB in 2 places:\n  0x00001000  0x00000800  -  /  sector 2 (2.0 KiB)\n  \
        0x00001800  0x00000800  ?  +  sector 3 (2.0 KiB)\n";
    assert_eq!(done.stdout, expected);
    let report = bench.json(&["map", "compare", "a", "b", "--rescued"], 3);
    let expected = serde_json::json!([{"position_bytes": 6144, "size_bytes": 2048, "first_sector": 3, "last_sector": 3,
        "statuses": ["?", "+"]}]);
    assert_eq!(
        (&report["differences"], &report["different_bytes"], &report["equal"]),
        (&expected, &2048.into(), &false.into())
    );
    let report = bench.json(&["map", "compare", "b", "c"], 3);
    assert_eq!(report["differences"][0]["statuses"], serde_json::json!([null, "?"]));
    assert_eq!(bench.json(&["map", "compare", "b", "c", "--rescued"], 0)["equal"], true);
    assert_eq!(bench.run(&["map", "compare", "a", "b", "-q"], 3).stdout, "");
}

#[test]
fn a_person_is_shown_the_first_and_a_program_all() {
    let bench = Bench::new();
    bench.map("a", &"+-".repeat(50));
    bench.map("b", &"-+".repeat(50));
    let done = bench.run(&["map", "compare", "a", "b"], 3);
    assert!(done.stdout.ends_with("  … and 80 more; -v shows all\n") && done.stdout.lines().count() == 22, "{done:?}");
    assert_eq!(bench.run(&["map", "compare", "a", "b", "-v"], 3).stdout.lines().count(), 101);
    assert_eq!(bench.json(&["map", "compare", "a", "b"], 3)["differences"].as_array().unwrap().len(), 100);
    let done = bench.run(&["map", "compare", "a", "none"], 1);
    assert!(done.stderr.contains("there is no map none"), "{done:?}");
}
