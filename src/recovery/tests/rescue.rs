//! Runs strategies against a disc and holds each step to what all strategies promise.

use std::time::Duration;

use super::disc::Disc;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::{Status, StatusLine};
use crate::recovery::{Limits, Params, Patch, Phase, Step, Strategy, Sweep};

/// Time in which a drive that wants rest fails six times.
pub(super) const WINDOW: Duration = Duration::from_millis(6500);

/// One command as it went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Command {
    pub(super) range: SectorRange,
    pub(super) fua: bool,
    pub(super) delivered: u64,
    /// When it ended.
    pub(super) ended: Duration,
}

/// A disc, the map of it that is kept beside the strategies, and what was done.
#[derive(Clone, Debug)]
pub(super) struct Rescue {
    pub(super) disc: Disc,
    pub(super) map: SectorMap,
    pub(super) line: StatusLine,
    pub(super) domain: SectorSet,
    pub(super) params: Params,
    pub(super) commands: Vec<Command>,
    /// When each failure ended.
    pub(super) failures: Vec<Duration>,
    pub(super) blank: SectorSet,
    /// Whether the stop rule is off.
    pub(super) thorough: bool,
    /// Whether the drive wants a rest when six commands have failed in 6.5 s.
    pub(super) wants_rest: bool,
    /// Commands that failed while it did.
    pub(super) failed_in_rest: usize,
    /// When pauses were made.
    pub(super) pauses: Vec<Duration>,
}

impl Rescue {
    pub(super) fn new(disc: Disc, params: Params) -> Self {
        let sectors = disc.len();
        Self {
            map: SectorMap::new(sectors, sectors * 2048),
            disc,
            line: StatusLine::default(),
            domain: [SectorRange::new(0, sectors)].into_iter().collect(),
            params,
            commands: Vec::new(),
            failures: Vec::new(),
            blank: SectorSet::new(),
            thorough: true,
            wants_rest: false,
            failed_in_rest: 0,
            pauses: Vec::new(),
        }
    }

    pub(super) fn sweep(&mut self, stop_after: usize) -> bool {
        let mut sweep = Sweep::new(self.map.clone(), self.params.clone(), self.line, &self.domain);
        let done = self.run(&mut sweep, stop_after);
        self.check_blank(sweep.blank());
        done
    }

    pub(super) fn patch(&mut self, passes: u32, stop_after: usize) -> bool {
        let mut patch = Patch::new(
            self.map.clone(),
            self.params.clone(),
            self.line,
            &self.domain,
            Limits { passes, thorough: self.thorough, budget: None },
        );
        let done = self.run(&mut patch, stop_after);
        self.check_blank(patch.blank());
        done
    }

    /// Sweep and patch without a stop.
    pub(super) fn all(&mut self, passes: u32) {
        assert!(self.sweep(usize::MAX));
        assert!(self.patch(passes, usize::MAX));
    }

    /// Whether the strategy was done before `stop_after` commands.
    fn run(&mut self, strategy: &mut dyn Strategy, stop_after: usize) -> bool {
        let mut changes = Vec::new();
        self.blank = SectorSet::new();
        for _ in 0..stop_after {
            let rest = self.rest();
            let range = match strategy.next(self.disc.now, rest) {
                Step::Done => {
                    assert_eq!(strategy.next(self.disc.now, rest), Step::Done);
                    self.line = strategy.status_line();
                    return true;
                }
                Step::Pause(wait) => {
                    assert!(wait > Duration::ZERO && wait <= rest);
                    self.pauses.push(self.disc.now);
                    self.disc.now += wait;
                    continue;
                }
                Step::Read { range, fua } => {
                    self.check_command(range, strategy.phase());
                    let outcome = self.disc.read(range, fua);
                    self.failed_in_rest += usize::from(!rest.is_zero() && outcome.fault == Some(Fault::Damage));
                    changes.clear();
                    strategy.observe(range, &outcome, self.disc.now, &mut changes);
                    self.commands.push(Command { range, fua, delivered: outcome.sectors, ended: self.disc.now });
                    self.take(range, &outcome);
                    range
                }
            };
            self.check_changes(range, &changes);
            self.line = strategy.status_line();
        }
        false
    }

    /// How long the drive wants no read that may fail.
    fn rest(&self) -> Duration {
        let oldest = self.failures.iter().rev().nth(5).filter(|_| self.wants_rest);
        oldest.map_or(Duration::ZERO, |oldest| (*oldest + WINDOW).saturating_sub(self.disc.now))
    }

