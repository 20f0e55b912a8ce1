//! The one thread beside the writer: it waits for write-out and syncs, so that a hung output holds it
//! and not the writer.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::sink::Sink;
use super::window::ByteRange;
use crate::base::clock::Clock;
use crate::image::error::{Fault, ImageError, Operation};

/// A wait over this is reported and no longer waited for.
pub const WAIT_LIMIT: Duration = Duration::from_secs(30);

/// The longest sleep between two looks at the clock, which may be a virtual one. Results wake at once.
const LOOK: Duration = Duration::from_millis(50);

/// The number of a piece of work. They are done in order: when one is finished, so are all before it.
pub(crate) type Ticket = u64;

/// What the helper can be asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Work {
    /// Wait for the write-out of a range.
    Wait(ByteRange),
    /// Sync the data.
    Sync,
}

#[derive(Debug)]
struct Job {
    ticket: Ticket,
    work: Work,
    submitted: Duration,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    last_ticket: Ticket,
    finished: Ticket,
    /// When the latest few jobs ended.
    ends: VecDeque<(Ticket, Duration)>,
    /// The last job that took longer than [`WAIT_LIMIT`] from its submission.
    last_late: Ticket,
    closing: bool,
    gone: bool,
    /// The writer's own sink, handed over at the end: closing may hang too.
    to_close: Option<Box<dyn Sink>>,
}

struct Shared {
    state: Mutex<State>,
    /// Work came, or the end.
    work: Condvar,
    /// Something finished.
    done: Condvar,
    fault: Arc<Fault>,
    clock: Arc<dyn Clock>,
    path: PathBuf,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The writer's end of the helper thread. Closed by [`Helper::close`]; dropped without, it ends by itself.
pub(crate) struct Helper {
    shared: Arc<Shared>,
}

impl Helper {
    /// Starts the thread. `sink` must not share its error reports with the writer's.
    pub(crate) fn spawn(
        sink: Box<dyn Sink>,
        path: &Path,
        clock: Arc<dyn Clock>,
        fault: Arc<Fault>,
    ) -> Result<Self, ImageError> {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            work: Condvar::new(),
            done: Condvar::new(),
            fault,
            clock,
            path: path.to_owned(),
        });
        let own = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("write-back".into())
            .spawn(move || run(&own, sink))
            .map_err(|e| ImageError::io(Operation::Reopen, path, e))?;
        Ok(Self { shared })
    }

    /// Queues work. Syncs that have not begun are one.
    pub(crate) fn submit(&self, work: Work) -> Ticket {
        let submitted = self.shared.clock.now();
        let mut state = self.shared.lock();
        if let Some(last) = state.jobs.back()
            && work == Work::Sync
            && last.work == Work::Sync
        {
            return last.ticket;
        }
        state.last_ticket += 1;
        let ticket = state.last_ticket;
        state.jobs.push_back(Job { ticket, work, submitted });
        self.shared.work.notify_one();
        ticket
    }

    /// Whether some work is finished, and whether in time. Finished does not mean that it went well.
    pub(crate) fn finished(&self, ticket: Ticket) -> Option<InTime> {
        let state = self.shared.lock();
        (state.finished >= ticket).then(|| state.last_late < ticket)
    }

    /// Waits until some work is finished and says when it ended; `None` when it did not by `deadline`.
    pub(crate) fn wait_until(&self, ticket: Ticket, deadline: Duration) -> Option<Duration> {
        let state = self.wait_for(deadline, |state| state.finished >= ticket || state.gone)?;
        let end = state.ends.iter().find(|(ended, _)| *ended == ticket).map(|(_, at)| *at);
        Some(end.unwrap_or_else(|| self.shared.clock.now()))
    }

    /// Drops what is queued, ends the thread and closes both sinks there, waiting no longer than `deadline`.
    /// A thread that the kernel holds is left behind.
    pub(crate) fn close(self, sink: Option<Box<dyn Sink>>, deadline: Duration) {
        self.shared.lock().to_close = sink;
        self.end();
        self.wait_for(deadline, |state| state.gone);
    }

    fn end(&self) {
        self.shared.lock().closing = true;
        self.shared.work.notify_one();
    }

    /// The state once it is `ready`; `None` when it is not by `deadline`.
    fn wait_for(&self, deadline: Duration, ready: impl Fn(&State) -> bool) -> Option<MutexGuard<'_, State>> {
        let mut state = self.shared.lock();
        loop {
            if ready(&state) {
                return Some(state);
            }
            let left = deadline.saturating_sub(self.shared.clock.now());
            if left.is_zero() {
                return None;
            }
            let (again, _) =
                self.shared.done.wait_timeout(state, left.min(LOOK)).unwrap_or_else(PoisonError::into_inner);
            state = again;
        }
    }
}

/// Whether work ended within [`WAIT_LIMIT`] of its submission.
pub(crate) type InTime = bool;

impl Drop for Helper {
    fn drop(&mut self) {
        self.end();
    }
}

/// Says that the thread is gone however it ends, so that nobody waits for it for ever.
struct Leaving<'a>(&'a Shared);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.gone = true;
        if !state.closing {
            let cause = std::io::Error::other("the thread that syncs it ended");
            self.0.fault.raise(ImageError::io(Operation::Sync, &self.0.path, cause));
        }
        drop(state);
        self.0.done.notify_all();
    }
}

fn run(shared: &Shared, sink: Box<dyn Sink>) {
    let leaving = Leaving(shared);
    while let Some(job) = next_job(shared) {
        // After a fault nothing the system says counts any more.
        if !shared.fault.is_raised() {
            carry_out(shared, sink.as_ref(), job.work);
        }
        let end = shared.clock.now();
        let mut state = shared.lock();
        state.finished = job.ticket;
        // No more than two waits and two syncs are ever asked for at a time.
        if state.ends.len() >= 8 {
            state.ends.pop_front();
        }
        state.ends.push_back((job.ticket, end));
        if end.saturating_sub(job.submitted) > WAIT_LIMIT {
            state.last_late = job.ticket;
        }
        drop(state);
        shared.done.notify_all();
    }
    let to_close = shared.lock().to_close.take();
    drop((sink, to_close));
    drop(leaving);
}

fn next_job(shared: &Shared) -> Option<Job> {
    let mut state = shared.lock();
    loop {
        if state.closing {
            return None;
        }
        if let Some(job) = state.jobs.pop_front() {
            return Some(job);
        }
        state = shared.work.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
}

fn carry_out(shared: &Shared, sink: &dyn Sink, work: Work) {
    let failed = match work {
        Work::Wait(range) => {
            sink.wait(range).map_err(|e| ImageError::io_at(Operation::Wait, &shared.path, range.offset, e))
        }
        Work::Sync => {
            shared.fault.after_sync(sink.sync()).map_err(|e| ImageError::io(Operation::Sync, &shared.path, e))
        }
    };
    if let Err(error) = failed {
        shared.fault.raise(error);
    }
}
