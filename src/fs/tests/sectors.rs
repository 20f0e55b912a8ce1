use std::sync::Arc;

use super::*;
use crate::base::clock::{Clock, VirtualClock};
use crate::base::outcome::Outcome;

/// Every sector holds its own number; one of them cannot be read.
struct Numbered {
    facts: Facts,
    bad: u64,
    longest: Arc<Mutex<u64>>,
}

impl SectorSource for Numbered {
    fn facts(&self) -> &Facts {
        &self.facts
    }
    fn read(&mut self, request: &ReadRequest, buffer: &mut [u8]) -> Outcome {
        let mut longest = self.longest.lock().unwrap();
        *longest = request.range.len().max(*longest);
        for (index, sector) in (request.range.start()..request.range.end()).enumerate() {
            if sector == self.bad {
                return Outcome::failed(index as u64, Fault::Damage, 0.0);
            }
            buffer[index * SECTOR_SIZE..(index + 1) * SECTOR_SIZE].fill(sector as u8);
        }
        Outcome::complete(request.range.len(), 0.0)
    }
    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(VirtualClock::new())
    }
}

fn shared(bad: u64) -> (SharedSource, Arc<Mutex<u64>>) {
    let longest = Arc::new(Mutex::new(0));
    let facts = Facts {
        name: "numbers".to_owned(),
        size_bytes: 100 * SECTOR_BYTES,
        sectors: 100,
        media: None,
        max_sectors: 16,
    };
    let source = Numbered { facts, bad, longest: Arc::clone(&longest) };
    (SharedSource::new(Box::new(source), Duration::from_secs(1)), longest)
}

#[test]
fn long_reads_become_commands_that_the_source_takes() {
    let (source, longest) = shared(1000);
    let mut buffer = vec![0; 50 * SECTOR_SIZE];
    assert_eq!(source.read(SectorRange::with_len(7, 50), &mut buffer), (50, None));
    assert!((0..50).all(|i| buffer[i * SECTOR_SIZE] == 7 + i as u8));
    assert_eq!(*longest.lock().unwrap(), 16);
}

#[test]
fn what_lies_in_front_of_a_bad_sector_is_kept() {
    let (source, _) = shared(40);
    let mut buffer = vec![0; 50 * SECTOR_SIZE];
    assert_eq!(source.read(SectorRange::with_len(7, 50), &mut buffer), (33, Some(Fault::Damage)));
    assert_eq!(buffer[33 * SECTOR_SIZE - 1], 39);
}

#[test]
fn the_end_of_the_disc_is_never_asked_for() {
    let (source, longest) = shared(1000);
    let mut buffer = vec![0; 4 * SECTOR_SIZE];
    assert_eq!(source.read(SectorRange::with_len(98, 4), &mut buffer), (2, Some(Fault::OutOfRange)));
    assert_eq!(source.read(SectorRange::with_len(u64::MAX - 9, 4), &mut buffer), (0, Some(Fault::OutOfRange)));
    assert_eq!(*longest.lock().unwrap(), 2);
}

#[test]
fn memory_pads_its_last_sector_with_zeros() {
    let memory = MemorySectors::new(vec![7; SECTOR_SIZE + 10]);
    let mut buffer = vec![1; 3 * SECTOR_SIZE];
    assert_eq!(memory.count(), 2);
    assert_eq!(memory.read(SectorRange::with_len(0, 3), &mut buffer), (2, Some(Fault::OutOfRange)));
    assert_eq!((buffer[SECTOR_SIZE + 9], buffer[SECTOR_SIZE + 10], buffer[2 * SECTOR_SIZE - 1]), (7, 0, 0));
    assert_eq!(memory.read(SectorRange::with_len(9, 1), &mut buffer[..SECTOR_SIZE]), (0, Some(Fault::OutOfRange)));
}

#[test]
fn what_an_image_lacks_by_its_map_is_no_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("disc.iso");
    std::fs::write(&path, vec![1; 8 * SECTOR_SIZE]).unwrap();
    let file = Box::new(crate::source::file::FileSource::open(&path).unwrap());
    let lacking = [SectorRange::new(3, 5)].into_iter().collect();
    let mapped =
        crate::source::mapped::Mapped::new(file, 8 * SECTOR_BYTES, lacking, crate::base::sector::tract::LeftOut::new());
    let source = SharedSource::new(Box::new(mapped), Duration::MAX);
    let read = |start, end| source.read(SectorRange::new(start, end), &mut [0; 8 * SECTOR_SIZE]);
    assert_eq!(read(1, 6), (2, Some(Fault::NotInImage)));
    assert_eq!(read(0, 3), (3, None));
}
