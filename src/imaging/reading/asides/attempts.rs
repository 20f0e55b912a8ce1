//! First attempts: made before anything else is read.

use std::collections::VecDeque;

use crate::base::sector::SectorRange;
use crate::imaging::reading::given_up::{First, FirstSetup, Fresh, Stands, TriedAgain};
use crate::imaging::reading::reader::Reader;
use crate::imaging::reading::slot::{FirstChange, Slot};
use crate::imaging::stop::Stop;
use crate::mapfile::status::Status;
use crate::pipeline::Feeder;

impl Reader<'_> {
    /// Finds out what is to be asked for first. The sidecar hears of it before the first read: whatever ends this run, the
    /// next one begins with what is left.
    pub(in crate::imaging::reading) fn line_up(&mut self) {
        let FirstSetup { why, left, spans, names_spans } = std::mem::take(&mut self.first);
        let is_everything = why.is_some();
        let is_wanted = |range: SectorRange| is_everything || left.within(range).next().is_some();
        let most = self.access.facts().max_sectors;
        let places = self.state.asides.iter().map(|(range, _)| range).filter(|range| is_wanted(*range));
        let mut queue: VecDeque<_> = places.map(|place| (place.split_at(most).0, Stands::Place(place))).collect();
        if is_everything || spans || !left.is_empty() {
            for span in self.strategy.stopped().into_iter().filter(|span| spans || is_wanted(*span)) {
                queue.extend(self.middle(span).map(|unit| (unit, Stands::Span(span))));
            }
        }
        let changes = &mut self.state.first_changes;
        changes.extend(left.ranges().iter().map(|range| FirstChange::Made(*range)));
        changes.extend(queue.iter().map(|(_, stands)| FirstChange::Wanted(stands.range())));
        if spans && names_spans {
            changes.push(FirstChange::SpansNamed);
        }
        let why = why.unwrap_or(Fresh::Unfinished);
        let told = TriedAgain { why, attempts: 0, worked: 0, sectors: 0, left: 0 };
        self.state.first = Some(First { told, queue }).filter(|first| !first.queue.is_empty());
    }

    /// The unit in the middle of a span, or as much of it as one command takes.
    fn middle(&self, span: SectorRange) -> Option<SectorRange> {
        let middle = span.start() + span.len() / 2;
        let unit = SectorRange::with_len(middle / self.unit * self.unit, self.unit).intersect(span);
        Some(unit.split_at(self.access.facts().max_sectors).0).filter(|unit| !unit.is_empty())
    }

    /// Makes the next first attempt. Whether there was one.
    pub(in crate::imaging::reading) fn first_attempt(&mut self, feeder: &Feeder<'_, Slot>) -> Result<bool, Stop> {
        let next = self.state.first.as_mut().and_then(|first| first.queue.pop_front());
        let Some((range, stands)) = next else { return Ok(false) };
        let before = self.missing_in(range);
        // What a rollback of earlier attempts has made of it, or the disc's end, may have settled it.
        if before == 0 || range.end() > self.access.facts().sectors {
            self.state.first_changes.push(FirstChange::Made(stands.range()));
            return Ok(true);
        }
        if !self.may_hang() {
            self.count_first(|told| told.left += 1);
            return Ok(true);
        }
        if let Stands::Place(_) = stands {
            self.strategy.bring_back(range);
        }
        if range.len() <= self.unit {
            self.state.visited.insert(range);
        }
        let read = self.read_beside(range, feeder);
        if matches!(read, Err(Stop::Cancelled | Stop::SinkClosed)) {
            self.count_first(|told| told.left += 1);
            return read.map(|()| true);
        }
        // Also where the run ends with it: the next one begins elsewhere.
        self.state.first_changes.push(FirstChange::Made(stands.range()));
        let left = self.missing_in(range);
        self.count_first(|told| {
            told.attempts += 1;
            told.worked += u64::from(left == 0);
            told.sectors += before.saturating_sub(left);
        });
        read?;
        if left == 0 {
            match stands {
                Stands::Place(place) => {
                    self.not_aside(place);
                    self.strategy.bring_back(place);
                    self.strategy.came_back(range);
                }
                Stands::Span(span) => self.strategy.revive(span),
            }
        }
        Ok(true)
    }

    fn count_first(&mut self, count: impl FnOnce(&mut TriedAgain)) {
        if let Some(first) = &mut self.state.first {
            count(&mut first.told);
        }
    }

    /// Sectors of `range` that did not come yet.
    fn missing_in(&self, range: SectorRange) -> u64 {
        let parts = self.strategy.map().within(range).filter(|(_, status)| *status != Status::Finished);
        parts.map(|(part, _)| part.len()).sum()
    }

    /// What the first attempts came to.
    pub(in crate::imaging::reading) fn tried_again(&self) -> Option<TriedAgain> {
        let first = self.state.first.as_ref()?;
        let left = first.told.left + first.queue.len() as u64;
        Some(TriedAgain { left, ..first.told }).filter(|told| told.attempts > 0 || told.left > 0)
    }
}
