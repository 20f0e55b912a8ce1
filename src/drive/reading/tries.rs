//! What was tried so far for one read.

/// What was tried so far for one read.
#[derive(Debug, Default)]
pub(super) struct Tries {
    pub(super) all: u32,
    pub(super) ready: u32,
    pub(super) medium: u32,
    pub(super) aborted: u32,
    pub(super) attention: u32,
    pub(super) busy: u32,
    pub(super) transport: u32,
    pub(super) unsent: u32,
    pub(super) timed_out: u32,
    pub(super) servo: u32,
    pub(super) toc: u32,
    /// This one goes without FUA.
    pub(super) without_fua: bool,
    /// It was found out whether the length of the command is to blame.
    pub(super) measured: bool,
}

/// What comes next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Next {
    /// The same command.
    Again,
    /// Shorter ones: it is longer than the way to the drive takes.
    Shorter,
}
