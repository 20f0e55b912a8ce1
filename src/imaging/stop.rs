//! Why the reading of a disc ends.

use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;

use super::limits::Limit;

/// Why the reader returned.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Stop {
    /// The strategy has nothing left to do.
    Done,
    /// Somebody asked to stop.
    Cancelled,
    /// A limit that a person set is reached.
    Limit(Limit),
    /// The map has come to more ranges than are kept.
    Crowded,
    /// The writer has stopped; its error says why.
    SinkClosed,
    /// The drive says something that is no damage.
    Fault {
        /// What.
        fault: Fault,
        /// Where.
        range: SectorRange,
        /// Its whole answer.
        outcome: Outcome,
    },
}

impl Stop {
    /// The run ends with the fault of `outcome`, or this one where it has none.
    pub(super) fn fault(fault: Fault, range: SectorRange, outcome: Outcome) -> Self {
        Self::Fault { fault, range, outcome }
    }

    /// The same end at the same place, with what was found out of it.
    pub(super) fn called(self, fault: Fault) -> Self {
        match self {
            Self::Fault { range, outcome, .. } => Self::Fault { fault, range, outcome },
            other => other,
        }
    }
}
