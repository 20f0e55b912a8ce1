//! Places that a drive answers otherwise though it is well: set aside, and asked for once more when all else is done
//! (`again.rs`). Where another drive has the disc, or the disc was taken out, they are asked for first (`attempts.rs`).

mod again;
mod attempts;

use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;
use crate::imaging::guard::HUNG;
use crate::imaging::stop::Stop;
use crate::mapfile::aside::{Aside, Cause};
use crate::mapfile::status::Status;

use super::reader::Reader;

impl Reader<'_> {
    /// What the drive answers here is about this place: the order of reads goes on without it. What no command has asked for
    /// stays in it.
    pub(in crate::imaging::reading) fn set_aside(&mut self, range: SectorRange, outcome: &Outcome) {
        let asked = outcome.asked_of(range);
        self.note_aside(asked, Cause::Answer, outcome, |status| status != Status::Finished);
        self.strategy.set_aside(range);
        let mut unasked: SectorSet = [SectorRange::new(asked.end(), range.end())].into_iter().collect();
        self.state.asides.within(range).for_each(|(part, _)| unasked.remove(part));
        unasked.ranges().iter().for_each(|part| self.strategy.bring_back(*part));
        if self.state.is_beside && outcome.seconds >= HUNG {
            self.state.hung += outcome.seconds;
        }
    }

    /// The run ends at a place: the next one begins elsewhere. `began`: where the failures began behind which the drive was
    /// not well.
    pub(in crate::imaging::reading) fn remember_end(&mut self, stop: &Stop, began: Option<SectorRange>) {
        let Stop::Fault { fault, outcome, .. } = stop else { return };
        if !fault.may_be_a_place() && *fault != Fault::Offline {
            return;
        }
        let ended_at = self.state.ended_at.take();
        // Of the place that the run ends at nothing is asked for again, be it damage: else each run would end there. What has
        // failed behind `began` is known to be damage, and no more.
        let is_end = ended_at.is_some();
        let ended_at = ended_at.map(|(range, outcome)| (outcome.asked_of(range), outcome));
        let place = ended_at.or(began.map(|range| (range, outcome.clone())));
        let Some((range, outcome)) = place else { return };
        // What came and waits for a second read did not come for good: it is a part of the place.
        let before = self.access.forget_unsure(range);
        self.take_back(before);
        let is_failed = |status| is_end && !matches!(status, Status::NonTried | Status::Finished);
        self.note_aside(range, Cause::RunEnded, &outcome, |status| status == Status::NonTried || is_failed(status));
        // A drive reads a whole unit for each of its sectors, and would be lost at the next one.
        let whole = range.widen_to(self.unit);
        for rest in [SectorRange::new(whole.start(), range.start()), SectorRange::new(range.end(), whole.end())] {
            self.note_aside(rest, Cause::RunEnded, &outcome, is_failed);
        }
        // The next run passes over what lies behind it, and knows what that was.
        self.strategy.leave_out(range);
    }

    /// Notes for report and sidecar that what is `open` of `range` is set aside.
    fn note_aside(&mut self, range: SectorRange, cause: Cause, outcome: &Outcome, is_open: impl Fn(Status) -> bool) {
        let parts = self.strategy.map().within(range).filter(|(_, status)| is_open(*status));
        let parts: Vec<SectorRange> = parts.map(|(part, _)| part).collect();
        for part in parts {
            let before = self.state.asides.within(part).map(|(_, aside)| aside.attempts).max().unwrap_or(0);
            let attempts = before.saturating_add(1);
            let aside = Aside { cause, said: outcome.complaint(), attempts, seconds: outcome.seconds };
            self.state.asides.insert(part, aside);
            self.state.aside_changes.push((part, Some(aside)));
            self.state.visits.add(part, &aside);
        }
    }

    /// An answer of `range` is a word about the disc.
    pub(in crate::imaging::reading) fn not_aside(&mut self, range: SectorRange) {
        let parts: Vec<SectorRange> = self.state.asides.within(range).map(|(part, _)| part).collect();
        for part in parts {
            self.state.asides.remove(part);
            self.state.aside_changes.push((part, None));
        }
    }

    /// A read of `range` was answered, and no command of it has asked for what lies behind `asked`: what of that is set aside
    /// stays so.
    pub(in crate::imaging::reading) fn only_asked(&mut self, range: SectorRange, asked: SectorRange) {
        self.not_aside(asked);
        let unasked = SectorRange::new(asked.end(), range.end());
        let parts: Vec<SectorRange> = self.state.asides.within(unasked).map(|(part, _)| part).collect();
        parts.into_iter().for_each(|part| self.strategy.set_aside(part));
    }
}
