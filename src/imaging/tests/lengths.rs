//! Discs that were written further, or that end elsewhere, than a map says.

use super::disc::{Bench, Disc, SWEEP};
use crate::base::event::Event;
use crate::base::media::Sitting;
use crate::base::outcome::Fault;
use crate::base::sector::SectorRange;
use crate::base::sector::tract::TractKind;
use crate::imaging::{End, Error, Fresh, Job};

#[test]
fn what_was_written_since_is_missing_until_it_was_read() {
    let (bench, mut disc) = (Bench::new(), Disc::new(6400).with_data(&[(0, 3200)]));
    disc.left_out.insert(SectorRange::new(3200, 6400), TractKind::Unwritten);
    let (report, _) = bench.begun(SWEEP, &mut disc);
    assert!(report.complete && bench.map_text().contains("sectors 3200-6399, unwritten"), "{report:?}");
    // Now it is written to its end, and the run is stopped before it comes there.
    let mut disc = Disc::new(6400);
    let cancel = bench.cancel.clone();
    disc.hook = Some(Box::new(move |read| {
        if read == 10 {
            cancel.raise();
        }
    }));
    let (report, end) = bench.begun(SWEEP, &mut disc);
    assert!(matches!(end, End::Stopped) && !report.complete && report.left_out.is_empty(), "{end:?}: {report:?}");
    let rescued = report.totals.rescued_bytes;
    assert_eq!(report.totals.missing_bytes(), 6400 * 2048 - rescued);
    assert!(!bench.map_text().contains("unwritten"), "{}", bench.map_text());
}

/// An image of which the first 640 of 6400 sectors were read.
fn begun() -> Bench {
    let bench = Bench::new();
    let cancel = bench.cancel.clone();
    let mut disc = Disc::new(6400).before_each_read(move |read| {
        if read == 9 {
            cancel.raise();
        }
    });
    let (_, end) = bench.begun(SWEEP, &mut disc);
    assert!(matches!(end, End::Stopped), "{end:?}");
    assert_eq!(bench.map(), "0-639+ 640-6399?");
    Bench { cancel: Default::default(), ..bench }
}

#[test]
fn the_map_of_a_disc_that_is_known_to_be_longer_is_not_cut_unasked() {
    let mut bench = begun();
    let refused = bench.run(SWEEP, &mut Disc::new(3200)).unwrap_err();
    assert!(matches!(refused, Error::WrongDisc { .. }), "{refused:?}");
    assert_eq!(bench.map(), "0-639+ 640-6399?");
    bench.job = Job { force: true, ..bench.job.clone() };
    let (report, _) = bench.begun(SWEEP, &mut Disc::new(3200));
    assert!(report.complete && report.sectors == 3200, "{report:?}");
}

#[test]
fn a_map_that_is_cut_is_told() {
    let cut = |bench: &Bench| {
        let heard = bench.heard.0.lock().unwrap();
        heard.iter().any(|event| matches!(event, Event::Warning(text) if text.contains("is cut")))
    };
    let bench = begun();
    // Nobody says which disc the map is of.
    std::fs::remove_file(bench.path("out.iso.map.state")).unwrap();
    let (report, _) = bench.begun(SWEEP, &mut Disc::new(3200));
    assert!(report.complete && report.sectors == 3200 && cut(&bench), "{report:?}");
    // Drives differ by some sectors, and nobody needs to hear of it.
    let bench = begun();
    let (report, _) = bench.begun(SWEEP, &mut Disc::new(6390));
    assert!(report.complete && report.sectors == 6390 && !cut(&bench), "{report:?}");
}

#[test]
fn what_a_map_calls_behind_the_end_is_no_part_of_its_disc() {
    let bench = begun();
    let text = bench.map_text().replacen("# Start", "# Left out: sectors 3190-6399, past_end\n# Start", 1);
    std::fs::write(bench.path("out.iso.map"), text).unwrap();
    let (report, _) = bench.begun(SWEEP, &mut Disc::new(3200));
    assert!(report.complete && report.sectors == 3200, "{report:?}");
    // It may be wrong about that.
    let bench = begun();
    let text = bench.map_text().replacen("# Start", "# Left out: sectors 700-6399, past_end\n# Start", 1);
    std::fs::write(bench.path("out.iso.map"), text).unwrap();
    let (report, _) = bench.begun(SWEEP, &mut Disc::new(3200));
    assert!(report.complete && report.sectors == 3200, "{report:?}");
}

#[test]
fn what_another_drive_has_read_of_a_gap_is_not_compared() {
    let (bench, mut disc) = (Bench::new(), Disc::new(6400));
    let _ = bench.begun(SWEEP, &mut disc);
    let mut disc = Disc::new(6400).with_data(&[(0, 1000), (6000, 6400)]).with(&[(1000, 6000)], Fault::WrongTrack);
    disc.left_out.insert(SectorRange::new(1000, 6000), TractKind::SessionGap);
    let (report, end) = bench.begun(SWEEP, &mut disc);
    assert!(matches!(end, End::Done) && report.complete, "{end:?}");
}

#[test]
fn what_was_rescued_of_a_tract_is_no_tract_in_map_and_sidecar() {
    let bench = Bench::new();
    let mut disc = Disc::new(6400).with_data(&[(0, 1000), (6000, 6400)]);
    disc.left_out.insert(SectorRange::new(1000, 6000), TractKind::NotData);
    let _ = bench.begun(SWEEP, &mut disc);
    assert!(bench.map_text().contains("Left out") && bench.state().contains("left_out"));
    let (report, _) = bench.begun(SWEEP, &mut Disc::new(6400));
    assert!(report.complete && report.left_out.is_empty(), "{report:?}");
    assert!(!bench.map_text().contains("Left out") && !bench.state().contains("left_out"), "{}", bench.map_text());
}

#[test]
fn what_was_given_up_is_asked_for_first_in_a_drive_that_counts_other_sectors() {
    let sitting = |drive: &str| Some(Sitting { drive: drive.into(), since: None });
    for sectors in [6398, 6402] {
        let (bench, mut disc) = (Bench::new(), Disc::new(6400).with(&[(3200, 3216)], Fault::NotReady));
        disc.sitting = sitting("A");
        let _ = bench.begun(SWEEP, &mut disc);
        let mut disc = Disc::new(sectors);
        disc.sitting = sitting("B");
        let (report, _) = bench.begun(SWEEP, &mut disc);
        let told = report.tried_again.map(|told| (told.why, told.attempts, told.worked));
        assert_eq!(told, Some((Fresh::OtherDrive, 1, 1)), "{sectors}");
    }
}
