//! What sweep and patch have in common.

use std::time::Duration;

use super::forecast::Forecast;
use super::params::Times;
use super::phase::Phase;
use super::step::{Change, Step};
use crate::base::outcome::Outcome;
use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::StatusLine;

/// A policy that reads a disc, as a state machine.
///
/// The driver asks [`next`](Strategy::next), carries the step out, and after each read tells
/// [`observe`](Strategy::observe); nothing else moves the machine. It always ends: every call of
/// `observe` shrinks what is left, whatever the outcome was.
pub trait Strategy: Send {
    /// What to do now. `now` is the time on the source's clock; `rest` is how long the source still wants no read that may
    /// fail, zero for one that does not mind. While it wants a rest it gets reads far from known damage, and a pause only
    /// when nothing such is left.
    fn next(&mut self, now: Duration, rest: Duration) -> Step;

    /// Takes the outcome of the read of `range` that `next` asked for and appends what it means
    /// for the map to `changes`. Is called only for outcomes that say something about the disc:
    /// without a fault, or with `Damage` or `Blank`; any other fault ends the run before.
    fn observe(&mut self, range: SectorRange, outcome: &Outcome, now: Duration, changes: &mut Vec<Change>);

    /// The present phase.
    fn phase(&self) -> Phase;

    /// The status line that lets this program or ddrescue go on from here.
    fn status_line(&self) -> StatusLine;

    /// The map as it stands after the last `observe`.
    fn map(&self) -> &SectorMap;

    /// What reads take on this drive, when it has told.
    fn times(&self) -> Option<Times> {
        None
    }

    /// What is left and what asking again would bring, where that can be told.
    fn forecast(&self) -> Option<Forecast> {
        None
    }

    /// Takes sectors out of the domain: they are not asked for (any more), and the map keeps its status there.
    fn leave_out(&mut self, range: SectorRange);

    /// Takes sectors out of the domain that a drive answers with something that is no word about the disc. The map keeps its
    /// status there; what is read next is chosen as if they had failed, since the answer cost as much and may lie beside others.
    fn set_aside(&mut self, range: SectorRange);

    /// Sectors that came turn out not to have come for good, and are what they were `before`. They leave the domain with the
    /// next call: else this would undo what makes a strategy end.
    fn set_back(&mut self, before: &[Change]);

    /// Sectors that were set aside may be asked for again.
    fn bring_back(&mut self, range: SectorRange);

    /// All of `range`, which had been set aside, has come: what was passed over for its sake may be asked for.
    fn came_back(&mut self, range: SectorRange);

    /// The spans that a rule stopped asking in, as things stand.
    fn stopped(&self) -> Vec<SectorRange> {
        Vec::new()
    }

    /// Something came out of a span that was stopped: what failed there earlier speaks against it no more.
    fn revive(&mut self, span: SectorRange) {
        let _ = span;
    }

    /// Sectors that turned out never to have been written: zero in the image, no damage, and not
    /// asked for again in this run. The map keeps its status there.
    fn blank(&self) -> &SectorSet;
}
