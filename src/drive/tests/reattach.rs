//! A drive that is gone and comes back.

use super::*;
use crate::drive::finder::{Finder, Found};

/// Comes back as `/dev/sr1` at this search, counted from 0.
fn back_at(bench: &Bench, search: u32) -> Finder {
    let (bench, mut searches) = (bench.clone(), 0);
    Box::new(move |identity| {
        assert_eq!(identity.vendor, "FREEMKV");
        searches += 1;
        let found = || Found {
            transport: Box::new(bench.clone()),
            guard: None,
            name: "/dev/sr1".into(),
            way: Some("usb 3-1".into()),
        };
        (searches > search).then(found)
    })
}

fn gone(bench: &Bench) -> Drive {
    let mut drive = bench.open().unwrap();
    assert_eq!(read(&mut drive, 0, 16).fault, None);
    bench.script(0x28, &[Answer::Errno(libc::ENODEV)]);
    assert_eq!(read(&mut drive, 16, 16).fault, Some(Fault::Gone));
    drive
}

#[test]
fn a_drive_that_comes_back_under_another_name_is_read_on_when_its_disc_is_the_same() {
    let bench = Bench::new(Media::Dvd, 4096, "");
    let mut drive = gone(&bench);
    drive.finder = Some(back_at(&bench, 3));
    assert_eq!(DriveSource::way(&drive), None);
    let (before, sent) = (bench.seconds(), bench.count(0x1E));
    assert_eq!(drive.find_again(), Supported::Yes);
    assert_eq!(bench.seconds() - before, 3);
    assert!(drive.facts().name.starts_with("/dev/sr1 (FREEMKV"), "{}", drive.facts().name);
    assert_eq!(DriveSource::way(&drive), Some("usb 3-1"), "what is learned of commands from now on is of there");
    assert_eq!(read(&mut drive, 16, 16).fault, Some(Fault::MediumChanged), "nobody has looked at the disc yet");
    assert_eq!(drive.is_same_medium(), Ok(true));
    assert_eq!(bench.count(0x1E), sent + 1, "its tray is locked again");
    assert_eq!(read(&mut drive, 16, 16).fault, None);
}

#[test]
fn a_drive_that_stays_away_is_given_up_after_half_a_minute() {
    let bench = Bench::new(Media::Dvd, 4096, "");
    let mut drive = gone(&bench);
    drive.finder = Some(back_at(&bench, 1000));
    let before = bench.seconds();
    assert_eq!(drive.find_again(), Supported::No);
    assert_eq!(bench.seconds() - before, 30);
    bench.cancel.raise();
    assert_eq!(drive.find_again(), Supported::No);
    assert_eq!(bench.seconds() - before, 30, "a request to stop ends the search");
}

#[test]
fn a_drive_without_another_place_is_not_waited_for() {
    let bench = Bench::new(Media::Dvd, 4096, "");
    let mut drive = gone(&bench);
    assert_eq!(drive.find_again(), Supported::No);
    assert_eq!(bench.seconds(), 0);
}
