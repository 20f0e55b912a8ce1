//! Ways in which rescues went wrong for people.

use std::fs;

use super::*;
use crate::support::{SECTOR, disc_file};

#[test]
fn a_disc_that_is_swapped_in_mid_run_is_another_disc() {
    for sectors in [16 * UNITS, 16 * UNITS + 5] {
        let bench = Bench::new(16 * UNITS);
        let other = disc_file(bench.folder.path(), "other disc.iso", 8, sectors);
        let plan = format!("rate 2\nbad 5 1 0\nat 4 swap {}", other.display());
        let done = bench.run("sweep", &bench.drive("dvd", &plan), &[]);
        let run = Run { bench, done }.ends(5).says("was changed").fails_within(5..6);
        assert!(run.bench.map().contains('?'));
    }
}

#[test]
fn a_disc_taken_out_or_a_plug_pulled_behind_damage_leaves_no_bad_sector() {
    for (story, words) in [("eject", "taken out"), ("unplug", "is gone"), ("notready", "is not ready")] {
        for seconds in [1.0, 4.2, 8.1, 15.0, 23.0] {
            let plan = format!("rate 4\nbad 100 2 0\nbad 180 2 0\nbad 300 3 0\nat {seconds} {story}");
            let run = sweep(&plan).fails_within(100..303);
            let map = run.bench.map();
            let run = run.ends(4).says(words);
            let failed = |unit: usize| map[unit * 16..].starts_with(['*', '/']);
            // A read that fails is of four units.
            assert!((104..180).chain(184..297).all(|unit| !failed(unit)), "{story} at {seconds}");
            drop(run);
        }
    }
}

#[test]
fn one_hardware_error_does_not_end_a_rescue() {
    sweep("answer 300 1 04/3E/02 1").ends(0).whole();
}

#[test]
fn data_that_the_drive_guessed_is_not_taken_for_the_disc() {
    // Wrong at the first attempt, then right: two of three reads agree.
    sweep("recovered 300 2 1").ends(0).whole();
    // Never the same twice: nothing can be said.
    let plan = "recovered 300 2 999999";
    sweep(plan).ends(3).fails_within(299..304).patch(plan).ends(3).lacks(300..302);
}

#[test]
fn a_chatty_drive_is_not_read_twice_from_end_to_end() {
    let plain = sweep("recovered 0 9999\nweak_s 0").ends(0).whole();
    let commands = plain.report()["read_commands"].as_u64().unwrap();
    let alone = sweep("").report()["read_commands"].as_u64().unwrap();
    assert!((alone..alone * 3).contains(&commands), "{commands}");
}

#[test]
fn bytes_of_an_earlier_read_never_get_into_the_image() {
    let plan = "short 7 1 0\nshort 100 300 3\nbad 50 20 0.5\nseed 4";
    sweep(plan).fails_within(0..UNITS).ends(3).patch(plan).ends(3);
}

/// Nothing but READ CAPACITY tells a size.
const NOTHING_ELSE_TELLS: &str = "command AD 05/24/00\nno track-information\n";

#[test]
fn a_disc_smaller_than_the_drive_says_is_read_to_its_end() {
    for capacity in [16 * UNITS + 3, 16 * UNITS + 300, 1_000_000] {
        let plan = format!("capacity {capacity}\n{NOTHING_ELSE_TELLS}");
        let run = sweep(&plan).ends(0).fails_within(0..0);
        let run = run.mentions("The disc ends before sector 8192");
        assert_eq!(run.report()["rescued_bytes"], 16 * UNITS * SECTOR);
        assert_eq!(run.report()["left_out"][0]["kind"], "past_end");
        assert!(run.report()["read_commands"].as_u64().unwrap() < 400);
        run.patch(&plan).ends(0).fails_within(0..0);
    }
}

#[test]
fn the_end_of_a_short_disc_does_not_keep_a_patch_from_its_work() {
    let plan = format!("capacity 9000\nbad 300 4 0.5\nseed 1\n{NOTHING_ELSE_TELLS}");
    let run = sweep(&plan).ends(3);
    let done = run.bench.run("patch", &run.bench.drive("dvd", &plan), &["--passes", "40"]);
    let run = Run { done, ..run }.ends(0);
    assert!(run.bench.map()[..16 * UNITS].chars().all(|status| status == '+'));
}

#[test]
fn a_drive_that_knows_no_size_is_helped_by_the_format_or_told() {
    sweep("capacity 0").ends(0).whole();
    let bench = Bench::new(32 * 20);
    let done = bench.run("sweep", &bench.drive("bd", "capacity 0\nno track-information"), &[]);
    Run { bench, done }.ends(1).says("does not tell the size");
}

#[test]
fn a_size_that_the_drive_contradicts_is_told_of_the_image_ever_after() {
    let run = sweep("capacity 1000").ends(0).whole();
    let note = "the drive says 1000, the physical format information 8192";
    let map = run.bench.out().with_extension("iso.map");
    let text = fs::read_to_string(&map).unwrap();
    assert!(text.contains(&format!("# Size: {note}")), "{text}");
    // A drive that knows better adds nothing and takes nothing away.
    let tried = run.patch("").ends(0);
    let told = crate::support::run(["map", "show", map.to_str().unwrap()]);
    assert!(told.stdout.contains(&format!("size, as told when the disc was read: {note}")), "{told:?}");
    drop(tried);
}

#[test]
fn run_out_blocks_of_a_recordable_cd_are_not_missing() {
    for (more, code) in [("rewritable 1\n", 0), ("", 3)] {
        let bench = Bench::new(1000);
        let drive = bench.drive("cd", &format!("{more}bads 998 2 0"));
        let swept = bench.run("sweep", &drive, &[]);
        assert_eq!(swept.code, Some(code), "{swept:?}");
        bench.assert_no_false_claim();
        let patched = bench.run("patch", &drive, &[]);
        assert_eq!(patched.code, Some(code), "{patched:?}");
    }
}

#[test]
fn a_drive_that_holds_itself_back_is_told_and_nothing_is_called_damage() {
    let run = sweep("riplock 540").ends(0).whole().mentions("riplock");
    assert_eq!(run.report()["failed_reads"], 0);
    assert!(!sweep("").done.stderr.contains("riplock"));
}

#[test]
fn a_blank_disc_is_no_damaged_one() {
    let run = sweep("blank 0 9999").ends(4).says("is blank");
    assert!(!run.bench.out().exists());
}

#[test]
fn an_image_with_holes_is_left_and_the_exit_code_says_so() {
    let run = sweep("bad 100 3 0").ends(3);
    assert_eq!(fs::metadata(run.bench.out()).unwrap().len(), 512 * 32768);
}

#[test]
fn a_drive_that_needs_half_a_minute_for_a_failure_is_waited_for() {
    let plan = "bad 300 1 0\nbad_s 55";
    sweep(plan).ends(3).fails_within(299..304).patch(plan).ends(3).lacks(300..301);
}

#[test]
fn a_drive_in_use_is_told_before_anything_is_written() {
    let run = sweep("at 0 notready").ends(4).says("does not become ready");
    assert!(!run.bench.out().exists());
}
