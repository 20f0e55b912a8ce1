//! Frames of one track that are held until it is known what becomes of them.

use std::collections::VecDeque;

use super::cut::Seen;
use crate::codec::video::nal::hevc::link;
use crate::codec::{Kept, Payload};

/// What a frame takes beside its bytes.
const FRAME_BYTES: usize = 2 * size_of::<PendingFrame>();

/// The bytes of a frame that stays; `is_unlinked`: it does not go on from what the film has in front of it.
pub(in crate::mux) fn kept(payload: Payload<'_>, is_unlinked: bool) -> Kept {
    if is_unlinked { link::kept(payload) } else { payload.into() }
}

/// A frame with its bytes.
#[derive(Debug)]
pub(in crate::mux) struct PendingFrame {
    pub(in crate::mux) seen: Seen,
    /// When it is decoded.
    pub(in crate::mux) order: i64,
    /// A subtitle all of which is forced.
    pub(in crate::mux) forced: bool,
    /// A picture behind OUT that others need: it is not shown.
    pub(in crate::mux) invisible: bool,
    pub(in crate::mux) bytes: Kept,
}

/// Frames in the order in which they came.
#[derive(Debug, Default)]
pub(in crate::mux) struct Held {
    frames: VecDeque<PendingFrame>,
    bytes: usize,
}

impl Held {
    /// Bytes of memory that they take.
    pub(in crate::mux) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(in crate::mux) fn push(&mut self, frame: PendingFrame) {
        self.bytes += frame.bytes.memory() + FRAME_BYTES;
        self.frames.push_back(frame);
    }

    pub(in crate::mux) fn front(&self) -> Option<&PendingFrame> {
        self.frames.front()
    }

    /// Drops the last ones that `unwanted` says yes to.
    pub(in crate::mux) fn drop_last(&mut self, unwanted: impl Fn(&PendingFrame) -> bool) {
        while self.frames.back().is_some_and(&unwanted) {
            let bytes = self.frames.pop_back().map_or(0, |frame| frame.bytes.memory() + FRAME_BYTES);
            self.bytes = self.bytes.saturating_sub(bytes);
        }
    }

    pub(in crate::mux) fn take(&mut self) -> VecDeque<PendingFrame> {
        self.bytes = 0;
        std::mem::take(&mut self.frames)
    }

    pub(in crate::mux) fn clear(&mut self) {
        *self = Self::default();
    }
}
