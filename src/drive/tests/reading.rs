use super::*;
use crate::scsi::cdb::op;
use crate::source::drive::Trouble;
use proptest::prelude::*;

pub(super) fn opened(media: Media, plan: &str) -> (Bench, Drive) {
    let bench = Bench::new(media, 100_000, plan);
    let drive = bench.open().unwrap();
    (bench, drive)
}

/// A read of the first unit of a DVD, with scripted answers to it: what came, and how many seconds it took.
fn first_unit(answers: &[Answer]) -> (Outcome, u64) {
    let (bench, mut drive) = opened(Media::Dvd, "");
    assert_eq!(read(&mut drive, 96, 16).fault, None);
    bench.script(op::READ_10, answers);
    let outcome = read(&mut drive, 0, 16);
    (outcome, bench.seconds())
}

#[test]
fn a_sound_disc_reads_from_end_to_end() {
    let (_, mut drive) = opened(Media::Bd, "");
    for start in (0..100_000).step_by(32) {
        assert_eq!(read(&mut drive, start, 32).fault, None);
    }
}

#[test]
fn a_dead_unit_is_damage_and_what_came_before_it_counts() {
    let (_, mut drive) = opened(Media::Dvd, "bad 2 1 0");
    let outcome = read(&mut drive, 16, 32);
    assert_eq!((outcome.sectors, outcome.fault), (16, Some(Fault::Damage)));
    assert_eq!((outcome.sense, outcome.information), (Some(Sense::new(3, 0x11, 0)), Some(32)));
    assert_eq!(outcome.status, 2);
    assert!(outcome.seconds >= 3.0);
    assert_eq!(read(&mut drive, 32, 16).sectors, 0);
    assert_eq!(read(&mut drive, 48, 16).fault, None);
}

#[test]
fn what_came_before_a_failure_counts_only_when_two_sources_agree() {
    let sectors = |lba, residual| first_unit(&[Answer::Failing { lba, residual }]).0.sectors;
    assert_eq!(sectors(4, 12 * SECTOR_SIZE), 4);
    assert_eq!(sectors(4, 0), 0);
    assert_eq!(sectors(4, 11 * SECTOR_SIZE), 0);
    assert_eq!(sectors(4, 12 * SECTOR_SIZE + 1), 0);
    assert_eq!(sectors(400, 12 * SECTOR_SIZE), 0);
    assert_eq!(first_unit(&[Answer::Sense(3, 0x11, 0)]).0.sectors, 0);
}

#[test]
fn a_short_transfer_is_a_failure_of_the_missing_part() {
    let (outcome, _) = first_unit(&[Answer::Short(3 * SECTOR_SIZE + 1)]);
    assert_eq!((outcome.sectors, outcome.fault), (12, Some(Fault::Damage)));
}

#[test]
fn recovered_data_is_good_and_marked() {
    let (outcome, _) = first_unit(&[Answer::DataAndSense(1, 0x17, 1)]);
    assert_eq!((outcome.sectors, outcome.fault, outcome.recovered), (16, None, true));
    assert_eq!(outcome.sense, Some(Sense::new(1, 0x17, 1)));
}

#[test]
fn what_is_no_damage_is_named_and_costs_no_second_try() {
    for (answer, fault) in [
        (Answer::Sense(2, 0x30, 0), Fault::Incompatible),
        (Answer::Sense(5, 0x6F, 3), Fault::Protected),
        (Answer::Sense(5, 0x6F, 4), Fault::Region),
        (Answer::Sense(5, 0x24, 0), Fault::Wedged),
        (Answer::Sense(5, 0x20, 0), Fault::Wedged),
        (Answer::Sense(6, 0x28, 0), Fault::MediumChanged),
        (Answer::Sense(7, 0x27, 0), Fault::Unknown),
        (Answer::Sense(8, 0, 0), Fault::Unknown),
        (Answer::Errno(libc::ENODEV), Fault::Gone),
        (Answer::Errno(libc::ENXIO), Fault::Gone),
    ] {
        let (bench, mut drive) = opened(Media::Dvd, "");
        assert_eq!(read(&mut drive, 96, 16).fault, None);
        bench.script(op::READ_10, &[answer]);
        let outcome = read(&mut drive, 0, 16);
        assert_eq!((outcome.fault, outcome.sectors, bench.count(op::READ_10)), (Some(fault), 0, 2));
        assert_eq!(bench.seconds(), 0);
    }
}

