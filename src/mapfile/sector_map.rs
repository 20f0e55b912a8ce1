//! The map in memory, in sectors: a status for each sector of the disc, and totals that are always up to date.

use std::collections::BTreeSet;

use rangemap::RangeMap;

use super::status::Status;
use super::text::{Block, MapText};
use crate::base::sector::{SECTOR_BYTES, SectorRange};

/// Bytes and runs of each status. A run is a longest stretch of sectors with one status.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    bytes: [u64; Status::ALL.len()],
    runs: [u64; Status::ALL.len()],
}

impl Totals {
    /// Bytes with this status; of a last sector that the disc or file ends in, only those that are there.
    #[must_use]
    pub fn bytes(&self, status: Status) -> u64 {
        self.bytes[status as usize]
    }

    /// Runs with this status.
    #[must_use]
    pub fn runs(&self, status: Status) -> u64 {
        self.runs[status as usize]
    }

    /// Bytes tried in vain: `*`, `/` and `-` together.
    #[must_use]
    pub fn missing_bytes(&self) -> u64 {
        [Status::NonTrimmed, Status::NonScraped, Status::Bad].into_iter().map(|s| self.bytes(s)).sum()
    }

    /// Runs of every status together.
    #[must_use]
    pub fn all_runs(&self) -> u64 {
        self.runs.iter().sum()
    }
}

/// A status for each sector from 0 to the end of the disc.
///
/// The runs lie in a range map; beside it are the starts of the runs of each status, so that the next run
/// of a kind is found without looking at the others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SectorMap {
    sectors: u64,
    size_bytes: u64,
    /// Covers `0..sectors` without a gap.
    runs: RangeMap<u64, Status>,
    starts: [BTreeSet<u64>; Status::ALL.len()],
    totals: Totals,
}

impl SectorMap {
    /// A map in which nothing was tried. `size_bytes` may end inside the last sector; a size that does not fit
    /// `sectors` is brought to the nearest one that does.
    #[must_use]
    pub fn new(sectors: u64, size_bytes: u64) -> Self {
        let mut builder = Builder::new(sectors, size_bytes);
        builder.push(0, sectors, Status::NonTried);
        builder.finish()
    }

    /// The map that a text describes, for a disc of `size_bytes`. What the text leaves out is not tried,
    /// what it says of bytes behind the end is dropped. A sector with several statuses gets
    /// the least finished of them, so that nothing counts as read that is not.
    #[must_use]
    pub fn from_text(text: &MapText, size_bytes: u64) -> Self {
        let mut builder = Builder::new(size_bytes.div_ceil(SECTOR_BYTES), size_bytes);
        push_blocks(&mut builder, &text.blocks, size_bytes);
        builder.finish()
    }

    /// Number of sectors, a last part of one included.
    #[must_use]
    pub fn sectors(&self) -> u64 {
        self.sectors
    }

    /// Number of bytes.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Bytes and runs of each status; kept as the map changes.
    #[must_use]
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Bytes in `range`, without those that a last sector lacks.
    #[must_use]
    pub fn bytes_in(&self, range: SectorRange) -> u64 {
        bytes_in(range, self.size_bytes)
    }

    /// Whether every sector is good.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.totals.bytes(Status::Finished) == self.size_bytes
    }

    /// Gives all sectors of `range` that the disc has the status `status`.
    pub fn set(&mut self, range: SectorRange, status: Status) {
        let range = range.intersect(SectorRange::new(0, self.sectors));
        if range.is_empty() {
            return;
        }
        let (there, there_status) = self.run_at(range.start());
        if there_status == status && there.covers(range) {
            return;
        }
        // The run that the range becomes a part of, and what is left of others at either end.
        let (mut start, mut end) = (range.start(), range.end());
        let mut left = None;
        let mut right = None;
        let touched = SectorRange::new(start.saturating_sub(1), end.saturating_add(1));
        for (run, run_status) in self.runs.overlapping(touched.start()..touched.end()) {
            let run_status = *run_status;
            let joins = run_status == status;
            let run = SectorRange::new(run.start, run.end);
            if !joins && run.intersect(range).is_empty() {
                continue;
            }
            self.starts[run_status as usize].remove(&run.start());
            self.totals.runs[run_status as usize] -= 1;
            self.totals.bytes[run_status as usize] -= bytes_in(run, self.size_bytes);
            if joins {
                (start, end) = (start.min(run.start()), end.max(run.end()));
                continue;
            }
            if run.start() < range.start() {
                left = Some((SectorRange::new(run.start(), range.start()), run_status));
            }
            if run.end() > range.end() {
                right = Some((SectorRange::new(range.end(), run.end()), run_status));
            }
        }
        self.runs.insert(start..end, status);
        for (run, status) in [left, Some((SectorRange::new(start, end), status)), right].into_iter().flatten() {
            self.starts[status as usize].insert(run.start());
            self.count(run, status);
        }
    }

    /// The status of a sector; behind the end nothing was tried.
    #[must_use]
    pub fn status(&self, sector: u64) -> Status {
        self.run_at(sector).1
    }

    /// The run that `sector` lies in. Behind the end it is empty, not tried, and lies at the end.
    #[must_use]
    pub fn run_at(&self, sector: u64) -> (SectorRange, Status) {
        match self.runs.get_key_value(&sector) {
            Some((range, status)) => (SectorRange::new(range.start, range.end), *status),
            None => (SectorRange::new(self.sectors, self.sectors), Status::NonTried),
        }
    }

    /// The part from `from` on of the first run of this status that ends behind `from`.
    #[must_use]
    pub fn next(&self, status: Status, from: u64) -> Option<SectorRange> {
        let (here, here_status) = self.run_at(from);
        if here_status == status && !here.is_empty() {
            return Some(SectorRange::new(from, here.end()));
        }
        let start = self.starts[status as usize].range(from..).next()?;
        Some(self.run_at(*start).0)
    }

    /// The part up to `before` of the last run of this status that begins before `before`.
    #[must_use]
    pub fn prev(&self, status: Status, before: u64) -> Option<SectorRange> {
        let start = self.starts[status as usize].range(..before).next_back()?;
        let run = self.run_at(*start).0;
        Some(SectorRange::new(run.start(), run.end().min(before)))
    }

    /// All runs, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (SectorRange, Status)> + '_ {
        self.runs.iter().map(|(range, status)| (SectorRange::new(range.start, range.end), *status))
    }

    /// All runs of one status, ascending.
    pub fn runs(&self, status: Status) -> impl DoubleEndedIterator<Item = SectorRange> + '_ {
        self.starts[status as usize].iter().map(|start| self.run_at(*start).0)
    }

    /// The parts of the runs inside `range`, ascending.
    pub fn within(&self, range: SectorRange) -> impl Iterator<Item = (SectorRange, Status)> + '_ {
        // The range map reads an empty range as a sector.
        let wanted = (!range.is_empty()).then(|| self.runs.overlapping(range.start()..range.end()));
        wanted.into_iter().flatten().map(move |(r, s)| (SectorRange::new(r.start, r.end).intersect(range), *s))
    }

    /// The map as blocks of bytes, as [`write`](super::text::write()) wants them.
    pub fn to_blocks(&self) -> impl Iterator<Item = Block> + '_ {
        self.iter().map(|(range, status)| Block { pos: range.byte_start(), size: self.bytes_in(range), status })
    }

    fn count(&mut self, run: SectorRange, status: Status) {
        self.totals.bytes[status as usize] += self.bytes_in(run);
        self.totals.runs[status as usize] += 1;
    }
}

