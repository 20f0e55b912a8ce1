//! A disc in memory, just enough of ISO 9660 for files in folders, and what a film of it goes through.
#![allow(dead_code, reason = "each target uses its own part of this")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use freemkv::base::cancel::Cancel;
use freemkv::base::clock::{Clock, VirtualClock};
use freemkv::base::event::NoEvents;
use freemkv::base::sector::set::SectorSet;
use freemkv::fs::iso9660::Iso9660;
use freemkv::fs::{FileSystem, MemorySectors};
use freemkv::mux::plan::{self, Options, Provenance};
use freemkv::mux::run::{self, Settings};
use freemkv::title::model::Title;

const SECTOR: usize = 2048;
/// Where the volume descriptor lies, and the first directory.
const VOLUME: usize = 16;
const ROOT: usize = 18;

/// The files, by paths with `/` between names, as a disc.
pub fn open(files: &BTreeMap<&str, &[u8]>) -> Iso9660 {
    let mut folders: Vec<&str> = vec![""];
    for path in files.keys() {
        for (at, _) in path.match_indices('/') {
            if !folders.contains(&&path[..at]) {
                folders.push(&path[..at]);
            }
        }
    }
    let mut image = vec![0; (ROOT + folders.len()) * SECTOR];
    let mut records: Vec<Vec<u8>> = (0..folders.len()).map(|_| Vec::new()).collect();
    let place = |path: &str| folders.iter().position(|folder| *folder == path).unwrap_or(0);
    let parent = |path: &str| path.rfind('/').map_or(0, |at| place(&path[..at]));
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().as_bytes().to_vec();
    for (number, folder) in folders.iter().enumerate().skip(1) {
        let entry = record(&name(folder), ROOT + number, SECTOR, true);
        records[parent(folder)].extend(entry);
    }
    for (path, bytes) in files {
        let entry = record(&name(path), image.len() / SECTOR, bytes.len(), false);
        records[parent(path)].extend(entry);
        image.extend_from_slice(bytes);
        image.resize(image.len().next_multiple_of(SECTOR), 0);
    }
    for (number, (folder, entries)) in folders.iter().zip(&records).enumerate() {
        let own = record(&[0], ROOT + number, SECTOR, true);
        let above = record(&[1], ROOT + parent(folder), SECTOR, true);
        put(&mut image, (ROOT + number) * SECTOR, &[&own[..], &above, entries].concat());
    }
    let volume = VOLUME * SECTOR;
    put(&mut image, volume, b"\x01CD001\x01");
    put(&mut image, volume + 128, &[0, 8, 8, 0]);
    put(&mut image, volume + 156, &record(&[0], ROOT, SECTOR, true));
    put(&mut image, volume + SECTOR, b"\xffCD001\x01");
    Iso9660::open(Arc::new(MemorySectors::new(image))).expect("a disc made here")
}

fn put(image: &mut [u8], at: usize, bytes: &[u8]) {
    image[at..at + bytes.len()].copy_from_slice(bytes);
}

/// A directory record (ECMA-119, 9.1).
fn record(name: &[u8], sector: usize, length: usize, is_folder: bool) -> Vec<u8> {
    let both = |number: usize| [(number as u32).to_le_bytes(), (number as u32).to_be_bytes()].concat();
    let mut record = vec![0, 0];
    record.extend(both(sector));
    record.extend(both(length));
    record.extend([0; 7]);
    record.extend([if is_folder { 2 } else { 0 }, 0, 0, 1, 0, 0, 1, name.len() as u8]);
    record.extend_from_slice(name);
    record.resize(record.len().next_multiple_of(2), 0);
    record[0] = record.len() as u8;
    record
}

/// Plans the film of a title and muxes it into nowhere; sectors of `missing` cannot be read, as a map would say.
pub fn mux(fs: &dyn FileSystem, title: &Title, missing: &SectorSet) {
    mux_into(fs, title, missing, Path::new("/dev/null"));
}

/// The same into a file.
pub fn mux_into(fs: &dyn FileSystem, title: &Title, missing: &SectorSet, film: &Path) {
    let (about, options, cancel) = (Provenance::default(), Options::default(), Cancel::new());
    let Ok(plan) = plan::plan(fs, title, &about, &options, missing, &cancel) else { return };
    let settings = Settings { block_bytes: 40_000, ..Settings::new(missing) };
    let clock: Arc<dyn Clock> = Arc::new(VirtualClock::new());
    let Ok(report) = run::run(fs, &plan, film, &settings, &NoEvents, &cancel, &clock) else { return };
    assert!(report.losses.iter().all(|loss| loss.from_seconds <= loss.to_seconds), "{:?}", report.losses);
}
