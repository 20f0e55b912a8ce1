//! Candidates: what each gap promises for a second of drive time, best first.

use std::collections::{BTreeMap, BTreeSet};

/// A read that is worth considering, in units.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Candidate {
    /// The gap it lies in: first unit and the one behind the last.
    pub(super) gap: (u64, u64),
    /// Which rule made it.
    pub(super) reason: Reason,
    /// What to read, forward.
    pub(super) read: (u64, u64),
    /// Sound units to expect a second, the way there included.
    pub(super) rate: f64,
}

/// The candidates of all gaps. Rates are not negative, so their bits are in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidates {
    by_gap: BTreeMap<u64, Candidate>,
    by_rate: BTreeSet<(u64, u64)>,
}

impl Candidates {
    /// Adds the candidate of a gap that has none.
    pub(super) fn insert(&mut self, candidate: Candidate) {
        self.by_rate.insert((candidate.rate.max(0.0).to_bits(), candidate.gap.0));
        self.by_gap.insert(candidate.gap.0, candidate);
    }

    /// The best one.
    pub(super) fn best(&self) -> Option<Candidate> {
        self.by_rate.last().and_then(|(_, gap)| self.by_gap.get(gap)).copied()
    }

    /// Takes out the candidates of gaps that touch these units; tells where the first of those gaps began.
    pub(super) fn take(&mut self, low: u64, high: u64) -> u64 {
        let mut first = low;
        let touching: Vec<Candidate> = self
            .by_gap
            .range(..=high)
            .rev()
            .map(|(_, candidate)| *candidate)
            .take_while(|candidate| candidate.gap.1 >= low)
            .collect();
        for candidate in touching {
            first = first.min(candidate.gap.0);
            self.by_gap.remove(&candidate.gap.0);
            self.by_rate.remove(&(candidate.rate.max(0.0).to_bits(), candidate.gap.0));
        }
        first
    }
}
/// Names the rules of filling, as `docs/recovery.md` does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reason {
    /// A stride back from the sound far end of a gap.
    Return,
    /// What the shares and periods promise most for.
    Candidate,
    /// What is left, forward.
    Tail,
}
