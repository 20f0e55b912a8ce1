//! Sound sectors of units that fail: does this drive hand them over, and how to get them.
//!
//! Most drives give a DVD or Blu-ray unit whole or not at all. Some hand over the sectors before
//! the bad one, some any sound sector that is asked for alone. The evidence is gathered where it
//! costs nothing: an attempt at half a unit is a full attempt at the unit, because the
//! drive must correct it all to know the half; when it works, the rest comes from the drive's cache.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::Answer;
use super::chart::Chart;
use super::params::Params;
use super::unit::Unit;
use crate::base::sector::SectorRange;
use crate::mapfile::status::Status;

/// What this drive has shown of parts of units, and how often pieces were tried.
#[derive(Clone, Debug)]
pub(super) struct SubUnit {
    unit: Unit,
    max: u64,
    share: u64,
    /// Units that gave a part and not the rest.
    parts: u64,
    /// Failures that gave nothing of a whole unit.
    wholes: u64,
    /// Attempts that failed at the piece that begins here.
    tries: BTreeMap<u64, u32>,
    /// Units of which a sector came that had failed before: luck has something to win there.
    lucky: BTreeSet<u64>,
    /// Failures that a visit of such a unit may cost.
    lucky_failures: u32,
    /// A unit that misses no more than its part in so many is a leftover.
    leftover: u64,
}

impl SubUnit {
    pub(super) fn new(params: &Params) -> Self {
        let unit = Unit::new(params.unit);
        Self {
            unit,
            max: params.max_sectors,
            share: params.parts_share,
            parts: 0,
            wholes: 0,
            tries: BTreeMap::new(),
            lucky: BTreeSet::new(),
            lucky_failures: params.lucky_failures,
            leftover: params.leftover,
        }
    }

    /// Takes what any answer shows; the chart knows it already.
    pub(super) fn note(&mut self, answer: &Answer, chart: &Chart) {
        if answer.blank || self.unit.times(1) < 2 {
            return;
        }
        if !answer.good.is_empty() && self.tries.range(answer.good.start()..answer.good.end()).next().is_some() {
            self.lucky.insert(self.unit.index(answer.good.start()));
        }
        if answer.is_complete() {
            return;
        }
        let around = self.unit.around(answer.rest.start());
        if answer.ends_within(self.unit) || chart.any_good(around) {
            self.parts += u64::from(!answer.good.is_empty() || answer.asked.len() < self.unit.times(1));
        } else {
            self.wholes += 1;
        }
        let tries = self.tries.entry(answer.rest.start()).or_default();
        *tries = tries.saturating_add(1);
    }

    /// A visit after the first has won something of the unit.
    pub(super) fn is_lucky(&mut self, index: u64) {
        self.lucky.insert(index);
    }

    /// How many commands of one visit may fail and bring nothing.
    pub(super) fn failures(&self, index: u64) -> u32 {
        if self.lucky.contains(&index) { self.lucky_failures } else { 1 }
    }

    /// Whether the unit is left out in `pass`: a few sectors that never came cost as much as a whole unit.
    pub(super) fn rests(&self, index: u64, pass: u32, chart: &Chart) -> bool {
        if pass < 3 || pass.is_multiple_of(2) || self.lucky.contains(&index) || self.unit.times(1) < 2 {
            return false;
        }
        let whole = self.unit.whole(index);
        let missing: u64 = chart.missing(whole).iter().map(|(piece, _)| piece.len()).sum();
        chart.any_good(whole) && missing.saturating_mul(self.leftover) <= self.unit.times(1)
    }

    /// Whether the drive gives parts of units often enough to ask for them in place of whole units.
    fn gives_parts(&self) -> bool {
        self.parts >= 2 && self.parts.saturating_mul(self.share) >= self.wholes
    }

    /// What to ask of the unit now, in a visit that begins in retry `pass`; nothing when it misses nothing.
    pub(super) fn command(&self, index: u64, pass: u32, chart: &Chart) -> Option<SectorRange> {
        let whole = self.unit.whole(index);
        let pieces = chart.missing(whole);
        let first = pieces.first()?;
        let last = pieces.last()?;
        let lone = SectorRange::new(first.0.start(), last.0.end());
        let intact = pieces.iter().map(|(piece, _)| piece.len()).sum::<u64>() == lone.len();
        if intact && lone.len() < 2 {
            return Some(lone);
        }
        if intact && !chart.any_good(whole) && !self.gives_parts() {
            // The second half in place of all, once: a full attempt that also shows whether parts come.
            let half = if pass == 1 { lone.split_at(lone.len() / 2).1 } else { lone };
            return Some(half.split_at(self.max).0);
        }
        let untried = pieces.iter().filter(|(_, status)| *status <= Status::NonTrimmed).map(|(piece, _)| *piece);
        let piece = untried.max_by_key(|piece| piece.len()).or_else(|| {
            let tries = |piece: &SectorRange| self.tries.get(&piece.start()).copied().unwrap_or(1);
            pieces.iter().map(|(piece, _)| *piece).min_by_key(|piece| (tries(piece), u64::MAX - piece.len()))
        })?;
        Some(piece.split_at(piece.len() / 2).1.split_at(self.max).0)
    }
}
