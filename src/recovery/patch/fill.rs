//! Fill: the gaps that the sweep skipped over are read, what promises most for a second first.

use std::collections::BTreeMap;

use super::abandon::AbandonRule;
use super::candidates::{Candidate, Candidates, Reason};
use crate::base::sector::SectorRange;
use crate::mapfile::status::Status;
use crate::recovery::answer::Answer;
use crate::recovery::model::costs::Costs;
use crate::recovery::model::failure_rate::FailureRates;
use crate::recovery::model::map_view::MapView;
use crate::recovery::params::Params;
use crate::recovery::sweep::read_length::ReadLength;
use crate::recovery::unit::Unit;

/// Units around a change within which candidates are made anew at once.
const NEAR: u64 = 16;

/// Units ahead of the head that are reached by reading on.
const AHEAD: u64 = 48;

/// Chance that a stride back from the far end of a gap meets damage.
const EVEN: f64 = 0.5;

/// A read is not planned past the point that it reaches with a smaller chance.
const FAINT: f64 = 0.05;

/// Strides of the first length that make a short gap.
const SHORT: u64 = 4;

/// Longest planned read, units.
const LONGEST: u64 = 64;

/// What choosing looks at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Model<'a> {
    pub(super) view: &'a MapView,
    pub(super) rates: &'a FailureRates,
    pub(super) costs: &'a Costs,
    pub(super) abandon: &'a AbandonRule,
}

/// Reads all that was not tried, but what the stop reason leaves. Each read turns some `?` into something else
/// or takes it out of the domain, so it ends.
#[derive(Clone, Debug)]
pub(super) struct Fill {
    unit: Unit,
    max: u64,
    /// Sectors of a stretch that is worth long commands; nearer its end damage may begin.
    long: u64,
    first_stride: u64,
    growth: u64,
    shrink: u64,
    stay: f64,
    /// Strides by the unit where the sound far end of a gap begins.
    strides: BTreeMap<u64, u64>,
    candidates: Candidates,
    /// Units asked for since the candidates were made.
    touched: Option<(u64, u64)>,
    /// The unit that the head stands before.
    head: u64,
    reading: Option<(Reason, SectorRange)>,
    tail: bool,
    /// Where the tail stands, sector.
    tail_at: u64,
    length: ReadLength,
}

impl Fill {
    pub(super) fn new(params: &Params) -> Self {
        Self {
            unit: Unit::new(params.unit),
            max: params.max_sectors,
            long: params.near_damage.saturating_mul(4),
            first_stride: params.first_stride,
            growth: params.stride_growth,
            shrink: params.stride_shrink,
            stay: params.stay,
            strides: BTreeMap::new(),
            candidates: Candidates::default(),
            touched: Some((0, u64::MAX)),
            head: u64::MAX,
            reading: None,
            tail: false,
            tail_at: 0,
            length: ReadLength::near(params),
        }
    }

    /// Begins anew: what the stop reason left may be worth trying now.
    pub(super) fn again(&mut self) {
        (self.reading, self.tail, self.tail_at, self.touched) = (None, false, 0, Some((0, u64::MAX)));
    }

    /// The next command; `None` when nothing is left that is worth trying.
    pub(super) fn next(&mut self, model: &Model<'_>) -> Option<SectorRange> {
        let view = model.view;
        loop {
            if let Some((reason, stretch)) = self.reading {
                let left = view.next(Status::NonTried, stretch.start()).map(|run| run.intersect(stretch));
                if let Some(left) = left.filter(|left| !left.is_empty()) {
                    return Some(match reason {
                        Reason::Return | Reason::Candidate if left.len() > self.long => self.length.command(left),
                        _ => self.unit.first_piece(left).split_at(self.max).0,
                    });
                }
                if reason == Reason::Return {
                    let stride = self.strides.remove(&self.unit.index(stretch.end())).unwrap_or(self.first_stride);
                    self.strides.insert(self.unit.index(stretch.start()), stride.saturating_mul(self.growth));
                }
            }
            self.reading = Some(self.choose(model)?);
        }
    }

