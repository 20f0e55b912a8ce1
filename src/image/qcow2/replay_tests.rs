//! Power cuts: all that a qcow2 image is written with is logged in memory, and at every moment what a disk may have kept is
//! put together and looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::base::clock::VirtualClock;
use crate::image::writeback::file::WritebackFile;
use crate::image::writeback::sink::{Sink, Way};
use crate::image::writeback::strategy::{DontCache, OutputKind, SinkFacts, WriteChoice};
use crate::image::writeback::window::ByteRange;
use crate::image::{Format, ImageError, ImageStore};
use crate::os::io::CallError;

/// Bytes of a sector, and of the smallest part of a write that a disk keeps or loses by itself.
const SECTOR: usize = 2048;
const ATOM: usize = 512;

/// One change of the file.
#[derive(Clone, Debug)]
enum Change {
    Write(u64, Vec<u8>),
    Length(u64),
    Zero(ByteRange),
}

/// What happened, in order.
#[derive(Clone, Debug)]
enum Entry {
    Change(Change),
    /// A sync began here.
    Begun(usize),
    /// That one has ended.
    Ended(usize),
}

#[derive(Default)]
struct Core {
    bytes: Vec<u8>,
    log: Vec<Entry>,
    syncs: usize,
    /// Changes until writes fail, where they do.
    fails_after: Option<usize>,
}

impl Core {
    fn change(&mut self, change: Change) -> io::Result<()> {
        match &mut self.fails_after {
            Some(0) => return Err(io::Error::from_raw_os_error(libc::EIO)),
            Some(left) => *left -= 1,
            None => {}
        }
        apply(&mut self.bytes, &change);
        self.log.push(Entry::Change(change));
        Ok(())
    }
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write(offset, data) => {
            let at = *offset as usize;
            if bytes.len() < at + data.len() {
                bytes.resize(at + data.len(), 0);
            }
            bytes[at..at + data.len()].copy_from_slice(data);
        }
        Change::Length(length) => bytes.resize(*length as usize, 0),
        Change::Zero(range) => {
            let end = (range.end() as usize).min(bytes.len());
            bytes[range.offset as usize..end].fill(0);
        }
    }
}

/// A file in memory that logs.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Core>>);

impl Sink for Logged {
    fn facts(&self) -> SinkFacts {
        SinkFacts { kind: OutputKind::File, network: false, can_write_out: true, dont_cache: DontCache::No }
    }
    fn reopen(&self) -> io::Result<Box<dyn Sink>> {
        Ok(Box::new(self.clone()))
    }
    fn open_direct(&mut self) -> Result<(), CallError> {
        Ok(())
    }
    fn write_at(&self, bytes: &[u8], offset: u64, _: Way) -> Result<(), CallError> {
        let change = Change::Write(offset, bytes.to_vec());
        self.0.lock().unwrap().change(change).map_err(|e| CallError::new("pwrite", e))
    }
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let core = self.0.lock().unwrap();
        let at = offset as usize;
        buffer.copy_from_slice(core.bytes.get(at..at + buffer.len()).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
    fn start(&self, _: ByteRange) -> io::Result<()> {
        Ok(())
    }
    fn wait(&self, _: ByteRange) -> io::Result<()> {
        Ok(())
    }
    fn drop_cached(&self, _: ByteRange) {}
    fn sync(&self) -> io::Result<()> {
        let mut core = self.0.lock().unwrap();
        core.syncs += 1;
        let number = core.syncs;
        core.log.push(Entry::Begun(number));
        drop(core);
        // Writes of the other thread fall in between.
        std::thread::yield_now();
        self.0.lock().unwrap().log.push(Entry::Ended(number));
        Ok(())
    }
    fn length(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().bytes.len() as u64)
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.lock().unwrap().change(Change::Length(len))
    }
    fn reserve(&self, _: ByteRange) -> Result<(), CallError> {
        Ok(())
    }
    fn zero(&self, range: ByteRange) -> Result<(), CallError> {
        self.0.lock().unwrap().change(Change::Zero(range)).map_err(|e| CallError::new("fallocate", e))
    }
}

/// A small generator.
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % limit
    }
}

