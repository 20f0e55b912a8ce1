//! The reader: what it is made of, and what every part of it does.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError};

use crate::base::cancel::Cancel;
use crate::base::clock::Clock;
use crate::base::event::{Events, Progress};
use crate::base::outcome::Outcome;
use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;
use crate::base::sector::tract::{LeftOut, Tract};
use crate::imaging::guard::{Admission, RollBack};
use crate::imaging::limits::Limits;
use crate::imaging::stop::Stop;
use crate::mapfile::aside::Asides;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::StatusLine;
use crate::pipeline::Feeder;
use crate::recovery::{Change, Phase, Strategy};

use super::NAP;
use super::access::Access;
use super::given_up::{First, FirstSetup, TriedAgain, Visits};
use super::pass::Pass;
use super::slot::{AsideChange, FirstChange, Slot};
use super::tally::Tally;

/// Makes a strategy for a map, to go on from a status line without asking for what is left out, and beside what is set aside.
pub(in crate::imaging) type Make<'a> = &'a (dyn Fn(SectorMap, StatusLine, Without<'_>) -> Box<dyn Strategy> + Sync);

/// What a strategy does not ask for.
#[derive(Clone, Copy, Debug)]
pub(in crate::imaging) struct Without<'a> {
    /// Behind the end, or blank.
    pub(in crate::imaging) left_out: &'a SectorSet,
    /// Set aside.
    pub(in crate::imaging) aside: &'a Asides,
}

/// Everything the reader thread needs.
pub(in crate::imaging) struct Reader<'a> {
    pub(in crate::imaging) access: Access<'a>,
    pub(in crate::imaging) clock: Arc<dyn Clock>,
    pub(in crate::imaging) strategy: Box<dyn Strategy>,
    pub(in crate::imaging) make: Make<'a>,
    /// Empty slots come back here.
    pub(in crate::imaging) empty: Receiver<Slot>,
    pub(in crate::imaging) cancel: &'a Cancel,
    /// What the main thread shows.
    pub(in crate::imaging) progress: &'a Mutex<Progress>,
    pub(in crate::imaging) events: &'a dyn Events,
    /// Time limit for one read.
    pub(in crate::imaging) time_limit: Duration,
    pub(in crate::imaging) limits: Limits,
    /// When set, what is left in these sectors at the end becomes `-`.
    pub(in crate::imaging) finish: Option<SectorSet>,
    /// Retry passes of the strategy.
    pub(in crate::imaging) passes: u32,
    /// Bytes of the disc that hold no data, and are not missing when they are not read.
    pub(in crate::imaging) without_data: u64,
    /// The ECC unit in sectors.
    pub(in crate::imaging) unit: u64,
    /// What is to be asked for before anything else.
    pub(in crate::imaging) first: FirstSetup,
    pub(in crate::imaging) state: State,
}

/// What changes while the reader runs.
#[derive(Debug, Default)]
pub(in crate::imaging) struct State {
    pub(super) tally: Tally,
    /// Seconds that were let pass.
    pub(super) paused: f64,
    /// Bytes that were rescued before the run, and sectors of it that the strategy has not heard of.
    pub(super) rescued_before: u64,
    pub(super) unheard: u64,
    /// Changes that ride with the next slot.
    pub(super) released: Vec<Change>,
    /// Sectors that a second read denied, of which the strategy has not heard.
    pub(super) denied: Vec<Change>,
    /// What turned out blank before the strategy was made again.
    pub(super) blank: SectorSet,
    /// Sectors that are not asked for any more: those behind the disc's real end, and those of tracts without data.
    pub(super) beyond: SectorSet,
    /// Tracts without data that were found in this run, and those of them that the writer has not heard of.
    pub(super) left_out: LeftOut,
    pub(super) new_tracts: Vec<Tract>,
    /// What is set aside of what this run may read.
    pub(super) asides: Asides,
    /// Changes of that which ride with the next slot: what is known of a range, or that it is set aside no more.
    pub(super) aside_changes: Vec<AsideChange>,
    /// Of it, what is still to be asked for once more, and what was.
    pub(super) visits: Visits,
    pub(super) visited: SectorSet,
    /// The read under way is none of the strategy's order; seconds that such reads took that were never answered.
    pub(super) is_beside: bool,
    pub(super) hung: f64,
    /// The read that the run would end with, and the answer.
    pub(super) ended_at: Option<(SectorRange, Outcome)>,
    /// The first attempts of a run that believes nothing that was remembered.
    pub(super) first: Option<First>,
    /// Changes of what is to be asked for first, which ride with the next slot.
    pub(super) first_changes: Vec<FirstChange>,
    /// When the last sector came home, and how many had by then.
    pub(super) gain: (Duration, u64),
    /// Where the last read ended.
    pub(super) here: SectorRange,
    /// The retry pass under way, 0 before the first.
    pub(super) pass: u32,
    /// How often the strategy was made again.
    pub(super) strategies: u64,
    /// How far the pass under way is.
    pub(super) progress: Pass,
    /// The phase that the progress tells.
    pub(super) shown: Option<Phase>,
}

