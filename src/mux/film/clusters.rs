//! Frames in the order of the file into its clusters, and those to the writer. A cluster that holds a subtitle whose end is
//! not known waits for it, as long as there is room; behind that the end becomes a patch of what was written.

use std::collections::VecDeque;

use crossbeam_channel::{Receiver, Sender};

use super::super::MuxError;
use super::super::memory::WAITING_CLUSTERS;
use super::lane::held::PendingFrame;
use crate::base::time::{Nanoseconds, Ticks90};
use crate::codec::Codec;
use crate::matroska::builder::{Builder, Ending, Frame, Grown, OpenBlock, Patch};
use crate::matroska::codec_id;
use crate::matroska::element::cluster::Cluster;
use crate::matroska::element::track::{Kind, Track};

/// What is known of a track by what the file has of it.
#[derive(Debug)]
struct Written {
    is_subtitle: bool,
    /// Its subtitles say how long they are shown, whatever part comes next, but the next one takes their place.
    replaces: bool,
    /// The subtitle whose end is not known, and the end it has if none comes before.
    open: Option<(OpenBlock, i64)>,
    /// Subtitles that show something.
    shown: u64,
    /// Those of them all of which is forced.
    forced: u64,
    /// Frames in the file.
    frames: u64,
    /// The tables of the disc call the track forced.
    is_forced: bool,
}

impl Written {
    fn new(track: &Track) -> Self {
        Self {
            is_subtitle: matches!(track.kind, Kind::Subtitle),
            replaces: codec_id::of(Codec::VobSub) == Some(&track.codec_id),
            open: None,
            shown: 0,
            forced: 0,
            frames: 0,
            is_forced: track.flags.forced,
        }
    }
}

/// What a track turned out to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TrackEnd {
    /// All that it shows is forced.
    pub(super) is_forced: bool,
    /// The file does not have it after all.
    pub(super) is_omitted: bool,
}

/// The clusters of the file.
pub(super) struct Clusters {
    builder: Builder,
    tracks: Vec<Written>,
    /// Those that wait: where they start in the file, and their bytes.
    waiting: VecDeque<(u64, Cluster)>,
    waiting_bytes: usize,
    /// Where the next one starts.
    position: u64,
    /// Changes to those that were sent.
    patches: Vec<Patch>,
    to_writer: Sender<Cluster>,
    spares: Receiver<Cluster>,
}

impl Clusters {
    /// Clusters that `builder` puts into bytes; they go to `to_writer`, buffers that are free again come back by
    /// `spares`. The header is the first that is sent.
    pub(super) fn new(
        builder: Builder,
        to_writer: Sender<Cluster>,
        spares: Receiver<Cluster>,
    ) -> Result<Self, MuxError> {
        let head = builder.head()?;
        let clusters = Self {
            tracks: builder.tracks().iter().map(Written::new).collect(),
            builder,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            position: head.len() as u64,
            patches: Vec::new(),
            to_writer,
            spares,
        };
        clusters.send(head.into())?;
        Ok(clusters)
    }

    /// Where the next cluster starts in the file.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Puts a frame of a track into the cluster; its part ends at `until`.
    pub(super) fn put(&mut self, lane: usize, pending: &PendingFrame, until: i64) -> Result<(), MuxError> {
        let PendingFrame { seen, bytes, .. } = pending;
        let is_subtitle = self.tracks.get(lane).is_some_and(|track| track.is_subtitle);
        if is_subtitle && seen.clear && bytes.plain().is_some_and(<[u8]>::is_empty) {
            // Of text nothing need be written for it to end.
            self.close(lane, seen.time);
            return Ok(());
        }
        if let Some(track) = self.tracks.get_mut(lane) {
            track.frames += 1;
        }
        // No subtitle is shown beyond its part.
        let most = if is_subtitle { until.saturating_sub(seen.time) } else { i64::MAX };
        let (one, many);
        let pieces = match bytes.piece() {
            Some(piece) => {
                one = [piece];
                &one[..]
            }
            None => {
                many = bytes.pieces();
                &many[..]
            }
        };
        let frame = Frame {
            track: lane,
            timestamp: Ticks90(seen.time).nanoseconds(),
            duration: (seen.duration > 0).then(|| Ticks90(seen.duration.min(most)).nanoseconds()),
            key: seen.key,
            discardable: seen.discardable,
            invisible: pending.invisible,
            data: pieces,
        };
        let finished =
            if is_subtitle { self.put_subtitle(&frame, pending, until)? } else { self.builder.push(&frame)? };
        finished.map_or(Ok(()), |cluster| self.take(cluster))
    }

