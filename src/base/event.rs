//! What a long job tells while it runs.

use std::time::Instant;

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
    /// Estimate of the time to the end of the phase, seconds; `None` when nothing can be said.
    pub seconds_left: Option<u64>,
    /// Where units are asked for one by one: which of them, from 1.
    pub pass_unit: Option<u64>,
    /// How many of them this pass is about.
    pub pass_units: Option<u64>,
    /// Seconds of the source's time since the last new sector came.
    pub barren_seconds: u64,
    /// The read that is under way.
    #[serde(skip)]
    pub reading: Option<Reading>,
}

/// A read that is under way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reading {
    /// Its first sector.
    pub sector: u64,
    /// When it was sent.
    pub since: Instant,
}

/// Something worth telling while a job runs.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// A new phase begins: what the program is at until the next one.
    Phase(String),
    /// How far the job is; at most ten a second.
    Progress(Progress),
    /// What is missing means this for the film, in a few words: `film hurt 0:29-0:31`, `film whole`.
    Film(String),
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
