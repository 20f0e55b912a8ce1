//! Drives whose firmware gives up after errors: found out early, helped once, and never believed.

use super::*;

/// A scratch of 40 units that fail at once: nothing in it takes long enough to keep failures apart.
const SCRATCH: &str = "bad 200 40 0\nbad_s 0.05\n";

/// Sixteen dead units far from each other that fail at once: none of them is given up before it is retried.
pub(crate) fn strewn() -> String {
    (1..17).map(|i| format!("bad {} 1 0\n", 30 * i)).collect::<String>() + "bad_s 0.05\n"
}

/// All but the strewn units is there.
#[track_caller]
pub(crate) fn has_the_rest(bench: &Bench) {
    let wrong =
        bench.map().chars().enumerate().find(|(i, s)| (*s == '+') == (i / 16 % 30 == 0 && *i >= 480 && *i < 7696));
    assert_eq!(wrong, None);
}

#[test]
fn a_drive_that_gives_up_after_seven_errors_in_six_and_a_half_seconds_gets_there_when_all_else_is_saved() {
    let plan = format!("{}wedge 7 6.5 stuck", strewn());
    let run = sweep(&plan).ends(3).patch(&plan).ends(7).mentions("in quick succession");
    has_the_rest(&run.bench);
    let plan = format!("{SCRATCH}wedge 7 6.5 stuck");
    sweep(&plan).ends(3).fails_within(200..240).patch(&plan).ends(3).misses(200..240);
}

#[test]
fn a_drive_that_stands_failures_in_quick_succession_is_spared_the_waits() {
    let run = sweep(&strewn()).ends(3).patch(&strewn()).ends(3).mentions("in quick succession");
    has_the_rest(&run.bench);
    let log = run.log();
    let moments = log.iter().filter(|line| line["phase"] == "retry 3/3").map(|line| line["at"].as_f64().unwrap());
    let moments: Vec<f64> = moments.collect();
    let (first, last) = (moments.first().unwrap(), moments.last().unwrap());
    assert!(moments.len() >= 16 && last - first < 10.0, "{moments:?}");
}

#[test]
fn a_wedge_that_a_spin_cycle_ends_costs_no_sound_sector() {
    // The first read that fails is of four units.
    let plan = "bad 200 2 0\nwedge 2 100\n";
    let run = sweep(plan).mentions("spinning the disc down and up").fails_within(200..204);
    let code = run.done.code.unwrap();
    assert!([3, 7].contains(&code));
    run.ends(code);
}

#[test]
fn stuck_firmware_ends_the_run_whatever_it_answers() {
    for sense in ["05/24/00", "05/20/00", "04/3E/02", "04/44/00", "03/11/00", "03/02/00"] {
        let run = sweep(&format!("bad 200 9 0\nwedge 3 100 {sense} stuck")).ends(7).fails_within(200..209);
        let run = run.says("has stopped reading");
        // With the drive switched off and on, the rest comes home.
        let bench = run.bench;
        let again = bench.run("sweep", &bench.drive("dvd", "bad 200 9 0"), &[]);
        Run { bench, done: again }.ends(3).patch("bad 200 9 0").ends(3).lacks(200..209);
    }
}

#[test]
fn stuck_firmware_is_found_within_five_failures() {
    for sense in ["05/24/00", "04/3E/02", "03/11/00"] {
        let run = sweep(&format!("bad 200 9 0\nwedge 1 100 {sense} stuck")).ends(7);
        let log = run.log();
        // Up to the rest before the spin cycle; what fails behind that decides whether it has helped.
        let first = log.iter().find(|line| line["ms"].as_u64().unwrap() < 500).unwrap()["at"].as_f64().unwrap();
        let is_quick = |line: &&serde_json::Value| {
            line["ms"].as_u64().unwrap() < 500 && (first..first + 5.0).contains(&line["at"].as_f64().unwrap())
        };
        let quick: Vec<_> = log.iter().filter(is_quick).collect();
        assert!(quick.len() <= 5, "{sense}: {quick:?}");
    }
}

#[test]
fn stuck_firmware_in_a_patch_marks_nothing() {
    let run = sweep("bad 200 40 0").ends(3);
    let before = run.bench.map();
    let run = run.patch("bad 200 40 0\nwedge 2 100 03/11/00 stuck").ends(7).fails_within(200..240);
    let lost = before.chars().zip(run.bench.map().chars()).any(|(old, new)| old == '+' && new != '+');
    assert!(!lost);
}

