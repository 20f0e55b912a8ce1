//! One sweep or patch from beginning to end.

use std::path::PathBuf;
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
use crate::image::WriteChoice;
use crate::pipeline::{self, buffers::Pool};
use crate::recovery::{Limits, Params, Patch, Strategy, Sweep};
use crate::source::SectorSource;

use super::error::Error;
use super::prepare::{Prepared, kind_by_size, prepare};
use super::reader::{Reader, Slot, Stop};
use super::stored::Stored;
use super::summary::Report;
use super::writer::Writer;

/// What is to be done with the disc.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Task {
    /// One fast pass over what was never tried.
    Sweep {
        /// Move what is there aside and begin anew.
        restart: bool,
    },
    /// Everything that is missing.
    Patch {
        /// Retries of each failed unit.
        passes: u32,
        /// What is still missing at the end becomes `-`.
        finish: bool,
        /// Go on in cores that the stop rule would leave.
        thorough: bool,
    },
}

impl Task {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sweep { .. } => "sweep",
            Self::Patch { .. } => "patch",
        }
    }
}

/// A sweep or a patch as a person asks for it.
#[derive(Clone, PartialEq, Debug)]
pub struct Job {
    /// What.
    pub task: Task,
    /// The image.
    pub image: PathBuf,
    /// Its map; by default the image's name with `.map` added.
    pub map: Option<PathBuf>,
    /// Go on where it would be refused.
    pub force: bool,
    /// The kind of disc, when the person says it.
    pub media: Option<Media>,
    /// The ECC unit in sectors, when the person says it.
    pub unit: Option<u64>,
    /// Only these sectors; all when empty.
    pub only: SectorSet,
    /// Not these.
    pub skip: SectorSet,
    /// Drive time that may be spent, reads and pauses.
    pub budget: Option<Duration>,
    /// How the image is written.
    pub write: WriteChoice,
    /// For the map's head.
    pub command_line: Option<String>,
}

/// How a run ended, when nothing of ours failed.
#[derive(Debug)]
pub enum End {
    /// Nothing left to do in this task.
    Done,
    /// Somebody asked to stop; everything is saved.
    Stopped,
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

/// Time limit of one read: longer than any drive's own retries, since aborting one resets the bus.
const SWEEP_LIMIT: Duration = Duration::from_secs(30);
const PATCH_LIMIT: Duration = Duration::from_secs(60);

/// Reads `source` into the image of `job`.
///
/// # Errors
/// The run did not begin: see [`Error`]. What ends a run later is in the returned [`End`].
pub fn run(
    job: &Job,
    source: &mut dyn SectorSource,
    cancel: &Cancel,
    events: &dyn Events,
) -> Result<(Report, End), Error> {
    let clock = SystemClock::new();
    let Prepared { image, stored, map_path, line, domain, data, media, unit } = prepare(job, source, cancel, events)?;
    let facts = source.facts().clone();
    let kind = media.unwrap_or_else(|| kind_by_size(facts.size_bytes));
    let params = Params::preset(kind).with_unit(unit).for_source(facts.max_sectors, facts.is_drive);
    let map = stored.map().clone();
    let mut strategy: Box<dyn Strategy> = match job.task {
        Task::Sweep { .. } => Box::new(Sweep::new(map, params, line, &domain)),
        Task::Patch { passes, thorough, .. } => {
            let limits = Limits { passes, thorough, budget: job.budget };
            Box::new(Patch::new(map, params, line, &domain, limits))
        }
    };
    let finish = matches!(job.task, Task::Patch { finish: true, .. }).then(|| domain.clone());
    let progress = Mutex::new(Progress { total_bytes: facts.size_bytes, ..Progress::default() });
    let (depth, time_limit) = pace(job.task);
    let (give_back, empty) = slots(depth, facts.max_sectors);
    let writer = Writer::new(image, facts.size_bytes, stored, give_back);
    let reader = Reader {
        source,
        strategy: strategy.as_mut(),
        empty,
        cancel,
        progress: &progress,
        time_limit,
        finish,
        budget: job.budget,
    };
    let mut watcher = Watcher { progress: &progress, events, cancel, shown: String::new(), stopping: false };
    let ((stop, tally), written) =
        pipeline::run(depth, WATCH, |feeder| reader.run(feeder), |filled| writer.run(filled), || watcher.look());
    watcher.stopping = true;
    watcher.look();
    let map = written.stored.as_ref().map_or_else(|| strategy.map(), Stored::map);
    let mut report = Report::new(map, strategy.blank(), &data, &domain);
    report.command = job.task.name();
    report.source = facts.name;
    report.image.clone_from(&job.image);
    report.map = map_path;
    report.media = media;
    report.unit_sectors = unit;
    report.read_commands = tally.commands;
    report.failed_reads = tally.failed;
    report.seconds = clock.now().as_secs_f64();
    report.drive_seconds = tally.seconds;
    report.bytes_per_second = tally.speed();
    report.write_strategy = written.strategy;
    report.degraded = written.degraded;
    report.protected = matches!(stop, Stop::Fault { fault: Fault::Protected, .. });
    Ok((report, end(written.result, stop)))
}

/// What came first counts: a writer that failed is why its reader stopped.
fn end(written: Result<(), Error>, stop: Stop) -> End {
    match (written, stop) {
        (Err(error), _) => End::Failed(error),
        (Ok(()), Stop::Fault { fault, range, outcome }) => End::Fault { fault, range, outcome },
        (Ok(()), Stop::Cancelled) => End::Stopped,
        (Ok(()), Stop::Done | Stop::SinkClosed) => End::Done,
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
    /// The wish to stop was answered.
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
