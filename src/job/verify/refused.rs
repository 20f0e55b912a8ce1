//! A read that ends otherwise than with data or damage: is it the place, the disc, or the drive?

use super::compare::Comparison;
use super::end::End;
use super::trust::{Check, Verdict};
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::source::drive::Supported;

/// How often the disc may have been changed before that ends the comparison.
const CHANGES: u32 = 3;

/// Places in a row that a drive may refuse of which nothing has ever come.
const REFUSED: u32 = 16;

impl Comparison<'_> {
    /// A read of the source that was refused; tells how many sectors are done with. `Err`: it is the drive, or the disc.
    pub(super) fn refused(&mut self, fault: Fault, range: SectorRange, outcome: Outcome) -> Result<u64, End> {
        if self.cancel.is_raised() {
            return Err(End::Stopped);
        }
        let end = End::Fault { fault, range, outcome: outcome.clone() };
        if self.input.drive().is_none() {
            return Err(end);
        }
        match fault {
            Fault::MediumChanged | Fault::Gone => {
                self.other(fault, range, outcome)?;
                Ok(0)
            }
            fault if fault.may_be_a_place() => {
                self.ask_drive(&outcome, end)?;
                if range.len() > self.unit {
                    self.state.is_careful = true;
                    return Ok(0);
                }
                self.hold(range, Verdict::Unread)?;
                Ok(range.len())
            }
            _ => Err(end),
        }
    }

    /// What is said of the drive or the disc by the way. `Ok`: it is the same disc, and goes on.
    pub(super) fn other(&mut self, fault: Fault, range: SectorRange, outcome: Outcome) -> Result<(), End> {
        let end = End::Fault { fault, range, outcome: outcome.clone() };
        let Some(drive) = self.input.drive() else { return Err(end) };
        match fault {
            Fault::MediumChanged => self.compare_disc(range, outcome),
            // Its plug slipped, or its bus was reset: it may have come back with the same disc.
            Fault::Gone if drive.find_again() == Supported::Yes => self.compare_disc(range, outcome),
            _ => Err(end),
        }
    }

    /// Whether the drive is well beside the place; `end` where it is not.
    fn ask_drive(&mut self, outcome: &Outcome, end: End) -> Result<(), End> {
        self.state.refused += 1;
        let Some(drive) = self.input.drive() else { return Err(end) };
        // Firmware that has given up may say that it is ready.
        let may_be_wedged = outcome.fault == Some(Fault::Wedged);
        if !may_be_wedged && !drive.is_well() {
            return Err(if self.cancel.is_raised() { End::Stopped } else { end });
        }
        match self.known.check(drive) {
            Check::Well => {
                self.release();
                Ok(())
            }
            Check::Unknown if may_be_wedged || self.state.refused >= REFUSED => Err(end),
            Check::Unknown => Ok(()),
            Check::Ill(range, outcome) => Err(End::Fault { fault: Fault::Wedged, range, outcome }),
            Check::Other(fault, range, outcome) => self.other(fault, range, outcome),
        }
    }

    /// The disc may be another one. It is the same when its size is, and what was read of it.
    fn compare_disc(&mut self, range: SectorRange, outcome: Outcome) -> Result<(), End> {
        self.state.changes += 1;
        let end = |fault| End::Fault { fault, range, outcome };
        let Some(drive) = self.input.drive().filter(|_| self.state.changes <= CHANGES) else {
            return Err(end(Fault::MediumChanged));
        };
        match drive.is_same_medium() {
            Ok(true) => {}
            Ok(false) => return Err(end(Fault::MediumChanged)),
            // Nobody could look: that is no other disc.
            Err(fault) => return Err(end(fault)),
        }
        match self.known.check(drive) {
            Check::Well | Check::Unknown => Ok(()),
            Check::Ill(range, outcome) => Err(End::Fault { fault: Fault::MediumChanged, range, outcome }),
            Check::Other(fault, range, outcome) => Err(End::Fault { fault, range, outcome }),
        }
    }
}
