//! Split: what failed inside a command of several units is asked for unit by unit.

use super::chart::Chart;
use super::params::Params;
use super::unit::Unit;
use crate::base::sector::SectorRange;
use crate::mapfile::status::Status;

/// One pass forward over all `*`. Each read leaves no `*` where it read, so it ends, and it
/// ends when none is left.
#[derive(Clone, Debug)]
pub(super) struct Split {
    unit: Unit,
    max: u64,
}

impl Split {
    pub(super) fn new(params: &Params) -> Self {
        Self { unit: Unit::new(params.unit), max: params.max_sectors }
    }

    /// The next command, within one unit; `None` when nothing is left.
    pub(super) fn next(&self, chart: &Chart) -> Option<SectorRange> {
        let stretch = chart.next(Status::NonTrimmed, 0)?;
        Some(self.unit.first_piece(stretch).split_at(self.max).0)
    }
}
