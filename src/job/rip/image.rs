//! The disc to its image: a sweep, and a patch where something is missing, from one opening of the source.

use std::time::Duration;

use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events};
use crate::imaging::{End, Job as ImagingJob, Limits, Report, Task};
use crate::job::imaging::{open_tray, run_on};
use crate::job::open::{self, Opened};
use crate::job::source_name::SourceName;

use super::disc::fingerprint::Fingerprint;
use super::disc::look::is_still;
use super::disc::place::Place;
use super::error::Trouble;
use super::job::Job;
use super::report::Ripped;

/// Reads the disc into the image of `place`; what came of it goes into `ripped`. The drive is free when this returns.
pub(super) fn image(
    name: &SourceName,
    job: &Job,
    place: &Place,
    (cancel, events): (&Cancel, &dyn Events),
    ripped: &mut Ripped,
) {
    events.event(Event::Phase("open".to_owned()));
    let mut opened = match open::open(name, cancel) {
        Ok(opened) => opened,
        Err(error) => return ripped.troubles.push(Trouble::Open(error)),
    };
    if let Err(trouble) = check(&mut opened, &place.record.fingerprint) {
        return ripped.troubles.push(trouble);
    }
    ripped.image = Some(place.image());
    let mut steps = Steps { job, place, cancel, events, opened: &mut opened, drive_seconds: 0.0 };
    if steps.run(Task::Sweep { restart: false }, ripped) && steps.wants_patch(ripped) {
        steps.run(Task::Patch { passes: job.passes, finish: false, thorough: false }, ripped);
    }
    // Of a drive that takes one disc after the other, the next one is waited for.
    let may_open = ripped.troubles.is_empty() || job.keep_going;
    if job.eject && may_open && !cancel.is_raised() {
        open_tray(&mut opened, events);
    }
}

/// Between the first look and this the tray was open to everybody.
fn check(opened: &mut Opened, fingerprint: &Fingerprint) -> Result<(), Trouble> {
    let mut input = opened.source.input();
    let sectors = input.sectors();
    let from = sectors.facts().name.clone();
    match is_still(sectors, fingerprint) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Trouble::OtherDisc { from }),
        Err(fault) => Err(Trouble::Source { from, fault }),
    }
}

/// What both steps need.
struct Steps<'a> {
    job: &'a Job,
    place: &'a Place,
    cancel: &'a Cancel,
    events: &'a dyn Events,
    opened: &'a mut Opened,
    /// Time of the drive that was used up.
    drive_seconds: f64,
}

impl Steps<'_> {
    /// Runs a step; whether it came to its end, so that another may follow.
    fn run(&mut self, task: Task, ripped: &mut Ripped) -> bool {
        let job = ImagingJob {
            task,
            image: self.place.image(),
            map: None,
            hash: true,
            film_first: true,
            limits: self.limits(),
            ..self.job.imaging.clone()
        };
        let (report, end) = match run_on(self.opened, &job, self.cancel, self.events) {
            Ok(ran) => ran,
            Err(error) => {
                ripped.troubles.push(Trouble::NotBegun { task, error });
                return false;
            }
        };
        self.drive_seconds += report.drive_seconds;
        let from = report.source.clone();
        self.keep(task, report, ripped);
        let is_done = matches!(end, End::Done);
        match end {
            End::Done | End::Limit(_) => {}
            End::Stopped => ripped.troubles.push(Trouble::Stopped),
            end => ripped.troubles.push(Trouble::Ended { task, from, end }),
        }
        is_done
    }

    fn keep(&self, task: Task, report: Report, ripped: &mut Ripped) {
        match task {
            Task::Sweep { .. } => ripped.sweep = Some(report),
            Task::Patch { .. } => ripped.patch = Some(report),
        }
    }

    /// The budget is that of both steps together.
    fn limits(&self) -> Limits {
        let spent = Duration::try_from_secs_f64(self.drive_seconds).unwrap_or(Duration::MAX);
        let limits = self.job.imaging.limits;
        Limits { budget: limits.budget.map(|budget| budget.saturating_sub(spent)), ..limits }
    }

    /// Whether something is missing that other reads may bring, and time is left for them.
    fn wants_patch(&self, ripped: &Ripped) -> bool {
        let is_missing = ripped.sweep.as_ref().is_some_and(|report| !report.complete && report.missing_places > 0);
        is_missing && self.job.passes > 0 && self.limits().budget.is_none_or(|left| !left.is_zero())
    }
}
