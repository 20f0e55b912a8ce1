//! Split: what failed inside a command of several units is asked for unit by unit.

use crate::base::sector::SectorRange;
use crate::mapfile::status::Status;
use crate::recovery::model::map_view::MapView;
use crate::recovery::params::Params;
use crate::recovery::unit::Unit;

/// One pass forward over all `*` of which it is not known which unit was at fault.
///
/// Of each stretch the first unit is the likeliest to be at fault, for most drives hand over what comes before a fault.
/// It is left to the retries, as the unit at fault of any long command is: one attempt at it has failed.
/// Each read leaves no `*` of several units where it read, so the pass ends.
#[derive(Clone, Debug)]
pub(super) struct Split {
    unit: Unit,
    max: u64,
    /// Before this sector nothing is left to split.
    from: u64,
    /// The stretch that is being split, but for its first unit.
    stretch: SectorRange,
}

impl Split {
    pub(super) fn new(params: &Params) -> Self {
        Self { unit: Unit::new(params.unit), max: params.max_sectors, from: 0, stretch: SectorRange::default() }
    }

    /// The next command, within one unit; `None` when nothing is left.
    pub(super) fn next(&mut self, view: &MapView) -> Option<SectorRange> {
        loop {
            let left = view.next(Status::NonTrimmed, self.stretch.start()).map(|run| run.intersect(self.stretch));
            if let Some(left) = left.filter(|left| !left.is_empty()) {
                return Some(self.unit.first_piece(left).split_at(self.max).0);
            }
            let stretch = view.next_several(self.unit, self.from)?;
            self.from = stretch.end();
            self.stretch = SectorRange::new(self.unit.first_piece(stretch).end(), stretch.end());
        }
    }
}
