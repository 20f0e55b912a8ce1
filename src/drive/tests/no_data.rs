//! Sectors that the drive says are not there, or not to be had as data: ends of discs, and tracts without data.

use super::reading::opened;
use super::*;
use crate::scsi::cdb::op;

#[test]
fn a_disc_that_ends_earlier_than_it_said_is_believed() {
    let (bench, mut drive) = opened(Media::Dvd, "");
    bench.script(op::READ_10, &[Answer::Sense(5, 0x21, 0)]);
    bench.script(op::READ_CAPACITY, &[Answer::Bytes(vec![0, 0, 0x10, 0, 0, 0, 8, 0])]);
    assert_eq!(read(&mut drive, 0x1000, 16).fault, Some(Fault::OutOfRange));
    assert_eq!(drive.facts().sectors, 0x1001);
}

/// A wrong size, and nothing that tells another.
const NOTHING_ELSE_TELLS: &str = "capacity 123457\nsaid format 123457\nno track-information";

#[test]
fn the_end_of_a_disc_that_is_smaller_than_the_drive_says_is_found() {
    let (bench, mut drive) = opened(Media::Dvd, NOTHING_ELSE_TELLS);
    assert_eq!(drive.facts().sectors, 123_457);
    assert_eq!(read(&mut drive, 99_984, 16).fault, None);
    assert_eq!(read(&mut drive, 99_984, 48).fault, Some(Fault::OutOfRange));
    assert_eq!(drive.facts().sectors, 100_000);
    assert!(bench.count(op::READ_10) < 30);
    let (_, mut drive) = opened(Media::Dvd, NOTHING_ELSE_TELLS);
    assert_eq!(read(&mut drive, 110_000, 16).fault, Some(Fault::OutOfRange));
    assert_eq!(drive.facts().sectors, 100_000);
}

#[test]
fn a_word_about_the_end_that_does_not_hold_changes_nothing() {
    for code in [0x21, 0x63] {
        let (bench, mut drive) = opened(Media::Dvd, "");
        assert_eq!(read(&mut drive, 96, 16).fault, None);
        bench.script(op::READ_10, &[Answer::Sense(5, code, 0)]);
        assert_eq!(read(&mut drive, 0, 16).fault, Some(Fault::OutOfRange));
        // Each sector of it was there by itself.
        assert_eq!((drive.facts().sectors, drive.left_out().is_empty()), (100_000, true));
        assert!(bench.count(op::READ_10) <= 20);
    }
}

#[test]
fn a_tract_without_data_is_found_by_its_edges() {
    for (answer, fault) in [("05/64/00", Fault::WrongTrack), ("05/21/00", Fault::OutOfRange)] {
        let (bench, mut drive) = opened(Media::Dvd, &format!("answer 100 300 {answer}"));
        assert_eq!(read(&mut drive, 1584, 32).fault, Some(fault));
        assert_eq!(drive.left_out().sectors().ranges(), [SectorRange::new(1600, 6400)]);
        assert_eq!((drive.facts().sectors, read(&mut drive, 1584, 16).fault), (100_000, None));
        assert!(bench.count(op::READ_10) < 120, "{}", bench.count(op::READ_10));
        // Found once, it is found again from its middle by whoever asks there.
        let (_, mut drive) = opened(Media::Dvd, &format!("answer 100 300 {answer}"));
        assert_eq!(read(&mut drive, 4000, 16).fault, Some(fault));
        assert_eq!(drive.left_out().sectors().ranges(), [SectorRange::new(1600, 6400)]);
    }
}

/// What firmware says, for good, that has no sector to give.
const NONE_THERE: [(u8, Fault); 3] = [(0x21, Fault::OutOfRange), (0x63, Fault::OutOfRange), (0x64, Fault::WrongTrack)];

#[test]
fn a_drive_that_says_of_what_it_has_read_that_it_is_not_there_is_stuck() {
    for (code, _) in NONE_THERE {
        let (bench, mut drive) = opened(Media::Dvd, "");
        assert_eq!(read(&mut drive, 0, 16).fault, None);
        assert_eq!(read(&mut drive, 5000, 16).fault, None);
        bench.script(op::READ_10, &vec![Answer::Sense(5, code, 0); 9000]);
        assert_eq!(read(&mut drive, 5016, 16).fault, Some(Fault::Wedged), "{code:02X}");
        assert_eq!((drive.facts().sectors, drive.left_out().is_empty()), (100_000, true), "{code:02X}");
        // Not one that has never read anything either.
        let (bench, mut drive) = opened(Media::Dvd, "");
        bench.script(op::READ_10, &vec![Answer::Sense(5, code, 0); 9000]);
        assert_eq!(read(&mut drive, 0, 16).fault, Some(Fault::Wedged), "{code:02X}");
        assert_eq!((drive.facts().sectors, drive.left_out().is_empty()), (100_000, true), "{code:02X}");
    }
}

#[test]
fn what_lies_in_the_cache_of_a_stuck_drive_proves_nothing() {
    for (code, _) in NONE_THERE {
        let (bench, mut drive) = opened(Media::Dvd, "");
        (0..4).for_each(|unit| assert_eq!(read(&mut drive, unit * 5000, 16).fault, None));
        // FUA is refused, and what was read last comes from the cache.
        let refused = Answer::Sense(5, 0x24, 0);
        bench.script(op::READ_10, &[Answer::Sense(5, code, 0), refused.clone(), Answer::Sense(5, code, 0)]);
        assert_eq!(read(&mut drive, 20_000, 16).fault, Some(Fault::Wedged), "{code:02X}");
        assert!(drive.left_out().is_empty());
    }
}

#[test]
fn without_a_place_that_reads_nothing_is_left_out() {
    for (code, fault) in NONE_THERE {
        // What was read is damaged now: that says nothing.
        let (bench, mut drive) = opened(Media::Dvd, "");
        assert_eq!(read(&mut drive, 0, 16).fault, None);
        let none = Answer::Sense(5, code, 0);
        bench.script(op::READ_10, &[none.clone(), Answer::Sense(3, 0x11, 0), Answer::Sense(3, 0x11, 0), none]);
        assert_eq!(read(&mut drive, 5000, 16).fault, Some(fault), "{code:02X}");
        assert_eq!((drive.facts().sectors, drive.left_out().is_empty()), (100_000, true), "{code:02X}");
    }
}

#[test]
fn run_out_blocks_of_a_recordable_cd_are_no_damage() {
    for (plan, expected) in [
        ("rewritable 1\nbads 99998 2 0", Some(Fault::Blank)),
        ("rewritable 1\nanswer 99998 2 05/64/00", Some(Fault::Blank)),
        ("rewritable 1", None),
        ("bads 99998 2 0", Some(Fault::Damage)),
    ] {
        let (_, mut drive) = opened(Media::Cd, plan);
        let outcome = read(&mut drive, 99_980, 20);
        assert_eq!((outcome.fault, outcome.sectors), (expected, if expected.is_none() { 20 } else { 18 }), "{plan}");
        assert_eq!(read(&mut drive, 99_998, 2).fault, expected, "{plan}");
    }
}
