//! Candidates: what each gap promises for a second of drive time, best first.

use std::collections::{BTreeMap, BTreeSet};

use super::abandon::AbandonRule;
use crate::base::sector::SectorRange;
use crate::mapfile::status::Status;
use crate::recovery::model::costs::Costs;
use crate::recovery::model::failure_rate::FailureRates;
use crate::recovery::model::map_view::MapView;
use crate::recovery::params::{
    AHEAD, AS_GOOD, FAINT_CHANCE, FIRST_STRIDE, LONGEST_READ, NEAR_STARTS, Params, RECKON_AGAIN, RECKON_NEAR,
    STRIDE_CHANCE,
};
use crate::recovery::unit::Unit;

/// What choosing looks at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Model<'a> {
    pub(super) view: &'a MapView,
    pub(super) rates: &'a FailureRates,
    pub(super) costs: &'a Costs,
    pub(super) abandon: &'a AbandonRule,
    /// The unit that the head stands before.
    pub(super) head: u64,
}

/// A read that is worth considering, in units.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Candidate {
    /// The gap it lies in: first unit and the one behind the last.
    gap: (u64, u64),
    /// What to read, forward.
    pub(super) read: (u64, u64),
    /// Whether it is a stride back from the sound far end of the gap.
    pub(super) is_stride: bool,
    /// Sound units to expect a second, the way there included.
    pub(super) rate: f64,
}

/// The best candidate of each gap.
#[derive(Clone, Debug)]
pub(super) struct Candidates {
    unit: Unit,
    by_gap: BTreeMap<u64, Candidate>,
    /// Rates are not negative, so their bits are in their order.
    by_rate: BTreeSet<(u64, u64)>,
    /// Units asked for since the candidates were reckoned.
    touched: Option<(u64, u64)>,
    /// Ends of gaps from which a stride back has met damage, and of these those where it was one unit.
    met_damage: BTreeSet<u64>,
    edges: BTreeSet<u64>,
}

impl Candidates {
    /// None yet: all gaps are to be reckoned.
    pub(super) fn new(params: &Params) -> Self {
        Self {
            unit: Unit::new(params.unit),
            by_gap: BTreeMap::new(),
            by_rate: BTreeSet::new(),
            touched: Some((0, u64::MAX)),
            met_damage: BTreeSet::new(),
            edges: BTreeSet::new(),
        }
    }

    /// These units were asked for.
    pub(super) fn touch(&mut self, first: u64, last: u64) {
        let (low, high) = self.touched.unwrap_or((first, last));
        self.touched = Some((low.min(first), high.max(last)));
    }

    /// A stride back of that many units from the unit `end` met damage: another is one unit long.
    pub(super) fn stride_failed(&mut self, end: u64, units: u64) {
        self.met_damage.insert(end);
        if units <= 1 {
            self.edges.insert(end);
        }
    }

    /// The best candidate: of the gaps right ahead of the head, which are reached by reading on, or of all, by a seek.
    pub(super) fn best(&mut self, model: &Model<'_>) -> Option<Candidate> {
        self.refresh(model);
        let ahead = SectorRange::new(self.unit.times(model.head), self.unit.times(model.head.saturating_add(AHEAD)));
        let (mut best, mut at) = (self.best_far(model), ahead.start());
        while let Some(gap) = model.view.next(Status::NonTried, at).filter(|gap| gap.start() < ahead.end()) {
            let near = self.reckon(gap, model, true);
            best = best.filter(|best| best.rate > near.rate).or(Some(near));
            at = gap.end();
        }
        best
    }

    /// The best candidate of all gaps; what is best by an old reckoning is reckoned again.
    fn best_far(&mut self, model: &Model<'_>) -> Option<Candidate> {
        for _ in 0..RECKON_AGAIN {
            let best = self.first()?;
            let gap = SectorRange::new(self.unit.times(best.gap.0), self.unit.times(best.gap.1));
            self.take(best.gap.0, best.gap.0);
            let left = model.view.next(Status::NonTried, gap.start()).map(|run| run.intersect(gap));
            let Some(gap) = left.filter(|gap| !gap.is_empty()) else { continue };
            let now = self.reckon(gap, model, false);
            self.insert(now);
            if now.rate >= best.rate * AS_GOOD {
                return Some(now);
            }
        }
        self.first()
    }

    /// Reckons the gaps near what was read since the last time.
    fn refresh(&mut self, model: &Model<'_>) {
        let Some((low, high)) = self.touched.take() else { return };
        let (low, high) = (low.saturating_sub(RECKON_NEAR), high.saturating_add(RECKON_NEAR));
        let mut at = self.unit.times(self.take(low, high));
        let next = |at| model.view.next(Status::NonTried, at).filter(|gap| self.unit.index(gap.start()) <= high);
        let mut gaps = Vec::new();
        while let Some(gap) = next(at) {
            at = gap.end();
            gaps.push(gap);
        }
        for gap in gaps {
            let candidate = self.reckon(gap, model, false);
            self.insert(candidate);
        }
    }

