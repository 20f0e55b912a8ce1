use super::*;
use crate::scsi::cdb::op;
use crate::scsi::emulated::TrackLayout;
use proptest::prelude::*;

fn fault(bench: &Bench) -> Option<Fault> {
    bench.open().err().and_then(|e| e.fault())
}

fn track(start: u32, data: bool) -> TrackLayout {
    TrackLayout { start, data }
}

#[test]
fn a_drive_says_who_it_is_and_what_is_in_it() {
    let drive = Bench::new(Media::Bd, 1000, "").open().unwrap();
    assert_eq!(drive.identity().to_string(), "FREEMKV EMULATED DRIVE 1.00");
    assert_eq!(drive.identity().serial.as_deref(), Some("EMULATED"));
    let facts = drive.facts();
    assert_eq!(facts.name, "/dev/sr0 (FREEMKV EMULATED DRIVE 1.00)");
    assert_eq!((facts.sectors, facts.media, facts.max_sectors), (1000, Some(Media::Bd), 32));
    assert_eq!(drive.data().ranges(), [SectorRange::new(0, 1000)]);
    assert!(drive.notes().is_empty(), "{:?}", drive.notes());
}

#[test]
fn no_disc_and_an_open_tray_are_told_apart() {
    let bench = Bench::new(Media::Dvd, 100, "at 0 eject");
    assert!(matches!(bench.open(), Err(DriveError::NoMedium { tray_open: false, .. })));
    bench.script(op::TEST_UNIT_READY, &[Answer::Sense(2, 0x3A, 2)]);
    assert!(matches!(bench.open(), Err(DriveError::NoMedium { tray_open: true, .. })));
    assert_eq!(bench.seconds(), 0);
}

#[test]
fn a_drive_that_becomes_ready_is_waited_for() {
    let bench = Bench::new(Media::Dvd, 100, "at 0 notready 20");
    assert!(bench.open().is_ok());
    assert!((20..22).contains(&bench.seconds()));
}

#[test]
fn a_drive_that_never_becomes_ready_is_given_up_after_a_minute() {
    let bench = Bench::new(Media::Dvd, 100, "at 0 notready");
    assert!(matches!(bench.open(), Err(DriveError::NotReady { sense: Some(Sense { key: 2, asc: 4, ascq: 1 }), .. })));
    assert!((60..63).contains(&bench.seconds()), "{}", bench.seconds());
}

#[test]
fn a_drive_that_wants_to_be_started_is_started() {
    let bench = Bench::new(Media::Dvd, 100, "");
    bench.drive.lock().unwrap().execute(&cdb::start_stop_unit(false, false), Data::None, Duration::MAX).unwrap();
    assert!(bench.open().is_ok());
    assert_eq!(bench.count(op::START_STOP_UNIT), 1);
}

#[test]
fn unit_attentions_after_loading_are_passed_over() {
    let bench = Bench::new(Media::Dvd, 100, "");
    bench.script(op::TEST_UNIT_READY, &[Answer::Sense(6, 0x29, 0), Answer::Sense(6, 0x28, 0)]);
    bench.script(op::READ_CAPACITY, &[Answer::Sense(6, 0x2A, 1)]);
    assert!(bench.open().is_ok());
}

#[test]
fn every_other_obstacle_has_its_name() {
    let with = |answers: &[Answer]| {
        let bench = Bench::new(Media::Dvd, 100, "");
        bench.script(op::TEST_UNIT_READY, answers);
        (fault(&bench), bench.seconds())
    };
    assert_eq!(with(&[Answer::Sense(2, 0x30, 1)]), (Some(Fault::Incompatible), 0));
    assert_eq!(with(&vec![Answer::Status(8); 9]), (Some(Fault::Busy), 3));
    assert_eq!(with(&vec![Answer::Host(7); 9]), (Some(Fault::Transport), 75));
    assert_eq!(with(&[Answer::Errno(libc::ENODEV)]), (Some(Fault::Gone), 0));
    assert_eq!(with(&vec![Answer::Sense(6, 0x29, 0); 2000]).0, Some(Fault::NotReady));
}

#[test]
fn what_is_no_optical_drive_is_refused() {
    let bench = Bench::new(Media::Dvd, 100, "");
    bench.script(op::INQUIRY, &[Answer::Bytes(vec![0; 36])]);
    assert!(matches!(bench.open(), Err(DriveError::NotOptical { device_type: 0, .. })));
}