fn bytes_in(range: SectorRange, size_bytes: u64) -> u64 {
    range.end().saturating_mul(SECTOR_BYTES).min(size_bytes).saturating_sub(range.byte_start())
}

/// Makes a map from runs in ascending order; equal neighbours are joined on the way.
struct Builder {
    map: SectorMap,
    starts: [Vec<u64>; Status::ALL.len()],
    open: (SectorRange, Status),
}

impl Builder {
    fn new(sectors: u64, size_bytes: u64) -> Self {
        let end = sectors.saturating_mul(SECTOR_BYTES);
        let size_bytes = size_bytes.clamp(end.saturating_sub(SECTOR_BYTES - 1), end);
        let starts = Default::default();
        let map = SectorMap { sectors, size_bytes, runs: RangeMap::new(), starts, totals: Totals::default() };
        Self { map, starts: Default::default(), open: (SectorRange::new(0, 0), Status::NonTried) }
    }

    /// Adds the sectors from `start`, where the last ones ended, up to `end`.
    fn push(&mut self, start: u64, end: u64, status: Status) {
        if start >= end {
            return;
        }
        if status != self.open.1 {
            self.close();
            self.open = (SectorRange::new(start, start), status);
        }
        self.open.0 = SectorRange::new(self.open.0.start(), end);
    }

    fn close(&mut self) {
        let (run, status) = self.open;
        if !run.is_empty() {
            self.map.runs.insert(run.start()..run.end(), status);
            self.map.count(run, status);
            self.starts[status as usize].push(run.start());
        }
    }

    fn finish(mut self) -> SectorMap {
        self.close();
        // From sorted numbers a set is built at once, with full nodes.
        self.map.starts = self.starts.map(BTreeSet::from_iter);
        self.map
    }
}

/// Adds blocks of bytes as runs of sectors that cover `0..size_bytes`.
fn push_blocks(builder: &mut Builder, blocks: &[Block], size_bytes: u64) {
    // The status so far of a sector that a block begins or ends in.
    let mut partial: Option<Status> = None;
    let mut done = 0;
    for piece in pieces(blocks, size_bytes) {
        let end = piece.end();
        // A last part of a sector is a sector.
        let whole_end = if end == size_bytes { end.div_ceil(SECTOR_BYTES) } else { end / SECTOR_BYTES };
        if let Some(others) = partial {
            let status = others.min(piece.status);
            if whole_end == done {
                partial = Some(status);
                continue;
            }
            builder.push(done, done + 1, status);
            done += 1;
        }
        builder.push(done, whole_end, piece.status);
        done = whole_end;
        partial = (end % SECTOR_BYTES != 0).then_some(piece.status);
    }
}

/// The blocks cut at `size`, with what they leave out before, between and behind them as not tried.
fn pieces(blocks: &[Block], size: u64) -> impl Iterator<Item = Block> + '_ {
    let mut at = 0;
    let tail = Block { pos: size, size: 0, status: Status::NonTried };
    blocks.iter().copied().chain([tail]).flat_map(move |block| {
        let (pos, end) = (block.pos.clamp(at, size), block.end().clamp(at, size));
        let gap = Block { pos: at, size: pos - at, status: Status::NonTried };
        at = end;
        [gap, Block { pos, size: end - pos, ..block }].into_iter().filter(|b| b.size > 0)
    })
}

#[cfg(test)]
#[path = "sector_map_tests.rs"]
mod tests;
