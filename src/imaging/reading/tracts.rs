//! Tracts of the disc that turn out to hold no data, in the middle of a run.

use crate::base::event::Event;
use crate::base::sector::SectorRange;
use crate::base::sector::tract::{Tract, TractKind};

use super::reader::Reader;

/// Tracts that a run tells of as it finds them; the report has all.
const TOLD: usize = 3;

impl Reader<'_> {
    /// Takes out of what is read what the source has found to hold no data since `range` was asked for. Whether sectors of
    /// `range` are among that, so that it is worth going on.
    pub(super) fn leave_out_tracts(&mut self, range: SectorRange) -> bool {
        let found: Vec<Tract> = self.access.left_out().touching(range).collect();
        let mut any = false;
        for tract in found {
            if !self.state.left_out.insert(tract.range, tract.kind) {
                continue;
            }
            any = true;
            self.strategy.leave_out(tract.range);
            self.not_aside(tract.range);
            self.state.beyond.insert(tract.range);
            self.state.new_tracts.push(tract);
            if tract.kind != TractKind::PastEnd && self.state.left_out.tracts().len() <= TOLD {
                let (first, count) = (tract.range.start(), tract.range.len());
                let noun = if count == 1 { "sector" } else { "sectors" };
                let notice = format!("{count} {noun} from {first} on are left out: {}.", tract.kind);
                self.events.event(Event::Notice(notice));
            }
        }
        any
    }
}
