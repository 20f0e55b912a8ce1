//! A failure as the person sees it.

use std::fmt::Display;

use crate::base::human::without_error_numbers;

use super::code::{Exit, ExitCode};
use super::own::CliError;

/// One sentence, what to do about it, an exit code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Failure {
    exit: Exit,
    /// What went wrong, one sentence without its full stop.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
}

impl Failure {
    /// An error with its own sentence, without a hint.
    #[must_use]
    pub(super) fn of(error: &(impl ExitCode + Display)) -> Self {
        Self::saying(error, error.to_string())
    }

    /// What has this exit code, in other words.
    #[must_use]
    pub(super) fn saying(what: &impl ExitCode, message: impl Into<String>) -> Self {
        Self { exit: what.exit(), message: without_error_numbers(&message.into()), hint: None }
    }

    /// The same with a hint.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with a hint where there is one.
    #[must_use]
    pub(super) fn maybe(self, hint: Option<&'static str>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    /// The exit code.
    #[must_use]
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }
}

impl From<CliError> for Failure {
    fn from(error: CliError) -> Self {
        Self { hint: error.hint().map(str::to_owned), ..Self::of(&error) }
    }
}
