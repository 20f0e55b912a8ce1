//! Blank sectors that the drive did not name.

use super::answer::Answer;
use super::model::map_view::MapView;
use crate::base::sector::SectorRange;

/// Sectors of which a drive has said that some were never written, and not which: they are asked for one by one, since
/// what was taken for blank would be zeros in the image and no damage.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct UnnamedBlank(SectorRange);

impl UnnamedBlank {
    /// Takes an answer. Damage among the sectors ends the search: they stay what they were.
    pub(super) fn note(&mut self, answer: &Answer) {
        if answer.is_failure() {
            self.0 = SectorRange::default();
        } else if answer.is_blank() && answer.blank_sector().is_none() {
            self.0 = answer.rest;
        }
    }

    /// The next one to ask for.
    pub(super) fn next(&self, view: &MapView) -> Option<SectorRange> {
        view.missing(self.0).ranges().first().map(|piece| piece.split_at(1).0)
    }
}
