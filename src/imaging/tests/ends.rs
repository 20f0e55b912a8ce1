//! How runs end, and what they leave behind.

use super::disc::{Bench, Disc, PATCH, SWEEP, set};
use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events};
use crate::base::outcome::Fault;
use crate::imaging::{End, Error, Task, run};
use crate::source::Input;

#[test]
fn a_sound_disc_is_complete() {
    let (bench, mut disc) = (Bench::new(), Disc::new(1000));
    let (report, end) = bench.begun(SWEEP, &mut disc);
    assert!(matches!(end, End::Done) && report.complete && report.chosen_complete, "{report:?}");
    assert_eq!(report.totals.rescued_bytes, 1000 * 2048);
    assert_eq!(bench.map(), "0-999+");
    bench.assert_no_false_claim(&disc);
    let heard = bench.heard.0.lock().unwrap();
    assert!(heard.contains(&Event::Phase("sweep".into())));
    let Some(Event::Progress(last)) = heard.last() else { panic!("{heard:?}") };
    assert_eq!((last.rescued_bytes, last.total_bytes), (1000 * 2048, 1000 * 2048));
}

#[test]
fn damage_is_damage_and_the_rest_arrives() {
    let (bench, mut disc) = (Bench::new(), Disc::new(16 * 256).with(&[(800, 816), (1650, 1651)], Fault::Damage));
    let (swept, end) = bench.begun(SWEEP, &mut disc);
    assert!(matches!(end, End::Done) && !swept.complete && swept.failed_reads > 0);
    let (report, end) = bench.begun(PATCH, &mut disc);
    assert!(matches!(end, End::Done));
    assert_eq!(bench.map(), "0-799+ 800-800/ 801-815* 816-1649+ 1650-1650/ 1651-4095+");
    assert_eq!((report.missing_places, report.totals.missing_bytes()), (2, 17 * 2048));
    bench.assert_no_false_claim(&disc);
    assert!(bench.state().contains("\"failed\""));
}

/// What ends a run wherever it is said.
const ENDS: [Fault; 5] = [Fault::Gone, Fault::Incompatible, Fault::MediumChanged, Fault::Protected, Fault::Region];

#[test]
fn no_other_fault_ever_becomes_a_bad_sector() {
    for fault in ENDS {
        let (bench, mut disc) = (Bench::new(), Disc::new(1000).with(&[(500, 1000)], fault));
        let (report, end) = bench.begun(SWEEP, &mut disc);
        let End::Fault { fault: found, range, .. } = end else { panic!("{fault:?}: {end:?}") };
        assert!(found == fault && range.contains(500), "{fault:?}");
        assert_eq!(bench.map(), "0-447+ 448-999?", "{fault:?}");
        assert_eq!((report.failed_reads, report.protected), (0, fault == Fault::Protected));
        assert!(!bench.state().contains("\"failed\""), "{fault:?}: {}", bench.state());
        disc.faults.clear();
        let (report, end) = bench.begun(SWEEP, &mut disc);
        assert!(matches!(end, End::Done) && report.complete, "{fault:?}");
        bench.assert_no_false_claim(&disc);
    }
}

#[test]
fn a_fault_while_the_disc_is_compared_is_that_fault_and_changes_nothing() {
    let bench = Bench::new();
    let _ = bench.begun(SWEEP, &mut Disc::new(1000).with(&[(500, 1000)], Fault::Gone));
    let (map, image) = (bench.map_text(), std::fs::read(&bench.job.image).unwrap());
    for fault in [Fault::NoMedium, Fault::Transport, Fault::Protected] {
        let error = bench.run(SWEEP, &mut Disc::new(1000).with(&[(0, 1000)], fault)).unwrap_err();
        assert!(matches!(error, Error::Source { fault: found, .. } if found == fault), "{error:?}");
    }
    let unknown = bench.run(SWEEP, &mut Disc::new(1000).with(&[(0, 1000)], Fault::Damage)).unwrap_err();
    assert!(matches!(unknown, Error::UnknownDisc { .. }), "{unknown:?}");
    let other = bench.run(SWEEP, &mut Disc::new(1000).other()).unwrap_err();
    assert!(matches!(other, Error::WrongDisc { .. }), "{other:?}");
    bench.cancel.raise();
    let stopped = bench.run(SWEEP, &mut Disc::new(1000).other()).unwrap_err();
    assert!(matches!(stopped, Error::Stopped), "{stopped:?}");
    assert_eq!((map, image), (bench.map_text(), std::fs::read(&bench.job.image).unwrap()));
}

