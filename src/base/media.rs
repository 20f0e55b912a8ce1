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

impl Media {
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
