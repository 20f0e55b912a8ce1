mod trouble;

use super::*;
use crate::base::clock::VirtualClock;
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::scsi::emulated::{MemoryMedium, NumberedMedium};
use crate::scsi::sense::{Verdict, classify};
use crate::scsi::{answers, cdb};
use proptest::prelude::*;

const LIMIT: Duration = Duration::from_secs(60);

fn drive(media: Media, sectors: u64, plan: &str) -> EmulatedDrive {
    let plan = DamagePlan::parse(plan).unwrap();
    EmulatedDrive::new(Box::new(NumberedMedium { sectors }), media, plan, Arc::new(VirtualClock::new()))
}

fn ask(drive: &mut EmulatedDrive, cdb: &[u8], length: usize) -> (Reply, Vec<u8>) {
    let mut buffer = vec![0xEE; length];
    let reply = drive.execute(cdb, Data::In(&mut buffer), LIMIT).unwrap();
    buffer.truncate(length - reply.residual);
    (reply, buffer)
}

fn read(drive: &mut EmulatedDrive, start: u64, count: u64) -> (Reply, Vec<u8>) {
    ask(drive, &cdb::read(SectorRange::with_len(start, count), false).unwrap(), count as usize * SECTOR_SIZE)
}

#[test]
fn a_disc_in_memory_ends_with_a_whole_sector() {
    let mut medium = MemoryMedium::new(vec![7; 3000]);
    let mut sector = [1; SECTOR_SIZE];
    medium.read_at(1, &mut sector).unwrap();
    assert_eq!((medium.sectors(), sector[951], sector[952]), (2, 7, 0));
    assert!(medium.read_at(2, &mut sector).is_err());
    assert!(medium.read_at(u64::MAX, &mut sector).is_err());
}

fn ready(drive: &mut EmulatedDrive) -> Verdict {
    classify(&drive.execute(&cdb::test_unit_ready(), Data::None, LIMIT).unwrap())
}

#[test]
fn it_says_what_it_is_and_what_is_in_it() {
    for (media, profile) in [(Media::Cd, 8), (Media::Dvd, 0x10), (Media::Bd, 0x40), (Media::Uhd, 0x40)] {
        let mut drive = drive(media, 100, "");
        let inquiry = answers::inquiry(&ask(&mut drive, &cdb::inquiry(36), 36).1).unwrap();
        assert_eq!((inquiry.device_type, inquiry.vendor.as_str()), (answers::TYPE_OPTICAL, "FREEMKV"));
        let page = ask(&mut drive, &cdb::inquiry_page(0x80, 252), 252).1;
        assert_eq!(answers::serial(&page), Some("EMULATED".into()));
        let capacity = answers::capacity(&ask(&mut drive, &cdb::read_capacity(), 8).1).unwrap();
        assert_eq!((capacity.last, capacity.block_bytes), (99, 2048));
        let header = ask(&mut drive, &cdb::get_configuration(0, 8), 8).1;
        assert_eq!(answers::current_profile(&header), Some(profile));
        let toc = answers::toc(&ask(&mut drive, &cdb::read_toc(cdb::TOC_TRACKS, 804), 804).1).unwrap();
        assert_eq!((toc.tracks.len(), toc.lead_out), (1, Some(100)));
        let session = ask(&mut drive, &cdb::read_toc(cdb::TOC_SESSIONS, 12), 12).1;
        assert_eq!(crate::scsi::tracks::last_session(&session).map(|last| last.track), Some(1));
    }
}

#[test]
fn sound_sectors_are_handed_out_by_both_reads() {
    let mut drive = drive(Media::Dvd, 100, "");
    let (reply, data) = read(&mut drive, 7, 20);
    assert_eq!(classify(&reply), Verdict::Good);
    assert_eq!(data[..8], 7u64.to_be_bytes());
    assert_eq!(data[19 * SECTOR_SIZE..][..8], 26u64.to_be_bytes());
    let twelve = cdb::read_12(SectorRange::new(99, 100), true).unwrap();
    assert_eq!(ask(&mut drive, &twelve, SECTOR_SIZE).1[..8], 99u64.to_be_bytes());
}

