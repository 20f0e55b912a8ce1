//! What to read next, and what an answer means for the map. Pure: no I/O, no clock, no thread, no log.

mod answer;
mod chart;
mod costs;
mod fill;
mod hot;
mod jump;
mod lags;
pub mod limits;
mod offers;
pub mod outlook;
mod pacing;
pub mod params;
pub mod patch;
mod retry;
mod rule;
mod split;
pub mod step;
mod stop;
mod subunit;
pub mod sweep;
mod terrain;
mod tracts;
mod unit;

use std::time::Duration;

use crate::base::outcome::Outcome;
use crate::base::sector::SectorRange;
use crate::base::set::SectorSet;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::{Status, StatusLine};

pub use costs::Times;
pub use limits::Limits;
pub use outlook::Outlook;
pub use params::Params;
pub use patch::Patch;
pub use step::Step;
pub use stop::Stopped;
pub use sweep::Sweep;

/// A change of the map: these sectors now have this status.
pub type Change = (SectorRange, Status);

/// A policy that reads a disc, as a state machine.
///
/// The driver asks [`next`](Strategy::next), carries the step out, and after each read tells
/// [`observe`](Strategy::observe); nothing else moves the machine. It always ends: every call of
/// `observe` shrinks what is left, whatever the outcome was.
pub trait Strategy: Send {
    /// What to do now. `now` is the time on the source's clock.
    fn next(&mut self, now: Duration) -> Step;

    /// Takes the outcome of the read of `range` that `next` asked for and appends what it means
    /// for the map to `changes`. Is called only for outcomes that say something about the disc:
    /// without a fault, or with `Damage` or `Blank`; any other fault ends the run before.
    fn observe(&mut self, range: SectorRange, outcome: &Outcome, now: Duration, changes: &mut Vec<Change>);

    /// What a person calls the present phase: `sweep`, `fill`, `split`, `retry 2/3`.
    fn phase(&self) -> String;

    /// The status line that lets this program or ddrescue go on from here.
    fn status_line(&self) -> StatusLine;

    /// The map as it stands after the last `observe`.
    fn map(&self) -> &SectorMap;

    /// What reads take on this drive, when it has told.
    fn times(&self) -> Option<Times> {
        None
    }

    /// What is left and what asking again would bring, where that can be told.
    fn outlook(&self) -> Option<Outlook> {
        None
    }

    /// The retry pass under way, from 1; 0 before the first.
    fn retry_pass(&self) -> u32;

    /// Takes sectors out of the domain: they are not asked for (any more), and the map keeps its status there.
    fn leave_out(&mut self, range: SectorRange);

    /// Sectors that turned out never to have been written: zero in the image, no damage, and not
    /// asked for again in this run. The map keeps its status there.
    fn blank(&self) -> &SectorSet;
}

#[cfg(test)]
mod tests;
