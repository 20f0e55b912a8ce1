//! Frames of all tracks on the title's clock: cut where parts meet, and put in the order of the file.

use std::ops::Range;

use crossbeam_channel::{Receiver, Sender};

use super::super::MuxError;
use super::super::memory::{HELD_FRAMES, INTERLEAVED};
use super::super::report::Loss;
use super::clusters::Clusters;
use super::enhancement::Layers;
use super::lane::Lane;
use super::lane::ahead::Paths;
use super::lane::cut::{Decision, PartSpan, Seen};
use super::lane::forced::ForcedTracks;
use super::lane::held::{self, PendingFrame};
use super::lane::interleave::{Interleaver, Limits, key};
use super::lane::losses::{Gap, Hole, Losses};
use crate::base::time::Ticks90;
use crate::codec::{Kept, Payload, TrackFacts};
use crate::matroska::builder::{Builder, Ending, Patch};
use crate::matroska::element::cluster::Cluster;

/// A second of the title's clock. Times here are plain numbers of ticks, as in `cut` and `interleave`.
const SECOND: i64 = Ticks90::SECOND.0;

/// How far a track may keep the others waiting. A multiplex brings sound and picture of one time at most about a
/// second apart; who is silent for longer has a gap.
const LIMITS: Limits = Limits { bytes: INTERLEAVED, span: 3 * SECOND as u64 };

/// How long before their time subtitles are in the stream, at least, compared with the decoding of pictures.
const SUBTITLE_LEAD: i64 = SECOND;

/// A frame on its way through the interleaver.
#[derive(Debug)]
struct Queued {
    frame: PendingFrame,
    /// End of its part: no subtitle is shown any longer.
    until: i64,
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
    clusters: Clusters,
    losses: Losses,
    paths: Paths,
    /// Enhancement layers from clips of their own.
    pub(super) layers: Layers,
    /// Tracks that hold only what is forced.
    forced: ForcedTracks,
    /// End of the frame that is shown or heard last.
    played: i64,
    /// Bytes of the title are missing.
    hole: bool,
    failure: Option<MuxError>,
}

impl Film {
    /// A film that `builder` puts into bytes; its clusters go to `clusters`, buffers that are free again come back by
    /// `spares`. `paths` are the numbers of the paths that the tracks come from, `forced_of` says of tracks that hold
    /// only what is forced which they are taken from, `may_be_omitted` which tracks the file does not get where nothing
    /// comes for them. The header is the first that is sent.
    pub(in crate::mux) fn new(
        builder: Builder,
        paths: &[usize],
        forced_of: &[Option<usize>],
        may_be_omitted: &[bool],
        clusters: Sender<Cluster>,
        spares: Receiver<Cluster>,
    ) -> Result<Self, MuxError> {
        let omitted = may_be_omitted.iter().copied().chain(std::iter::repeat(false));
        let all = builder.tracks().iter().zip(paths).zip(omitted);
        let lanes: Vec<Lane> = all.map(|((track, path), omitted)| Lane::new(track, *path, omitted)).collect();
        let count = paths.iter().max().map_or(1, |last| last + 1);
        Ok(Self {
            interleaver: Interleaver::new(lanes.len(), LIMITS),
            lanes,
            clusters: Clusters::new(builder, clusters, spares)?,
            losses: Losses::default(),
            paths: Paths::new(count),
            layers: Layers::default(),
            forced: ForcedTracks::new(forced_of),
            played: 0,
            hole: false,
            failure: None,
        })
    }

    /// A failure that happened inside a callback.
    pub(in crate::mux) fn check(&mut self) -> Result<(), MuxError> {
        self.failure.take().map_or(Ok(()), Err)
    }

    /// The next part of a path begins.
    pub(in crate::mux) fn begin(&mut self, path: usize, span: PartSpan) {
        self.paths.begin(path, span);
        self.lanes.iter_mut().filter(|lane| lane.path == path).for_each(Lane::begin);
    }