#[test]
fn a_drive_that_says_once_that_it_has_no_disc_is_asked_again() {
    let scripted = |reads: &[Answer], ready: &[Answer]| {
        let (bench, mut drive) = opened(Media::Dvd, "");
        bench.script(op::READ_10, reads);
        bench.script(op::TEST_UNIT_READY, ready);
        read(&mut drive, 0, 16).fault
    };
    let none = Answer::Sense(2, 0x3A, 0);
    assert_eq!(scripted(std::slice::from_ref(&none), &[]), None);
    assert_eq!(
        scripted(std::slice::from_ref(&none), std::slice::from_ref(&none)),
        Some(Fault::NoMedium),
        "it says so of itself"
    );
    assert_eq!(scripted(&vec![none.clone(); 9], &[]), Some(Fault::NotReady), "of this place alone");
    // It is loaded just now: that may be another one.
    assert_eq!(scripted(std::slice::from_ref(&none), &[Answer::Sense(2, 4, 1)]), Some(Fault::MediumChanged));
    assert_eq!(scripted(std::slice::from_ref(&none), &[Answer::Sense(6, 0x28, 0)]), Some(Fault::MediumChanged));
}

#[test]
fn a_drive_that_the_system_has_given_up_has_its_own_fault() {
    for (standing, fault) in [(Standing::Offline, Fault::Offline), (Standing::Gone, Fault::Gone)] {
        for answer in [Answer::Host(1), Answer::Errno(libc::ENODEV)] {
            let (bench, mut drive) = opened(Media::Dvd, "");
            bench.script(op::READ_10, &[answer]);
            *bench.standing.lock().unwrap() = standing;
            assert_eq!(read(&mut drive, 0, 16).fault, Some(fault));
            assert_eq!(bench.seconds(), 0);
        }
    }
}

#[test]
fn a_drive_that_is_busy_with_itself_is_waited_for() {
    let (bench, mut drive) = opened(Media::Dvd, "at 100 notready 30");
    bench.clock.sleep(Duration::from_secs(100));
    assert_eq!(read(&mut drive, 0, 16).fault, None);
    assert!((130..132).contains(&bench.seconds()));
}

#[test]
fn a_drive_that_stays_unready_is_no_damage() {
    let (bench, mut drive) = opened(Media::Dvd, "at 100 notready");
    bench.clock.sleep(Duration::from_secs(100));
    assert_eq!(read(&mut drive, 0, 16).fault, Some(Fault::NotReady));
    assert!(bench.seconds() < 165);
}

#[test]
fn the_disc_taken_out_and_the_plug_pulled_are_no_damage() {
    for (plan, fault) in [("at 5 eject", Fault::NoMedium), ("at 5 unplug", Fault::Gone)] {
        let (bench, mut drive) = opened(Media::Dvd, plan);
        let mut start = 0;
        let outcome = loop {
            let outcome = read(&mut drive, start, 48);
            if outcome.fault.is_some() {
                break outcome;
            }
            bench.clock.sleep(Duration::from_millis(100));
            start += 48;
        };
        assert_eq!(outcome.fault, Some(fault));
    }
}

#[test]
fn passing_troubles_pass() {
    assert_eq!(first_unit(&[Answer::Sense(0xB, 0, 0)]).0.fault, None);
    assert_eq!(first_unit(&[Answer::Sense(2, 6, 0)]).0.fault, None);
    let (outcome, seconds) = first_unit(&vec![Answer::Status(8); 3]);
    assert_eq!((outcome.fault, seconds), (None, 3));
    let (outcome, seconds) = first_unit(&vec![Answer::Host(7); 3]);
    assert_eq!((outcome.fault, seconds), (None, 0), "the way lets other commands through");
    assert_eq!(first_unit(&[Answer::Host(3)]).0.fault, None);
    assert_eq!(first_unit(&[Answer::Sense(3, 0x57, 0)]).0.fault, None);
}

