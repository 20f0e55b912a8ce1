//! Places that a drive answers otherwise though it is well, and places where runs end: set aside, remembered, asked again.

use super::disc::{Bench, Disc, PATCH, SWEEP, set};
use crate::base::media::Sitting;
use crate::base::outcome::Fault;
use crate::imaging::{End, Error, Fresh, Job, Task};
use crate::mapfile::aside::Cause;

/// What a drive may say of one place.
const OF_A_PLACE: [Fault; 8] = [
    Fault::Busy,
    Fault::NoMedium,
    Fault::NotReady,
    Fault::OutOfRange,
    Fault::Transport,
    Fault::Unknown,
    Fault::Wedged,
    Fault::WrongTrack,
];

#[test]
fn an_answer_about_one_place_ends_no_run_and_everything_else_arrives() {
    for fault in OF_A_PLACE {
        let (bench, mut disc) = (Bench::new(), Disc::new(6400).with(&[(500, 510), (3200, 3216)], fault));
        let (swept, end) = bench.begun(SWEEP, &mut disc);
        assert!(matches!(end, End::Done) && !swept.complete, "{fault:?}: {end:?}");
        let (report, end) = bench.begun(PATCH, &mut disc);
        assert!(matches!(end, End::Done), "{fault:?}: {end:?}");
        // What a drive says of itself says nothing for the sectors before it.
        assert_eq!(bench.map(), "0-495+ 496-511? 512-3199+ 3200-3215? 3216-6399+", "{fault:?}");
        let places: Vec<_> = report.set_aside.iter().map(|place| (place.lba, place.sectors, place.cause)).collect();
        assert_eq!(places, [(496, 16, Cause::Answer), (3200, 16, Cause::Answer)], "{fault:?}");
        assert_eq!((report.failed_reads, report.totals.missing_bytes()), (0, 32 * 2048), "{fault:?}");
        assert!(!bench.state().contains("\"failed\""), "{fault:?}: {}", bench.state());
        bench.assert_no_false_claim(&disc);
        disc.faults.clear();
        let (report, _) = bench.begun(SWEEP, &mut disc);
        assert!(report.complete && report.set_aside.is_empty(), "{fault:?}: {report:?}");
    }
}

#[test]
fn the_first_sectors_of_a_disc_are_a_place_too() {
    for fault in OF_A_PLACE {
        let (bench, mut disc) = (Bench::new(), Disc::new(6400).with(&[(0, 16)], fault));
        let (_, end) = bench.begun(SWEEP, &mut disc);
        assert!(matches!(end, End::Done), "{fault:?}: {end:?}");
        let (_, end) = bench.begun(PATCH, &mut disc);
        assert!(matches!(end, End::Done), "{fault:?}: {end:?}");
        assert_eq!(bench.map(), "0-15? 16-6399+", "{fault:?}");
    }
}

#[test]
fn a_place_at_which_a_run_ends_is_left_for_last_by_the_next_one() {
    for fault in OF_A_PLACE {
        let (bench, mut disc) = (Bench::new(), Disc::new(6400).with(&[(500, 510)], fault));
        disc.well = false;
        let (report, end) = bench.begun(SWEEP, &mut disc);
        // Firmware that answers wrong commands is judged by what it reads, and it reads.
        if fault == Fault::Wedged {
            assert!(matches!(end, End::Done), "{end:?}");
            continue;
        }
        assert!(matches!(end, End::Fault { fault: found, .. } if found == fault), "{fault:?}: {end:?}");
        assert_eq!(report.set_aside.first().map(|place| place.cause), Some(Cause::RunEnded), "{fault:?}");
        // It ends there once more, when everything else is home; from then on it is left alone.
        let (_, end) = bench.begun(SWEEP, &mut disc);
        assert!(matches!(end, End::Fault { .. }), "{fault:?}: {end:?}");
        assert_eq!(bench.map(), "0-495+ 496-559? 560-6399+", "{fault:?}");
        for task in [SWEEP, PATCH] {
            let (report, end) = bench.begun(task, &mut disc);
            assert!(matches!(end, End::Done) && !report.complete, "{fault:?}: {end:?}");
        }
        assert_eq!(bench.map(), "0-495+ 496-511? 512-6399+", "{fault:?}");
    }
}