#[test]
fn an_audio_cd_is_refused_and_of_a_mixed_one_the_data_counts() {
    let audio = Bench::with(Media::Cd, 1000, "", |d| d.with_tracks(vec![track(0, false), track(500, false)]));
    assert!(matches!(audio.open(), Err(DriveError::AudioOnly { .. })));
    let mixed = Bench::with(Media::Cd, 1000, "", |d| d.with_tracks(vec![track(0, true), track(500, false)]));
    let mut drive = mixed.open().unwrap();
    assert_eq!((drive.facts().sectors, drive.data().len(), drive.notes().len()), (350, 350, 1));
    assert_eq!(read(&mut drive, 330, 20).fault, None);
    let enhanced = Bench::with(Media::Cd, 1000, "", |d| d.with_tracks(vec![track(0, false), track(500, true)]));
    let drive = enhanced.open().unwrap();
    assert_eq!((drive.facts().sectors, drive.data().ranges()), (1000, &[SectorRange::new(500, 1000)][..]));
}

#[test]
fn a_full_table_of_contents_that_was_cut_is_not_believed() {
    let plan = "track 0 data 1000\nsession\ntrack 12400 data 300\ntrack 12700 data 300";
    let whole = Bench::new(Media::Cd, 13_000, plan).open().unwrap();
    assert_eq!(whole.sessions(), [0, 12_400]);
    // The answer has two sessions of three points each and three tracks; descriptors have 11 bytes.
    let unused = 4 + (99 + 49 * 5) * 11 - (4 + 9 * 11);
    for cut in 1..9 {
        let bench = Bench::new(Media::Cd, 13_000, plan);
        bench.script(op::READ_TOC, &[Answer::Short(0), Answer::Short(unused + cut * 11)]);
        let drive = bench.open().unwrap();
        assert_eq!((drive.sessions(), drive.facts().sectors), (&[0, 12_400][..], 13_000), "{cut} descriptors");
        assert_eq!(drive.left_out().sectors().ranges(), [SectorRange::new(1000, 12_400)], "{cut} descriptors");
    }
}

#[test]
fn a_drive_that_reads_nothing_when_it_is_opened_has_no_disc_of_sound() {
    let plan = "track 0 data 1000\nsession\ntrack 12400 data 600\nno full-toc\nno sessions\nanswer 0 13000 05/64/00";
    let mut drive = Bench::new(Media::Cd, 13_000, plan).open().unwrap();
    assert!(drive.left_out().is_empty());
    assert_eq!(read(&mut drive, 0, 16).fault, Some(Fault::Wedged));
}

#[test]
fn a_capacity_that_cannot_be_is_not_believed() {
    let with = |media, answer: &[u8]| {
        let bench = Bench::new(media, 1000, "");
        bench.script(op::READ_CAPACITY, &[Answer::Bytes(answer.to_vec())]);
        if media == Media::Bd {
            bench.script(op::READ_TRACK_INFORMATION, &[Answer::Sense(5, 0x24, 0)]);
        }
        bench.open()
    };
    assert!(matches!(with(Media::Bd, &[0, 0, 0, 0, 0, 0, 8, 0]), Err(DriveError::Capacity { .. })));
    assert!(matches!(with(Media::Bd, &[0, 0]), Err(DriveError::Capacity { .. })));
    assert!(matches!(with(Media::Dvd, &[0, 0, 4, 0, 0, 0, 2, 0]), Err(DriveError::BlockSize { bytes: 512, .. })));
    assert_eq!(with(Media::Dvd, &[0, 0, 0, 0, 0, 0, 8, 0]).unwrap().facts().sectors, 1000, "from its format");
    let from_toc = with(Media::Cd, &[0, 0x1F, 0xFF, 0xFF, 0, 0, 8, 0]).unwrap();
    assert_eq!((from_toc.facts().sectors, from_toc.notes().len()), (1000, 1));
}

#[test]
fn a_dvd_that_does_not_tell_its_size_is_measured_by_its_format() {
    let open = |sectors, plan: &str| Bench::new(Media::Dvd, sectors, plan).open().unwrap();
    let drive = open(4_000_000, "capacity 2097152");
    assert_eq!((drive.facts().sectors, drive.notes().len()), (4_000_000, 1));
    let drive = open(1000, "capacity 1300");
    assert_eq!((drive.facts().sectors, drive.notes().len()), (1000, 1));
    let drive = open(1000, "capacity 600");
    assert_eq!((drive.facts().sectors, drive.notes().len()), (1000, 1));
    assert!(open(1000, "").notes().is_empty());
}

#[test]
fn what_was_never_written_is_no_data() {
    let bench = Bench::new(Media::Bd, 1000, "blank 20 99");
    let drive = bench.open().unwrap();
    assert_eq!((drive.facts().sectors, drive.data().ranges()), (1000, &[SectorRange::new(0, 640)][..]));
    assert_eq!(drive.unwritten().ranges(), &[SectorRange::new(640, 1000)][..]);
    assert!(matches!(Bench::new(Media::Dvd, 100, "blank 0 99").open(), Err(DriveError::Blank { .. })));
    // A drive that is wrong about it is not believed.
    let bench = Bench::new(Media::Bd, 1000, "rewritable 1");
    let mut track = vec![0, 34, 1, 1, 0, 4, 0x41, 0];
    track.resize(36, 0);
    bench.script(op::READ_TRACK_INFORMATION, &[Answer::Bytes(track.clone()), Answer::Bytes(track)]);
    assert_eq!(bench.open().unwrap().data().len(), 1000);
}

