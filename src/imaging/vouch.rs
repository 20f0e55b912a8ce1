//! Is it the disc that fails, or the drive? A known-good place decides.

use crate::base::event::Event;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::mapfile::status::StatusLine;
use crate::source::{Control, Supported};

use super::canary::Look;
use super::reader::{Reader, Stop};

/// Spin cycles that came soon one after the other. A drive that needs more is better left alone.
const SPINS_MAX: u32 = 3;

/// Spin cycles of a run, whatever came of them.
const SPINS_IN_ALL: u32 = 16;

/// Failures from one spin cycle to the next after which the drive was well in between: four are held back at most, and two
/// may be looks, so that some were vouched for and the rescue has moved on.
const WELL: u64 = 10;

/// How often a run may be told that the disc may have been changed.
const CHANGES_MAX: u32 = 8;

impl Reader<'_> {
    /// Looks at a known-good place. When the drive is well, what was held back is released, unless it was started anew in
    /// between: then it is well now and may not have been before. When it is not, what was held back is taken back and
    /// the disc is spun down and up once; when that does not help, the run ends.
    pub(super) fn vouch(&mut self) -> Result<(), Stop> {
        match self.look() {
            Look::Alive if self.was_started_anew() => {
                self.state.all_spins += 1;
                self.retract();
                if self.state.all_spins >= SPINS_IN_ALL {
                    let (range, outcome) = (SectorRange::default(), Outcome::failed(0, Fault::Wedged, 0.0));
                    return Err(Stop::Fault { fault: Fault::Wedged, range, outcome });
                }
                Ok(())
            }
            Look::Alive => {
                self.release();
                Ok(())
            }
            Look::Dead(range, outcome) => self.revive(Stop::Fault { fault: Fault::Wedged, range, outcome }),
            Look::Other(fault, range, outcome) => self.no_damage(fault, range, outcome),
        }
    }

    /// At the end of a run: what is held back is released or forgotten, with at most one look. Where the rescue stands.
    pub(super) fn settle(&mut self, stop: &Stop) -> StatusLine {
        let Some(since) = self.state.doubt.since() else { return self.strategy.status_line() };
        // These are faults of the drive: there is nothing to look at, and what came just before them may be theirs.
        let lost = matches!(
            stop,
            Stop::Fault {
                fault: Fault::NoMedium
                    | Fault::NotReady
                    | Fault::Incompatible
                    | Fault::MediumChanged
                    | Fault::Busy
                    | Fault::Gone
                    | Fault::Wedged
                    | Fault::Transport,
                ..
            }
        );
        let look = if lost { None } else { Some(self.look()) };
        if look == Some(Look::Alive) && !self.was_started_anew() {
            self.release();
            return self.strategy.status_line();
        }
        self.state.tally.new_sectors -= self.state.doubt.rescued().min(self.state.tally.new_sectors);
        let (_, mut tried, _) = self.state.doubt.retract();
        // Of a drive that was there all the time, what it really tried has failed.
        if !lost || matches!(stop, Stop::Fault { fault: Fault::Wedged, .. }) {
            self.state.released.append(&mut tried);
        }
        since
    }

    /// A read that ended with a fault that is no damage. `Ok`: it can be tried again.
    pub(super) fn no_damage(&mut self, fault: Fault, range: SectorRange, outcome: Outcome) -> Result<(), Stop> {
        // Whoever wants to stop ends every wait of the drive with the fault of the moment.
        if self.cancel.is_raised() {
            return Err(Stop::Cancelled);
        }
        let stop = Stop::Fault { fault, range, outcome: outcome.clone() };
        match fault {
            Fault::OutOfRange if self.leave_out_beyond(range) => Ok(()),
            Fault::MediumChanged => self.is_same_disc(stop),
            // Its plug slipped, or its bus was reset: it may have come back with the same disc.
            Fault::Gone if self.source.control(Control::FindAgain) == Supported::Yes => self.is_same_disc(stop),
            Fault::Wedged => match self.look() {
                // The drive is well and refuses just this: once may have been an accident.
                Look::Alive if self.state.refused == Some(range) => {
                    Err(Stop::Fault { fault: Fault::Unknown, range, outcome })
                }
                Look::Alive => {
                    self.state.refused = Some(range);
                    Ok(())
                }
                Look::Dead(..) => self.revive(stop),
                Look::Other(fault, range, outcome) => Err(Stop::Fault { fault, range, outcome }),
            },
            _ => Err(stop),
        }
    }

    /// Looks at known-good places, far from where the head is. With none known there is nothing to be said against
    /// the drive but the fault itself.
    fn look(&mut self) -> Look {
        let Some(canaries) = self.canaries.take() else { return Look::Alive };
        let here = self.strategy.status_line().position / SECTOR_BYTES;
        let look = if canaries.is_empty() {
            Look::Dead(SectorRange::default(), Outcome::failed(0, Fault::Wedged, 0.0))
        } else {
            canaries.look(here, |request, buffer| self.ask(request, buffer))
        };
        self.canaries = Some(canaries);
        look
    }

    /// Whether the drive was started anew behind something that may not have been true.
    fn was_started_anew(&self) -> bool {
        self.state.restarts_before != self.source.restarts() && !self.state.doubt.is_tried()
    }

    fn release(&mut self) {
        self.state.released.append(&mut self.state.doubt.release());
    }

    /// Spins the disc down and up; then what the drive said since the last error is forgotten and tried again. `why` is
    /// how the run ends when the drive stays as it is.
    fn revive(&mut self, why: Stop) -> Result<(), Stop> {
        if self.state.tally.failed - self.state.failed_at_spin >= WELL {
            self.state.spins = 0;
        }
        if self.state.spins >= SPINS_MAX
            || self.state.all_spins >= SPINS_IN_ALL
            || !self.can_go_back
            || self.cancel.is_raised()
        {
            return Err(why);
        }
        self.state.spins += 1;
        self.state.all_spins += 1;
        self.state.failed_at_spin = self.state.tally.failed;
        let notice = "The drive no longer reads what it read before; spinning the disc down and up.";
        self.events.event(Event::Warning(notice.to_owned()));
        if self.source.control(Control::SpinCycle) == Supported::No {
            return Err(why);
        }
        let knows_good = self.canaries.as_ref().is_some_and(|canaries| !canaries.is_empty());
        let look = match self.look() {
            Look::Other(fault @ Fault::MediumChanged, range, outcome) => {
                self.is_same_disc(Stop::Fault { fault, range, outcome })?;
                Look::Alive
            }
            look => look,
        };
        match look {
            Look::Alive => {
                self.retract();
                Ok(())
            }
            // With nothing to look at, the next read tells; it is the last chance.
            Look::Dead(..) if !knows_good && self.state.spins == 1 => Ok(()),
            Look::Dead(..) => Err(why),
            Look::Other(fault, range, outcome) => Err(Stop::Fault { fault, range, outcome }),
        }
    }

    /// Makes the map, and the strategy, what they were before all that is held back.
    fn retract(&mut self) {
        if !self.state.doubt.is_on() {
            return;
        }
        self.state.tally.new_sectors -= self.state.doubt.rescued().min(self.state.tally.new_sectors);
        let (changes, mut tried, line) = self.state.doubt.retract();
        let mut map = self.strategy.map().clone();
        changes.into_iter().for_each(|(range, status)| map.set(range, status));
        self.state.released.append(&mut tried);
        self.strategy.blank().ranges().iter().for_each(|range| self.state.blank.insert(*range));
        self.strategy = (self.make)(map, line);
        for range in self.state.beyond.ranges().iter().chain(self.state.blank.ranges()) {
            self.strategy.leave_out(*range);
        }
    }

    /// The disc may be another one. It is the same when its size and its known-good places are.
    fn is_same_disc(&mut self, stop: Stop) -> Result<(), Stop> {
        self.state.changes_of_disc += 1;
        let knows_good = self.canaries.as_ref().is_some_and(|canaries| !canaries.is_empty());
        if !knows_good
            || self.state.changes_of_disc > CHANGES_MAX
            || self.source.control(Control::SameMedium) == Supported::No
        {
            return Err(stop);
        }
        match self.look() {
            Look::Alive => Ok(()),
            Look::Dead(..) => Err(stop),
            Look::Other(fault, range, outcome) => Err(Stop::Fault { fault, range, outcome }),
        }
    }

    /// Leaves out what lies behind the disc's real end, when the source has found that it ends before `range` does.
    fn leave_out_beyond(&mut self, range: SectorRange) -> bool {
        let end = self.source.facts().sectors;
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
}
