//! What a person can ask of a drive, and when a run is to end.

use super::*;

/// Sweeps with options.
fn with(plan: &str, options: &[&str]) -> Run {
    let bench = Bench::new(16 * UNITS);
    let done = bench.run("sweep", &bench.drive("dvd", plan), options);
    Run { bench, done }
}

fn drive_seconds(run: &Run) -> f64 {
    run.report()["drive_seconds"].as_f64().unwrap()
}

#[test]
fn a_lower_speed_takes_longer_and_the_fastest_does_not() {
    let fast = drive_seconds(&with("", &["--speed", "max"]).ends(0));
    for (speed, seconds) in [("1x", 12.0), ("1385", 12.0), ("2770", 6.0)] {
        let slow = drive_seconds(&with("", &["--speed", speed]).ends(0).whole());
        assert!(fast * 1.5 < slow && (slow - seconds).abs() < 1.0, "{speed}: {slow}");
    }
}

#[test]
fn a_drive_that_obeys_fewer_retries_gets_them_in_a_sweep() {
    let plan = "bad 100 1 0\nbad 200 1 0\nbad 300 9 0\nbad 400 2 0\n";
    let keeps = with(plan, &[]).ends(3);
    assert!(!keeps.done.stderr.contains("gives up sooner"));
    let obeys = with(&format!("{plan}obeys 1"), &[]).ends(3).mentions("gives up sooner").fails_within(100..402);
    let kept = with(&format!("{plan}obeys 1"), &["--drive-retries", "keep"]).ends(3);
    assert!(!kept.done.stderr.contains("gives up sooner"));
    assert!(drive_seconds(&obeys) < 0.8 * drive_seconds(&kept), "{} {}", drive_seconds(&obeys), drive_seconds(&kept));
    let set = with(&format!("{plan}obeys 1"), &["--drive-retries", "0"]).ends(3);
    assert!(drive_seconds(&set) < 0.45 * drive_seconds(&kept), "{} {}", drive_seconds(&set), drive_seconds(&kept));
}

#[test]
fn a_unit_that_reads_while_retries_are_probed_is_won() {
    let run = with("bad 100 1 0.5\nbad 200 1 0.5\nbad 300 1 0.5\nseed 5\nobeys 1", &[]);
    run.fails_within(99..304).bench.assert_no_false_claim();
}

#[test]
fn enough_errors_end_a_run() {
    let run = with("bad 100 200 0", &["--max-errors", "3"]).ends(3).mentions("Ended by --max-errors");
    assert_eq!(run.report()["stopped_by"], "max-errors");
    assert_eq!(run.report()["failed_reads"], 4);
    let run = with("bad 100 1 0", &["--max-errors", "9"]).ends(3);
    assert_eq!(run.report()["stopped_by"], serde_json::Value::Null);
    with("", &["--max-errors", "0"]).ends(0).whole();
}

#[test]
fn a_budget_ends_a_run_and_the_next_one_goes_on() {
    let run = with("rate 1", &["--budget", "5s"]).ends(3).mentions("Ended by --budget");
    assert!((5.0..6.0).contains(&drive_seconds(&run)));
    assert_eq!(run.report()["stopped_by"], "budget");
    let map = run.bench.map();
    assert!(map.contains('+') && map.contains('?'));
    let done = run.bench.run("sweep", &run.bench.drive("dvd", ""), &[]);
    Run { done, ..run }.ends(0).whole();
}

#[test]
fn a_barren_stretch_ends_a_run() {
    let run = sweep("bad 100 300 0").ends(3);
    let drive = run.bench.drive("dvd", "bad 100 300 0");
    let done = run.bench.run("patch", &drive, &["--give-up-after", "1m", "--thorough"]);
    let run = Run { done, ..run }.ends(3).mentions("Ended by --give-up-after");
    assert_eq!(run.report()["stopped_by"], "give-up-after");
    let hours = drive_seconds(&run);
    assert!((60.0..600.0).contains(&hours), "{hours}");
}

#[test]
fn a_time_limit_ends_a_read_that_takes_longer() {
    let quick = with("bad 300 1 0\nbad_s 15", &["--timeout", "20s"]).ends(3);
    assert!(quick.log().iter().all(|line| line["host_status"] == 0));
    let slow = with("bad 300 1 0\nbad_s 15", &["--timeout", "10s"]).ends(3).fails_within(299..304);
    assert!(slow.log().iter().any(|line| line["host_status"] == 3), "{:?}", slow.log());
}