#[test]
fn finish_calls_no_place_bad_that_the_drive_only_answers_otherwise() {
    let (bench, mut disc) = (Bench::new(), Disc::new(1600).with(&[(320, 336)], Fault::NotReady));
    disc = disc.with(&[(960, 976)], Fault::Damage);
    let _ = bench.begun(SWEEP, &mut disc);
    let _ = bench.begun(Task::Patch { passes: 1, finish: true, thorough: false }, &mut disc);
    assert_eq!(bench.map(), "0-319+ 320-335? 336-959+ 960-975- 976-1599+");
}

#[test]
fn what_was_remembered_is_tried_first_when_the_disc_lies_elsewhere_or_a_person_says_so() {
    let sitting = |drive: &str, since: &str| Some(Sitting { drive: drive.into(), since: Some(since.into()) });
    let cases = [
        (sitting("A", "1"), false, None),
        (sitting("B", "1"), false, Some(Fresh::OtherDrive)),
        (sitting("A", "2"), false, Some(Fresh::TakenOut)),
        (sitting("A", "1"), true, Some(Fresh::Asked)),
        (None, true, Some(Fresh::Asked)),
    ];
    for (now, fresh, why) in cases {
        let (mut bench, mut disc) = (Bench::new(), Disc::new(6400).with(&[(496, 512), (3200, 3216)], Fault::NotReady));
        disc.sitting = sitting("A", "1");
        let _ = bench.begun(SWEEP, &mut disc);
        let _ = bench.begun(PATCH, &mut disc);
        // Cleaning has helped in one place.
        disc.faults.clear();
        disc = disc.with(&[(3200, 3216)], Fault::NotReady);
        disc.sitting = now;
        bench.job = Job { fresh, ..bench.job.clone() };
        let (report, _) = bench.begun(PATCH, &mut disc);
        assert_eq!(bench.map(), "0-3199+ 3200-3215? 3216-6399+");
        let told = report.tried_again.map(|tried| (tried.why, tried.attempts, tried.worked, tried.sectors));
        assert_eq!(told, why.map(|why| (why, 2, 1, 16)));
    }
}

#[test]
fn a_span_in_which_the_rule_had_stopped_is_read_when_its_middle_comes() {
    let (mut bench, mut disc) = (Bench::new(), Disc::new(16 * 400).with(&[(1600, 3200)], Fault::Damage));
    let _ = bench.begun(SWEEP, &mut disc);
    let (report, _) = bench.begun(PATCH, &mut disc);
    let stopped = report.forecast.unwrap().abandoned;
    assert_eq!(stopped.len(), 1, "{stopped:?}");
    disc.faults.clear();
    let (report, _) = bench.begun(PATCH, &mut disc);
    assert!(!report.complete, "the rule goes by what failed before");
    bench.job.fresh = true;
    let (report, end) = bench.begun(PATCH, &mut disc);
    assert!(matches!(end, End::Done) && report.complete, "{}", bench.map());
    assert_eq!(report.tried_again.map(|tried| (tried.attempts, tried.worked)), Some((1, 1)));
}

/// A disc of which the head of a damaged unit comes once: what came so waits for a second read, which does not come.
fn comes_once(bench: &Bench) -> Disc {
    let cancel = bench.cancel.clone();
    // Whoever asks for ever is told to stop.
    let disc = Disc::new(6400).before_each_read(move |read| {
        if read == 20_000 {
            cancel.raise();
        }
    });
    let mut disc = disc.with(&[(504, 512)], Fault::Damage);
    disc.once = Some((set(&[(496, 504)]), Fault::NotReady));
    disc
}

#[test]
fn what_does_not_come_a_second_time_is_set_aside_and_not_asked_for_without_end() {
    let bench = Bench::new();
    let mut disc = comes_once(&bench);
    for task in [SWEEP, PATCH, PATCH] {
        let (report, end) = bench.begun(task, &mut disc);
        assert!(matches!(end, End::Done) && !report.complete, "{task:?}: {end:?}");
        let places: Vec<_> = report.set_aside.iter().map(|place| (place.lba, place.sectors)).collect();
        assert_eq!(places, [(496, 8)], "{task:?}: {}", bench.map());
    }
    bench.assert_no_false_claim(&disc);
}

