//! What is asked of a guard, and what it says of an answer.

use crate::base::outcome::Outcome;
use crate::base::sector::SectorRange;
use crate::mapfile::status::StatusLine;
use crate::recovery::Change;
use crate::source::ReadRequest;
use crate::source::drive::Incident;

/// A read that a strategy wants.
#[derive(Clone, Copy, Debug)]
pub(in crate::imaging) struct Request {
    /// What.
    pub(in crate::imaging) read: ReadRequest,
    /// The retry pass that it belongs to; 0 for none.
    pub(in crate::imaging) retry_pass: u32,
    /// A rescued sector a little behind it.
    pub(in crate::imaging) sound_behind: Option<SectorRange>,
}

/// What came of it.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::imaging) struct Read {
    /// In the end.
    pub(in crate::imaging) outcome: Outcome,
    /// What was wrong with its commands.
    pub(in crate::imaging) incidents: Vec<Incident>,
    /// The retry mode that was in use.
    pub(in crate::imaging) mode: Option<&'static str>,
    /// One of its commands failed, after that many seconds, whatever a later one brought.
    pub(super) failed: Option<f64>,
    /// What of it is not believed before a second read.
    pub(super) unsure: SectorRange,
}

impl Read {
    /// Of a source that is believed.
    pub(in crate::imaging) fn plain(outcome: Outcome) -> Self {
        Self { outcome, incidents: Vec::new(), mode: None, failed: None, unsure: SectorRange::default() }
    }
}

/// What an answer means for the map, before it is admitted.
#[derive(Debug)]
pub(in crate::imaging) struct Proposal {
    /// What was asked for.
    pub(in crate::imaging) range: SectorRange,
    /// What the strategy's map said of it before.
    pub(in crate::imaging) before: Vec<Change>,
    /// Where the rescue stood before.
    pub(in crate::imaging) line: StatusLine,
    /// What changes.
    pub(in crate::imaging) changes: Vec<Change>,
}

/// What becomes of changes.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::imaging) enum Admission {
    /// The map is told these, those among them that were held back before.
    Commit(Vec<Change>),
    /// They are held back.
    Hold,
    /// They are taken back, with all that was held back before.
    RollBack(RollBack),
}

/// What becomes of a read that ended with a fault that is no damage, where the run goes on.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::imaging) struct NoDamage {
    /// Of what is held back.
    pub(in crate::imaging) admission: Admission,
    /// The drive is well: the answer is about the place that was asked for, and asking again would bring it again. Else the
    /// place may be asked for as before.
    pub(in crate::imaging) is_place: bool,
    /// Sectors of the place that came and have not come a second time: what they were before.
    pub(in crate::imaging) undo: Vec<Change>,
}

impl NoDamage {
    /// The place may be asked for again.
    pub(super) fn again(admission: Admission) -> Self {
        Self { admission, is_place: false, undo: Vec::new() }
    }
}

/// What makes a map what it was before.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::imaging) struct RollBack {
    /// For the strategy's map, in this order.
    pub(in crate::imaging) undo: Vec<Change>,
    /// For the stored map, which has not heard of what is taken back: failures that are true all the same.
    pub(in crate::imaging) told: Vec<Change>,
    /// Where the rescue stood.
    pub(in crate::imaging) line: StatusLine,
}
