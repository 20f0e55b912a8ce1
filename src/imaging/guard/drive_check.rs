//! Is it the disc that fails, or the drive? A known-good place decides.

use crate::base::event::Event;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::mapfile::status::Status;
use crate::source::ReadRequest;
use crate::source::drive::{Pacing, Supported};

use super::answer::{Admission, RollBack};
use super::asked::{is_of_the_drive, must_be_told, spare};
use super::known_good::{Agreement, Check};
use super::state::Guard;
use crate::imaging::stop::Stop;

/// Spin cycles that came soon one after the other. A drive that needs more is better left alone.
const SPINS_MAX: u32 = 3;

/// Spin cycles of a run.
const SPINS_IN_ALL: u32 = 16;

/// Restarts of a run behind which something was taken back. A drive that is reset more often gets nowhere.
const RESTARTS_MAX: u32 = 64;

/// Failures from one spin cycle to the next after which the drive was well in between: four are held back at most, and two
/// may be second reads, so that some were believed and the rescue has moved on.
const WELL: u64 = 10;

/// How often a run may be told that the disc may have been changed.
const CHANGES_MAX: u32 = 8;

/// Places that came as zeros and are read again after a spin cycle.
const ZEROS_READ_AGAIN: usize = 3;

/// How what was held back ends with a run.
pub(in crate::imaging) struct Settled {
    /// What the map is told.
    pub(in crate::imaging) admission: Admission,
    /// Zeros that count for nothing, sectors.
    pub(in crate::imaging) unproven_zeros: u64,
    /// Where the failures began behind which the drive was not well.
    pub(in crate::imaging) began: Option<SectorRange>,
    /// The drive does not answer as it did: the run ends with that.
    pub(in crate::imaging) stop: Option<Stop>,
}

