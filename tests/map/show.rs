//! `show`.

use std::fs;

use crate::bench::Bench;
use crate::support::disc_file;

#[test]
fn every_missing_range_is_told_to_a_program() {
    let bench = Bench::new();
    bench.map("a.map", &"+-?".repeat(30));
    let report = bench.json(&["map", "show", "a.map"], 0);
    let map = &report["maps"][0];
    assert_eq!((map["missing"].as_array().unwrap().len(), &map["missing_areas"]), (60, &30.into()));
    assert!(map.get("image").is_none() && map["missing"][0].get("content").is_none());
    let done = bench.run(&["map", "show", "a.map"], 0);
    assert!(done.stdout.ends_with("… and 40 more; -v shows all\n"), "{}", done.stdout);
    assert!(bench.run(&["map", "show", "a.map", "-v"], 0).stdout.ends_with("  ?  sector 89 (2.0 KiB)\n"));
}

/// A disc with damage, swept on the emulated drive: the image lies beside its map.
#[test]
fn what_lies_in_the_image_is_looked_at() {
    let bench = Bench::new();
    disc_file(bench.folder.path(), "disc.iso", 7, 1024);
    fs::write(bench.path("plan"), "bad 10 2 0\n").unwrap();
    bench.run(&["sweep", "emu:disc.iso,profile=dvd,faults=plan", "out.iso", "-q"], 3);
    let report = bench.json(&["map", "show", "out.iso.map"], 0);
    let map = &report["maps"][0];
    assert_eq!((&map["image"], &map["rescued_in_holes_bytes"]), (&"out.iso".into(), &0.into()));
    let missing = map["missing"].as_array().unwrap();
    assert!(!missing.is_empty() && missing.iter().all(|range| range["content"] == "hole"), "{map}");
    // A copy that lost a rescued range, and has something in a missing one.
    let size = 1024 * 2048;
    let image = fs::read(bench.path("out.iso")).unwrap();
    let lost = fs::File::create(bench.path("lost.iso")).unwrap();
    lost.set_len(size).unwrap();
    let keep = |from: usize, to: usize| {
        std::os::unix::fs::FileExt::write_all_at(&lost, &image[from * 2048..to * 2048], from as u64 * 2048).unwrap();
    };
    keep(0, 96);
    keep(512, 1024);
    let first = usize::try_from(missing[0]["first_sector"].as_u64().unwrap()).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&lost, &[1], first as u64 * 2048).unwrap();
    let report = bench.json(&["map", "show", "out.iso.map", "--image", "lost.iso"], 3);
    let map = &report["maps"][0];
    assert_eq!(map["missing"][0]["content"], "data");
    let lacking = map["rescued_in_holes_bytes"].as_u64().unwrap();
    let missing_bytes = map["missing_bytes"].as_u64().unwrap();
    assert_eq!(lacking, (512 - 96) * 2048 - missing_bytes, "{map}");
    let done = bench.run(&["map", "show", "out.iso.map", "--image", "lost.iso"], 3);
    assert!(
        done.stdout.contains("lost.iso has nothing but holes for") && done.stdout.contains("): data\n"),
        "{done:?}"
    );
}

#[test]
fn one_image_is_of_one_map() {
    let bench = Bench::new();
    bench.map("a", "+");
    bench.map("b", "+");
    let done = bench.run(&["map", "show", "a", "b", "--image", "x.iso"], 2);
    assert!(done.stderr.contains("--image is the image of one map"), "{done:?}");
    let done = bench.run(&["map", "show", "a", "--image", "."], 2);
    assert!(done.stderr.contains("a folder, and no image file"), "{done:?}");
    assert_eq!(bench.run(&["map", "show", "a", "b"], 0).stdout.matches("Nothing is missing.").count(), 2);
    bench.run(&["map", "show", "a", "none"], 1);
}
