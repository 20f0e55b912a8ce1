//! Sound sectors of units that fail: does this drive hand them over, and how to get them.
//!
//! Most drives give a DVD or Blu-ray unit whole or not at all. Some hand over the sectors before
//! the bad one, some any sound sector that is asked for alone. The evidence is gathered where it
//! costs nothing: an attempt at half a unit is a full attempt at the unit, because the
//! drive must correct it all to know the half; when it works, the rest comes from the drive's cache.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::sector::SectorRange;
use crate::base::set::SectorSet;
use crate::mapfile::status::Status;
use crate::recovery::answer::{Answer, FailureBehaviour};
use crate::recovery::model::map_view::MapView;
use crate::recovery::params::Params;
use crate::recovery::unit::Unit;

/// What this drive has shown of parts of units, and how often pieces were tried.
#[derive(Clone, Debug)]
pub(super) struct PartialUnits {
    unit: Unit,
    max: u64,
    share: u64,
    /// Units that gave a part and not the rest.
    parts: u64,
    /// Failures that gave nothing of a whole unit.
    wholes: u64,
    /// Attempts that failed at just this sector.
    tries: BTreeMap<u64, u32>,
    /// Pieces that failed as they were asked.
    refused: BTreeSet<(u64, u64)>,
    /// Units of which a sector came that had failed before: luck has something to win there.
    marginal: BTreeSet<u64>,
    /// A unit that misses no more than its part in so many is a deferred.
    deferred: u64,
    /// How the drive fails.
    behaviour: FailureBehaviour,
    rungs: u64,
    /// A stretch of so many sectors behind a fault is asked for sector by sector, from its far end.
    close: u64,
    /// So many reads like the last that worked would take longer than a failure: its cache does not hold what it read.
    dear: bool,
}

/// A deferred is asked for in each third pass, from the first.
const TURN: u32 = 3;

impl PartialUnits {
    pub(super) fn new(params: &Params) -> Self {
        let unit = Unit::new(params.unit);
        Self {
            unit,
            max: params.max_sectors,
            share: params.partial_ratio,
            parts: 0,
            wholes: 0,
            tries: BTreeMap::new(),
            refused: BTreeSet::new(),
            marginal: BTreeSet::new(),
            deferred: params.deferred,
            behaviour: FailureBehaviour::default(),
            rungs: params.rungs.max(1),
            close: params.close,
            dear: false,
        }
    }

    /// Takes what any answer shows; the view knows it already.
    pub(super) fn note(&mut self, answer: &Answer, behaviour: FailureBehaviour, view: &MapView) {
        if answer.blank || self.unit.times(1) < 2 {
            return;
        }
        self.behaviour = behaviour;
        if !answer.good.is_empty() && self.tries.range(answer.good.start()..answer.good.end()).next().is_some() {
            self.marginal.insert(self.unit.index(answer.good.start()));
        }
        if answer.is_complete() {
            return;
        }
        let around = self.unit.around(answer.rest.start());
        if answer.ends_within(self.unit) || view.any_good(around) {
            self.parts += u64::from(!answer.good.is_empty() || answer.asked.len() < self.unit.times(1));
        } else {
            self.wholes += 1;
        }
        let at_fault = if behaviour.parts { answer.rest.split_at(1).0 } else { self.unit.first_piece(answer.rest) };
        self.refused.insert((at_fault.start(), at_fault.end()));
        // With nothing handed over the fault may lie further on, if the drive gives prefixes but sometimes.
        if answer.rest.len() == 1 || !answer.good.is_empty() {
            let tries = self.tries.entry(answer.rest.start()).or_default();
            *tries = tries.saturating_add(1);
        }
    }

    /// A piece came, and took so long, on a drive where a failure takes so long.
    pub(super) fn took(&mut self, seconds: f64, failure: f64) {
        self.dear = seconds * self.close as f64 > failure;
    }

    /// A visit after the first has won something of the unit.
    pub(super) fn won_late(&mut self, index: u64) {
        self.marginal.insert(index);
    }

    /// Whether more of the unit may come by luck.
    pub(super) fn is_marginal(&self, index: u64) -> bool {
        self.marginal.contains(&index)
    }

    /// Whether the unit is left out in `pass`: a few sectors that never came cost as much as a whole unit.
    pub(super) fn is_deferred(&self, index: u64, pass: u32, view: &MapView) -> bool {
        if pass % TURN == 1 || self.is_marginal(index) || self.unit.times(1) < 2 {
            return false;
        }
        let whole = self.unit.whole(index);
        let missing: u64 = view.missing(whole).iter().map(|(piece, _)| piece.len()).sum();
        view.any_good(whole) && missing.saturating_mul(self.deferred) <= self.unit.times(1)
    }

    /// Whether the drive gives parts of units often enough to ask for them in place of whole units.
    fn gives_parts(&self) -> bool {
        self.parts >= 2 && self.parts.saturating_mul(self.share) >= self.wholes
    }

    /// What is asked first of a stretch that holds a fault, where a failing command brings nothing: little, from its
    /// start.
    fn rung(&self, stretch: SectorRange) -> SectorRange {
        stretch.split_at((stretch.len() / self.rungs).max(1)).0
    }

    /// Whether units are climbed in rungs: the drive gives parts, but nothing of a command that fails.
    pub(super) fn climbs(&self) -> bool {
        !self.behaviour.parts && self.gives_parts()
    }