impl Guard<'_> {
    /// Reads known-good places while something is held back. When the drive is well, what is held back is told, unless it
    /// was started in between: then it is well now and may not have been before. When it is not, what is held back is taken
    /// back and the disc is spun down and up once; when that does not help, the run ends.
    pub(in crate::imaging) fn check(&mut self) -> Result<Admission, Stop> {
        if self.known.is_empty() {
            return self.check_without_known_good();
        }
        match self.check_known_good(Agreement::One) {
            Check::Alive => {
                if self.drive.pacing() == Pacing::Trial && self.drive.has_outdone_pace() {
                    self.drive.set_pacing(Pacing::NotNeeded);
                }
                self.release_unless_restarted()
            }
            Check::Dead(range, outcome) => self.revive(Stop::fault(Fault::Wedged, range, outcome)),
            Check::Other(fault, range, outcome) => self.no_damage_by_the_way(fault, range, outcome),
        }
    }

    /// The drive is well now. What it said before it was started counts for nothing.
    pub(super) fn release_unless_restarted(&mut self) -> Result<Admission, Stop> {
        if !self.was_restarted() {
            return Ok(Admission::Commit(self.held.release()));
        }
        self.checks.taken_back += 1;
        if self.checks.taken_back >= RESTARTS_MAX {
            let outcome = Outcome::failed(0, Fault::Wedged, 0.0);
            return Err(Stop::fault(Fault::Wedged, SectorRange::default(), outcome));
        }
        Ok(self.take_back(false))
    }

    /// While no known-good place is known, one that came after the failure, is not zero, and reads the same twice, becomes
    /// one: a drive that hands out zeros cannot make that up. Where everything was zero, a spin cycle shows once whether it
    /// still is.
    fn check_without_known_good(&mut self) -> Result<Admission, Stop> {
        if let Some(place) = self.candidate.take() {
            let mut second = spare(place.range);
            let request = ReadRequest { range: place.range, fua: true, time_limit: self.time_limit };
            let outcome = self.ask_far_from(&request, &mut second);
            if let Some(fault) = outcome.fault.filter(|_| is_of_the_drive(&outcome)) {
                if must_be_told(&outcome) {
                    self.candidate = Some(place.clone());
                }
                return self.no_damage_by_the_way(fault, place.range, outcome);
            }
            if outcome.fault.is_none() && second == place.bytes {
                self.known.add(place);
                self.take_own_incidents();
                self.suspect = false;
                return self.release_unless_restarted();
            }
        }
        if self.held.is_tried() {
            return Ok(Admission::Commit(self.held.release()));
        }
        let zeros = self.zeros();
        let suspicious = !zeros.is_empty() || self.held.has_quick_failure();
        if self.checks.spun_blind || !suspicious || !self.can_go_back || self.cancel.is_raised() {
            self.held.postpone();
            return Ok(Admission::Hold);
        }
        self.checks.spun_blind = true;
        let notice = "Nothing but failures and zeros since the first failure; spinning the disc down and up.";
        self.events.event(Event::Warning(notice.to_owned()));
        if self.drive.spin() == Supported::No {
            self.held.postpone();
            return Ok(Admission::Hold);
        }
        for range in &zeros {
            let mut bytes = spare(*range);
            let range = *range;
            let request = ReadRequest { range, fua: true, time_limit: self.time_limit };
            let outcome = self.ask(&request, &mut bytes);
            // Some drives say of the disc that they have just stopped that it may be another one. The tray was shut, and
            // nothing that was read of the first disc is kept.
            if outcome.fault == Some(Fault::MediumChanged) && self.drive.is_same_medium() == Ok(true) {
                return Ok(self.take_back(false));
            }
            if let Some(fault) = outcome.fault.filter(|_| is_of_the_drive(&outcome)) {
                return self.no_damage_by_the_way(fault, range, outcome);
            }
            if outcome.fault.is_none() && bytes.iter().any(|b| *b != 0) {
                // It was zero, and is not: the drive had given up. What it reads now it must read as well the next time.
                if let Some(place) = self.known.place(range, &bytes) {
                    self.known.add(place);
                }
                return Ok(self.take_back(true));
            }
        }
        if zeros.is_empty() {
            return Ok(self.take_back(false));
        }
        self.held.postpone();
        Ok(Admission::Hold)
    }

    /// Units that came as zeros, the furthest from the first failure first.
    fn zeros(&self) -> Vec<SectorRange> {
        let mut good: Vec<SectorRange> = self.held.good().collect();
        good.reverse();
        let unit =
            |at: u64, range: &SectorRange| SectorRange::new(at.max(range.start()), at + self.unit).intersect(*range);
        let last = good.iter().map(|range| unit((range.end() - 1) / self.unit * self.unit, range));
        let middle = good.iter().map(|range| unit((range.start() + range.len() / 2) / self.unit * self.unit, range));
        last.take(ZEROS_READ_AGAIN - 1).chain(middle.take(1)).collect()
    }

    /// At the end of a run: what is held back is told or forgotten, with at most one check.
    pub(in crate::imaging) fn settle(&mut self, stop: &Stop, here: SectorRange) -> Settled {
        let nothing = Settled { admission: Admission::Commit(Vec::new()), unproven_zeros: 0, began: None, stop: None };
        if !self.held.is_on() {
            return nothing;
        }
        // These are faults of the drive: there is nothing to read, and what came just before them may be theirs.
        let lost = matches!(
            stop,
            Stop::Fault {
                fault: Fault::NoMedium
                    | Fault::NotReady
                    | Fault::Incompatible
                    | Fault::MediumChanged
                    | Fault::Busy
                    | Fault::Gone
                    | Fault::Offline
                    | Fault::Wedged
                    | Fault::SettingsLost
                    | Fault::Transport,
                ..
            }
        );
        let is_wedged = matches!(stop, Stop::Fault { fault: Fault::Wedged, .. });
        if !lost && !self.known.is_empty() {
            if self.check_known_good(Agreement::One) == Check::Alive && !self.was_restarted() {
                return Settled { admission: Admission::Commit(self.held.release()), ..nothing };
            }
        } else if !lost {
            // The spin cycle was for going on.
            self.checks.spun_blind = true;
            if let Ok(admission @ Admission::Commit(_)) = self.check() {
                return Settled { admission, ..nothing };
            }
        }
        let unproven_zeros = if self.known.is_empty() { self.held.good().map(SectorRange::len).sum() } else { 0 };
        let away = !lost && unproven_zeros > 0 && !self.cancel.is_raised() && !self.drive.is_well();
        let outcome = Outcome::failed(0, Fault::Wedged, 0.0);
        let stop = away.then(|| Stop::fault(Fault::Wedged, self.held.good().next().unwrap_or(here), outcome));
        let began = self.held.first_failure().filter(|_| is_wedged);
        let mut back = self.roll_back(is_wedged);
        // Of a drive that was there all the time, what it really tried has failed.
        if lost && !is_wedged {
            back.told.clear();
        }
        Settled { admission: Admission::RollBack(back), unproven_zeros, began, stop }
    }

    /// Nothing is known for or against what is held back.
    pub(super) fn keep_holding(&self) -> Admission {
        if self.held.is_on() { Admission::Hold } else { Admission::Commit(Vec::new()) }
    }

    /// Reads known-good places. With none known there is nothing to be said against the drive but the fault itself.
    pub(super) fn check_known_good(&mut self, agreement: Agreement) -> Check {
        if self.known.is_empty() {
            return Check::Dead(SectorRange::default(), Outcome::failed(0, Fault::Wedged, 0.0));
        }
        let (known, asked, drive) = (&mut self.known, &mut self.asked, &mut self.drive);
        let check = known.check(agreement, |request, buffer| asked.read(*drive, request, buffer));
        self.take_own_incidents();
        self.suspect = check != Check::Alive;
        check
    }

    /// Whether the drive was started behind something that may not have been true.
    fn was_restarted(&self) -> bool {
        self.rules.restarts && self.checks.restarts_before != self.drive.restarts() && !self.held.is_tried()
    }

    /// Spins the disc down and up; then what the drive said since the last error is forgotten and tried again. `why` is
    /// how the run ends when the drive stays as it is.
    pub(super) fn revive(&mut self, why: Stop) -> Result<Admission, Stop> {
        // Whatever was thought of it: it is not put to the proof again.
        self.drive.set_pacing(Pacing::Needed);
        let checks = &mut self.checks;
        if self.asked.failed - checks.failed_at_spin >= WELL {
            checks.spins = 0;
        }
        if checks.spins >= SPINS_MAX || checks.all_spins >= SPINS_IN_ALL || !self.can_go_back || self.cancel.is_raised()
        {
            return Err(why);
        }
        checks.spins += 1;
        checks.all_spins += 1;
        checks.failed_at_spin = self.asked.failed;
        let notice = "The drive no longer reads what it read before; spinning the disc down and up.";
        self.events.event(Event::Warning(notice.to_owned()));
        if self.drive.spin() == Supported::No {
            return Err(why);
        }
        let last_chance = self.known.is_empty() && self.checks.spins == 1;
        match self.check_known_good(Agreement::One) {
            Check::Other(fault @ Fault::MediumChanged, range, outcome) => {
                self.compare_disc(Stop::fault(fault, range, outcome))?;
            }
            Check::Other(fault, range, outcome) => return Err(Stop::fault(fault, range, outcome)),
            // With nothing to read, the next read tells; it is the last chance.
            Check::Dead(..) if !last_chance => return Err(why),
            Check::Alive | Check::Dead(..) => {}
        }
        Ok(if self.held.is_on() { self.take_back(!self.known.is_empty()) } else { Admission::Commit(Vec::new()) })
    }

    fn take_back(&mut self, ill: bool) -> Admission {
        Admission::RollBack(self.roll_back(ill))
    }

    /// What makes the map what it was before all that is held back. What waits for a second read among it waits no longer.
    fn roll_back(&mut self, ill: bool) -> RollBack {
        let (undo, told, line) = self.held.retract(ill);
        for (range, status) in &undo {
            if *status != Status::Finished {
                self.unsure.settle(*range);
            }
        }
        RollBack { undo, told, line }
    }

    /// The disc may be another one. It is the same when its size and its known-good places are.
    pub(super) fn compare_disc(&mut self, stop: Stop) -> Result<Admission, Stop> {
        self.checks.changes_of_disc += 1;
        if self.checks.changes_of_disc > CHANGES_MAX {
            return Err(stop);
        }
        match self.drive.is_same_medium() {
            Ok(true) => {}
            Ok(false) => return Err(stop),
            // Nobody could look: that is no other disc.
            Err(fault) => return Err(stop.called(fault)),
        }
        if !self.rules.same_disc {
            return Ok(self.keep_holding());
        }
        // Whatever is in the cache is the first disc's, or was there before the drive was started.
        match self.check_known_good(Agreement::All) {
            Check::Alive => Ok(self.keep_holding()),
            Check::Dead(..) => Err(stop),
            Check::Other(fault, range, outcome) => Err(Stop::fault(fault, range, outcome)),
        }
    }
}
