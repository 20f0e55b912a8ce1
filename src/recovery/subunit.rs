//! Sound sectors of units that fail: does this drive hand them over, and how to get them.
//!
//! Most drives give a DVD or Blu-ray unit whole or not at all. Some hand over the sectors before
//! the bad one, some any sound sector that is asked for alone. The evidence is gathered where it
//! costs nothing: an attempt at one sector of a unit is a full attempt at the unit, because the
//! drive must correct it all to know the one; when it works, the rest comes from the drive's cache.

use super::answer::Answer;
use super::params::Params;
use super::unit::Unit;
use crate::base::sector::SectorRange;
use crate::base::set::SectorSet;

/// An attempt at (a part of) a failed unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Task {
    /// All of it at once.
    Whole(SectorRange),
    /// One sector in place of all: the sector, and all.
    Probe(SectorRange, SectorRange),
    /// The neighbours of a sector that a probe has just won: from the cache, if the unit was read.
    Cached(SectorRange),
    /// Forward through these sectors, over those that fail, so that each gets its own chance.
    Walk(SectorRange),
}

/// What this drive has shown, and what this pass has cost.
#[derive(Clone, Debug)]
pub(super) struct SubUnit {
    unit: Unit,
    budget: u64,
    share: u64,
    credit: u64,
    /// Probes of units that had given nothing, and prefixes that were delivered, in this run.
    tried: u64,
    /// Proofs that the drive gives parts of units.
    proofs: u64,
    /// The drive hands over the sectors before the bad one.
    gives_prefix: bool,
    /// Sectors that have failed on their own: nothing can be said for them by asking once more
    /// but luck.
    singles: SectorSet,
    pass: u32,
    probes_left: u64,
    won: u64,
    lost: u64,
}

impl SubUnit {
    pub(super) fn new(params: &Params, pass: u32) -> Self {
        Self {
            unit: Unit::new(params.unit),
            budget: params.probes,
            share: params.parts_share,
            credit: params.parts_credit,
            tried: 0,
            proofs: 0,
            gives_prefix: false,
            singles: SectorSet::new(),
            pass,
            probes_left: params.probes,
            won: 0,
            lost: 0,
        }
    }

    /// A retry pass begins.
    pub(super) fn begin_pass(&mut self, pass: u32) {
        self.pass = pass;
        self.probes_left = self.budget;
        (self.won, self.lost) = (0, 0);
    }

    /// Takes what any command shows about the drive.
    pub(super) fn note(&mut self, answer: &Answer) {
        if answer.ends_within(self.unit) {
            self.tried += 1;
            self.proofs += 1;
            self.gives_prefix = true;
            self.singles.insert(SectorRange::with_len(answer.rest.start(), 1));
        }
    }

    /// Whether this drive is worth asking for single sectors.
    fn gives_parts(&self) -> bool {
        self.proofs.saturating_mul(self.share) > self.tried
    }

    /// Whether sectors that have failed on their own are worth asking again in this pass.
    fn retries_pay(&self) -> bool {
        self.lost < self.credit.saturating_add(self.won.saturating_mul(self.share))
    }

    /// The first attempt at `piece` in this pass. `partly_good` tells that other sectors of the
    /// same unit have been read well.
    pub(super) fn approach(&mut self, piece: SectorRange, partly_good: bool) -> Task {
        if piece.len() < 2 {
            return Task::Whole(piece);
        }
        if partly_good && let Some(part) = self.worth_walking(piece) {
            return Task::Walk(part);
        }
        if partly_good || self.gives_parts() || self.probes_left > 0 {
            if !partly_good {
                self.probes_left = self.probes_left.saturating_sub(1);
                self.tried += 1;
            }
            return Task::Probe(self.probed(piece), piece);
        }
        Task::Whole(piece)
    }

    /// The sector that stands for `piece` in this pass: the last first, because where a prefix was
    /// possible and none came the damage is at the head; then far from those before, so that as
    /// many passes as there are sectors ask each of them once.
    fn probed(&self, piece: SectorRange) -> SectorRange {
        let len = piece.len();
        let mut stride = len * 3 / 8 + 1;
        while gcd(stride, len) != 1 {
            stride += 1;
        }
        let turns = u64::from(self.pass.saturating_sub(1)) % len;
        let offset = (len - 1 + turns * (stride % len)) % len;
        SectorRange::with_len(piece.start() + offset, 1)
    }

    /// The part of `rest` to walk through: all while that pays, else from the first sector that
    /// never had its own chance.
    fn worth_walking(&self, rest: SectorRange) -> Option<SectorRange> {
        if rest.is_empty() || self.retries_pay() {
            return Some(rest).filter(|rest| !rest.is_empty());
        }
        let mut start = rest.start();
        for known in self.singles.within(rest) {
            if known.start() > start {
                break;
            }
            start = known.end();
        }
        Some(SectorRange::new(start, rest.end())).filter(|rest| !rest.is_empty())
    }

    /// What `task` asks for, and whether past the cache.
    pub(super) fn command(&self, task: Task) -> (SectorRange, bool) {
        match task {
            Task::Whole(piece) => (piece, true),
            Task::Probe(sector, _) => (sector, true),
            Task::Cached(rest) => (rest, false),
            Task::Walk(rest) if self.gives_prefix && self.pass == 1 => (rest, true),
            Task::Walk(rest) => (rest.split_at(1).0, true),
        }
    }

    /// Takes the answer to the command of `task` and appends what is to be tried now: always less
    /// than `task` was, in the order whole or probe, cached, walk, and then by length.
    pub(super) fn follow(&mut self, task: Task, answer: &Answer, todo: &mut Vec<Task>) {
        let single = answer.good.len() + answer.rest.len() == 1;
        let failed = !answer.is_complete();
        if failed && single {
            self.singles.insert(answer.rest);
        }
        match task {
            Task::Whole(_) if !answer.good.is_empty() => self.push_walk(behind(answer, answer.rest.end()), todo),
            Task::Whole(_) => {}
            Task::Probe(..) if failed => {}
            Task::Probe(sector, piece) => {
                todo.push(Task::Cached(SectorRange::new(sector.end(), piece.end())));
                todo.push(Task::Cached(SectorRange::new(piece.start(), sector.start())));
            }
            Task::Cached(rest) if failed => {
                self.proofs += 1;
                let known = !answer.good.is_empty() || single;
                let from = if known { behind(answer, rest.end()) } else { answer.rest };
                self.push_walk(from, todo);
            }
            Task::Cached(_) => {}
            Task::Walk(rest) => {
                if !answer.good.is_empty() && self.singles.within(self.unit.around(rest.start())).next().is_some() {
                    // A sector of a unit in which another one failed alone: this drive gives parts.
                    self.tried += 1;
                    self.proofs += 1;
                }
                self.won += answer.good.len();
                self.lost += u64::from(failed);
                self.push_walk(behind(answer, rest.end()), todo);
            }
        }
        todo.retain(|task| !self.command(*task).0.is_empty());
    }

    fn push_walk(&self, rest: SectorRange, todo: &mut Vec<Task>) {
        todo.extend(self.worth_walking(rest).map(Task::Walk));
    }
}

/// From behind what arrived, and behind the sector that failed, up to `end`.
fn behind(answer: &Answer, end: u64) -> SectorRange {
    SectorRange::new(answer.rest.start().saturating_add(u64::from(!answer.is_complete())), end)
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
