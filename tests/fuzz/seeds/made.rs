//! Seeds that lie in no file of a disc: sectors that a file system reads, answers of a drive, texts.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use freemkv::base::clock::{Clock, VirtualClock};
use freemkv::base::media::Media;
use freemkv::base::outcome::{Fault, Sense};
use freemkv::base::sector::SectorRange;
use freemkv::drive::{Drive, DriveOptions};
use freemkv::fs::{MemorySectors, Sectors, open_disc, tree};
use freemkv::job::rip::disc::record::{self, Record};
use freemkv::scsi::emulated::{DamagePlan, EmulatedDrive, NumberedMedium};
use freemkv::scsi::{Data, Reply, Transport, sense};
use freemkv::source::drive::DriveSource;
use freemkv::source::{ReadRequest, SectorSource};

use super::{LONGEST, SECTOR};

/// Remembers which sectors are read, each once, in their order.
struct Recorded {
    disc: MemorySectors,
    read: Mutex<Vec<u64>>,
}

impl Sectors for Recorded {
    fn count(&self) -> u64 {
        self.disc.count()
    }

    fn read(&self, range: SectorRange, buffer: &mut [u8]) -> (u64, Option<Fault>) {
        let mut read = self.read.lock().expect("nobody panics");
        for sector in range.start()..range.end() {
            if !read.contains(&sector) {
                read.push(sector);
            }
        }
        self.disc.read(range, buffer)
    }
}

/// The sectors that say which files a disc has, as `support::sparse` takes them.
pub fn sectors_of(image: &[u8]) -> Vec<u8> {
    let recorded = Arc::new(Recorded { disc: MemorySectors::new(image.to_vec()), read: Mutex::default() });
    if let Ok(disc) = open_disc(recorded.clone()) {
        let _ = tree::files(&*disc, "", 500);
    }
    let mut row = Vec::new();
    for sector in recorded.read.lock().expect("nobody panics").iter() {
        let start = *sector as usize * SECTOR;
        let Some(bytes) = image.get(start..start + SECTOR) else { continue };
        let length = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let Ok(number) = u16::try_from(*sector) else { continue };
        if length > 0 && row.len() + 4 + length < LONGEST {
            row.extend(number.to_le_bytes());
            row.extend((length as u16).to_le_bytes());
            row.extend(&bytes[..length]);
        }
    }
    row
}

/// A drive whose answers are remembered.
struct Heard {
    drive: EmulatedDrive,
    replies: Arc<Mutex<Vec<(Reply, Vec<u8>)>>>,
}

impl Transport for Heard {
    fn execute(&mut self, cdb: &[u8], data: Data<'_>, timeout: Duration) -> io::Result<Reply> {
        let mut bytes = Vec::new();
        let reply = match data {
            Data::In(buffer) => {
                let reply = self.drive.execute(cdb, Data::In(buffer), timeout)?;
                bytes = buffer[..buffer.len().saturating_sub(reply.residual)].to_vec();
                reply
            }
            other => self.drive.execute(cdb, other, timeout)?,
        };
        self.replies.lock().expect("nobody panics").push((reply.clone(), bytes));
        Ok(reply)
    }

    fn max_transfer(&self) -> usize {
        self.drive.max_transfer()
    }

    fn clock(&self) -> Arc<dyn Clock> {
        self.drive.clock()
    }
}

/// What drives of every kind answer from being opened to being left, each a row of answers.
pub fn conversations() -> Vec<Vec<(Reply, Vec<u8>)>> {
    let plans = [
        "",
        "recovered 1 2\nanswer 0 1 04/3e/00 1\n",
        "track 0 data 100\ntrack 300 audio 100\nsession\ntrack 600 data\n",
    ];
    let mut found = Vec::new();
    for media in [Media::Cd, Media::Dvd, Media::Bd] {
        for plan in plans {
            let plan = DamagePlan::parse(plan).expect("a plan");
            let medium = Box::new(NumberedMedium { sectors: 1000 });
            let replies: Arc<Mutex<Vec<(Reply, Vec<u8>)>>> = Arc::default();
            let drive = EmulatedDrive::new(medium, media, plan, Arc::new(VirtualClock::new()));
            let heard = Heard { drive, replies: Arc::clone(&replies) };
            let options = DriveOptions {
                name: "heard".into(),
                state_folder: None,
                leave_settings: false,
                lock: true,
                cancel: Default::default(),
            };
            if let Ok(mut drive) = Drive::open(Box::new(heard), options) {
                let mut buffer = vec![0; 2 * SECTOR];
                for start in [0, 500, 998] {
                    let range = SectorRange::with_len(start, 2);
                    drive.read(&ReadRequest { range, fua: false, time_limit: Duration::from_secs(60) }, &mut buffer);
                }
                drive.give_back();
            }
            found.push(std::mem::take(&mut *replies.lock().expect("nobody panics")));
        }
    }
    found
}

