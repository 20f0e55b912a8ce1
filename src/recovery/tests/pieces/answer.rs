//! What outcomes mean.

use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::mapfile::status::Status;
use crate::recovery::answer::*;
use crate::recovery::unit::Unit;

const UNIT: u64 = 16;

fn answer(start: u64, len: u64, outcome: &Outcome) -> Answer {
    Answer::new(SectorRange::with_len(start, len), outcome)
}

fn damage(sectors: u64) -> Outcome {
    Outcome::failed(sectors, Fault::Damage, 4.0)
}

#[test]
fn what_fails_within_its_unit_failed_alone_and_of_a_longer_command_only_the_unit_at_fault_failed() {
    use Status::{NonScraped, NonTrimmed};
    let failed = |start, len, outcome, prefix| {
        let behaviour = FailureBehaviour { prefix };
        answer(start, len, &outcome).failed(Unit::new(UNIT), behaviour)
    };
    let r = SectorRange::new;
    assert_eq!(failed(16, 16, damage(0), false), Some((r(16, 32), NonScraped)));
    assert_eq!(failed(16, 16, damage(3), false), Some((r(19, 32), NonScraped)));
    assert_eq!(failed(20, 4, damage(1), true), Some((r(21, 24), NonScraped)));
    assert_eq!(failed(0, 64, damage(0), false), Some((r(0, 64), NonTrimmed)));
    assert_eq!(failed(0, 64, damage(0), true), Some((r(0, 16), NonTrimmed)));
    assert_eq!(failed(0, 64, damage(16), false), Some((r(16, 32), NonTrimmed)));
    assert_eq!(failed(0, 64, damage(19), false), Some((r(19, 32), NonTrimmed)));
    let named = |lba| Outcome { information: Some(lba), ..damage(0) };
    assert_eq!(failed(0, 64, named(40), false), Some((r(32, 48), NonTrimmed)));
    assert_eq!(failed(0, 64, named(64), false), Some((r(0, 64), NonTrimmed)), "a sector that was not asked for");
}

#[test]
fn a_short_transfer_says_nothing_of_the_rest_nor_of_how_the_drive_fails() {
    let unit = Unit::new(UNIT);
    let short = answer(0, 64, &Outcome { short: true, ..damage(19) });
    let mut behaviour = FailureBehaviour::default();
    behaviour.note(&short);
    assert_eq!((short.failed(unit, behaviour), behaviour), (None, FailureBehaviour::default()));
    assert!(!short.is_complete() && !short.is_failure());
    let nothing = answer(0, 16, &Outcome { short: true, ..damage(0) });
    assert!(nothing.is_failure(), "asked again it would be the same");
}

#[test]
fn only_the_sector_that_was_named_or_asked_for_alone_is_blank() {
    let blank = |start, len, information| {
        let outcome = Outcome { information, ..Outcome::failed(0, Fault::Blank, 0.1) };
        answer(start, len, &outcome).blank_sector()
    };
    assert_eq!(blank(0, 64, Some(40)), Some(SectorRange::new(40, 41)));
    assert_eq!(blank(0, 64, None), None);
    assert_eq!(blank(40, 1, None), Some(SectorRange::new(40, 41)));
    assert_eq!(answer(40, 1, &damage(0)).blank_sector(), None);
}

#[test]
fn more_than_was_asked_is_clamped() {
    let a = answer(8, 8, &damage(u64::MAX));
    assert!(a.is_complete());
    assert_eq!(a.good, SectorRange::new(8, 16));
}
