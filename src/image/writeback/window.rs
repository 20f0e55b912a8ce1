//! Which parts of the output to start writing out, to wait for and to drop from the cache. Pure.
//!
//! The output is written in windows. When one is full its write-out starts; before the next but one is
//! begun it must have ended, and then it leaves the cache. So at most two windows are dirty or under
//! write-out at any time, and the kernel never gathers a burst of gigabytes that stalls the reader later.

use std::collections::VecDeque;
use std::time::Duration;

/// Least size of a window, bytes.
pub const SMALLEST: u64 = 4 << 20;
/// Largest size of a window, bytes.
pub const LARGEST: u64 = 32 << 20;

/// Windows end at multiples of this: no page of the cache, not even a huge one, then lies in two of them.
const EDGE: u64 = 2 << 20;
/// A window is what the output took in this time.
const SPAN: Duration = Duration::from_secs(1);
/// Samples of the output's speed lie this far apart.
const SAMPLE: Duration = Duration::from_millis(50);

/// A range of bytes of the output.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ByteRange {
    /// Where it begins.
    pub offset: u64,
    /// How long it is.
    pub len: u64,
}

impl ByteRange {
    /// One past its last byte.
    #[must_use]
    pub fn end(self) -> u64 {
        self.offset.saturating_add(self.len)
    }
}

/// What is about to happen to the output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Goal {
    /// Nothing: something was just written.
    Rest,
    /// Bytes will be written at this offset.
    Write(u64),
    /// All that was written shall be on the device.
    Drain,
}

/// What to do before the goal may be pursued.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Start the write-out of a range. With `watch` its end is to be watched as well: a wait follows,
    /// or [`Window::came_back`].
    Start {
        /// What to write out.
        range: ByteRange,
        /// Whether anybody will ask when it ended.
        watch: bool,
    },
    /// Wait until the write-out of a range ended, then call [`Window::waited`].
    Wait(ByteRange),
    /// Drop a range from the cache: it is on the device.
    Drop(ByteRange),
}

/// Whether write-outs are waited for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mode {
    /// They are.
    Waiting,
    /// A wait was late: nobody waits, one write-out at a time is watched to see whether the output recovered.
    Degraded { watched: bool },
    /// Never: a network file system, where a wait may last as long as the server is away.
    Never,
}

/// What a window consists of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Shape {
    /// One contiguous range; a write elsewhere ends it.
    Contiguous,
    /// An amount of bytes wherever they lie, always [`LARGEST`].
    Amount,
}

/// The windows of one output.
#[derive(Debug)]
pub struct Window {
    mode: Mode,
    shape: Shape,
    /// Written, write-out not started.
    dirty: ByteRange,
    /// How much `dirty` may grow to.
    size: u64,
    /// Write-out started and not waited for; at most two, oldest first.
    started: VecDeque<ByteRange>,
    /// Waited for, still in the cache.
    settled: Option<ByteRange>,
    /// Where the last write ended; `None` before the first.
    next: Option<u64>,
    speed: Speed,
}

impl Window {
    /// Windows of contiguous ranges. `network`: nothing is ever waited for or dropped.
    #[must_use]
    pub fn new(network: bool, now: Duration) -> Self {
        Self::shaped(Shape::Contiguous, network, now)
    }

    /// Windows that only count bytes: for outputs that are synced as a whole. Of the ranges in the steps
    /// only the lengths mean something.
    #[must_use]
    pub fn of_amounts(network: bool, now: Duration) -> Self {
        Self::shaped(Shape::Amount, network, now)
    }

    fn shaped(shape: Shape, network: bool, now: Duration) -> Self {
        Self {
            mode: if network { Mode::Never } else { Mode::Waiting },
            shape,
            dirty: ByteRange::default(),
            size: 0,
            started: VecDeque::with_capacity(2),
            settled: None,
            next: None,
            speed: Speed::new(now),
        }
    }

    /// The next thing to do before `goal` may be pursued; `None` when nothing is left to do.
    /// After `None` for [`Goal::Write`] up to [`Window::room`] bytes may be written there.
    pub fn step(&mut self, goal: Goal, now: Duration) -> Option<Step> {
        if let Some(range) = self.settled.take() {
            return Some(Step::Drop(range));
        }
        let leaves = match goal {
            Goal::Rest => false,
            Goal::Write(offset) => self.shape == Shape::Contiguous && self.next.is_some_and(|next| next != offset),
            Goal::Drain => true,
        };
        if self.dirty.len > 0 && (leaves || self.dirty.len >= self.size) {
            return Some(self.start(now));
        }
        let may_stay = match goal {
            Goal::Rest => 2,
            Goal::Write(_) if !leaves => 1,
            Goal::Write(_) | Goal::Drain => 0,
        };
        if self.started.len() > may_stay {
            return self.started.front().copied().map(Step::Wait);
        }
        if let Goal::Write(offset) = goal
            && self.dirty.len == 0
        {
            self.open(offset);
        }
        None
    }

