//! What a long job tells while it runs.

use serde::Serialize;

/// How far a job is. Numbers of bytes are of the whole disc, not of this run.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Progress {
    /// What is being done: `sweep`, `fill`, `split`, `retry 2/3`.
    pub phase: String,
    /// Where the last read ended.
    pub position_bytes: u64,
    /// Size of the disc (or of the chosen part of it).
    pub total_bytes: u64,
    /// Bytes read well.
    pub rescued_bytes: u64,
    /// Bytes that are on the disc and not in the output yet, not tried and failed together.
    pub missing_bytes: u64,
    /// Bytes of them that reads asked for in vain.
    #[serde(skip)]
    pub failed_bytes: u64,
    /// Reads that failed in this run.
    pub errors: u64,
    /// Recent speed of reading.
    pub bytes_per_second: u64,
    /// Estimate of the time left, seconds; `None` when nothing can be said.
    pub seconds_left: Option<u64>,
}

/// Something worth telling while a job runs.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// A new phase begins: what the program is at until the next one.
    Phase(String),
    /// How far the job is; at most ten a second.
    Progress(Progress),
    /// A sentence for the person.
    Notice(String),
    /// A sentence about something that is not as it should be.
    Warning(String),
}

/// Where events go. Called from any thread of a job; must return at once.
pub trait Events: Send + Sync {
    /// Takes one event.
    fn event(&self, event: Event);
}

/// Forgets every event.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoEvents;

impl Events for NoEvents {
    fn event(&self, _: Event) {}
}
