//! The reader thread: asks the strategy, reads, tells the strategy, hands the data on.

use std::sync::Mutex;
use std::time::Duration;

use crossbeam_channel::Receiver;
use tracing::debug;

use crate::base::cancel::Cancel;
use crate::base::clock::Clock;
use crate::base::event::Progress;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::base::set::SectorSet;
use crate::mapfile::status::{Status, StatusLine};
use crate::pipeline::Feeder;
use crate::pipeline::buffers::Buffer;
use crate::recovery::{Change, Step, Strategy};
use crate::source::{ReadRequest, SectorSource};

use super::meter::{Meter, per_second};

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
            last: false,
        }
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
}

impl Tally {
    /// New bytes a second of the source's time.
    pub(super) fn speed(&self) -> u64 {
        per_second(self.new_sectors, self.seconds)
    }
}

/// Everything the reader thread needs.
pub(super) struct Reader<'a> {
    pub source: &'a mut dyn SectorSource,
    pub strategy: &'a mut dyn Strategy,
    /// Empty slots come back here.
    pub empty: Receiver<Slot>,
    pub cancel: &'a Cancel,
    /// What the main thread shows.
    pub progress: &'a Mutex<Progress>,
    /// Time limit for one read.
    pub time_limit: Duration,
    /// When set, what is left in these sectors at the end becomes `-`.
    pub finish: Option<SectorSet>,
    /// Drive time after which nothing more is asked for.
    pub budget: Option<Duration>,
}

/// Longest sleep without a look at the wish to stop.
const NAP: Duration = Duration::from_millis(100);

impl Reader<'_> {
    /// Reads until the strategy is done or something ends the run.
    pub(super) fn run(mut self, feeder: &Feeder<'_, Slot>) -> (Stop, Tally) {
        let clock = self.source.clock();
        let mut tally = Tally::default();
        let mut meter = Meter::new(clock.now());
        let stop = loop {
            if self.cancel.is_raised() {
                break Stop::Cancelled;
            }
            if feeder.is_closed() {
                break Stop::SinkClosed;
            }
            if self.budget.is_some_and(|budget| tally.seconds >= budget.as_secs_f64()) {
                break self.end(feeder);
            }
            match self.strategy.next(clock.now()) {
                Step::Done => break self.end(feeder),
                Step::Pause(time) => tally.seconds += self.pause(clock.as_ref(), time),
                Step::Read { range, fua } => {
                    if let Err(stop) = self.read(range, fua, feeder, clock.as_ref(), &mut tally) {
                        break stop;
                    }
                    self.show(range, clock.now(), &tally, &mut meter);
                }
            }
        };
        (stop, tally)
    }

    fn read(
        &mut self,
        range: SectorRange,
        fua: bool,
        feeder: &Feeder<'_, Slot>,
        clock: &dyn Clock,
        tally: &mut Tally,
    ) -> Result<(), Stop> {
        let mut slot = self.empty.recv().map_err(|_| Stop::SinkClosed)?;
        slot.changes.clear();
        slot.note = None;
        let request = ReadRequest { range, fua, time_limit: self.time_limit };
        let mut outcome = self.source.read(&request, &mut slot.buffer);
        outcome.sectors = outcome.sectors.min(range.len());
        tally.commands += 1;
        tally.seconds += outcome.seconds;
        slot.good = range.split_at(outcome.sectors).0;
        let ends = match outcome.fault {
            None | Some(Fault::Blank) => None,
            Some(Fault::Damage) => {
                tally.failed += 1;
                None
            }
            // A wish to stop ends the waits of a drive with the fault of the moment.
            Some(Fault::NotReady | Fault::Busy | Fault::Transport) if self.cancel.is_raised() => Some(Stop::Cancelled),
            Some(fault) => Some(Stop::Fault { fault, range, outcome: outcome.clone() }),
        };
        if let Some(fault) = outcome.fault {
            let sense = outcome.sense.map_or_else(String::new, |sense| format!(", sense {sense}"));
            debug!("read of {range}: {fault:?}{sense}, {} good, {:.1} s", outcome.sectors, outcome.seconds);
        }
        if ends.is_none() {
            self.strategy.observe(range, &outcome, clock.now(), &mut slot.changes);
        } else if !slot.good.is_empty() {
            slot.changes.push((slot.good, Status::Finished));
        }
        tally.new_sectors +=
            slot.changes.iter().filter(|(_, s)| *s == Status::Finished).map(|(r, _)| r.len()).sum::<u64>();
        slot.line = self.strategy.status_line();
        // Only damage is told of the disc's sectors; a drive that was unplugged says nothing about them.
        if outcome.fault == Some(Fault::Damage) || outcome.recovered {
            slot.note = Some(Note { range, outcome });
        }
        feeder.send(slot).map_err(|_| Stop::SinkClosed)?;
        ends.map_or(Ok(()), Err)
    }

    /// The strategy is done: with `--finish`, what is left becomes `-`; in any case the last status line is saved.
    fn end(&mut self, feeder: &Feeder<'_, Slot>) -> Stop {
        let Ok(mut slot) = self.empty.recv() else { return Stop::SinkClosed };
        slot.changes.clear();
        slot.note = None;
        slot.good = SectorRange::default();
        slot.line = self.strategy.status_line();
        slot.last = true;
        if let Some(mut domain) = self.finish.take() {
            // What was never written is no damage.
            self.strategy.blank().ranges().iter().for_each(|blank| domain.remove(*blank));
            let left = self.strategy.map().iter().filter(|(_, status)| *status != Status::Finished);
            for (run, _) in left {
                slot.changes.extend(domain.within(run).map(|part| (part, Status::Bad)));
            }
        }
        if feeder.send(slot).is_err() { Stop::SinkClosed } else { Stop::Done }
    }

    fn pause(&self, clock: &dyn Clock, time: Duration) -> f64 {
        let mut left = time;
        while !left.is_zero() && !self.cancel.is_raised() {
            let nap = left.min(NAP);
            clock.sleep(nap);
            left -= nap;
        }
        (time - left).as_secs_f64()
    }

    fn show(&self, range: SectorRange, now: Duration, tally: &Tally, meter: &mut Meter) {
        let totals = self.strategy.map().totals();
        let speed = meter.update(now, tally.new_sectors);
        let left = totals.bytes(Status::NonTried);
        if let Ok(mut p) = self.progress.lock() {
            let phase = self.strategy.phase();
            if p.phase != phase {
                p.phase = phase;
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
