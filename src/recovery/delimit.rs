//! Delimit: the gaps that the sweep jumped over are read, sound rims first, cores last.

use super::answer::Answer;
use super::chart::Chart;
use super::hot::HotZone;
use super::params::Params;
use super::unit::Unit;
use crate::base::sector::SectorRange;
use crate::mapfile::status::Status;

/// Which rule chose a stretch to read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Rule {
    /// A stride back from the sound far end of a gap.
    Return,
    /// On from the sound near end of a gap, up to the first failure.
    Near,
    /// Everything else, forward, whatever fails.
    Rest,
}

/// Reads all that was not tried. Each read turns some `?` into something else or takes them out
/// of the domain (but a long one that found blank sectors; its first unit is then asked for
/// alone), so it ends, and it ends when no `?` is left.
///
/// Gaps are taken from the end of the disc backward, which is where the sweep left the head;
/// each stride within them is read forward.
#[derive(Clone, Debug)]
pub(super) struct Delimit {
    unit: Unit,
    max: u64,
    first_stride: u64,
    growth: u64,
    shrink: u64,
    /// Gaps that begin here or behind are cores: both of their ends are bad.
    before: u64,
    /// The gap that the stride belongs to.
    gap: SectorRange,
    /// Units.
    stride: u64,
    reading: Option<(Rule, SectorRange)>,
    rims_done: bool,
    hot: HotZone,
}

impl Delimit {
    pub(super) fn new(params: &Params) -> Self {
        Self {
            unit: Unit::new(params.unit),
            max: params.max_sectors,
            first_stride: params.first_stride,
            growth: params.stride_growth,
            shrink: params.stride_shrink,
            before: u64::MAX,
            gap: SectorRange::default(),
            stride: params.first_stride,
            reading: None,
            rims_done: false,
            hot: HotZone::hot(params),
        }
    }

    /// The next command; `None` when nothing is left that was not tried.
    pub(super) fn next(&mut self, chart: &Chart) -> Option<SectorRange> {
        loop {
            if let Some((rule, stretch)) = self.reading {
                let left = chart.next(Status::NonTried, stretch.start()).map(|run| run.intersect(stretch));
                if let Some(left) = left.filter(|left| !left.is_empty()) {
                    return Some(match rule {
                        Rule::Return => self.unit.first_piece(left).split_at(self.max).0,
                        Rule::Near | Rule::Rest => self.hot.command(left),
                    });
                }
                if rule == Rule::Return {
                    self.stride = self.stride.saturating_mul(self.growth);
                }
            }
            self.reading = Some(self.choose(chart)?);
        }
    }

    /// The next stretch to read.
    fn choose(&mut self, chart: &Chart) -> Option<(Rule, SectorRange)> {
        while !self.rims_done {
            let Some(gap) = chart.prev(Status::NonTried, self.before) else {
                self.rims_done = true;
                break;
            };
            if !self.gap.covers(gap) {
                (self.gap, self.stride) = (gap, self.first_stride);
            }
            if chart.is_good(gap.end()) {
                let start = self.unit.floor(gap.end().saturating_sub(self.unit.times(self.stride)));
                return Some((Rule::Return, gap.intersect(SectorRange::new(start, gap.end()))));
            }
            if gap.start().checked_sub(1).is_some_and(|before| chart.is_good(before)) {
                return Some((Rule::Near, gap));
            }
            self.before = gap.start();
        }
        chart.next(Status::NonTried, 0).map(|rest| (Rule::Rest, rest))
    }

    /// Takes the answer; the chart knows it already.
    pub(super) fn observe(&mut self, answer: &Answer) {
        self.hot.read(answer.good.len());
        if answer.is_complete() {
            return;
        }
        if answer.blank {
            self.hot.blank(answer.asked.end());
            return;
        }
        self.hot.fail();
        match self.reading {
            Some((Rule::Return, _)) => {
                self.stride = (self.stride / self.shrink).max(1);
                self.reading = None;
            }
            Some((Rule::Near, _)) => self.reading = None,
            Some((Rule::Rest, _)) | None => {}
        }
    }
}
