//! Fill: the gaps that the sweep skipped over are read, what promises most for a second first.

use super::candidates::{Candidates, Model};
use crate::base::sector::SectorRange;
use crate::mapfile::status::Status;
use crate::recovery::answer::Answer;
use crate::recovery::params::{Params, WORTH};
use crate::recovery::sweep::read_length::ReadLength;
use crate::recovery::unit::Unit;

/// A stretch that was chosen.
#[derive(Clone, Copy, Debug)]
enum Reading {
    /// The best candidate.
    Best(SectorRange),
    /// The same, a stride back from the sound far end of a gap.
    Stride(SectorRange),
    /// What is left, forward.
    Tail(SectorRange),
}

/// Reads all that was not tried, but for abandoned spans. Each read turns some `?` into something else
/// or takes it out of the domain, so it ends.
#[derive(Clone, Debug)]
pub(super) struct Fill {
    unit: Unit,
    max: u64,
    candidates: Candidates,
    reading: Option<Reading>,
    /// Where the tail stands, sector, once it has begun, and where it begins.
    tail: Option<u64>,
    from: u64,
    length: ReadLength,
}

impl Fill {
    pub(super) fn new(params: &Params) -> Self {
        Self {
            unit: Unit::new(params.unit),
            max: params.max_sectors,
            candidates: Candidates::new(params),
            reading: None,
            tail: None,
            from: 0,
            length: ReadLength::near(params),
        }
    }

    /// The next command; `None` when nothing is left that is worth trying.
    pub(super) fn next(&mut self, model: &Model<'_>) -> Option<SectorRange> {
        loop {
            if let Some(reading) = self.reading {
                let (Reading::Best(stretch) | Reading::Stride(stretch) | Reading::Tail(stretch)) = reading;
                let left = model.view.next(Status::NonTried, stretch.start()).map(|run| run.intersect(stretch));
                if let Some(left) = left.filter(|left| !left.is_empty()) {
                    return Some(match reading {
                        Reading::Tail(_) => self.unit.first_piece(left).split_at(self.max).0,
                        Reading::Best(_) | Reading::Stride(_) => self.length.command(left),
                    });
                }
            }
            self.reading = Some(self.choose(model)?);
        }
    }

    /// The next stretch to read: the best candidate, until none promises half a unit for the time of a failure.
    fn choose(&mut self, model: &Model<'_>) -> Option<Reading> {
        if self.tail.is_none() {
            let best = self.candidates.best(model).filter(|best| best.rate >= WORTH / model.costs.failure());
            if let Some(best) = best {
                let read = SectorRange::new(self.unit.times(best.read.0), self.unit.times(best.read.1));
                return Some(if best.is_stride { Reading::Stride(read) } else { Reading::Best(read) });
            }
        }
        self.rest(model).map(Reading::Tail)
    }

    /// One unit of what is left, forward, outside abandoned spans.
    fn rest(&mut self, model: &Model<'_>) -> Option<SectorRange> {
        loop {
            let gap = model.view.next(Status::NonTried, self.tail.unwrap_or(self.from))?;
            let abandoned = model.abandon.abandoned(self.unit.index(gap.start()), model.view, model.rates);
            self.tail = Some(abandoned.map_or(gap.start(), |(_, high)| self.unit.times(high)));
            if abandoned.is_none() {
                return Some(self.unit.first_piece(gap));
            }
        }
    }

    /// The head of a gap that is read out of turn; what was under way is chosen again.
    pub(super) fn elsewhere(&mut self, gap: SectorRange) -> SectorRange {
        self.reading = None;
        self.length.command(gap)
    }

    /// Takes the answer; the view knows it already.
    pub(super) fn observe(&mut self, answer: &Answer) {
        if answer.asked.is_empty() {
            return;
        }
        self.length.read(answer.good.len());
        self.candidates.touch(self.unit.index(answer.asked.start()), self.unit.index(answer.asked.end() - 1));
        if answer.is_failure() {
            self.failed();
        }
    }

    /// The read of `range` was set aside: for what is read next that is a failure.
    pub(super) fn set_aside(&mut self, range: SectorRange) {
        self.candidates.touch(self.unit.index(range.start()), self.unit.index(range.end().saturating_sub(1)));
        self.failed();
    }

    fn failed(&mut self) {
        self.length.fail();
        if let Some(Reading::Stride(stretch)) = self.reading.take() {
            self.candidates.stride_failed(self.unit.index(stretch.end()), self.unit.count(stretch));
        }
    }

    /// What is known of failures has changed all over: everything is chosen again.
    pub(super) fn choose_again(&mut self) {
        self.candidates.touch(0, u64::MAX);
        (self.reading, self.tail, self.from) = (None, None, 0);
    }

    /// A span of units may be asked for after all; `is_all`: there is nothing else.
    pub(super) fn choose_in(&mut self, (low, high): (u64, u64), is_all: bool) {
        self.candidates.touch(low, high);
        let start = self.unit.times(low);
        self.from = if is_all { start } else { self.from.min(start) };
        (self.reading, self.tail) = (None, None);
    }
}
