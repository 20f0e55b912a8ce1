//! What the kind of a disc means for reading it. Pure.

use crate::base::media::Media;
use crate::base::sector::SECTOR_SIZE;

/// Most sectors of one command: 128 KiB, whole ECC units of any disc.
const COMMAND_SECTORS: u64 = 64;

/// The same on CD, whose drives were built around transfers below 64 KiB.
const COMMAND_SECTORS_CD: u64 = 26;

/// The kind of disc that a profile stands for (MMC-6, GET CONFIGURATION); `None` when it stands for no disc that is
/// known here.
#[must_use]
pub(in crate::drive) fn media_of_profile(profile: u16) -> Option<Media> {
    match profile {
        0x0008..=0x000A => Some(Media::Cd),
        0x0010..=0x001B | 0x002A | 0x002B => Some(Media::Dvd),
        0x0040..=0x0043 => Some(Media::Bd),
        _ => None,
    }
}

/// Whether a disc with this profile can hold space that was never written.
pub(in crate::drive) fn is_recordable(profile: u16) -> bool {
    matches!(profile, 0x0009 | 0x000A | 0x0011..=0x001B | 0x002A | 0x002B | 0x0041..=0x0043)
}

/// Most sectors of one command: whole ECC units, and what the way to the drive lets through.
pub(in crate::drive) fn command_sectors(media: Option<Media>, max_transfer: usize) -> u64 {
    let unit = media.map_or(1, Media::ecc_unit);
    let most = if media == Some(Media::Cd) { COMMAND_SECTORS_CD } else { COMMAND_SECTORS };
    let most = most.min((max_transfer / SECTOR_SIZE) as u64).max(1);
    if most >= unit { most - most % unit } else { most }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn commands_are_whole_units_within_the_limit() {
        let kib = 1024;
        assert_eq!(command_sectors(Some(Media::Bd), 128 * kib), 64);
        assert_eq!(command_sectors(Some(Media::Bd), 120 * kib), 32);
        assert_eq!(command_sectors(Some(Media::Dvd), 120 * kib), 48);
        assert_eq!(command_sectors(Some(Media::Cd), 1024 * kib), 26);
        assert_eq!(command_sectors(Some(Media::Bd), 32 * kib), 16);
        assert_eq!(command_sectors(None, 0), 1);
    }

    proptest! {
        #[test]
        fn a_command_has_at_least_a_sector(profile: u16, bytes: u32) {
            prop_assert!(command_sectors(media_of_profile(profile), bytes as usize) >= 1);
        }
    }
}
