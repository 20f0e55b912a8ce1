//! Kinds of disc and what their error correction works on.

use serde::Serialize;

/// The family of a disc, as far as reading it is concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Media {
    /// CD-ROM, CD-R, CD-RW: data tracks.
    Cd,
    /// DVD, every kind.
    Dvd,
    /// Blu-ray.
    Bd,
    /// Ultra HD Blu-ray; a drive reports it as Blu-ray.
    Uhd,
}

/// Where a disc lies: in which drive, and since when.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sitting {
    /// The drive: vendor, model, revision, and serial number where it has one.
    pub drive: String,
    /// A word that is another one after the disc was taken out, where the system counts that.
    pub since: Option<String>,
}

/// Sectors of the largest CD: its addresses end with minute 99 (ECMA-130, 14.2), 75 sectors a second.
pub const CD_SECTORS_MAX: u64 = 100 * 60 * 75;

/// Sectors of the largest DVD: a DVD+R with two layers (ECMA-364), 8.5 GB.
const DVD_SECTORS_MAX: u64 = 4_173_824;

impl Media {
    /// The kind of disc that a number of sectors suggests, when nothing else tells: the smallest that holds them. What is
    /// larger than a DVD is Blu-ray (128 GB at most); that a disc is Ultra HD no size tells.
    #[must_use]
    pub fn of_size(sectors: u64) -> Self {
        match sectors {
            _ if sectors <= CD_SECTORS_MAX => Self::Cd,
            _ if sectors <= DVD_SECTORS_MAX => Self::Dvd,
            _ => Self::Bd,
        }
    }

    /// Sectors that the drive corrects, and therefore loses, together: 1 on CD (ECMA-130),
    /// 16 on DVD (ECMA-267, the ECC block), 32 on Blu-ray (the LDC cluster of 64 KiB).
    #[must_use]
    pub fn ecc_unit(self) -> u64 {
        match self {
            Self::Cd => 1,
            Self::Dvd => 16,
            Self::Bd | Self::Uhd => 32,
        }
    }

    /// The word used on the command line and in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cd => "cd",
            Self::Dvd => "dvd",
            Self::Bd => "bd",
            Self::Uhd => "uhd",
        }
    }
}

impl std::fmt::Display for Media {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1_000_000 / 2048;
    const GB: u64 = 1000 * MB;

    #[test]
    fn a_size_suggests_the_smallest_disc_that_holds_it() {
        for (sectors, media) in [
            (0, Media::Cd),
            (360_000, Media::Cd),
            (900 * MB, Media::Cd),
            (930 * MB, Media::Dvd),
            (2_295_104, Media::Dvd),
            (4_171_712, Media::Dvd),
            (9 * GB, Media::Bd),
            (12_219_392, Media::Bd),
            (48_878_592, Media::Bd),
            (62_500_864, Media::Bd),
            (u64::MAX, Media::Bd),
        ] {
            assert_eq!(Media::of_size(sectors), media, "{sectors} sectors");
        }
    }

    #[test]
    fn each_kind_ends_where_its_largest_disc_does() {
        for (largest, media) in [(CD_SECTORS_MAX, Media::Cd), (DVD_SECTORS_MAX, Media::Dvd)] {
            assert_eq!(Media::of_size(largest), media);
            assert_ne!(Media::of_size(largest + 1), media);
        }
    }
}
