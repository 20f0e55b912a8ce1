//! The guard between the reader and a drive: what a drive says is believed for a reason.
//!
//! It owns the drive. [`Guard::read`] is a read with everything that makes its answer worth more: the way of retrying, the
//! drive's own retry count, a second read. [`Guard::admit`] says what becomes of the changes that an answer means for the
//! map: they are told, held back until the drive is seen to be well, or taken back. A file is read without a guard.

mod asked;
mod drive_check;
mod held_back;
mod known_good;
mod retry_count;
mod retry_mode;
mod rules;
mod second_read;
mod unsure;

use std::time::Duration;

use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events};
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::mapfile::status::StatusLine;
use crate::recovery::Change;
use crate::source::drive::{Control, DriveSource, Incident, Pacing, Supported, Trouble};
use crate::source::{Facts, ReadRequest};

use super::drive_settings::DriveSettings;
use super::stop::Stop;
use drive_check::Checks;
use held_back::HeldBack;
use retry_count::{Finding, RetryCount};
use retry_mode::RetryModes;
use unsure::Unsure;

pub(super) use asked::{Asked, spare};
pub(super) use drive_check::Settled;
pub(super) use known_good::{KnownGood, Place};
pub use retry_count::Retries;
pub use rules::GuardRules;
pub(super) use second_read::SecondRead;

/// A read that a strategy wants.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    /// What.
    pub(super) read: ReadRequest,
    /// The retry pass that it belongs to; 0 for none.
    pub(super) retry_pass: u32,
    /// A rescued sector a little behind it.
    pub(super) sound_behind: Option<SectorRange>,
}

/// What came of it.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Read {
    /// In the end.
    pub(super) outcome: Outcome,
    /// What was wrong with its commands.
    pub(super) incidents: Vec<Incident>,
    /// The retry mode that was in use.
    pub(super) mode: Option<&'static str>,
    /// One of its commands failed, after that many seconds, whatever a later one brought.
    failed: Option<f64>,
    /// What of it is not believed before a second read.
    unsure: SectorRange,
}

impl Read {
    /// Of a source that is believed.
    pub(super) fn plain(outcome: Outcome) -> Self {
        Self { outcome, incidents: Vec::new(), mode: None, failed: None, unsure: SectorRange::default() }
    }
}

/// What an answer means for the map, before it is admitted.
#[derive(Debug)]
pub(super) struct Proposal {
    /// What was asked for.
    pub(super) range: SectorRange,
    /// What the strategy's map said of it before.
    pub(super) before: Vec<Change>,
    /// Where the rescue stood before.
    pub(super) line: StatusLine,
    /// What changes.
    pub(super) changes: Vec<Change>,
}

/// What becomes of changes.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Admission {
    /// The map is told these, those among them that were held back before.
    Commit(Vec<Change>),
    /// They are held back.
    Hold,
    /// They are taken back, with all that was held back before.
    RollBack(RollBack),
}

/// What makes a map what it was before.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct RollBack {
    /// For the strategy's map, in this order.
    pub(super) undo: Vec<Change>,
    /// For the stored map, which has not heard of what is taken back: failures that are true all the same.
    pub(super) told: Vec<Change>,
    /// Where the rescue stood.
    pub(super) line: StatusLine,
}

/// What a guard is made of.
pub(super) struct Setup<'a> {
    pub(super) events: &'a dyn Events,
    pub(super) cancel: &'a Cancel,
    pub(super) rules: GuardRules,
    /// What a person wants of the drive.
    pub(super) settings: DriveSettings,
    /// The ECC unit in sectors.
    pub(super) unit: u64,
    /// A place that reads as it did in an earlier run.
    pub(super) known_good: Option<Place>,
    /// An earlier run has met failures.
    pub(super) failed_before: bool,
    /// It is a sweep: a lower retry count is tried.
    pub(super) sweeping: bool,
    /// The image can be written again where it was.
    pub(super) can_go_back: bool,
    /// Time limit of a read.
    pub(super) time_limit: Duration,
}

/// A drive, and what is known for and against it.
pub(super) struct Guard<'a> {
    drive: &'a mut dyn DriveSource,
    events: &'a dyn Events,
    cancel: &'a Cancel,
    rules: GuardRules,
    unit: u64,
    can_go_back: bool,
    time_limit: Duration,
    asked: Asked,
    known: KnownGood,
    /// While none is known: a place that came after a failure and is not zero.
    candidate: Option<Place>,
    /// A failure was met, in this run or an earlier one.
    failed_before: bool,
    held: HeldBack,
    /// A command of the guard's own has failed since the drive was last seen to be well.
    suspect: bool,
    /// What was wrong with those commands, for the log.
    own_incidents: Vec<Incident>,
    unsure: Unsure,
    /// Second reads that agreed with the first, in a row.
    agreed: u32,
    counts: RetryCount,
    modes: RetryModes,
    checks: Checks,
}

