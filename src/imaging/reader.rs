//! The reader thread: asks the strategy, reads, tells the strategy, hands the data on.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossbeam_channel::Receiver;
use tracing::debug;

use crate::base::cancel::Cancel;
use crate::base::clock::Clock;
use crate::base::event::{Events, Progress};
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::base::set::SectorSet;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::{Status, StatusLine};
use crate::pipeline::Feeder;
use crate::pipeline::buffers::Buffer;
use crate::recovery::{Change, Phase, Step, Strategy};
use crate::source::{Incident, ReadRequest, SectorSource, Trouble};

use super::arms::Arms;
use super::canary::Canaries;
use super::doubt::Doubt;
use super::drive_log::Entry;
use super::limits::{Limit, Limits, Passed};
use super::meter::{Meter, per_second};
use super::retries::RetryProbe;
use super::second_look::Looks;

/// What travels from the reader to the writer, and back empty.
#[derive(Debug)]
pub(super) struct Slot {
    /// Room for one command's data.
    pub buffer: Buffer,
    /// The sectors at the head of the buffer that are good; may be empty.
    pub good: SectorRange,
    /// What the read means for the map.
    pub changes: Vec<Change>,
    /// Where the rescue stands after it.
    pub line: StatusLine,
    /// What the sidecar should remember of it.
    pub note: Option<Note>,
    /// What the drive log should.
    pub entry: Entry,
    /// Nothing comes after it: the strategy is done.
    pub last: bool,
}

impl Slot {
    /// An empty slot around `buffer`, which holds one command's data.
    pub(super) fn new(buffer: Buffer) -> Self {
        Self {
            buffer,
            good: SectorRange::default(),
            changes: Vec::new(),
            line: StatusLine::default(),
            note: None,
            entry: Entry::default(),
            last: false,
        }
    }

    /// Empty again but for its buffer.
    fn clear(&mut self) {
        self.good = SectorRange::default();
        self.changes.clear();
        self.note = None;
        self.entry.incidents.clear();
    }
}

/// A read that failed, or that the drive had to work for.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Note {
    /// What was asked for.
    pub range: SectorRange,
    /// What came of it.
    pub outcome: Outcome,
}

/// Why the reader returned.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Stop {
    /// The strategy has nothing left to do.
    Done,
    /// Somebody asked to stop.
    Cancelled,
    /// A limit that a person set is reached.
    Limit(Limit),
    /// The writer has stopped; its error says why.
    SinkClosed,
    /// The drive says something that is no damage.
    Fault {
        /// What.
        fault: Fault,
        /// Where.
        range: SectorRange,
        /// Its whole answer.
        outcome: Outcome,
    },
}

/// Counts of one run.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Tally {
    /// Read commands sent.
    pub commands: u64,
    /// Of these, how many failed.
    pub failed: u64,
    /// Seconds on the source's clock, reads and pauses.
    pub seconds: f64,
    /// Sectors that arrived for the first time.
    pub new_sectors: u64,
    /// Sectors that were read far from any failure, and the seconds they took.
    pub calm: (u64, f64),
}

impl Tally {
    /// New bytes a second of the source's time.
    pub(super) fn speed(&self) -> u64 {
        per_second(self.new_sectors, self.seconds)
    }
}

/// Makes a strategy for a map, to go on from a status line.
pub(super) type Make<'a> = &'a (dyn Fn(SectorMap, StatusLine) -> Box<dyn Strategy> + Sync);

/// Everything the reader thread needs.
pub(super) struct Reader<'a> {
    pub source: &'a mut dyn SectorSource,
    pub clock: Arc<dyn Clock>,
    pub strategy: Box<dyn Strategy>,
    pub make: Make<'a>,
    /// Empty slots come back here.
    pub empty: Receiver<Slot>,
    pub cancel: &'a Cancel,
    /// What the main thread shows.
    pub progress: &'a Mutex<Progress>,
    pub events: &'a dyn Events,
    /// Time limit for one read.
    pub time_limit: Duration,
    pub limits: Limits,
    /// When set, what is left in these sectors at the end becomes `-`.
    pub finish: Option<SectorSet>,
    /// Known-good places; none for sources that need no doubt.
    pub canaries: Option<Canaries>,
    pub retries: RetryProbe,
    /// Ways of retrying; sources that are no drive have but one.
    pub arms: Arms,
    /// The image can be written again where it was.
    pub can_go_back: bool,
    pub state: State,
}

/// What changes while the reader runs.
#[derive(Debug, Default)]
pub(super) struct State {
    pub tally: Tally,
    pub looks: Looks,
    pub doubt: Doubt,
    /// Changes that were vouched for and ride with the next slot.
    pub released: Vec<Change>,
    /// What turned out blank before the strategy was made anew.
    pub blank: SectorSet,
    /// Sectors behind the disc's real end.
    pub beyond: SectorSet,
    /// The read that was refused though the drive is well.
    pub refused: Option<SectorRange>,
    /// How often the source had been started anew when the doubt began.
    pub restarts_before: u64,
    /// Spin cycles in quick succession and in all, the failures before the last, and how often the disc was looked at anew.
    pub spins: u32,
    pub all_spins: u32,
    pub failed_at_spin: u64,
    pub changes_of_disc: u32,
    /// The phase that the progress tells.
    pub shown: Option<Phase>,
    /// When the last sector came home, and how many had by then.
    gain: (Duration, u64),
    /// Sectors read since the last failure.
    since_failure: Option<u64>,
}

