//! How sectors are read: those of a file as they are, those of a drive through its guard.

use std::time::Duration;

use crate::base::sector::SectorRange;
use crate::base::sector::tract::LeftOut;
use crate::imaging::guard::{Admission, Asked, Guard, NoDamage, Proposal, Read, Request, SecondRead, Settled};
use crate::imaging::stop::Stop;
use crate::mapfile::status::StatusLine;
use crate::recovery::Change;
use crate::source::drive::Incident;
use crate::source::{Facts, SectorSource};

/// The source of one run.
pub(in crate::imaging) enum Access<'a> {
    /// A file: it does not get tired, and is believed.
    File(&'a mut dyn SectorSource, Asked),
    /// A drive.
    Drive(Box<Guard<'a>>),
}

impl Access<'_> {
    /// Whether it is a drive.
    pub(super) fn is_drive(&self) -> bool {
        matches!(self, Self::Drive(_))
    }

    pub(super) fn facts(&self) -> &Facts {
        match self {
            Self::File(file, _) => file.facts(),
            Self::Drive(guard) => guard.facts(),
        }
    }

    /// The tracts that hold no data, as far as they are known by now.
    pub(super) fn left_out(&self) -> &LeftOut {
        match self {
            Self::File(file, _) => file.left_out(),
            Self::Drive(guard) => guard.left_out(),
        }
    }

    /// What was asked of it so far.
    pub(super) fn asked(&self) -> Asked {
        match self {
            Self::File(_, asked) => *asked,
            Self::Drive(guard) => guard.asked(),
        }
    }

    /// Nothing more is asked of it: a drive gets back what it was set to. Sentences about what it does not take.
    pub(super) fn let_go(&mut self) -> Vec<String> {
        match self {
            Self::File(..) => Vec::new(),
            Self::Drive(guard) => guard.let_go(),
        }
    }

    /// How long it still wants no read that may fail.
    pub(super) fn rest(&self) -> Duration {
        match self {
            Self::File(..) => Duration::ZERO,
            Self::Drive(guard) => guard.rest(),
        }
    }

    /// Whether it is worth finding out if the drive minds failures in quick succession.
    pub(super) fn may_try_pace(&self) -> bool {
        matches!(self, Self::Drive(guard) if guard.may_try_pace())
    }

    pub(super) fn try_pace(&mut self) {
        if let Self::Drive(guard) = self {
            guard.try_pace();
        }
    }

    pub(super) fn read(&mut self, request: &Request, buffer: &mut [u8]) -> Read {
        match self {
            Self::File(file, asked) => Read::plain(asked.read(*file, &request.read, buffer)),
            Self::Drive(guard) => guard.read(request, buffer),
        }
    }

    pub(super) fn admit(&mut self, proposal: Proposal, read: &Read, bytes: &[u8]) -> Result<Admission, Stop> {
        match self {
            Self::File(..) => Ok(Admission::Commit(proposal.changes)),
            Self::Drive(guard) => guard.admit(proposal, read, bytes),
        }
    }

    /// Whether what came before a fault that is no damage came well. What a drive says of itself says nothing for the
    /// sectors before it.
    pub(super) fn keeps_head(&self) -> bool {
        matches!(self, Self::File(..))
    }

    /// A read that ended with a fault that is no damage. `Ok`: the run goes on.
    pub(super) fn no_damage(&mut self, stop: Stop) -> Result<NoDamage, Stop> {
        match (self, stop) {
            (Self::Drive(guard), Stop::Fault { fault, range, outcome }) => guard.no_damage(fault, range, outcome),
            (_, stop) => Err(stop),
        }
    }

    /// Sectors of `range` that came and wait for a second read are not to get one: what they were before.
    pub(super) fn forget_unsure(&mut self, range: SectorRange) -> Vec<Change> {
        match self {
            Self::File(..) => Vec::new(),
            Self::Drive(guard) => guard.forget_unsure(range),
        }
    }

    /// Whether it is time to read sectors a second time; `any`: those that wait at the end.
    pub(super) fn wants_second_read(&self, any: bool) -> bool {
        matches!(self, Self::Drive(guard) if guard.wants_second_read(any))
    }

    pub(super) fn read_again(&mut self, buffer: &mut [u8]) -> Option<SecondRead> {
        match self {
            Self::File(..) => None,
            Self::Drive(guard) => guard.read_again(buffer),
        }
    }

    /// Where the rescue stood before what is held back; `None` when nothing is.
    pub(super) fn held_since(&self) -> Option<StatusLine> {
        match self {
            Self::File(..) => None,
            Self::Drive(guard) => guard.held_since(),
        }
    }

    /// Says what becomes of what is held back, now.
    pub(super) fn check(&mut self) -> Result<Admission, Stop> {
        match self {
            Self::File(..) => Ok(Admission::Commit(Vec::new())),
            Self::Drive(guard) => guard.check(),
        }
    }

    pub(super) fn settle(&mut self, stop: &Stop, here: SectorRange) -> Option<Settled> {
        match self {
            Self::File(..) => None,
            Self::Drive(guard) => Some(guard.settle(stop, here)),
        }
    }

    pub(super) fn take_incidents(&mut self) -> Vec<Incident> {
        match self {
            Self::File(..) => Vec::new(),
            Self::Drive(guard) => guard.take_incidents(),
        }
    }
}