impl<'a> Guard<'a> {
    /// A guard of `drive`, of which nothing has been read yet.
    pub(super) fn new(drive: &'a mut dyn DriveSource, setup: Setup<'a>) -> Self {
        let probing = setup.sweeping && setup.settings.retries == Retries::Probe;
        drive.keep_settings(setup.rules.settings_after_reset);
        Self {
            known: KnownGood::new(setup.unit, drive.facts().sectors, setup.known_good),
            events: setup.events,
            cancel: setup.cancel,
            rules: setup.rules,
            unit: setup.unit.max(1),
            can_go_back: setup.can_go_back,
            time_limit: setup.time_limit,
            asked: Asked::default(),
            candidate: None,
            failed_before: setup.failed_before,
            held: HeldBack::default(),
            suspect: false,
            own_incidents: Vec::new(),
            unsure: Unsure::default(),
            agreed: 0,
            counts: RetryCount::new(probing),
            modes: RetryModes::new(setup.settings),
            checks: Checks::default(),
            drive,
        }
    }

    pub(super) fn facts(&self) -> &Facts {
        self.drive.facts()
    }

    /// What was asked of the drive so far.
    pub(super) fn asked(&self) -> Asked {
        self.asked
    }

    /// How long the drive still wants no read that may fail.
    pub(super) fn rest(&self) -> Duration {
        self.drive.rest()
    }

    /// Whether nobody knows if the drive minds failures that come quickly, and it can be seen to be well.
    pub(super) fn may_try_pace(&self) -> bool {
        self.drive.pacing() == Pacing::Unknown && !self.known.is_empty()
    }

    /// From now on failures are not kept apart. The next checks tell what comes of it.
    pub(super) fn try_pace(&mut self) {
        self.events.event(Event::Notice(
            "Everything else is read and saved: trying whether the drive stands failures in quick succession."
                .to_owned(),
        ));
        self.drive.set_pacing(Pacing::Trial);
    }

    /// What was wrong with commands that belong to no read.
    pub(super) fn take_incidents(&mut self) -> Vec<Incident> {
        self.take_own_incidents();
        std::mem::take(&mut self.own_incidents)
    }

    /// Where the rescue stood before all that is held back; `None` when nothing is.
    pub(super) fn held_since(&self) -> Option<StatusLine> {
        self.held.since()
    }

    /// Whether it is time to read sectors a second time: enough wait, or at the end `any` do, and the drive is well.
    pub(super) fn wants_second_read(&self, any: bool) -> bool {
        !self.held.is_on() && (self.unsure.is_due() || (any && self.unsure.first(1).is_some()))
    }

    /// A read of the drive with what makes its answer worth more.
    pub(super) fn read(&mut self, request: &Request, buffer: &mut [u8]) -> Read {
        // What was wrong with checks and second reads before it is told with it, and is none of its own trouble.
        self.take_own_incidents();
        let mut incidents = std::mem::take(&mut self.own_incidents);
        let earlier = incidents.len();
        self.take_up_mode(request.retry_pass);
        // A unit of which guessed bytes may lie in the cache is read past it; a part of a unit may come from there, and is
        // read a second time later: each part past the cache would cost as much as the whole.
        let range = request.read.range;
        let whole = range.start() % self.unit == 0 && range.len() >= self.unit;
        let fua = request.read.fua
            || (self.rules.unsaid_effort && whole && self.unsure.is_unsaid(range))
            || (self.rules.second_read && self.unsure.has_differed(range));
        let request = Request { read: ReadRequest { fua, ..request.read }, ..*request };
        let (outcome, twice) = self.with_second_read(&request, buffer, |guard, request, buffer| {
            guard.with_retry_count(&request.read, buffer, |guard, read, buffer| {
                let request = Request { read: *read, ..*request };
                guard.in_retry_mode(&request, buffer, Self::ask)
            })
        });
        let own = self.drive.take_incidents();
        self.note_effort(&own);
        // A read from behind the disc's end is not admitted: what failed while the end was looked for is known here alone.
        self.suspect |= outcome.fault == Some(Fault::OutOfRange) && own.iter().any(is_failure);
        let unsure = self.unsure_part(range, &outcome, twice);
        incidents.extend(own);
        let of_this =
            |incident: &&Incident| incident.trouble == Trouble::Failed && !incident.range.intersect(range).is_empty();
        let failed = incidents.iter().skip(earlier).find(of_this).map(|incident| incident.seconds);
        let failed = failed.or((outcome.fault == Some(Fault::Damage)).then_some(outcome.seconds));
        Read { outcome, incidents, mode: self.modes.name(), failed, unsure }
    }