#[test]
fn zeros_after_errors_are_taken_back() {
    for errors in 1..=8 {
        let plan = format!("bad 200 2 0\nbad 230 1 0\nbad 260 9 0\nzero-after {errors}");
        let run = sweep(&plan).fails_within(200..272);
        let code = run.done.code.unwrap();
        assert!([3, 7].contains(&code), "{:?}", run.done);
        run.ends(code);
    }
}

#[test]
fn a_drive_that_gives_zeros_again_and_again_is_told_as_a_liar() {
    let run = sweep("bad 200 1 0\nbad 201 200 0.5\nseed 3\nzero-after 1");
    let code = run.done.code.unwrap();
    assert!([3, 7].contains(&code));
    run.ends(code).fails_within(200..401);
}

#[test]
fn a_drive_that_tires_again_and_again_is_spun_as_often_as_that_helps() {
    let plan = "bad 100 250 0\nzero-after 64";
    let run = sweep(plan).fails_within(100..350).ends(3).patch(plan).ends(3);
    assert!(
        run.done.stderr.matches("spinning the disc down and up").count() > 3
            || run.report()["failed_reads"].as_u64() < Some(80)
    );
    let done = run.bench.run("patch", &run.bench.drive("dvd", plan), &["--thorough"]);
    let run = Run { done, ..run }.ends(3).misses(100..350);
    assert!(run.done.stderr.matches("spinning the disc down and up").count() > 3, "{}", run.done.stderr);
}

/// Twenty drives that tire in one way or another, four runs each.
#[test]
fn nothing_is_called_rescued_that_is_not_however_a_drive_tires() {
    let ways = [
        "zero-after 64",
        "zero-after 12",
        "zero-after 7",
        "zero-after 1",
        "wedge 9 60",
        "wedge 7 40 03/11/00",
        "wedge 12 100 04/3E/02",
    ];
    let mut state = 17_u64;
    let mut draw = |most: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % most
    };
    for seed in 0..20 {
        let mut plan = format!("seed {seed}\n{}\n", ways[seed % ways.len()]);
        for _ in 0..2 + draw(4) {
            plan += &format!("bad {} {} {}\n", 5 + draw(475), 1 + draw(39), ["0", "0", "0.1", "0.5"][draw(4) as usize]);
        }
        // Units of which parts come, and sectors that come late.
        for _ in 0..draw(30) {
            plan += &format!("bads {} {} {}\n", 80 + draw(7600), 1 + draw(9), ["0", "0.3", "0.6"][draw(3) as usize]);
        }
        let run = sweep(&plan);
        let drive = run.bench.drive("dvd", &plan);
        for more in [&[][..], &["--passes", "10"], &["--thorough"]] {
            let done = run.bench.run("patch", &drive, more);
            assert!([Some(0), Some(3), Some(7)].contains(&done.code), "{plan}{done:?}");
            run.bench.assert_no_false_claim();
        }
    }
}

#[test]
fn never_more_than_six_failures_in_any_six_and_a_half_seconds_while_anything_else_is_left() {
    for plan in [
        SCRATCH.to_owned(),
        format!("{SCRATCH}wedge 3 100 05/24/00 stuck"),
        format!("{SCRATCH}wedge 3 100 03/11/00"),
        "answer 200 60 04/09/00\nbad_s 0.01".to_owned(),
        "answer 200 1 0B/00/00\nbad_s 0.01".to_owned(),
        "recovered 100 300 1\nbad 200 50 0.5\nbad_s 0.02\nweak_s 0".to_owned(),
    ] {
        let run = sweep(&plan).patch(&plan);
        // The clock starts again with each run.
        let mut moments: Vec<f64> = Vec::new();
        let early = |line: &&serde_json::Value| ["sweep", "fill", "split"].iter().any(|phase| line["phase"] == *phase);
        for line in run.log().iter().filter(early).filter(|line| line["trouble"] == "failed") {
            let at = line["at"].as_f64().unwrap();
            if moments.last().is_some_and(|last| at < *last) {
                moments.clear();
            }
            moments.push(at);
            if let [.., first, _, _, _, _, _, _] = moments[..] {
                assert!(at - first >= 6.49, "{plan}: {moments:?}");
            }
        }
    }
}
