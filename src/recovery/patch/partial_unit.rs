//! Sound sectors of units that fail: does this drive hand them over, and how to get them.
//!
//! Most drives give a DVD or Blu-ray unit whole or not at all. Some hand over the sectors before
//! the bad one, some any sound sector that is asked for alone. The evidence is gathered where it
//! costs nothing: an attempt at half a unit is a full attempt at the unit.

use std::collections::BTreeMap;

use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;
use crate::recovery::answer::{Answer, FailureBehaviour};
use crate::recovery::model::map_view::MapView;
use crate::recovery::params::{DEFERRED_TURN, Params};
use crate::recovery::unit::Unit;

/// What this drive has shown of parts of units, and how often pieces were tried.
#[derive(Clone, Debug)]
pub(super) struct PartialUnits {
    unit: Unit,
    max: u64,
    ratio: u64,
    rungs: u64,
    deferred: u64,
    /// Units that gave a part and not the rest.
    parts: u64,
    /// Failures that gave nothing of a whole unit.
    wholes: u64,
    /// Attempts that failed at just this sector.
    tries: BTreeMap<u64, u32>,
    behaviour: FailureBehaviour,
}

impl PartialUnits {
    pub(super) fn new(params: &Params) -> Self {
        Self {
            unit: Unit::new(params.unit),
            max: params.max_sectors,
            ratio: params.partial_ratio,
            rungs: params.rungs.max(1),
            deferred: params.deferred,
            parts: 0,
            wholes: 0,
            tries: BTreeMap::new(),
            behaviour: FailureBehaviour::default(),
        }
    }

    /// Takes what any answer shows; the view knows it already.
    pub(super) fn note(&mut self, answer: &Answer, behaviour: FailureBehaviour, view: &MapView) {
        if self.unit.times(1) < 2 {
            return;
        }
        self.behaviour = behaviour;
        if !answer.is_failure() {
            return;
        }
        if view.any_good(self.unit.around(answer.rest.start())) {
            self.parts += u64::from(!answer.good.is_empty() || answer.asked.len() < self.unit.times(1));
        } else {
            self.wholes += 1;
        }
        // With nothing handed over the fault may lie further on.
        if answer.rest.len() == 1 || !answer.good.is_empty() {
            let tries = self.tries.entry(answer.rest.start()).or_default();
            *tries = tries.saturating_add(1);
        }
    }

    /// Whether the unit is left out in `pass`: a few sectors that never came cost as much as a whole unit. Those beside
    /// sound ones have all been tried, for that is where a defect may end.
    pub(super) fn is_deferred(&self, index: u64, pass: u32, view: &MapView) -> bool {
        let (whole, missing) = (self.unit.whole(index), view.missing(self.unit.whole(index)));
        let few = view.any_good(whole) && missing.len().saturating_mul(self.deferred) <= self.unit.times(1);
        let tried = |sector: u64| self.tries.contains_key(&sector);
        pass % DEFERRED_TURN != 1 && few && missing.ranges().iter().all(|p| tried(p.start()) && tried(p.end() - 1))
    }

    /// Whether the drive gives parts of units often enough to ask for them in place of whole units.
    fn gives_parts(&self) -> bool {
        self.parts >= 2 && self.parts.saturating_mul(self.ratio) >= self.wholes
    }

    /// What to ask of the unit now, in a visit that begins in retry `pass`; nothing when it misses nothing.
    pub(super) fn command(&self, index: u64, pass: u32, view: &MapView) -> Option<SectorRange> {
        let whole = self.unit.whole(index);
        let missing = view.missing(whole);
        let first = *missing.ranges().first()?;
        let piece = if self.gives_parts() || view.any_good(whole) || missing.ranges().len() > 1 {
            self.least_tried(&missing, view)?
        } else {
            self.stand_in(first, pass)
        };
        Some(piece.split_at(self.max).0)
    }

    /// What is asked in place of a unit that failed whole: a full attempt, since the drive must correct the unit to know a
    /// part; when it works the rest comes from the drive's cache, and it shows whether parts come. First a rung at the
    /// start (where the drive hands over what comes before a fault, all), then one at the end, then sector by sector.
    fn stand_in(&self, lone: SectorRange, pass: u32) -> SectorRange {
        let rung = (lone.len() / self.rungs).max(1);
        match pass {
            0 | 1 if self.behaviour.prefix => lone,
            0 | 1 => lone.split_at(rung).0,
            2 => lone.split_at(lone.len() - rung).1,
            _ => SectorRange::with_len(lone.start() + u64::from(pass - 3) % lone.len(), 1),
        }
    }

    /// The sector that was tried least; of several one beside a sound one, where the defect may end, and of those the
    /// last. What comes costs next to nothing, so a unit of which a part came is asked for sector by sector: the failure
    /// that ends the visit tells where the defect ends.
    fn least_tried(&self, missing: &SectorSet, view: &MapView) -> Option<SectorRange> {
        let sectors = missing.ranges().iter().flat_map(|piece| piece.start()..piece.end());
        let tries = |sector: u64| self.tries.get(&sector).copied().unwrap_or(0);
        let inside = |s: u64| !view.is_good(s + 1) && !s.checked_sub(1).is_some_and(|before| view.is_good(before));
        let sector = sectors.min_by_key(|sector| (tries(*sector), inside(*sector), u64::MAX - sector))?;
        Some(SectorRange::with_len(sector, 1))
    }
}
