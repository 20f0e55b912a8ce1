//! Calls that may hang, with a limit to how long one waits for them.
//!
//! A thread that the kernel holds (a dead network mount, a wedged device) cannot be ended. It is left
//! behind and ends by itself when the kernel lets it go, or with the process.

use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};

/// Why a call gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// It is still running.
    #[error("{what} has not ended after {}", crate::base::human::duration(*limit))]
    Timeout {
        /// The name of the call.
        what: &'static str,
        /// How long was waited.
        limit: Duration,
    },
    /// It panicked.
    #[error("{what} failed inside")]
    Panicked {
        /// The name of the call.
        what: &'static str,
    },
    /// No thread could be started for it.
    #[error("{what} could not be started: {cause}")]
    NoThread {
        /// The name of the call.
        what: &'static str,
        /// What the system answered.
        cause: std::io::Error,
    },
}

/// A call that is running on a thread of its own. Dropped, it goes on and its answer is forgotten.
#[derive(Debug)]
pub struct Running<T> {
    what: &'static str,
    answer: Receiver<T>,
}

impl<T: Send + 'static> Running<T> {
    /// Starts `call`; `what` names it in errors and is the name of its thread.
    ///
    /// # Errors
    /// [`CallError::NoThread`].
    pub fn start(what: &'static str, call: impl FnOnce() -> T + Send + 'static) -> Result<Self, CallError> {
        let (sender, answer) = bounded(1);
        std::thread::Builder::new()
            .name(what.into())
            .spawn(move || {
                // Nobody listens any more after a time-out.
                let _ = sender.send(call());
            })
            .map_err(|cause| CallError::NoThread { what, cause })?;
        Ok(Self { what, answer })
    }

    /// Waits for the answer. After a time-out one may wait again.
    ///
    /// # Errors
    /// [`CallError::Timeout`], [`CallError::Panicked`]; also the latter when the answer was given before.
    pub fn wait(&self, limit: Duration) -> Result<T, CallError> {
        self.answer.recv_timeout(limit).map_err(|error| match error {
            RecvTimeoutError::Timeout => CallError::Timeout { what: self.what, limit },
            RecvTimeoutError::Disconnected => CallError::Panicked { what: self.what },
        })
    }
}

/// Runs `call` on a thread of its own and waits up to `limit` for its answer.
///
/// # Errors
/// [`CallError`]; after a time-out the thread is left behind.
pub fn call<T: Send + 'static>(
    what: &'static str,
    limit: Duration,
    call: impl FnOnce() -> T + Send + 'static,
) -> Result<T, CallError> {
    Running::start(what, call)?.wait(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn an_answer_in_time_is_given() {
        assert_eq!(call("sum", LONG, || 1 + 1).unwrap(), 2);
    }

    #[test]
    fn a_call_that_hangs_is_left_behind_and_may_be_waited_for_again() {
        let (release, held) = bounded::<()>(0);
        let running = Running::start("hang", move || held.recv().is_ok()).unwrap();
        let late = running.wait(Duration::from_millis(1)).unwrap_err();
        assert!(matches!(late, CallError::Timeout { what: "hang", .. }));
        release.send(()).unwrap();
        assert!(running.wait(LONG).unwrap());
    }

    #[test]
    fn a_call_that_panics_is_an_error() {
        let failed = call("break", LONG, || std::panic::resume_unwind(Box::new(()))).unwrap_err();
        assert!(matches!(failed, CallError::Panicked { .. }));
    }
}
