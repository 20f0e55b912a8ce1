//! The map as a strategy sees it: within the wanted part of the disc, without what turned out blank.

use crate::base::sector::SectorRange;
use crate::base::set::SectorSet;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::{Phase, Status, StatusLine};
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
}

impl MapView {
    /// The part of the map in `domain`.
    pub(crate) fn new(map: SectorMap, domain: &SectorSet) -> Self {
        let sectors = map.iter().last().map_or(0, |(range, _)| range.end());
        let open = domain.within(SectorRange::new(0, sectors)).collect();
        Self { map, sectors, open, blank: SectorSet::new() }
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

    /// The stretches of `range` in the domain that are missing, with their status.
    pub(crate) fn missing(&self, range: SectorRange) -> Vec<(SectorRange, Status)> {
        let open = self.open.within(range);
        open.flat_map(|part| self.map.within(part)).filter(|(_, status)| *status != Status::Finished).collect()
    }

    /// Whether `sector` lies on the disc and was read well.
    pub(crate) fn is_good(&self, sector: u64) -> bool {
        sector < self.sectors && self.map.status(sector) == Status::Finished
    }

    /// Whether a unit shows the trace of a fault inside it: sectors that came, one that did not, and some behind it
    /// that were not tried. Only a drive that hands over what comes before a fault leaves that.
    pub(crate) fn shows_parts(&self, unit: Unit) -> bool {
        self.map.runs(Status::NonScraped).take(4096).any(|fault| {
            let around = unit.around(fault.start());
            fault.len() == 1
                && fault.start() > around.start()
                && self.is_good(fault.start() - 1)
                && fault.end() < around.end()
                && self.map.status(fault.end()) == Status::NonTrimmed
        })
    }

    /// The stretches of `range` that were read well.
    pub(crate) fn good_runs(&self, range: SectorRange) -> impl Iterator<Item = SectorRange> + '_ {
        self.map.within(range).filter(|(_, status)| *status == Status::Finished).map(|(part, _)| part)
    }

    /// Whether any sector of `range` failed alone.
    pub(crate) fn any_failed(&self, range: SectorRange) -> bool {
        self.map.within(range).any(|(_, status)| matches!(status, Status::NonScraped | Status::Bad))
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
    pub(crate) fn raise(&mut self, range: SectorRange, status: Status, changes: &mut Vec<Change>) {
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

    /// Takes `range` out of the domain.
    pub(crate) fn leave_out(&mut self, range: SectorRange) {
        self.open.remove(range);
    }

    /// Takes `range` out of the domain: nothing was ever written there, and no attempt changes that.
    /// The map keeps its status; the image is zero there. Returns where the range ends.
    pub(crate) fn leave_blank(&mut self, range: SectorRange) -> u64 {
        self.open.remove(range);
        self.blank.insert(range);
        range.end()
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
