//! Exit codes, and the one place that says which error, and which end of a run, has which.

mod jobs;
mod sources;

use crate::imaging::End;
use crate::job::mux::Written;
use crate::job::rip::{Ripped, Trouble};
use crate::job::verify;
use crate::mux::report::OutputReport;

pub(in crate::cli::exit) use sources::nothing_there;

/// How the program ends. Scripts rely on the numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Exit {
    /// All is there, or is the same.
    Complete = 0,
    /// Input/output or the environment failed.
    Failed = 1,
    /// Wrong usage, or something would be written over.
    Usage = 2,
    /// Done, but data is missing.
    Missing = 3,
    /// No disc, no drive, not ready or busy.
    NotReady = 4,
    /// Another disc than the image's, or bytes that differ.
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
    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    /// Of a sweep or a patch that ended like that.
    #[must_use]
    pub(crate) fn of_imaging(end: &End, is_complete: bool) -> Self {
        match end {
            End::Done | End::Limit(_) if is_complete => Self::Complete,
            End::Done | End::Limit(_) => Self::Missing,
            End::Stopped => Self::Stopped,
            End::Fault { fault, .. } => fault.exit(),
            End::Failed(error) => error.exit(),
        }
    }

    /// Of a copy of an image, whether or not the image is all of its disc.
    #[must_use]
    pub(crate) fn of_copy(complete: bool) -> Self {
        if complete { Self::Complete } else { Self::Missing }
    }

    /// Of maps, or images, of which nothing is missing or in doubt, or not.
    #[must_use]
    pub(crate) fn of_maps(is_whole: bool) -> Self {
        if is_whole { Self::Complete } else { Self::Missing }
    }

    /// Of a mux that wrote this.
    #[must_use]
    pub(crate) fn of_films(written: &Written) -> Self {
        match &written.failure {
            Some(error) => error.exit(),
            None if written.outputs.iter().all(OutputReport::is_complete) => Self::Complete,
            None => Self::Missing,
        }
    }

    /// Of a comparison that found this.
    #[must_use]
    pub(crate) fn of_verify(end: &verify::End, report: &verify::Report) -> Self {
        match end {
            verify::End::Done if report.is_same() => Self::Complete,
            verify::End::Done if report.differing_sectors > 0 => Self::WrongDisc,
            verify::End::Done => Self::Missing,
            verify::End::Stopped => Self::Stopped,
            verify::End::Fault { fault, .. } | verify::End::Image { fault, .. } => fault.exit(),
        }
    }

    /// Of the rip of a disc: the worst of its steps, and whether anything is missing. One that was skipped is as it was left.
    #[must_use]
    pub(crate) fn of_rip(ripped: &Ripped) -> Self {
        let missing = ripped.lacks() || ripped.earlier == Some(Self::Missing.code());
        let whole = if missing { Self::Missing } else { Self::Complete };
        Self::worst(ripped.troubles.iter().map(Trouble::exit).chain([whole]))
    }

    /// The worst of several ends: a stop, then in the order 1 7 5 4 6 2 3 0.
    #[must_use]
    pub(crate) fn worst(ends: impl IntoIterator<Item = Self>) -> Self {
        const WORST_FIRST: [Exit; 9] = [
            Exit::Stopped,
            Exit::Failed,
            Exit::Wedged,
            Exit::WrongDisc,
            Exit::NotReady,
            Exit::Protected,
            Exit::Usage,
            Exit::Missing,
            Exit::Complete,
        ];
        let rank = |end: &Self| WORST_FIRST.iter().position(|worst| worst == end);
        ends.into_iter().min_by_key(rank).unwrap_or(Self::Complete)
    }
}

/// What has an exit code.
pub(crate) trait ExitCode {
    /// It.
    fn exit(&self) -> Exit;
}

#[cfg(test)]
mod tests;
