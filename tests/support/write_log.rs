//! The log of a disk: what was written to it, in order, and where it was flushed. QEMU's driver `blklogwrites` keeps it, in the
//! format of the kernel's dm-log-writes (Documentation/admin-guide/device-mapper/log-writes.rst): little-endian, a header of one
//! block, then for each entry a block and its data. A write that was under way while the disk flushed counts as flushed.

#![allow(dead_code, reason = "each test program uses its own part of this")]

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

const MAGIC: u64 = 0x006a_7366_7773_6872;
const FLUSH: u64 = 1;
const FUA: u64 = 2;
const DISCARD: u64 = 4;

/// Bytes in a sector of the log's own counting.
const SECTOR: u64 = 512;

/// What a drive may have taken of a write, and what not, in bytes.
const PIECE: u64 = 4096;

/// One entry.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Step {
    /// These bytes of the disk were written; the data lies there in the log.
    Write { at: u64, bytes: u64, lies: u64 },
    /// All that was written before is on the disk.
    Flush,
}

/// A log that is read.
pub(crate) struct WriteLog {
    file: File,
    /// In the order of the log.
    pub(crate) steps: Vec<Step>,
    /// Whether all entries are there that the header counts: one may be missing when the writer was killed.
    pub(crate) is_whole: bool,
}

impl WriteLog {
    /// Whether anything was logged yet.
    pub(crate) fn is_begun(path: &Path) -> bool {
        File::open(path).is_ok_and(|file| words::<1>(&file, 0) == Some([MAGIC]))
    }

    /// Reads the entries. Whoever wrote the log may have been killed: it ends where no entry follows.
    pub(crate) fn read(path: &Path) -> Self {
        let file = File::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let header = words::<4>(&file, 0).expect("a log with a header");
        assert_eq!(header[0], MAGIC, "{} is no log", path.display());
        let block = header[3] & 0xFFFF_FFFF;
        let (mut at, mut steps, mut entries) = (block, Vec::new(), 0);
        while let Some([sector, count, flags, _]) = words::<4>(&file, at) {
            if [sector, count, flags] == [0; 3] {
                break;
            }
            at += block;
            entries += 1;
            if flags & FLUSH != 0 {
                steps.push(Step::Flush);
            }
            if count > 0 && flags & DISCARD == 0 {
                steps.push(Step::Write { at: sector * SECTOR, bytes: count * SECTOR, lies: at });
                at += count * SECTOR;
            }
            if flags & FUA != 0 {
                steps.push(Step::Flush);
            }
        }
        Self { file, steps, is_whole: entries >= header[2] }
    }

    /// How many writes before `step` no flush covers.
    pub(crate) fn unflushed(&self, step: usize) -> usize {
        self.steps[..step].iter().rev().take_while(|step| **step != Step::Flush).count()
    }

    /// Writes the entries of a range to the disk, whole.
    pub(crate) fn apply(&self, disk: &File, steps: std::ops::Range<usize>) {
        for step in &self.steps[steps] {
            if let Step::Write { at, bytes, lies } = *step {
                self.copy(disk, lies, at, bytes);
            }
        }
    }

    /// Writes of the entries of a range, none of which was flushed, what luck wants: each write whole, not at all, or in
    /// part. `luck` gives a number below its argument.
    pub(crate) fn apply_some(&self, disk: &File, steps: std::ops::Range<usize>, mut luck: impl FnMut(u64) -> u64) {
        for step in &self.steps[steps] {
            let Step::Write { at, bytes, lies } = *step else { continue };
            let fate = luck(4);
            let mut done = 0;
            while done < bytes {
                let size = PIECE.min(bytes - done);
                if fate == 0 || (fate == 1 && luck(2) == 0) {
                    self.copy_piece(disk, lies + done, at + done, size);
                }
                done += size;
            }
        }
    }

    /// A piece with nothing but zeros may be one that the log's writer, being killed, has not come to.
    fn copy_piece(&self, disk: &File, lies: u64, at: u64, bytes: u64) {
        let mut data = vec![0; usize::try_from(bytes).expect("a small piece")];
        if self.file.read_exact_at(&mut data, lies).is_ok() && data.iter().any(|byte| *byte != 0) {
            disk.write_all_at(&data, at).expect("room for the disk");
        }
    }

    fn copy(&self, disk: &File, lies: u64, at: u64, bytes: u64) {
        let mut data = vec![0; usize::try_from(bytes).expect("a write of a usual size")];
        self.file.read_exact_at(&mut data, lies).expect("the log holds its data");
        disk.write_all_at(&data, at).expect("room for the disk");
    }
}

/// Little-endian words of 64 bits; `None` behind the end.
fn words<const N: usize>(file: &File, at: u64) -> Option<[u64; N]> {
    let mut bytes = vec![0; N * 8];
    file.read_exact_at(&mut bytes, at).ok()?;
    let mut words = [0; N];
    for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(8)) {
        *word = u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
    }
    Some(words)
}

/// A small generator: the same numbers for the same seed.
pub(crate) struct Luck(pub(crate) u64);

impl Luck {
    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        // Knuth's MMIX generator, whose upper bits are the good ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit.max(1)
    }
}