    /// How many bytes may be written before the next call of [`Window::step`].
    #[must_use]
    pub fn room(&self) -> u64 {
        self.size.saturating_sub(self.dirty.len)
    }

    /// `len` bytes, no more than [`Window::room`], were written where the last [`Goal::Write`] said.
    pub fn wrote(&mut self, len: u64) {
        self.dirty.len = self.dirty.len.saturating_add(len);
        self.next = Some(self.dirty.end());
    }

    /// The wait that [`Window::step`] asked for is over. `end` is when the write-out ended, which may be
    /// long before anybody asked; `None` when it did not and the time is up.
    pub fn waited(&mut self, end: Option<Duration>) {
        let Some(end) = end else {
            self.started.clear();
            self.mode = Mode::Degraded { watched: true };
            return;
        };
        if let Some(range) = self.started.pop_front() {
            self.speed.took(range.len, end);
            self.settled = Some(range);
        }
    }

    /// The last watched write-out ended while nobody waited; in time, the output is well again.
    pub fn came_back(&mut self, in_time: bool) {
        if matches!(self.mode, Mode::Degraded { .. }) {
            self.mode = if in_time { Mode::Waiting } else { Mode::Degraded { watched: false } };
        }
    }

    /// Whether waiting stopped because a wait was late.
    #[must_use]
    pub fn is_degraded(&self) -> bool {
        matches!(self.mode, Mode::Degraded { .. })
    }

    /// Bytes that are dirty or under write-out, as far as is known: what is not waited for does not count.
    #[must_use]
    pub fn outstanding(&self) -> u64 {
        self.started.iter().fold(self.dirty.len, |sum, r| sum.saturating_add(r.len))
    }

    fn start(&mut self, now: Duration) -> Step {
        let range = std::mem::take(&mut self.dirty);
        let watch = match &mut self.mode {
            Mode::Waiting => {
                self.started.push_back(range);
                return Step::Start { range, watch: true };
            }
            Mode::Degraded { watched } => !std::mem::replace(watched, true),
            Mode::Never => false,
        };
        self.speed.took(range.len, now);
        Step::Start { range, watch }
    }

    /// Begins a window at `offset`.
    fn open(&mut self, offset: u64) {
        self.dirty = ByteRange { offset, len: 0 };
        self.size = match self.shape {
            Shape::Amount => LARGEST,
            Shape::Contiguous => {
                let end = offset.saturating_add(self.speed.in_last_span().clamp(SMALLEST, LARGEST));
                (end - end % EDGE).saturating_sub(offset).max(1)
            }
        };
    }
}

/// How much the output took lately.
#[derive(Debug)]
struct Speed {
    /// Moments and the bytes taken until then, oldest first; the first alone may be older than the span.
    samples: VecDeque<(Duration, u64)>,
    total: u64,
}

impl Speed {
    fn new(now: Duration) -> Self {
        Self { samples: VecDeque::from([(now, 0)]), total: 0 }
    }

    /// The output has just taken this many bytes more.
    fn took(&mut self, bytes: u64, at: Duration) {
        let now = self.samples.back().map_or(at, |(last, _)| at.max(*last));
        self.total = self.total.saturating_add(bytes);
        let crowded = match self.samples.len().checked_sub(2).and_then(|i| self.samples.get(i)) {
            Some((before_last, _)) => now.saturating_sub(*before_last) < SAMPLE,
            None => false,
        };
        if crowded {
            self.samples.pop_back();
        }
        self.samples.push_back((now, self.total));
        let begin = now.saturating_sub(SPAN);
        while self.samples.get(1).is_some_and(|(at, _)| *at <= begin) {
            self.samples.pop_front();
        }
    }

    /// Bytes taken in the last second that anything is known of: the one before the latest sample, since
    /// what is being taken right now is not counted yet. A window that was taken over two seconds counts
    /// half; counted whole it would keep itself large.
    fn in_last_span(&self) -> u64 {
        let latest = self.samples.back().map_or(Duration::ZERO, |(at, _)| *at);
        let begin = latest.saturating_sub(SPAN);
        let mut before = (Duration::ZERO, 0);
        for &(at, total) in &self.samples {
            if at > begin {
                let (whole, part) = ((at - before.0).as_nanos(), begin.saturating_sub(before.0).as_nanos());
                let taken = u128::from(total - before.1) * part / whole.max(1);
                return self.total - before.1 - u64::try_from(taken).unwrap_or(0);
            }
            before = (at, total);
        }
        0
    }
}

#[cfg(test)]
#[path = "tests/window.rs"]
mod tests;
