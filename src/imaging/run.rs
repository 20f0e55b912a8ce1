//! One sweep or patch from beginning to end.

use std::sync::Mutex;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};

use crate::base::cancel::Cancel;
use crate::base::clock::{Clock, SystemClock};
use crate::base::event::{Event, Events, Progress};
use crate::base::media::Media;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::base::set::SectorSet;
use crate::image::store::what_lies_at;
use crate::image::{Here, OutputKind};
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::{Status, StatusLine};
use crate::pipeline::{self, buffers::Pool};
use crate::recovery::{self, Params, Patch, Strategy, Sweep};
use crate::source::drive::Pacing;
use crate::source::{Facts, Input};

use super::drive_settings;
use super::error::Error;
use super::guard::{Asked, Guard, Setup};
use super::job::{Job, Task};
use super::prepare::{Prepared, kind_by_size, prepare};
use super::reading::access::Access;
use super::reading::drive_log::DriveLog;
use super::reading::limits::Limit;
use super::reading::slot::Slot;
use super::reading::tally::Tally;
use super::reading::{Finished, Reader, State};
use super::report::Report;
use super::stop::Stop;
use super::writing::hash;
use super::writing::stored::Stored;
use super::writing::{Writer, Written};

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

/// How often the watcher looks.
const WATCH: Duration = Duration::from_millis(100);

/// Filled buffers between reader and writer: a sweep keeps the drive streaming, a patch wants each
/// unit on disk soon.
const DEPTH_SWEEP: usize = 4;
const DEPTH_PATCH: usize = 1;

/// Most sectors of one command that is to suit a disc: 128 KiB, what the kernel passes on to any drive.
const DISC_SECTORS: u64 = 64;

/// Time limit of one read: longer than any drive's own retries, since aborting one resets the bus.
const SWEEP_LIMIT: Duration = Duration::from_secs(30);
const PATCH_LIMIT: Duration = Duration::from_secs(60);

