//! A disc in memory, and where its structures lie.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use freemkv::base::outcome::Fault;
use freemkv::base::sector::SectorRange;
use freemkv::fs::{FileSystem, MemorySectors, Sectors, open_disc, tree};
use freemkv::job::titles::of_disc;

pub(super) const SECTOR: usize = 2048;

/// Files longer than this are streams.
const TABLE_MAX: u64 = 512 << 10;

#[derive(Clone)]
pub(super) struct Disc {
    pub(super) image: Vec<u8>,
    /// Sectors that are read before any film.
    pub(super) read: Vec<usize>,
    /// Where the tables of films lie in the image, each in one piece: the start and the length, and the name.
    pub(super) tables: Vec<(usize, usize, String)>,
}

/// Remembers which sectors are read.
struct Recorded {
    disc: MemorySectors,
    read: Mutex<BTreeSet<usize>>,
}

impl Sectors for Recorded {
    fn count(&self) -> u64 {
        self.disc.count()
    }

    fn read(&self, range: SectorRange, buffer: &mut [u8]) -> (u64, Option<Fault>) {
        // A long read is one of a stream.
        if range.len() < 32 {
            self.read
                .lock()
                .unwrap()
                .extend((range.start()..range.end()).map(|sector| usize::try_from(sector).unwrap()));
        }
        self.disc.read(range, buffer)
    }
}

impl Disc {
    pub(super) fn read(path: &Path) -> Self {
        let image = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let recorded = Arc::new(Recorded { disc: MemorySectors::new(image.clone()), read: Mutex::default() });
        let disc = open_disc(recorded.clone()).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut tables = Vec::new();
        for name in tree::files(&*disc, "", 1000).unwrap() {
            tables.extend(table(&*disc, name));
        }
        let _ = of_disc(&*disc, 1);
        let read = recorded.read.lock().unwrap().iter().copied().collect();
        Self { image, read, tables }
    }
}

fn table(disc: &dyn FileSystem, name: String) -> Option<(usize, usize, String)> {
    let extension = name.rsplit('.').next()?.to_ascii_lowercase();
    let is_table = ["mpls", "clpi", "bdmv", "bdjo", "ifo"].contains(&&*extension);
    let file = disc.open(&name).ok().filter(|file| is_table && file.length() <= TABLE_MAX)?;
    let [extent] = file.extents() else { return None };
    let start = usize::try_from(extent.sectors().start()).unwrap() * SECTOR;
    Some((start, usize::try_from(file.length()).unwrap(), name))
}