    fn check_command(&self, range: SectorRange, phase: Phase) {
        assert!(!range.is_empty() && range.len() <= self.params.max_sectors, "{range:?}");
        assert_eq!(self.domain.within(range).map(|r| r.len()).sum::<u64>(), range.len(), "{range:?} leaves the domain");
        assert!(self.blank.within(range).next().is_none(), "{range:?} is known to be blank");
        let mut at = range.start();
        while at < range.end() {
            let (run, status) = self.map.run_at(at);
            assert_ne!(status, Status::Finished, "{range:?} was read well before, in {phase}");
            at = run.end();
        }
        if matches!(phase, Phase::Split | Phase::Retry { .. }) {
            assert_eq!(range.start() / self.disc.unit, (range.end() - 1) / self.disc.unit, "{phase} of two units");
        }
    }

    fn take(&mut self, range: SectorRange, outcome: &Outcome) {
        match outcome.fault {
            Some(Fault::Blank) => {
                let alone = (range.len() == 1).then_some(range.start());
                if let Some(sector) = outcome.information.or(alone) {
                    self.blank.insert(SectorRange::with_len(sector, 1));
                }
            }
            Some(_) => self.failures.push(self.disc.now),
            None => {}
        }
    }

    /// Applies the changes; each must lie in what was asked, raise a status, and say `+` of
    /// exactly what arrived.
    fn check_changes(&mut self, range: SectorRange, changes: &[(SectorRange, Status)]) {
        let delivered = self.commands.last().map_or(0, |c| c.delivered);
        let good = range.split_at(delivered).0;
        for (part, status) in changes {
            assert!(range.covers(*part) && !part.is_empty());
            let unit = |sector: u64| sector / self.disc.unit;
            let alone = unit(range.start()) == unit(range.end() - 1);
            assert!(*status != Status::NonTrimmed || !alone, "* of {range:?}, within its unit");
            assert!(*status != Status::NonScraped || alone, "/ of {range:?}, several units");
            assert_eq!(*status == Status::Finished, good.covers(*part), "{changes:?} of {range:?}, {delivered} came");
            let mut at = part.start();
            while at < part.end() {
                let (run, old) = self.map.run_at(at);
                assert!(old < *status, "{part:?} from {old:?} to {status:?}");
                at = run.end();
            }
            self.map.set(*part, *status);
        }
        let (run, status) = self.map.run_at(good.start());
        assert!(good.is_empty() || (status == Status::Finished && run.covers(good)));
    }

    fn check_blank(&self, told: &SectorSet) {
        assert_eq!(told, &self.blank);
    }

    /// Sectors of the domain that the map calls good.
    pub(super) fn good(&self) -> SectorSet {
        let good: SectorSet =
            self.map.iter().filter(|(_, status)| *status == Status::Finished).map(|(range, _)| range).collect();
        good.intersect(&self.domain)
    }

    /// Sectors of the domain that a drive at its worst can hand over.
    pub(super) fn sound(&self) -> SectorSet {
        let mut sound = self.domain.clone();
        for (sector, _) in self.disc.sectors.iter().enumerate().filter(|(s, _)| self.disc.chance(*s as u64) < 1.0) {
            sound.remove(SectorRange::with_len(sector as u64, 1));
        }
        for blank in self.disc.blank.ranges() {
            sound.remove(*blank);
        }
        sound
    }

    /// Each sector of the domain is good, blank, or has failed alone, or lies in a unit of which another did: behind
    /// a fault inside a unit a drive that gives parts was asked by pieces.
    pub(super) fn check_everything_visited(&self) {
        let unit = self.disc.unit;
        for (run, status) in self.map.iter().filter(|(_, status)| *status < Status::NonScraped) {
            for left in self.domain.within(run) {
                for index in left.start() / unit..=(left.end() - 1) / unit {
                    let piece = left.intersect(SectorRange::with_len(index * unit, unit));
                    let blank: u64 = self.blank.within(piece).map(|r| r.len()).sum();
                    let failed = |(_, status): (_, Status)| matches!(status, Status::NonScraped | Status::Bad);
                    let failed_beside = status == Status::NonTrimmed
                        && self.map.within(SectorRange::with_len(index * unit, unit)).any(failed);
                    assert!(blank == piece.len() || failed_beside, "{piece:?} is still {}", status.symbol());
                }
            }
        }
    }

    /// Units that fail in any way.
    pub(super) fn bad_units(&self) -> usize {
        (0..self.disc.len().div_ceil(self.disc.unit))
            .filter(|unit| {
                let end = ((unit + 1) * self.disc.unit).min(self.disc.len());
                (unit * self.disc.unit..end).any(|s| self.disc.chance(s) < 1.0)
            })
            .count()
    }

    /// Most commands that sweep and patch may take where units fail whole and none is blank. Each
    /// command of sweep, fill and split settles a sector for that stage; a retry pass asks for
    /// each missing sector at most three times: in place of its unit, from the cache, on its own.
    pub(super) fn command_bound(&self, passes: u32) -> usize {
        let missing = (0..self.disc.len()).filter(|s| self.disc.chance(*s) < 1.0).count();
        3 * self.disc.sectors.len() + 3 * passes as usize * missing
    }
}
