//! What a strategy is at, in a word.

use std::fmt;

/// The phase of a sweep or a patch. Its text is what a person reads: `sweep`, `fill`, `split`, `retry 2/3`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Phase {
    /// The first pass over the disc.
    #[default]
    Sweep,
    /// Gaps that were skipped are read.
    Fill,
    /// What failed in a long command is asked for unit by unit.
    Split,
    /// What failed alone is asked for again.
    Retry {
        /// The pass under way, from 1.
        pass: u32,
        /// How many there are to be.
        passes: u32,
    },
}

impl Phase {
    /// The retry pass under way, from 1; 0 outside the retries.
    #[must_use]
    pub const fn retry_pass(self) -> u32 {
        match self {
            Self::Retry { pass, .. } => pass,
            Self::Sweep | Self::Fill | Self::Split => 0,
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sweep => f.write_str("sweep"),
            Self::Fill => f.write_str("fill"),
            Self::Split => f.write_str("split"),
            Self::Retry { pass, passes } => write!(f, "retry {pass}/{passes}"),
        }
    }
}
