//! Offers: what each gap promises for a second of drive time, best first.

use std::collections::{BTreeMap, BTreeSet};

use super::rule::Rule;

/// A read that is worth considering, in units.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Offer {
    /// The gap it lies in: first unit and the one behind the last.
    pub(super) gap: (u64, u64),
    /// Which rule made it.
    pub(super) rule: Rule,
    /// What to read, forward.
    pub(super) read: (u64, u64),
    /// Sound units to expect a second, the way there included.
    pub(super) rate: f64,
}

/// The offers of all gaps. Rates are not negative, so their bits are in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Offers {
    by_gap: BTreeMap<u64, Offer>,
    by_rate: BTreeSet<(u64, u64)>,
}

impl Offers {
    /// Adds the offer of a gap that has none.
    pub(super) fn insert(&mut self, offer: Offer) {
        self.by_rate.insert((offer.rate.max(0.0).to_bits(), offer.gap.0));
        self.by_gap.insert(offer.gap.0, offer);
    }

    /// The best one.
    pub(super) fn best(&self) -> Option<Offer> {
        self.by_rate.last().and_then(|(_, gap)| self.by_gap.get(gap)).copied()
    }

    /// Takes out the offers of gaps that touch these units; tells where the first of those gaps began.
    pub(super) fn take(&mut self, low: u64, high: u64) -> u64 {
        let mut first = low;
        let touching: Vec<Offer> =
            self.by_gap.range(..=high).rev().map(|(_, offer)| *offer).take_while(|offer| offer.gap.1 >= low).collect();
        for offer in touching {
            first = first.min(offer.gap.0);
            self.by_gap.remove(&offer.gap.0);
            self.by_rate.remove(&(offer.rate.max(0.0).to_bits(), offer.gap.0));
        }
        first
    }
}