#[test]
fn a_run_that_ends_at_a_second_read_remembers_the_place() {
    let bench = Bench::new();
    let mut disc = comes_once(&bench);
    disc.well = false;
    let (report, end) = bench.begun(SWEEP, &mut disc);
    assert!(matches!(end, End::Fault { fault: Fault::NotReady, .. }), "{end:?}");
    let places: Vec<_> = report.set_aside.iter().map(|place| (place.lba, place.sectors, place.cause)).collect();
    // The units of all that waited, since nobody knows which of it the answer was about.
    assert_eq!(places, [(448, 64, Cause::RunEnded)], "{}", bench.map());
    bench.assert_no_false_claim(&disc);
}

#[test]
fn what_no_command_has_asked_for_stays_set_aside() {
    let (mut bench, mut disc) = (Bench::new(), Disc::new(6400).with(&[(448, 512)], Fault::NotReady));
    let _ = bench.begun(SWEEP, &mut disc);
    assert!(bench.state().contains("\"start\":448,\"sectors\":64"), "{}", bench.state());
    // The first attempt asks for all of it, and meets damage in the first of four commands.
    disc.faults.clear();
    disc = disc.with(&[(450, 464)], Fault::Damage).with(&[(464, 512)], Fault::NotReady);
    disc.command = 16;
    let cancel = bench.cancel.clone();
    let reads = disc.reads;
    disc.hook = Some(Box::new(move |read| {
        if read > reads + 8 {
            cancel.raise();
        }
    }));
    bench.job.fresh = true;
    let (report, _) = bench.begun(PATCH, &mut disc);
    let places: Vec<_> = report.set_aside.iter().map(|place| (place.lba, place.sectors)).collect();
    assert_eq!(places, [(464, 48)], "{}", bench.map());
}

#[test]
fn what_no_command_has_asked_for_is_not_set_aside() {
    for (well, cause) in [(false, Cause::RunEnded), (true, Cause::Answer)] {
        // The second of the four commands of a read is answered so, the first one always, and no more is asked for.
        let (bench, mut disc) = (Bench::new(), Disc::new(6400).with(&[(464, 480)], Fault::NotReady));
        (disc.well, disc.command) = (well, 16);
        let cancel = bench.cancel.clone();
        disc.hook = Some(Box::new(move |read| {
            // Before anything is asked for again.
            if read == 60 {
                cancel.raise();
            }
        }));
        let (report, _) = bench.begun(SWEEP, &mut disc);
        let places: Vec<_> = report.set_aside.iter().map(|place| (place.lba, place.sectors, place.cause)).collect();
        assert_eq!(places, [(448, 32, cause)], "{}", bench.map());
        bench.assert_no_false_claim(&disc);
    }
}

#[test]
fn first_attempts_that_a_run_does_not_come_to_are_made_by_the_next() {
    let (bench, mut disc) = (Bench::new(), Disc::new(6400).with(&[(496, 512), (3200, 3216)], Fault::NotReady));
    let sitting = |drive: &str| Some(Sitting { drive: drive.into(), since: None });
    disc.sitting = sitting("A");
    let _ = bench.begun(SWEEP, &mut disc);
    let _ = bench.begun(PATCH, &mut disc);
    // In the other drive the first place ends the run.
    disc.sitting = sitting("B");
    disc.well = false;
    let (report, end) = bench.begun(PATCH, &mut disc);
    assert!(matches!(end, End::Fault { .. }), "{end:?}");
    let told = |report: &crate::imaging::Report| report.tried_again.map(|told| (told.why, told.attempts, told.left));
    assert_eq!(told(&report), Some((Fresh::OtherDrive, 1, 1)));
    // The next run begins with the other place, and not with the one that has ended a run.
    disc.well = true;
    let (report, end) = bench.begun(PATCH, &mut disc);
    assert!(matches!(end, End::Done), "{end:?}");
    assert_eq!(told(&report), Some((Fresh::Unfinished, 1, 0)));
    let (report, _) = bench.begun(PATCH, &mut disc);
    assert_eq!(told(&report), None);
}

#[test]
fn spans_are_asked_for_first_by_the_first_patch_that_sees_the_disc_elsewhere() {
    let (mut bench, mut disc) = (Bench::new(), Disc::new(16 * 400).with(&[(1600, 3200)], Fault::Damage));
    let sitting = |drive: &str| Some(Sitting { drive: drive.into(), since: None });
    disc.sitting = sitting("A");
    let _ = bench.begun(SWEEP, &mut disc);
    let _ = bench.begun(PATCH, &mut disc);
    disc.sitting = sitting("B");
    disc.faults.clear();
    // A sweep knows of no spans, and this one reads nothing of them.
    bench.job.only = set(&[(0, 16)]);
    let _ = bench.begun(SWEEP, &mut disc);
    bench.job.only = set(&[]);
    let (report, _) = bench.begun(PATCH, &mut disc);
    assert_eq!(report.tried_again.map(|told| (told.why, told.worked)), Some((Fresh::Unfinished, 1)));
    assert!(report.complete, "{}", bench.map());
}

