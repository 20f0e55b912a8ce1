//! Exit codes, and failures that carry one.

use std::fmt;

/// How the program ends. Scripts rely on the numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Exit {
    /// All is there.
    Complete = 0,
    /// Input/output or the environment failed.
    Failed = 1,
    /// Wrong usage, or something would be written over.
    Usage = 2,
    /// Done, but data is missing.
    Missing = 3,
    /// No disc, no drive, not ready or busy.
    NotReady = 4,
    /// Another disc than the image's.
    WrongDisc = 5,
    /// Protected or region-locked.
    Protected = 6,
    /// The drive stopped answering.
    Wedged = 7,
    /// Stopped by a signal, state saved.
    Stopped = 130,
}

impl Exit {
    /// The number.
    #[must_use]
    pub(super) fn code(self) -> u8 {
        self as u8
    }
}

/// A failure as the person sees it: one sentence, what to do about it, an exit code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What went wrong, one sentence without its full stop.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
}

impl Failure {
    /// A failure without a hint.
    #[must_use]
    pub(super) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: None }
    }

    /// The same with a hint.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// What a person is shown for any error: a [`Failure`] as it is, else exit code 1 and the chain of causes.
#[must_use]
pub(super) fn failure_of(error: &anyhow::Error) -> Failure {
    error.downcast_ref::<Failure>().cloned().unwrap_or_else(|| Failure::new(Exit::Failed, format!("{error:#}")))
}
