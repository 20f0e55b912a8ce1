//! The reader thread: asks the strategy, reads, tells the strategy, hands the data on.

pub(super) mod access;
mod asides;
pub(super) mod drive_log;
mod end;
mod given_up;
mod meter;
mod one_read;
mod pass;
mod progress;
mod reader;
mod settle;
pub(super) mod slot;
pub(super) mod tally;
mod tracts;

use std::time::Duration;

use crate::mapfile::status::Status;
use crate::mapfile::text::MAX_RANGES;
use crate::pipeline::Feeder;
use crate::recovery::Step;

use super::stop::Stop;
use meter::Meter;
use slot::Slot;

pub(super) use given_up::FirstSetup;
pub use given_up::{Fresh, TriedAgain};
pub(super) use reader::{Finished, Reader, State, Without};

/// Longest sleep without asking whether somebody wants to stop.
const NAP: Duration = Duration::from_millis(100);

impl Reader<'_> {
    /// Reads until the strategy is done or something ends the run.
    pub(super) fn run(mut self, feeder: &Feeder<'_, Slot>) -> Finished {
        let began = self.clock.now();
        self.state.gain.0 = began;
        self.state.rescued_before = self.strategy.map().totals().bytes(Status::Finished);
        let mut meter = Meter::new(began);
        self.line_up();
        let stop = loop {
            if self.cancel.is_raised() {
                break Stop::Cancelled;
            }
            if feeder.is_closed() {
                break Stop::SinkClosed;
            }
            let passed = self.passed();
            if let Some(limit) = self.limits.reached(passed) {
                break Stop::Limit(limit);
            }
            if self.strategy.map().totals().all_runs() > MAX_RANGES {
                break Stop::Crowded;
            }
            if let Err(stop) = self.step(feeder, &mut meter) {
                break stop;
            }
        };
        let stop = self.end(stop, feeder);
        self.count();
        let tried_again = self.tried_again();
        let not_asked_again = if stop == Stop::Done { self.not_asked_again() } else { 0 };
        let mut blank = self.state.blank;
        self.strategy.blank().ranges().iter().for_each(|range| blank.insert(*range));
        Finished { stop, tally: self.state.tally, strategy: self.strategy, blank, tried_again, not_asked_again }
    }

    /// One step of the strategy, or of the guard where that comes first.
    fn step(&mut self, feeder: &Feeder<'_, Slot>, meter: &mut Meter) -> Result<(), Stop> {
        if self.access.wants_second_read(false) {
            return self.read_again(feeder);
        }
        self.tell_denied();
        if self.first_attempt(feeder)? {
            return Ok(());
        }
        match self.strategy.next(self.clock.now(), self.access.rest()) {
            // The end is believed when the drive is well and all is read that wants to be read twice.
            Step::Done => self.last_steps(feeder),
            // Nothing is left that is expected to work. What a trial may cost is more attempts at what has failed before.
            Step::Pause(_) if self.strategy.phase().retry_pass() > 0 && self.access.may_try_pace() => {
                if !self.settle(feeder)? && self.access.held_since().is_none() {
                    self.save(feeder)?;
                    self.access.try_pace();
                }
                Ok(())
            }
            Step::Pause(time) => {
                self.state.paused += self.pause(time);
                Ok(())
            }
            Step::Read { range, fua } => {
                // Each pass begins with what the one before it has really brought.
                if self.strategy.phase().retry_pass() > self.state.pass && self.begin_pass(feeder)? {
                    return Ok(());
                }
                let read = self.read(range, fua, feeder);
                self.show(range, meter);
                read
            }
        }
    }

    fn pause(&self, time: Duration) -> f64 {
        let mut left = time;
        while !left.is_zero() && !self.cancel.is_raised() {
            let nap = left.min(NAP);
            self.clock.sleep(nap);
            left -= nap;
        }
        (time - left).as_secs_f64()
    }
}
