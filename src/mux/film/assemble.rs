//! Frames of all tracks on the title's clock, put in order and into clusters.

use std::collections::VecDeque;

use crossbeam_channel::{Receiver, Sender};

use super::super::MuxError;
use super::super::memory::{HELD_FRAMES, INTERLEAVED, WAITING_CLUSTERS};
use super::super::report::Loss;
use super::cut::{self, Cut, Decision, PartSpan, Seen};
use super::forced::ForcedTracks;
use super::gaps::Pictures;
use super::held::{Held, PendingFrame};
use super::interleave::{Interleaver, Limits};
use super::losses::{Gap, Losses, UNKNOWN};
use crate::base::time::Ticks90;
use crate::codec::Codec;
use crate::matroska::builder::{Builder, Ending, Frame, OpenBlock, Patch};
use crate::matroska::codec_id;
use crate::matroska::track::{Kind, Track};

/// A second of the title's clock. Times here are plain numbers of ticks, as in `cut` and `interleave`.
const SECOND: i64 = Ticks90::SECOND.0;

/// Keys of the interleaver are times that this was added to: decoding may begin before the film does.
const BIAS: i64 = 1 << 40;

/// How far a track may keep the others waiting. A multiplex brings sound and picture of one time at most about a
/// second apart; who is silent for longer has a gap.
const LIMITS: Limits = Limits { bytes: INTERLEAVED, span: 3 * SECOND as u64 };

/// How long before their time subtitles are in the stream, at least, compared with the decoding of pictures.
const SUBTITLE_LEAD: i64 = SECOND;

/// A picture behind OUT that others need is shown so long before the next part.
const ON_THE_CUT: i64 = SECOND / 1000;

/// A frame on its way through the interleaver.
#[derive(Debug)]
struct Queued {
    frame: PendingFrame,
    /// End of its part: no subtitle is shown any longer.
    until: i64,
}

/// Tracks whose frames come from one path of the title.
#[derive(Debug)]
struct Path {
    /// Where its part plays.
    span: PartSpan,
    /// How far it has come.
    latest: i64,
    /// Frames of a sub-path that are too far ahead of the title to wait among the others.
    ahead: VecDeque<(usize, PendingFrame)>,
}

/// One track.
#[derive(Debug)]
struct Lane {
    /// The path that it comes from.
    path: usize,
    cut: Cut,
    is_audio: bool,
    is_subtitle: bool,
    /// Its subtitles say how long they are shown, whatever part comes next, but the next one takes their place.
    replaces: bool,
    held: Held,
    /// The subtitle whose end is not known, and the end it has if none comes before.
    open: Option<(OpenBlock, i64)>,
    shown: u64,
    forced: u64,
    /// Frames in the file.
    written: u64,
    /// The tables of the disc call the track forced.
    is_forced: bool,
    /// Channels that its sound turned out to have.
    channels: u32,
    pictures: Pictures,
}

impl Lane {
    fn new(track: &Track, path: usize) -> Self {
        let cut = match track.kind {
            Kind::Video(_) => Cut::video(),
            Kind::Audio(_) => Cut::audio(),
            Kind::Subtitle => Cut::Subtitle,
        };
        Self {
            path,
            cut,
            is_audio: matches!(track.kind, Kind::Audio(_)),
            is_subtitle: matches!(track.kind, Kind::Subtitle),
            replaces: codec_id::of(Codec::VobSub) == Some(&track.codec_id),
            held: Held::default(),
            open: None,
            shown: 0,
            forced: 0,
            written: 0,
            is_forced: track.flags.forced,
            channels: 0,
            pictures: Pictures::new(track.default_duration),
        }
    }
}

/// What comes out at the end.
pub(in crate::mux) struct Finished {
    pub(in crate::mux) ending: Ending,
    /// Changes to clusters that were written.
    pub(in crate::mux) patches: Vec<Patch>,
    pub(in crate::mux) losses: Vec<Loss>,
    /// Which tracks are forced.
    pub(in crate::mux) forced: Vec<bool>,
    /// Tracks that the file does not have after all: nothing of them was forced.
    pub(in crate::mux) omitted: Vec<bool>,
    /// Bytes of the title are missing.
    pub(in crate::mux) has_hole: bool,
}

