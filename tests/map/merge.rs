//! `merge`.

use std::fs;

use crate::bench::Bench;
use crate::support::{SECTOR, disc_bytes, disc_file, test_data};

/// Images of one disc, each with damage of its own.
fn two_rescues(bench: &Bench, plans: [&str; 2], profile: &str) {
    for (name, plan) in ["one.iso", "two.iso"].into_iter().zip(plans) {
        fs::write(bench.path("plan"), plan).unwrap();
        bench.run(&["sweep", &format!("emu:disc.iso,profile={profile},faults=plan"), name, "-q"], 3);
    }
}

#[test]
fn two_rescues_make_a_whole_disc() {
    let bench = Bench::new();
    let disc = disc_file(bench.folder.path(), "disc.iso", 3, 2048);
    two_rescues(&bench, ["bad 10 2 0\n", "bad 100 1 0\n"], "dvd");
    let report = bench.json(&["map", "merge", "one.iso", "two.iso.map", "-o", "both.iso"], 0);
    assert!(fs::read(bench.path("both.iso")).unwrap() == fs::read(disc).unwrap());
    assert_eq!(bench.statuses("both.iso.map"), "+".repeat(2048));
    assert_eq!(
        (&report["complete"], &report["missing_bytes"], &report["sectors"]),
        (&true.into(), &0.into(), &2048.into())
    );
    assert_eq!(report["sources"][1]["map"], "two.iso.map");
    assert!(report["sources"][1]["compared_bytes"].as_u64().unwrap() > 1 << 20, "{report}");
    let done = bench.run(&["map", "merge", "one.iso", "two.iso", "-o", "again.iso"], 0);
    assert!(done.stdout.starts_with("again.iso: 4.0 MiB of 4.0 MiB, nothing is missing.\n  "), "{}", done.stdout);
    // Nothing that is there is touched.
    let done = bench.run(&["map", "merge", "one.iso", "two.iso", "-o", "both.iso", "--force"], 2);
    assert!(done.stderr.contains("both.iso is there already"), "{done:?}");
    let done = bench.run(&["map", "merge", "one.iso", "two.iso", "-o", "one.iso"], 2);
    assert!(done.stderr.contains("at once"), "{done:?}");
    fs::write(bench.path("new.iso.map"), "mine").unwrap();
    bench.run(&["map", "merge", "one.iso", "two.iso", "-o", "new.iso"], 2);
    assert!(!bench.path("new.iso").exists());
}

#[test]
fn what_both_lack_stays_missing_and_can_be_patched() {
    let bench = Bench::new();
    let disc = disc_file(bench.folder.path(), "disc.iso", 3, 2048);
    two_rescues(&bench, ["bad 10 4 0\n", "bad 12 4 0\n"], "dvd");
    let report = bench.json(&["map", "merge", "one.iso", "two.iso", "-o", "both.iso"], 3);
    assert!(report["missing_bytes"].as_u64().unwrap() >= 2 * 16 * 2048, "{report}");
    let (image, disc) = (fs::read(bench.path("both.iso")).unwrap(), fs::read(disc).unwrap());
    for (sector, status) in bench.statuses("both.iso.map").chars().enumerate() {
        let at = sector * SECTOR..(sector + 1) * SECTOR;
        assert!(
            if status == '+' { image[at.clone()] == disc[at] } else { image[at] == [0; SECTOR] },
            "sector {sector}"
        );
    }
    bench.run(&["patch", "disc.iso", "both.iso", "-q"], 0);
    assert!(fs::read(bench.path("both.iso")).unwrap() == disc);
}

#[test]
fn images_that_differ_are_no_images_of_one_disc() {
    let bench = Bench::new();
    disc_file(bench.folder.path(), "disc.iso", 3, 256);
    two_rescues(&bench, ["bad 1 1 0\n", "bad 2 1 0\n"], "dvd");
    let mut image = fs::read(bench.path("two.iso")).unwrap();
    image[200 * SECTOR + 7] ^= 1;
    fs::write(bench.path("two.iso"), image).unwrap();
    let report = bench.json(&["map", "merge", "one.iso", "two.iso", "-o", "both.iso"], 5);
    let message = report["error"]["message"].as_str().unwrap();
    assert_eq!(message, "sector 200 is not the same in one.iso and two.iso, and both maps call it rescued");
    assert!(!bench.path("both.iso").exists() && !bench.path("both.iso.map").exists());
}

#[test]
fn maps_alone_need_no_images() {
    let bench = Bench::new();
    bench.map("a", "+?*/-?");
    bench.map("b", "?+/*+?");
    let done = bench.run(&["map", "merge", "a", "b", "--maps-only"], 3);
    assert_eq!(bench.printed(&done), "++//+?");
    let done = bench.run(&["map", "merge", "a", "b", "--maps-only", "-o", "c"], 3);
    assert_eq!(done.stdout, "c: 6.0 KiB rescued, 6.0 KiB missing\n");
    assert_eq!(bench.statuses("c"), "++//+?");
    let done = bench.run(&["map", "merge", "a", "b", "-o", "d"], 2);
    assert!(done.stderr.contains("there is no image beside the map a"), "{done:?}");
    bench.run(&["map", "merge", "a", "b"], 2);
    bench.run(&["map", "merge", "a", "-o", "d"], 2);
}

#[test]
fn a_full_disk_leaves_nothing_behind() {
    let bench = Bench::new();
    let Some(disk) = crate::support::SmallDisk::new(bench.folder.path(), "ext4", 4 << 20) else { return };
    fs::write(bench.path("disc.iso"), disc_bytes(3, 4096)).unwrap();
    two_rescues(&bench, ["bad 1 1 0\n", "bad 2 1 0\n"], "dvd");
    let out = disk.mount().join("both.iso");
    let out = out.to_str().unwrap();
    let before = fs::read_dir(disk.mount()).unwrap().count();
    let done = bench.run(&["map", "merge", "one.iso", "two.iso", "-o", out], 1);
    assert!(done.stderr.contains("are free"), "{done:?}");
    let done = bench.run(&["map", "merge", "one.iso", "two.iso", "-o", out, "--force"], 1);
    assert!(done.stderr.contains("both.iso"), "{done:?}");
    assert_eq!(fs::read_dir(disk.mount()).unwrap().count(), before);
}

/// A film whose two rescues have different holes.
#[test]
fn a_real_disc_comes_together() {
    let Some(data) = test_data() else { return };
    let bench = Bench::new();
    let disc = data.join("discs/dvd-chain.iso");
    fs::copy(&disc, bench.path("disc.iso")).unwrap();
    two_rescues(&bench, ["bad 20 6 0\n", "bad 60 9 0\n"], "dvd");
    bench.run(&["map", "merge", "one.iso", "two.iso", "-o", "both.iso", "-q"], 0);
    assert!(fs::read(bench.path("both.iso")).unwrap() == fs::read(disc).unwrap());
    bench.run(&["map", "show", "both.iso.map", "-q"], 0);
}