#[test]
fn time_for_asking_again_is_not_spent_by_the_order_of_reads_and_what_it_does_not_suffice_for_is_told() {
    let places: Vec<(u64, u64)> = (1..=80).map(|i| (i * 4096, i * 4096 + 16)).collect();
    let (bench, mut disc) = (Bench::new(), Disc::new(82 * 4096).with(&places, Fault::Transport));
    disc.fault_seconds = 30.0;
    let (report, end) = bench.begun(SWEEP, &mut disc);
    assert!(matches!(end, End::Done) && report.not_asked_again > 0, "{end:?}");
    let asked_once = |bench: &Bench| bench.state().matches("\"attempts\":1,").count();
    let left = asked_once(&bench);
    assert!((1..80).contains(&left), "{left} were not asked for again");
    assert!(report.not_asked_again >= 16 * left as u64);
    // The next run begins with them.
    let _ = bench.begun(SWEEP, &mut disc);
    assert_eq!(asked_once(&bench), 0);
}

#[test]
fn what_a_run_ends_at_is_left_for_last_also_where_it_was_damage_before() {
    let (bench, mut disc) = (Bench::new(), Disc::new(6400).with(&[(800, 816), (3200, 3216)], Fault::Damage));
    let _ = bench.begun(SWEEP, &mut disc);
    let _ = bench.begun(PATCH, &mut disc);
    disc.faults.clear();
    disc = disc.with(&[(800, 816)], Fault::NotReady);
    disc.well = false;
    let (_, end) = bench.begun(PATCH, &mut disc);
    assert!(matches!(end, End::Fault { .. }), "{end:?}");
    // It is asked for once more when all else is done, and not again after that.
    let (_, end) = bench.begun(PATCH, &mut disc);
    assert!(matches!(end, End::Fault { .. }), "{end:?}");
    assert_eq!(bench.map(), "0-799+ 800-800/ 801-815* 816-6399+");
    let (report, end) = bench.begun(PATCH, &mut disc);
    assert!(matches!(end, End::Done) && !report.complete, "{end:?}");
}

#[test]
fn places_that_were_read_and_are_answered_otherwise_now_keep_no_run_from_going_on() {
    let (bench, mut disc) = (Bench::new(), Disc::new(6400).with(&[(5000, 5016)], Fault::Damage));
    let _ = bench.begun(SWEEP, &mut disc);
    // Places that are compared: sector 16 is equal, and all behind it are refused.
    disc.faults.clear();
    let mut disc = disc.with(&[(17, 4900)], Fault::NotReady);
    let (report, end) = bench.begun(PATCH, &mut disc);
    assert!(matches!(end, End::Done) && report.complete, "{end:?}");
    // A drive that says so of all of them is not asked on.
    disc.faults.clear();
    let mut disc = disc.with(&[(0, 6400)], Fault::NotReady);
    assert!(matches!(bench.run(PATCH, &mut disc), Err(Error::Source { fault: Fault::NotReady, .. })));
}

#[test]
fn what_lies_elsewhere_than_a_fresh_look_reaches_is_asked_for_first_later() {
    let (mut bench, mut disc) = (Bench::new(), Disc::new(6400).with(&[(496, 512), (3200, 3216)], Fault::NotReady));
    let sitting = |drive: &str| Some(Sitting { drive: drive.into(), since: None });
    disc.sitting = sitting("A");
    let _ = bench.begun(SWEEP, &mut disc);
    disc.sitting = sitting("B");
    for (fresh, why) in [(true, Fresh::Asked), (false, Fresh::Unfinished)] {
        bench.job = Job { fresh, only: if fresh { set(&[(496, 512)]) } else { set(&[]) }, ..bench.job.clone() };
        let (report, _) = bench.begun(PATCH, &mut disc);
        let told = report.tried_again.map(|told| (told.why, told.attempts, told.left));
        assert_eq!(told, Some((why, 1, 0)));
    }
}
