//! What a plan makes go wrong, and when.

use super::*;

#[test]
fn happenings_come_at_their_time() {
    let mut drive = drive(Media::Dvd, 100, "at 10 notready 5\nat 20 eject\nat 30 unplug");
    let clock = drive.clock();
    let mut at = |seconds| {
        clock.sleep(Duration::from_secs(seconds).saturating_sub(clock.now()));
        drive.execute(&cdb::test_unit_ready(), Data::None, LIMIT).map(|r| classify(&r))
    };
    assert_eq!(at(1).unwrap(), Verdict::Good);
    assert_eq!(at(11).unwrap(), Verdict::BecomingReady);
    assert_eq!(at(16).unwrap(), Verdict::Good);
    assert_eq!(at(21).unwrap(), Verdict::Fault(crate::base::outcome::Fault::NoMedium));
    assert_eq!(at(31).unwrap_err().kind(), io::ErrorKind::NotFound);
}

#[test]
fn what_takes_longer_than_the_limit_is_timed_out() {
    let mut drive = drive(Media::Dvd, 100, "bad 0 1 0\nbad_s 20");
    let mut buffer = vec![0; SECTOR_SIZE];
    let cdb = cdb::read(SectorRange::new(0, 1), false).unwrap();
    let reply = drive.execute(&cdb, Data::In(&mut buffer), Duration::from_secs(10)).unwrap();
    assert_eq!(classify(&reply), Verdict::TimedOut);
    assert_eq!(drive.clock().now(), Duration::from_secs(10));
}

#[test]
fn effort_is_told_when_it_is_asked_for_and_wrong_bytes_come_from_the_disc_anew() {
    let mut drive = drive(Media::Dvd, 100, "recovered 2 1 2");
    let (reply, wrong) = read(&mut drive, 32, 16);
    assert_eq!(classify(&reply), Verdict::Good, "PER is off");
    drive.error_page[2] = 4;
    let (reply, from_cache) = read(&mut drive, 32, 16);
    assert_eq!((classify(&reply), &from_cache), (Verdict::Good, &wrong));
    let fua = cdb::read(SectorRange::new(32, 48), true).unwrap();
    let (reply, second) = ask(&mut drive, &fua, 16 * SECTOR_SIZE);
    assert_eq!((classify(&reply), reply.residual), (Verdict::Recovered, 0));
    assert_eq!(sense::decode(&reply.sense).unwrap().information, Some(47));
    let (_, third) = ask(&mut drive, &fua, 16 * SECTOR_SIZE);
    assert!(wrong != second && second != third && wrong != third);
    assert_eq!(third[..8], 32u64.to_be_bytes());
}

#[test]
fn wrong_bytes_may_be_the_same_each_time() {
    let mut drive = drive(Media::Dvd, 100, "recovered 2 1 2 same");
    let fua = cdb::read(SectorRange::new(32, 48), true).unwrap();
    let reads: Vec<_> = (0..3).map(|_| ask(&mut drive, &fua, 16 * SECTOR_SIZE).1).collect();
    assert!(reads[0] == reads[1] && reads[1] != reads[2]);
    assert_eq!(reads[2][..8], 32u64.to_be_bytes());
}

#[test]
fn a_short_unit_gives_so_many_sectors_a_command_and_calls_it_good() {
    let mut drive = drive(Media::Dvd, 100, "short 2 1 5");
    let (reply, data) = read(&mut drive, 16, 48);
    assert_eq!((reply.status, data.len()), (0, 21 * SECTOR_SIZE));
    assert_eq!(classify(&reply), Verdict::Short);
    assert_eq!(classify(&read(&mut drive, 37, 5).0), Verdict::Good);
}

#[test]
fn planned_answers_come_so_many_times() {
    let mut drive = drive(Media::Dvd, 200, "answer 2 1 05/6F/03\nanswer 3 1 status:18 1\nanswer 4 1 host:07 1\n");
    let (reply, data) = read(&mut drive, 16, 32);
    assert_eq!((reply.status, data.len()), (2, 16 * SECTOR_SIZE));
    assert_eq!(sense::decode(&reply.sense).unwrap().sense, Sense::new(5, 0x6F, 3));
    assert_eq!(read(&mut drive, 48, 16).0.status, 0x18);
    assert_eq!(classify(&read(&mut drive, 48, 16).0), Verdict::Good);
    assert_eq!(classify(&read(&mut drive, 64, 16).0), Verdict::Transport);
    assert_eq!(classify(&read(&mut drive, 64, 16).0), Verdict::Good);
}

fn spin(drive: &mut EmulatedDrive) {
    for start in [false, true] {
        drive.execute(&cdb::start_stop_unit(start, false), Data::None, LIMIT).unwrap();
    }
}

#[test]
fn firmware_that_has_had_enough_errors_gives_zeros_until_the_disc_is_restarted() {
    let mut drive = drive(Media::Dvd, 100, "bad 2 1 0\nzero-after 2");
    for _ in 0..2 {
        read(&mut drive, 32, 16);
    }
    let (reply, data) = read(&mut drive, 16, 32);
    assert_eq!(classify(&reply), Verdict::Good);
    assert!(data.iter().all(|byte| *byte == 0));
    spin(&mut drive);
    assert_eq!(read(&mut drive, 16, 16).1[..8], 16u64.to_be_bytes());
}