    /// The part of a path is over: all its frames came.
    pub(in crate::mux) fn end(&mut self, path: usize) {
        let span = self.paths.span(path);
        for lane in self.lanes_of(path) {
            if let Some(times) = self.lanes[lane].undecoded(&span) {
                self.losses.add(Gap::undecodable(lane, times));
            } else if self.lanes[lane].is_elsewhere(&span) {
                self.losses.add(Gap::untold(lane, span.start..span.end));
            }
            if self.lanes[lane].is_subtitle {
                self.let_go(lane, span.start);
            } else if !self.lanes[lane].is_audio {
                self.lanes[lane].held.clear();
            }
        }
        if span.is_open() {
            self.losses.close(self.played, self.clusters.position(), self.played);
        }
    }

    /// End of the frame that is shown or heard last.
    pub(in crate::mux) fn played(&self) -> Ticks90 {
        Ticks90(self.played)
    }

    /// How far a path has come.
    pub(in crate::mux) fn reached(&self, path: usize) -> i64 {
        self.paths.reached(path)
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
        self.paths.reach(path, i64::MAX);
        if path == 0 {
            // What is left of the others need not wait for it.
            self.catch_up(i64::MAX);
        }
        for lane in self.lanes_of(path) {
            self.promise(lane, i64::MAX);
        }
        self.pump();
    }

    /// A path has come to `time` (when something is decoded). `plays` says which tracks its part has at all.
    pub(in crate::mux) fn reach(&mut self, path: usize, time: i64, plays: impl Fn(usize) -> bool) {
        if !self.paths.reach(path, time) {
            return;
        }
        for lane in 0..self.lanes.len() {
            match &self.lanes[lane] {
                other if other.path != path => {}
                _ if !plays(self.forced.source(lane).unwrap_or(lane)) => self.promise(lane, time),
                track if track.is_subtitle => self.promise(lane, time - SUBTITLE_LEAD),
                _ => {}
            }
        }
        if path == 0 {
            self.catch_up(time);
        }
    }

    /// Nothing that comes on a lane from now on is earlier than `time`, or than what is held of it.
    fn promise(&mut self, lane: usize, time: i64) {
        let Some(track) = self.lanes.get(lane) else { return };
        let held = track.held.front().map_or(i64::MAX, |frame| frame.seen.time);
        let ahead = self.paths.first_ahead(track.path, lane).unwrap_or(i64::MAX);
        self.interleaver.reached(lane, key(time.min(held).min(ahead)));
    }

    /// Queues what the paths beside the title's own have of what is near `time`, which that has come to.
    fn catch_up(&mut self, time: i64) {
        for path in self.paths.beside() {
            let until = self.paths.span(path).end;
            while let Some((lane, frame)) = self.paths.caught_up(path, time) {
                self.queue_now(lane, frame, until);
            }
        }
    }

    fn lanes_of(&self, path: usize) -> Vec<usize> {
        (0..self.lanes.len()).filter(|lane| self.lanes[*lane].path == path).collect()
    }

    fn path_of(&self, lane: usize) -> usize {
        self.lanes.get(lane).map_or(0, |lane| lane.path)
    }

    fn span_of(&self, lane: usize) -> PartSpan {
        self.paths.span(self.path_of(lane))
    }

    /// The next frame of a track.
    pub(in crate::mux) fn frame(&mut self, lane: usize, seen: Seen, order: i64, forced: bool, payload: Payload<'_>) {
        if !self.forced.takes_from(lane) {
            return self.frame_of(lane, seen, order, forced, |is_unlinked| held::kept(payload, is_unlinked));
        }
        let set = match payload {
            Payload::Bytes(bytes) => self.forced.take(lane, bytes),
            Payload::Gathered(_) | Payload::Nals { .. } => None,
        };
        if let Some((track, set)) = set {
            let seen = Seen { key: true, clear: set.clear, ..seen };
            self.frame_of(track, seen, order, true, |_| set.bytes.into());
        }
        if !self.forced.has(lane) {
            self.frame_of(lane, seen, order, forced, |_| payload.into());
        }
    }

