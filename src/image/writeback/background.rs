//! What goes on behind the writes: the helper's work, and what of it the window waits for.

use std::collections::VecDeque;
use std::time::Duration;

use super::helper::{Helper, Ticket, WAIT_LIMIT, Work};
use super::window::Window;

/// What an output that can be written out has besides.
pub(super) struct Background {
    pub(super) helper: Helper,
    pub(super) window: Window,
    /// Work on what [`Window`] waits for, oldest first.
    watched: VecDeque<(Ticket, Duration)>,
    /// The last work handed over when the output degraded, or the probe since.
    probe: Ticket,
}

impl Background {
    /// Begins with nothing to wait for.
    pub(super) fn new(helper: Helper, window: Window) -> Self {
        Self { helper, window, watched: VecDeque::with_capacity(2), probe: 0 }
    }

    /// Hands work over whose end matters to the window.
    pub(super) fn watch(&mut self, work: Work, now: Duration) {
        let ticket = self.helper.submit(work);
        self.probe = ticket;
        if !self.window.is_degraded() {
            self.watched.push_back((ticket, now));
        }
    }

    /// Waits for the oldest watched work until [`WAIT_LIMIT`] after it was handed over, or `deadline`,
    /// and says when it ended; `None` when it did not.
    pub(super) fn wait(&mut self, deadline: Duration) -> Option<Duration> {
        let (ticket, since) = self.watched.pop_front()?;
        let end = self.helper.wait_until(ticket, since.saturating_add(WAIT_LIMIT).min(deadline));
        if end.is_none() {
            self.watched.clear();
        }
        end
    }

    /// While degraded: tells the window when the work came back that was not waited for.
    pub(super) fn ask_probe(&mut self) {
        if self.window.is_degraded()
            && let Some(in_time) = self.helper.finished(self.probe)
        {
            self.window.came_back(in_time);
        }
    }
}
