//! How many sectors a disc has: several are asked, and reads decide between them. Pure: answers in, a size out.

use std::fmt;

use crate::base::media::{CD_SECTORS_MAX, Media};
use crate::scsi::answers::Capacity;

/// Who says how large a disc is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Witness {
    /// READ CAPACITY.
    Capacity,
    /// The lead-out in the table of contents.
    Toc,
    /// The physical format information of a DVD. It counts the data area, which a file system need not fill.
    Format,
    /// READ TRACK INFORMATION of the last track.
    Tracks,
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Capacity => "the drive",
            Self::Toc => "the table of contents",
            Self::Format => "the physical format information",
            Self::Tracks => "the track information",
        })
    }
}

/// A size that somebody tells; not zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::drive) struct Claim {
    pub(super) sectors: u64,
    pub(super) by: Witness,
}

/// What a read of one sector says of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::drive) enum Presence {
    /// It reads.
    There,
    /// The drive says that there is no such sector.
    Beyond,
    /// Neither: it fails in another way.
    Unclear,
}

/// The size of a disc, and what a person should know about where it comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Size {
    pub(super) sectors: u64,
    pub(super) note: Option<String>,
}

/// What is believable of what was told. READ CAPACITY is 0 or FFFFFFFFh on drives that do not know.
pub(super) fn claims(
    capacity: Option<Capacity>,
    media: Option<Media>,
    others: impl IntoIterator<Item = (Witness, Option<u32>)>,
) -> Vec<Claim> {
    let most = if media == Some(Media::Cd) { CD_SECTORS_MAX } else { 1 << 32 };
    let said = capacity.map(|c| c.last).filter(|last| !matches!(*last, 0 | u32::MAX)).map(|last| u64::from(last) + 1);
    let said = said.map(|sectors| Claim { sectors, by: Witness::Capacity });
    let others = others.into_iter().filter_map(|(by, sectors)| Some(Claim { sectors: sectors?.into(), by }));
    said.into_iter().chain(others).filter(|claim| (1..=most).contains(&claim.sectors)).collect()
}

/// The largest claim of which a read of its last sector says that it is there. READ CAPACITY is also believed where that
/// sector fails as damage; anybody else only when the first sector behind the next smaller claim is there. `None` without
/// a claim.
pub(super) fn choose(claims: &[Claim], mut look: impl FnMut(u64) -> Presence) -> Option<Size> {
    let mut sorted: Vec<Claim> = claims.to_vec();
    // Stable: of equal ones the drive's own word stays.
    sorted.sort_by_key(|claim| std::cmp::Reverse(claim.sectors));
    sorted.dedup_by_key(|claim| claim.sectors);
    let mut taken = *sorted.last()?;
    for pair in sorted.windows(2) {
        let [claim, smaller] = *pair else { continue };
        let is_there = match look(claim.sectors - 1) {
            Presence::There => true,
            Presence::Beyond => false,
            Presence::Unclear if is_word_of_drive(claim) => true,
            Presence::Unclear => look(smaller.sectors) == Presence::There,
        };
        if is_there {
            taken = claim;
            break;
        }
    }
    Some(Size { sectors: taken.sectors, note: note(claims, taken) })
}

/// Whether the drive says it in READ CAPACITY, and does not mean that it does not know.
fn is_word_of_drive(claim: Claim) -> bool {
    claim.by == Witness::Capacity && !is_placeholder(claim.sectors)
}

/// What stands for "unknown" on some drives.
fn is_placeholder(sectors: u64) -> bool {
    matches!(sectors, 0x1F_FFFF | 0x20_0000)
}

