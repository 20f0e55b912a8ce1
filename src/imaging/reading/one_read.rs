//! One read: what comes of it for the strategy, the map and the logs.

use std::time::Duration;

use tracing::debug;

use crate::base::event::Event;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::imaging::guard::{Proposal, Read, Request, RollBack};
use crate::imaging::stop::Stop;
use crate::mapfile::status::Status;
use crate::pipeline::Feeder;
use crate::recovery::Change;
use crate::source::ReadRequest;
use crate::source::drive::{Incident, Trouble};

use super::drive_log::Entry;
use super::reader::Reader;
use super::slot::{Note, Slot};

impl Reader<'_> {
    /// A read that the strategy wants.
    pub(super) fn read(&mut self, range: SectorRange, fua: bool, feeder: &Feeder<'_, Slot>) -> Result<(), Stop> {
        let request = Request {
            read: ReadRequest { range, fua, time_limit: self.time_limit },
            retry_pass: self.strategy.phase().retry_pass(),
            sound_behind: self.sound_behind(range),
        };
        self.carry_out_read(&request, feeder)
    }

    /// A plain read beside the order of the strategy, past the cache.
    pub(super) fn read_beside(&mut self, range: SectorRange, feeder: &Feeder<'_, Slot>) -> Result<(), Stop> {
        let read = ReadRequest { range, fua: true, time_limit: self.time_limit };
        self.carry_out_read(&Request { read, retry_pass: 0, sound_behind: None }, feeder)
    }

    fn carry_out_read(&mut self, request: &Request, feeder: &Feeder<'_, Slot>) -> Result<(), Stop> {
        let range = request.read.range;
        let mut slot = self.slot()?;
        self.tell_reading(Some(range));
        let read = self.access.read(request, &mut slot.buffer);
        self.tell_reading(None);
        let outcome = &read.outcome;
        if let Some(fault) = outcome.fault {
            let sense = outcome.sense.map_or_else(String::new, |sense| format!(", sense {sense}"));
            debug!("read of {range}: {fault:?}{sense}, {} good, {:.1} s", outcome.sectors, outcome.seconds);
        }
        let goes_on = self.state.here.end() == range.start() && self.access.is_drive();
        slot.seconds = (goes_on && outcome.fault.is_none() && !outcome.recovered).then_some(outcome.seconds);
        self.state.here = SectorRange::with_len(range.end().saturating_sub(1), 1);
        slot.entry = self.entry(&request.read, &read);
        slot.good = range.split_at(outcome.sectors).0;
        let result = match outcome.fault {
            None | Some(Fault::Blank | Fault::Damage) => self.observe(range, &read, &mut slot),
            Some(fault) => {
                self.keep_head(&mut slot);
                self.no_damage(fault, range, outcome)
            }
        };
        // Only damage is told of the disc's sectors; a drive that was unplugged says nothing about them.
        if outcome.fault == Some(Fault::Damage) || outcome.recovered {
            slot.note = Some(Note { range, outcome: read.outcome });
        }
        self.send(slot, feeder)?;
        result
    }

    /// Tells the strategy what came of a read, and the map what the guard admits of that.
    pub(super) fn observe(&mut self, range: SectorRange, read: &Read, slot: &mut Slot) -> Result<(), Stop> {
        let before = self.strategy.map().within(range).collect();
        let line = self.strategy.status_line();
        let mut changes = Vec::new();
        self.strategy.observe(range, &read.outcome, self.clock.now(), &mut changes);
        self.state.tally.measure(range, &read.outcome);
        self.not_aside(range);
        let proposal = Proposal { range, before, line, changes };
        let admission = self.access.admit(proposal, read, &slot.buffer)?;
        self.carry_out(admission);
        Ok(())
    }

    /// What came before a fault that is no damage; the strategy hears nothing of such a read.
    pub(super) fn keep_head(&mut self, slot: &mut Slot) {
        if !self.access.keeps_head() {
            slot.good = SectorRange::default();
        } else if !slot.good.is_empty() {
            let before = self.strategy.map().within(slot.good);
            let new = before.filter(|(_, status)| *status != Status::Finished);
            self.state.unheard += new.map(|(range, _)| range.len()).sum::<u64>();
            slot.changes.push((slot.good, Status::Finished));
        }
    }

    /// A read of `range` that ended with a fault that is no damage. `Ok`: the run goes on, without the place where the answer
    /// is about it.
    pub(super) fn no_damage(&mut self, fault: Fault, range: SectorRange, outcome: &Outcome) -> Result<(), Stop> {
        let is_absent = matches!(fault, Fault::OutOfRange | Fault::WrongTrack);
        if is_absent && !self.cancel.is_raised() && (self.leave_out_tracts(range) | self.leave_out_beyond(range)) {
            return Ok(());
        }
        self.state.ended_at = Some((range, outcome.clone()));
        let answer = self.access.no_damage(Stop::fault(fault, range, outcome.clone()))?;
        self.state.ended_at = None;
        if answer.is_place {
            self.set_aside(range, outcome);
        }
        self.carry_out(answer.admission);
        self.take_back(answer.undo);
        Ok(())
    }

    /// Makes sectors what they were before they came: they did not come a second time, for a reason that is none of theirs.
    fn take_back(&mut self, before: Vec<Change>) {
        if !before.is_empty() {
            let line = self.strategy.status_line();
            self.roll_back(RollBack { undo: before.clone(), told: before, line });
        }
    }

    /// Leaves out what lies behind the disc's real end, when the source has found that it ends before `range` does.
    pub(super) fn leave_out_beyond(&mut self, range: SectorRange) -> bool {
        let end = self.access.facts().sectors;
        let promised = self.strategy.map().sectors();
        if end >= range.end() {
            return false;
        }
        let beyond = SectorRange::new(end, promised);
        self.strategy.leave_out(beyond);
        self.state.beyond.insert(beyond);
        let warning = format!(
            "The disc ends before sector {end}: {} sectors fewer than the drive says. They are left out.",
            beyond.len()
        );
        self.events.event(Event::Warning(warning));
        true
    }

    /// The first rescued sector a little behind a range that is retried.
    pub(super) fn sound_behind(&self, range: SectorRange) -> Option<SectorRange> {
        const NEAR: u64 = 4096;
        if self.strategy.phase().retry_pass() == 0 {
            return None;
        }
        let map = self.strategy.map();
        let near = SectorRange::new(range.end(), range.end().saturating_add(NEAR).min(map.sectors()));
        let found = map.within(near).find(|(_, status)| *status == Status::Finished);
        found.map(|(part, _)| part.split_at(1).0)
    }

    /// What was wrong with the commands of a read.
    pub(super) fn entry(&self, request: &ReadRequest, read: &Read) -> Entry {
        let (outcome, retry_mode) = (&read.outcome, read.mode);
        let mut entry =
            Entry { incidents: read.incidents.clone(), phase: self.strategy.phase().to_string(), retry_mode };
        let trouble = match outcome.fault {
            Some(_) => Trouble::Failed,
            None if outcome.recovered => Trouble::Recovered,
            None if outcome.seconds >= Incident::SLOW => Trouble::Slow,
            None if retry_mode.is_some() => Trouble::None,
            None => return entry,
        };
        if entry.incidents.is_empty() {
            entry.incidents.push(told(request, outcome, trouble, self.clock.now()));
        }
        entry
    }
}

/// A read as a source tells it that keeps no account of its commands.
fn told(request: &ReadRequest, outcome: &Outcome, trouble: Trouble, at: Duration) -> Incident {
    Incident {
        range: request.range,
        fua: request.fua,
        trouble,
        at,
        seconds: outcome.seconds,
        status: outcome.status,
        host_status: 0,
        sense: outcome.sense,
    }
}
