//! Damage plans from anywhere, and a few reads of a drive that has the damage.
#![no_main]

use std::sync::Arc;
use std::time::Duration;

use freemkv::base::clock::VirtualClock;
use freemkv::base::media::Media;
use freemkv::base::sector::{SECTOR_SIZE, SectorRange};
use freemkv::scsi::emulated::{DamagePlan, EmulatedDrive, NumberedMedium};
use freemkv::scsi::{Data, Transport, cdb};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(plan) = DamagePlan::parse(text) else { return };
    // Drives that lie on purpose.
    let lies = ["recovered", "zero-after", "swap"].iter().any(|word| text.contains(word));
    let medium = Box::new(NumberedMedium { sectors: 1000 });
    let mut drive = EmulatedDrive::new(medium, Media::Dvd, plan, Arc::new(VirtualClock::new()));
    let mut buffer = vec![0; 64 * SECTOR_SIZE];
    for start in [0, 64, 900, 30, 0] {
        let command = cdb::read(SectorRange::with_len(start, 64), start == 0).expect("fits");
        let Ok(reply) = drive.execute(&command, Data::In(&mut buffer), Duration::from_secs(60)) else { continue };
        if lies {
            continue;
        }
        let transferred = buffer.len() - reply.residual;
        for (sector, lba) in buffer[..transferred].chunks(SECTOR_SIZE).zip(start..) {
            assert_eq!(sector[..8], lba.to_be_bytes());
        }
    }
});