#[test]
fn the_drive_log_names_each_command_that_was_not_as_it_should_be() {
    let run = sweep("bad 100 1 0\nrecovered 200 1\nweak_s 1.5").ends(3);
    let log = run.log();
    let line = log.iter().find(|line| line["trouble"] == "failed").unwrap();
    assert_eq!((line["phase"].as_str(), line["status"].as_u64()), (Some("sweep"), Some(2)));
    assert_eq!([&line["key"], &line["asc"], &line["ascq"]].map(|v| v.as_u64().unwrap()), [3, 0x11, 0]);
    let (lba, length) = (line["lba"].as_u64().unwrap(), line["length"].as_u64().unwrap());
    assert!((lba..lba + length).contains(&1600));
    assert!(line["ms"].as_u64().unwrap() >= 3000);
    assert!(log.iter().any(|line| line["trouble"] == "recovered" && line["ms"].as_u64().unwrap() >= 1500));
    let before = log.len();
    let run = run.patch("bad 100 1 0").ends(3);
    assert!(run.log().len() > before, "a later run writes behind it");
    assert!(run.log().iter().any(|line| line["phase"].as_str().unwrap().starts_with("retry")));
}

#[test]
fn each_retry_pass_asks_the_drive_in_another_way_and_the_log_tells_what_came_of_it() {
    let plan = "bad 100 6 0.3\nbad 300 1 0\nseed 9\nobeys 1";
    let run = sweep(plan).ends(3);
    let done = run.bench.run("patch", &run.bench.drive("dvd", plan), &["--passes", "8"]);
    let run = Run { done, ..run }.ends(3);
    let log = run.log();
    let of_pass = |pass: u32| -> Vec<&serde_json::Value> {
        log.iter()
            .filter(|line| {
                line["phase"] == format!("retry {pass}/8") && (4800..4816).contains(&line["lba"].as_u64().unwrap())
            })
            .collect()
    };
    let modes = ["plain", "half speed", "from behind", "many tries", "slowest", "spun up again", "through the cache"];
    for (pass, mode) in (1..).zip(modes) {
        let lines = of_pass(pass);
        assert!(!lines.is_empty() && lines.iter().all(|line| line["retry_mode"] == mode), "{pass}: {lines:?}");
        assert!(lines.iter().all(|line| line["fua"] == (mode != "through the cache")), "{lines:?}");
    }
    assert_eq!(of_pass(8)[0]["retry_mode"], "plain");
    // The drive obeys its retry count, so more tries take longer.
    let longest = |pass: u32| of_pass(pass).iter().map(|line| line["ms"].as_u64().unwrap()).max();
    assert!(longest(4) > longest(1), "{:?} {:?}", longest(4), longest(1));
    assert!(
        log.iter().any(|line| line["trouble"] == "none" && line["retry_mode"].is_string()),
        "no attempt that worked"
    );
    assert!(
        log.iter().all(|line| line["retry_mode"].is_string() == line["phase"].as_str().unwrap().starts_with("retry"))
    );

    let done = run.bench.run("patch", &run.bench.drive("dvd", plan), &["--speed", "2x", "--passes", "3"]);
    let run = Run { done, ..run };
    assert!(run.log()[log.len()..].iter().all(|line| line["retry_mode"] != "half speed"));
}

#[test]
fn no_drive_log_is_kept_when_none_is_wanted() {
    let run = with("bad 100 1 0", &["--no-drive-log"]).ends(3);
    assert!(run.log().is_empty() && !run.bench.path("out.iso.log.jsonl").exists());
}

#[test]
fn a_log_goes_aside_with_its_image() {
    let run = sweep("bad 100 1 0").ends(3);
    let done = run.bench.run("sweep", &run.bench.drive("dvd", ""), &["--restart"]);
    let run = Run { done, ..run }.ends(0).whole();
    assert!(run.log().is_empty() && run.bench.path("out.iso.log.jsonl.old").exists());
}

#[test]
fn ejecting_works_on_drives_and_is_told_elsewhere() {
    let run = with("", &["--eject"]).ends(0).whole();
    assert!(!run.done.stderr.contains("eject"), "{}", run.done.stderr);
    let image = run.bench.disc.to_str().unwrap().to_owned();
    let done = run.bench.run("sweep", &image, &["--restart", "--eject"]);
    Run { done, ..run }.ends(0).mentions("cannot be ejected");
}

#[test]
fn wishes_that_no_drive_understands_are_wrong_usage() {
    for option in [["--speed", "fast"], ["--drive-retries", "300"], ["--timeout", "0s"], ["--budget", "7"]] {
        let bench = Bench::new(16);
        let done = bench.run("sweep", &bench.drive("dvd", ""), &option);
        assert_eq!(done.code, Some(2), "{done:?}");
        assert!(!bench.out().exists());
    }
}
