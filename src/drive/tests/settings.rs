use super::*;
use crate::scsi::cdb::op;

fn page_file(folder: &tempfile::TempDir) -> Option<String> {
    let entry = std::fs::read_dir(folder.path()).unwrap().next()?;
    Some(std::fs::read_to_string(entry.unwrap().path()).unwrap())
}

#[test]
fn recovered_errors_are_reported_while_the_drive_is_open_and_not_after() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(Media::Dvd, 100, "");
    let before = bench.error_page();
    let drive = bench.open_with(Some(folder.path().into())).unwrap();
    let mut expected = before.clone();
    expected[2] |= 4;
    assert_eq!(bench.error_page(), expected);
    assert!(page_file(&folder).is_some());
    drop(drive);
    assert_eq!(bench.error_page(), before);
    assert_eq!(page_file(&folder), None);
}

#[test]
fn what_a_killed_run_left_changed_the_next_one_restores() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(Media::Dvd, 100, "");
    let before = bench.error_page();
    std::mem::forget(bench.open_with(Some(folder.path().into())).unwrap());
    assert_ne!(bench.error_page(), before);
    let second = bench.open_with(Some(folder.path().into())).unwrap();
    assert_ne!(bench.error_page(), before);
    drop(second);
    assert_eq!(bench.error_page(), before);
    assert_eq!(page_file(&folder), None);
}

#[test]
fn a_panic_restores_too() {
    let bench = Bench::new(Media::Dvd, 100, "");
    let before = bench.error_page();
    let moved = bench.clone();
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _drive = moved.open().unwrap();
        std::panic::resume_unwind(Box::new(()));
    }));
    assert!(result.is_err());
    assert_eq!(bench.error_page(), before);
}

#[test]
fn an_unplugged_drive_keeps_its_page_for_the_next_run() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(Media::Dvd, 100, "");
    let drive = bench.open_with(Some(folder.path().into())).unwrap();
    bench.script(op::MODE_SELECT_10, &vec![Answer::Errno(libc::ENODEV); 2]);
    drop(drive);
    assert!(page_file(&folder).unwrap().starts_with("freemkv"));
    drop(bench.open_with(Some(folder.path().into())).unwrap());
    assert_eq!(page_file(&folder), None);
}

#[test]
fn a_drive_that_refuses_the_change_is_used_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(Media::Dvd, 100, "");
    let before = bench.error_page();
    bench.script(op::MODE_SELECT_10, &[Answer::Sense(5, 0x26, 0)]);
    let mut drive = bench.open_with(Some(folder.path().into())).unwrap();
    assert_eq!(page_file(&folder), None);
    assert_eq!(read(&mut drive, 0, 16).fault, None);
    drop(drive);
    assert_eq!(bench.count(op::MODE_SELECT_10), 1);
    assert_eq!(bench.error_page(), before);
}

#[test]
fn a_drive_without_the_page_is_used_as_it_is() {
    let bench = Bench::new(Media::Dvd, 100, "");
    bench.script(op::MODE_SENSE_10, &[Answer::Sense(5, 0x24, 0)]);
    assert!(bench.open().is_ok());
    assert_eq!(bench.count(op::MODE_SELECT_10), 0);
}

#[test]
fn a_foreign_file_in_the_state_folder_is_never_sent_to_the_drive() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(Media::Dvd, 100, "");
    std::mem::forget(bench.open_with(Some(folder.path().into())).unwrap());
    let path = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    std::fs::write(&path, "freemkv kept error page 1\n0E 01 00\n").unwrap();
    let before = bench.count(op::MODE_SELECT_10);
    drop(bench.open_with(Some(folder.path().into())));
    let log = bench.log.lock().unwrap();
    let selects = log.iter().filter(|cdb| cdb[0] == op::MODE_SELECT_10).skip(before);
    // The page is as the first run changed it, so nothing is to be changed.
    assert_eq!(selects.count(), 0);
}

