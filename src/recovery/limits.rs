//! How far a patch goes.

use std::time::Duration;

use super::params::DEFAULT_PASSES;

/// What a person allows a patch to spend.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Retry passes over what failed.
    pub passes: u32,
    /// Go on in spans that the stop rule would leave.
    pub thorough: bool,
    /// Drive time of this run, reads and pauses; nothing is begun behind it.
    pub budget: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { passes: DEFAULT_PASSES, thorough: false, budget: None }
    }
}
