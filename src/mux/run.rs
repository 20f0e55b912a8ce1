//! Muxes a planned title: reader, demultiplexer and writer, a thread each.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::MuxError;
use super::film::assemble::{Film, Finished};
use super::film::feed::Feed;
use super::film::output::{self, FilmFile};
use super::input::reader::{self, Message, Opening};
use super::input::scout::NewClock;
use super::input::walk::unit;
use super::plan::{Plan, kind_name, probe};
use super::report::{OutputReport, TrackReport};
use crate::base::cancel::Cancel;
use crate::base::clock::Clock;
use crate::base::event::{Event, Events, Progress};
use crate::base::set::SectorSet;
use crate::base::time::Ticks90;
use crate::fs::{File, FileSystem};
use crate::matroska::builder::Builder;
use crate::pipeline::buffers::Pool;
use crate::title::clock::PartClock;
use crate::title::model::Part;

/// Bytes read at a time.
const BLOCK: u64 = 6 << 20;
/// Buffers that go round: one being read into, one waiting, one being taken apart.
const BUFFERS: usize = 3;
/// Clusters on their way to the writer.
const CLUSTERS: usize = 2;
/// Time between two reports of progress.
const REPORT_EVERY: Duration = Duration::from_millis(100);

/// How a plan is carried out.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// Sectors that the source is known to lack.
    pub missing: &'a SectorSet,
    /// Whether an existing output is overwritten.
    pub force: bool,
    /// Bytes read at a time; rounded up to whole sectors and packets. The file does not depend on it.
    pub block_bytes: u64,
}

impl<'a> Settings<'a> {
    /// The usual ones.
    #[must_use]
    pub fn new(missing: &'a SectorSet) -> Self {
        Self { missing, force: false, block_bytes: BLOCK }
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
        let (to_main, messages) = bounded(1);
        let (to_writer, clusters) = bounded(CLUSTERS);
        let (free, spares) = bounded(CLUSTERS + 2);
        let units = plan.title.parts.iter().map(|part| unit(part.packets));
        let block = settings.block_bytes.max(1).next_multiple_of(units.max().unwrap_or(1));
        let pool = Pool::new(BUFFERS, usize::try_from(block).unwrap_or(usize::MAX));
        let leave = &leave;
        let parts = plan.parts_to_read();
        let writing = thread::Builder::new()
            .spawn_scoped(scope, move || write(file, &clusters, &free))
            .map_err(MuxError::Threads)?;
        let reading = thread::Builder::new()
            .spawn_scoped(scope, move || reader::read(fs, &parts, settings.missing, &pool, &to_main, events, leave))
            .map_err(MuxError::Threads)?;
        let finished = assemble(plan, builder, &messages, to_writer, spares, cancel, &mut progress);
        drop(messages);
        leave.raise();
        let read = reading.join();
        let written = writing.join().map_err(|_| MuxError::Panicked("writes"))?;
        // Of two failures the writer's is the cause: the film only saw that it left.
        let file = written?;
        let finished = finished?;
        read.map_err(|_| MuxError::Panicked("reads"))?;
        Ok::<_, MuxError>((finished, file))
    })?;
    if cancel.is_raised() {
        return Err(MuxError::Stopped);
    }
    complete(plan, output, finished, written)
}

fn builder(plan: &Plan, in_order: bool) -> Result<Builder, MuxError> {
    Ok(if in_order {
        Builder::in_order(plan.segment(), Some(plan.title.duration().nanoseconds()))?
    } else {
        Builder::new(plan.segment())?
    })
}

/// Writes clusters one behind the other as they come; gives the file back when no more do, and its length.
fn write(
    mut file: FilmFile,
    clusters: &Receiver<Vec<u8>>,
    free: &Sender<Vec<u8>>,
) -> Result<(FilmFile, u64), MuxError> {
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
    builder: Builder,
    messages: &Receiver<Message>,
    to_writer: Sender<Vec<u8>>,
    spares: Receiver<Vec<u8>>,
    cancel: &Cancel,
    progress: &mut ProgressReport<'_>,
) -> Result<Finished, MuxError> {
    let mut film = Film::new(builder, to_writer, spares)?;
    let mut under_way: Option<PartUnderWay> = None;
    loop {
        if cancel.is_raised() {
            return Err(MuxError::Stopped);
        }
        match messages.recv() {
            Ok(Message::Piece { part, opening }) => {
                under_way = Some(match under_way.take() {
                    Some(same) if same.number == part => same.next_piece(&mut film, opening),
                    before => {
                        before.map_or(Ok(()), |before| before.finish(plan, &mut film))?;
                        PartUnderWay::begin(plan, &mut film, part, opening)?
                    }
                });
            }
            Ok(Message::Failed(e)) => return Err(e),
            Ok(bytes) => {
                let part = under_way.take().ok_or(NO_PART)?;
                under_way = Some(part.take(bytes, plan, &mut film, progress)?);
            }
            Err(_) => break,
        }
        film.check()?;
    }
    under_way.map_or(Ok(()), |last| last.finish(plan, &mut film))?;
    film.finish()
}