/// What is left when the reader is done.
pub(super) struct Finished {
    pub stop: Stop,
    pub tally: Tally,
    pub strategy: Box<dyn Strategy>,
    pub blank: SectorSet,
}

/// Longest sleep without a look at the wish to stop.
const NAP: Duration = Duration::from_millis(100);

/// A drive reads slowly for a while after a failure: sectors until its speed says something again.
const CALM_AFTER: u64 = 64 << 9;

impl Reader<'_> {
    /// Reads until the strategy is done or something ends the run.
    pub(super) fn run(mut self, feeder: &Feeder<'_, Slot>) -> Finished {
        let began = self.clock.now();
        self.state.gain.0 = began;
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
            let step = match self.strategy.next(self.clock.now(), Duration::ZERO) {
                // The end is believed when the drive is well; else there is more to do.
                Step::Done if self.state.doubt.is_on() => self.vouch(),
                Step::Done => break Stop::Done,
                Step::Pause(time) => {
                    self.state.tally.seconds += self.pause(time);
                    Ok(())
                }
                Step::Read { range, fua } => {
                    let read = self.read(range, fua, feeder);
                    self.show(range, &mut meter);
                    read
                }
            };
            if let Err(stop) = step {
                break stop;
            }
        };
        let stop = self.end(stop, feeder);
        let mut blank = self.state.blank;
        self.strategy.blank().ranges().iter().for_each(|range| blank.insert(*range));
        Finished { stop, tally: self.state.tally, strategy: self.strategy, blank }
    }

    fn passed(&mut self) -> Passed {
        let now = self.clock.now();
        let rescued = self.state.tally.new_sectors;
        if rescued > self.state.gain.1 {
            self.state.gain = (now, rescued);
        }
        Passed {
            all: Duration::try_from_secs_f64(self.state.tally.seconds).unwrap_or(Duration::MAX),
            barren: now.saturating_sub(self.state.gain.0),
            errors: self.state.tally.failed,
        }
    }

    /// One read of the source, counted.
    pub(super) fn ask(&mut self, request: &ReadRequest, buffer: &mut [u8]) -> Outcome {
        let before = self.clock.now();
        let mut outcome = self.source.read(request, buffer);
        outcome.sectors = outcome.sectors.min(request.range.len());
        let tally = &mut self.state.tally;
        tally.commands += 1;
        tally.seconds += self.clock.now().saturating_sub(before).as_secs_f64().max(outcome.seconds);
        tally.failed += u64::from(outcome.fault == Some(Fault::Damage));
        outcome
    }

    fn read(&mut self, range: SectorRange, fua: bool, feeder: &Feeder<'_, Slot>) -> Result<(), Stop> {
        let mut slot = self.empty.recv().map_err(|_| Stop::SinkClosed)?;
        slot.clear();
        self.take_up_arm();
        let request = ReadRequest { range, fua, time_limit: self.time_limit };
        let mut outcome = self.ask_with_arm(&request, &mut slot.buffer);
        self.probe_retries(&request, &mut slot.buffer, &mut outcome);
        self.look_again(&request, &mut slot.buffer, &mut outcome);
        if let Some(fault) = outcome.fault {
            let sense = outcome.sense.map_or_else(String::new, |sense| format!(", sense {sense}"));
            debug!("read of {range}: {fault:?}{sense}, {} good, {:.1} s", outcome.sectors, outcome.seconds);
        }
        self.log(&request, &outcome, &mut slot.entry);
        let result = match outcome.fault {
            None | Some(Fault::Blank | Fault::Damage) => {
                slot.good = range.split_at(outcome.sectors).0;
                let failed = slot.entry.incidents.iter().find(|incident| incident.trouble == Trouble::Failed);
                let failed = failed.map(|incident| incident.seconds);
                self.observe(range, &outcome, failed, &mut slot);
                Ok(())
            }
            Some(fault) => {
                self.keep_head(range, &outcome, &mut slot);
                self.no_damage(fault, range, outcome.clone())
            }
        };
        slot.changes.splice(0..0, self.state.released.drain(..));
        slot.line = self.state.doubt.since().unwrap_or_else(|| self.strategy.status_line());
        // Only damage is told of the disc's sectors; a drive that was unplugged says nothing about them.
        if outcome.fault == Some(Fault::Damage) || outcome.recovered {
            slot.note = Some(Note { range, outcome });
        }
        feeder.send(slot).map_err(|_| Stop::SinkClosed)?;
        result?;
        if self.state.doubt.is_due() { self.vouch() } else { Ok(()) }
    }

    /// Tells the strategy what came of a read; after an error, holds back what that means until the drive is seen to
    /// be well. `failed`: a command of this read did, after so many seconds, whatever came of it in the end.
    fn observe(&mut self, range: SectorRange, outcome: &Outcome, failed: Option<f64>, slot: &mut Slot) {
        let knows_good = self.canaries.as_ref().is_some_and(|canaries| !canaries.is_empty());
        if !self.state.doubt.is_on() {
            self.state.restarts_before = self.source.restarts();
        }
        let doubtful = knows_good && (failed.is_some() || self.state.doubt.is_on());
        let before = doubtful.then(|| (self.strategy.map().within(range).collect(), self.strategy.status_line()));
        self.strategy.observe(range, outcome, self.clock.now(), &mut slot.changes);
        let rescued = slot.changes.iter().filter(|(_, status)| *status == Status::Finished);
        self.state.tally.new_sectors += rescued.map(|(range, _)| range.len()).sum::<u64>();
        match before {
            Some((before, line)) => {
                self.state.doubt.hold(&mut slot.changes, before, line, failed);
            }
            None => self.offer_canary(outcome, slot),
        }
        self.measure(range, outcome);
    }

    /// What came before a fault that is no damage came well; the strategy hears nothing of such a read.
    fn keep_head(&mut self, range: SectorRange, outcome: &Outcome, slot: &mut Slot) {
        let head = range.split_at(outcome.sectors).0;
        if head.is_empty() {
            return;
        }
        slot.good = head;
        let before: Vec<Change> = self.strategy.map().within(head).collect();
        let new = before.iter().filter(|(_, status)| *status != Status::Finished);
        self.state.tally.new_sectors += new.map(|(range, _)| range.len()).sum::<u64>();
        slot.changes.push((head, Status::Finished));
        if self.state.doubt.is_on() {
            self.state.doubt.hold(&mut slot.changes, before, self.strategy.status_line(), None);
        }
    }

    /// Sectors that came without trouble may serve to look at later.
    fn offer_canary(&mut self, outcome: &Outcome, slot: &Slot) {
        if outcome.fault.is_none()
            && !outcome.recovered
            && let Some(canaries) = &mut self.canaries
        {
            canaries.offer(slot.good, &slot.buffer);
        }
    }

    /// How fast the drive reads where nothing slows it down.
    fn measure(&mut self, range: SectorRange, outcome: &Outcome) {
        let state = &mut self.state;
        if outcome.fault.is_some() || outcome.recovered {
            state.since_failure = Some(0);
            return;
        }
        let is_calm = state.since_failure.is_none_or(|sectors| sectors >= CALM_AFTER);
        if is_calm {
            state.tally.calm.0 += range.len();
            state.tally.calm.1 += outcome.seconds;
        } else if let Some(sectors) = &mut state.since_failure {
            *sectors += range.len();
        }
    }

    /// What was wrong with the commands of this read.
    fn log(&mut self, request: &ReadRequest, outcome: &Outcome, entry: &mut Entry) {
        entry.incidents = self.source.take_incidents();
        entry.phase = self.strategy.phase();
        entry.arm = self.arms.name();
        let trouble = match outcome.fault {
            Some(_) => Trouble::Failed,
            None if outcome.recovered => Trouble::Recovered,
            None if outcome.seconds >= Incident::SLOW => Trouble::Slow,
            None if entry.arm.is_some() => Trouble::None,
            None => return,
        };
        if entry.incidents.is_empty() {
            entry.incidents.push(Incident {
                range: request.range,
                fua: request.fua,
                trouble,
                at: self.clock.now(),
                seconds: outcome.seconds,
                status: outcome.status,
                host_status: 0,
                sense: outcome.sense,
            });
        }
    }

    /// The last slot: what was vouched for, where the rescue stands, and with `--finish` what becomes `-`.
    fn end(&mut self, stop: Stop, feeder: &Feeder<'_, Slot>) -> Stop {
        if stop == Stop::SinkClosed {
            return stop;
        }
        let line = self.settle(&stop);
        let Ok(mut slot) = self.empty.recv() else { return Stop::SinkClosed };
        slot.clear();
        slot.changes.append(&mut self.state.released);
        slot.entry.incidents = self.source.take_incidents();
        slot.entry.phase = self.strategy.phase();
        slot.line = line;
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
        let phase = self.strategy.phase();
        let is_new = self.state.shown.replace(phase) != Some(phase);
        let tally = &self.state.tally;
        let totals = self.strategy.map().totals();
        let speed = meter.update(self.clock.now(), tally.new_sectors);
        let left = totals.bytes(Status::NonTried);
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

/// A buffer for so many sectors.
pub(super) fn spare(range: SectorRange) -> Vec<u8> {
    vec![0; usize::try_from(range.len()).unwrap_or(0).saturating_mul(SECTOR_SIZE)]
}