    /// The next stretch to read.
    fn choose(&mut self, model: &Model<'_>) -> Option<(Reason, SectorRange)> {
        if !self.tail {
            self.refresh(model);
            let near = self.nearby(model);
            let far = self.best_far(model);
            let best = match (near, far) {
                (Some(near), Some(far)) if far.rate > near.rate * self.stay => Some(far),
                (near, far) => near.or(far),
            };
            let worth = 0.5 / model.costs.failure();
            if let Some(candidate) = best.filter(|candidate| candidate.rate >= worth) {
                let read = SectorRange::new(self.unit.times(candidate.read.0), self.unit.times(candidate.read.1));
                return Some((candidate.reason, read));
            }
            self.tail = true;
        }
        self.rest(model).map(|stretch| (Reason::Tail, stretch))
    }

    /// One unit of what is left, forward, outside spans that are abandoned.
    fn rest(&mut self, model: &Model<'_>) -> Option<SectorRange> {
        let Model { view, rates, abandon, .. } = *model;
        loop {
            let gap = view.next(Status::NonTried, self.tail_at)?;
            let piece = self.unit.first_piece(gap);
            let Some((low, high)) = abandon.abandoned(self.unit.index(gap.start()), view, rates) else {
                self.tail_at = gap.start();
                return Some(piece);
            };
            // The units that border on sound data have not been tried by sampling: they come first.
            for border in [low, high - 1] {
                let edge = self.unit.whole(border);
                if let Some(open) = view.next(Status::NonTried, edge.start()).map(|run| run.intersect(edge))
                    && !open.is_empty()
                {
                    return Some(open);
                }
            }
            self.tail_at = self.unit.times(high);
        }
    }

    /// Makes the candidates anew near what was read since they were made.
    fn refresh(&mut self, model: &Model<'_>) {
        let Some((low, high)) = self.touched.take() else { return };
        let view = model.view;
        let (low, high) = (low.saturating_sub(NEAR), high.saturating_add(NEAR));
        let mut at = self.unit.times(self.candidates.take(low, high));
        while let Some(gap) = view.next(Status::NonTried, at).filter(|gap| self.unit.index(gap.start()) <= high) {
            let candidate = self.candidate(gap, model, None);
            self.candidates.insert(candidate);
            at = gap.end();
        }
    }

    /// The best candidate of all gaps, by a seek; what is best by an old reckoning is reckoned again.
    fn best_far(&mut self, model: &Model<'_>) -> Option<Candidate> {
        let view = model.view;
        let mut again = 0;
        loop {
            let best = self.candidates.best()?;
            let gap = SectorRange::new(self.unit.times(best.gap.0), self.unit.times(best.gap.1));
            let gap = view.next(Status::NonTried, gap.start()).map(|run| run.intersect(gap)).filter(|g| !g.is_empty());
            self.candidates.take(best.gap.0, best.gap.0);
            let Some(gap) = gap else { continue };
            let now = self.candidate(gap, model, None);
            self.candidates.insert(now);
            again += 1;
            if now.rate >= best.rate * 0.99 || again > 8 {
                return Some(if now.rate >= best.rate * 0.99 { now } else { self.candidates.best()? });
            }
        }
    }

    /// The best candidate of the gaps right ahead of the head.
    fn nearby(&self, model: &Model<'_>) -> Option<Candidate> {
        if self.head == u64::MAX {
            return None;
        }
        let view = model.view;
        let mut best: Option<Candidate> = None;
        let (mut at, end) = (self.unit.times(self.head), self.unit.times(self.head.saturating_add(AHEAD)));
        while let Some(gap) = view.next(Status::NonTried, at).filter(|gap| gap.start() < end) {
            let candidate = self.candidate(gap, model, Some(self.head));
            if best.is_none_or(|best| candidate.rate > best.rate) {
                best = Some(candidate);
            }
            at = gap.end();
        }
        best
    }

