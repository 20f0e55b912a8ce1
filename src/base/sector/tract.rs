//! Tracts of a disc that hold no data which an image of 2048-byte sectors could have: they are left out, and that is told.

use std::fmt;

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::SectorRange;
use super::set::SectorSet;

/// Most tracts that are told apart. A disc of films has a handful; one with sound woven into its data has thousands.
const TRACTS_MAX: usize = 100_000;

/// What a tract is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TractKind {
    /// Audio tracks, and the pauses before them (ECMA-130).
    Audio,
    /// Lead-out, lead-in and pause between two sessions; border zones of a DVD.
    SessionGap,
    /// Never written.
    Unwritten,
    /// The drive says that its sectors are none of 2048 bytes (05/64), or that there are none (05/21).
    NotData,
    /// A data track whose sectors are of form 2, 2324 bytes each (IEC 10149, XA): Video CD, CD-i. An image lacks it.
    Form2,
    /// Behind the end of the disc, though the drive or a table counted it in.
    PastEnd,
}

impl TractKind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Audio, Self::SessionGap, Self::Unwritten, Self::NotData, Self::Form2, Self::PastEnd];

    /// The word in maps, sidecars and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::SessionGap => "session_gap",
            Self::Unwritten => "unwritten",
            Self::NotData => "not_data",
            Self::Form2 => "form2",
            Self::PastEnd => "past_end",
        }
    }

    /// The kind that a word stands for.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether something that the disc has is lost with it.
    #[must_use]
    pub fn is_loss(self) -> bool {
        self == Self::Form2
    }
}

/// What it is, for a person.
impl fmt::Display for TractKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Audio => "audio",
            Self::SessionGap => "the gap between two sessions",
            Self::Unwritten => "never written",
            Self::NotData => "no data sectors",
            Self::Form2 => "form 2 sectors of 2324 bytes, which an image cannot hold",
            Self::PastEnd => "behind the end of the disc",
        })
    }
}

/// A tract.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Tract {
    /// Where it lies.
    pub range: SectorRange,
    /// What it is.
    pub kind: TractKind,
}

/// `{lba, sectors, kind}`.
impl Serialize for Tract {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut fields = to.serialize_struct("Tract", 3)?;
        fields.serialize_field("lba", &self.range.start())?;
        fields.serialize_field("sectors", &self.range.len())?;
        fields.serialize_field("kind", self.kind.word())?;
        fields.end()
    }
}

/// `sectors 5000-16399: the gap between two sessions`.
impl fmt::Display for Tract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.range.len() == 1 { "sector" } else { "sectors" };
        write!(f, "{noun} {}: {}", self.range, self.kind)
    }
}

/// An array of tracts.
impl Serialize for LeftOut {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(&self.tracts)
    }
}

/// The tracts of a disc that are left out: ascending, disjoint, neighbours of one kind joined.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct LeftOut {
    tracts: Vec<Tract>,
}

impl LeftOut {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Self { tracts: Vec::new() }
    }

    /// The tracts, ascending and disjoint.
    #[must_use]
    pub fn tracts(&self) -> &[Tract] {
        &self.tracts
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tracts.is_empty()
    }

    /// Their sectors.
    #[must_use]
    pub fn sectors(&self) -> SectorSet {
        self.tracts.iter().map(|tract| tract.range).collect()
    }

    /// Whether a sector lies in one.
    #[must_use]
    pub fn contains(&self, sector: u64) -> bool {
        let index = self.tracts.partition_point(|tract| tract.range.end() <= sector);
        self.tracts.get(index).is_some_and(|tract| tract.range.contains(sector))
    }

    /// Whether something that the disc has is lost with one of them.
    #[must_use]
    pub fn has_loss(&self) -> bool {
        self.tracts.iter().any(|tract| tract.kind.is_loss())
    }

    /// Those that have sectors in `range`, as they are, ascending.
    pub fn touching(&self, range: SectorRange) -> impl Iterator<Item = Tract> + '_ {
        let first = self.tracts.partition_point(|tract| tract.range.end() <= range.start());
        self.tracts[first..].iter().copied().take_while(move |tract| !tract.range.intersect(range).is_empty())
    }

    /// The parts of them inside `range`, ascending.
    pub fn within(&self, range: SectorRange) -> impl Iterator<Item = Tract> + '_ {
        let first = self.tracts.partition_point(|tract| tract.range.end() <= range.start());
        let cut = move |tract: &Tract| Tract { range: tract.range.intersect(range), ..*tract };
        self.tracts[first..].iter().map(cut).take_while(|tract| !tract.range.is_empty())
    }

    /// Adds the sectors of `range` that lie in none yet, and tells whether there are such. What is known stays what it is.
    /// Of more than a hundred thousand tracts the rest is not taken in.
    pub fn insert(&mut self, range: SectorRange, kind: TractKind) -> bool {
        if self.tracts.len() >= TRACTS_MAX {
            return false;
        }
        let mut new: SectorSet = [range].into_iter().collect();
        self.within(range).for_each(|known| new.remove(known.range));
        new.ranges().iter().for_each(|part| self.add(Tract { range: *part, kind }));
        !new.is_empty()
    }

    /// Adds all of `others`.
    pub fn extend(&mut self, others: &Self) {
        others.tracts.iter().for_each(|tract| {
            self.insert(tract.range, tract.kind);
        });
    }

    /// Whether any of `sectors` lies in one.
    #[must_use]
    pub fn touches(&self, sectors: &SectorSet) -> bool {
        sectors.ranges().iter().any(|range| self.touching(*range).next().is_some())
    }

    /// Takes all of `sectors` out, in one go over both.
    pub fn remove(&mut self, sectors: &SectorSet) {
        let rest = self.tracts.iter().flat_map(|tract| {
            let mut left: SectorSet = [tract.range].into_iter().collect();
            sectors.within(tract.range).for_each(|part| left.remove(part));
            left.ranges().iter().map(|range| Tract { range: *range, ..*tract }).collect::<Vec<_>>()
        });
        self.tracts = rest.collect();
    }

    /// Adds a tract that overlaps none.
    fn add(&mut self, tract: Tract) {
        let at = self.tracts.partition_point(|known| known.range.end() <= tract.range.start());
        let joins = |a: Option<&Tract>, b: Option<&Tract>| {
            a.zip(b).is_some_and(|(a, b)| a.kind == b.kind && a.range.end() == b.range.start())
        };
        let left = at.checked_sub(1).and_then(|left| self.tracts.get(left));
        let (with_left, with_right) = (joins(left, Some(&tract)), joins(Some(&tract), self.tracts.get(at)));
        let first = if with_left { at - 1 } else { at };
        let last = if with_right { at + 1 } else { at };
        let touched = self.tracts.get(first..last).unwrap_or_default();
        let start = touched.first().map_or(tract.range.start(), |t| t.range.start().min(tract.range.start()));
        let end = touched.last().map_or(tract.range.end(), |t| t.range.end().max(tract.range.end()));
        self.tracts.splice(first..last, [Tract { range: SectorRange::new(start, end), ..tract }]);
    }
}