#[test]
fn a_way_that_lets_nothing_through_is_waited_for() {
    let (bench, mut drive) = opened(Media::Dvd, "");
    assert_eq!(read(&mut drive, 96, 16).fault, None);
    bench.script(op::READ_10, &[Answer::Host(7), Answer::Host(7)]);
    bench.script(op::TEST_UNIT_READY, &[Answer::Host(7), Answer::Host(7)]);
    assert_eq!(read(&mut drive, 0, 16).fault, None);
    assert!((15..60).contains(&bench.seconds()), "{}", bench.seconds());
}

#[test]
fn lasting_troubles_are_named() {
    let fault = |answer: Answer| first_unit(&vec![answer; 100]).0.fault;
    assert_eq!(fault(Answer::Status(0x18)), Some(Fault::Busy));
    assert_eq!(fault(Answer::Host(7)), Some(Fault::Transport));
    assert_eq!(fault(Answer::Host(3)), Some(Fault::Transport));
    assert_eq!(fault(Answer::Sense(0xB, 0, 0)), Some(Fault::NotReady));
    assert_eq!(fault(Answer::Sense(2, 6, 0)), Some(Fault::NotReady));
    assert_eq!(fault(Answer::Sense(6, 0x29, 0)), Some(Fault::Unknown));
    assert_eq!(fault(Answer::Sense(3, 0x57, 0)), Some(Fault::Unknown));
    assert_eq!(fault(Answer::Sense(4, 9, 0)), Some(Fault::Damage));
}

#[test]
fn another_drive_at_the_same_place_is_not_read_from() {
    let (bench, mut drive) = opened(Media::Dvd, "");
    bench.script(op::READ_10, &[Answer::Host(7)]);
    bench.script(op::TEST_UNIT_READY, &[Answer::Host(7)]);
    let mut other = vec![b'X'; 36];
    other[..5].copy_from_slice(&[5, 0x80, 5, 2, 31]);
    bench.script(op::INQUIRY, &[Answer::Bytes(other)]);
    assert_eq!(read(&mut drive, 0, 16).fault, Some(Fault::Gone));
}

#[test]
fn a_disc_changed_while_the_drive_was_waited_for_is_noticed() {
    let (bench, mut drive) = opened(Media::Dvd, "");
    bench.script(op::READ_10, &[Answer::Sense(2, 4, 1)]);
    bench.script(op::TEST_UNIT_READY, &[Answer::Sense(6, 0x28, 0)]);
    assert_eq!(read(&mut drive, 0, 16).fault, Some(Fault::MediumChanged));
}

#[test]
fn a_disc_changed_while_the_way_to_the_drive_was_broken_is_noticed() {
    let (bench, mut drive) = opened(Media::Dvd, "");
    bench.script(op::READ_10, &[Answer::Host(7)]);
    bench.script(op::INQUIRY, &[Answer::Host(7)]);
    bench.script(op::TEST_UNIT_READY, &[Answer::Sense(6, 0x28, 0)]);
    assert_eq!(read(&mut drive, 0, 16).fault, Some(Fault::MediumChanged));
}

#[test]
fn a_disc_changed_while_the_head_was_sent_away_is_noticed() {
    let (bench, mut drive) = opened(Media::Dvd, "");
    // The second read is the seek away: the third would bring another disc's data.
    bench.script(op::READ_10, &[Answer::Sense(4, 9, 1), Answer::Sense(6, 0x28, 0)]);
    let mut buffer = vec![0; 16 * SECTOR_SIZE];
    let range = SectorRange::with_len(0, 16);
    let outcome = drive.read(&ReadRequest { range, fua: false, time_limit: COMMAND_LIMIT }, &mut buffer);
    assert_eq!((outcome.sectors, outcome.fault), (0, Some(Fault::MediumChanged)));
    assert_eq!(read(&mut drive, 0, 16).fault, None);
}

