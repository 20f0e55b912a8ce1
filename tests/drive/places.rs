//! Many places that a drive answers otherwise though it is well: time is bounded, and everything else comes home.

use super::*;

/// Sweeps and patches a DVD of this many units; the reports of both.
fn rescue(units: usize, plan: &str) -> (Run, [serde_json::Value; 2]) {
    let bench = Bench::new(16 * units);
    let done = bench.run("sweep", &bench.drive("dvd", plan), &[]);
    let run = Run { bench, done }.ends(3).fails_within(0..0);
    let swept = run.report();
    let run = run.patch(plan).ends(3).fails_within(0..0);
    let patched = run.report();
    (run, [swept, patched])
}

fn hours(report: &serde_json::Value) -> f64 {
    report["drive_seconds"].as_f64().unwrap() / 3600.0
}

/// Units that are not all there.
fn missing(run: &Run) -> Vec<usize> {
    let map: Vec<char> = run.bench.map().chars().collect();
    map.chunks(16).enumerate().filter(|(_, unit)| unit.iter().any(|s| *s != '+')).map(|(at, _)| at).collect()
}

#[test]
fn a_hundred_places_that_are_never_answered_cost_no_more_than_that() {
    // A failure that takes longer than any time limit is none that anybody hears of.
    let places: Vec<usize> = (0..100).map(|i| 30 + 19 * i).collect();
    let plan: String = places.iter().map(|at| format!("bad {at} 1 0\n")).collect();
    let (run, reports) = rescue(2000, &format!("{plan}bad_s 1000\n"));
    assert_eq!(missing(&run), places);
    assert!(reports.iter().all(|report| hours(report) < 1.6), "{:?}", reports.map(|report| hours(&report)));
}

#[test]
fn a_stretch_that_is_never_answered_is_left_soon() {
    let (run, reports) = rescue(2000, "bad 700 400 0\nbad_s 1000\n");
    let missing = missing(&run);
    // Beside sound units every unit was asked for.
    assert_eq!((missing.first(), missing.last()), (Some(&700), Some(&1099)));
    assert!(reports.iter().all(|report| hours(report) < 1.0), "{:?}", reports.map(|report| hours(&report)));
}

#[test]
fn a_stretch_that_is_answered_at_once_costs_minutes() {
    for answer in ["02/04/01", "05/24/00", "09/80/00", "0B/47/00", "status:08", "host:07"] {
        let (run, reports) = rescue(2000, &format!("answer 700 400 {answer}\n"));
        let missing = missing(&run);
        assert_eq!((missing.first(), missing.last()), (Some(&700), Some(&1099)), "{answer}");
        assert!(reports.iter().all(|r| hours(r) < 0.2), "{answer}: {:?}", reports.map(|report| hours(&report)));
    }
}

#[test]
fn damage_beside_a_place_is_damage_and_nothing_else_is() {
    let plan = "answer 300 2 02/04/01\nbad 302 3 0\nbad 340 1 0\n";
    let run = sweep(plan).ends(3).patch(plan).ends(3).fails_within(302..341);
    let map = run.bench.map();
    assert!(map[300 * 16..302 * 16].chars().all(|status| status == '?'), "{map}");
    assert!(map[302 * 16..305 * 16].chars().all(|status| "*/".contains(status)), "{map}");
}

#[test]
fn a_limit_that_a_person_set_is_kept() {
    let plan: String = (0..12).map(|i| format!("bad {} 1 0\n", 30 + 19 * i)).collect();
    let bench = Bench::new(16 * 400);
    let done = bench.run("sweep", &bench.drive("dvd", &format!("{plan}bad_s 1000\n")), &["--timeout", "20s"]);
    let run = Run { bench, done }.ends(3);
    let limits: Vec<u64> =
        run.log().iter().filter(|l| l["host_status"] == 3).map(|l| l["ms"].as_u64().unwrap()).collect();
    assert!(limits.len() > 12 && limits.iter().all(|ms| *ms >= 20_000), "{limits:?}");
}
