//! Is it the drive that answers so, or only this place? A drive that is ready and reads elsewhere is well.

use std::time::Duration;

use crate::base::outcome::{Complaint, Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::recovery::Change;
use crate::source::ReadRequest;
use crate::source::drive::Supported;

use super::answer::{Admission, NoDamage};
use super::asked::{must_be_told, spare};
use super::known_good::{Agreement, Check};
use super::state::Guard;
use crate::imaging::stop::Stop;

/// A command that took this long and brought no answer was not answered, seconds: less is no time limit of anybody's.
pub(in crate::imaging) const HUNG: f64 = 5.0;

/// Places that may each take the whole time limit before others get less of it.
const HANGS_FULL: u32 = 4;

/// What others get: longer than most drives need for a failure, since the end of a time limit is an abort, and costs a reset.
/// Whoever reads the drive waits longer where one of its failures took longer.
const LIMIT_AFTER_HANGS: Duration = Duration::from_secs(10);

/// An answer that took less than that many seconds is asked for once more at once: it may have been an accident.
const QUICK: f64 = 1.0;

/// Places that are looked at for one that reads, in shares of the disc behind the one that did not: far from it, and from
/// each other.
const LOOK_AT: [u64; 4] = [8, 4, 12, 2];
const LOOK_AT_OF: u64 = 16;

impl Guard<'_> {
    /// The time limit of a read: a disc with many places that are never answered is not waited for as long each time.
    pub(super) fn limit(&self, request: &ReadRequest) -> Duration {
        let is_short = self.checks.hangs >= HANGS_FULL && !self.keeps_limit;
        if is_short { request.time_limit.min(LIMIT_AFTER_HANGS) } else { request.time_limit }
    }

    /// A read that ended with a fault that is no damage. `Ok`: the run goes on.
    pub(in crate::imaging) fn no_damage(
        &mut self,
        fault: Fault,
        range: SectorRange,
        outcome: Outcome,
    ) -> Result<NoDamage, Stop> {
        let mut answer = self.judge(fault, range, outcome)?;
        if answer.is_place {
            answer.undo = self.unsure.forget(range);
        }
        Ok(answer)
    }

    /// The same for a read of the guard's own. Where the answer is about its place alone, the guard has others.
    pub(super) fn no_damage_by_the_way(
        &mut self,
        fault: Fault,
        range: SectorRange,
        outcome: Outcome,
    ) -> Result<Admission, Stop> {
        self.judge(fault, range, outcome).map(|answer| answer.admission)
    }

    /// Sectors of `range` that came and wait for a second read are not to get one: what they were before.
    pub(in crate::imaging) fn forget_unsure(&mut self, range: SectorRange) -> Vec<Change> {
        self.unsure.forget(range)
    }

    /// Is it the drive, the disc, or the place?
    fn judge(&mut self, fault: Fault, range: SectorRange, outcome: Outcome) -> Result<NoDamage, Stop> {
        // Whoever wants to stop ends every wait of the drive with the fault of the moment.
        if self.cancel.is_raised() {
            return Err(Stop::Cancelled);
        }
        let stop = Stop::fault(fault, range, outcome.clone());
        match fault {
            Fault::MediumChanged => self.compare_disc(stop).map(NoDamage::again),
            // Its plug slipped, or its bus was reset: it may have come back with the same disc.
            Fault::Gone if self.drive.find_again() == Supported::Yes => {
                // Another disc is no drive that is gone.
                let admission = self.compare_disc(stop.called(Fault::MediumChanged))?;
                Ok(self.at_the_place(range, &outcome, admission))
            }
            Fault::Gone => Err(stop),
            fault if fault.may_be_a_place() => self.place_or_drive(stop, range, &outcome),
            _ => Err(stop),
        }
    }

    /// The drive is asked whether it is ready, and for what it has read before. What firmware that has given up says is not
    /// asked about: it may say that it is ready.
    fn place_or_drive(&mut self, stop: Stop, range: SectorRange, outcome: &Outcome) -> Result<NoDamage, Stop> {
        let may_be_wedged = outcome.fault == Some(Fault::Wedged);
        if !may_be_wedged && !self.drive.is_well() {
            return Err(if self.cancel.is_raised() { Stop::Cancelled } else { stop });
        }
        let check = if self.known.is_empty() { self.find_place_that_reads(range) } else { self.look() };
        if self.cancel.is_raised() {
            return Err(Stop::Cancelled);
        }
        match check {
            Check::Alive => {
                let admission = self.release_beside_a_place()?;
                Ok(self.at_the_place(range, outcome, admission))
            }
            Check::Other(fault @ Fault::MediumChanged, range, outcome) => {
                self.compare_disc(Stop::fault(fault, range, outcome)).map(NoDamage::again)
            }
            // What every place says is about the drive, or about what this place did to it.
            Check::Dead(..) if may_be_wedged || !self.known.is_empty() => self.revive_at(stop, range, outcome),
            Check::Other(Fault::NotReady | Fault::NoMedium | Fault::Unknown, ..) => {
                self.revive_at(stop, range, outcome)
            }
            Check::Dead(..) => Err(stop),
            Check::Other(fault, range, outcome) => Err(Stop::fault(fault, range, outcome)),
        }
    }

    fn look(&mut self) -> Check {
        self.check_known_good(Agreement::One)
    }

    /// The place is to blame: it is asked once more where that costs little, unless it lies right beside one that was just set
    /// aside; else it is set aside.
    fn at_the_place(&mut self, range: SectorRange, outcome: &Outcome, admission: Admission) -> NoDamage {
        let is_first = self.checks.refused != Some(range) && !self.goes_on_from_what_is_set_aside(range);
        // These the drive has repeated already, where it was asked at all.
        let was_repeated = matches!(outcome.fault, Some(Fault::NotReady | Fault::Busy | Fault::Transport))
            && outcome.complaint() != Complaint::default();
        if is_first && !was_repeated && outcome.seconds < QUICK {
            self.checks.refused = Some(range);
            return NoDamage::again(admission);
        }
        self.checks.refused = None;
        self.checks.changes_of_disc = 0;
        self.checks.set_aside = Some(range);
        self.checks.hangs += u32::from(outcome.seconds >= HUNG);
        // What comes from now on is not believed before something that is not zero has come twice, where none is known.
        self.failed_before = true;
        NoDamage { admission, is_place: true, undo: Vec::new() }
    }

    /// Whether the range lies right beside the place that was set aside last.
    fn goes_on_from_what_is_set_aside(&self, range: SectorRange) -> bool {
        self.checks.set_aside.is_some_and(|last| last.start() <= range.end() && range.start() <= last.end())
    }

    /// What is held back, when the drive is well beside a place that it answers otherwise. It is told, unless the drive was
    /// started meanwhile; that counts for nothing, since the place is not asked for again.
    fn release_beside_a_place(&mut self) -> Result<Admission, Stop> {
        if self.known.is_empty() || !self.held.is_on() {
            return Ok(self.keep_holding());
        }
        let taken_back = self.checks.taken_back;
        let admission = self.release_unless_restarted();
        self.checks.taken_back = taken_back;
        admission
    }

    /// Firmware that gives up at a place and comes back with a spin cycle gives up there again: the second time the place is
    /// set aside.
    fn revive_at(&mut self, stop: Stop, range: SectorRange, outcome: &Outcome) -> Result<NoDamage, Stop> {
        let admission = self.revive(stop)?;
        if self.checks.revived_at.replace(range) != Some(range) {
            return Ok(NoDamage::again(admission));
        }
        self.checks.refused = Some(range);
        Ok(self.at_the_place(range, outcome, admission))
    }

    /// While no known-good place is known: reads a few places elsewhere. What is not zero and reads the same twice is one from
    /// now on; a place that reads at all, or that the drive calls damaged, shows that it reads.
    fn find_place_that_reads(&mut self, but: SectorRange) -> Check {
        let sectors = self.drive.facts().sectors;
        let mut reads = false;
        for share in LOOK_AT {
            let there = (but.start() + sectors / LOOK_AT_OF * share) % sectors.max(1);
            let start = there / self.unit * self.unit;
            let range = SectorRange::with_len(start, self.unit).intersect(SectorRange::new(0, sectors));
            let range = range.split_at(self.drive.facts().max_sectors).0;
            if range.is_empty() || !range.intersect(but).is_empty() {
                continue;
            }
            let mut first = spare(range);
            let request = ReadRequest { range, fua: true, time_limit: self.time_limit };
            let outcome = self.ask(&request, &mut first);
            if must_be_told(&outcome) {
                return Check::Other(outcome.fault.unwrap_or(Fault::Unknown), range, outcome);
            }
            reads |= matches!(outcome.fault, None | Some(Fault::Damage | Fault::Blank));
            let place = self.known.place(range, &first).filter(|_| outcome.fault.is_none() && !outcome.recovered);
            let Some(place) = place else { continue };
            let request = ReadRequest { range: place.range, ..request };
            let mut second = spare(place.range);
            let again = self.ask_far_from(&request, &mut second);
            if again.fault.is_none() && second == place.bytes {
                self.known.add(place);
                self.take_own_incidents();
                self.suspect = false;
                return Check::Alive;
            }
        }
        if reads { Check::Alive } else { Check::Dead(but, Outcome::failed(0, Fault::Wedged, 0.0)) }
    }
}
