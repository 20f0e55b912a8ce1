//! When captions are shown: what the decoder shows becomes texts with the time from which each is there.

use std::collections::VecDeque;

use super::decoder::{Change, Decoder};
use crate::base::time::Ticks90;

/// Text that is written as one watches is whole when nothing was added for so long.
const STANDS: Ticks90 = Ticks90(Ticks90::SECOND.0 / 2);
/// It is not waited for longer than this: a text must not come much later than the pictures that it belongs to.
const WAITS: Ticks90 = Ticks90(Ticks90::SECOND.0 * 3 / 2);

/// A text, shown from a time on until the next one; empty: nothing is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Text {
    pub(super) from: Ticks90,
    pub(super) text: String,
}

/// Text that is being written.
#[derive(Clone, Debug)]
struct Growing {
    from: Ticks90,
    touched: Ticks90,
    text: String,
}

/// Texts out of pairs of bytes and their times.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    decoder: Decoder,
    growing: Option<Growing>,
    /// What was given out last, and its time.
    shown: String,
    from: Ticks90,
    ready: VecDeque<Text>,
}

impl Texts {
    /// The first picture is shown at `time`: what an earlier stream has shown ends there.
    pub(super) fn begin(&mut self, time: Ticks90) {
        self.from = time;
        self.ready.push_back(Text { from: time, text: String::new() });
    }

    /// The next pair of field 1, shown at `time`.
    pub(super) fn pair(&mut self, time: Ticks90, pair: [u8; 2]) {
        self.reach(time);
        let change = self.decoder.take(pair);
        if matches!(change, Change::Rolls | Change::Turns) {
            self.settle();
        }
        match change {
            Change::None => {}
            Change::Turns => self.show(time, self.decoder.text()),
            Change::Grows | Change::Rolls => {
                let from = self.growing.as_ref().map_or(time, |growing| growing.from);
                self.growing = Some(Growing { from, touched: time, text: self.decoder.text() });
            }
        }
    }

    /// The film has come to `time`.
    pub(super) fn reach(&mut self, time: Ticks90) {
        let is_whole = |growing: &Growing| time - growing.touched >= STANDS || time - growing.from >= WAITS;
        if self.growing.as_ref().is_some_and(is_whole) {
            self.settle();
        }
    }

    /// The stream ends, or something of it is missing from `time` on: what is shown ends there with `is_lost`.
    pub(super) fn end(&mut self, time: Ticks90, is_lost: bool) {
        self.settle();
        if is_lost {
            self.show(time, String::new());
            self.decoder = Decoder::default();
        }
    }

    /// The next text.
    pub(super) fn next(&mut self) -> Option<Text> {
        self.ready.pop_front()
    }

    fn settle(&mut self) {
        if let Some(Growing { from, text, .. }) = self.growing.take() {
            self.show(from, text);
        }
    }

    fn show(&mut self, from: Ticks90, text: String) {
        if text != self.shown {
            // Pairs of a group run ahead of its pictures.
            let from = from.max(self.from);
            self.from = from;
            self.shown.clone_from(&text);
            self.ready.push_back(Text { from, text });
        }
    }
}

#[cfg(test)]
#[path = "tests/timing.rs"]
mod tests;
