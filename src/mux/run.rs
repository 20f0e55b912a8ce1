//! Muxes a planned title: reader, demultiplexer and writer, a thread each.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::MuxError;
use super::causes::Known;
use super::film::assemble::Finished;
use super::film::output::{self, FilmFile};
use super::gathered::Gathered;
use super::input::reader;
use super::input::walk::unit;
use super::paths::{self, Input};
use super::plan::Plan;
use super::plan::summary::kind_name;
use super::progress::ProgressReport;
use super::report::{Loss, OutputReport, TrackReport};
use crate::base::cancel::Cancel;
use crate::base::clock::Clock;
use crate::base::event::{Event, Events};
use crate::base::sector::set::SectorSet;
use crate::fs::FileSystem;
use crate::matroska::builder::Builder;
use crate::matroska::element::cluster::Cluster;
use crate::pipeline::buffers::Pool;
use crate::title::model::Part;

/// Bytes read at a time.
const BLOCK: u64 = 1 << 20;
/// Bytes read at a time of a sub-path.
const BLOCK_BESIDE: u64 = 256 << 10;
/// Buffers that go round: one being read into, one waiting, one being taken apart.
const BUFFERS: usize = 3;
/// Clusters on their way to the writer.
const CLUSTERS: usize = 2;
/// How a plan is carried out.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// Sectors that the source is known to lack.
    pub missing: &'a SectorSet,
    /// Those of them that were tried in vain; the others nobody has read. `None`: all were tried.
    pub failed: Option<&'a SectorSet>,
    /// The sector behind the last one that the source has, where it may end before the disc does.
    pub end: Option<u64>,
    /// Whether an existing output is overwritten.
    pub force: bool,
    /// Bytes read at a time; rounded up to whole sectors and packets. The file does not depend on it.
    pub block_bytes: u64,
}

impl<'a> Settings<'a> {
    /// The usual ones.
    #[must_use]
    pub fn new(missing: &'a SectorSet) -> Self {
        Self { missing, failed: None, end: None, force: false, block_bytes: BLOCK }
    }
}

/// Whether the file for a film may be begun, as far as can be told without beginning it.
///
/// # Errors
/// [`MuxError`]: it is there already and `force` is not set, or it can be no film.
pub fn judge_output(output: &Path, force: bool) -> Result<(), MuxError> {
    output::judge(output, force)
}

/// Writes the title to `output`. Until it is whole, the file is called `output` with `.part` added; on an error
/// and on a request to stop, nothing is left. The name of a descriptor that is open already, such as `/dev/stdout`, gets
/// the film in order, without an index.
///
/// # Errors
/// [`MuxError`]. Damage of the source is none: it stands in the report.
pub fn run(
    fs: &dyn FileSystem,
    plan: &Plan,
    output: &Path,
    settings: &Settings<'_>,
    events: &dyn Events,
    cancel: &Cancel,
    clock: &Arc<dyn Clock>,
) -> Result<OutputReport, MuxError> {
    let file = FilmFile::create(output, settings.force, Arc::clone(clock))?;
    let builder = builder(plan, file.is_in_order())?;
    events.event(Event::Phase("mux".to_owned()));
    let mut progress = ProgressReport::new(events, &**clock, plan.bytes);
    // A thread leaves when the other end of its channel is dropped.
    let leave = Cancel::new();
    let (finished, written) = thread::scope(|scope| {
        let (to_writer, clusters) = bounded(CLUSTERS);
        let (free, spares) = bounded(CLUSTERS + 2);
        let leave = &leave;
        let writing = thread::Builder::new()
            .spawn_scoped(scope, move || write(file, &clusters, &free))
            .map_err(MuxError::Threads)?;
        let (mut inputs, mut reading) = (Vec::new(), Vec::new());
        for path in plan.paths() {
            let (to_main, messages) = bounded(1);
            let pool = pool(path.parts, if path.number == 0 { settings.block_bytes } else { BLOCK_BESIDE });
            let parts = plan.parts_to_read(path);
            let read = move || reader::read(fs, &parts, settings.missing, &pool, &to_main, events, leave);
            let thread = thread::Builder::new().spawn_scoped(scope, read);
            if thread.is_err() {
                leave.raise();
            }
            reading.push(thread.map_err(MuxError::Threads)?);
            inputs.push(Input::new(plan, path, messages));
        }
        let finished = paths::assemble(plan, builder, inputs, (to_writer, spares), cancel, &mut progress);
        leave.raise();
        let read: Vec<_> = reading.into_iter().map(thread::ScopedJoinHandle::join).collect();
        let written = writing.join().map_err(|_| MuxError::Panicked("writes"))?;
        // Of two failures the writer's is the cause: the film only saw that it left.
        let file = written?;
        let finished = finished?;
        if read.iter().any(Result::is_err) {
            return Err(MuxError::Panicked("reads"));
        }
        Ok::<_, MuxError>((finished, file))
    })?;
    if cancel.is_raised() {
        return Err(MuxError::Stopped);
    }
    let mut report = complete(plan, output, finished, written)?;
    let known = Known { missing: settings.missing, failed: settings.failed, end: settings.end };
    report.tell_causes(|sectors| known.sorts(sectors));
    Ok(report)
}