/// Tracts in any order; where some overlap, the one that begins first has the sectors. Of more than a hundred thousand the
/// rest is not taken in. In one go: files that name very many of them, in whatever order, cost no more than to be sorted.
impl FromIterator<Tract> for LeftOut {
    fn from_iter<I: IntoIterator<Item = Tract>>(tracts: I) -> Self {
        let mut sorted: Vec<Tract> = tracts.into_iter().collect();
        sorted.sort_by_key(|tract| tract.range.start());
        let mut left_out = Self::new();
        for tract in sorted {
            let done = left_out.tracts.last().map_or(0, |last| last.range.end());
            let range = SectorRange::new(tract.range.start().max(done), tract.range.end());
            if left_out.tracts.len() >= TRACTS_MAX {
                break;
            }
            if !range.is_empty() {
                left_out.add(Tract { range, ..tract });
            }
        }
        left_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever order they come in: each sector has the kind of the tract that begins first among those that hold it.
        #[test]
        fn tracts_in_any_order_are_put_in_order(tracts in prop::collection::vec((0usize..6, 0u64..64, 0u64..20), 0..40)) {
            let tract = |(kind, start, len)| Tract { range: SectorRange::with_len(start, len), kind: TractKind::ALL[kind] };
            let tracts: Vec<Tract> = tracts.into_iter().map(tract).collect();
            let left_out: LeftOut = tracts.iter().copied().collect();
            let mut sorted = tracts;
            sorted.sort_by_key(|tract| tract.range.start());
            let mut plain = LeftOut::new();
            sorted.iter().for_each(|tract| {
                plain.insert(tract.range, tract.kind);
            });
            prop_assert_eq!(left_out, plain);
        }

        /// Against a plain array: what is known first stays.
        #[test]
        fn agrees_with_an_array(steps in prop::collection::vec((0usize..6, 0u64..64, 0u64..20, any::<bool>()), 0..40)) {
            let (mut left_out, mut plain) = (LeftOut::new(), [None; 96]);
            for (kind, start, len, add) in steps {
                let (kind, range) = (TractKind::ALL[kind], SectorRange::with_len(start, len));
                if add {
                    let new = (range.start()..range.end()).any(|at| plain[at as usize].is_none());
                    prop_assert_eq!(left_out.insert(range, kind), new);
                } else {
                    left_out.remove(&[range].into_iter().collect());
                }
                for at in range.start()..range.end() {
                    plain[at as usize] = if add { plain[at as usize].or(Some(kind)) } else { None };
                }
                for (at, kind) in plain.iter().enumerate() {
                    let here = SectorRange::with_len(at as u64, 1);
                    prop_assert_eq!(left_out.within(here).next().map(|tract| tract.kind), *kind);
                    prop_assert_eq!(left_out.contains(at as u64), kind.is_some());
                }
                let apart = |a: &Tract, b: &Tract| a.range.end() < b.range.start() || (a.kind != b.kind && a.range.end() == b.range.start());
                prop_assert!(left_out.tracts().windows(2).all(|two| apart(&two[0], &two[1])));
                prop_assert!(left_out.tracts().iter().all(|tract| !tract.range.is_empty()));
            }
        }
    }

    #[test]
    fn of_very_many_tracts_the_rest_is_not_taken_in() {
        let tract = |i: u64| Tract { range: SectorRange::with_len(i * 3, 1), kind: TractKind::Audio };
        let mut all: LeftOut = (0..TRACTS_MAX as u64 + 5).rev().map(tract).collect();
        assert_eq!(all.tracts().len(), TRACTS_MAX);
        assert!(!all.insert(SectorRange::new(1, 2), TractKind::Audio), "not even to join two of them");
        assert_eq!(all.tracts().len(), TRACTS_MAX);
    }

    #[test]
    fn each_kind_has_a_word_of_its_own() {
        for kind in TractKind::ALL {
            assert_eq!(TractKind::from_word(kind.word()), Some(kind));
        }
        assert_eq!(TractKind::from_word("sound"), None);
    }
}