#[test]
fn a_dead_unit_ends_the_transfer_with_sense_and_address() {
    let mut drive = drive(Media::Dvd, 100, "bad 2 1 0");
    let (reply, data) = read(&mut drive, 20, 40);
    assert_eq!(data.len(), 12 * SECTOR_SIZE);
    let sense = sense::decode(&reply.sense).unwrap();
    assert_eq!((reply.status, sense.sense, sense.information), (2, Sense::new(3, 0x11, 0), Some(32)));
    assert!(reply.duration >= Duration::from_secs(3));
    assert_eq!(drive.clock().now(), reply.duration);
}

#[test]
fn wrong_commands_are_refused_as_real_drives_do() {
    let mut drive = drive(Media::Cd, 100, "");
    let mut sense = |cdb: &[u8]| sense::decode(&ask(&mut drive, cdb, 4096).0.sense).map(|s| s.sense);
    assert_eq!(sense(&[0xF7; 10]), Some(Sense::new(5, 0x20, 0)));
    assert_eq!(sense(&[]), None);
    assert_eq!(sense(&[0x28]), Some(Sense::new(5, 0x24, 0)));
    assert_eq!(sense(&cdb::read(SectorRange::new(99, 101), false).unwrap()), Some(Sense::new(5, 0x21, 0)));
    assert_eq!(sense(&[0x51, 1, 0, 0, 0, 0, 0, 0, 34, 0]), Some(Sense::new(5, 0x24, 0)));
    assert_eq!(sense(&cdb::mode_sense(0x0E, 64)), Some(Sense::new(5, 0x24, 0)));
    assert_eq!(sense(&cdb::read(SectorRange::new(99, 99), false).unwrap()), None);
}

#[test]
fn an_audio_track_cannot_be_read_as_data() {
    let tracks = [(0, true), (50, false), (80, true)].map(|(start, data)| TrackLayout { start, data });
    let mut drive = drive(Media::Cd, 100, "").with_tracks(tracks.to_vec());
    assert_eq!(classify(&read(&mut drive, 48, 2).0), Verdict::Good);
    assert_eq!(classify(&read(&mut drive, 48, 3).0), Verdict::Fault(crate::base::outcome::Fault::WrongTrack));
    assert_eq!(classify(&read(&mut drive, 80, 20).0), Verdict::Good);
}

#[test]
fn the_error_page_is_read_changed_and_guarded() {
    let mut drive = drive(Media::Bd, 100, "");
    let sense = cdb::mode_sense(cdb::ERROR_PAGE, 64);
    let mut page = answers::mode_page(&ask(&mut drive, &sense, 64).1, 1).unwrap();
    assert_eq!(page, drive.error_page());
    page[2] = 4;
    let mut select = |page: &[u8]| {
        let list = answers::mode_parameters(page);
        let cdb = cdb::mode_select(list.len() as u16);
        classify(&drive.execute(&cdb, Data::Out(&list), LIMIT).unwrap())
    };
    assert_eq!(select(&page), Verdict::Good);
    assert_eq!(select(&[1, 10, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]), Verdict::Refused);
    assert_eq!(select(&[8, 10, 0, 0]), Verdict::Refused);
    assert_eq!(drive.error_page(), page);
}

#[test]
fn the_tray_and_the_motor_obey() {
    let mut drive = drive(Media::Dvd, 100, "");
    let mut tell = |start, tray| drive.execute(&cdb::start_stop_unit(start, tray), Data::None, LIMIT).unwrap();
    assert_eq!(classify(&tell(false, false)), Verdict::Good);
    assert_eq!(ready(&mut drive), Verdict::StartUnit);
    drive.execute(&cdb::start_stop_unit(true, false), Data::None, LIMIT).unwrap();
    assert_eq!(ready(&mut drive), Verdict::Good);
    drive.execute(&cdb::start_stop_unit(false, true), Data::None, LIMIT).unwrap();
    assert_eq!(ready(&mut drive), Verdict::Fault(crate::base::outcome::Fault::NoMedium));
    assert_eq!(answers::current_profile(&ask(&mut drive, &cdb::get_configuration(0, 8), 8).1), Some(0));
    drive.execute(&cdb::start_stop_unit(true, true), Data::None, LIMIT).unwrap();
    assert_eq!(ready(&mut drive), Verdict::Fault(crate::base::outcome::Fault::MediumChanged));
    assert_eq!(ready(&mut drive), Verdict::Good);
}