fn store(file: &Logged, size: u64) -> Result<ImageStore, ImageError> {
    let path = Path::new("disc.qcow2");
    let file =
        WritebackFile::new(Box::new(file.clone()), path, WriteChoice::Window, Arc::new(VirtualClock::new())).unwrap();
    ImageStore::over(file, Format::Qcow2, path, size)
}

/// What a sector of the disc holds; never zero.
fn content(sector: u64) -> Vec<u8> {
    (0..SECTOR).map(|i| (sector.wrapping_mul(31).wrapping_add(i as u64 / 64) % 255) as u8 + 1).collect()
}

/// Sectors, and where in the log they were acknowledged.
type Claims = BTreeMap<u64, usize>;

/// Writes sectors here and there as a patch does, or in a row as a sweep does, taking marks on the way.
fn write(image: &mut ImageStore, file: &Logged, seed: u64, sectors: u64, claims: &mut Claims) {
    let mut random = Lcg(seed);
    let (mut pending, mut covered, mut next) = (Vec::new(), Vec::new(), 0);
    let mut taken: BTreeSet<u64> = claims.keys().copied().collect();
    for _ in 0..60 {
        let length = 1 + random.below(40);
        let first = if random.below(3) == 0 { random.below(sectors) } else { next };
        let last = (first + length).min(sectors);
        let run: Vec<u64> = (first..last).take_while(|sector| taken.insert(*sector)).collect();
        let bytes: Vec<u8> = run.iter().flat_map(|sector| content(*sector)).collect();
        image.write_at(first * SECTOR as u64, &bytes).unwrap();
        next = if last == sectors { 0 } else { last };
        pending.extend(run);
        if covered.is_empty() && random.below(4) == 0 {
            image.mark().unwrap();
            covered = std::mem::take(&mut pending);
        }
        // Writing goes on while a mark is under way.
        if random.below(2) == 0 && image.poll_mark().is_some_and(|mark| mark.is_ok()) {
            let at = file.0.lock().unwrap().log.len();
            claims.extend(covered.drain(..).map(|sector| (sector, at)));
        }
        std::thread::yield_now();
    }
    // However slow the other thread is: something was acknowledged.
    if covered.is_empty() {
        image.mark().unwrap();
        covered = pending;
    }
    image.wait_mark(Duration::from_secs(600)).unwrap().unwrap();
    let at = file.0.lock().unwrap().log.len();
    claims.extend(covered.into_iter().map(|sector| (sector, at)));
}

/// A disk's content after a power cut at entry `cut`: what was synced is there, of the rest each part is or is not.
fn after_cut(log: &[Entry], cut: usize, random: &mut Lcg) -> Vec<u8> {
    let ended = |number: usize| log[..cut].iter().any(|entry| matches!(entry, Entry::Ended(n) if *n == number));
    let synced = |entry: &Entry| matches!(entry, Entry::Begun(number) if ended(*number));
    let durable = log[..cut].iter().rposition(synced).unwrap_or(0);
    let mut bytes = Vec::new();
    let luck = random.below(4);
    for (index, entry) in log[..cut].iter().enumerate() {
        let Entry::Change(change) = entry else { continue };
        match change {
            change if index < durable => apply(&mut bytes, change),
            Change::Write(offset, data) => {
                for (part, data) in data.chunks(ATOM).enumerate() {
                    if random.below(4) >= luck {
                        apply(&mut bytes, &Change::Write(offset + (part * ATOM) as u64, data.to_vec()));
                    }
                }
            }
            change if random.below(2) == 0 => apply(&mut bytes, change),
            _ => {}
        }
    }
    bytes
}

/// Reads and checks a qcow2 image by itself: every cluster that is used has one user, and is counted.
struct Checked<'a> {
    bytes: &'a [u8],
    l1: Vec<u64>,
}

const CLUSTER: u64 = 65536;
const OFFSET: u64 = 0x00FF_FFFF_FFFF_FE00;

impl<'a> Checked<'a> {
    fn number(bytes: &[u8], at: u64, length: usize) -> u64 {
        let mut field = [0; 8];
        let there = bytes.get(at as usize..).unwrap_or_default();
        let there = &there[..length.min(there.len())];
        field[8 - length..8 - length + there.len()].copy_from_slice(there);
        u64::from_be_bytes(field)
    }

