//! What a cell of a picture holds: how much of it has which status.

use crate::mapfile::status::Status;

/// What a picture tells apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `+`
    Rescued,
    /// `?`
    NonTried,
    /// `*`
    NonTrimmed,
    /// `/`
    NonScraped,
    /// `-`
    Bad,
    /// In a tract that holds no data.
    LeftOut,
}

impl Kind {
    /// All of them, in the order of a legend.
    pub const ALL: [Self; 6] =
        [Self::Rescued, Self::NonTried, Self::NonTrimmed, Self::NonScraped, Self::Bad, Self::LeftOut];

    /// Those that were tried in vain.
    pub const FAILED: [Self; 3] = [Self::NonTrimmed, Self::NonScraped, Self::Bad];

    /// The kind of a status outside all tracts.
    #[must_use]
    pub fn of(status: Status) -> Self {
        match status {
            Status::NonTried => Self::NonTried,
            Status::NonTrimmed => Self::NonTrimmed,
            Status::NonScraped => Self::NonScraped,
            Status::Bad => Self::Bad,
            Status::Finished => Self::Rescued,
        }
    }

    /// In a legend.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Rescued => "rescued",
            Self::NonTried => "not tried",
            Self::NonTrimmed => "failed in a long read",
            Self::NonScraped => "failed alone",
            Self::Bad => "bad",
            Self::LeftOut => "left out",
        }
    }
}

/// How much of a cell is of each kind, in whatever unit: bytes, or turns of the disc.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Share {
    amounts: [u64; Kind::ALL.len()],
}

impl Share {
    /// Adds an amount of a kind.
    pub fn add(&mut self, kind: Kind, amount: u64) {
        self.amounts[kind as usize] = self.amounts[kind as usize].saturating_add(amount);
    }

    /// How much is of a kind.
    #[must_use]
    pub fn amount(&self, kind: Kind) -> u64 {
        self.amounts[kind as usize]
    }

    /// Everything together.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.amounts.iter().fold(0, |sum, amount| sum.saturating_add(*amount))
    }

    /// Whether nothing of the disc lies in the cell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.total() == 0
    }

    /// What part is of a kind, 0 to 1.
    #[must_use]
    pub fn part(&self, kind: Kind) -> f64 {
        match self.total() {
            0 => 0.0,
            total => self.amount(kind) as f64 / total as f64,
        }
    }

    /// What part was tried in vain, 0 to 1.
    #[must_use]
    pub fn failed(&self) -> f64 {
        Kind::FAILED.into_iter().map(|kind| self.part(kind)).sum()
    }

    /// What a cell is shown as where it can be one thing only: what failed in any of it, the furthest tried first; else what
    /// most of it is.
    #[must_use]
    pub fn shown(&self) -> Option<Kind> {
        let failed = Kind::FAILED.into_iter().rev().find(|kind| self.amount(*kind) > 0);
        let rest = [Kind::Rescued, Kind::NonTried, Kind::LeftOut].into_iter().filter(|kind| self.amount(*kind) > 0);
        failed.or_else(|| rest.max_by_key(|kind| self.amount(*kind)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_failure_is_shown() {
        let mut share = Share::default();
        assert_eq!((share.shown(), share.is_empty()), (None, true));
        share.add(Kind::Rescued, 1_000_000);
        share.add(Kind::NonTried, 5);
        assert_eq!(share.shown(), Some(Kind::Rescued));
        share.add(Kind::NonTrimmed, 2);
        share.add(Kind::Bad, 1);
        assert_eq!(share.shown(), Some(Kind::Bad));
        assert!(share.failed() > 0.0 && share.failed() < 1e-5);
    }
}
