//! The paths of a title, read side by side: each part is taken apart when its turn comes, so that what belongs to one time
//! of the film comes at about one time.

use std::collections::HashSet;
use std::ops::Range;

use crossbeam_channel::{Receiver, Sender};

use super::MuxError;
use super::film::assemble::{Film, Finished};
use super::film::feed::selected::PartStreams;
use super::film::feed::{Ended, Feed};
use super::input::reader::{Message, Opening};
use super::input::scout::{NewClock, Signs};
use super::memory::{UNFINISHED_FRAMES, UNFINISHED_FRAMES_BESIDE};
use super::plan::Plan;
use super::plan::look::scrambled;
use super::plan::paths::Path;
use super::progress::ProgressReport;
use crate::base::cancel::Cancel;
use crate::base::time::Ticks90;
use crate::fs::File;
use crate::matroska::builder::Builder;
use crate::matroska::element::cluster::Cluster;
use crate::pipeline::buffers::Buffer;
use crate::title::clock::PartClock;
use crate::title::model::Part;

/// Bytes that are taken apart at a time where several paths must keep step, about.
const STEP: usize = 192 << 10;
/// The same where pictures need what another path has of them.
const LAYERED_STEP: usize = 64 << 10;
/// How far a path with enhancement layers is ahead of the pictures, ticks of 90 kHz: as long as a step takes to play, of
/// pictures of the poorest kind.
const LEAD: i64 = 2 * Ticks90::SECOND.0;

const NO_PART: MuxError = MuxError::Mistake("bytes came without the part that they belong to");

/// A path of the title under way.
pub(super) struct Input<'a> {
    path: Path<'a>,
    messages: Receiver<Message>,
    part: Option<PartUnderWay>,
    /// Bytes that came and were not taken apart yet.
    waiting: Option<Bytes>,
    /// The part that comes next.
    next: usize,
    is_over: bool,
    /// Pictures of the title need what it has.
    is_layer: bool,
    /// Its pictures need what other paths have.
    needs_layers: bool,
    /// What came instead of more bytes of its part, which is over when the others have come to its end.
    held: Option<Held>,
}

/// What comes behind a part: a message, or nothing any more.
struct Held(Option<Message>);

/// Bytes of a part.
struct Bytes {
    /// Where they lie in the file.
    offset: u64,
    inside: Range<usize>,
    buffer: Buffer,
    /// What their stamps show, as far as it lies in them.
    signs: Signs,
}

/// Takes the parts of all paths apart and builds the film; gives the numbers of the watched streams that came, too.
pub(super) fn assemble(
    plan: &Plan,
    builder: Builder,
    mut inputs: Vec<Input<'_>>,
    (to_writer, spares): (Sender<Cluster>, Receiver<Cluster>),
    cancel: &Cancel,
    progress: &mut ProgressReport<'_>,
) -> Result<(Finished, HashSet<usize>), MuxError> {
    let mut film =
        Film::new(builder, &plan.paths_of_tracks(), &plan.forced_of(), &plan.may_be_omitted(), to_writer, spares)?;
    let mut came = HashSet::new();
    let step = match &inputs[..] {
        [_] => usize::MAX,
        all if all.iter().any(|input| input.is_layer) => LAYERED_STEP,
        _ => STEP,
    };
    for input in inputs.iter().filter(|input| input.path.number > 0) {
        film.wait(input.path.number, input.start().unwrap_or(i64::MIN));
    }
    // The path that is furthest behind goes on.
    while let Some(input) = inputs.iter_mut().filter(|input| !input.is_over).min_by_key(|input| input.time(&film)) {
        if cancel.is_raised() {
            return Err(MuxError::Stopped);
        }
        input.go_on(plan, &mut film, step, &mut came, progress)?;
        film.check()?;
    }
    Ok((film.finish()?, came))
}

impl<'a> Input<'a> {
    /// `path` of `plan`, whose bytes come as `messages`.
    pub(super) fn new(plan: &Plan, path: Path<'a>, messages: Receiver<Message>) -> Self {
        let (is_layer, needs_layers) = (plan.has_layers(path.number), path.number == 0 && plan.needs_layers());
        Self { path, messages, part: None, waiting: None, next: 0, is_over: false, is_layer, needs_layers, held: None }
    }