    /// What to ask of the unit now, in a visit that begins in retry `pass`; nothing when it misses nothing.
    pub(super) fn command(&self, index: u64, pass: u32, view: &MapView) -> Option<SectorRange> {
        let whole = self.unit.whole(index);
        let pieces = view.missing(whole);
        let first = pieces.first()?;
        let last = pieces.last()?;
        let lone = SectorRange::new(first.0.start(), last.0.end());
        let intact = pieces.iter().map(|(piece, _)| piece.len()).sum::<u64>() == lone.len();
        if intact && lone.len() < 2 {
            return Some(lone);
        }
        if intact && !view.any_good(whole) && !self.gives_parts() {
            // A piece in place of all: a full attempt that also shows whether parts come.
            let piece = match pass {
                1 if !self.behaviour.prefix => self.rung(lone),
                2 if !self.behaviour.prefix => lone.split_at(lone.len() - self.rung(lone).len()).1,
                _ => piece_of(lone, pass),
            };
            return Some(piece.split_at(self.max).0);
        }
        let untried = pieces.iter().filter(|(_, status)| *status <= Status::NonTrimmed).map(|(piece, _)| *piece);
        if let Some(piece) = untried.max_by_key(|piece| piece.len()) {
            // What comes costs next to nothing, so near the fault it is asked for sector by sector: the failure that
            // ends the visit then tells where the defect ends.
            let nearer = if piece.len() > self.close || self.dear { piece.len() / 2 } else { piece.len() - 1 };
            return Some(piece.split_at(nearer).1.split_at(self.max).0);
        }
        let comes_whole = view.any_good(whole) && !self.gives_parts();
        let narrowed = pieces.iter().find_map(|(piece, _)| self.narrow(*piece, comes_whole));
        narrowed.map(|piece| piece.split_at(self.max).0).or_else(|| self.least_tried(&pieces, view))
    }

    /// The part of a missing piece that tells most: what no refusal speaks against, then half of the longest stretch that
    /// a refusal was about. Nothing when every sector of it is known to be at fault by itself. `comes_whole`: what lies
    /// beside a piece that came has come with it.
    fn narrow(&self, piece: SectorRange, comes_whole: bool) -> Option<SectorRange> {
        let around = self.unit.around(piece.start());
        let refused = self.refused.range((around.start(), 0)..(around.end(), 0));
        // Of a refused stretch that has come in part the fault is in what is missing.
        let mut faults: Vec<SectorRange> = refused
            .map(|(start, end)| SectorRange::new(*start, *end).intersect(piece))
            .filter(|fault| !fault.is_empty())
            .collect();
        faults.sort_by_key(|fault| (fault.len(), fault.start()));
        let mut least: Vec<SectorRange> = Vec::new();
        for fault in faults {
            if !least.iter().any(|smaller| fault.covers(*smaller)) {
                least.push(fault);
            }
        }
        if least.is_empty() && !comes_whole {
            // A refusal of an earlier run made it one piece.
            return Some(piece.split_at(piece.len() / 2).1);
        }
        let mut free: SectorSet = [piece].into_iter().collect();
        least.iter().for_each(|fault| free.remove(*fault));
        let open = free.ranges().iter().copied().max_by_key(|open| (open.len(), open.start()));
        let climbs = self.climbs();
        let longest = || least.iter().rev().find(|fault| fault.len() > 1);
        let halved =
            || longest().map(|fault| if climbs { self.rung(*fault) } else { fault.split_at(fault.len() / 2).1 });
        // A defect that begins before a stretch may reach into it; its far half is the likelier to be sound.
        let behind = |open: SectorRange| least.iter().any(|fault| fault.end() == open.start());
        let before = |open: SectorRange| least.iter().any(|fault| fault.start() == open.end());
        let tell = |open: SectorRange| match (behind(open), before(open)) {
            (true, false) if climbs => open.split_at(open.len() - self.rung(open).len()).1,
            (false, _) if climbs => self.rung(open),
            (true, _) => open.split_at(open.len() / 2).1,
            (false, _) => open,
        };
        open.map(tell).or_else(halved)
    }

    /// The sector that was tried least; of several one beside a sound one, for that is where a defect may end.
    fn least_tried(&self, pieces: &[(SectorRange, Status)], view: &MapView) -> Option<SectorRange> {
        let sectors = pieces.iter().flat_map(|(piece, _)| piece.start()..piece.end());
        let tries = |sector: u64| self.tries.get(&sector).copied().unwrap_or(0);
        let inside = |s: u64| !view.is_good(s + 1) && !s.checked_sub(1).is_some_and(|before| view.is_good(before));
        let sector = sectors.min_by_key(|sector| (tries(*sector), inside(*sector), u64::MAX - sector))?;
        Some(SectorRange::with_len(sector, 1))
    }
}

/// The piece that stands for `whole` in this pass: halves from the last to the first, then quarters, and so on to
/// single sectors; so every sector is asked alone at some time.
fn piece_of(whole: SectorRange, pass: u32) -> SectorRange {
    let (mut parts, mut turn) = (2, u64::from(pass.saturating_sub(1)));
    while turn >= parts && parts < whole.len() {
        turn -= parts;
        parts *= 2;
    }
    let parts = parts.min(whole.len()).max(1);
    let place = parts - 1 - turn % parts;
    let at = |i: u64| whole.start() + whole.len() * i / parts;
    SectorRange::new(at(place), at(place + 1))
}
