//! What a drive is not believed: bytes that it had to guess and did not say so, zeros after failures, what came before and
//! behind a reset.

use std::fs;

use super::*;

/// Effort that is told by nobody: something else ends the command behind it.
#[test]
fn effort_that_another_ending_hides_is_found_by_a_second_read() {
    let endings = [
        "bads 1670 1 0",
        "bad 104 1 0",
        "short 104 1 3",
        "blank 104 1",
        "answer 104 1 03/11/05",
        "answer 104 1 04/3E/02 1",
        "answer 104 1 0B/00/00 1",
        "answer 104 1 host:07 1",
        "answer 104 1 host:03 1",
        "answer 104 1 02/04/01 1",
        "answer 104 1 status:08 1",
        "answer 104 1 06/29/00 1",
        "answer 104 1 03/57/00 1",
        "answer 104 1 04/09/00 1",
    ];
    for ending in endings {
        for wrong in [1, 2, 99_999] {
            let plan = format!("recovered 100 8 {wrong}\n{ending}");
            let run = sweep(&plan);
            let code = run.done.code.unwrap();
            assert!([0, 3].contains(&code), "{plan}: {:?}", run.done);
            let run = run.ends(code).patch(&plan);
            run.bench.assert_no_false_claim();
        }
    }
}

#[test]
fn a_drive_that_was_right_for_long_is_not_believed_unread() {
    for (first, units) in [(140, 100), (140, 1), (150, 3), (511, 1), (200, 17)] {
        let plan = format!("recovered 0 130\nrecovered {first} {units} 1");
        let run = sweep(&plan).ends(0).whole();
        assert!(run.report()["read_commands"].as_u64().unwrap() < 900);
    }
}

#[test]
fn a_kill_leaves_nothing_rescued_that_waits_for_its_second_read() {
    // More than 64 agree, so that the rest waits; then the drive is gone.
    let run = sweep("recovered 0 9999\nweak_s 0.1\nat 90 unplug").ends(4);
    let map = run.bench.map();
    assert!(map.contains('+') && map.contains('*'), "{map}");
    let done = run.bench.run("patch", &run.bench.drive("dvd", ""), &[]);
    Run { done, ..run }.ends(0).whole();
}

#[test]
fn settings_that_a_silent_reset_has_lost_hide_no_effort() {
    for trouble in ["0B/00/00 1", "host:07 1", "host:03 1", "status:40 1"] {
        let plan = format!("resets silent\nanswer 100 1 {trouble}\nrecovered 100 64 1");
        sweep(&plan).ends(0).whole();
    }
    // A read that takes longer than its limit is aborted by the kernel.
    let plan = "resets silent\nbad 90 1 0\nbad_s 55\nrecovered 100 64 1";
    sweep(plan).ends(3).fails_within(88..92);
}

#[test]
fn a_drive_that_loses_its_settings_for_good_is_not_read_on() {
    let plan = "resets\nanswer 200 1 host:07 1\nat 0.5 refuse-settings\nrecovered 300 9 9";
    let run =
        sweep(plan).ends(7).says("lost its settings").fails_within(0..0).mentions("does not take its error settings");
    let done = run.bench.run("sweep", &run.bench.drive("dvd", ""), &[]);
    Run { done, ..run }.ends(0).whole();
}

#[test]
fn zeros_from_the_first_failure_on_are_not_the_disc() {
    for plan in ["zero-after 1\nbad 0 1 0", "zero-after 1\nbads 0 1 0", "zero-after 1\nbads 5 1 0\nprefix 0"] {
        let run = sweep(plan).ends(3).mentions("spinning the disc down and up").fails_within(0..4);
        assert!(run.bench.map().matches('+').count() > 7800, "{plan}");
    }
}

/// A disc of zeros, and a drive that cannot be told from one that hands out nothing else.
#[test]
fn zeros_that_nothing_tells_from_a_drive_that_gave_up_are_left_and_can_be_gone_on_with() {
    let bench = Bench::new(16 * UNITS);
    fs::write(&bench.disc, vec![0; 16 * UNITS * support::SECTOR]).unwrap();
    let done = bench.run("sweep", &bench.drive("dvd", "bad 100 1 0"), &[]);
    let run = Run { bench, done }.ends(3).mentions("count as not tried");
    let map = run.bench.map();
    // What came before the failure stands.
    assert!(map.starts_with(&"+".repeat(96 * 16)) && map.ends_with('?'), "{map}");
    let done = run.bench.run("patch", &run.bench.drive("dvd", ""), &[]);
    let run = Run { done, ..run }.ends(3).mentions("count as not tried");
    // Something that is not zero is enough.
    let mut disc = vec![0; 16 * UNITS * support::SECTOR];
    disc[400 * 32768] = 1;
    fs::write(&run.bench.disc, disc).unwrap();
    let done = run.bench.run("patch", &run.bench.drive("dvd", ""), &[]);
    let run = Run { done, ..run }.ends(0).whole();
    assert!(run.bench.is_whole());
}

#[test]
fn a_drive_that_has_given_up_before_a_patch_begins_is_no_other_disc() {
    let run = sweep("bad 100 3 0").ends(3);
    // The comparison meets a failure, and zeros behind it.
    let done = run.bench.run("patch", &run.bench.drive("dvd", "bad 1 1 0\nbad 16 1 0\nzero-after 1"), &[]);
    let run = Run { done, ..run };
    assert_eq!(run.done.code, Some(7), "{:?}", run.done);
    run.bench.assert_no_false_claim();
}

#[test]
fn a_disc_that_is_compared_is_not_refused_for_bytes_that_the_drive_guessed() {
    let run = sweep("bad 100 3 0").ends(3);
    for wrong in ["1", "2", "99999"] {
        let done = run.bench.run("patch", &run.bench.drive("dvd", &format!("recovered 0 99 {wrong}")), &[]);
        assert!([Some(0), Some(3)].contains(&done.code), "{done:?}");
        run.bench.assert_no_false_claim();
    }
}