    /// Where the next part starts on the title's clock.
    fn start(&self) -> Option<i64> {
        self.path.parts.get(self.next).map(|part| part.clock.start().0)
    }

    /// How far it has come; one that should be ahead of the others, how far they may come.
    fn time(&self, film: &Film) -> i64 {
        let time = match &self.part {
            // Paths with layers come to the same end, and tell what they lack up to it, before the part is over.
            Some(part) if self.held.is_some() => part.until.saturating_sub(LEAD - 1),
            Some(part) => film.reached(self.path.number).max(part.start),
            None => self.start().unwrap_or(i64::MAX),
        };
        if self.is_layer { time.saturating_sub(LEAD) } else { time }
    }

    /// Takes about `step` bytes apart, or what comes instead of bytes.
    fn go_on(
        &mut self,
        plan: &Plan,
        film: &mut Film,
        step: usize,
        came: &mut HashSet<usize>,
        progress: &mut ProgressReport<'_>,
    ) -> Result<(), MuxError> {
        if let Some(bytes) = self.waiting.take() {
            return self.take_bytes(plan, film, step, bytes, progress);
        }
        let message = match self.held.take() {
            Some(held) => held.0,
            None => {
                let message = self.messages.recv().ok();
                let is_end = match (&message, &self.part) {
                    (None, Some(_)) => true,
                    (Some(Message::Piece { part, .. }), Some(same)) => *part != same.number,
                    _ => false,
                };
                if self.needs_layers && is_end {
                    self.held = Some(Held(message));
                    return Ok(());
                }
                message
            }
        };
        match message {
            Some(Message::Piece { part, opening }) => match self.part.take() {
                Some(same) if same.number == part => self.part = Some(same.next_piece(film, opening)),
                before => {
                    came.extend(before.map_or(Ok(Vec::new()), |before| before.finish(&self.path, film))?);
                    self.next = part + 1;
                    self.part = Some(PartUnderWay::begin(plan, &self.path, film, part, opening)?);
                }
            },
            Some(Message::Bytes { offset, inside, buffer, signs }) => {
                self.part.as_mut().ok_or(NO_PART)?.feed.distrust(&signs.wrong);
                self.take_bytes(plan, film, step, Bytes { offset, inside, buffer, signs }, progress)?;
            }
            Some(Message::Hole(range)) => {
                progress.missing(range.end - range.start);
                self.part.as_mut().ok_or(NO_PART)?.hole(film, range);
            }
            Some(Message::Failed(e)) => return Err(e),
            None => {
                self.is_over = true;
                came.extend(self.part.take().map_or(Ok(Vec::new()), |last| last.finish(&self.path, film))?);
                film.close_path(self.path.number);
            }
        }
        Ok(())
    }

    /// Takes the first `step` of these bytes apart, and keeps the others.
    fn take_bytes(
        &mut self,
        plan: &Plan,
        film: &mut Film,
        step: usize,
        mut all: Bytes,
        progress: &mut ProgressReport<'_>,
    ) -> Result<(), MuxError> {
        let mut part = self.part.take().ok_or(NO_PART)?;
        let length = all.inside.len().min(part.whole_packets(step));
        let end = all.offset + length as u64;
        progress.read(length as u64);
        while let Some(clock) = all.signs.clocks.first().copied().filter(|clock| clock.at < end) {
            all.signs.clocks.remove(0);
            let offset = all.offset;
            part.bytes(film, offset, all.take(clock.at.saturating_sub(offset)));
            part = part.next_clock(plan, &self.path, film, clock)?;
            part.feed.distrust(&all.signs.wrong);
        }
        let offset = all.offset;
        part.bytes(film, offset, all.take(end.saturating_sub(offset)));
        self.part = Some(part);
        self.waiting = (!all.inside.is_empty()).then_some(all);
        Ok(())
    }
}

impl Bytes {
    /// Takes the first bytes away.
    fn take(&mut self, count: u64) -> &[u8] {
        let count = usize::try_from(count).unwrap_or(usize::MAX).min(self.inside.len());
        let taken = self.inside.start..self.inside.start + count;
        self.inside.start = taken.end;
        self.offset += count as u64;
        self.buffer.get(taken).unwrap_or_default()
    }
}