#[test]
fn a_wish_to_stop_ends_between_two_reads_and_saves() {
    let bench = Bench::new();
    let cancel = bench.cancel.clone();
    let mut disc = Disc::new(6400).before_each_read(move |read| {
        if read == 10 {
            cancel.raise();
        }
    });
    let (report, end) = bench.begun(SWEEP, &mut disc);
    assert!(matches!(end, End::Stopped), "{end:?}");
    assert_eq!((disc.reads, report.read_commands), (11, 11));
    assert_eq!(bench.map(), "0-703+ 704-6399?");
    assert_eq!(std::fs::metadata(&bench.job.image).unwrap().len(), 6400 * 2048);
    bench.assert_no_false_claim(&disc);
}

#[test]
fn a_drive_whose_wait_was_cut_short_was_stopped() {
    for fault in [Fault::NotReady, Fault::Busy, Fault::Transport] {
        let bench = Bench::new();
        let cancel = bench.cancel.clone();
        let mut disc = Disc::new(640).with(&[(320, 640)], fault).before_each_read(move |read| {
            if read == 5 {
                cancel.raise();
            }
        });
        let (_, end) = bench.begun(SWEEP, &mut disc);
        assert!(matches!(end, End::Stopped), "{fault:?}: {end:?}");
        assert_eq!(bench.map(), "0-319+ 320-639?");
    }
}

/// Raises its flag with the first notice.
struct StopAtNotice(Cancel);

impl Events for StopAtNotice {
    fn event(&self, event: Event) {
        if let Event::Notice(_) = event {
            self.0.raise();
        }
    }
}

#[test]
fn a_run_without_a_read_leaves_the_map_where_the_rescue_stood() {
    let bench = Bench::new();
    let cancel = bench.cancel.clone();
    let raise = move |read| {
        if read == 10 {
            cancel.raise();
        }
    };
    let _ = bench.begun(SWEEP, &mut Disc::new(6400).before_each_read(raise));
    let position = |text: &str| text.lines().find(|line| !line.starts_with('#')).unwrap().to_owned();
    let before = position(&bench.map_text());
    assert!(before.starts_with("0x00160000"), "{before}");
    // The notice comes behind the comparison and before the first read.
    let stop = StopAtNotice(Cancel::new());
    let (report, end) = run(&bench.job, Input::Drive(&mut Disc::new(6400)), &stop.0, &stop).unwrap();
    assert!(matches!(end, End::Stopped) && report.read_commands == 0, "{end:?}, {report:?}");
    assert_eq!(position(&bench.map_text()), before);
}

#[test]
fn unwritten_space_is_neither_missing_nor_damage() {
    let bench = Bench::new();
    let mut disc = Disc::new(1600).with(&[(640, 1600)], Fault::Blank);
    let (report, end) = bench.begun(SWEEP, &mut disc);
    assert!(matches!(end, End::Done) && report.complete, "{report:?}");
    assert_eq!((report.totals.rescued_bytes, report.totals.blank_bytes), (640 * 2048, 960 * 2048));
    let (report, _) = bench.begun(Task::Patch { passes: 1, finish: true, thorough: false }, &mut disc);
    assert!(report.complete, "{report:?}");
    assert_eq!(bench.map(), "0-639+ 640-1599?", "--finish ends the rescue of what is damaged");
}

#[test]
fn finish_turns_what_is_left_of_the_choice_into_bad() {
    let mut bench = Bench::new();
    let mut disc = Disc::new(1600).with(&[(320, 336), (960, 976)], Fault::Damage);
    let _ = bench.begun(SWEEP, &mut disc);
    bench.job.only = set(&[(0, 800)]);
    let _ = bench.begun(Task::Patch { passes: 1, finish: true, thorough: false }, &mut disc);
    let map = bench.map();
    assert!(map.starts_with("0-319+ 320-335- 336-"), "{map}");
    assert!(!map.contains("975-"), "{map}");
}

#[test]
fn marginal_sectors_are_good_and_remembered() {
    let bench = Bench::new();
    let mut disc = Disc::new(640);
    disc.recovered = set(&[(70, 71)]);
    let (report, _) = bench.begun(SWEEP, &mut disc);
    assert!(report.complete && report.failed_reads == 0);
    assert!(bench.state().contains("\"marginal\":{\"start\":64,\"sectors\":64}"), "{}", bench.state());
}

#[test]
fn audio_tracks_are_not_read_and_not_missing() {
    let bench = Bench::new();
    let mut disc = Disc::new(1000).with_data(&[(300, 1000)]).with(&[(0, 300)], Fault::WrongTrack);
    let (report, end) = bench.begun(SWEEP, &mut disc);
    assert!(matches!(end, End::Done) && report.complete, "{end:?}");
    assert_eq!((report.totals.rescued_bytes, report.totals.missing_bytes()), (700 * 2048, 0));
    assert_eq!(bench.map(), "0-299? 300-999+");
}