#[test]
fn a_slow_failure_is_waited_out_and_remembered() {
    let (bench, mut drive) = opened(Media::Dvd, "bad 2 1 0\nbad_s 20");
    assert_eq!(read(&mut drive, 32, 16).fault, Some(Fault::Damage));
    assert!((30..32).contains(&bench.seconds()), "{}", bench.seconds());
    assert_eq!(read(&mut drive, 32, 16).fault, Some(Fault::Damage));
    assert!((50..52).contains(&bench.seconds()), "{}", bench.seconds());
}

#[test]
fn a_drive_that_refuses_fua_three_times_is_asked_without_it() {
    let (bench, mut drive) = opened(Media::Dvd, "");
    for start in [0, 16, 32] {
        bench.script(op::READ_10, &[Answer::Sense(5, 0x24, 0)]);
        assert_eq!(read_with(&mut drive, start, 16, true).fault, None);
    }
    assert_eq!(read_with(&mut drive, 48, 16, true).fault, None);
    let log = bench.log.lock().unwrap();
    let flags: Vec<u8> = log.iter().filter(|cdb| cdb[0] == op::READ_10).map(|cdb| cdb[1]).collect();
    assert_eq!(flags, [8, 0, 8, 0, 8, 0, 0]);
}

#[test]
fn hardware_errors_far_apart_are_damage_while_the_drive_still_reads() {
    let (bench, mut drive) = opened(Media::Dvd, "");
    assert_eq!(read(&mut drive, 0, 16).fault, None);
    for start in [10_000, 30_000, 50_000] {
        bench.script(op::READ_10, &[Answer::Sense(4, 0x3E, 2)]);
        assert_eq!(read(&mut drive, start, 16).fault, Some(Fault::Damage));
    }
    assert!(bench.seconds() >= 15);
}

#[test]
fn hardware_errors_far_apart_from_a_drive_that_reads_no_more_mean_it_is_stuck() {
    let (bench, mut drive) = opened(Media::Dvd, "");
    assert_eq!(read(&mut drive, 0, 16).fault, None);
    bench.script(op::READ_10, &vec![Answer::Sense(4, 0x3E, 2); 9]);
    let faults = [10_000, 10_016, 30_000, 50_000].map(|start| read(&mut drive, start, 16).fault);
    assert_eq!(faults, [Fault::Damage, Fault::Damage, Fault::Damage, Fault::Wedged].map(Some));
}

#[test]
fn a_lost_servo_is_helped_by_a_spin_cycle_at_most_three_times() {
    let (bench, mut drive) = opened(Media::Dvd, "");
    // Each read fails, the seek away works, the read fails again.
    let answers = [Answer::Sense(4, 9, 1), Answer::Short(0), Answer::Sense(4, 9, 1)];
    bench.script(op::READ_10, &answers);
    assert_eq!(read(&mut drive, 0, 16).fault, None);
    assert_eq!(bench.count(op::START_STOP_UNIT), 2);
    for _ in 0..5 {
        bench.script(op::READ_10, &answers);
        read(&mut drive, 0, 16);
    }
    assert_eq!(bench.count(op::START_STOP_UNIT), 6);
}

#[test]
fn a_changed_disc_that_is_told_to_a_look_elsewhere_ends_the_read() {
    let (bench, mut drive) = opened(Media::Dvd, "");
    bench.script(op::READ_10, &[Answer::Sense(4, 9, 1), Answer::Sense(6, 0x28, 0)]);
    assert_eq!(read(&mut drive, 0, 16).fault, Some(Fault::MediumChanged), "told to the seek away");
    let (bench, mut drive) = opened(Media::Dvd, "");
    assert_eq!(read(&mut drive, 0, 16).fault, None);
    bench.script(op::READ_10, &vec![Answer::Sense(4, 0x3E, 2); 3]);
    bench.script(op::READ_10, &[Answer::Sense(6, 0x28, 0)]);
    let faults = [10_000, 30_000, 50_000].map(|start| read(&mut drive, start, 16).fault);
    assert_eq!(faults[2], Some(Fault::MediumChanged), "told to the check at a good place");
}