#[test]
fn whoever_shares_a_drive_leaves_its_settings_alone() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(Media::Dvd, 100, "");
    let before = bench.error_page();
    let sweeping = bench.open_with(Some(folder.path().into())).unwrap();
    let changed = bench.error_page();
    let state_folder = Some(folder.path().into());
    let options = DriveOptions { state_folder, leave_settings: true, ..DriveOptions::default() };
    drop(Drive::open(Box::new(bench.clone()), options).unwrap());
    assert_eq!(bench.error_page(), changed);
    assert!(page_file(&folder).is_some());
    drop(sweeping);
    assert_eq!(bench.error_page(), before);
}

#[test]
fn settings_are_sent_again_after_a_reset() {
    let bench = Bench::new(Media::Dvd, 100, "");
    let mut drive = bench.open().unwrap();
    assert_eq!(drive.set(Control::Speed(Some(5540))), Supported::Yes);
    bench.script(op::READ_10, &[Answer::Sense(6, 0x29, 0)]);
    let (selects, senses) = (bench.count(op::MODE_SELECT_10), bench.count(op::MODE_SENSE_10));
    assert_eq!(read(&mut drive, 0, 16).fault, None);
    assert_eq!((bench.count(op::MODE_SENSE_10), bench.count(op::SET_CD_SPEED)), (senses + 1, 2));
    assert_eq!(bench.count(op::MODE_SELECT_10), selects, "the page stood");
    drop(drive);
    assert_eq!(bench.count(op::SET_CD_SPEED), 3);
}

#[test]
fn a_refused_speed_is_told() {
    let bench = Bench::new(Media::Dvd, 100, "");
    let mut drive = bench.open().unwrap();
    bench.script(op::SET_CD_SPEED, &[Answer::Sense(5, 0x24, 0)]);
    bench.script(op::SET_STREAMING, &[Answer::Sense(5, 0x20, 0)]);
    assert_eq!(drive.set(Control::Speed(None)), Supported::No);
}

#[test]
fn the_retry_count_is_changed_and_given_back_and_nothing_else_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(Media::Dvd, 100, "");
    let before = bench.error_page();
    let mut drive = bench.open_with(Some(folder.path().into())).unwrap();
    assert_eq!(drive.set(Control::Retries(Some(3))), Supported::Yes);
    let page = bench.error_page();
    assert_eq!((page[2], page[3], &page[4..]), (before[2] | 4, 3, &before[4..]));
    assert!(page_file(&folder).is_some());
    assert_eq!(drive.set(Control::Retries(None)), Supported::Yes);
    assert_eq!(bench.error_page()[3], before[3]);
    assert_eq!(drive.set(Control::Retries(Some(0))), Supported::Yes);
    drop(drive);
    assert_eq!(bench.error_page(), before);
    assert_eq!(page_file(&folder), None);
}

#[test]
fn a_drive_that_reports_recovered_errors_already_still_gets_its_retry_count_back() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(Media::Dvd, 100, "");
    std::mem::forget(bench.open().unwrap());
    let before = bench.error_page();
    let mut drive = bench.open_with(Some(folder.path().into())).unwrap();
    assert_eq!(page_file(&folder), None);
    assert_eq!(drive.set(Control::Retries(Some(0))), Supported::Yes);
    assert!(page_file(&folder).is_some());
    drop(drive);
    assert_eq!((bench.error_page(), page_file(&folder)), (before, None));
}

#[test]
fn a_drive_that_ignores_the_retry_count_is_found_out() {
    let bench = Bench::new(Media::Dvd, 100, "");
    let mut drive = bench.open().unwrap();
    let answer = [&[0, 18, 0, 0, 0, 0, 0, 0][..], &bench.error_page()].concat();
    bench.script(op::MODE_SENSE_10, &[Answer::Bytes(answer)]);
    assert_eq!(drive.set(Control::Retries(Some(7))), Supported::No);
    bench.script(op::MODE_SELECT_10, &[Answer::Sense(5, 0x26, 0)]);
    assert_eq!(drive.set(Control::Retries(Some(9))), Supported::No);
}