/// Buffers for the parts of a path, of about `bytes`: whole sectors and packets.
fn pool(parts: &[Part], bytes: u64) -> Pool {
    let units = parts.iter().map(|part| unit(part.packets));
    let block = bytes.max(1).next_multiple_of(units.max().unwrap_or(1));
    Pool::new(BUFFERS, usize::try_from(block).unwrap_or(usize::MAX))
}

fn builder(plan: &Plan, in_order: bool) -> Result<Builder, MuxError> {
    Ok(if in_order {
        Builder::in_order(plan.segment(), Some(plan.title.duration().nanoseconds()))?
    } else {
        Builder::new(plan.segment())?
    })
}

/// Writes clusters one behind the other as they come; gives the file back when no more do, and its length.
fn write(file: FilmFile, clusters: &Receiver<Cluster>, free: &Sender<Cluster>) -> Result<(FilmFile, u64), MuxError> {
    let mut file = Gathered::new(file);
    for mut cluster in clusters {
        cluster.slices().try_for_each(|slice| file.write(slice))?;
        if file.is_in_order() {
            // Who reads at the other end need not wait.
            file.flush()?;
        }
        cluster.clear();
        // When there is no room for it nobody needs it.
        let _ = free.try_send(cluster);
    }
    file.finish()
}

/// Writes what the end brought, makes the file durable and says what it holds.
fn complete(
    plan: &Plan,
    output: &Path,
    (finished, came): (Finished, HashSet<usize>),
    (mut file, position): (FilmFile, u64),
) -> Result<OutputReport, MuxError> {
    let Finished { ending, mut patches, losses, forced, omitted, has_hole } = finished;
    if ending.summary.tracks.iter().all(|track| track.frames == 0) {
        return Err(MuxError::Nothing { title: plan.title.id.clone() });
    }
    file.write_at(position, &ending.tail)?;
    if !file.is_in_order() {
        patches.sort_unstable_by_key(|p| p.position);
        for patch in patches {
            file.write_at(patch.position, &patch.bytes)?;
        }
        file.write_at(0, &ending.head)?;
    }
    file.finish()?;
    let mut tracks = Vec::new();
    let planned = plan.tracks.iter().zip(&ending.summary.tracks).zip(forced).zip(&omitted);
    for (number, (((track, counted), forced), _)) in (1..).zip(planned).filter(|(_, (_, omitted))| !**omitted) {
        tracks.push(TrackReport {
            number,
            codec: track.codec.name(),
            language: track.entry.language.clone(),
            kind: kind_name(track.kind),
            frames: counted.frames,
            bytes: counted.bytes,
            default: track.entry.flags.default,
            forced,
        });
    }
    let losses = losses.into_iter().filter(|loss| !is_of_nobody(plan, &omitted, loss));
    let (undecodable, losses) = losses.partition(Loss::is_of_disc);
    Ok(OutputReport {
        path: output.to_string_lossy().into_owned(),
        title: plan.title.id.clone(),
        duration_seconds: ending.summary.duration.seconds(),
        bytes: ending.summary.bytes,
        tracks,
        left_out: plan.lacking(&came, ending.summary.tracks.iter().map(|track| track.frames)),
        chapters: plan.chapters.len(),
        losses,
        undecodable,
        has_hole,
    })
}

/// Whether a loss is of captions that the title turned out not to have. What is missing of the pictures that they would lie in
/// is told of these.
fn is_of_nobody(plan: &Plan, omitted: &[bool], loss: &Loss) -> bool {
    let place = loss.track.checked_sub(1);
    let track = place.and_then(|place| plan.tracks.get(place).zip(omitted.get(place)));
    track.is_some_and(|(track, omitted)| *omitted && track.is_captions)
}
