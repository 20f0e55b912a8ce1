//! A drive, and what is known for and against it.

use std::time::Duration;

use crate::base::cancel::Cancel;
use crate::base::event::Events;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::imaging::drive_settings::{DriveSettings, Retries};
use crate::source::ReadRequest;
use crate::source::drive::{DriveSource, Incident, Trouble};

use super::asked::Asked;
use super::held_back::HeldBack;
use super::known_good::{KnownGood, Place};
use super::retry::count::RetryCount;
use super::retry::mode::RetryModes;
use super::rules::GuardRules;
use super::unsure::Unsure;

/// What a guard is made of.
pub(in crate::imaging) struct Setup<'a> {
    pub(in crate::imaging) events: &'a dyn Events,
    pub(in crate::imaging) cancel: &'a Cancel,
    pub(in crate::imaging) rules: GuardRules,
    /// What a person wants of the drive.
    pub(in crate::imaging) settings: DriveSettings,
    /// The ECC unit in sectors.
    pub(in crate::imaging) unit: u64,
    /// A place that reads as it did in an earlier run.
    pub(in crate::imaging) known_good: Option<Place>,
    /// An earlier run has met failures.
    pub(in crate::imaging) failed_before: bool,
    /// It is a sweep: a lower retry count is tried.
    pub(in crate::imaging) sweeping: bool,
    /// The image can be written again where it was.
    pub(in crate::imaging) can_go_back: bool,
    /// Time limit of a read.
    pub(in crate::imaging) time_limit: Duration,
}

/// A drive, and what is known for and against it.
pub(in crate::imaging) struct Guard<'a> {
    pub(super) drive: &'a mut dyn DriveSource,
    pub(super) events: &'a dyn Events,
    pub(super) cancel: &'a Cancel,
    pub(super) rules: GuardRules,
    pub(super) unit: u64,
    pub(super) can_go_back: bool,
    pub(super) time_limit: Duration,
    /// The person said what the time limit is to be.
    pub(super) keeps_limit: bool,
    pub(super) asked: Asked,
    pub(super) known: KnownGood,
    /// While none is known: a place that came after a failure and is not zero.
    pub(super) candidate: Option<Place>,
    /// A failure was met, in this run or an earlier one.
    pub(super) failed_before: bool,
    pub(super) held: HeldBack,
    /// A command of the guard's own has failed since the drive was last seen to be well.
    pub(super) suspect: bool,
    /// What was wrong with those commands, for the log.
    pub(super) own_incidents: Vec<Incident>,
    pub(super) unsure: Unsure,
    /// Second reads that agreed with the first, in a row.
    pub(super) agreed: u32,
    pub(super) counts: RetryCount,
    pub(super) modes: RetryModes,
    pub(super) checks: Checks,
}

/// What the checks of a run have come to.
#[derive(Debug, Default)]
pub(super) struct Checks {
    /// How often the drive had been started when what is held back began.
    pub(super) restarts_before: u64,
    /// Spin cycles in quick succession, and all of them.
    pub(super) spins: u32,
    pub(super) all_spins: u32,
    /// Reads that had failed before the last of them.
    pub(super) failed_at_spin: u64,
    /// Restarts behind which something was taken back.
    pub(super) taken_back: u32,
    /// How often the disc was compared.
    pub(super) changes_of_disc: u32,
    /// The read that was refused though the drive is well.
    pub(super) refused: Option<SectorRange>,
    /// The read at which the firmware gave up and came back.
    pub(super) revived_at: Option<SectorRange>,
    /// The place that was set aside last, when nothing has come well since.
    pub(super) set_aside: Option<SectorRange>,
    /// Places that were never answered.
    pub(super) hangs: u32,
    /// The disc was spun down and up though no known-good place could say that it was needed.
    pub(super) spun_blind: bool,
}

impl<'a> Guard<'a> {
    /// A guard of `drive`, of which nothing has been read yet.
    pub(in crate::imaging) fn new(drive: &'a mut dyn DriveSource, setup: Setup<'a>) -> Self {
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
            keeps_limit: setup.settings.timeout.is_some(),
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

    /// What was wrong with commands of the guard's own: one that failed may have been one too many for the drive.
    pub(super) fn take_own_incidents(&mut self) {
        let incidents = self.drive.take_incidents();
        self.note_effort(&incidents);
        self.suspect |= incidents.iter().any(|incident| incident.trouble == Trouble::Failed);
        self.own_incidents.extend(incidents);
    }

    /// Whatever a command was for that failed or came with effort, it may have left guessed bytes of its units in the cache.
    pub(super) fn note_effort(&mut self, incidents: &[Incident]) {
        for incident in incidents {
            if matches!(incident.trouble, Trouble::Failed | Trouble::Recovered) {
                self.unsure.note_unsaid(self.units_around(incident.range));
            }
        }
    }

    /// The units that a range touches.
    pub(super) fn units_around(&self, range: SectorRange) -> SectorRange {
        SectorRange::new(range.start() / self.unit * self.unit, range.end().next_multiple_of(self.unit))
    }

    /// One read command, counted.
    pub(super) fn ask(&mut self, request: &ReadRequest, buffer: &mut [u8]) -> Outcome {
        let outcome = self.asked.read(self.drive, request, buffer);
        self.suspect |= outcome.fault == Some(Fault::Damage);
        outcome
    }
}