    /// What was wrong with commands of the guard's own: one that failed may have been one too many for the drive.
    fn take_own_incidents(&mut self) {
        let incidents = self.drive.take_incidents();
        self.note_effort(&incidents);
        self.suspect |= incidents.iter().any(|incident| incident.trouble == Trouble::Failed);
        self.own_incidents.extend(incidents);
    }

    /// Whatever a command was for that failed or came with effort, it may have left guessed bytes of its units in the cache.
    fn note_effort(&mut self, incidents: &[Incident]) {
        for incident in incidents {
            if matches!(incident.trouble, Trouble::Failed | Trouble::Recovered) {
                self.unsure.note_unsaid(self.units_around(incident.range));
            }
        }
    }

    /// The units that a range touches.
    fn units_around(&self, range: SectorRange) -> SectorRange {
        SectorRange::new(range.start() / self.unit * self.unit, range.end().next_multiple_of(self.unit))
    }

    /// One read command, counted.
    fn ask(&mut self, request: &ReadRequest, buffer: &mut [u8]) -> Outcome {
        let outcome = self.asked.read(self.drive, request, buffer);
        self.suspect |= outcome.fault == Some(Fault::Damage);
        outcome
    }

    /// At the first failures of a sweep: is the drive quicker to give up with a retry count of 0?
    fn with_retry_count(
        &mut self,
        request: &ReadRequest,
        buffer: &mut [u8],
        next: impl FnOnce(&mut Self, &ReadRequest, &mut [u8]) -> Outcome,
    ) -> Outcome {
        let outcome = next(self, request, buffer);
        if !self.counts.wants(&outcome) {
            return outcome;
        }
        if self.drive.set(Control::Retries(Some(0))) == Supported::No {
            self.drive.set(Control::Retries(None));
            self.counts.refuse();
            return outcome;
        }
        let mut second = spare(request.range);
        let low = self.ask(&ReadRequest { fua: true, ..*request }, &mut second);
        if self.counts.measured(&outcome, &low) == Finding::Obeys {
            let (own, low) = (outcome.seconds, low.seconds);
            self.events.event(Event::Notice(format!(
                "The drive gives up sooner with fewer tries of its own: {low:.1} s instead of {own:.1} s for a bad unit."
            )));
        } else {
            self.drive.set(Control::Retries(None));
        }
        // A word about the disc is said but once; whatever else the drive has to say of itself it says again.
        if low.sectors > outcome.sectors || low.fault == Some(Fault::MediumChanged) {
            if let Some(first) = buffer.get_mut(..second.len()) {
                first.copy_from_slice(&second);
            }
            return low;
        }
        outcome
    }

    /// Says what becomes of what a read means for the map; `bytes` are what it brought. Reads known-good places when it is
    /// time to.
    pub(super) fn admit(&mut self, proposal: Proposal, read: &Read, bytes: &[u8]) -> Result<Admission, Stop> {
        let head = proposal.range.split_at(read.outcome.sectors).0;
        self.unsure.settle(head);
        if !read.unsure.is_empty() {
            self.unsure.wait(read.unsure, bytes, read.outcome.recovered);
        }
        let Proposal { before, line, changes, .. } = proposal;
        let mut changes = self.unsure.told(changes, &before);
        let failed = read.failed;
        self.failed_before |= failed.is_some() || self.suspect;
        let is_clean = read.outcome.fault.is_none() && !read.outcome.recovered && read.unsure.is_empty();
        if !self.is_doubtful(failed.is_some() || self.suspect, head, bytes) {
            if is_clean {
                self.known.offer(head, bytes);
            }
            return Ok(Admission::Commit(changes));
        }
        if !self.held.is_on() {
            self.checks.restarts_before = self.drive.restarts();
        }
        if self.known.is_empty() && self.candidate.is_none() && is_clean {
            self.candidate = self.known.place(head, bytes);
        }
        self.held.hold(&mut changes, before, line, failed, head.len());
        if self.held.is_due() { self.check() } else { Ok(Admission::Hold) }
    }

    /// Whether what a read says is held back.
    fn is_doubtful(&self, failed: bool, head: SectorRange, bytes: &[u8]) -> bool {
        if !self.known.is_empty() {
            return self.rules.known_good_check && (failed || self.held.is_on());
        }
        let length = usize::try_from(head.bytes()).unwrap_or(usize::MAX);
        let zeros = || bytes.get(..length).is_some_and(|bytes| bytes.iter().all(|b| *b == 0));
        self.rules.zeros && (failed || self.held.is_on() || (self.failed_before && !head.is_empty() && zeros()))
    }
}

/// Whether a command failed on what lies on the disc: there is nothing behind its end that could.
fn is_failure(incident: &Incident) -> bool {
    let is_beyond = incident.sense.is_some_and(|sense| sense.key == 0x5 && matches!(sense.asc, 0x21 | 0x63));
    incident.trouble == Trouble::Failed && !is_beyond
}
