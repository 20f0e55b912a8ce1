//! The reader thread: asks the strategy, reads, tells the strategy, hands the data on.

pub(super) mod access;
pub(super) mod drive_log;
pub(super) mod limits;
pub(super) mod meter;
pub(super) mod slot;
pub(super) mod tally;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossbeam_channel::Receiver;
use tracing::debug;

use crate::base::cancel::Cancel;
use crate::base::clock::Clock;
use crate::base::event::{Event, Events, Progress};
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::base::set::SectorSet;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::{Phase, Status, StatusLine};
use crate::mapfile::text::MAX_RANGES;
use crate::pipeline::Feeder;
use crate::recovery::{self, Change, Step, Strategy};
use crate::source::ReadRequest;
use crate::source::drive::{Incident, Trouble};

use super::guard::{Admission, Proposal, Read, Request, RollBack, SecondRead};
use super::stop::Stop;
use access::Access;
use drive_log::Entry;
use limits::{Limits, Passed};
use meter::Meter;
use slot::{Note, Slot};
use tally::Tally;

/// Makes a strategy for a map, to go on from a status line without asking for these sectors.
pub(super) type Make<'a> = &'a (dyn Fn(SectorMap, StatusLine, &SectorSet) -> Box<dyn Strategy> + Sync);

/// Everything the reader thread needs.
pub(super) struct Reader<'a> {
    pub(super) access: Access<'a>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) strategy: Box<dyn Strategy>,
    pub(super) make: Make<'a>,
    /// Empty slots come back here.
    pub(super) empty: Receiver<Slot>,
    pub(super) cancel: &'a Cancel,
    /// What the main thread shows.
    pub(super) progress: &'a Mutex<Progress>,
    pub(super) events: &'a dyn Events,
    /// Time limit for one read.
    pub(super) time_limit: Duration,
    pub(super) limits: Limits,
    /// When set, what is left in these sectors at the end becomes `-`.
    pub(super) finish: Option<SectorSet>,
    /// Retry passes of the strategy.
    pub(super) passes: u32,
    pub(super) state: State,
}

/// What changes while the reader runs.
#[derive(Debug, Default)]
pub(super) struct State {
    tally: Tally,
    /// Seconds that were let pass.
    paused: f64,
    /// Bytes that were rescued before the run, and sectors of it that the strategy has not heard of.
    rescued_before: u64,
    unheard: u64,
    /// Changes that ride with the next slot.
    released: Vec<Change>,
    /// Sectors that a second read denied, of which the strategy has not heard.
    denied: Vec<Change>,
    /// What turned out blank before the strategy was made again.
    blank: SectorSet,
    /// Sectors behind the disc's real end.
    beyond: SectorSet,
    /// When the last sector came home, and how many had by then.
    gain: (Duration, u64),
    /// Where the last read ended.
    here: SectorRange,
    /// The retry pass under way, 0 before the first.
    pass: u32,
    /// How often the strategy was made again.
    strategies: u64,
    /// The phase that the progress tells.
    shown: Option<recovery::Phase>,
}

/// What is left when the reader is done.
pub(super) struct Finished {
    pub(super) stop: Stop,
    pub(super) tally: Tally,
    pub(super) strategy: Box<dyn Strategy>,
    pub(super) blank: SectorSet,
}

/// Longest sleep without a look whether somebody wants to stop.
const NAP: Duration = Duration::from_millis(100);