/// The film being built.
pub(in crate::mux) struct Film {
    lanes: Vec<Lane>,
    interleaver: Interleaver<Queued>,
    builder: Builder,
    /// Clusters that wait: where they start in the file, and their bytes.
    waiting: VecDeque<(u64, Vec<u8>)>,
    waiting_bytes: usize,
    /// Where the next cluster starts.
    position: u64,
    patches: Vec<Patch>,
    losses: Losses,
    /// By their numbers; 0 is the title's own.
    paths: Vec<Path>,
    /// Tracks that hold only what is forced.
    forced: ForcedTracks,
    /// End of the frame that is shown or heard last.
    played: i64,
    /// Bytes of the title are missing.
    hole: bool,
    clusters: Sender<Vec<u8>>,
    spares: Receiver<Vec<u8>>,
    failure: Option<MuxError>,
}

impl Film {
    /// A film that `builder` puts into bytes; its clusters go to `clusters`, buffers that are free again come back by `spares`. `paths` are the numbers of
    /// the paths that the tracks come from, `forced_of` says of tracks that hold only what is forced which they are taken from. The header is the
    /// first that is sent.
    pub(in crate::mux) fn new(
        builder: Builder,
        paths: &[usize],
        forced_of: &[Option<usize>],
        clusters: Sender<Vec<u8>>,
        spares: Receiver<Vec<u8>>,
    ) -> Result<Self, MuxError> {
        let lanes: Vec<Lane> =
            builder.tracks().iter().zip(paths).map(|(track, path)| Lane::new(track, *path)).collect();
        let path = || Path {
            span: PartSpan::new(Ticks90::ZERO, Ticks90::ZERO, true, true),
            latest: i64::MIN,
            ahead: VecDeque::new(),
        };
        let count = paths.iter().max().map_or(1, |last| last + 1);
        let head = builder.head()?;
        let mut film = Self {
            interleaver: Interleaver::new(lanes.len(), LIMITS),
            lanes,
            position: head.len() as u64,
            builder,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            patches: Vec::new(),
            losses: Losses::default(),
            paths: std::iter::repeat_with(path).take(count).collect(),
            forced: ForcedTracks::new(forced_of),
            played: 0,
            hole: false,
            clusters,
            spares,
            failure: None,
        };
        film.send(head);
        film.check()?;
        Ok(film)
    }

    /// A failure that happened inside a callback.
    pub(in crate::mux) fn check(&mut self) -> Result<(), MuxError> {
        self.failure.take().map_or(Ok(()), Err)
    }

    /// The next part of a path begins.
    pub(in crate::mux) fn begin(&mut self, path: usize, span: PartSpan) {
        if let Some(path) = self.paths.get_mut(path) {
            path.span = span;
        }
        self.lanes.iter_mut().filter(|lane| lane.path == path).for_each(|lane| lane.cut.begin());
    }

    /// The part of a path is over: all its frames came.
    pub(in crate::mux) fn end(&mut self, path: usize) {
        for lane in self.lanes_of(path) {
            if self.lanes[lane].is_subtitle {
                self.let_go(lane, self.span(path).start);
            } else if !self.lanes[lane].is_audio {
                self.lanes[lane].held.clear();
            }
        }
        if self.span(path).is_open() {
            self.losses.close(self.played, self.position, self.played);
        }
    }

    /// End of the frame that is shown or heard last.
    pub(in crate::mux) fn played(&self) -> Ticks90 {
        Ticks90(self.played)
    }

    /// How far a path has come.
    pub(in crate::mux) fn reached(&self, path: usize) -> i64 {
        self.paths.get(path).map_or(i64::MAX, |path| path.latest)
    }

    /// A path brings nothing before `time`.
    pub(in crate::mux) fn wait(&mut self, path: usize, time: i64) {
        for lane in self.lanes_of(path) {
            self.promise(lane, time.saturating_sub(SUBTITLE_LEAD));
        }
    }

    /// A path is over: it brings nothing more.
    pub(in crate::mux) fn close_path(&mut self, path: usize) {
        for lane in self.lanes_of(path) {
            self.release(lane);
        }
        if path == 0 {
            // What is left of the others need not wait for it.
            if let Some(main) = self.paths.first_mut() {
                main.latest = i64::MAX;
            }
            for path in 1..self.paths.len() {
                self.catch_up(path, i64::MAX);
            }
        }
        for lane in self.lanes_of(path) {
            self.promise(lane, i64::MAX);
        }
        self.pump();
    }

    /// A path has come to `time` (when something is decoded). `plays` says which tracks its part has at all.
    pub(in crate::mux) fn reach(&mut self, number: usize, time: i64, plays: impl Fn(usize) -> bool) {
        let Some(path) = self.paths.get_mut(number).filter(|path| time > path.latest) else { return };
        path.latest = time;
        for lane in self.lanes_of(number) {
            match &self.lanes[lane] {
                _ if !plays(self.forced.source(lane).unwrap_or(lane)) => self.promise(lane, time),
                track if track.is_subtitle => self.promise(lane, time - SUBTITLE_LEAD),
                _ => {}
            }
        }
        if number == 0 {
            for path in 1..self.paths.len() {
                self.catch_up(path, time.saturating_add(SECOND));
            }
        }
    }

