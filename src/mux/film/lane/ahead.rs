//! How far the paths of the title have come, and the frames that came too far ahead of the title's own path.

use std::collections::VecDeque;
use std::ops::Range;

use super::cut::PartSpan;
use super::held::PendingFrame;
use crate::base::time::Ticks90;
use crate::mux::memory::SUB_PATHS;

/// How far a sub-path may be ahead of the title and still wait among the others.
const SOON: i64 = Ticks90::SECOND.0;

/// One path of the title.
#[derive(Debug)]
struct Path {
    /// Where its part plays.
    span: PartSpan,
    /// How far it has come.
    latest: i64,
    /// Frames of a sub-path that are too far ahead of the title to wait among the others, with their tracks.
    ahead: VecDeque<(usize, PendingFrame)>,
}

impl Default for Path {
    fn default() -> Self {
        Self { span: nowhere(), latest: i64::MIN, ahead: VecDeque::new() }
    }
}

/// The paths by their numbers; 0 is the title's own.
#[derive(Debug)]
pub(in crate::mux::film) struct Paths {
    all: Vec<Path>,
}

impl Paths {
    pub(in crate::mux::film) fn new(count: usize) -> Self {
        Self { all: std::iter::repeat_with(Path::default).take(count).collect() }
    }

    /// The numbers of those beside the title's own.
    pub(in crate::mux::film) fn beside(&self) -> Range<usize> {
        1..self.all.len()
    }

    /// The next part of a path begins. A path may bring no track of its own.
    pub(in crate::mux::film) fn begin(&mut self, path: usize, span: PartSpan) {
        while self.all.len() <= path.min(SUB_PATHS) {
            self.all.push(Path::default());
        }
        if let Some(path) = self.all.get_mut(path) {
            path.span = span;
        }
    }

    /// Where the part of a path plays.
    pub(in crate::mux::film) fn span(&self, path: usize) -> PartSpan {
        self.all.get(path).map_or_else(nowhere, |path| path.span)
    }

    /// How far a path has come.
    pub(in crate::mux::film) fn reached(&self, path: usize) -> i64 {
        self.all.get(path).map_or(i64::MAX, |path| path.latest)
    }

    /// A path has come to `time`. `false` where it had come as far before.
    pub(in crate::mux::film) fn reach(&mut self, path: usize, time: i64) -> bool {
        let path = self.all.get_mut(path).filter(|path| time > path.latest);
        path.map(|path| path.latest = time).is_some()
    }

    /// Keeps a frame that is too far ahead of the title, or comes behind one that is; gives any other back.
    pub(in crate::mux::film) fn keep_ahead(
        &mut self,
        path: usize,
        lane: usize,
        frame: PendingFrame,
    ) -> Option<PendingFrame> {
        let soon = self.reached(0).saturating_add(SOON);
        match self.all.get_mut(path) {
            Some(sub) if path > 0 && (frame.order > soon || !sub.ahead.is_empty()) => {
                sub.ahead.push_back((lane, frame));
                None
            }
            _ => Some(frame),
        }
    }

    /// The next frame that was kept of a path, with its track, now that the title has come to `time`: those that are
    /// no longer too far ahead of it.
    pub(in crate::mux::film) fn caught_up(&mut self, path: usize, time: i64) -> Option<(usize, PendingFrame)> {
        let soon = time.saturating_add(SOON);
        let ahead = &mut self.all.get_mut(path)?.ahead;
        ahead.front().filter(|(_, frame)| frame.order <= soon)?;
        ahead.pop_front()
    }

    /// When the first frame that is kept of a track is decoded.
    pub(in crate::mux::film) fn first_ahead(&self, path: usize, lane: usize) -> Option<i64> {
        let mut ahead = self.all.get(path)?.ahead.iter();
        ahead.find(|(number, _)| *number == lane).map(|(_, frame)| frame.order)
    }
}

/// Where a path plays that has no part.
fn nowhere() -> PartSpan {
    PartSpan::new(Ticks90::ZERO, Ticks90::ZERO, true, true)
}

#[cfg(test)]
mod tests {
    use super::super::cut::Seen;
    use super::*;
    use crate::codec::Kept;

    fn frame(order: i64) -> PendingFrame {
        let seen = Seen { time: order, duration: 0, key: true, leading: false, discardable: false, clear: false };
        PendingFrame { seen, order, forced: false, invisible: false, bytes: Kept::default() }
    }

    #[test]
    fn a_sub_path_waits_until_the_title_is_near() {
        let mut paths = Paths::new(2);
        assert!(paths.reach(0, 0) && !paths.reach(0, 0) && !paths.reach(2, 0));
        assert!(paths.keep_ahead(1, 5, frame(SOON)).is_some());
        assert!(paths.keep_ahead(1, 5, frame(SOON + 1)).is_none());
        // What comes behind it stays behind it.
        assert!(paths.keep_ahead(1, 6, frame(SOON)).is_none());
        assert_eq!((paths.first_ahead(1, 6), paths.first_ahead(1, 7)), (Some(SOON), None));
        assert!(paths.caught_up(1, 0).is_none());
        let mut caught = || paths.caught_up(1, 1).map(|(lane, frame)| (lane, frame.order));
        assert_eq!([caught(), caught(), caught()], [Some((5, SOON + 1)), Some((6, SOON)), None]);
    }

    #[test]
    fn the_title_itself_waits_for_nothing() {
        let mut paths = Paths::new(1);
        assert!(paths.keep_ahead(0, 0, frame(1 << 40)).is_some());
        assert!(paths.beside().is_empty());
    }
}
