//! Places that a drive answers otherwise though it is well: set aside, and asked for once more when all else is done. Where
//! another drive has the disc, or the disc was taken out, they are asked for first.

use std::collections::VecDeque;

use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::base::set::SectorSet;
use crate::imaging::guard::HUNG;
use crate::imaging::stop::Stop;
use crate::mapfile::aside::{Aside, Cause};
use crate::mapfile::status::Status;
use crate::pipeline::Feeder;

use super::first::{First, Stands, TriedAgain};
use super::reader::Reader;
use super::slot::Slot;

/// Seconds of a run that may go into attempts, beside the order of reads, that are never answered: a hundred places at ten
/// seconds each, and as much again. What is left is for the next run.
const HUNG_MAX: f64 = 2000.0;

impl Reader<'_> {
    /// What the drive answers here is about this place: the order of reads goes on without it.
    pub(super) fn set_aside(&mut self, range: SectorRange, outcome: &Outcome) {
        self.note_aside(range, Cause::Answer, outcome);
        self.strategy.set_aside(range);
        if outcome.seconds >= HUNG {
            self.state.hung += outcome.seconds;
        }
    }

    /// The run ends at a place: the next one begins elsewhere. `began`: where the failures began behind which the drive was
    /// not well.
    pub(super) fn remember_end(&mut self, stop: &Stop, began: Option<SectorRange>) {
        let Stop::Fault { fault, outcome, .. } = stop else { return };
        let outcome = outcome.clone();
        let place = self.state.ended_at.take().or(began.map(|range| (range, outcome)));
        let is_place = fault.may_be_a_place() || *fault == Fault::Offline;
        let Some((range, outcome)) = place.filter(|_| is_place) else { return };
        self.note_aside(range, Cause::RunEnded, &outcome);
        // The next run passes over what lies behind it, and knows what that was.
        self.strategy.leave_out(range);
    }

    /// Notes for report and sidecar that what is missing of `range` is set aside.
    fn note_aside(&mut self, range: SectorRange, cause: Cause, outcome: &Outcome) {
        let is_open = |status| match cause {
            Cause::Answer => status != Status::Finished,
            // What has failed for certain is known to be damage.
            Cause::RunEnded => status == Status::NonTried,
        };
        let parts = self.strategy.map().within(range).filter(|(_, status)| is_open(*status));
        let parts: Vec<SectorRange> = parts.map(|(part, _)| part).collect();
        for part in parts {
            let before = self.state.asides.within(part).map(|(_, aside)| aside.attempts).max().unwrap_or(0);
            let attempts = before.saturating_add(1);
            let aside = Aside { cause, said: outcome.complaint(), attempts, seconds: outcome.seconds };
            self.state.asides.insert(part, aside);
            self.state.aside_changes.push((part, Some(aside)));
        }
    }

    /// An answer of `range` is a word about the disc.
    pub(super) fn not_aside(&mut self, range: SectorRange) {
        let parts: Vec<SectorRange> = self.state.asides.within(range).map(|(part, _)| part).collect();
        for part in parts {
            self.state.asides.remove(part);
            self.state.aside_changes.push((part, None));
        }
    }

    /// The next piece of what is set aside that was not asked for once more in this run: those first that the drive answers at
    /// once, and a unit at a time, since a long command may have met the place with any of its units.
    pub(super) fn next_visit(&self) -> Option<SectorRange> {
        let may_hang = self.state.hung < HUNG_MAX;
        let mut later = None;
        for (range, aside) in self.state.asides.iter().filter(|(_, aside)| aside.is_asked_again()) {
            let Some(piece) = first_not_in(&self.state.visited, range) else { continue };
            let piece = piece.split_at((piece.start() + 1).next_multiple_of(self.unit) - piece.start()).0;
            let piece = piece.split_at(self.access.facts().max_sectors).0;
            if aside.seconds < HUNG {
                return Some(piece);
            }
            later = later.or(Some(piece).filter(|_| may_hang));
        }
        later
    }

    /// Asks for a piece of what is set aside once more.
    pub(super) fn visit(&mut self, piece: SectorRange, feeder: &Feeder<'_, Slot>) -> Result<(), Stop> {
        self.state.visited.insert(piece);
        self.strategy.bring_back(piece);
        self.read_beside(piece, feeder)?;
        if self.strategy.map().within(piece).all(|(_, status)| status == Status::Finished) {
            self.strategy.came_back(piece);
        }
        Ok(())
    }

    /// The first attempts of a run that believes nothing that was remembered. Whether one was made.
    pub(super) fn first_attempt(&mut self, feeder: &Feeder<'_, Slot>) -> Result<bool, Stop> {
        let Some(why) = self.fresh.take() else { return self.next_first_attempt(feeder) };
        let places = self.state.asides.iter();
        let most = self.access.facts().max_sectors;
        let places = places.map(|(range, _)| (range.split_at(most).0, Stands::Place(range)));
        let mut queue: VecDeque<_> = places.collect();
        for span in self.strategy.stopped() {
            queue.extend(self.middle(span).map(|unit| (unit, Stands::Span(span))));
        }
        let told = TriedAgain { why, attempts: 0, worked: 0, sectors: 0 };
        self.state.first = Some(First { told, queue });
        self.next_first_attempt(feeder)
    }

    fn next_first_attempt(&mut self, feeder: &Feeder<'_, Slot>) -> Result<bool, Stop> {
        let next = self.state.first.as_mut().and_then(|first| first.queue.pop_front());
        let Some((range, stands)) = next else { return Ok(false) };
        let missing = |reader: &Self| {
            let parts = reader.strategy.map().within(range).filter(|(_, status)| *status != Status::Finished);
            parts.map(|(part, _)| part.len()).sum::<u64>()
        };
        let before = missing(self);
        // What a rollback of earlier attempts has made of it, or the disc's end, may have settled it.
        if before == 0 || range.end() > self.access.facts().sectors || self.state.hung >= HUNG_MAX {
            return Ok(true);
        }
        if let Stands::Place(_) = stands {
            self.strategy.bring_back(range);
        }
        if range.len() <= self.unit {
            self.state.visited.insert(range);
        }
        self.read_beside(range, feeder)?;
        let left = missing(self);
        if let Some(first) = &mut self.state.first {
            first.told.attempts += 1;
            first.told.worked += u64::from(left == 0);
            first.told.sectors += before - left;
        }
        if left == 0 {
            match stands {
                Stands::Place(place) => {
                    self.not_aside(place);
                    self.strategy.bring_back(place);
                }
                Stands::Span(span) => self.strategy.revive(span),
            }
        }
        Ok(true)
    }

    /// The unit in the middle of a span, or as much of it as one command takes.
    fn middle(&self, span: SectorRange) -> Option<SectorRange> {
        let middle = span.start() + span.len() / 2;
        let unit = SectorRange::with_len(middle / self.unit * self.unit, self.unit).intersect(span);
        Some(unit.split_at(self.access.facts().max_sectors).0).filter(|unit| !unit.is_empty())
    }

    /// What the first attempts came to.
    pub(super) fn tried_again(&self) -> Option<TriedAgain> {
        self.state.first.as_ref().map(|first| first.told).filter(|told| told.attempts > 0)
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