    /// Nothing that comes on a lane from now on is earlier than `time`, or than what is held of it.
    fn promise(&mut self, lane: usize, time: i64) {
        let Some(track) = self.lanes.get(lane) else { return };
        let held = track.held.front().map_or(i64::MAX, |frame| frame.seen.time);
        let ahead = self.paths.get(track.path).and_then(|path| path.ahead.iter().find(|(number, _)| *number == lane));
        let ahead = ahead.map_or(i64::MAX, |(_, frame)| frame.order);
        self.interleaver.reached(lane, key(time.min(held).min(ahead)));
    }

    /// Queues what a sub-path has up to `time`.
    fn catch_up(&mut self, path: usize, time: i64) {
        let until = self.span(path).end;
        while let Some(path) = self.paths.get_mut(path)
            && path.ahead.front().is_some_and(|(_, frame)| frame.order <= time)
            && let Some((lane, frame)) = path.ahead.pop_front()
        {
            self.queue_now(lane, frame, until);
        }
    }

    fn lanes_of(&self, path: usize) -> Vec<usize> {
        (0..self.lanes.len()).filter(|lane| self.lanes[*lane].path == path).collect()
    }

    fn span(&self, path: usize) -> PartSpan {
        let nothing = PartSpan::new(Ticks90::ZERO, Ticks90::ZERO, true, true);
        self.paths.get(path).map_or(nothing, |path| path.span)
    }

    fn span_of(&self, lane: usize) -> PartSpan {
        self.span(self.lanes.get(lane).map_or(0, |lane| lane.path))
    }

    /// The next frame of a track; `bytes` gives what it holds, and is asked only for a frame that is needed.
    pub(in crate::mux) fn frame(
        &mut self,
        lane: usize,
        seen: Seen,
        order: i64,
        forced: bool,
        bytes: impl FnOnce() -> Vec<u8>,
    ) {
        if !self.forced.takes_from(lane) {
            return self.frame_of(lane, seen, order, forced, bytes);
        }
        let bytes = bytes();
        if let Some((track, set)) = self.forced.take(lane, &bytes) {
            let seen = Seen { key: true, clear: set.clear, ..seen };
            self.frame_of(track, seen, order, true, || set.bytes);
        }
        if !self.forced.has(lane) {
            self.frame_of(lane, seen, order, forced, || bytes);
        }
    }

    fn frame_of(&mut self, lane: usize, seen: Seen, order: i64, forced: bool, bytes: impl FnOnce() -> Vec<u8>) {
        let span = self.span_of(lane);
        let Some(track) = self.lanes.get_mut(lane) else { return };
        let verdict = track.cut.judge(&span, &seen);
        match verdict {
            Decision::Drop => return,
            Decision::Forget => return track.held.clear(),
            Decision::Replace => track.held.clear(),
            Decision::KeepWithHeld if track.is_subtitle && seen.time <= span.start => track.held.clear(),
            Decision::KeepWithHeld => {
                let cut = if track.is_subtitle { span.start } else { span.end - ON_THE_CUT };
                self.let_go(lane, cut);
            }
            Decision::Join { .. } => self.join(lane, &seen),
            Decision::Keep | Decision::Hold => {}
        }
        if let Some(track) = self.lanes.get_mut(lane) {
            track.pictures.add(seen.time);
            if !track.is_subtitle {
                self.played = self.played.max(seen.time.saturating_add(seen.duration.max(track.pictures.step())));
            }
        }
        let time = match verdict {
            Decision::Hold | Decision::Replace => seen.time,
            _ => span.clamp(seen.time),
        };
        let frame = PendingFrame { seen: Seen { time, ..seen }, order, forced, bytes: bytes() };
        match verdict {
            Decision::Hold | Decision::Replace | Decision::Join { hold: true } => {
                self.hold(lane, frame);
            }
            _ => self.queue(lane, frame),
        }
        self.pump();
    }

    /// Bytes of the title are missing.
    pub(in crate::mux) fn has_hole(&mut self) {
        self.hole = true;
    }

    /// The sound of a track has this many channels: it may begin with fewer than it goes on with.
    pub(in crate::mux) fn has_channels(&mut self, lane: usize, channels: u8) {
        if let Some(track) = self.lanes.get_mut(lane) {
            track.channels = track.channels.max(channels.into());
        }
    }