    fn of(bytes: &'a [u8]) -> Self {
        assert_eq!(&bytes[..4], b"QFI\xFB");
        let u64_at = |at| Self::number(bytes, at, 8);
        let (l1_entries, l1_at) = (Self::number(bytes, 36, 4), u64_at(40));
        let (table_at, table_clusters) = (u64_at(48), Self::number(bytes, 56, 4));
        let mut users: BTreeMap<u64, &str> = BTreeMap::new();
        let mut uses = |offset: u64, what| {
            assert_eq!(offset % CLUSTER, 0, "{what} at {offset}");
            let other = users.insert(offset / CLUSTER, what);
            assert!(other.is_none(), "cluster {} is {what} and {other:?}", offset / CLUSTER);
        };
        uses(0, "header");
        (0..table_clusters).for_each(|i| uses(table_at + i * CLUSTER, "refcount table"));
        (0..(l1_entries * 8).div_ceil(CLUSTER)).for_each(|i| uses(l1_at + i * CLUSTER, "L1"));
        let blocks: Vec<u64> = (0..table_clusters * CLUSTER / 8).map(|i| u64_at(table_at + i * 8)).collect();
        blocks.iter().filter(|at| **at > 0).for_each(|at| uses(*at, "refcount block"));
        let l1: Vec<u64> = (0..l1_entries).map(|i| u64_at(l1_at + i * 8) & OFFSET).collect();
        for l2 in l1.iter().filter(|at| **at > 0) {
            uses(*l2, "L2");
            for entry in (0..CLUSTER / 8).map(|i| u64_at(l2 + i * 8)).filter(|entry| entry & OFFSET > 0) {
                assert!(entry >> 62 == 2, "entry {entry:#x}");
                uses(entry & OFFSET, "data");
            }
        }
        for (cluster, what) in users {
            let block = blocks.get((cluster / (CLUSTER / 2)) as usize).copied().unwrap_or(0);
            let count = if block == 0 { 0 } else { Self::number(bytes, block + cluster % (CLUSTER / 2) * 2, 2) };
            assert_eq!(count, 1, "cluster {cluster}, {what}");
        }
        Self { bytes, l1 }
    }

    fn sector(&self, sector: u64) -> Vec<u8> {
        let at = sector * SECTOR as u64;
        let l2 = self.l1[(at / (CLUSTER * CLUSTER / 8)) as usize];
        let entry = Self::number(self.bytes, l2 + at / CLUSTER % (CLUSTER / 8) * 8, 8);
        if l2 == 0 || entry & OFFSET == 0 {
            return vec![0; SECTOR];
        }
        let start = (entry & OFFSET) + at % CLUSTER;
        let mut bytes =
            self.bytes.get(start as usize..).unwrap_or_default().iter().copied().take(SECTOR).collect::<Vec<_>>();
        bytes.resize(SECTOR, 0);
        bytes
    }
}

fn assert_claims(image: &Checked<'_>, claims: &Claims, cut: usize) {
    for (sector, at) in claims {
        if *at <= cut {
            assert!(image.sector(*sector) == content(*sector), "sector {sector} was acknowledged and is not there");
        }
    }
}

