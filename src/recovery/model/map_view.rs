//! The map as a strategy sees it: within the wanted part of the disc, without what turned out blank.

use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::{Phase, Status, StatusLine};
use crate::recovery::answer::{Answer, FailureBehaviour};
use crate::recovery::params::Params;
use crate::recovery::step::Change;
use crate::recovery::unit::Unit;

/// Map, domain and blank sectors.
///
/// A sector's status only ever rises in the order `?` `*` `/` `-` `+`, and a blank sector leaves
/// the domain: that is why strategies end.
#[derive(Clone, Debug)]
pub(crate) struct MapView {
    map: SectorMap,
    sectors: u64,
    open: SectorSet,
    blank: SectorSet,
    /// How short a gap is as near damage as its ends, and how far from damage reads are expected to work.
    near: u64,
    far: u64,
}

impl MapView {
    /// The part of the map in `domain`.
    pub(crate) fn new(map: SectorMap, domain: &SectorSet, params: &Params) -> Self {
        let sectors = map.iter().last().map_or(0, |(range, _)| range.end());
        let open = domain.within(SectorRange::new(0, sectors)).collect();
        let far = sectors / params.skip_cap.max(1);
        Self { map, sectors, open, blank: SectorSet::new(), near: params.near_damage, far }
    }

    /// Sectors of the whole disc.
    pub(crate) fn sectors(&self) -> u64 {
        self.sectors
    }

    /// The map itself.
    pub(crate) fn map(&self) -> &SectorMap {
        &self.map
    }

    /// What turned out never to have been written.
    pub(crate) fn blank(&self) -> &SectorSet {
        &self.blank
    }

    /// First stretch of the status in the domain that ends after `from`, clipped to start there.
    pub(crate) fn next(&self, status: Status, from: u64) -> Option<SectorRange> {
        let mut from = from;
        loop {
            let window = self.open.within(SectorRange::new(from, self.sectors)).next()?;
            let run = self.map.next(status, window.start())?;
            let stretch = run.intersect(window);
            if !stretch.is_empty() {
                return Some(stretch);
            }
            from = run.start();
        }
    }

    /// First sector at or behind `from` that was tried in vain.
    pub(crate) fn next_missing(&self, from: u64) -> Option<u64> {
        let tried = [Status::NonTrimmed, Status::NonScraped, Status::Bad];
        tried.iter().filter_map(|status| self.next(*status, from)).map(SectorRange::start).min()
    }

    /// What of `range` is missing and in the domain.
    pub(crate) fn missing(&self, range: SectorRange) -> SectorSet {
        let parts = self.open.within(range).flat_map(|part| self.map.within(part));
        parts.filter(|(_, status)| *status != Status::Finished).map(|(part, _)| part).collect()
    }

    /// Whether `sector` lies on the disc and was read well.
    pub(crate) fn is_good(&self, sector: u64) -> bool {
        sector < self.sectors && self.map.status(sector) == Status::Finished
    }