    /// A stretch of a track is missing.
    pub(in crate::mux) fn lost(&mut self, gap: Gap) {
        let span = self.span_of(gap.track);
        let Some(lane) = self.lanes.get(gap.track) else { return };
        let is_vague = lane.is_subtitle;
        let first = if matches!(lane.cut, Cut::Video { .. }) { lane.pictures.first_gap() } else { None };
        let from = first.map_or(gap.from, |first| first.min(gap.from)).max(span.start);
        // In front of the first frame of all nothing tells how much is missing, nor behind the last one.
        let is_at_edge = span.is_open() && gap.by_hole && (gap.from == i64::MIN || gap.to == UNKNOWN);
        let to = if span.is_open() { gap.to } else { gap.to.min(span.end) };
        self.losses.add(Gap { from, to, is_vague, is_at_edge, ..gap });
    }

    /// All parts are over.
    pub(in crate::mux) fn finish(mut self) -> Result<Finished, MuxError> {
        for lane in 0..self.lanes.len() {
            self.release(lane);
        }
        for path in 1..self.paths.len() {
            self.catch_up(path, i64::MAX);
        }
        self.interleaver.end();
        self.pump();
        let (mut forced, mut omitted) = (Vec::new(), Vec::new());
        for lane in 0..self.lanes.len() {
            let end = if self.span_of(lane).is_open() { self.played } else { i64::MAX };
            self.close(lane, end);
            let track = &self.lanes[lane];
            forced.push(track.is_forced || (track.shown > 0 && track.forced == track.shown));
            let channels = track.channels;
            self.builder.set_forced(lane, forced[lane])?;
            let is_empty = self.forced.has(lane) && track.written == 0;
            omitted.push(is_empty && self.builder.omit(lane)?);
            self.builder.grow_channels(lane, channels)?;
        }
        self.check()?;
        self.send_waiting();
        self.check()?;
        let ending = self.builder.finish()?;
        let (patches, losses, has_hole) = (self.patches, self.losses.report(), self.hole);
        Ok(Finished { ending, patches, losses, forced, omitted, has_hole })
    }

    /// Holds a frame; what is held already must leave room for it, else it is lost: the times of such a stream lie.
    fn hold(&mut self, lane: usize, frame: PendingFrame) {
        let held: usize = self.lanes.iter().map(|track| track.held.bytes()).sum();
        let Some(track) = self.lanes.get_mut(lane) else { return };
        if held + frame.bytes.len() <= HELD_FRAMES {
            return track.held.push(frame);
        }
        let from = frame.seen.time;
        let to = from.saturating_add(frame.seen.duration.max(1));
        let is_vague = track.is_subtitle;
        self.losses.add(Gap {
            track: lane,
            from,
            to,
            bytes: 0,
            lba: None,
            is_vague,
            by_hole: false,
            is_at_edge: false,
        });
    }

    /// Queues what is held of a track, moved to `time`.
    fn let_go(&mut self, lane: usize, time: i64) {
        for frame in self.take_held(lane) {
            // What has an end of its own keeps it.
            let left = frame.seen.duration - (time - frame.seen.time).max(0);
            let duration = if frame.seen.duration > 0 { left.max(1) } else { 0 };
            let seen = Seen { time, duration, ..frame.seen };
            let frame = PendingFrame { seen, order: frame.order.min(time), ..frame };
            self.queue(lane, frame);
        }
    }

    /// Queues what is held of a track as it is.
    fn release(&mut self, lane: usize) {
        for frame in self.take_held(lane) {
            self.queue(lane, frame);
        }
    }

    fn take_held(&mut self, lane: usize) -> VecDeque<PendingFrame> {
        self.lanes.get_mut(lane).map(|track| track.held.take()).unwrap_or_default()
    }

    /// The first frame of a part's sound: the last ones of the part before go where they overlap it.
    fn join(&mut self, lane: usize, seen: &Seen) {
        if let Some(track) = self.lanes.get_mut(lane) {
            let surplus =
                |frame: &PendingFrame| cut::is_surplus(frame.seen.time + frame.seen.duration, seen.time, seen.duration);
            track.held.drop_last(surplus);
        }
        self.release(lane);
    }

    fn queue(&mut self, lane: usize, frame: PendingFrame) {
        let until = self.span_of(lane).end;
        let number = self.lanes.get(lane).map_or(0, |lane| lane.path);
        let soon = self.reached(0).saturating_add(SECOND);
        match self.paths.get_mut(number) {
            Some(path) if number > 0 && (frame.order > soon || !path.ahead.is_empty()) => {
                path.ahead.push_back((lane, frame));
            }
            _ => self.queue_now(lane, frame, until),
        }
    }