#[test]
fn a_page_that_makes_data_up_is_told() {
    let bench = Bench::new(Media::Dvd, 100, "");
    let mut page = bench.error_page();
    page[2] = 0x10;
    let answer = [&[0, 18, 0, 0, 0, 0, 0, 0][..], &page].concat();
    bench.script(op::MODE_SENSE_10, &[Answer::Bytes(answer)]);
    assert!(bench.open().unwrap().notes()[0].contains("RC in mode page 01h"));
}

#[test]
fn speeds_are_told_and_set_by_the_other_command_where_the_first_is_unknown() {
    let bench = Bench::new(Media::Dvd, 100, "");
    let mut drive = bench.open().unwrap();
    assert_eq!(drive.top_speed(), Some(11_000_000));
    bench.script(op::SET_CD_SPEED, &[Answer::Sense(5, 0x20, 0)]);
    assert_eq!(drive.set(Control::Speed(Some(2770))), Supported::Yes);
    assert_eq!((drive.speeds().unwrap().current, bench.count(op::SET_STREAMING)), (2770, 1));
    bench.script(op::SET_CD_SPEED, &[Answer::Sense(5, 0x20, 0)]);
    drop(drive);
    assert_eq!(bench.open().unwrap().speeds().unwrap().current, 11_000);
}

#[test]
fn the_tray_is_locked_while_the_drive_is_open_and_ejects_on_request() {
    let bench = Bench::new(Media::Dvd, 100, "");
    let locked = |bench: &Bench| {
        let open = cdb::start_stop_unit(false, true);
        let reply = bench.clone().execute(&open, Data::None, Duration::MAX).unwrap();
        let locked = reply.status != 0;
        bench.clone().execute(&cdb::start_stop_unit(true, true), Data::None, Duration::MAX).unwrap();
        locked
    };
    let mut drive = bench.open().unwrap();
    assert!(locked(&bench));
    assert_eq!(drive.eject(), Supported::Yes);
    drop(drive);
    assert!(bench.open().is_err(), "the disc is out");
    assert!(!locked(&bench));
    drop(bench.open().unwrap());
    assert!(!locked(&bench), "and it is free again afterwards");
}

#[test]
fn the_same_disc_put_back_is_told_from_another_one() {
    let bench = Bench::new(Media::Dvd, 100, "");
    let mut drive = bench.open().unwrap();
    bench.script(op::READ_10, &[Answer::Sense(6, 0x28, 0)]);
    assert_eq!(read(&mut drive, 0, 16).fault, Some(Fault::MediumChanged));
    let senses = bench.count(op::MODE_SENSE_10);
    assert_eq!(drive.is_same_medium(), Ok(true));
    assert_eq!(bench.count(op::MODE_SENSE_10), senses + 1);
    bench.script(op::READ_CAPACITY, &[Answer::Bytes(vec![0, 0, 0, 50, 0, 0, 8, 0])]);
    assert_eq!(drive.is_same_medium(), Ok(false));
}

#[test]
fn a_tray_is_opened_and_closed_and_a_speed_set_by_hand() {
    use tray::{Deed, act_on};
    let bench = Bench::new(Media::Dvd, 100, "");
    let act = |deed| act_on(Box::new(bench.clone()), "/dev/sr0", deed).unwrap();
    bench.clone().execute(&cdb::prevent_removal(true), Data::None, Duration::MAX).unwrap();
    assert!(act(Deed::Eject), "a lock that a killed run left is no obstacle");
    assert!(matches!(bench.open(), Err(DriveError::NoMedium { tray_open: true, .. })));
    assert!(act(Deed::Close));
    assert!(act(Deed::Speed(Some(2770))));
    assert_eq!(bench.open().unwrap().speeds().unwrap().current, 2770);
}

/// Commands that go wrong, each followed by a reset of which somebody else is told.
#[test]
fn settings_that_were_lost_in_silence_are_sent_again_before_the_next_read() {
    for (answer, limit) in [("0B/47/00 1", 10), ("host:07 1", 10), ("host:03 1", 10), ("status:40 1", 10)] {
        let bench = Bench::new(Media::Dvd, 1000, &format!("resets silent\nanswer 1 1 {answer}"));
        let mut drive = bench.open().unwrap();
        assert_eq!(drive.set(Control::Speed(Some(5540))), Supported::Yes);
        let page = bench.error_page();
        let request =
            ReadRequest { range: SectorRange::new(16, 32), fua: false, time_limit: Duration::from_secs(limit) };
        assert_eq!(drive.read(&request, &mut vec![0; 32768]).fault, None, "{answer}");
        assert_eq!((bench.error_page(), drive.speeds().unwrap().current), (page, 5540), "{answer}");
    }
}

