//! Frames of one track that are held until it is known what becomes of them.

use std::collections::VecDeque;

use super::film::Shot;

/// What a frame takes beside its bytes.
const SHOT_BYTES: usize = 2 * size_of::<Shot>();

/// Frames in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Held {
    shots: VecDeque<Shot>,
    bytes: usize,
}

impl Held {
    /// Bytes of memory that they take.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn push(&mut self, shot: Shot) {
        self.bytes += shot.bytes.len() + SHOT_BYTES;
        self.shots.push_back(shot);
    }

    pub(super) fn front(&self) -> Option<&Shot> {
        self.shots.front()
    }

    /// Drops the last ones that `unwanted` says yes to.
    pub(super) fn drop_last(&mut self, unwanted: impl Fn(&Shot) -> bool) {
        while self.shots.back().is_some_and(&unwanted) {
            let bytes = self.shots.pop_back().map_or(0, |shot| shot.bytes.len() + SHOT_BYTES);
            self.bytes = self.bytes.saturating_sub(bytes);
        }
    }

    pub(super) fn take(&mut self) -> VecDeque<Shot> {
        self.bytes = 0;
        std::mem::take(&mut self.shots)
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
