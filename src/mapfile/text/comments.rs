//! What is read again of the comments of a map: tracts that hold no data, and what else was told of the disc's size. Other
//! programs drop them, so they are a hint and no more.

use std::fmt;

use crate::base::sector::SectorRange;
use crate::base::sector::tract::{Tract, TractKind};

/// What begins the comment of a tract.
const TITLE: &str = "Left out:";

/// What begins the comment that tells of a doubtful size.
pub(super) const SIZE: &str = "Size:";

/// Most characters of what it tells.
const MAX_SIZE_NOTE: usize = 200;

/// Most tracts that the comments of a map tell of: no more are written, and what more a map has is passed over.
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
pub(super) fn tract(comment: &[u8]) -> Option<Tract> {
    let text = std::str::from_utf8(comment).ok()?.trim().strip_prefix(TITLE)?;
    let (sectors, kind) = text.trim().strip_prefix("sectors ")?.split_once(", ")?;
    let (first, last) = sectors.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    let range = SectorRange::new(first, last.checked_add(1)?);
    (!range.is_empty()).then_some(Tract { range, kind: TractKind::from_word(kind)? })
}

/// The sentence, in plain characters, of a comment ` Size: the drive says 1000, the physical format
/// information 6624 sectors; taking 6624`.
pub(super) fn size_note(comment: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(comment).ok()?.trim().strip_prefix(SIZE)?.trim();
    let plain = text.len() <= MAX_SIZE_NOTE && text.chars().all(|c| c.is_ascii_alphanumeric() || " ,;()".contains(c));
    (plain && !text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for kind in [TractKind::SessionGap, TractKind::Audio] {
            let told = Tract { range: SectorRange::new(5000, 16_400), kind };
            assert_eq!(tract(format!(" {}", Comment(told)).as_bytes()), Some(told));
        }
        for other in [
            "Left out: sectors 7-6, audio",
            "Left out: sectors 1-2, nonsense",
            "Left out: sectors 1-18446744073709551615, audio",
        ] {
            assert_eq!(tract(other.as_bytes()), None);
        }
    }
}
