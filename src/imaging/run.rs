//! One sweep or patch from beginning to end.

use std::sync::Mutex;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};

use crate::base::cancel::Cancel;
use crate::base::clock::{Clock, SystemClock};
use crate::base::event::{Events, Progress};
use crate::base::media::Media;
use crate::base::sector::set::SectorSet;
use crate::base::sector::{SECTOR_BYTES, SECTOR_SIZE};
use crate::image::OutputKind;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::state::forget_rescued;
use crate::mapfile::status::{Status, StatusLine};
use crate::pipeline::{self, buffers::Pool};
use crate::source::Input;
use crate::source::drive::{DriveSource, Pacing};

use super::drive_settings;
use super::end::{End, end, take_leave, told};
use super::error::Error;
use super::guard::{Asked, Guard, Setup};
use super::job::{Job, Task};
use super::prepare::{Begun, Prepared, prepare};
use super::reading::access::Access;
use super::reading::drive_log::DriveLog;
use super::reading::slot::Slot;
use super::reading::{Finished, Reader, State, Without};
use super::report::{Report, set_aside};
use super::strategies::{Strategies, pace, params};
use super::watcher::Watcher;
use super::writing::stored::Stored;
use super::writing::{Writer, Written};

/// How often the watcher looks.
const WATCH: Duration = Duration::from_millis(100);

/// Slots beside those that wait: one being filled, one being written.
const SPARE: usize = 2;

/// Reads `source` into the image of `job`. The hash that it wants is made afterwards, by [`hash`](super::hash): until
/// then somebody may find out that the image is not complete.
///
/// # Errors
/// The run did not begin: see [`Error`]. What ends a run later is in the returned [`End`].
pub fn run(job: &Job, mut source: Input<'_>, cancel: &Cancel, events: &dyn Events) -> Result<(Report, End), Error> {
    let clock = SystemClock::new();
    if let Some(drive) = source.drive() {
        drive.take_up();
    }
    let mut prepared = prepare(job, &mut source, cancel, events)?;
    // Held to the end: the map is under its lock.
    let map_file = prepared.begun.map_file.take();
    let (domain, data) = (prepared.sectors.domain.clone(), prepared.sectors.data.clone());
    let left_out = prepared.sectors.left_out.clone();
    let (media, unit, size) = (prepared.media, prepared.unit, prepared.sectors.facts.size_bytes);
    let facts = source.sectors().facts().clone();
    let kind = media.unwrap_or_else(|| Media::of_size(facts.sectors));
    let of_no_disc = media.is_none() && job.unit.is_none();
    let params = params(kind, unit, &facts, source.drive().is_some(), of_no_disc);
    let strategies = Strategies::new(job, &domain, params);
    if let Some(drive) = source.drive() {
        ready(drive, job, kind, events);
    }
    let (finished, written) = read_and_write(job, &mut source, prepared, &strategies, cancel, events)?;
    let Finished { stop, tally, strategy, mut blank, tried_again, not_asked_again } = finished;
    let needs_rest = source.drive().and_then(|drive| take_leave(drive, job, (&tally, &stop), &mut blank, events));
    let mut left_out = written.stored.as_ref().map_or(left_out, |stored| stored.left_out().clone());
    left_out.extend(source.sectors().left_out());
    let map = written.stored.as_ref().map_or_else(|| strategy.map(), Stored::map);
    forget_rescued(&mut left_out, map);
    let base = Report {
        map: map_file.is_some().then(|| job.map_name()),
        media,
        unit_sectors: unit,
        times: strategy.times(),
        needs_rest,
        forecast: strategy.forecast(),
        set_aside: written.stored.as_ref().map(|stored| set_aside(stored.asides(), &data)).unwrap_or_default(),
        tried_again,
        not_asked_again,
        ..Report::new(map, left_out, &blank, &data, &domain)
    };
    let base = Report { image_bytes: size, seconds: clock.now().as_secs_f64(), ..base };
    let report = told(base, job, facts, &tally, &written, &stop);
    Ok((report, end(written.result, stop)))
}

/// Sends a drive what is wanted of it and known about it.
fn ready(drive: &mut dyn DriveSource, job: &Job, kind: Media, events: &dyn Events) {
    match job.needs_rest.filter(|_| drive.pacing() == Pacing::Unknown) {
        Some(true) => drive.set_pacing(Pacing::Needed),
        Some(false) => drive.set_pacing(Pacing::NotNeeded),
        None => {}
    }
    drive_settings::send(&job.drive, kind, drive, events);
}

