//! Where two maps differ.

use super::super::status::Status;
use super::super::text::Block;
use super::pairs::{Pair, side_by_side};

/// What counts as a difference.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// Every status, and bytes that only one map speaks of.
    Statuses,
    /// Whether bytes are finished or not, whatever else is said of them.
    Finished,
}

/// The stretches in which two maps differ, ascending; neighbours with the same two statuses are one.
pub fn differences<'a>(what: What, one: &'a [Block], other: &'a [Block]) -> impl Iterator<Item = Pair> + use<'a> {
    let is_finished = |status| status == Some(Status::Finished);
    let differ = move |pair: &Pair| match what {
        What::Statuses => pair.one != pair.other,
        What::Finished => is_finished(pair.one) != is_finished(pair.other),
    };
    let mut pairs = side_by_side(one, other).filter(differ).peekable();
    std::iter::from_fn(move || {
        let mut first = pairs.next()?;
        let continues = |first: &Pair, next: &Pair| {
            next.pos == first.pos + first.size && (next.one, next.other) == (first.one, first.other)
        };
        while let Some(next) = pairs.next_if(|next| continues(&first, next)) {
            first.size += next.size;
        }
        Some(first)
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::text::parse;
    use super::*;

    fn shown(what: What, one: &str, other: &str) -> Vec<(u64, u64)> {
        let [one, other] = [one, other].map(|lines| parse(format!("0 + 1\n{lines}").as_bytes(), None).unwrap().blocks);
        differences(what, &one, &other).map(|pair| (pair.pos, pair.size)).collect()
    }

    #[test]
    fn differences_are_told_from_end_to_end() {
        let (one, other) = ("0 10 +\n10 10 -\n20 10 ?\n", "0 12 +\n12 8 /\n20 5 +\n");
        assert_eq!(shown(What::Statuses, one, other), [(10, 2), (12, 8), (20, 5), (25, 5)]);
        assert_eq!(shown(What::Finished, one, other), [(10, 2), (20, 5)]);
        assert_eq!(shown(What::Statuses, one, one), []);
    }
}
