//! The guard between the reader and a drive: what a drive says is believed for a reason.
//!
//! It owns the drive. [`Guard::read`] is a read with everything that makes its answer worth more: the way of retrying, the
//! drive's own retry count, a second read. [`Guard::admit`] says what becomes of the changes that an answer means for the
//! map: they are told, held back until the drive is seen to be well, or taken back. A file is read without a guard.

mod answer;
mod asked;
mod drive_check;
mod held_back;
mod known_good;
mod place;
mod retry;
mod retrying;
mod rules;
mod second_read;
mod state;
mod unsure;

use std::time::Duration;

use crate::base::event::Event;
use crate::base::outcome::Fault;
use crate::base::sector::SectorRange;
use crate::base::sector::tract::LeftOut;
use crate::mapfile::status::StatusLine;
use crate::source::drive::{Incident, Pacing, Trouble};
use crate::source::{Facts, ReadRequest};

use super::stop::Stop;

pub(super) use answer::{Admission, NoDamage, Proposal, Read, Request, RollBack};
pub(super) use asked::Asked;
pub(super) use drive_check::Settled;
pub(super) use known_good::Place;
pub(super) use place::HUNG;
pub use rules::GuardRules;
pub(super) use second_read::SecondRead;
pub(super) use state::{Guard, Setup};

impl Guard<'_> {
    pub(super) fn facts(&self) -> &Facts {
        self.drive.facts()
    }

    /// The tracts that hold no data, as far as they are known by now.
    pub(super) fn left_out(&self) -> &LeftOut {
        self.drive.left_out()
    }

    /// What was asked of the drive so far.
    pub(super) fn asked(&self) -> Asked {
        self.asked
    }

    /// Nothing more is asked of the drive. Sentences about what it does not take back.
    pub(super) fn let_go(&mut self) -> Vec<String> {
        self.drive.let_go()
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
        let whole = range.start().is_multiple_of(self.unit) && range.len() >= self.unit;
        let fua = request.read.fua
            || (self.rules.unsaid_effort && whole && self.unsure.is_unsaid(range))
            || (self.rules.second_read && self.unsure.has_differed(range));
        let time_limit = self.limit(&request.read);
        let request = Request { read: ReadRequest { fua, time_limit, ..request.read }, ..*request };
        let (outcome, twice) = self.with_second_read(&request, buffer, |guard, request, buffer| {
            guard.with_retry_count(&request.read, buffer, |guard, read, buffer| {
                let request = Request { read: *read, ..*request };
                guard.in_retry_mode(&request, buffer, Self::ask)
            })
        });
        let own = self.drive.take_incidents();
        self.note_effort(&own);
        // A read of sectors that are not there is not admitted: what failed while their edges were looked for is known here
        // alone.
        let is_absent = matches!(outcome.fault, Some(Fault::OutOfRange | Fault::WrongTrack));
        self.suspect |= is_absent && own.iter().any(is_failure);
        let unsure = self.unsure_part(range, &outcome, twice);
        incidents.extend(own);
        let of_this =
            |incident: &&Incident| incident.trouble == Trouble::Failed && !incident.range.intersect(range).is_empty();
        let failed = incidents.iter().skip(earlier).find(of_this).map(|incident| incident.seconds);
        let failed = failed.or((outcome.fault == Some(Fault::Damage)).then_some(outcome.seconds));
        Read { outcome, incidents, mode: self.modes.name(), failed, unsure }
    }

    /// Says what becomes of what a read means for the map; `bytes` are what it brought. Reads known-good places when it is
    /// time to.
    pub(super) fn admit(&mut self, proposal: Proposal, read: &Read, bytes: &[u8]) -> Result<Admission, Stop> {
        let head = proposal.range.split_at(read.outcome.sectors).0;
        self.unsure.settle(head);
        if !read.unsure.is_empty() {
            self.unsure.wait(read.unsure, bytes, read.outcome.recovered, &proposal.before);
        }
        let Proposal { before, line, changes, .. } = proposal;
        let mut changes = self.unsure.told(changes, &before);
        let failed = read.failed;
        self.failed_before |= failed.is_some() || self.suspect;
        if read.outcome.fault.is_none() {
            self.checks.set_aside = None;
        }
        let is_clean = read.outcome.fault.is_none() && !read.outcome.recovered && read.unsure.is_empty();
        if !self.is_held_back(failed.is_some() || self.suspect, head, bytes) {
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
    fn is_held_back(&self, failed: bool, head: SectorRange, bytes: &[u8]) -> bool {
        if !self.known.is_empty() {
            return self.rules.known_good_check && (failed || self.held.is_on());
        }
        let length = usize::try_from(head.bytes()).unwrap_or(usize::MAX);
        let zeros = || bytes.get(..length).is_some_and(|bytes| bytes.iter().all(|b| *b == 0));
        self.rules.zeros && (failed || self.held.is_on() || (self.failed_before && !head.is_empty() && zeros()))
    }
}

/// Whether a command failed on what lies on the disc: behind its end, and in a track without data, nothing could.
fn is_failure(incident: &Incident) -> bool {
    let is_absent = incident.sense.is_some_and(|sense| sense.key == 0x5 && matches!(sense.asc, 0x21 | 0x63 | 0x64));
    incident.trouble == Trouble::Failed && !is_absent
}
