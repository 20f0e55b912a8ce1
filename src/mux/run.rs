//! Muxes a planned title: reader, demultiplexer and writer, a thread each.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::MuxError;
use super::film::assemble::{Film, Finished};
use super::film::feed::Feed;
use super::film::output::Output;
use super::input::reader::{self, Message};
use super::input::walk::ALIGNED;
use super::plan::{Plan, kind_name, probe};
use super::report::{OutputReport, TrackReport};
use crate::base::cancel::Cancel;
use crate::base::clock::Clock;
use crate::base::event::{Event, Events, Progress};
use crate::base::set::SectorSet;
use crate::fs::{File, FileSystem};
use crate::pipeline::buffers::Pool;

/// Bytes read at a time.
const BLOCK: u64 = 1024 * ALIGNED;
/// Buffers that go round: one being read into, one waiting, one being taken apart.
const BUFFERS: usize = 3;
/// Clusters on their way to the writer.
const CLUSTERS: usize = 2;
/// Progress is told so often.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// How a plan is carried out.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// Sectors that the source is known to lack.
    pub missing: &'a SectorSet,
    /// Whether an existing output is overwritten.
    pub force: bool,
    /// Bytes read at a time; rounded up to a multiple of 6144. The file does not depend on it.
    pub block_bytes: u64,
}

impl<'a> Settings<'a> {
    /// The usual ones.
    #[must_use]
    pub fn new(missing: &'a SectorSet) -> Self {
        Self { missing, force: false, block_bytes: BLOCK }
    }
}

/// Writes the title to `output`. Until it is whole, the file is called `output` with `.part` added; on an error
/// and on the wish to stop, nothing is left.
///
/// # Errors
/// [`MuxError`]. Damage of the source is none: it is told in the report.
pub fn run(
    fs: &dyn FileSystem,
    plan: &Plan,
    output: &Path,
    settings: &Settings<'_>,
    events: &dyn Events,
    cancel: &Cancel,
    clock: &Arc<dyn Clock>,
) -> Result<OutputReport, MuxError> {
    let file = Output::create(output, settings.force, Arc::clone(clock))?;
    events.event(Event::Phase("mux".to_owned()));
    let mut teller = Teller::new(events, &**clock, plan.bytes);
    // Dropping its end of a channel is how a thread is told to leave.
    let leave = Cancel::new();
    let (finished, written) = thread::scope(|scope| {
        let (to_main, messages) = bounded(1);
        let (to_writer, clusters) = bounded(CLUSTERS);
        let (free, spares) = bounded(CLUSTERS + 2);
        let pool = Pool::new(BUFFERS, settings.block_bytes.max(1).next_multiple_of(ALIGNED) as usize);
        let leave = &leave;
        let parts = &plan.title.parts;
        let writing = thread::Builder::new()
            .spawn_scoped(scope, move || write(file, &clusters, &free))
            .map_err(MuxError::Threads)?;
        let reading = thread::Builder::new()
            .spawn_scoped(scope, move || reader::read(fs, parts, settings.missing, &pool, &to_main, leave))
            .map_err(MuxError::Threads)?;
        let finished = assemble(plan, messages, to_writer, spares, cancel, &mut teller);
        leave.raise();
        let read = reading.join();
        let written = writing.join().map_err(|_| MuxError::ThreadDied)?;
        // Of two failures the writer's is the cause: the film only saw that it left.
        let file = written?;
        let finished = finished?;
        read.map_err(|_| MuxError::ThreadDied)?;
        Ok::<_, MuxError>((finished, file))
    })?;
    if cancel.is_raised() {
        return Err(MuxError::Stopped);
    }
    complete(plan, output, finished, written)
}

/// Writes clusters one behind the other as they come; gives the file back when no more do, and its length.
fn write(mut file: Output, clusters: &Receiver<Vec<u8>>, free: &Sender<Vec<u8>>) -> Result<(Output, u64), MuxError> {
    let mut position = 0;
    for cluster in clusters {
        file.write_at(position, &cluster)?;
        position += cluster.len() as u64;
        // When there is no room for it nobody needs it.
        let _ = free.try_send(cluster);
    }
    Ok((file, position))
}

/// Takes the parts apart and builds the film.
fn assemble(
    plan: &Plan,
    messages: Receiver<Message>,
    to_writer: Sender<Vec<u8>>,
    spares: Receiver<Vec<u8>>,
    cancel: &Cancel,
    teller: &mut Teller<'_>,
) -> Result<Finished, MuxError> {
    let mut film = Film::new(plan.segment(), to_writer, spares)?;
    let mut next = messages.recv().ok();
    while let Some(message) = next {
        let Message::Part(number, file) = message else { return Err(MuxError::ThreadDied) };
        next = take_part(plan, number, file, &mut film, &messages, cancel, teller)?;
    }
    film.finish()
}