/// Reads `source` into the image of `job`.
///
/// # Errors
/// The run did not begin: see [`Error`]. What ends a run later is in the returned [`End`].
pub fn run(job: &Job, mut source: Input<'_>, cancel: &Cancel, events: &dyn Events) -> Result<(Report, End), Error> {
    let clock = SystemClock::new();
    let prepared = prepare(job, &mut source, cancel, events)?;
    let Prepared { image, stored, map_file, line, domain, data, media, unit, known_good, stale } = prepared;
    let facts = source.sectors().facts().clone();
    let is_drive = source.drive().is_some();
    let kind = media.unwrap_or_else(|| kind_by_size(facts.size_bytes));
    let params = params(kind, unit, &facts, is_drive, media.is_none() && job.unit.is_none()).with_times(job.times);
    let make = |map: SectorMap, line: StatusLine, left_out: &SectorSet| -> Box<dyn Strategy> {
        let mut domain = domain.clone();
        left_out.ranges().iter().for_each(|range| domain.remove(*range));
        match job.task {
            Task::Sweep { .. } => Box::new(Sweep::new(map, params.clone(), line, &domain)),
            Task::Patch { passes, thorough, .. } => {
                let limits = recovery::Limits { passes, thorough, budget: job.limits.budget };
                Box::new(Patch::new(map, params.clone(), line, &domain, limits))
            }
        }
    };
    let sweeping = matches!(job.task, Task::Sweep { .. });
    let finish = matches!(job.task, Task::Patch { finish: true, .. }).then(|| domain.clone());
    if let Some(drive) = source.drive() {
        match job.needs_rest.filter(|_| drive.pacing() == Pacing::Unknown) {
            Some(true) => drive.set_pacing(Pacing::Needed),
            Some(false) => drive.set_pacing(Pacing::NotNeeded),
            None => {}
        }
        drive_settings::send(&job.drive, kind, drive, events);
    }
    let progress = Mutex::new(Progress { total_bytes: facts.size_bytes, ..Progress::default() });
    let (depth, time_limit) = pace(job.task);
    let (give_back, empty) = slots(depth, params.max_sectors);
    let strategy = make(stored.map().clone(), line, &SectorSet::new());
    let log = (job.drive_log && image.kind() == OutputKind::File).then(|| DriveLog::new(job.log_name()));
    let time_limit = job.drive.timeout.unwrap_or(time_limit);
    let failed_before = stored.map().iter().any(|(_, status)| !matches!(status, Status::NonTried | Status::Finished));
    let clock_of_source = source.sectors().clock();
    let access = match &mut source {
        Input::File(file) => Access::File(&mut **file, Asked::default()),
        Input::Drive(drive) => Access::Drive(Guard::new(
            &mut **drive,
            Setup {
                events,
                cancel,
                rules: job.guard,
                settings: job.drive,
                unit,
                known_good,
                failed_before,
                sweeping,
                can_go_back: image.kind() != OutputKind::Stream,
                time_limit,
            },
        )),
    };
    let reader = Reader {
        access,
        clock: clock_of_source,
        strategy,
        make: &make,
        empty,
        cancel,
        progress: &progress,
        events,
        time_limit,
        limits: job.limits,
        finish,
        passes: if let Task::Patch { passes, .. } = job.task { passes } else { 0 },
        state: State::default(),
    };
    let writer = Writer::new(image, facts.size_bytes, stored, give_back, stale, log).map_err(Error::Threads)?;
    let writer = if job.hash { writer.hashing() } else { writer };
    let mut watcher = Watcher { progress: &progress, events, cancel, shown: String::new(), stopping: false };
    let (Finished { stop, tally, strategy, mut blank }, written) =
        pipeline::run(depth, WATCH, |feeder| reader.run(feeder), |filled| writer.run(filled), || watcher.look())
            .map_err(Error::Threads)?;
    watcher.stopping = true;
    watcher.look();
    let mut needs_rest = None;
    let map = written.stored.as_ref().map_or_else(|| strategy.map(), Stored::map);
    if let Some(drive) = source.drive() {
        needs_rest = needs_rest_by(drive.pacing(), &stop);
        drive.unwritten().ranges().iter().for_each(|range| blank.insert(*range));
        if let Some(sentence) = drive_settings::riplock(&tally, &job.drive, drive) {
            events.event(Event::Notice(sentence));
        }
        drive.give_back().into_iter().for_each(|sentence| events.event(Event::Warning(sentence)));
    }
    let times = strategy.times();
    let left = Report { times, needs_rest, forecast: strategy.forecast(), ..Report::new(map, &blank, &data, &domain) };
    let base = Report { map: map_file.is_some().then(|| job.map_name()), media, unit_sectors: unit, ..left };
    let size = facts.size_bytes;
    let mut report = told(base, job, facts, &tally, &written, &stop);
    let end = end(written.result, stop);
    report.seconds = clock.now().as_secs_f64();
    if !job.hash || !matches!(end, End::Done) {
        return Ok((report, end));
    }
    let end = hash(job, &mut report, size, written.sha256, cancel, events);
    report.seconds = clock.now().as_secs_f64();
    Ok((report, end))
}

/// What the run says about failures in quick succession. A drive that was lost while they were tried out is not tried again:
/// firmware that gives up may also hang or leave the bus.
fn needs_rest_by(pacing: Pacing, stop: &Stop) -> Option<bool> {
    use Fault::{Busy, Gone, NotReady, SettingsLost, Transport, Wedged};
    let lost = matches!(stop, Stop::Fault { fault: Busy | Gone | NotReady | SettingsLost | Transport | Wedged, .. });
    match pacing {
        Pacing::Needed => Some(true),
        Pacing::NotNeeded => Some(false),
        Pacing::Trial => lost.then_some(true),
        Pacing::Unknown => None,
    }
}

/// The report `base` of a map, with what is to be told of the run.
fn told(base: Report, job: &Job, facts: Facts, tally: &Tally, written: &Written, stop: &Stop) -> Report {
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
        stopped_by: if let Stop::Limit(limit) = stop { Some(limit.name()) } else { None },
        protected: matches!(stop, Stop::Fault { fault: Fault::Protected, .. }),
        ..base
    }
}

