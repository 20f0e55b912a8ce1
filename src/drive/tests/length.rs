//! Commands that are too long for the way to the drive, whatever it says.

use super::*;
use crate::scsi::cdb::op;

fn opened() -> (Bench, Drive) {
    let bench = Bench::new(Media::Dvd, 100_000, "");
    let drive = bench.open().unwrap();
    (bench, drive)
}

/// All the ways in which a command that is too long fails.
fn ways() -> [Answer; 8] {
    [
        Answer::Errno(libc::ENOMEM),
        Answer::Errno(libc::EINVAL),
        Answer::Errno(libc::EIO),
        Answer::Sense(5, 0x24, 0),
        Answer::Sense(5, 0x21, 0),
        Answer::Host(7),
        Answer::Status(2),
        Answer::AtMost(16),
    ]
}

/// Reads a part of the disc as a sweep does, and what a read leaves once more. Whether all of it came.
fn read_through(drive: &mut Drive, sectors: u64) -> bool {
    let mut at = 0;
    while at < sectors {
        let outcome = read(drive, at, 48.min(sectors - at));
        if outcome.fault.is_some() && !outcome.short {
            return false;
        }
        at += outcome.sectors;
    }
    true
}

#[test]
fn commands_that_are_too_long_become_shorter_and_stay_so() {
    for answer in ways() {
        let (bench, mut drive) = opened();
        bench.limit(16, answer.clone());
        assert!(read_through(&mut drive, 480), "{answer:?}");
        assert_eq!(drive.longest_command(), Some(16), "{answer:?}");
        let before = bench.lengths().len();
        assert_eq!(read(&mut drive, 4800, 48).fault, None);
        assert_eq!(bench.lengths()[before..], [16; 3], "{answer:?}");
        assert!(bench.seconds() < 120, "{answer:?}: {} s", bench.seconds());
    }
}

#[test]
fn a_way_that_takes_less_than_a_unit_is_found_out_too() {
    for most in [1, 2, 4, 8] {
        let (bench, mut drive) = opened();
        bench.limit(most, Answer::Sense(5, 0x24, 0));
        assert!(read_through(&mut drive, 96));
        assert_eq!(drive.longest_command(), Some(most));
    }
}

#[test]
fn a_length_that_worked_before_is_blamed_when_it_fails_everywhere() {
    for answer in ways() {
        let (bench, mut drive) = opened();
        assert!(read_through(&mut drive, 480));
        bench.limit(16, answer.clone());
        // What the first failure says is that the drive is stuck, or that the disc ends here; who asks again is told better.
        let came = (0..8).any(|_| read(&mut drive, 480, 48).fault.is_none());
        assert!(came && drive.longest_command() == Some(16), "{answer:?}");
    }
}

#[test]
fn a_place_that_answers_so_is_not_taken_for_a_length() {
    for answer in ["05/24/00", "host:07", "status:02", "05/21/00"] {
        let bench = Bench::new(Media::Dvd, 100_000, &format!("answer 6 1 {answer}"));
        let mut drive = bench.open().unwrap();
        assert_eq!(read(&mut drive, 0, 48).fault, None);
        for _ in 0..3 {
            assert!(read(&mut drive, 96, 48).fault.is_some());
        }
        assert_eq!(drive.longest_command(), None, "{answer}");
        assert_eq!(read(&mut drive, 144, 48).fault, None);
        assert_eq!(bench.lengths().last(), Some(&48));
    }
    // A place that is cut short again and again, while longer commands work elsewhere.
    let bench = Bench::new(Media::Dvd, 100_000, "short 6 1 5");
    let mut drive = bench.open().unwrap();
    assert_eq!(read(&mut drive, 0, 48).fault, None);
    (0..9).for_each(|_| assert!(read(&mut drive, 96, 48).short));
    assert_eq!(drive.longest_command(), None);
}

#[test]
fn what_was_known_is_tried_once_more_and_forgotten_when_it_works() {
    let (bench, mut drive) = opened();
    drive.set_longest_command(Some(16));
    assert_eq!(read(&mut drive, 0, 48).fault, None);
    assert_eq!(bench.lengths(), [16, 16, 16, 48]);
    assert_eq!(drive.longest_command(), None);
    assert_eq!(read(&mut drive, 48, 48).fault, None);
    assert_eq!(bench.lengths().last(), Some(&48));
    let (bench, mut drive) = opened();
    bench.limit(16, Answer::Sense(5, 0x24, 0));
    drive.set_longest_command(Some(16));
    assert!(read_through(&mut drive, 480));
    assert_eq!(bench.lengths().iter().filter(|length| **length > 16).count(), 1);
    assert_eq!(drive.longest_command(), Some(16));
}

#[test]
fn a_read_in_pieces_ends_where_a_piece_fails() {
    let bench = Bench::new(Media::Dvd, 100_000, "bad 2 1 0\nrecovered 0 1");
    let mut drive = bench.open().unwrap();
    drive.set_longest_command(Some(16));
    let outcome = read(&mut drive, 0, 48);
    assert_eq!((outcome.sectors, outcome.fault, outcome.recovered), (32, Some(Fault::Damage), true));
    assert_eq!((outcome.sense, outcome.information), (Some(Sense::new(3, 0x11, 0)), Some(32)));
    assert!(outcome.seconds > 3.0);
}

#[test]
fn a_bridge_that_claims_a_residue_on_every_read_is_recognised() {
    for residue in [13, 2048, 2049] {
        let (bench, mut drive) = opened();
        bench.limit(0, Answer::Short(residue));
        let faults: Vec<_> = (0..4).map(|n| read(&mut drive, 48 * n, 48).fault).collect();
        assert_eq!(faults.last(), Some(&Some(Fault::Residue)), "{residue}: {faults:?}");
        assert!(bench.lengths().len() < 10);
    }
    // Not one that tells the truth about some places.
    let bench = Bench::new(Media::Dvd, 100_000, "short 0 4 3");
    let mut drive = bench.open().unwrap();
    assert!((0..9).all(|_| read(&mut drive, 0, 48).fault == Some(Fault::Damage)));
}

#[test]
fn a_command_that_the_system_does_not_pass_on_is_told_as_that() {
    let (bench, mut drive) = opened();
    bench.limit(0, Answer::Errno(libc::ENOMEM));
    assert_eq!(read(&mut drive, 0, 48).fault, Some(Fault::Unsent));
    assert!((3..6).contains(&bench.seconds()), "{}", bench.seconds());
    bench.script(op::READ_10, &[Answer::Errno(libc::ENODEV)]);
    assert_eq!(read(&mut drive, 0, 48).fault, Some(Fault::Gone));
}