    fn frame_of(&mut self, lane: usize, seen: Seen, order: i64, forced: bool, bytes: impl FnOnce(bool) -> Kept) {
        let span = self.span_of(lane);
        let Some(track) = self.lanes.get_mut(lane) else { return };
        let (verdict, undecoded) = track.judge(&span, &seen);
        let is_unlinked = track.is_unlinked(&span, &seen, verdict);
        if let Some(times) = undecoded {
            self.losses.add(Gap::undecodable(lane, times));
        }
        match verdict {
            // A part that begins where its stamps say has no picture in front of that, unless they are wrong.
            Decision::Drop if span.is_open() && seen.key && seen.time < span.start && track.is_video() => {
                // It is not in the film, nor what needs it.
                return self.losses.add(Gap::untold(lane, span.start..span.start));
            }
            Decision::Drop | Decision::Lose => return,
            Decision::Forget => return track.held.clear(),
            Decision::Replace => track.held.clear(),
            Decision::Begin if track.is_video() => track.held.clear(),
            Decision::KeepWithHeld if track.is_subtitle && seen.time <= span.start => track.held.clear(),
            Decision::KeepWithHeld if track.is_subtitle => self.let_go(lane, span.start),
            Decision::KeepWithHeld => {
                let held = track.take_invisible(&span);
                held.into_iter().for_each(|frame| self.queue(lane, frame));
            }
            Decision::Join { .. } => self.join(lane, &seen),
            Decision::Keep | Decision::Begin | Decision::Hold => {}
        }
        let is_shown = |track: &Lane| !matches!(verdict, Decision::Hold | Decision::Replace) || !track.is_video();
        if let Some(track) = self.lanes.get_mut(lane).filter(|track| is_shown(track)) {
            self.played = track.play(&seen).map_or(self.played, |end| end.max(self.played));
        }
        let time = match verdict {
            Decision::Hold | Decision::Replace => seen.time,
            _ => span.clamp(seen.time),
        };
        let bytes = bytes(is_unlinked);
        let frame = PendingFrame { seen: Seen { time, ..seen }, order, forced, invisible: false, bytes };
        match verdict {
            Decision::Hold | Decision::Replace | Decision::Join { hold: true } => {
                self.hold(lane, frame);
            }
            _ => self.queue(lane, frame),
        }
        self.pump();
    }

    /// Bytes of the title are missing.
    pub(in crate::mux) fn has_hole(&mut self, hole: Hole) {
        self.hole = true;
        self.losses.hole(hole, &self.paths.span(hole.path));
    }

    /// What a stream of a track turned out to be.
    pub(in crate::mux) fn turned_out(&mut self, lane: usize, facts: &TrackFacts) {
        if let Some(track) = self.lanes.get_mut(lane) {
            track.grown.add(facts);
        }
    }

    /// A stretch of a track is missing.
    pub(in crate::mux) fn lost(&mut self, gap: Gap) {
        let span = self.span_of(gap.track);
        let path = self.path_of(gap.track);
        let has_clock = self.lanes.iter().any(|lane| lane.path == path && !lane.is_subtitle);
        let Some(lane) = self.lanes.get_mut(gap.track) else { return };
        lane.forget_roll();
        let (is_vague, is_sound, path) = (lane.is_subtitle, lane.is_audio, has_clock.then_some(path));
        let first = if lane.is_video() { lane.pictures.first_gap() } else { None };
        let from = first.map_or(gap.from, |first| first.min(gap.from));
        self.losses.add(Gap { is_vague, is_sound, path, ..gap }.within(from, &span));
    }