    /// The best read in a gap, which the head reaches by reading on when it is `near`.
    fn reckon(&self, gap: SectorRange, model: &Model<'_>, near: bool) -> Candidate {
        let Model { view, rates, costs, abandon, head } = *model;
        let travel = |to: u64| if near { to.saturating_sub(head) as f64 * costs.sound() } else { costs.seek() };
        let (low, high) = (self.unit.index(gap.start()), self.unit.index(gap.end() - 1) + 1);
        let mut best = Candidate { gap: (low, high), read: (low, high), is_stride: false, rate: 0.0 };
        let abandoned = abandon.abandoned(low, view, rates);
        // A span is soon abandoned in which places were set aside: how far it reaches is found out all the same, once.
        let edge = abandoned.is_some_and(|(low, high)| rates.aside(low, high) > 0) && !self.edges.contains(&high);
        if abandoned.is_some() && !(edge && view.is_good(gap.end())) {
            return best;
        }
        if view.is_good(gap.end()) {
            let near = high..=high.saturating_add(if edge { FIRST_STRIDE } else { 0 });
            let len = if self.met_damage.range(near).next().is_some() { 1 } else { high - low };
            let units = if len > FIRST_STRIDE { FIRST_STRIDE } else { (len - len / 4).max(1) };
            let around = if abandoned.is_some() { 0.0 } else { rates.around(view, high - 1) };
            let risk = around.max(1.0 - (1.0 - STRIDE_CHANCE).powf(1.0 / units as f64));
            let through = (1.0 - risk).powf(units as f64);
            let gain = (1.0 - risk) * (1.0 - through) / risk;
            let seconds = travel(high - units) + gain * costs.sound() + (1.0 - through) * costs.failure();
            best = Candidate { read: (high - units, high), is_stride: true, rate: gain / seconds, ..best };
        }
        if abandoned.is_some() {
            return best;
        }
        for start in starts(low, high) {
            let (units, rate) = plan(start, high, travel(start), view, rates, costs);
            if rate > best.rate {
                best = Candidate { read: (start, start + units), is_stride: false, rate, ..best };
            }
        }
        best
    }

    fn first(&self) -> Option<Candidate> {
        self.by_rate.last().and_then(|(_, gap)| self.by_gap.get(gap)).copied()
    }

    fn insert(&mut self, candidate: Candidate) {
        self.by_rate.insert((candidate.rate.max(0.0).to_bits(), candidate.gap.0));
        self.by_gap.insert(candidate.gap.0, candidate);
    }

    /// Takes out the candidates of gaps that touch these units; tells where the first of those gaps began.
    fn take(&mut self, low: u64, high: u64) -> u64 {
        let upto = self.by_gap.range(..=high).rev().map(|(_, candidate)| *candidate);
        let touching: Vec<Candidate> = upto.take_while(|candidate| candidate.gap.1 >= low).collect();
        for candidate in &touching {
            self.by_gap.remove(&candidate.gap.0);
            self.by_rate.remove(&(candidate.rate.max(0.0).to_bits(), candidate.gap.0));
        }
        touching.last().map_or(low, |candidate| candidate.gap.0.min(low))
    }
}

/// The units of a gap at which a read may begin: each near its ends, and at doubling distances.
fn starts(low: u64, high: u64) -> impl Iterator<Item = u64> {
    let len = high - low;
    let near = len.min(NEAR_STARTS);
    let doubling = |len: u64| (4..40).map(|i| 1u64 << i).take_while(move |step| *step + NEAR_STARTS < len);
    (low..low + near)
        .chain((high - near..high).filter(move |at| *at >= low + near))
        .chain(doubling(len).map(move |step| low + step))
        .chain(doubling(len).map(move |step| high - step))
}

/// How far to read from `start`, units, and how many sound ones that brings a second.
fn plan(start: u64, high: u64, travel: f64, view: &MapView, rates: &FailureRates, costs: &Costs) -> (u64, f64) {
    let around = rates.around(view, start);
    let (mut chance, mut gain, mut seconds) = (1.0, 0.0, travel);
    let (mut units, mut best) = (1, 0.0);
    for at in start..high.min(start + LONGEST_READ) {
        let risk = rates.risk(at, around);
        seconds += chance * ((1.0 - risk) * costs.sound() + risk * costs.failure());
        chance *= 1.0 - risk;
        gain += chance;
        if gain / seconds > best {
            (units, best) = (at + 1 - start, gain / seconds);
        }
        if chance < FAINT_CHANCE {
            break;
        }
    }
    (units, best)
}