/// Reader and writer side by side, until both have ended.
fn read_and_write(
    job: &Job,
    source: &mut Input<'_>,
    prepared: Prepared,
    strategies: &Strategies<'_>,
    cancel: &Cancel,
    events: &dyn Events,
) -> Result<(Finished, Written), Error> {
    let size_bytes = prepared.sectors.facts.size_bytes;
    let progress = Mutex::new(Progress { total_bytes: size_bytes, ..Progress::default() });
    let (depth, time_limit) = pace(job.task);
    let time_limit = job.drive.timeout.unwrap_or(time_limit);
    let (give_back, empty) = slots(depth, strategies.max_sectors());
    let (passes, finish) = match job.task {
        Task::Sweep { .. } => (0, false),
        Task::Patch { passes, finish, .. } => (passes, finish),
    };
    let make = |map: SectorMap, line: StatusLine, without: Without<'_>| strategies.make(map, line, without);
    let setup = setup(job, &prepared, time_limit, cancel, events);
    let without_data = size_bytes.saturating_sub(prepared.sectors.data.len().saturating_mul(SECTOR_BYTES));
    let Prepared { sectors, unit, begun, .. } = prepared;
    let Begun { image, stored, line, stale, first, .. } = begun;
    let domain = sectors.domain;
    let asides = stored.asides().limited_to(&domain);
    let nothing = Without { left_out: &SectorSet::new(), aside: &asides };
    let reader = Reader {
        clock: source.sectors().clock(),
        access: access(source, setup),
        strategy: make(stored.map().clone(), line, nothing),
        make: &make,
        empty,
        cancel,
        progress: &progress,
        events,
        time_limit,
        limits: job.limits,
        finish: finish.then_some(domain),
        passes,
        without_data,
        unit: unit.max(1),
        first,
        state: State::beside(asides),
    };
    let log = (job.drive_log && image.kind() == OutputKind::File).then(|| DriveLog::new(job.log_name()));
    let writer = Writer::new(image, size_bytes, stored, give_back, stale, log).map_err(Error::Threads)?;
    let writer = if job.hash { writer.hashing() } else { writer };
    let mut watcher = Watcher::new(&progress, events, cancel);
    // Room for every slot: a reader that is to stop never waits to hand one on.
    let ended = pipeline::run(
        depth + SPARE,
        WATCH,
        |feeder| reader.run(feeder),
        |filled| writer.run(filled),
        || watcher.tell(),
    )
    .map_err(Error::Threads)?;
    watcher.end();
    Ok(ended)
}

/// What the guard of a drive is to know.
fn setup<'a>(
    job: &Job,
    prepared: &Prepared,
    time_limit: Duration,
    cancel: &'a Cancel,
    events: &'a dyn Events,
) -> Setup<'a> {
    let failed = |status| !matches!(status, Status::NonTried | Status::Finished);
    Setup {
        events,
        cancel,
        rules: job.guard,
        settings: job.drive,
        unit: prepared.unit,
        known_good: prepared.begun.known_good.clone(),
        failed_before: prepared.begun.stored.map().iter().any(|(_, status)| failed(status)),
        sweeping: matches!(job.task, Task::Sweep { .. }),
        can_go_back: prepared.begun.image.kind() != OutputKind::Stream,
        time_limit,
    }
}

/// A file as it is, a drive behind its guard.
fn access<'a>(source: &'a mut Input<'_>, setup: Setup<'a>) -> Access<'a> {
    match source {
        Input::File(file) => Access::File(&mut **file, Asked::default()),
        Input::Drive(drive) => Access::Drive(Box::new(Guard::new(&mut **drive, setup))),
    }
}

/// One slot being filled, one being written, the rest in the channel.
fn slots(depth: usize, sectors: u64) -> (Sender<Slot>, Receiver<Slot>) {
    let bytes = usize::try_from(sectors).unwrap_or(usize::MAX).saturating_mul(SECTOR_SIZE);
    let pool = Pool::new(depth + SPARE, bytes);
    let (give_back, empty) = crossbeam_channel::bounded(depth + SPARE);
    while let Some(buffer) = pool.try_take() {
        // The channel has room for just these.
        let _ = give_back.try_send(Slot::new(buffer));
    }
    (give_back, empty)
}
