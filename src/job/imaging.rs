//! The verbs `sweep` and `patch`: from the name of a source to its image, with what earlier runs learned of the drive.

use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events};
use crate::image::Here;
use crate::image::here::what_lies_at;
use crate::imaging::{self, End, Error, Job, Report, Task};
use crate::source::Source;
use crate::source::drive::Supported;
use crate::source::file::FileSource;

use super::film_watch;
use super::open::{OpenError, Opened, open};
use super::ordered;
use super::profile::{DriveProfile, Learned};
use super::source_name::SourceName;
use super::witness;

/// Why nothing was read.
#[derive(Debug, thiserror::Error)]
pub enum ImagingError {
    /// The source cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The run did not begin.
    #[error(transparent)]
    Run(#[from] Error),
}

/// Opens the source of that name, runs `job` on it, and opens the tray behind a run that was done where `eject` is set.
/// What is known of the drive goes into the run, and what the run learned is kept. The drive has its settings back when
/// this returns.
///
/// # Errors
/// [`ImagingError`]. What ends a run later is in the returned [`End`].
pub fn run(
    name: &SourceName,
    job: &Job,
    eject: bool,
    cancel: &Cancel,
    events: &dyn Events,
) -> Result<(Report, End), ImagingError> {
    events.event(Event::Phase("open".to_owned()));
    let mut opened = open(name, cancel)?;
    std::mem::take(&mut opened.notes).into_iter().for_each(|note| events.event(Event::Warning(note)));
    let result = run_on(&mut opened, job, cancel, events);
    if eject && matches!(result, Ok((_, End::Done))) {
        open_tray(&mut opened, events);
    }
    Ok(result?)
}

/// Runs `job` on a source that is open already, and keeps what the run learned of its drive.
///
/// # Errors
/// The run did not begin. What ends it later is in the returned [`End`].
pub fn run_on(opened: &mut Opened, job: &Job, cancel: &Cancel, events: &dyn Events) -> Result<(Report, End), Error> {
    let Opened { source, profile, .. } = opened;
    let learned = profile.as_ref().and_then(DriveProfile::load).unwrap_or_default();
    // What a cleaned disc takes, the drive tells anew.
    let times = learned.times.filter(|_| !job.fresh);
    let job = Job { times, needs_rest: learned.needs_rest, ..job.clone() };
    let mut result = match job.task {
        Task::Sweep { .. } => imaging::run(&job, source.input(), cancel, events),
        Task::Patch { .. } => {
            film_watch::during(&job.image, &job.map_name(), events, || ordered::run(&job, source, cancel, events))
        }
    };
    if let Ok((report, End::Done | End::Limit(_))) = &mut result {
        look_behind(report, &job, source, cancel, events);
    }
    let longest_command = source.input().drive().and_then(|drive| drive.longest_command());
    if let (Some(profile), Ok((report, _))) = (&profile, &result) {
        keep(profile, learned, report, longest_command);
    }
    result
}

/// Opens the tray of a drive; where it does not, that is told.
pub fn open_tray(opened: &mut Opened, events: &dyn Events) {
    if !opened.source.input().drive().is_some_and(|drive| drive.eject() == Supported::Yes) {
        let name = opened.source.input().sectors().facts().name.clone();
        events.event(Event::Warning(format!("{name} cannot be ejected")));
    }
}

/// Finds out whether files of the disc lie where nothing could be read; then it is not complete.
fn look_behind(report: &mut Report, job: &Job, source: &mut Source, cancel: &Cancel, events: &dyn Events) {
    // What went into a pipe is gone.
    let Ok(Here::File { .. } | Here::BlockDevice) = what_lies_at(&job.image) else { return };
    let image = match FileSource::open(&job.image) {
        Ok(image) => image,
        Err(error) => {
            events.event(Event::Warning(format!("The image cannot be looked through: {error}")));
            return;
        }
    };
    let starts = source.input().sectors().sessions().to_vec();
    report.past_end = witness::past_end(report, &starts, Box::new(image), cancel);
    report.complete &= report.past_end.is_empty();
}

/// Keeps what the run learned, where it is more than was known. That it cannot be kept costs the next run a few reads.
fn keep(profile: &DriveProfile, known: Learned, report: &Report, longest_command: Option<u64>) {
    let now = Learned {
        times: report.times.or(known.times),
        needs_rest: report.needs_rest.or(known.needs_rest),
        longest_command,
    };
    if now != known
        && let Err(problem) = profile.save(now)
    {
        tracing::info!("what is known of the drive cannot be kept: {problem}");
    }
}
