//! What is set aside is asked for once more when all else is done.

use std::collections::VecDeque;

use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;
use crate::imaging::reading::given_up::Visits;
use crate::imaging::reading::reader::Reader;
use crate::imaging::reading::slot::Slot;
use crate::imaging::stop::Stop;
use crate::mapfile::status::Status;
use crate::pipeline::Feeder;

/// Seconds of a run that may go into attempts, beside the order of reads, that are never answered: a hundred places at ten
/// seconds each, and as much again. What is left is for the next run.
const HUNG_MAX: f64 = 2000.0;

impl Reader<'_> {
    /// Whether there is time left for attempts that may never be answered.
    pub(in crate::imaging::reading) fn may_hang(&self) -> bool {
        self.state.hung < HUNG_MAX
    }

    /// The next piece of what is set aside that was not asked for once more in this run: those first that the drive answers at
    /// once, and a unit at a time, since a long command may have met the place with any of its units.
    pub(in crate::imaging::reading) fn next_visit(&mut self) -> Option<SectorRange> {
        let quick = self.next_of(|visits| &mut visits.quick);
        quick.or_else(|| self.may_hang().then(|| self.next_of(|visits| &mut visits.hung)).flatten())
    }

    fn next_of(&mut self, queue: impl Fn(&mut Visits) -> &mut VecDeque<SectorRange>) -> Option<SectorRange> {
        while let Some(range) = queue(&mut self.state.visits).pop_front() {
            let Some(part) = self.not_visited(range) else { continue };
            let piece = part.split_at((part.start() + 1).next_multiple_of(self.unit) - part.start()).0;
            let piece = piece.split_at(self.access.facts().max_sectors).0;
            let rest = SectorRange::new(piece.end(), range.end());
            if !rest.is_empty() {
                queue(&mut self.state.visits).push_front(rest);
            }
            return Some(piece);
        }
        None
    }

    /// The first part of `range` that is still set aside and was not asked for once more.
    fn not_visited(&self, range: SectorRange) -> Option<SectorRange> {
        let parts = self.state.asides.within(range).filter(|(_, aside)| aside.is_asked_again());
        parts.filter_map(|(part, _)| first_not_in(&self.state.visited, part)).next()
    }

    /// Asks for a piece of what is set aside once more.
    pub(in crate::imaging::reading) fn visit(
        &mut self,
        piece: SectorRange,
        feeder: &Feeder<'_, Slot>,
    ) -> Result<(), Stop> {
        let before = self.attempts_at(piece);
        self.state.visited.insert(piece);
        self.strategy.bring_back(piece);
        self.read_beside(piece, feeder)?;
        if self.attempts_at(piece) == before && !self.cancel.is_raised() {
            // Neither data nor damage came, and it was not set aside: the answer may have been an accident.
            self.read_beside(piece, feeder)?;
        }
        if self.strategy.map().within(piece).all(|(_, status)| status == Status::Finished) {
            self.strategy.came_back(piece);
        }
        Ok(())
    }

    /// How often places in `range` were set aside; `None` where none is any more.
    fn attempts_at(&self, range: SectorRange) -> Option<u32> {
        self.state.asides.within(range).map(|(_, aside)| aside.attempts).max()
    }

    /// Sectors that were never answered and, for want of time, not asked for once more.
    pub(in crate::imaging::reading) fn not_asked_again(&mut self) -> u64 {
        if self.may_hang() {
            return 0;
        }
        let left: SectorSet = std::mem::take(&mut self.state.visits.hung).into_iter().collect();
        let parts = left.ranges().iter().flat_map(|range| self.state.asides.within(*range));
        let all: SectorSet = parts.map(|(part, _)| part).collect();
        let visited = all.ranges().iter().flat_map(|range| self.state.visited.within(*range));
        all.len() - visited.map(SectorRange::len).sum::<u64>()
    }
}

/// The first part of `range` that is not in the set.
fn first_not_in(set: &SectorSet, range: SectorRange) -> Option<SectorRange> {
    let mut start = range.start();
    for part in set.within(range) {
        if part.start() > start {
            return Some(SectorRange::new(start, part.start()));
        }
        start = part.end();
    }
    (start < range.end()).then(|| SectorRange::new(start, range.end()))
}