/// One part; gives the message behind it.
fn take_part(
    plan: &Plan,
    number: usize,
    file: File,
    film: &mut Film,
    messages: &Receiver<Message>,
    cancel: &Cancel,
    teller: &mut Teller<'_>,
) -> Result<Option<Message>, MuxError> {
    let Some(part) = plan.title.parts.get(number) else { return Err(MuxError::ThreadDied) };
    let mut end = part.bytes.as_ref().map_or(0, |b| b.start);
    let mut read = 0;
    let mut feed = Feed::new(film, part, file, plan, &plan.wanted(number), number == 0);
    let behind = loop {
        if cancel.is_raised() {
            return Err(MuxError::Stopped);
        }
        match messages.recv() {
            Ok(Message::Bytes { offset, inside, buffer }) => {
                let bytes = buffer.get(inside).unwrap_or_default();
                end = offset + bytes.len() as u64;
                read += bytes.len() as u64;
                feed.bytes(offset, bytes);
                teller.read(bytes.len() as u64);
            }
            Ok(Message::Hole(range)) => {
                end = range.end;
                teller.missing(range.end - range.start);
                feed.hole(range);
            }
            Ok(Message::Failed(e)) => return Err(e),
            Ok(part @ Message::Part(..)) => break Some(part),
            Err(_) => break None,
        }
        feed.check()?;
    };
    if probe::is_scrambled(feed.finish(end), read) {
        return Err(MuxError::Scrambled { path: part.path.clone(), evidence: probe::MARKED.to_owned() });
    }
    film.check()?;
    Ok(behind)
}

/// Writes what the end brought, makes the file durable and says what it holds.
fn complete(
    plan: &Plan,
    output: &Path,
    finished: Finished,
    (mut file, position): (Output, u64),
) -> Result<OutputReport, MuxError> {
    let Finished { ending, mut patches, losses, forced } = finished;
    file.write_at(position, &ending.tail)?;
    patches.sort_unstable_by_key(|p| p.position);
    for patch in patches {
        file.write_at(patch.position, &patch.bytes)?;
    }
    file.write_at(0, &ending.head)?;
    file.finish()?;
    let mut tracks = Vec::new();
    for ((track, counted), forced) in plan.tracks.iter().zip(&ending.summary.tracks).zip(forced) {
        tracks.push(TrackReport {
            number: tracks.len() + 1,
            codec: track.codec.name(),
            language: track.entry.language.clone(),
            kind: kind_name(track.kind),
            frames: counted.frames,
            bytes: counted.bytes,
            default: track.entry.flags.default,
            forced,
        });
    }
    Ok(OutputReport {
        path: output.to_string_lossy().into_owned(),
        title: plan.title.id.clone(),
        duration_seconds: ending.summary.duration.seconds(),
        bytes: ending.summary.bytes,
        tracks,
        chapters: plan.chapters.len(),
        losses,
    })
}

/// Tells how far the run is, not too often.
struct Teller<'a> {
    events: &'a dyn Events,
    clock: &'a dyn Clock,
    start: Duration,
    told: Duration,
    progress: Progress,
}

impl<'a> Teller<'a> {
    fn new(events: &'a dyn Events, clock: &'a dyn Clock, total_bytes: u64) -> Self {
        let start = clock.now();
        let progress = Progress { phase: "mux".to_owned(), total_bytes, ..Progress::default() };
        Self { events, clock, start, told: start, progress }
    }

    fn read(&mut self, bytes: u64) {
        self.progress.rescued_bytes += bytes;
        self.tell(bytes);
    }

    fn missing(&mut self, bytes: u64) {
        self.progress.missing_bytes += bytes;
        self.progress.errors += 1;
        self.tell(bytes);
    }

    fn tell(&mut self, bytes: u64) {
        let progress = &mut self.progress;
        progress.position_bytes += bytes;
        let now = self.clock.now();
        let is_end = progress.position_bytes >= progress.total_bytes;
        if now.saturating_sub(self.told) < TELL_EVERY && !is_end {
            return;
        }
        self.told = now;
        let spent = now.saturating_sub(self.start).as_secs_f64();
        if spent > 0.0 {
            let speed = progress.position_bytes as f64 / spent;
            let left = progress.total_bytes.saturating_sub(progress.position_bytes) as f64;
            progress.bytes_per_second = whole(speed);
            progress.seconds_left = (speed > 0.0).then(|| whole(left / speed));
        }
        self.events.event(Event::Progress(progress.clone()));
    }
}

/// A number that is not negative as a whole one.
#[allow(clippy::cast_sign_loss)]
fn whole(number: f64) -> u64 {
    number as u64
}
