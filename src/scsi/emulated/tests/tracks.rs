use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::VirtualClock;
use crate::base::media::Media;
use crate::scsi::emulated::{DamagePlan, EmulatedDrive, NumberedMedium};
use crate::scsi::tracks::{self, DiscStatus};
use crate::scsi::{Data, Transport as _, answers, cdb};

const PLAN: &str = "track 0 data 5000\ntrack 5000 audio 1000\nsession\ntrack 16400 data 3600\ntype xa\ndisc open\n";

fn ask(plan: &str, cdb: &[u8]) -> Option<Vec<u8>> {
    let plan = DamagePlan::parse(plan).unwrap();
    let medium = Box::new(NumberedMedium { sectors: 20_000 });
    let mut drive = EmulatedDrive::new(medium, Media::Cd, plan, Arc::new(VirtualClock::new()));
    let mut buffer = vec![0; 4096];
    let reply = drive.execute(cdb, Data::In(&mut buffer), Duration::from_secs(60)).unwrap();
    buffer.truncate(4096 - reply.residual);
    (reply.status == 0).then_some(buffer)
}

#[test]
fn tables_of_contents_tell_tracks_and_sessions() {
    let toc = answers::toc(&ask(PLAN, &cdb::read_toc(cdb::TOC_TRACKS, 804)).unwrap()).unwrap();
    let tracks: Vec<_> = toc.tracks.iter().map(|track| (track.number, track.data, track.start)).collect();
    assert_eq!(tracks, [(1, true, 0), (2, false, 5000), (3, true, 16_400)]);
    assert_eq!(toc.lead_out, Some(20_000));
    let last = tracks::last_session(&ask(PLAN, &cdb::read_toc(cdb::TOC_SESSIONS, 12)).unwrap()).unwrap();
    assert_eq!((last.sessions, last.track), (2, 3));
    let sessions = tracks::full_toc(&ask(PLAN, &cdb::read_toc(cdb::TOC_FULL, 2000)).unwrap()).unwrap();
    let ends: Vec<_> = sessions.iter().map(|session| (session.tracks.len(), session.lead_out)).collect();
    assert_eq!(ends, [(2, Some(6000)), (1, Some(20_000))]);
    assert!(sessions.iter().all(tracks::Session::may_hold_form_2));
    assert_eq!(ask("no full-toc", &cdb::read_toc(cdb::TOC_FULL, 2000)), None);
}

#[test]
fn disc_and_tracks_are_described() {
    let disc = tracks::disc_information(&ask(PLAN, &cdb::read_disc_information(34)).unwrap()).unwrap();
    assert_eq!((disc.status, disc.last_track), (DiscStatus::Open, 3));
    let track = |number| tracks::track_information(&ask(PLAN, &cdb::read_track_information_of(number, 36))?);
    assert_eq!(track(2).map(|t| (t.session, t.start, t.size, t.data)), Some((1, 5000, 1000, false)));
    assert_eq!(track(3).map(|t| (t.session, t.start, t.size, t.data)), Some((2, 16_400, 3600, true)));
    assert_eq!(track(4), None);
    let said = ask("said tracks 30000", &cdb::read_track_information_of(1, 36)).unwrap();
    assert_eq!(tracks::track_information(&said).unwrap().size, 30_000);
}

#[test]
fn only_data_tracks_are_read() {
    let reads = |plan: &str, start, count| {
        let range = crate::base::sector::SectorRange::with_len(start, count);
        // The buffer has room for two sectors.
        ask(plan, &cdb::read(range, false).unwrap()).is_some()
    };
    assert!(reads(PLAN, 4998, 2) && reads(PLAN, 16_400, 2) && reads("", 19_998, 2));
    assert!(!reads(PLAN, 4999, 2) && !reads(PLAN, 5500, 1) && !reads(PLAN, 7000, 1) && !reads(PLAN, 19_999, 2));
    assert!(!reads("track 0 data\ntrack 100 form2", 100, 1));
}

#[test]
fn what_is_no_disc_is_refused() {
    for line in
        ["track 0 music", "track 9", "track 5 data\ntrack 5 data", "disc new", "said us 3", "no way", "profile x"]
    {
        assert!(DamagePlan::parse(line).is_err(), "{line}");
    }
}