impl Reader<'_> {
    /// Reads until the strategy is done or something ends the run.
    pub(super) fn run(mut self, feeder: &Feeder<'_, Slot>) -> Finished {
        let began = self.clock.now();
        self.state.gain.0 = began;
        self.state.rescued_before = self.strategy.map().totals().bytes(Status::Finished);
        let mut meter = Meter::new(began);
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
        let mut blank = self.state.blank;
        self.strategy.blank().ranges().iter().for_each(|range| blank.insert(*range));
        Finished { stop, tally: self.state.tally, strategy: self.strategy, blank }
    }

    /// One step of the strategy, or of the guard where that comes first.
    fn step(&mut self, feeder: &Feeder<'_, Slot>, meter: &mut Meter) -> Result<(), Stop> {
        if self.access.wants_second_read(false) {
            return self.read_again(feeder);
        }
        self.tell_denied();
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

    /// Waits until everything that was read is saved.
    fn save(&mut self, feeder: &Feeder<'_, Slot>) -> Result<(), Stop> {
        let mut slot = self.slot()?;
        let (saved, wait) = crossbeam_channel::bounded(1);
        slot.saved = Some(saved);
        self.send(slot, feeder)?;
        // A writer that fails drops the slot.
        wait.recv().map_err(|_| Stop::SinkClosed)
    }

    /// A retry pass begins. Whether there is another strategy now.
    fn begin_pass(&mut self, feeder: &Feeder<'_, Slot>) -> Result<bool, Stop> {
        let pass = self.strategy.phase().retry_pass();
        let replaced = self.settle(feeder)?;
        if !replaced {
            self.state.pass = pass;
        }
        Ok(replaced)
    }

    /// Nothing stays held back that can be decided, and all is read that wants to be read twice. Whether there is another
    /// strategy now.
    fn settle(&mut self, feeder: &Feeder<'_, Slot>) -> Result<bool, Stop> {
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
    fn last_steps(&mut self, feeder: &Feeder<'_, Slot>) -> Result<(), Stop> {
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
        // What is missing after all gets the passes that are left; behind the last one it is for the next run.
        if !self.tell_denied() || self.state.pass >= self.passes {
            return Err(Stop::Done);
        }
        self.state.pass += 1;
        let line = StatusLine { phase: Phase::Scraping, pass: self.state.pass, position: 0 };
        self.roll_back(RollBack { undo: Vec::new(), told: Vec::new(), line });
        Ok(())
    }

    fn passed(&mut self) -> Passed {
        let now = self.clock.now();
        self.count();
        let tally = &self.state.tally;
        if tally.new_sectors > self.state.gain.1 {
            self.state.gain = (now, tally.new_sectors);
        }
        Passed {
            all: Duration::try_from_secs_f64(tally.seconds).unwrap_or(Duration::MAX),
            barren: now.saturating_sub(self.state.gain.0),
            errors: tally.failed,
        }
    }

    /// Brings the counts up to date.
    fn count(&mut self) {
        let asked = self.access.asked();
        let rescued = self.strategy.map().totals().bytes(Status::Finished);
        let tally = &mut self.state.tally;
        (tally.commands, tally.failed) = (asked.commands, asked.failed);
        tally.seconds = asked.seconds + self.state.paused;
        let new = rescued.saturating_sub(self.state.rescued_before).div_ceil(SECTOR_BYTES);
        tally.new_sectors = new + self.state.unheard;
    }

    fn slot(&mut self) -> Result<Slot, Stop> {
        let mut slot = self.empty.recv().map_err(|_| Stop::SinkClosed)?;
        slot.clear();
        Ok(slot)
    }

    fn read(&mut self, range: SectorRange, fua: bool, feeder: &Feeder<'_, Slot>) -> Result<(), Stop> {
        let mut slot = self.slot()?;
        let request = Request {
            read: ReadRequest { range, fua, time_limit: self.time_limit },
            retry_pass: self.strategy.phase().retry_pass(),
            sound_behind: self.sound_behind(range),
        };
        let read = self.access.read(&request, &mut slot.buffer);
        let outcome = &read.outcome;
        if let Some(fault) = outcome.fault {
            let sense = outcome.sense.map_or_else(String::new, |sense| format!(", sense {sense}"));
            debug!("read of {range}: {fault:?}{sense}, {} good, {:.1} s", outcome.sectors, outcome.seconds);
        }
        self.state.here = SectorRange::with_len(range.end().saturating_sub(1), 1);
        slot.entry = self.entry(&request.read, &read);
        slot.good = range.split_at(outcome.sectors).0;
        let result = match outcome.fault {
            None | Some(Fault::Blank | Fault::Damage) => self.observe(range, &read, &mut slot),
            Some(fault) => {
                self.keep_head(&mut slot);
                self.no_damage(Stop::fault(fault, range, outcome.clone()))
            }
        };
        // Only damage is told of the disc's sectors; a drive that was unplugged says nothing about them.
        if outcome.fault == Some(Fault::Damage) || outcome.recovered {
            slot.note = Some(Note { range, outcome: read.outcome });
        }
        self.send(slot, feeder)?;
        result
    }

    /// Sends a slot on, with what was released for the map before its own changes.
    fn send(&mut self, mut slot: Slot, feeder: &Feeder<'_, Slot>) -> Result<(), Stop> {
        slot.changes.splice(0..0, self.state.released.drain(..));
        slot.line = self.access.held_since().unwrap_or_else(|| self.strategy.status_line());
        feeder.send(slot).map_err(|_| Stop::SinkClosed)
    }

    /// Tells the strategy what came of a read, and the map what the guard admits of that.
    fn observe(&mut self, range: SectorRange, read: &Read, slot: &mut Slot) -> Result<(), Stop> {
        let before = self.strategy.map().within(range).collect();
        let line = self.strategy.status_line();
        let mut changes = Vec::new();
        self.strategy.observe(range, &read.outcome, self.clock.now(), &mut changes);
        self.state.tally.measure(range, &read.outcome);
        let proposal = Proposal { range, before, line, changes };
        let admission = self.access.admit(proposal, read, &slot.buffer)?;
        self.carry_out(admission);
        Ok(())
    }

    /// Carries out what the guard has decided.
    fn carry_out(&mut self, admission: Admission) {
        match admission {
            Admission::Commit(mut changes) => self.state.released.append(&mut changes),
            Admission::Hold => {}
            Admission::RollBack(back) => self.roll_back(back),
        }
    }

    /// Makes the map what it was, and a strategy that goes on from there.
    fn roll_back(&mut self, mut back: RollBack) {
        let mut map = self.strategy.map().clone();
        back.undo.into_iter().for_each(|(range, status)| map.set(range, status));
        self.state.released.append(&mut back.told);
        self.strategy.blank().ranges().iter().for_each(|range| self.state.blank.insert(*range));
        let left_out = self.state.beyond.ranges().iter().chain(self.state.blank.ranges()).copied().collect();
        self.strategy = (self.make)(map, back.line, &left_out);
        self.state.strategies += 1;
    }

    /// Tells the strategy what second reads denied. All of it at once: another strategy is made for it, which costs as much
    /// as there is damage. Whether there was any.
    fn tell_denied(&mut self) -> bool {
        let denied = std::mem::take(&mut self.state.denied);
        if denied.is_empty() {
            return false;
        }
        let line = self.strategy.status_line();
        self.roll_back(RollBack { undo: denied, told: Vec::new(), line });
        true
    }

    /// Reads sectors a second time that the guard wants so.
    fn read_again(&mut self, feeder: &Feeder<'_, Slot>) -> Result<(), Stop> {
        let mut slot = self.slot()?;
        let mut result = Ok(());
        match self.access.read_again(&mut slot.buffer) {
            None => {}
            Some(SecondRead::Agreed(range)) => slot.changes.push((range, Status::Finished)),
            Some(SecondRead::Replaced(range)) => {
                slot.good = range;
                slot.changes.push((range, Status::Finished));
            }
            Some(SecondRead::Denied(range, status)) => {
                self.state.denied.push((range, status));
                slot.changes.push((range, status));
            }
            Some(SecondRead::Fault(fault, range, outcome)) => {
                result = self.no_damage(Stop::fault(fault, range, outcome))
            }
        }
        slot.entry.incidents = self.access.take_incidents();
        slot.entry.phase = "second read".to_owned();
        slot.entry.retry_mode = None;
        self.send(slot, feeder)?;
        result
    }

    /// What came before a fault that is no damage; the strategy hears nothing of such a read.
    fn keep_head(&mut self, slot: &mut Slot) {
        if !self.access.keeps_head() {
            slot.good = SectorRange::default();
        } else if !slot.good.is_empty() {
            let before = self.strategy.map().within(slot.good);
            let new = before.filter(|(_, status)| *status != Status::Finished);
            self.state.unheard += new.map(|(range, _)| range.len()).sum::<u64>();
            slot.changes.push((slot.good, Status::Finished));
        }
    }

    /// A read that ended with a fault that is no damage. `Ok`: it can be tried again.
    fn no_damage(&mut self, stop: Stop) -> Result<(), Stop> {
        if let Stop::Fault { fault: Fault::OutOfRange, range, .. } = &stop
            && !self.cancel.is_raised()
            && self.leave_out_beyond(*range)
        {
            return Ok(());
        }
        let admission = self.access.no_damage(stop)?;
        self.carry_out(admission);
        Ok(())
    }

    /// Leaves out what lies behind the disc's real end, when the source has found that it ends before `range` does.
    fn leave_out_beyond(&mut self, range: SectorRange) -> bool {
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
    fn sound_behind(&self, range: SectorRange) -> Option<SectorRange> {
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
    fn entry(&self, request: &ReadRequest, read: &Read) -> Entry {
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

    /// The last slot: what was released, where the rescue stands, and with `--finish` what becomes `-`.
    fn end(&mut self, stop: Stop, feeder: &Feeder<'_, Slot>) -> Stop {
        if stop == Stop::SinkClosed {
            return stop;
        }
        self.tell_denied();
        let (mut stop, mut line) = (stop, None);
        if let Some(settled) = self.access.settle(&stop, self.state.here) {
            stop = settled.stop.unwrap_or(stop);
            if settled.unproven_zeros > 0 {
                self.events.event(Event::Warning(unproven(settled.unproven_zeros)));
            }
            if let Admission::RollBack(back) = &settled.admission {
                line = Some(back.line);
            }
            self.carry_out(settled.admission);
        }
        let Ok(mut slot) = self.slot() else { return Stop::SinkClosed };
        slot.changes.append(&mut self.state.released);
        slot.entry.incidents = self.access.take_incidents();
        slot.entry.phase = "drive check".to_owned();
        slot.entry.retry_mode = None;
        slot.line = line.unwrap_or_else(|| self.strategy.status_line());
        slot.last = stop == Stop::Done;
        if slot.last
            && let Some(mut domain) = self.finish.take()
        {
            // What was never written is no damage.
            let blank = self.strategy.blank().ranges().iter().chain(self.state.blank.ranges());
            blank.for_each(|range| domain.remove(*range));
            let left = self.strategy.map().iter().filter(|(_, status)| *status != Status::Finished);
            for (run, _) in left {
                slot.changes.extend(domain.within(run).map(|part| (part, Status::Bad)));
            }
        }
        if feeder.send(slot).is_err() { Stop::SinkClosed } else { stop }
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

    fn show(&mut self, range: SectorRange, meter: &mut Meter) {
        self.count();
        let tally = &self.state.tally;
        let totals = self.strategy.map().totals();
        let speed = meter.update(self.clock.now(), tally.new_sectors);
        let left = totals.bytes(Status::NonTried);
        let phase = self.strategy.phase();
        let is_new = self.state.shown.replace(phase) != Some(phase);
        if let Ok(mut p) = self.progress.lock() {
            if is_new {
                p.phase = phase.to_string();
            }
            p.position_bytes = range.byte_start() + range.bytes();
            p.rescued_bytes = totals.bytes(Status::Finished);
            p.missing_bytes =
                totals.bytes(Status::NonTrimmed) + totals.bytes(Status::NonScraped) + totals.bytes(Status::Bad);
            p.errors = tally.failed;
            p.bytes_per_second = speed;
            p.seconds_left = left.checked_div(speed).filter(|_| left > 0);
        }
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

/// Why zeros count for nothing.
fn unproven(sectors: u64) -> String {
    format!(
        "{sectors} sectors came as zeros after a read had failed, and nothing that is not zero could be read to tell an \
         empty disc from a drive that hands out zeros. They count as not tried. Switch the drive off and on, and run the \
         same command again."
    )
}
