//! Tracts that hold no data, in the comments of a map: other programs drop them, so they are a hint and no more.

use std::fmt;

use crate::base::sector::SectorRange;
use crate::base::tract::{Tract, TractKind};

/// What begins the comment of a tract.
const TITLE: &str = "Left out:";

/// Most of them that the comments of a map tell of: no more are written, and what more a map has is passed over.
pub(super) const MAX_TRACTS: usize = 1000;

/// Shows a tract as its comment: `Left out: sectors 5000-16399, session_gap`, the last sector included.
pub(super) struct Comment(pub(super) Tract);

impl fmt::Display for Comment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tract { range, kind } = &self.0;
        write!(f, "{TITLE} sectors {}-{}, {}", range.start(), range.end().saturating_sub(1), kind.word())
    }
}

/// The tract in a comment; `None` where it says something else.
pub(super) fn read(comment: &[u8]) -> Option<Tract> {
    let text = std::str::from_utf8(comment).ok()?.trim().strip_prefix(TITLE)?;
    let (sectors, kind) = text.trim().strip_prefix("sectors ")?.split_once(", ")?;
    let (first, last) = sectors.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    let range = SectorRange::new(first, last.checked_add(1)?);
    (!range.is_empty()).then_some(Tract { range, kind: TractKind::from_word(kind)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for kind in [TractKind::SessionGap, TractKind::Audio] {
            let tract = Tract { range: SectorRange::new(5000, 16_400), kind };
            assert_eq!(read(format!(" {}", Comment(tract)).as_bytes()), Some(tract));
        }
        for other in [
            "Left out: sectors 7-6, audio",
            "Left out: sectors 1-2, nonsense",
            "Left out: sectors 1-18446744073709551615, audio",
        ] {
            assert_eq!(read(other.as_bytes()), None);
        }
    }
}
