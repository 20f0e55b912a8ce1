//! The verbs `sweep` and `patch`: from the name of a source to its image, with what earlier runs learned of the drive.

mod film_watch;
mod order;
mod ordered;
mod witness;

use crate::base::cancel::Cancel;
use crate::base::clock::{Clock as _, SystemClock};
use crate::base::event::{Event, Events};
use crate::image::Here;
use crate::image::here::what_lies_at;
use crate::imaging::{self, End, Error, Job, Report, Task};
use crate::source::Source;
use crate::source::drive::Supported;

use super::open::{OpenError, Opened, open, written};
use super::profile::{DriveProfile, Learned};
use super::source_name::SourceName;
use super::wanted::{self, Wanted, WantedError};
use witness::Stopped;

/// Notes on the disc's files that are told one by one.
const NOTES: usize = 3;

/// Why nothing was read.
#[derive(Debug, thiserror::Error)]
pub enum ImagingError {
    /// The source cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The run did not begin.
    #[error(transparent)]
    Run(#[from] Error),
    /// What was chosen of the disc cannot be found on it.
    #[error(transparent)]
    Wanted(#[from] WantedError),
}

/// Opens the source of that name, runs `job` on what is `wanted` of it, and opens the tray behind a run that was done where `eject` is set.
/// What is known of the drive goes into the run, and what the run learned is kept. The drive has its settings back when
/// this returns.
///
/// # Errors
/// [`ImagingError`]. What ends a run later is in the returned [`End`].
pub fn run(
    name: &SourceName,
    job: &Job,
    wanted: &Wanted,
    eject: bool,
    cancel: &Cancel,
    events: &dyn Events,
) -> Result<(Report, End), ImagingError> {
    events.event(Event::Phase("open".to_owned()));
    let mut opened = open(name, cancel)?;
    std::mem::take(&mut opened.notes).into_iter().for_each(|note| events.event(Event::Warning(note)));
    let (source, chosen) = wanted::choose(job, wanted, opened.source, cancel, events);
    let job = chosen?;
    // It came back, since nothing reads its files any more.
    let Some(source) = source else { return Err(WantedError::Stopped.into()) };
    let mut opened = Opened { source, ..opened };
    let result = run_on(&mut opened, &job, cancel, events);
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
            let image = SourceName::of_written(&job.image, job.format);
            film_watch::during(&image, &job.map_name(), events, || ordered::run(&job, source, cancel, events))
        }
    };
    if let Ok((report, end)) = &mut result {
        close(report, end, &job, source, cancel, events);
    }
    let (longest_command, way) =
        source.input().drive().map_or((None, None), |drive| (drive.longest_command(), drive.way().map(str::to_owned)));
    if let (Some(profile), Ok((report, _))) = (profile.clone(), &result) {
        // The drive may have been plugged in elsewhere meanwhile: what it takes there is of there.
        keep(&profile.on(way.as_deref()), learned, report, longest_command);
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

/// What follows a run that was done: is anything missing behind the end, and the hash of what is complete all the same.
fn close(report: &mut Report, end: &mut End, job: &Job, source: &mut Source, cancel: &Cancel, events: &dyn Events) {
    let clock = SystemClock::new();
    if matches!(end, End::Done | End::Limit(_)) && look_behind(report, job, source, cancel, events).is_err() {
        report.complete = false;
        *end = End::Stopped;
    }
    if job.hash && matches!(end, End::Done) {
        *end = imaging::hash(job, report, cancel, events);
    }
    if matches!(end, End::Stopped) {
        report.stopped_by = Some("signal");
    }
    report.seconds += clock.now().as_secs_f64();
}

/// Finds out whether files of the disc lie where nothing could be read; then it is not complete.
///
/// # Errors
/// Somebody wants to stop.
fn look_behind(
    report: &mut Report,
    job: &Job,
    source: &mut Source,
    cancel: &Cancel,
    events: &dyn Events,
) -> Result<(), Stopped> {
    let Ok(Here::File { .. } | Here::BlockDevice) = what_lies_at(&job.image) else {
        let notice = "What goes through a pipe cannot be looked through afterwards: whether files of the disc lie behind its \
                      end, or in what is left out, is not known.";
        events.event(Event::Notice(notice.to_owned()));
        return Ok(());
    };
    let image = match written(&job.image, job.format) {
        Ok(image) => image,
        Err(error) => {
            events.event(Event::Warning(format!("The image cannot be looked through: {error}")));
            return Ok(());
        }
    };
    let mut input = source.input();
    // An image says nothing of sessions, and not every drive does: they are looked for.
    let starts = input.drive().map(|drive| drive.sessions().to_vec()).filter(|starts| !starts.is_empty());
    let behind = witness::behind_the_end(report, starts.as_deref(), image, cancel)?;
    let more = behind.notes.len().saturating_sub(NOTES);
    for note in behind.notes.into_iter().take(NOTES) {
        events.event(Event::Warning(format!("Not all of the disc's files could be looked for: {note}")));
    }
    if more > 0 {
        events.event(Event::Warning(format!("There are {more} more such notes; freemkv info tells all.")));
    }
    report.past_end = behind.files;
    report.complete &= report.past_end.is_empty();
    Ok(())
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