/// Makes the hash of a complete image, `streamed` or read back, and its file beside a regular image.
fn hash(
    job: &Job,
    report: &mut Report,
    size: u64,
    streamed: Option<String>,
    cancel: &Cancel,
    events: &dyn Events,
) -> End {
    if !report.complete {
        events.event(Event::Notice("No hash was made: the image is not complete.".into()));
        return End::Done;
    }
    match hash_of(job, size, streamed, cancel, events) {
        Err(error) => return End::Failed(error),
        Ok(sha256) => report.sha256 = sha256,
    }
    if report.sha256.is_none() && cancel.is_raised() { End::Stopped } else { End::Done }
}

fn hash_of(
    job: &Job,
    size: u64,
    streamed: Option<String>,
    cancel: &Cancel,
    events: &dyn Events,
) -> Result<Option<String>, Error> {
    let here = what_lies_at(&job.image)?;
    let sha256 = match (streamed, here) {
        (Some(sha256), _) => Some(sha256),
        (None, Here::Stream | Here::Nothing) => None,
        (None, _) => {
            events.event(Event::Phase("hash".into()));
            hash::of_file(&job.image, size, cancel)?
        }
    };
    if let (Some(sha256), Here::File { .. }) = (&sha256, here) {
        hash::save(&job.image, sha256)?;
    }
    Ok(sha256)
}

/// What came first counts: a writer that failed is why its reader stopped.
fn end(written: Result<(), Error>, stop: Stop) -> End {
    match (written, stop) {
        (Err(error), _) => End::Failed(error),
        (Ok(()), Stop::Fault { fault, range, outcome }) => End::Fault { fault, range, outcome },
        (Ok(()), Stop::Crowded) => End::Failed(Error::Crowded),
        (Ok(()), Stop::Cancelled) => End::Stopped,
        (Ok(()), Stop::Limit(limit)) => End::Limit(limit),
        (Ok(()), Stop::Done | Stop::SinkClosed) => End::Done,
    }
}

/// The numbers of the strategy. An image file that is `of_no_disc` that anybody knows of is read in commands as long
/// as it takes; else it is asked as a drive would be.
fn params(kind: Media, unit: u64, facts: &Facts, is_drive: bool, of_no_disc: bool) -> Params {
    let params = Params::preset(kind).with_unit(unit);
    if is_drive {
        params.for_source(facts.max_sectors)
    } else if of_no_disc {
        params.for_source(facts.max_sectors).with_long_commands()
    } else {
        params.for_source(facts.max_sectors.min(DISC_SECTORS))
    }
}

/// Filled buffers between reader and writer, and the time limit of one read.
fn pace(task: Task) -> (usize, Duration) {
    match task {
        Task::Sweep { .. } => (DEPTH_SWEEP, SWEEP_LIMIT),
        Task::Patch { .. } => (DEPTH_PATCH, PATCH_LIMIT),
    }
}

/// One slot being filled, one being written, the rest in the channel.
fn slots(depth: usize, sectors: u64) -> (Sender<Slot>, Receiver<Slot>) {
    let bytes = usize::try_from(sectors).unwrap_or(usize::MAX).saturating_mul(SECTOR_SIZE);
    let pool = Pool::new(depth + 2, bytes);
    let (give_back, empty) = crossbeam_channel::bounded(depth + 2);
    while let Some(buffer) = pool.try_take() {
        // The channel has room for just these.
        let _ = give_back.try_send(Slot::new(buffer));
    }
    (give_back, empty)
}

/// Tells how far the run is.
struct Watcher<'a> {
    progress: &'a Mutex<Progress>,
    events: &'a dyn Events,
    cancel: &'a Cancel,
    /// The phase that was told last.
    shown: String,
    /// Somebody was told that it stops.
    stopping: bool,
}

impl Watcher<'_> {
    fn look(&mut self) {
        if self.cancel.is_raised() && !self.stopping {
            self.stopping = true;
            let notice = "Stopping as soon as the read under way has ended. A second signal stops at once.";
            self.events.event(Event::Notice(notice.into()));
        }
        let Ok(now) = self.progress.lock().map(|p| p.clone()) else { return };
        if now.phase.is_empty() {
            return;
        }
        if self.shown != now.phase {
            self.shown.clone_from(&now.phase);
            self.events.event(Event::Phase(now.phase.clone()));
        }
        self.events.event(Event::Progress(now));
    }
}