#[test]
fn wedged_firmware_refuses_at_once_and_a_stuck_one_for_good() {
    for (stuck, after) in [("", Verdict::Good), ("stuck", Verdict::Refused)] {
        let mut drive = drive(Media::Dvd, 100, &format!("bad 2 1 0\nbad_s 1\nwedge 3 6.5 {stuck}"));
        for _ in 0..2 {
            read(&mut drive, 32, 16);
        }
        drive.clock().sleep(Duration::from_secs(7));
        for _ in 0..3 {
            assert_eq!(classify(&read(&mut drive, 32, 16).0), Verdict::Fault(crate::base::outcome::Fault::Damage));
        }
        let reply = read(&mut drive, 0, 16).0;
        assert_eq!(classify(&reply), Verdict::Refused);
        assert!(reply.duration < Duration::from_millis(500));
        spin(&mut drive);
        assert_eq!(classify(&read(&mut drive, 0, 16).0), after);
    }
}

#[test]
fn a_drive_that_obeys_gives_up_sooner_with_fewer_retries() {
    for (plan, seconds) in [("bad 0 1 0", 3.0), ("bad 0 1 0\nobeys 1", 3.0 / 21.0)] {
        let mut drive = drive(Media::Dvd, 100, plan);
        let list = answers::mode_parameters(&[1, 10, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        drive.execute(&cdb::mode_select(list.len() as u16), Data::Out(&list), LIMIT).unwrap();
        let reply = read(&mut drive, 0, 16).0;
        assert!((reply.duration.as_secs_f64() - seconds).abs() < 0.01, "{:?}", reply.duration);
    }
}

#[test]
fn unit_attentions_are_told_one_by_one_and_a_reset_loses_the_settings() {
    let mut drive = drive(Media::Dvd, 100, "at 0 attention 06/2A/01\nat 0 attention 06/3F/01");
    drive.error_page[3] = 1;
    drive.reset();
    assert_eq!(drive.error_page(), ERROR_PAGE_DEFAULT);
    assert_eq!(ask(&mut drive, &cdb::inquiry(36), 36).0.status, 0, "INQUIRY is answered all the same");
    let told: Vec<_> = (0..4).map(|_| sense::decode(&read(&mut drive, 0, 1).0.sense).map(|data| data.sense)).collect();
    assert_eq!(told, [Some(Sense::new(6, 0x29, 0)), Some(Sense::new(6, 0x2A, 1)), Some(Sense::new(6, 0x3F, 1)), None]);
    drive.reset();
    let sense = ask(&mut drive, &cdb::request_sense(18), 18).1;
    assert_eq!(sense::decode(&sense).unwrap().sense, Sense::new(6, 0x29, 0));
    assert_eq!(ready(&mut drive), Verdict::Good, "REQUEST SENSE has told it");
    for _ in 0..100 {
        drive.attend(Sense::new(6, 0x2A, 0));
        drive.attend(Sense::new(6, 0x2A, 1));
    }
    assert_eq!((0..100).filter(|_| ready(&mut drive) != Verdict::Good).count(), ATTENTIONS_MAX);
}

#[test]
fn a_command_that_hangs_takes_all_the_time_it_is_given() {
    let mut drive =
        drive(Media::Dvd, 100, "answer 1 1 hang 1\nanswer 2 1 status:00 1 data all after 25\ncommand 25 hang");
    let before = drive.clock().now();
    assert_eq!(classify(&read(&mut drive, 0, 32).0), Verdict::TimedOut);
    assert_eq!(drive.clock().now() - before, LIMIT);
    let (reply, data) = read(&mut drive, 16, 32);
    assert_eq!((classify(&reply), data.len()), (Verdict::Good, 32 * SECTOR_SIZE));
    assert!(reply.duration >= Duration::from_secs(25));
    assert_eq!(classify(&ask(&mut drive, &cdb::read_capacity(), 8).0), Verdict::TimedOut);
    let mut data = vec![0; 8];
    let begun = drive.clock().now();
    let reply = drive.begin(&cdb::read_capacity(), &mut Data::In(&mut data)).unwrap();
    assert_eq!((reply.duration, drive.clock().now()), (Duration::MAX, begun));
}

#[test]
fn planned_answers_bring_what_the_plan_says() {
    let mut drive = drive(Media::Dvd, 100, "answer 1 1 01/18/00 data all\nanswer 2 1 03/11/05 data 3");
    assert_eq!(classify(&read(&mut drive, 0, 32).0), Verdict::Good, "PER is off");
    drive.error_page[2] = 4;
    let (reply, data) = read(&mut drive, 0, 32);
    assert_eq!((classify(&reply), data.len()), (Verdict::Recovered, 32 * SECTOR_SIZE));
    let (reply, data) = read(&mut drive, 32, 16);
    assert_eq!(data.len(), 3 * SECTOR_SIZE);
    assert_eq!(sense::decode(&reply.sense).unwrap().information, Some(32));
}

#[test]
fn another_plan_changes_the_disc_and_not_the_settings() {
    let mut drive = drive(Media::Dvd, 100, "bad 1 1 0\nat 1 unplug");
    drive.error_page[3] = 7;
    drive.execute(&cdb::set_cd_speed(Some(1385)), Data::None, LIMIT).unwrap();
    assert_eq!(read(&mut drive, 16, 1).0.status, 2);
    drive.clock().sleep(Duration::from_secs(1));
    drive.follow(DamagePlan::parse("bad 2 1 0\nat 5 stop").unwrap());
    assert_eq!((read(&mut drive, 16, 16).0.status, read(&mut drive, 32, 1).0.status), (0, 2));
    assert_eq!((drive.error_page()[3], drive.speed), (7, Some(1385)));
    drive.clock().sleep(Duration::from_secs(5));
    assert_eq!(ready(&mut drive), Verdict::StartUnit);
}
