//! Halving: a piece of a unit stands for all of it.
//!
//! To know a part the drive must correct the whole unit, so it is a full attempt; when it works, the rest comes from the
//! drive's cache. And it shows whether parts come.

use crate::base::sector::SectorRange;

/// The piece that stands for `whole` in this pass: halves from the last to the first, then quarters, and so on to
/// single sectors; so every sector is asked alone at some time.
pub(super) fn piece_of(whole: SectorRange, pass: u32) -> SectorRange {
    let (mut parts, mut turn) = (2, u64::from(pass.saturating_sub(1)));
    while turn >= parts && parts < whole.len() {
        turn -= parts;
        parts *= 2;
    }
    let parts = parts.min(whole.len()).max(1);
    let place = parts - 1 - turn % parts;
    let at = |i: u64| whole.start() + whole.len() * i / parts;
    SectorRange::new(at(place), at(place + 1))
}

/// The first of so many rungs of a unit; a rung is one sector at least.
pub(super) fn first_rung(whole: SectorRange, rungs: u64) -> SectorRange {
    whole.split_at((whole.len() / rungs.max(1)).max(1)).0
}

/// The last of so many rungs of a unit.
pub(super) fn last_rung(whole: SectorRange, rungs: u64) -> SectorRange {
    whole.split_at(whole.len() - first_rung(whole, rungs).len()).1
}