    fn queue_now(&mut self, lane: usize, frame: PendingFrame, until: i64) {
        let bytes = frame.bytes.len();
        if !self.interleaver.push(lane, key(frame.order), bytes, Queued { frame, until }) {
            self.failure.get_or_insert(MuxError::Mistake("a frame came for a track that the file does not have"));
        }
    }

    fn pump(&mut self) {
        while self.failure.is_none()
            && let Some((lane, queued)) = self.interleaver.pop()
        {
            if let Err(e) = self.put(lane, &queued) {
                self.failure = Some(e);
            }
        }
    }

    /// Puts a frame into the cluster.
    fn put(&mut self, lane: usize, queued: &Queued) -> Result<(), MuxError> {
        let PendingFrame { seen, forced, bytes, .. } = &queued.frame;
        while let Ok(spare) = self.spares.try_recv() {
            self.builder.recycle(spare);
        }
        let is_subtitle = self.lanes.get(lane).is_some_and(|l| l.is_subtitle);
        if let Some(track) = self.lanes.get_mut(lane) {
            track.written += 1;
        }
        // No subtitle is shown beyond its part.
        let most = if is_subtitle { queued.until.saturating_sub(seen.time) } else { i64::MAX };
        let frame = Frame {
            track: lane,
            timestamp: Ticks90(seen.time).nanoseconds(),
            duration: (seen.duration > 0).then(|| Ticks90(seen.duration.min(most)).nanoseconds()),
            key: seen.key,
            discardable: seen.discardable,
            data: &[bytes],
        };
        if is_subtitle {
            self.close(lane, seen.time);
        }
        if let Some(track) = self.lanes.get_mut(lane).filter(|_| is_subtitle && !seen.clear) {
            track.shown += 1;
            track.forced += u64::from(*forced);
        }
        let ends_later = frame.duration.is_none() || self.lanes.get(lane).is_some_and(|l| l.replaces);
        let finished = if is_subtitle && !seen.clear && ends_later {
            let (finished, open) = self.builder.push_open(&frame)?;
            if let Some(track) = self.lanes.get_mut(lane) {
                let own = seen.time.saturating_add(seen.duration);
                track.open = Some((open, if seen.duration > 0 { own } else { queued.until }));
            }
            finished
        } else {
            self.builder.push(&frame)?
        };
        if let Some(cluster) = finished {
            self.waiting_bytes += cluster.len();
            let length = cluster.len() as u64;
            self.waiting.push_back((self.position, cluster));
            self.position += length;
            self.send_ready();
            if let Some((_, cluster)) = self.waiting.back_mut() {
                // One that has to wait gives up the room it was built in.
                cluster.shrink_to_fit();
            }
        }
        Ok(())
    }

    /// The subtitle shown on a track ends at `time`, or with its part.
    fn close(&mut self, lane: usize, time: i64) {
        let Some((open, until)) = self.lanes.get_mut(lane).and_then(|track| track.open.take()) else { return };
        let Some(patch) = self.builder.close(open, Ticks90(time.min(until)).nanoseconds()) else { return };
        let later = self.waiting.partition_point(|(at, _)| *at <= patch.position);
        let place = later.checked_sub(1).and_then(|n| self.waiting.get_mut(n)).and_then(|(at, cluster)| {
            let from = usize::try_from(patch.position - *at).ok()?;
            cluster.get_mut(from..from + patch.bytes.len())
        });
        match place {
            Some(place) => place.copy_from_slice(&patch.bytes),
            None => self.patches.push(patch),
        }
    }

    /// Sends the clusters on that wait for nothing, or have waited long enough.
    fn send_ready(&mut self) {
        while let Some((at, _)) = self.waiting.front() {
            let has_open = self.lanes.iter().any(|l| l.open.as_ref().is_some_and(|(open, _)| open.cluster() == *at));
            if has_open && self.waiting_bytes <= WAITING_CLUSTERS {
                return;
            }
            self.send_one();
        }
    }

    fn send_waiting(&mut self) {
        while !self.waiting.is_empty() {
            self.send_one();
        }
    }

    fn send_one(&mut self) {
        if let Some((_, cluster)) = self.waiting.pop_front() {
            self.waiting_bytes -= cluster.len();
            self.send(cluster);
        }
    }

    /// To the writer. One that takes no more has failed and says itself why.
    fn send(&mut self, bytes: Vec<u8>) {
        if self.clusters.send(bytes).is_err() {
            self.failure.get_or_insert(MuxError::WriterLeft);
        }
    }
}

fn key(time: i64) -> u64 {
    u64::try_from(time.saturating_add(BIAS)).unwrap_or(0)
}