    /// Puts a subtitle into the cluster; the one before it on its track ends.
    fn put_subtitle(
        &mut self,
        frame: &Frame<'_>,
        pending: &PendingFrame,
        until: i64,
    ) -> Result<Option<Cluster>, MuxError> {
        let PendingFrame { seen, forced, .. } = pending;
        self.close(frame.track, seen.time);
        let Some(track) = self.tracks.get_mut(frame.track).filter(|_| !seen.clear) else {
            return Ok(self.builder.push(frame)?);
        };
        track.shown += 1;
        track.forced += u64::from(*forced);
        let ends_later = frame.duration.is_none() || track.replaces;
        if !ends_later {
            return Ok(self.builder.push(frame)?);
        }
        let (finished, open) = self.builder.push_open(frame)?;
        let own = seen.time.saturating_add(seen.duration);
        track.open = Some((open, if seen.duration > 0 { own } else { until }));
        Ok(finished)
    }

    /// The subtitle shown on a track ends at `time`, or with its part.
    fn close(&mut self, lane: usize, time: i64) {
        let Some((open, until)) = self.tracks.get_mut(lane).and_then(|track| track.open.take()) else { return };
        let Some(patch) = self.builder.close(open, Ticks90(time.min(until)).nanoseconds()) else { return };
        let later = self.waiting.partition_point(|(at, _)| *at <= patch.position);
        match later.checked_sub(1).and_then(|n| self.waiting.get_mut(n)) {
            Some((at, cluster)) => {
                let from = usize::try_from(patch.position - *at).unwrap_or(usize::MAX);
                cluster.overwrite(from.saturating_add(patch.bytes.len()), &patch.bytes);
            }
            None => self.patches.push(patch),
        }
    }

    /// Nothing more comes on a track: what it shows ends at `end`. The header says what is known of it only now, what
    /// has `grown` among it; one that `may_be_omitted` is, where the file has nothing of it.
    pub(super) fn end_track(
        &mut self,
        lane: usize,
        end: i64,
        grown: Grown,
        may_be_omitted: bool,
    ) -> Result<TrackEnd, MuxError> {
        self.close(lane, end);
        let all_forced = |track: &Written| track.is_forced || (track.shown > 0 && track.forced == track.shown);
        let is_forced = self.tracks.get(lane).is_some_and(all_forced);
        self.builder.set_forced(lane, is_forced)?;
        let is_empty = may_be_omitted && self.tracks.get(lane).is_some_and(|track| track.frames == 0);
        let is_omitted = is_empty && self.builder.omit(lane)?;
        self.builder.grow(lane, grown)?;
        Ok(TrackEnd { is_forced, is_omitted })
    }

    /// Says how far the blocks of a track lie apart; `None`: by no one number.
    pub(super) fn set_default_duration(&mut self, lane: usize, distance: Option<Nanoseconds>) -> Result<(), MuxError> {
        Ok(self.builder.set_default_duration(lane, distance)?)
    }

    /// Sends what waits. Gives what the file ends with, and changes to clusters that were written.
    pub(super) fn finish(mut self) -> Result<(Ending, Vec<Patch>), MuxError> {
        while !self.waiting.is_empty() {
            self.send_next()?;
        }
        Ok((self.builder.finish()?, self.patches))
    }

    /// A cluster is full.
    fn take(&mut self, cluster: Cluster) -> Result<(), MuxError> {
        self.waiting_bytes += cluster.len();
        let length = cluster.len() as u64;
        self.waiting.push_back((self.position, cluster));
        self.position += length;
        self.send_ready()?;
        if let Some((_, cluster)) = self.waiting.back_mut() {
            // One that has to wait gives up the room it was built in.
            cluster.shrink();
        }
        while let Ok(spare) = self.spares.try_recv() {
            self.builder.recycle(spare);
        }
        Ok(())
    }

    /// Sends the clusters on that wait for nothing, or have waited long enough.
    fn send_ready(&mut self) -> Result<(), MuxError> {
        while let Some((at, _)) = self.waiting.front() {
            let is_open = |track: &Written| track.open.as_ref().is_some_and(|(open, _)| open.cluster() == *at);
            if self.tracks.iter().any(is_open) && self.waiting_bytes <= WAITING_CLUSTERS {
                break;
            }
            self.send_next()?;
        }
        Ok(())
    }

    fn send_next(&mut self) -> Result<(), MuxError> {
        let Some((_, cluster)) = self.waiting.pop_front() else { return Ok(()) };
        self.waiting_bytes -= cluster.len();
        self.send(cluster)
    }

    /// To the writer. One that takes no more has failed and says itself why.
    fn send(&self, bytes: Cluster) -> Result<(), MuxError> {
        self.to_writer.send(bytes).map_err(|_| MuxError::WriterLeft)
    }
}
