//! Tracts that hold no data, in words.

use std::fmt::Write as _;

use crate::base::human::counted;
use crate::base::sector::tract::LeftOut;

/// Tracts that are named.
const NAMED: usize = 8;

/// A line a tract, each begun with a line end; nothing where there is none.
pub(super) fn left_out(left_out: &LeftOut) -> String {
    let mut text = String::new();
    for tract in left_out.tracts().iter().take(NAMED) {
        let _ = write!(text, "\n  left out: {tract}");
    }
    let more = left_out.tracts().len().saturating_sub(NAMED);
    if more > 0 {
        let _ = write!(text, "\n  left out: {}", counted(more, "more such tract", "more such tracts"));
    }
    text
}
