//! Any bytes as what earlier runs left: the profile of a drive, the record of a disc's folder. What is read is written and
//! read back.
#![no_main]

use std::fs;

use freemkv::base::media::Media;
use freemkv::job::profile::DriveProfile;
use freemkv::job::rip::disc::record::{self, Record};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir_in("/dev/shm").expect("memory");
    let profile = DriveProfile::new(folder.path(), "VENDOR MODEL 1.00", Some(Media::Bd));
    fs::write(folder.path().join("drive-VENDOR-MODEL-1.00.bd.json"), bytes).expect("memory");
    if let Some(learned) = profile.load() {
        profile.save(learned).expect("memory");
        assert_eq!(profile.load(), Some(learned));
    }
    fs::write(record::path(folder.path()), bytes).expect("memory");
    if let Some(record) = Record::read(folder.path()) {
        record.save(folder.path()).expect("memory");
        assert_eq!(Record::read(folder.path()), Some(record));
    }
});
