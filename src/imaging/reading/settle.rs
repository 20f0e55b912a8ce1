//! Between passes and when the strategy is done: what is held back is decided, and what wants a second read gets it.

use crossbeam_channel::RecvTimeoutError;

use crate::imaging::guard::{Admission, RollBack, SecondRead};
use crate::imaging::stop::Stop;
use crate::mapfile::status::{Phase, Status, StatusLine};
use crate::pipeline::Feeder;

use super::NAP;
use super::reader::Reader;
use super::slot::Slot;

impl Reader<'_> {
    /// Waits until everything that was read is saved.
    pub(super) fn save(&mut self, feeder: &Feeder<'_, Slot>) -> Result<(), Stop> {
        let mut slot = self.slot()?;
        let (saved, wait) = crossbeam_channel::bounded(1);
        slot.saved = Some(saved);
        self.send(slot, feeder)?;
        loop {
            match wait.recv_timeout(NAP) {
                Ok(()) => return Ok(()),
                Err(RecvTimeoutError::Timeout) if self.cancel.is_raised() => return Err(Stop::Cancelled),
                Err(RecvTimeoutError::Timeout) => {}
                // A writer that fails drops the slot.
                Err(RecvTimeoutError::Disconnected) => return Err(Stop::SinkClosed),
            }
        }
    }

    /// A retry pass begins. Whether there is another strategy now.
    pub(super) fn begin_pass(&mut self, feeder: &Feeder<'_, Slot>) -> Result<bool, Stop> {
        let pass = self.strategy.phase().retry_pass();
        let replaced = self.settle(feeder)?;
        if !replaced {
            self.state.pass = pass;
        }
        Ok(replaced)
    }

    /// Nothing stays held back that can be decided, and all is read that wants to be read twice. Whether there is another
    /// strategy now.
    pub(super) fn settle(&mut self, feeder: &Feeder<'_, Slot>) -> Result<bool, Stop> {
        let strategies = self.state.strategies;
        if self.access.held_since().is_some() {
            let admission = self.access.check()?;
            self.carry_out(admission);
        }
        while self.state.strategies == strategies && self.access.wants_second_read(true) && !self.cancel.is_raised() {
            self.read_again(feeder)?;
        }
        self.tell_denied();
        Ok(self.state.strategies != strategies)
    }

    /// The strategy has nothing left to do. `Ok`: it may have, again.
    pub(super) fn last_steps(&mut self, feeder: &Feeder<'_, Slot>) -> Result<(), Stop> {
        if let Some(piece) = self.next_visit() {
            return self.visit(piece, feeder);
        }
        if self.access.held_since().is_some() {
            return match self.access.check()? {
                Admission::Hold => Err(Stop::Done),
                admission => {
                    self.carry_out(admission);
                    Ok(())
                }
            };
        }
        if !self.access.wants_second_read(true) {
            return Err(Stop::Done);
        }
        while self.access.wants_second_read(true) && !self.cancel.is_raised() && !feeder.is_closed() {
            self.read_again(feeder)?;
        }
        // What did not come a second time is set aside, and asked for once more like all that is. What was denied makes another
        // strategy, which begins another pass: first this.
        let is_all = self.state.denied.is_empty();
        while let Some(piece) = self.next_visit().filter(|_| !self.cancel.is_raised() && !feeder.is_closed()) {
            self.visit(piece, feeder)?;
            if is_all {
                return Ok(());
            }
        }
        // What is missing after all gets the passes that are left; behind the last one it is for the next run.
        if !self.tell_denied() || self.state.pass >= self.passes {
            return Err(Stop::Done);
        }
        self.state.pass += 1;
        let line = StatusLine { phase: Phase::Scraping, pass: self.state.pass, position: 0 };
        self.roll_back(RollBack { undo: Vec::new(), told: Vec::new(), line });
        Ok(())
    }

    /// Tells the strategy what second reads denied. All of it at once: another strategy is made for it, which costs as much
    /// as there is damage. Whether there was any.
    pub(super) fn tell_denied(&mut self) -> bool {
        let denied = std::mem::take(&mut self.state.denied);
        if denied.is_empty() {
            return false;
        }
        let line = self.strategy.status_line();
        self.roll_back(RollBack { undo: denied, told: Vec::new(), line });
        true
    }

    /// Reads sectors a second time that the guard wants so.
    pub(super) fn read_again(&mut self, feeder: &Feeder<'_, Slot>) -> Result<(), Stop> {
        let mut slot = self.slot()?;
        let mut result = Ok(());
        match self.access.read_again(&mut slot.buffer) {
            None => {}
            Some(SecondRead::Agreed(range)) => slot.changes.push((range, Status::Finished)),
            Some(SecondRead::Replaced(range)) => {
                slot.good = range;
                slot.changes.push((range, Status::Finished));
            }
            Some(SecondRead::Denied(changes)) => {
                slot.changes.extend_from_slice(&changes);
                self.state.denied.extend(changes);
            }
            Some(SecondRead::Fault(fault, range, outcome)) => result = self.no_damage(fault, range, &outcome),
        }
        slot.entry.incidents = self.access.take_incidents();
        slot.entry.phase = "second read".to_owned();
        slot.entry.retry_mode = None;
        self.send(slot, feeder)?;
        result
    }
}