/// A sentence where READ CAPACITY is not all there is to say.
fn note(claims: &[Claim], taken: Claim) -> Option<String> {
    let capacity = claims.iter().find(|claim| claim.by == Witness::Capacity);
    // What was never written counts for some and not for others.
    let is_of_note = |claim: &Claim| match claim.by {
        Witness::Capacity | Witness::Toc => claim.sectors != taken.sectors,
        Witness::Format => claim.sectors < taken.sectors,
        Witness::Tracks => false,
    };
    match capacity {
        None => {
            Some(format!("the drive does not know the disc's size; taking {} sectors from {}", taken.sectors, taken.by))
        }
        Some(said) if claims.len() == 1 && is_placeholder(said.sectors) => {
            Some(format!("the drive says {} sectors, which some drives say when they do not know", said.sectors))
        }
        Some(_) if !claims.iter().any(is_of_note) => None,
        Some(_) => {
            let mut told: Vec<String> = Vec::new();
            for claim in claims {
                let verb = if told.is_empty() { " says" } else { "" };
                told.push(format!("{}{verb} {}", claim.by, claim.sectors));
            }
            Some(format!("{} sectors; taking {}", told.join(", "), taken.sectors))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(last: u32) -> Option<Capacity> {
        Some(Capacity { last, block_bytes: 2048 })
    }

    /// The size of a disc that ends before `end` and whose sectors in `damaged` fail, and whether there is a note.
    fn size(claims: &[Claim], end: u64, damaged: std::ops::Range<u64>) -> Option<(u64, bool)> {
        let look = |sector| match sector {
            sector if sector >= end => Presence::Beyond,
            sector if damaged.contains(&sector) => Presence::Unclear,
            _ => Presence::There,
        };
        choose(claims, look).map(|size| (size.sectors, size.note.is_some()))
    }

    fn of(capacity: u32, media: Media, by: Witness, sectors: u32) -> Vec<Claim> {
        claims(said(capacity), Some(media), [(by, Some(sectors))])
    }

    #[test]
    fn a_size_that_all_agree_on_needs_no_read_and_no_note() {
        let all = claims(said(999), Some(Media::Cd), [(Witness::Toc, Some(1000)), (Witness::Tracks, Some(1000))]);
        let size = choose(&all, |_| panic!("no read is needed"));
        assert_eq!(size, Some(Size { sectors: 1000, note: None }));
    }

    #[test]
    fn the_largest_that_is_there_counts() {
        let too_large = of(1299, Media::Dvd, Witness::Format, 1000);
        assert_eq!(size(&too_large, 1000, 0..0), Some((1000, true)));
        assert_eq!(size(&too_large, 1300, 0..0), Some((1300, true)));
        let too_small = of(999, Media::Dvd, Witness::Format, 5000);
        assert_eq!(size(&too_small, 5000, 0..0), Some((5000, true)));
        assert_eq!(size(&too_small, 1000, 0..0), Some((1000, false)), "a format counts what is not filled");
        let run_out = of(1001, Media::Cd, Witness::Toc, 1000);
        assert_eq!(size(&run_out, 1000, 0..0), Some((1000, true)));
        let unknown = of(0x1F_FFFF, Media::Cd, Witness::Toc, 5000);
        assert_eq!(size(&unknown, 5000, 0..0), Some((5000, true)));
    }

    #[test]
    fn damage_at_the_end_does_not_make_a_disc_smaller() {
        let by_drive = of(1299, Media::Dvd, Witness::Format, 1000);
        assert_eq!(size(&by_drive, 1300, 1290..1300), Some((1300, true)));
        let by_format = of(999, Media::Dvd, Witness::Format, 1300);
        assert_eq!(size(&by_format, 1300, 1290..1300), Some((1300, true)));
        assert_eq!(size(&by_format, 1300, 1000..1300), Some((1000, false)), "a lead-out that answers with damage");
    }

    #[test]
    fn what_cannot_be_is_not_believed() {
        assert_eq!(claims(said(0), Some(Media::Dvd), []), []);
        assert_eq!(claims(said(u32::MAX), Some(Media::Bd), [(Witness::Tracks, Some(0))]), []);
        assert_eq!(claims(said(500_000), Some(Media::Cd), [(Witness::Toc, None)]), []);
        assert_eq!(choose(&[], |_| Presence::There), None);
        let unknown = claims(said(0x1F_FFFF), Some(Media::Dvd), []);
        assert_eq!(size(&unknown, 10, 0..0), Some((0x20_0000, true)));
        let helped = claims(said(0), Some(Media::Bd), [(Witness::Tracks, Some(20_000))]);
        assert_eq!(size(&helped, 20_000, 0..0), Some((20_000, true)));
    }

    proptest! {
        #[test]
        fn one_of_the_claims_is_taken(sizes in prop::collection::vec(1u32..2000, 1..5), end in 1u64..2000) {
            let all = claims(None, None, sizes.iter().map(|size| (Witness::Tracks, Some(*size))));
            let taken = size(&all, end, 0..0).unwrap().0;
            prop_assert!(sizes.iter().any(|size| u64::from(*size) == taken));
            let best = sizes.iter().map(|size| u64::from(*size)).filter(|size| *size <= end).max();
            let least = sizes.iter().map(|size| u64::from(*size)).min().unwrap();
            prop_assert_eq!(taken, best.unwrap_or(least));
        }
    }
}
