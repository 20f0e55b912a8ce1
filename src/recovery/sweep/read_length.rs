//! Read length: short commands near damage, long ones elsewhere.

use crate::base::sector::SectorRange;
use crate::recovery::params::Params;
use crate::recovery::unit::Unit;

/// Chooses the length of commands that read forward.
///
/// A failing command costs a hundred sound ones, so near damage each command is one unit: it
/// fails for one unit only and says which. Far from damage long commands save overhead.
#[derive(Clone, Debug)]
pub(crate) struct ReadLength {
    unit: Unit,
    max: u64,
    clean: u64,
    zone: u64,
    left: u64,
}

impl ReadLength {
    /// Far from damage.
    pub(crate) fn far(params: &Params) -> Self {
        let (unit, max) = (Unit::new(params.unit), params.max_sectors);
        Self { unit, max, clean: params.clean_sectors, zone: params.near_damage, left: 0 }
    }

    /// Right behind a failure.
    pub(crate) fn near(params: &Params) -> Self {
        Self { left: params.near_damage, ..Self::far(params) }
    }

    /// That number of sectors was read well.
    pub(crate) fn read(&mut self, sectors: u64) {
        self.left = self.left.saturating_sub(sectors);
    }

    /// A read failed.
    pub(crate) fn fail(&mut self) {
        self.left = self.zone;
    }

    /// The command for the head of `stretch`, which is not empty: it ends at the stretch's end or
    /// at a unit boundary, unless the source cannot take a whole unit.
    pub(crate) fn command(&self, stretch: SectorRange) -> SectorRange {
        let end = self.unit.floor(stretch.start().saturating_add(self.clean));
        if self.left == 0 && end > stretch.start() {
            stretch.intersect(SectorRange::new(stretch.start(), end))
        } else {
            self.unit.first_piece(stretch).split_at(self.max).0
        }
    }
}
