//! How a run ends, and what is told of it.

use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events};
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;
use crate::image::Here;
use crate::image::here::what_lies_at;
use crate::source::Facts;
use crate::source::drive::{DriveSource, Pacing};

use super::drive_settings;
use super::error::Error;
use super::job::Job;
use super::limits::Limit;
use super::reading::tally::Tally;
use super::report::Report;
use super::stop::Stop;
use super::writing::Written;
use super::writing::hash;

/// How a run ended, when nothing of ours failed.
#[derive(Debug)]
pub enum End {
    /// Nothing left to do in this task.
    Done,
    /// Somebody asked to stop; everything is saved.
    Stopped,
    /// A limit that was set is reached; everything is saved.
    Limit(Limit),
    /// The drive said something that is no damage; everything before it is saved.
    Fault {
        /// What.
        fault: Fault,
        /// The read that met it.
        range: SectorRange,
        /// The drive's whole answer.
        outcome: Outcome,
    },
    /// The image or the map could not be written; the map on disk is true.
    Failed(Error),
}

/// The last words with a drive: its settings go back, and what it has shown of itself is told. Sectors that it knows were
/// never written join `blank`. Whether its failures must be kept apart, where that is known.
pub(super) fn take_leave(
    drive: &mut dyn DriveSource,
    job: &Job,
    (tally, stop): (&Tally, &Stop),
    blank: &mut SectorSet,
    events: &dyn Events,
) -> Option<bool> {
    let needs_rest = needs_rest(drive.pacing(), stop);
    drive.unwritten().ranges().iter().for_each(|range| blank.insert(*range));
    if let Some(sentence) = drive_settings::riplock(tally.calm, &job.drive, drive) {
        events.event(Event::Notice(sentence));
    }
    drive.give_back().into_iter().for_each(|sentence| events.event(Event::Warning(sentence)));
    needs_rest
}

/// What the run says about failures in quick succession. A drive that was lost while they were tried out is not tried again:
/// firmware that gives up may also hang or leave the bus.
fn needs_rest(pacing: Pacing, stop: &Stop) -> Option<bool> {
    use Fault::{Busy, Gone, NotReady, Offline, SettingsLost, Transport, Wedged};
    let lost =
        matches!(stop, Stop::Fault { fault: Busy | Gone | NotReady | Offline | SettingsLost | Transport | Wedged, .. });
    match pacing {
        Pacing::Needed => Some(true),
        Pacing::NotNeeded => Some(false),
        Pacing::Trial => lost.then_some(true),
        Pacing::Unknown => None,
    }
}

/// The report `base` of a map, with what is to be told of the run.
pub(super) fn told(base: Report, job: &Job, facts: Facts, tally: &Tally, written: &Written, stop: &Stop) -> Report {
    Report {
        command: job.task.name(),
        source: facts.name,
        image: job.image.clone(),
        read_commands: tally.commands,
        failed_reads: tally.failed,
        drive_seconds: tally.seconds,
        bytes_per_second: tally.speed(),
        write_strategy: written.strategy,
        degraded: written.degraded,
        durable: written.durable,
        written_sha256: written.sha256.clone(),
        stopped_by: match stop {
            Stop::Limit(limit) => Some(limit.name()),
            Stop::Cancelled => Some("signal"),
            _ => None,
        },
        protected: matches!(stop, Stop::Fault { fault: Fault::Protected, .. }),
        ..base
    }
}

/// Makes the hash of a complete image, and of no other, as it was written or read back, and its file beside a regular image.
#[must_use]
pub fn hash(job: &Job, report: &mut Report, cancel: &Cancel, events: &dyn Events) -> End {
    if !report.complete {
        return End::Done;
    }
    match hash_of(job, report, cancel, events) {
        Err(error) => return End::Failed(error),
        Ok(sha256) => report.sha256 = sha256,
    }
    if report.sha256.is_none() && cancel.is_raised() { End::Stopped } else { End::Done }
}

fn hash_of(job: &Job, report: &mut Report, cancel: &Cancel, events: &dyn Events) -> Result<Option<String>, Error> {
    let here = what_lies_at(&job.image)?;
    let sha256 = match (report.written_sha256.take(), here) {
        (Some(sha256), _) => Some(sha256),
        (None, Here::Stream | Here::Nothing) => None,
        (None, _) => {
            events.event(Event::Phase("hash".into()));
            hash::of_image(&job.image, job.format, report.image_bytes, cancel, events)?
        }
    };
    if let (Some(sha256), Here::File { .. }) = (&sha256, here) {
        hash::save(&job.image, job.format, sha256)?;
    }
    Ok(sha256)
}

/// What came first counts: a writer that failed is why its reader stopped.
pub(super) fn end(written: Result<(), Error>, stop: Stop) -> End {
    match (written, stop) {
        (Err(error), _) => End::Failed(error),
        (Ok(()), Stop::Fault { fault, range, outcome }) => End::Fault { fault, range, outcome },
        (Ok(()), Stop::Crowded) => End::Failed(Error::Crowded),
        (Ok(()), Stop::Cancelled) => End::Stopped,
        (Ok(()), Stop::Limit(limit)) => End::Limit(limit),
        (Ok(()), Stop::Done | Stop::SinkClosed) => End::Done,
    }
}
