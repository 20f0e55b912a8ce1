//! An image that a sweep is still writing, as sectors to read: whoever asks for what is not there yet waits. That something is
//! there, the map on disk says, which calls nothing rescued before it is.

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use crate::base::cancel::Cancel;
use crate::base::outcome::Fault;
use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;
use crate::fs::Sectors;
use crate::job::rip::disc::look::nap;
use crate::mapfile::status::Status;
use crate::mapfile::store;
use crate::os::block::forget_pages;
use crate::os::io::pread_exact;

/// How often the map is looked at by whoever waits.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// The image.
pub(super) struct Growing {
    /// Its file, and its map.
    pub(super) image: PathBuf,
    pub(super) map: PathBuf,
    /// Sectors of the disc.
    pub(super) count: u64,
    /// The sweep has ended well: all is there, whatever the map said when it was looked at.
    pub(super) done: Cancel,
    /// Nobody waits any more.
    pub(super) leave: Cancel,
    pub(super) state: Mutex<State>,
}

/// What the map said last.
#[derive(Default)]
pub(super) struct State {
    file: Option<Arc<File>>,
    good: SectorSet,
    /// Which map that was: each save is a file of its own.
    seen: Option<(u64, SystemTime)>,
}

impl Growing {
    /// The file, when all of `range` is in it. Something that failed ends all waiting: the film will be made of another image.
    fn file_with(&self, range: SectorRange) -> Option<Arc<File>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let is_there = |state: &State| self.done.is_raised() || covers(&state.good, range);
        if !is_there(&state) {
            self.look(&mut state);
        }
        if !is_there(&state) {
            return None;
        }
        if state.file.is_none() {
            state.file = File::open(&self.image).ok().map(Arc::new);
        }
        state.file.clone()
    }

    fn look(&self, state: &mut State) {
        let metadata = std::fs::metadata(&self.map).ok();
        let changed = metadata.and_then(|metadata| Some((metadata.ino(), metadata.modified().ok()?)));
        if changed.is_none() || changed == state.seen {
            return;
        }
        let Ok(Some(text)) = store::read(&self.map, None) else { return };
        state.seen = changed;
        if text.blocks.iter().any(|block| !matches!(block.status, Status::Finished | Status::NonTried)) {
            self.leave.raise();
            return;
        }
        let mut good: SectorSet = [SectorRange::new(0, self.count)].into_iter().collect();
        text.missing(text.end()).ranges().iter().for_each(|range| good.remove(*range));
        state.good = good;
    }
}

fn covers(set: &SectorSet, range: SectorRange) -> bool {
    set.within(range).next() == Some(range)
}

impl Sectors for Growing {
    fn count(&self) -> u64 {
        self.count
    }

    fn read(&self, range: SectorRange, buffer: &mut [u8]) -> (u64, Option<Fault>) {
        if range.end() > self.count {
            return (0, Some(Fault::OutOfRange));
        }
        while !self.leave.is_raised() {
            let Some(file) = self.file_with(range) else {
                nap(LOOK_EVERY, &self.leave);
                continue;
            };
            let read = pread_exact(&file, buffer, range.byte_start());
            forget_pages(&file, range.byte_start(), range.bytes());
            return if read.is_ok() { (range.len(), None) } else { (0, Some(Fault::Unknown)) };
        }
        (0, Some(Fault::Unknown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::sector::SECTOR_SIZE;

    #[test]
    fn who_asks_for_more_than_is_there_waits_for_the_map_and_leaves_at_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("i"), [[7; SECTOR_SIZE], [8; SECTOR_SIZE], [0; SECTOR_SIZE]].concat()).unwrap();
        std::fs::write(path("m"), "0 ? 1\n0 2048 +\n2048 4096 ?\n").unwrap();
        let growing = Growing {
            image: path("i"),
            map: path("m"),
            count: 3,
            done: Cancel::new(),
            leave: Cancel::new(),
            state: Mutex::default(),
        };
        let mut buffer = [0; SECTOR_SIZE];
        assert_eq!((growing.read(SectorRange::new(0, 1), &mut buffer), buffer[0]), ((1, None), 7));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                let mut buffer = [0; SECTOR_SIZE];
                (growing.read(SectorRange::new(1, 2), &mut buffer), buffer[0])
            });
            std::fs::write(path("m2"), "0 ? 1\n0 4096 +\n4096 2048 ?\n").unwrap();
            std::fs::rename(path("m2"), path("m")).unwrap();
            assert_eq!(waiting.join().unwrap(), ((1, None), 8));
            std::fs::write(path("m2"), "0 ? 1\n0 4096 +\n4096 2048 /\n").unwrap();
            std::fs::rename(path("m2"), path("m")).unwrap();
            assert_eq!(growing.read(SectorRange::new(2, 3), &mut buffer), (0, Some(Fault::Unknown)));
            assert!(growing.leave.is_raised());
        });
    }
}