#[test]
fn failures_are_kept_apart_whoever_causes_them() {
    let (bench, mut drive) = opened(Media::Dvd, "bad 0 9999 0\nbad_s 0.01");
    let mut moments = Vec::new();
    for unit in 0..30 {
        assert_eq!(read(&mut drive, unit * 16, 16).fault, Some(Fault::Damage));
        moments.push(bench.clock.now());
    }
    assert!(moments.windows(7).all(|seven| seven[6] - seven[0] >= Duration::from_millis(6500)));
}

#[test]
fn what_was_wrong_with_each_command_is_kept() {
    let (bench, mut drive) = opened(Media::Dvd, "bad 4 1 0");
    bench.script(op::READ_10, &[Answer::Sense(0xB, 0, 0), Answer::DataAndSense(1, 0x17, 1)]);
    assert_eq!(read(&mut drive, 0, 16).fault, None);
    assert_eq!(read(&mut drive, 64, 16).fault, Some(Fault::Damage));
    let incidents = drive.take_incidents();
    let troubles: Vec<_> = incidents.iter().map(|i| (i.range.start(), i.trouble, i.sense.map(|s| s.key))).collect();
    let (failed, recovered) = (Trouble::Failed, Trouble::Recovered);
    assert_eq!(troubles, [(0, failed, Some(0xB)), (0, recovered, Some(1)), (64, failed, Some(3))]);
    assert!(drive.take_incidents().is_empty());
}

#[test]
fn a_request_beyond_the_limits_is_refused_without_a_command() {
    let (bench, mut drive) = opened(Media::Dvd, "");
    assert_eq!(read(&mut drive, 0, 49).fault, Some(Fault::Unknown));
    assert_eq!(read(&mut drive, 1 << 32, 1).fault, Some(Fault::OutOfRange));
    assert_eq!(read(&mut drive, 0, 0).fault, None);
    assert_eq!(bench.count(op::READ_10), 0);
}

#[test]
fn a_wish_to_stop_ends_a_wait_within_a_moment() {
    let (bench, mut drive) = opened(Media::Dvd, "");
    bench.clock.sleep(Duration::from_secs(3590));
    bench.script(op::READ_10, &vec![Answer::Host(7); 9]);
    bench.script(op::TEST_UNIT_READY, &vec![Answer::Host(7); 9]);
    assert_eq!(read(&mut drive, 0, 16).fault, Some(Fault::Transport));
    assert_eq!(bench.seconds(), 3600);
}

proptest! {
    /// Whatever a drive answers, a read ends, claims nothing wrong, and takes no more than some minutes.
    #[test]
    fn a_read_ends_whatever_is_answered(
        answers in prop::collection::vec((any::<bool>(), 0u8..16, 0u8..0x70, 0u8..6, 0u16..9, 0usize..9000, 0u8..9), 0..60)
    ) {
        let (bench, mut drive) = opened(Media::Dvd, "");
        for (ready, key, asc, ascq, host, residual, kind) in answers {
            let answer = match kind {
                0 => Answer::Host(host),
                1 => Answer::Status(key * 8),
                2 => Answer::Short(residual),
                3 => Answer::Failing { lba: u32::from(asc), residual },
                4 => Answer::Sense(key, [4, 9, 0x28, 0x29][usize::from(asc % 4)], ascq),
                5 => Answer::Sense(2, 4, 1),
                _ => Answer::Sense(key, asc, ascq),
            };
            // A short answer to a command without data has no meaning.
            let to_read = !ready || matches!(answer, Answer::Short(_) | Answer::Failing { .. });
            bench.script(if to_read { op::READ_10 } else { op::TEST_UNIT_READY }, &[answer]);
        }
        let before = bench.seconds();
        read(&mut drive, 0, 16);
        prop_assert!(bench.seconds() - before < 1800, "{}", bench.seconds() - before);
    }
}

#[test]
fn no_answer_is_taken_for_good_without_a_look_at_all_of_it() {
    let bad = [Reply { host_status: 7, ..Reply::default() }, Reply { residual: 1, ..Reply::default() }];
    assert!(bad.iter().all(|reply| classify(reply) != crate::scsi::sense::Verdict::Good));
}
