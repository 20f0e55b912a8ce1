//! Finds stretches of a stream file that are no packets: zeros where the disc could not be read, garbage.
//! Pure.

use std::ops::Range;

use crate::title::model::Packets;

const SYNC: u8 = 0x47;
/// Packets in a row without sync byte from which on they are a hole, about a sector; fewer hurt only the streams whose
/// packets they were, as their counters show.
const HOLE_PACKETS: u64 = 8;

/// Where packets lie in a file: at multiples of their size.
#[derive(Clone, Copy, Debug)]
struct Grid {
    /// Bytes of a packet with what stands around it.
    packet: u64,
    /// Where in it the sync byte is.
    sync_at: usize,
}

/// Takes what the filter lets through.
pub(in crate::mux) trait Target {
    /// Bytes that follow those before, or a hole.
    fn bytes(&mut self, bytes: &[u8]);
    /// Bytes of the file that are missing.
    fn hole(&mut self, range: Range<u64>);
}

/// A run of packets without sync.
#[derive(Debug)]
struct Run {
    /// The first packet of it.
    first: u64,
    /// Where the damage may have begun: the packet in front of the first one, whose sync byte is all that is sure.
    from: u64,
    /// A packet with sync behind it, which another must confirm.
    good: Option<u64>,
}

impl Run {
    fn is_hole(&self, grid: Grid, end: u64) -> bool {
        end - self.first >= HOLE_PACKETS * grid.packet
    }
}

/// Looks at the sync bytes of transport packets on a fixed grid and cuts out runs that have none.
///
/// The packet in front of a run is cut out too: damage may have begun behind its sync byte. What comes out does not
/// depend on how the bytes are cut into slices, as long as they begin and end between packets.
#[derive(Debug)]
pub(in crate::mux) struct Filter {
    /// `None`: the file's packets lie on no grid, and all passes.
    grid: Option<Grid>,
    /// All before was handed on, or is missing.
    done: u64,
    run: Option<Run>,
    /// Bytes of earlier slices that wait for what becomes of the run, and where they begin.
    held: Vec<u8>,
    held_at: u64,
}

impl Filter {
    /// A filter for bytes of a file whose packets lie as `packets` says, from `position` on.
    pub(in crate::mux) fn new(packets: Packets, position: u64) -> Self {
        let grid = match packets {
            Packets::Transport { layout, on_grid: true } => {
                Some(Grid { packet: packets.stride(), sync_at: layout.sync_at() })
            }
            _ => None,
        };
        Self { grid, done: position, run: None, held: Vec::new(), held_at: position }
    }

    /// Takes the next bytes, which begin at `offset`.
    pub(in crate::mux) fn push(&mut self, offset: u64, data: &[u8], target: &mut dyn Target) {
        let Some(grid) = self.grid else { return target.bytes(data) };
        let slice = Slice { offset, data };
        // What lies in front of the first packet belongs to one that a hole cut.
        let mut at = (offset.next_multiple_of(grid.packet) - offset) as usize;
        while let Some(sync) = data.get(at + grid.sync_at) {
            if *sync != SYNC || self.run.is_some() {
                self.packet(grid, offset + at as u64, *sync == SYNC, &slice, target);
            }
            at += grid.packet as usize;
        }
        let end = offset + data.len() as u64;
        let Some(run) = &self.run else {
            // The last packet waits for what comes behind it.
            self.hand_on(end.saturating_sub(grid.packet), &slice, target);
            return self.hold(&slice);
        };
        let (from, behind) = (run.from, run.good.unwrap_or(end));
        let is_hole = run.is_hole(grid, behind);
        self.hand_on(from, &slice, target);
        if is_hole {
            self.done = self.done.max(behind);
        }
        self.hold(&slice);
    }

    /// The bytes of `range`, which follow those that came, are known to be missing.
    pub(in crate::mux) fn hole(&mut self, range: Range<u64>, target: &mut dyn Target) {
        let nothing = Slice { offset: range.start, data: &[] };
        let from = self.run.take().map_or(range.start, |run| run.from);
        self.hand_on(from, &nothing, target);
        self.done = range.end;
        self.held.clear();
        target.hole(from..range.end);
    }

    /// There are no more bytes; the last one lies in front of `end`.
    pub(in crate::mux) fn finish(&mut self, end: u64, target: &mut dyn Target) {
        let nothing = Slice { offset: end, data: &[] };
        if let Some((run, grid)) = self.run.take().zip(self.grid) {
            self.end_run(grid, &run, run.good.unwrap_or(end), &nothing, target);
        }
        self.hand_on(end, &nothing, target);
        self.held.clear();
    }

    /// A packet that has no sync, or lies in a run of those.
    fn packet(&mut self, grid: Grid, at: u64, good: bool, slice: &Slice<'_>, target: &mut dyn Target) {
        let Some(run) = &mut self.run else {
            let from = at.saturating_sub(grid.packet).max(self.done);
            self.run = Some(Run { first: at, from, good: None });
            return;
        };
        match run.good {
            _ if !good => run.good = None,
            None => run.good = Some(at),
            Some(end) => {
                if let Some(run) = self.run.take() {
                    self.end_run(grid, &run, end, slice, target);
                }
            }
        }
    }

    /// Tells of the hole that a run is, if it is one; else its bytes stay among those to be handed on.
    fn end_run(&mut self, grid: Grid, run: &Run, end: u64, slice: &Slice<'_>, target: &mut dyn Target) {
        if run.is_hole(grid, end) {
            self.hand_on(run.from, slice, target);
            self.done = end;
            target.hole(run.from..end);
        }
    }

    /// Hands on what lies between what was handed on before and `to`.
    fn hand_on(&mut self, to: u64, slice: &Slice<'_>, target: &mut dyn Target) {
        let held = Slice { offset: self.held_at, data: &self.held };
        for part in [&held, slice] {
            let bytes = part.between(self.done, to);
            if !bytes.is_empty() {
                target.bytes(bytes);
                self.done += bytes.len() as u64;
            }
        }
    }

    /// Keeps what was not handed on.
    fn hold(&mut self, slice: &Slice<'_>) {
        let old = (self.done.saturating_sub(self.held_at) as usize).min(self.held.len());
        self.held.drain(..old);
        let end = slice.offset + slice.data.len() as u64;
        self.held.extend_from_slice(slice.between(self.done, end));
        self.held_at = self.done;
    }
}

/// Bytes and where they begin.
struct Slice<'a> {
    offset: u64,
    data: &'a [u8],
}

impl<'a> Slice<'a> {
    /// Those of its bytes that lie between two places.
    fn between(&self, from: u64, to: u64) -> &'a [u8] {
        let index = |at: u64| (at.saturating_sub(self.offset) as usize).min(self.data.len());
        self.data.get(index(from)..index(to)).unwrap_or_default()
    }
}

#[cfg(test)]
#[path = "sync_filter_tests.rs"]
mod tests;
