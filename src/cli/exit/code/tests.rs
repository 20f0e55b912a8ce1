use super::*;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::imaging;

#[test]
fn every_fault_has_its_exit_code() {
    let codes = |faults: &[Fault]| faults.iter().map(|fault| fault.exit().code()).collect::<Vec<_>>();
    assert_eq!(codes(&[Fault::NoMedium, Fault::NotReady, Fault::Incompatible, Fault::Busy, Fault::Gone]), [4; 5]);
    assert_eq!(codes(&[Fault::Wedged, Fault::Transport, Fault::Offline, Fault::SettingsLost]), [7; 4]);
    assert_eq!(codes(&[Fault::Protected, Fault::Region]), [6; 2]);
    assert_eq!(codes(&[Fault::MediumChanged]), [5]);
    assert_eq!(codes(&[Fault::OutOfRange, Fault::WrongTrack, Fault::Unsent, Fault::Residue, Fault::Unknown]), [1; 5]);
}

#[test]
fn a_drive_that_stops_answering_while_the_disc_is_compared_is_no_wrong_disc() {
    let exit = |fault| {
        let outcome = Box::new(Outcome::failed(0, fault, 0.1));
        let range = SectorRange::new(16, 17);
        imaging::Error::Source { source_name: "/dev/sr0".into(), fault, range, outcome }.exit().code()
    };
    let faults = [Fault::NoMedium, Fault::Gone, Fault::Transport, Fault::Wedged, Fault::Protected];
    assert_eq!(faults.map(exit), [4, 4, 7, 7, 6]);
}

#[test]
fn a_batch_ends_as_the_worst_of_its_discs_did() {
    let order = [130, 1, 7, 5, 4, 6, 2, 3, 0];
    let all = [
        Exit::Complete,
        Exit::Missing,
        Exit::Usage,
        Exit::Protected,
        Exit::NotReady,
        Exit::WrongDisc,
        Exit::Wedged,
        Exit::Failed,
        Exit::Stopped,
    ];
    for count in 1..=all.len() {
        let worst = Exit::worst(all.into_iter().take(count));
        assert_eq!(worst.code(), order[all.len() - count]);
    }
    assert_eq!(Exit::worst([]).code(), 0);
}

#[test]
fn a_rip_ends_as_its_worst_step_did() {
    let ended = |fault| Trouble::Ended {
        task: imaging::Task::Sweep { restart: false },
        from: "x".into(),
        end: End::Fault { fault, range: SectorRange::new(0, 1), outcome: Outcome::failed(0, fault, 0.1) },
    };
    let missing = || Some(imaging::Report { complete: false, ..imaging::Report::default() });
    let code = |ripped: Ripped| Exit::of_rip(&ripped).code();
    assert_eq!(code(Ripped { sweep: missing(), ..Ripped::of("x") }), 3);
    let wedged = vec![ended(Fault::Wedged)];
    assert_eq!(code(Ripped { sweep: missing(), troubles: wedged, ..Ripped::of("x") }), 7);
    let two = vec![ended(Fault::MediumChanged), Trouble::Stopped];
    assert_eq!(code(Ripped { troubles: two, ..Ripped::of("x") }), 130);
    assert_eq!(code(Ripped { skipped: true, earlier: Some(3), ..Ripped::of("x") }), 3);
    assert_eq!(code(Ripped { skipped: true, earlier: Some(0), ..Ripped::of("x") }), 0);
}

#[test]
fn a_run_that_was_ended_early_is_complete_only_when_nothing_is_missing() {
    let limit = || End::Limit(imaging::Limit::MaxErrors(3));
    assert_eq!([End::Done, limit()].map(|end| Exit::of_imaging(&end, true).code()), [0; 2]);
    assert_eq!([End::Done, limit()].map(|end| Exit::of_imaging(&end, false).code()), [3; 2]);
    assert_eq!(Exit::of_imaging(&End::Stopped, true).code(), 130);
    let damage = |fault| End::Fault { fault, range: SectorRange::new(0, 1), outcome: Outcome::failed(0, fault, 0.1) };
    assert_eq!(Exit::of_imaging(&damage(Fault::Protected), false).code(), 6);
}