/// A conversation as `hostile_drive` takes it.
pub fn row_of(conversation: &[(Reply, Vec<u8>)]) -> Vec<u8> {
    let mut row = Vec::new();
    for (reply, data) in conversation {
        let length = data.len().min(4096) as u16;
        row.extend([reply.status, reply.host_status as u8, reply.sense.len() as u8]);
        row.extend(length.to_be_bytes());
        row.extend(&reply.sense);
        row.extend(&data[..usize::from(length)]);
    }
    row
}

/// Sense data of both formats, as `sense` takes them.
pub fn senses() -> Vec<Vec<u8>> {
    let fixed = sense::encode_fixed(Sense::new(3, 0x11, 5), Some(1234));
    let descriptor = [&[0x72, 3, 0x11, 5, 0, 0, 0, 12, 0, 10, 0x80, 0, 0, 0, 0, 0, 0, 0, 4][..], &[210]].concat();
    [&fixed[..], &descriptor].iter().map(|bytes| [&[2, 0, 8, 0][..], bytes].concat()).collect()
}

/// What people and earlier runs write, by target.
pub fn texts() -> io::Result<Vec<(&'static str, Vec<u8>)>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut maps: Vec<_> =
        std::fs::read_dir(here.join("../data/maps"))?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    maps.sort();
    for path in maps {
        found.push(("map", std::fs::read(path)?));
    }
    found.push(("damage_plan", std::fs::read(here.join("../discs/film.plan"))?));
    for plan in PLANS {
        found.push(("damage_plan", plan.into()));
    }
    for state in STATES {
        found.push(("map_state", state.into()));
    }
    for words in ["disc.iso,profile=bd,faults=plan,time=real", "a\\,b.iso,profile=cd", "1h30m", "90s", "64KiB", "2048s"]
    {
        found.push(("words", words.into()));
    }
    found.push(("profile", PROFILE.into()));
    let folder = tempfile::tempdir()?;
    let mut record = Record::new("LABEL".into(), Default::default(), "LABEL.iso".into());
    (record.films, record.exit_code) = (vec!["LABEL-t01.mkv".into()], Some(3));
    record.save(folder.path())?;
    found.push(("profile", std::fs::read(record::path(folder.path()))?));
    Ok(found)
}

const PROFILE: &str = r#"{"format":1,"drive":"VENDOR MODEL 1.00","sound_seconds":0.01,"failure_seconds":3.5,
"seek_seconds":0.2,"needs_rest":true,"longest_commands":{"usb 1-2":32}}"#;

const PLANS: [&str; 3] = [
    "bad 10 2 0.5\nbads 400 3 0\nrecovered 3 1 2 same\nshort 5 1 7\nblank 60 2\nanswer 7 1 03/11/05 2 data 4 after 2\n",
    "zero-after 3\nwedge 2 30 05/24/00 stuck\nat 1 notready 3\nat 9 reset\nat 11 attention 06/28/00\nresets silent\nobeys 1\n",
    "track 0 data 100\ngap 05/64/00\ntrack 200 audio 50\nsession\ntrack 400 form2\ndisc open\ntype xa\nsaid toc 900\n\
     no full-toc\ncommand 28 hang 1\nrate 2\ninner 0.4\nspread 3\nredraw 20\nprefix 0\nseed 4\ncapacity 800\nriplock 500\n",
];

const STATES: [&str; 1] = ["{\"sitting\":{\"drive\":\"VENDOR MODEL 1.00\",\"since\":null,\"spans_first\":false}}\n\
{\"marginal\":{\"start\":0,\"sectors\":416}}\n{\"marginal\":{\"start\":448,\"sectors\":320}}\n"];
