//! What is missing of stream files and titles, as lists of ranges. Pure.

use std::ops::{Range, Sub};

/// Most spans of a clip or a title. A span has three seconds or more unless the tables lie, so a film has fewer.
pub(super) const SPANS_LIMIT: usize = 4096;

/// What is missing of a stream file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Holes {
    /// Where the file lies cannot be told, so that all of it may be missing.
    Everything,
    /// These bytes, ascending; none where the file is whole.
    Bytes(Vec<Range<u64>>),
}

impl Holes {
    /// Whether the file is whole.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Bytes(bytes) if bytes.is_empty())
    }
}

/// Ranges in ascending order, those that meet or overlap made one. Where there are more than `most`, those that lie
/// nearest to each other are joined over what is between them.
#[must_use]
pub(super) fn bounded<T: Copy + Ord + Sub<Output = T>>(ranges: Vec<Range<T>>, most: usize) -> Vec<Range<T>> {
    let ranges = joined(ranges);
    let mut gaps: Vec<T> = ranges.windows(2).map(|pair| pair[1].start - pair[0].end).collect();
    // At least as many gaps must go as there are ranges too many, the narrowest first.
    let Some(last) = ranges.len().saturating_sub(most.max(1)).checked_sub(1) else { return ranges };
    let narrow = *gaps.select_nth_unstable(last).1;
    let mut fewer: Vec<Range<T>> = Vec::new();
    for range in ranges {
        match fewer.last_mut() {
            Some(before) if range.start - before.end <= narrow => before.end = range.end,
            _ => fewer.push(range),
        }
    }
    fewer
}

/// Ranges in ascending order, those that meet or overlap made one.
#[must_use]
pub(super) fn joined<T: Copy + Ord>(mut ranges: Vec<Range<T>>) -> Vec<Range<T>> {
    ranges.sort_unstable_by_key(|r| (r.start, r.end));
    let mut joined: Vec<Range<T>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}