    /// The stretches of `range` that were read well.
    pub(crate) fn good_runs(&self, range: SectorRange) -> impl Iterator<Item = SectorRange> + '_ {
        self.map.within(range).filter(|(_, status)| *status == Status::Finished).map(|(part, _)| part)
    }

    /// Whether `whole`, a unit, is known to have failed: alone, or as the one at fault in a command of several units.
    pub(crate) fn has_failed(&self, whole: SectorRange) -> bool {
        self.map.within(whole).any(|(part, status)| match status {
            Status::NonScraped | Status::Bad => true,
            Status::NonTrimmed => whole.covers(self.map.run_at(part.start()).0),
            Status::NonTried | Status::Finished => false,
        })
    }

    /// The first stretch of several units behind `from` that failed in one command, or in neighbouring ones: which of
    /// them are at fault is not known.
    pub(crate) fn next_several(&self, unit: Unit, from: u64) -> Option<SectorRange> {
        let mut from = from;
        loop {
            let stretch = self.next(Status::NonTrimmed, from)?;
            let (run, _) = self.map.run_at(stretch.start());
            if unit.count(run) > 1 {
                return Some(stretch);
            }
            from = stretch.end();
        }
    }

    /// What was not tried behind `from` and is expected to work: of each gap what lies as far
    /// as the longest skip from its damaged ends, or in the half beside its sound end; of a short gap nothing.
    pub(crate) fn next_calm(&self, from: u64) -> Option<SectorRange> {
        let is_damaged = |sector: u64| {
            sector < self.sectors && !matches!(self.map.status(sector), Status::NonTried | Status::Finished)
        };
        let mut from = from;
        loop {
            let stretch = self.next(Status::NonTried, from)?;
            let (gap, _) = self.map.run_at(stretch.start());
            let margin = self.far.min(gap.len() / 2);
            let low = gap.start().checked_sub(1).is_some_and(is_damaged);
            let high = is_damaged(gap.end());
            let start = gap.start() + if low { margin } else { 0 };
            let end = gap.end() - if high { margin } else { 0 };
            let calm = stretch.intersect(SectorRange::new(start, end.max(start)));
            if !calm.is_empty() && (margin > self.near || !(low || high)) {
                return Some(calm);
            }
            from = stretch.end();
        }
    }

    /// Whether there is a stretch in `range` that was not tried, may be, and is longer than the longest skip.
    pub(crate) fn has_wide_gap(&self, range: SectorRange) -> bool {
        let untried = self.map.within(range).filter(|(_, status)| *status == Status::NonTried);
        untried.flat_map(|(part, _)| self.open.within(part)).any(|part| part.len() > self.far)
    }

    /// The units without a sound sector around `unit`: behind the last sector read well before it, up to the next.
    pub(crate) fn span(&self, unit: Unit, index: u64) -> (u64, u64) {
        let here = unit.times(index);
        let low = self.map.prev(Status::Finished, here).map_or(0, |run| unit.index(unit.ceil(run.end())));
        let high = self.map.next(Status::Finished, here).map_or(self.sectors, SectorRange::start);
        (low.min(index), unit.index(high).max(index + 1))
    }

    /// Whether any sector of `range` was read well.
    pub(crate) fn any_good(&self, range: SectorRange) -> bool {
        self.map.next(Status::Finished, range.start()).is_some_and(|run| run.start() < range.end())
    }

    /// Gives `range` a status, except where it has a higher one: a `-` that fails again stays a
    /// `-`, and what was read well stays so.
    fn raise(&mut self, range: SectorRange, status: Status, changes: &mut Vec<Change>) {
        let mut rest = range.intersect(SectorRange::new(0, self.sectors));
        while !rest.is_empty() {
            let (run, old) = self.map.run_at(rest.start());
            let (part, behind) = rest.split_at(run.end().saturating_sub(rest.start()).max(1));
            if old < status {
                self.map.set(part, status);
                changes.push((part, status));
            }
            rest = behind;
        }
    }

    /// Takes an answer: what came, what failed, what is blank. Returns what the command is known to have failed on.
    pub(crate) fn take(
        &mut self,
        answer: &Answer,
        behaviour: FailureBehaviour,
        unit: Unit,
        changes: &mut Vec<Change>,
    ) -> Option<SectorRange> {
        self.raise(answer.good, Status::Finished, changes);
        if let Some(sector) = answer.blank_sector() {
            self.open.remove(sector);
            self.blank.insert(sector);
        }
        let (failed, status) = answer.failed(unit, behaviour)?;
        self.raise(failed, status, changes);
        Some(failed)
    }

    /// Sectors are what they were before they came.
    pub(crate) fn set_back(&mut self, before: &[Change]) {
        before.iter().for_each(|(range, status)| self.map.set(*range, *status));
    }

    /// Takes `range` out of the domain.
    pub(crate) fn leave_out(&mut self, range: SectorRange) {
        self.open.remove(range);
    }

    /// Takes `range` back into the domain, but for what turned out blank.
    pub(crate) fn bring_back(&mut self, range: SectorRange) {
        self.open.insert(range.intersect(SectorRange::new(0, self.sectors)));
        self.blank.within(range).for_each(|part| self.open.remove(part));
    }

    /// The status line of a strategy that is through: what ddrescue, or `patch`, would do next.
    pub(crate) fn line_for_rest(&self) -> StatusLine {
        let todo = [
            (Status::NonTried, Phase::Copying, 2),
            (Status::NonTrimmed, Phase::Trimming, 1),
            (Status::NonScraped, Phase::Scraping, 1),
            (Status::Bad, Phase::Retrying, 1),
        ];
        todo.into_iter().find(|(status, _, _)| self.map.next(*status, 0).is_some()).map_or(
            StatusLine { position: 0, phase: Phase::Finished, pass: 1 },
            |(_, phase, pass)| StatusLine { position: 0, phase, pass },
        )
    }
}