/// The part whose bytes come.
struct PartUnderWay {
    number: usize,
    /// Where it starts and ends on the title's clock.
    start: i64,
    until: i64,
    feed: Feed,
    file: File,
    /// Bytes from packet to packet.
    stride: u64,
    /// Behind the last byte that came.
    end: u64,
    /// Bytes that came.
    read: u64,
    /// The watched streams that came on the clocks before.
    came: Vec<usize>,
}

impl PartUnderWay {
    fn begin(plan: &Plan, path: &Path<'_>, film: &mut Film, number: usize, opening: Opening) -> Result<Self, MuxError> {
        let part = path.parts.get(number).ok_or(NO_PART)?;
        if path.number > 0 {
            film.wait(path.number, part.clock.start().0);
        }
        let (file, end) = (opening.file.clone(), opening.start);
        let is_last = number + 1 == path.parts.len();
        let feed = Feed::new(film, part, opening, &streams(plan, path, number), number == 0, is_last);
        let stride = part.packets.stride();
        let (start, until) = (part.clock.start().0, part.clock.end().0);
        Ok(Self { number, start, until, feed, file, stride, end, read: 0, came: Vec::new() })
    }

    /// The same part on another clock, which begins where the film has come to.
    fn next_clock(self, plan: &Plan, path: &Path<'_>, film: &mut Film, clock: NewClock) -> Result<Self, MuxError> {
        let (number, stride, file) = (self.number, self.stride, self.file.clone());
        let came = self.finish(path, film)?;
        let part = path.parts.get(number).ok_or(NO_PART)?;
        let clock_of_part = PartClock::open(clock.start, Ticks90::ZERO, film.played());
        let part = Part { clock: clock_of_part, ..part.clone() };
        let opening = Opening { file: file.clone(), start: clock.at, owner: None };
        let feed = Feed::new(film, &part, opening, &streams(plan, path, number), false, false);
        let (start, until) = (film.played().0, i64::MAX);
        Ok(Self { number, start, until, feed, file, stride, end: clock.at, read: 0, came })
    }

    fn next_piece(mut self, film: &mut Film, opening: Opening) -> Self {
        let (file, end) = (opening.file.clone(), opening.start);
        self.feed.next_piece(film, self.end, opening);
        Self { end, file, ..self }
    }

    /// `bytes`, made a multiple of the packet.
    fn whole_packets(&self, bytes: usize) -> usize {
        let stride = usize::try_from(self.stride).unwrap_or(1).max(1);
        (bytes - bytes % stride).max(stride)
    }

    fn bytes(&mut self, film: &mut Film, offset: u64, bytes: &[u8]) {
        self.end = offset + bytes.len() as u64;
        self.read += bytes.len() as u64;
        self.feed.bytes(film, offset, bytes);
    }

    fn hole(&mut self, film: &mut Film, range: Range<u64>) {
        self.end = range.end;
        self.feed.hole(film, range);
    }

    /// Gives the watched streams that came.
    fn finish(self, path: &Path<'_>, film: &mut Film) -> Result<Vec<usize>, MuxError> {
        let Ended { scrambled, came } = self.feed.finish(film, self.end);
        if scrambled::is_scrambled(scrambled, self.read, self.stride) {
            let part = path.parts.get(self.number).ok_or(NO_PART)?;
            return Err(MuxError::Scrambled { path: part.path().to_owned(), evidence: scrambled::MARKED.to_owned() });
        }
        film.check()?;
        Ok(self.came.into_iter().chain(came).collect())
    }
}

/// The streams of a part of a path.
fn streams(plan: &Plan, path: &Path<'_>, number: usize) -> PartStreams {
    let is_main = path.number == 0;
    PartStreams {
        path: path.number,
        part: number,
        wanted: plan.wanted(path.number, number),
        layers: plan.layers(path.number, number),
        watched: plan.watched(path.number, number),
        most_waiting: if is_main { UNFINISHED_FRAMES } else { UNFINISHED_FRAMES_BESIDE },
    }
}
