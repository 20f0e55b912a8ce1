//! Merges the frames of several tracks into one order of time, holding back no more than it may.

use std::collections::VecDeque;

/// What an item costs beside its bytes, so that a flood of empty ones is bounded too: its place in the queue, which may
/// have grown to twice what is in it, and an allocation.
const ITEM_BYTES: usize = 256;

/// Keys of frames are times that this was added to: decoding may begin before the film does.
const BIAS: i64 = 1 << 40;

/// The key of a frame that is decoded at `time`, in ticks of 90 kHz.
pub(in crate::mux) fn key(time: i64) -> u64 {
    u64::try_from(time.saturating_add(BIAS)).unwrap_or(0)
}

/// How much may be held back while a track keeps the others waiting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::mux) struct Limits {
    /// Bytes; reached, the earliest item goes whatever may still come.
    pub(in crate::mux) bytes: usize,
    /// Time, in the unit of the keys: an item that lies further than this behind the latest one goes.
    pub(in crate::mux) span: u64,
}

/// Tracks whose items wait for each other.
///
/// Each lane takes the items of one track in the order in which the file is to have them; the interleaver
/// never changes that order. An item leaves when no other lane can still bring an earlier one: each lane
/// says how far it has come, by its items or by [`Interleaver::reached`]. What comes out depends only on
/// the lanes' contents and not on how their items arrived, as long as the limits are not met.
#[derive(Debug)]
pub(in crate::mux) struct Interleaver<T> {
    lanes: Vec<Lane<T>>,
    limits: Limits,
    held: usize,
    latest: u64,
}

#[derive(Debug)]
struct Lane<T> {
    queue: VecDeque<Item<T>>,
    /// No later item has a smaller key.
    reached: u64,
    ended: bool,
}

#[derive(Debug)]
struct Item<T> {
    key: u64,
    cost: usize,
    value: T,
}

impl<T> Lane<T> {
    /// The smallest key that this lane can still bring forth; `None`: none at all.
    fn bound(&self) -> Option<u64> {
        match self.queue.front() {
            Some(item) => Some(item.key),
            None if self.ended => None,
            None => Some(self.reached),
        }
    }
}

impl<T> Interleaver<T> {
    /// An interleaver for `lanes` tracks.
    pub(in crate::mux) fn new(lanes: usize, limits: Limits) -> Self {
        let lane = || Lane { queue: VecDeque::new(), reached: 0, ended: false };
        Self { lanes: std::iter::repeat_with(lane).take(lanes).collect(), limits, held: 0, latest: 0 }
    }

    /// Adds an item of `bytes` bytes to a lane; its key is the time at which the file is to have it. A key below
    /// the lane's last one counts as that one. `false`: there is no such lane.
    #[must_use]
    pub(in crate::mux) fn push(&mut self, lane: usize, key: u64, bytes: usize, value: T) -> bool {
        let Some(lane) = self.lanes.get_mut(lane) else { return false };
        let key = key.max(lane.reached);
        let cost = bytes.saturating_add(ITEM_BYTES);
        lane.reached = key;
        lane.queue.push_back(Item { key, cost, value });
        self.held = self.held.saturating_add(cost);
        self.latest = self.latest.max(key);
        true
    }

    /// A promise that the lane will bring nothing before `key`. A track with long pauses, like subtitles, needs it
    /// to let the others pass; one that waits for the end of a subtitle promises no more than that one's start.
    pub(in crate::mux) fn reached(&mut self, lane: usize, key: u64) {
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.reached = lane.reached.max(key);
        }
    }

    /// A promise that nothing more comes on any lane.
    pub(in crate::mux) fn end(&mut self) {
        self.lanes.iter_mut().for_each(|lane| lane.ended = true);
    }

    /// The next item in order and its lane; `None`: nothing is there, or something earlier may still come.
    /// Among equal keys the lower lane is first.
    pub(in crate::mux) fn pop(&mut self) -> Option<(usize, T)> {
        let queued = self.lanes.iter().enumerate().filter_map(|(n, lane)| Some((lane.queue.front()?.key, n)));
        let (key, first) = queued.min()?;
        // An empty lane that has come to this very key can still bring an item of it, which goes first if its lane is lower.
        let earlier = |(n, lane): (usize, &Lane<T>)| lane.bound().is_some_and(|bound| (bound, n) < (key, first));
        let waits = self.lanes.iter().enumerate().any(earlier);
        if waits && self.held <= self.limits.bytes && self.latest - key <= self.limits.span {
            return None;
        }
        let item = self.lanes.get_mut(first)?.queue.pop_front()?;
        self.held -= item.cost;
        Some((first, item.value))
    }

    /// Bytes held back, with what each item costs beside them.
    #[cfg(test)]
    pub(in crate::mux) fn held(&self) -> usize {
        self.held
    }
}

#[cfg(test)]
#[path = "interleave_tests.rs"]
mod tests;