#[test]
fn every_unit_attention_has_the_settings_looked_at() {
    for (asc, ascq) in [(0x29, 0), (0x2A, 1), (0x3F, 1), (0x2F, 0)] {
        let bench = Bench::new(Media::Dvd, 1000, "");
        let mut drive = bench.open().unwrap();
        bench.script(op::READ_10, &[Answer::Sense(6, asc, ascq)]);
        let senses = bench.count(op::MODE_SENSE_10);
        assert_eq!(read(&mut drive, 0, 16).fault, None);
        assert_eq!(bench.count(op::MODE_SENSE_10), senses + 1, "{asc:02X}");
    }
}

#[test]
fn a_drive_that_does_not_take_its_settings_again_is_not_read() {
    let bench = Bench::new(Media::Dvd, 1000, "at 5 reset\nat 5 refuse-settings");
    let mut drive = bench.open().unwrap();
    assert_eq!(read(&mut drive, 0, 16).fault, None);
    bench.clock.sleep(Duration::from_secs(6));
    assert_eq!(read(&mut drive, 16, 16).fault, Some(Fault::SettingsLost));
    assert_eq!(read(&mut drive, 16, 16).fault, Some(Fault::SettingsLost));
    drive.keep_settings(false);
    assert_eq!(read(&mut drive, 16, 16).fault, None);
}

#[test]
fn a_refused_restore_is_told_and_the_page_kept() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(Media::Dvd, 1000, "at 5 refuse-settings");
    let mut drive = bench.open_with(Some(folder.path().into())).unwrap();
    assert_eq!(drive.set(Control::Speed(Some(5540))), Supported::Yes);
    bench.clock.sleep(Duration::from_secs(6));
    let told = drive.give_back();
    assert!(told.len() == 2 && told[0].contains("01h") && told[1].contains("speed"), "{told:?}");
    assert!(page_file(&folder).is_some());
    let bench = Bench::new(Media::Dvd, 1000, "");
    let mut drive = bench.open().unwrap();
    assert_eq!(drive.set(Control::Speed(Some(5540))), Supported::Yes);
    assert_eq!(drive.give_back(), Vec::<String>::new());
    assert_eq!(drive.speeds().unwrap().current, 11_000);
}

#[test]
fn a_reset_while_the_settings_are_sent_does_not_lose_them() {
    // Each command of opening a drive takes a second, and the reset comes before another one of them each time.
    for second in 0..20 {
        let bench = Bench::new(Media::Dvd, 1000, &format!("cmd_ms 1000\nat {second}.5 reset"));
        let mut drive = bench.open().unwrap();
        assert_eq!(read(&mut drive, 0, 16).fault, None);
        assert_eq!(read(&mut drive, 16, 16).fault, None);
        assert_eq!(bench.error_page()[2] & 4, 4, "{second}");
    }
}

#[test]
fn what_was_given_back_is_taken_again_by_the_next_run_and_given_back_once_more() {
    let bench = Bench::new(Media::Dvd, 1000, "");
    let found = bench.error_page();
    let mut drive = bench.open().unwrap();
    let set = bench.error_page();
    assert_ne!(found, set);
    for _ in 0..3 {
        drive.take_up();
        assert_eq!(bench.error_page(), set);
        assert_eq!(drive.set(Control::Speed(Some(5540))), Supported::Yes);
        assert_eq!(drive.let_go(), Vec::<String>::new());
        assert_eq!(bench.error_page(), found);
        assert_eq!(drive.speeds().unwrap().current, 11_000);
    }
    drive.take_up();
    drop(drive);
    assert_eq!(bench.error_page(), found);
}