#[test]
fn blank_and_open_discs_are_told_for_what_they_are() {
    let open = |plan: &str| Bench::new(Media::Cd, 1000, plan).open();
    assert!(matches!(open("profile 0009\ndisc blank\ncapacity 0\nno toc"), Err(DriveError::Blank { .. })));
    assert!(open("disc blank").is_ok(), "a pressed disc is not blank, whatever the drive says");
    let nothing = "profile 0011\ndisc open\ncapacity 0\nno track-information\ncommand AD 05/24/00";
    assert!(matches!(open(nothing), Err(DriveError::NotClosed { .. })));
    let by_track = open("profile 0041\ndisc open\ncapacity 0\ntrack 0 data 800").unwrap();
    assert_eq!(by_track.facts().sectors, 800);
}

#[test]
fn blocks_of_another_length_are_a_note_where_sectors_are_read() {
    for bytes in [2336, 2340, 2352] {
        let drive = Bench::new(Media::Cd, 1000, &format!("block {bytes}")).open().unwrap();
        assert!(drive.notes().iter().any(|note| note.contains(&bytes.to_string())), "{:?}", drive.notes());
    }
    assert!(matches!(Bench::new(Media::Cd, 1000, "block 512").open(), Err(DriveError::BlockSize { bytes: 512, .. })));
    let bench = Bench::new(Media::Cd, 1000, "block 2352");
    let mut raw = vec![0xFF; 2048];
    (raw[0], raw[11]) = (0, 0);
    bench.script(op::READ_10, &[Answer::Bytes(raw.clone()), Answer::Bytes(raw)]);
    assert!(matches!(bench.open(), Err(DriveError::BlockSize { bytes: 2352, .. })), "these are raw sectors");
}

#[test]
fn an_old_drive_without_profiles_reads_cds() {
    let bench = Bench::new(Media::Cd, 1000, "");
    bench.script(op::GET_CONFIGURATION, &[Answer::Sense(5, 0x20, 0)]);
    let drive = bench.open().unwrap();
    assert_eq!((drive.facts().media, drive.profile()), (Some(Media::Cd), 0));
}

#[test]
fn sense_that_got_lost_is_asked_for() {
    let bench = Bench::new(Media::Dvd, 100, "at 0 eject");
    bench.script(op::TEST_UNIT_READY, &[Answer::Status(2)]);
    assert!(matches!(bench.open(), Err(DriveError::NoMedium { .. })));
    assert_eq!(bench.count(op::REQUEST_SENSE), 1);
}

#[test]
fn a_wish_to_stop_ends_the_waiting() {
    let bench = Bench::new(Media::Dvd, 100, "at 0 notready");
    bench.clock.sleep(Duration::from_secs(3590));
    assert!(matches!(bench.open(), Err(DriveError::Stopped { .. })));
    assert_eq!(bench.seconds(), 3600);
}

proptest! {
    /// Whatever a drive answers, opening it ends, and in a time that people would wait.
    #[test]
    fn opening_ends_whatever_is_answered(answers in any_answers()) {
        let bench = Bench::new(Media::Cd, 1000, "");
        for (opcode, answer) in answers {
            bench.script(opcode, &[answer]);
        }
        drop(bench.open());
        prop_assert!(bench.seconds() < 3600, "{}", bench.seconds());
    }
}

fn any_answers() -> impl Strategy<Value = Vec<(u8, Answer)>> {
    let opcode = prop::sample::select(vec![
        op::TEST_UNIT_READY,
        op::INQUIRY,
        op::GET_CONFIGURATION,
        op::READ_TOC,
        op::READ_CAPACITY,
        op::MODE_SENSE_10,
    ]);
    let answer = prop_oneof![
        (0u8..16, any::<u8>(), 0u8..8).prop_map(|(k, a, q)| Answer::Sense(k, a, q)),
        (0u8..16, prop::sample::select(vec![4u8, 0x28, 0x29]), 0u8..3).prop_map(|(k, a, q)| Answer::Sense(k, a, q)),
        any::<u8>().prop_map(Answer::Status),
        (0u16..16).prop_map(Answer::Host),
        prop::sample::select(vec![libc::ENODEV, libc::EIO, libc::EINVAL]).prop_map(Answer::Errno),
    ];
    let bytes = prop::collection::vec(any::<u8>(), 0..64).prop_map(Answer::Bytes);
    let scripted = (opcode, prop_oneof![2 => answer, 1 => bytes]);
    prop::collection::vec(scripted, 0..200).prop_map(|mut answers| {
        answers.retain(|(opcode, answer)| *opcode != op::TEST_UNIT_READY || !matches!(answer, Answer::Bytes(_)));
        answers
    })
}