const NO_PART: MuxError = MuxError::Mistake("bytes came without the part that they belong to");

/// The part whose bytes come.
struct PartUnderWay {
    number: usize,
    feed: Feed,
    file: File,
    /// Behind the last byte that came.
    end: u64,
    /// Bytes that came.
    read: u64,
}

impl PartUnderWay {
    fn begin(plan: &Plan, film: &mut Film, number: usize, opening: Opening) -> Result<Self, MuxError> {
        let part = plan.title.parts.get(number).ok_or(NO_PART)?;
        let (file, end) = (opening.file.clone(), opening.start);
        let feed = Feed::new(film, part, opening, &plan.wanted(number), number == 0);
        Ok(Self { number, feed, file, end, read: 0 })
    }

    /// The same part on another clock, which begins where the film has come to.
    fn next_clock(self, plan: &Plan, film: &mut Film, clock: NewClock) -> Result<Self, MuxError> {
        let Self { number, file, .. } = &self;
        let (number, file) = (*number, file.clone());
        self.finish(plan, film)?;
        let part = plan.title.parts.get(number).ok_or(NO_PART)?;
        let clock_of_part = PartClock::open(clock.start, Ticks90::ZERO, film.played());
        let part = Part { clock: clock_of_part, ..part.clone() };
        let opening = Opening { file: file.clone(), start: clock.at, owner: None };
        let feed = Feed::new(film, &part, opening, &plan.wanted(number), false);
        Ok(Self { number, feed, file, end: clock.at, read: 0 })
    }

    fn next_piece(mut self, film: &mut Film, opening: Opening) -> Self {
        let (file, end) = (opening.file.clone(), opening.start);
        self.feed.next_piece(film, self.end, opening);
        Self { end, file, ..self }
    }

    /// Bytes, or a hole.
    fn take(
        mut self,
        message: Message,
        plan: &Plan,
        film: &mut Film,
        progress: &mut ProgressReport<'_>,
    ) -> Result<Self, MuxError> {
        match message {
            Message::Bytes { offset, inside, buffer, signs } => {
                let mut bytes = buffer.get(inside).unwrap_or_default();
                let mut offset = offset;
                progress.read(bytes.len() as u64);
                self.feed.distrust(&signs.wrong);
                for clock in signs.clocks {
                    let before = usize::try_from(clock.at.saturating_sub(offset)).unwrap_or(usize::MAX);
                    let (old, new) = bytes.split_at(before.min(bytes.len()));
                    self.push(film, offset, old);
                    self = self.next_clock(plan, film, clock)?;
                    self.feed.distrust(&signs.wrong);
                    offset += old.len() as u64;
                    bytes = new;
                }
                self.push(film, offset, bytes);
            }
            Message::Hole(range) => {
                self.end = range.end;
                progress.missing(range.end - range.start);
                self.feed.hole(film, range);
            }
            Message::Piece { .. } | Message::Failed(_) => {}
        }
        Ok(self)
    }

    fn push(&mut self, film: &mut Film, offset: u64, bytes: &[u8]) {
        self.end = offset + bytes.len() as u64;
        self.read += bytes.len() as u64;
        self.feed.bytes(film, offset, bytes);
    }

    fn finish(self, plan: &Plan, film: &mut Film) -> Result<(), MuxError> {
        let part = plan.title.parts.get(self.number).ok_or(NO_PART)?;
        let scrambled = self.feed.finish(film, self.end);
        if probe::is_scrambled(scrambled, self.read, part.packets.stride()) {
            return Err(MuxError::Scrambled { path: part.path().to_owned(), evidence: probe::MARKED.to_owned() });
        }
        film.check()
    }
}

/// Writes what the end brought, makes the file durable and says what it holds.
fn complete(
    plan: &Plan,
    output: &Path,
    finished: Finished,
    (mut file, position): (FilmFile, u64),
) -> Result<OutputReport, MuxError> {
    let Finished { ending, mut patches, losses, forced } = finished;
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

/// Reports how far the run is, not too often.
struct ProgressReport<'a> {
    events: &'a dyn Events,
    clock: &'a dyn Clock,
    start: Duration,
    reported: Duration,
    progress: Progress,
}

impl<'a> ProgressReport<'a> {
    fn new(events: &'a dyn Events, clock: &'a dyn Clock, total_bytes: u64) -> Self {
        let start = clock.now();
        let progress = Progress { phase: "mux".to_owned(), total_bytes, ..Progress::default() };
        Self { events, clock, start, reported: start, progress }
    }

    fn read(&mut self, bytes: u64) {
        self.progress.rescued_bytes += bytes;
        self.report(bytes);
    }

    fn missing(&mut self, bytes: u64) {
        self.progress.missing_bytes += bytes;
        self.progress.errors += 1;
        self.report(bytes);
    }

    fn report(&mut self, bytes: u64) {
        let progress = &mut self.progress;
        progress.position_bytes += bytes;
        let now = self.clock.now();
        let is_end = progress.position_bytes >= progress.total_bytes;
        if now.saturating_sub(self.reported) < REPORT_EVERY && !is_end {
            return;
        }
        self.reported = now;
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