    /// A track begins with frames at these times that cannot be decoded; what plays until its bytes end begins behind them.
    pub(in crate::mux) fn undecodable(&mut self, lane: usize, times: Range<i64>) {
        let span = self.span_of(lane);
        if !span.is_open() {
            self.losses.add(Gap::undecodable(lane, times.start.max(span.start)..times.end.min(span.end)));
        }
    }

    /// All parts are over.
    pub(in crate::mux) fn finish(mut self) -> Result<Finished, MuxError> {
        for lane in 0..self.lanes.len() {
            self.release(lane);
        }
        self.catch_up(i64::MAX);
        self.interleaver.end();
        self.pump();
        let (mut forced, mut omitted) = (Vec::new(), Vec::new());
        for lane in 0..self.lanes.len() {
            let end = if self.span_of(lane).is_open() { self.played } else { i64::MAX };
            let Lane { grown, may_be_omitted, .. } = self.lanes[lane];
            let track = self.clusters.end_track(lane, end, grown, may_be_omitted)?;
            if let Some(distance) = self.lanes[lane].take_pace() {
                self.clusters.set_default_duration(lane, distance)?;
            }
            forced.push(track.is_forced);
            omitted.push(track.is_omitted);
        }
        self.check()?;
        let (ending, patches) = self.clusters.finish()?;
        Ok(Finished { ending, patches, losses: self.losses.report(), forced, omitted, has_hole: self.hole })
    }

    /// Holds a frame; what is held already must leave room for it, else it is lost: the times of such a stream lie.
    fn hold(&mut self, lane: usize, frame: PendingFrame) {
        let held: usize = self.lanes.iter().map(|track| track.held.bytes()).sum();
        let span = self.span_of(lane);
        let Some(track) = self.lanes.get_mut(lane) else { return };
        if held + frame.bytes.memory() <= HELD_FRAMES {
            return track.held.push(frame);
        }
        if track.is_video() && frame.seen.time < span.start {
            return track.forget_roll();
        }
        let from = frame.seen.time;
        let gap = Gap::untold(lane, from..from.saturating_add(frame.seen.duration.max(1)));
        self.losses.add(Gap { is_at_edge: false, ..gap });
    }

    /// Queues what is held of a track, moved to `time`.
    fn let_go(&mut self, lane: usize, time: i64) {
        let held = self.lanes.get_mut(lane).map(|track| track.take_moved(time));
        held.into_iter().flatten().for_each(|frame| self.queue(lane, frame));
    }

    /// Queues what is held of a track as it is.
    fn release(&mut self, lane: usize) {
        let held = self.lanes.get_mut(lane).map(|track| track.held.take());
        held.into_iter().flatten().for_each(|frame| self.queue(lane, frame));
    }

    /// The first frame of a part's sound: the last ones of the part before go where they overlap it.
    fn join(&mut self, lane: usize, seen: &Seen) {
        if let Some(track) = self.lanes.get_mut(lane) {
            track.drop_overlap(seen);
        }
        self.release(lane);
    }

    fn queue(&mut self, lane: usize, frame: PendingFrame) {
        let until = self.span_of(lane).end;
        if let Some(frame) = self.paths.keep_ahead(self.path_of(lane), lane, frame) {
            self.queue_now(lane, frame, until);
        }
    }

    fn queue_now(&mut self, lane: usize, frame: PendingFrame, until: i64) {
        let bytes = frame.bytes.memory();
        if !self.interleaver.push(lane, key(frame.order), bytes, Queued { frame, until }) {
            self.failure.get_or_insert(MuxError::Mistake("a frame came for a track that the file does not have"));
        }
    }

    fn pump(&mut self) {
        while self.failure.is_none()
            && let Some((lane, queued)) = self.interleaver.pop()
        {
            if let Err(e) = self.clusters.put(lane, &queued.frame, queued.until) {
                self.failure = Some(e);
            }
        }
    }
}