/// What is left when the reader is done.
pub(in crate::imaging) struct Finished {
    pub(in crate::imaging) stop: Stop,
    pub(in crate::imaging) tally: Tally,
    pub(in crate::imaging) strategy: Box<dyn Strategy>,
    pub(in crate::imaging) blank: SectorSet,
    /// What first attempts at what was remembered brought.
    pub(in crate::imaging) tried_again: Option<TriedAgain>,
    /// Sectors that were never answered and, for want of time, not asked for once more.
    pub(in crate::imaging) not_asked_again: u64,
}

impl State {
    /// Nothing done yet, beside what earlier runs set aside.
    pub(in crate::imaging) fn beside(asides: Asides) -> Self {
        Self { visits: Visits::of(&asides), asides, ..Self::default() }
    }
}

impl Reader<'_> {
    pub(super) fn slot(&mut self) -> Result<Slot, Stop> {
        // An output that hangs keeps all slots; whoever wants to stop is not kept.
        loop {
            match self.empty.recv_timeout(NAP) {
                Ok(mut slot) => {
                    slot.clear();
                    return Ok(slot);
                }
                Err(RecvTimeoutError::Timeout) if self.cancel.is_raised() => return Err(Stop::Cancelled),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(Stop::SinkClosed),
            }
        }
    }

    /// Sends a slot on, with what was released for the map before its own changes.
    pub(super) fn send(&mut self, mut slot: Slot, feeder: &Feeder<'_, Slot>) -> Result<(), Stop> {
        slot.changes.splice(0..0, self.state.released.drain(..));
        slot.left_out.append(&mut self.state.new_tracts);
        slot.asides.append(&mut self.state.aside_changes);
        slot.first.append(&mut self.state.first_changes);
        slot.line = self.access.held_since().unwrap_or_else(|| self.strategy.status_line());
        feeder.send(slot).map_err(|_| Stop::SinkClosed)
    }

    /// Carries out what the guard has decided.
    pub(super) fn carry_out(&mut self, admission: Admission) {
        match admission {
            Admission::Commit(mut changes) => self.state.released.append(&mut changes),
            Admission::Hold => {}
            Admission::RollBack(back) => self.roll_back(back),
        }
    }

    /// Makes the map what it was, and a strategy that goes on from there.
    pub(super) fn roll_back(&mut self, mut back: RollBack) {
        let mut map = self.strategy.map().clone();
        back.undo.into_iter().for_each(|(range, status)| map.set(range, status));
        self.state.released.append(&mut back.told);
        self.strategy.blank().ranges().iter().for_each(|range| self.state.blank.insert(*range));
        let left_out = self.state.beyond.ranges().iter().chain(self.state.blank.ranges()).copied().collect();
        self.strategy = (self.make)(map, back.line, Without { left_out: &left_out, aside: &self.state.asides });
        self.state.strategies += 1;
    }
}