/// The whole story of one seed: written, cut off, gone on with, cut off again.
fn cut_and_go_on(seed: u64, sectors: u64, cuts: usize) {
    let (size, file, mut claims) = (sectors * SECTOR as u64, Logged::default(), Claims::new());
    let mut image = store(&file, size).unwrap();
    write(&mut image, &file, seed, sectors, &mut claims);
    drop(image);
    let log = file.0.lock().unwrap().log.clone();
    let mut random = Lcg(seed ^ 0xC0FFEE);
    assert!(!claims.is_empty(), "nothing was acknowledged");
    for _ in 0..cuts {
        let cut = random.below(log.len() as u64 + 1) as usize;
        let bytes = after_cut(&log, cut, &mut random);
        let kept: Claims = claims.iter().filter(|(_, at)| **at <= cut).map(|(s, _)| (*s, 0)).collect();
        if bytes.iter().take(512).all(|byte| *byte == 0) {
            assert!(kept.is_empty());
        } else {
            assert_claims(&Checked::of(&bytes), &claims, cut);
        }
        // Whoever goes on with it loses nothing of it.
        let again = Logged::default();
        again.0.lock().unwrap().change(Change::Write(0, bytes)).unwrap();
        let mut image = store(&again, size).unwrap();
        let mut all = kept.clone();
        write(&mut image, &again, random.below(1 << 40), sectors, &mut all);
        image.finish(size).unwrap();
        image.sync_all().unwrap();
        drop(image);
        let log = again.0.lock().unwrap().log.clone();
        assert_claims(&Checked::of(&again.0.lock().unwrap().bytes), &all, usize::MAX);
        // What was there before is not at stake again: the second power cut.
        let mut second = log;
        second.insert(1, Entry::Begun(0));
        second.insert(2, Entry::Ended(0));
        let cut = 3 + random.below(second.len() as u64 - 2) as usize;
        let bytes = after_cut(&second, cut, &mut random);
        if bytes.iter().take(512).any(|byte| *byte != 0) {
            assert_claims(&Checked::of(&bytes), &kept, usize::MAX);
        }
    }
}

#[test]
fn after_a_power_cut_all_that_was_acknowledged_is_there_and_no_cluster_has_two_users() {
    let seeds = if std::env::var_os("FREEMKV_TEST_LONG").is_some() { 100 } else { 4 };
    for seed in 1..=seeds {
        // A small disc in one L2 table, or one of 600 MiB in two, sparsely.
        let sectors = if seed % 3 == 0 { 300_000 } else { 2000 + seed % 7 * 500 };
        cut_and_go_on(seed, sectors, 4);
    }
}

#[test]
fn after_an_error_nothing_more_is_written_not_even_when_it_is_dropped() {
    let whole = Logged::default();
    let mut image = store(&whole, 2000 * SECTOR as u64).unwrap();
    write(&mut image, &whole, 1, 2000, &mut Claims::new());
    drop(image);
    let changes = whole.0.lock().unwrap().log.iter().filter(|entry| matches!(entry, Entry::Change(_))).count();
    for fails_after in 0..changes {
        let file = Logged::default();
        file.0.lock().unwrap().fails_after = Some(fails_after);
        let mut image = store(&file, 2000 * SECTOR as u64).unwrap();
        let mut failed = None;
        for sector in 0..2000 {
            let written = image.write_at(sector * SECTOR as u64, &content(sector));
            let written = written.and_then(|()| if sector % 300 == 0 { image.sync_all() } else { Ok(()) });
            if let Err(error) = written {
                failed = Some(error.to_string());
                break;
            }
        }
        let Some(first) = failed else { continue };
        let before = file.0.lock().unwrap().log.len();
        file.0.lock().unwrap().fails_after = None;
        let errors =
            [image.write_at(0, &content(0)), image.sync_all(), image.mark().map(drop), image.finish(SECTOR as u64)];
        for error in errors {
            assert_eq!(error.unwrap_err().to_string(), first);
        }
        drop(image);
        let core = file.0.lock().unwrap();
        assert!(!core.log[before..].iter().any(|entry| matches!(entry, Entry::Change(_))), "{:?}", &core.log[before..]);
    }
}

#[test]
fn what_is_made_zero_reads_as_zero_and_can_be_written_again() {
    let file = Logged::default();
    let size = 512 * SECTOR as u64;
    let mut image = store(&file, size).unwrap();
    let bytes: Vec<u8> = (0..256).flat_map(content).collect();
    image.write_at(0, &bytes).unwrap();
    // From inside one cluster to inside another, over what was never written too.
    image.zero(10 * SECTOR as u64, 300 * SECTOR as u64).unwrap();
    image.write_at(40 * SECTOR as u64, &content(40)).unwrap();
    image.sync_all().unwrap();
    drop(image);
    let mut image = store(&file, size).unwrap();
    for sector in 0..512 {
        let mut read = vec![9; SECTOR];
        image.read_at(sector * SECTOR as u64, &mut read).unwrap();
        let is_data = sector < 10 || sector == 40;
        assert!(read == if is_data { content(sector) } else { vec![0; SECTOR] }, "sector {sector}");
    }
    assert!(matches!(image.read_at(size, &mut [0]), Err(ImageError::Outside { .. })));
}