#[test]
fn another_disc_is_announced_and_read() {
    let other = MemoryMedium::new(vec![7; 10 * SECTOR_SIZE]);
    let mut drive =
        drive(Media::Dvd, 100, "bad 0 1 0\nat 5 swap other\nat 6 swap nobody").with_disc("other", Box::new(other));
    let clock = drive.clock();
    clock.sleep(Duration::from_secs(5));
    assert_eq!(event(&mut drive), (2, 2));
    assert_eq!(ready(&mut drive), Verdict::Fault(crate::base::outcome::Fault::MediumChanged));
    assert_eq!(event(&mut drive), (0, 2));
    assert_eq!(read(&mut drive, 0, 10).1, vec![7; 10 * SECTOR_SIZE]);
    clock.sleep(Duration::from_secs(1));
    assert_eq!(event(&mut drive), (3, 0));
    assert_eq!(ready(&mut drive), Verdict::Fault(crate::base::outcome::Fault::NoMedium));
}

/// Event and media status of GET EVENT STATUS NOTIFICATION.
fn event(drive: &mut EmulatedDrive) -> (u8, u8) {
    let cdb = [cdb::op::GET_EVENT_STATUS, 1, 0, 0, 0x10, 0, 0, 0, 8, 0];
    let answer = ask(drive, &cdb, 8).1;
    assert_eq!(answer[..4], [0, 6, 4, 0x10]);
    (answer[4], answer[5])
}

#[test]
fn a_locked_tray_stays_shut() {
    let mut drive = drive(Media::Dvd, 100, "");
    let mut tell = |cdb: &[u8]| classify(&drive.execute(cdb, Data::None, LIMIT).unwrap());
    tell(&cdb::prevent_removal(true));
    assert_eq!(tell(&cdb::start_stop_unit(false, true)), Verdict::Refused);
    tell(&cdb::prevent_removal(false));
    assert_eq!(tell(&cdb::start_stop_unit(false, true)), Verdict::Good);
}

#[test]
fn speeds_are_told_set_and_forgotten() {
    let mut drive = drive(Media::Dvd, 20_000, "inner 1\nrate 11");
    let speeds = |drive: &mut EmulatedDrive| {
        let page = answers::mode_page(&ask(drive, &cdb::mode_sense(cdb::CAPABILITIES_PAGE, 64), 64).1, 0x2A).unwrap();
        let speeds = answers::speeds(&page).unwrap();
        (speeds.top, speeds.current)
    };
    assert_eq!(speeds(&mut drive), (11_000, 11_000));
    drive.execute(&cdb::set_cd_speed(Some(1385)), Data::None, LIMIT).unwrap();
    assert_eq!(speeds(&mut drive), (11_000, 1385));
    let before = drive.clock().now();
    read(&mut drive, 0, 64);
    assert!(drive.clock().now() - before > Duration::from_millis(90));
    for (wanted, expected) in [(Some(5540), 5540), (None, 11_000)] {
        let list = answers::streaming_descriptor(19_999, wanted);
        let reply = drive.execute(&cdb::set_streaming(), Data::Out(&list), LIMIT).unwrap();
        assert_eq!((classify(&reply), speeds(&mut drive).1), (Verdict::Good, expected));
    }
}

#[test]
fn the_size_of_the_disc_is_told_in_three_ways() {
    for sectors in [100, 4_000_000] {
        let mut drive = drive(Media::Dvd, sectors, "capacity 50");
        let capacity = answers::capacity(&ask(&mut drive, &cdb::read_capacity(), 8).1).unwrap();
        assert_eq!(capacity.last, 49);
        let structure = ask(&mut drive, &cdb::read_dvd_structure(cdb::DVD_PHYSICAL, 2052), 2052).1;
        assert_eq!(answers::dvd_sectors(&structure), Some(sectors as u32));
    }
    let mut bd = drive(Media::Bd, 100, "");
    let di = [cdb::op::READ_DISC_STRUCTURE, 1, 0, 0, 0, 0, 0, 0, 16, 4, 0, 0];
    assert_eq!(ask(&mut bd, &di, 4100).1[4..6], *b"DI");
    assert_eq!(ask(&mut bd, &cdb::read_dvd_structure(0, 2052), 2052).0.status, 2);
}