    /// What a gap candidates at best. `head` is where the way to it begins, if it is not a seek.
    fn candidate(&self, gap: SectorRange, model: &Model<'_>, head: Option<u64>) -> Candidate {
        let Model { view, rates, costs, abandon } = *model;
        let (low, high) = (self.unit.index(gap.start()), self.unit.index(gap.end() - 1) + 1);
        let travel = |to: u64| head.map_or(costs.seek(), |head| costs.travel(head, to));
        let whole = (low, high);
        let mut best = Candidate { gap: whole, reason: Reason::Candidate, read: whole, rate: 0.0 };
        if abandon.abandoned(low, view, rates).is_some() {
            return best;
        }
        if view.is_good(gap.end()) {
            let stride = self.strides.get(&high).copied().unwrap_or(self.first_stride);
            // A short gap is read but for the part beside the failure: its like elsewhere costs less than seeks.
            let len = high - low;
            let short = len <= SHORT * self.first_stride && !self.strides.contains_key(&high);
            let units = if short || len <= self.first_stride { (len - len / 4).max(1) } else { stride.min(len) };
            let start = high - units;
            let risk = rates.share(view, high - 1).max(1.0 - (1.0 - EVEN).powf(1.0 / units as f64));
            let through = (1.0 - risk).powf(units as f64);
            let gain = (1.0 - risk) * (1.0 - through) / risk;
            let seconds = travel(start) + gain * costs.sound() + (1.0 - through) * costs.failure();
            best = Candidate { reason: Reason::Return, read: (start, high), rate: gain / seconds, ..best };
        }
        for start in starts(low, high) {
            let share = rates.share(view, start);
            let (units, rate) = plan(start, high, share, travel(start), rates, costs);
            if rate > best.rate {
                best = Candidate { gap: whole, reason: Reason::Candidate, read: (start, start + units), rate };
            }
        }
        best
    }

    /// The head of a gap that is read out of turn; what was under way is chosen again.
    pub(super) fn elsewhere(&mut self, gap: SectorRange) -> SectorRange {
        self.reading = None;
        self.length.command(gap)
    }

    /// Takes the answer; the view knows it already.
    pub(super) fn observe(&mut self, answer: &Answer) {
        if answer.asked.is_empty() {
            return;
        }
        self.length.read(answer.good.len());
        let (first, last) = (self.unit.index(answer.asked.start()), self.unit.index(answer.asked.end() - 1));
        let (low, high) = self.touched.unwrap_or((first, last));
        self.touched = Some((low.min(first), high.max(last)));
        if answer.is_complete() {
            self.head = last + 1;
            return;
        }
        self.head = self.unit.index(answer.rest.start());
        if answer.is_blank() {
            return;
        }
        self.length.fail();
        if let Some((Reason::Return, stretch)) = self.reading {
            let stride = self.strides.entry(self.unit.index(stretch.end())).or_insert(self.first_stride);
            *stride = (*stride / self.shrink).max(1);
        }
        self.reading = None;
    }
}

/// The units of a gap at which a read may begin: each near its ends, and at doubling distances.
fn starts(low: u64, high: u64) -> impl Iterator<Item = u64> {
    let len = high - low;
    let near = len.min(12);
    let doubling = |len: u64| (4..40).map(|i| 1u64 << i).take_while(move |step| *step + 12 < len);
    (low..low + near)
        .chain((high - near..high).filter(move |at| *at >= low + near))
        .chain(doubling(len).map(move |step| low + step))
        .chain(doubling(len).map(move |step| high - step))
}

/// How far to read from `start`, units, and what that brings a second.
fn plan(start: u64, high: u64, share: f64, travel: f64, rates: &FailureRates, costs: &Costs) -> (u64, f64) {
    let (mut chance, mut gain, mut seconds) = (1.0, 0.0, travel);
    let (mut units, mut best) = (1, 0.0);
    for at in start..high.min(start + LONGEST) {
        let risk = rates.risk(at, share);
        seconds += chance * ((1.0 - risk) * costs.sound() + risk * costs.failure());
        chance *= 1.0 - risk;
        gain += chance;
        if gain / seconds > best {
            (units, best) = (at + 1 - start, gain / seconds);
        }
        if chance < FAINT {
            break;
        }
    }
    (units, best)
}