#[test]
fn what_was_never_written_is_told_and_refused() {
    let mut drive = drive(Media::Dvd, 100, "blank 2 1\nblank 4 99");
    let header = ask(&mut drive, &cdb::get_configuration(0, 8), 8).1;
    assert_eq!(answers::current_profile(&header), Some(0x1A));
    let track = ask(&mut drive, &cdb::read_track_information(99, 36), 36).1;
    assert_eq!(answers::unwritten_from(&track), Some(64));
    assert_eq!(classify(&read(&mut drive, 32, 16).0), Verdict::Fault(crate::base::outcome::Fault::Blank));
    assert_eq!(classify(&read(&mut drive, 48, 16).0), Verdict::Good);
}

#[test]
fn a_kernel_learns_what_it_asks_of_a_new_drive() {
    let mut drive = drive(Media::Bd, 100, "");
    let luns = ask(&mut drive, &[0xA0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0], 4096).1;
    assert_eq!(luns, [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let disc = ask(&mut drive, &[0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0], 34).1;
    assert_eq!(disc[..7], [0, 32, 0x0E, 1, 1, 1, 1]);
    // The sr driver leaves block descriptors to the drive and takes either command.
    let long = ask(&mut drive, &[0x5A, 0, 0x2A, 0, 0, 0, 0, 0, 128, 0], 128).1;
    let short = ask(&mut drive, &[0x1A, 0, 0x2A, 0, 128, 0], 128).1;
    assert_eq!((long[1], short[0], &long[8..]), (32, 29, &short[4..]));
    assert_eq!(long[8..10], [0x2A, 0x18]);
}

proptest! {
    #[test]
    fn no_command_makes_it_panic(
        commands in prop::collection::vec(
            (prop::collection::vec(any::<u8>(), 0..16), prop::option::of(0usize..9000), any::<bool>()), 0..40)
    ) {
        let mut drive = drive(Media::Bd, 70, "bad 1 1 0.5\nbads 3 2 0\nwedge 9 9\nshort 0 1 3\nblank 2 1");
        for (cdb, length, out) in commands {
            let mut buffer = vec![1; length.unwrap_or(0)];
            let data = match (length, out) {
                (None, _) => Data::None,
                (_, false) => Data::In(&mut buffer),
                (_, true) => Data::Out(&buffer),
            };
            let reply = drive.execute(&cdb, data, LIMIT).unwrap();
            prop_assert!(reply.residual <= length.unwrap_or(0));
        }
    }

    /// What is handed over is right, and what is missing is said.
    #[test]
    fn no_read_lies(reads in prop::collection::vec((0u64..200, 1u64..70, any::<bool>()), 1..30), seed in 0u64..1000) {
        let plan = format!("seed {seed}\nbad 1 1 0.5\nbad 3 2 0\nbads 10 3 0.3\n");
        let mut drive = drive(Media::Bd, 200, &plan);
        for (start, count, fua) in reads {
            let cdb = cdb::read(SectorRange::with_len(start, count), fua).unwrap();
            let (reply, data) = ask(&mut drive, &cdb, count as usize * SECTOR_SIZE);
            for (i, sector) in data.chunks(SECTOR_SIZE).enumerate() {
                prop_assert_eq!(&sector[..8], &(start + i as u64).to_be_bytes());
            }
            if reply.status == 0 {
                prop_assert_eq!(reply.residual, 0);
            }
        }
    }
}

/// Every sleep lasts a tenth of a millisecond too long, as a machine's do.
#[derive(Default)]
struct Oversleeping(VirtualClock);

impl Clock for Oversleeping {
    fn now(&self) -> Duration {
        self.0.now()
    }
    fn sleep(&self, duration: Duration) {
        self.0.sleep(duration + Duration::from_micros(100));
    }
}

#[test]
fn what_a_machine_oversleeps_does_not_add_up() {
    let clock = Arc::new(Oversleeping::default());
    let medium = Box::new(NumberedMedium { sectors: 64_000 });
    let mut drive = EmulatedDrive::new(medium, Media::Bd, DamagePlan::sound(), clock.clone()).in_real_time();
    let modelled: Duration = (0..1000).map(|i| read(&mut drive, i * 64, 64).0.duration).sum();
    assert!(clock.now() >= modelled && clock.now() - modelled <= Duration::from_micros(200));
}
