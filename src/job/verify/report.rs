//! The report of `verify`: its fields are the keys of the JSON object.

use std::path::PathBuf;

use serde::Serialize;

use super::sample::Sample;
use crate::base::human;
use crate::base::media::Media;
use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;
use crate::base::sector::tract::LeftOut;

/// Ranges of one kind that a report names.
const NAMED: usize = 10_000;

/// What was compared, and what came of it.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Report {
    /// `verify`.
    pub command: &'static str,
    /// What was read.
    pub source: String,
    /// What it was compared with.
    #[serde(serialize_with = "human::path_text")]
    pub image: PathBuf,
    /// The kind of disc, when it is known.
    pub media: Option<Media>,
    /// Sectors of the disc.
    pub sectors: u64,
    /// Bytes of a sector.
    pub sector_size: u64,
    /// Sectors that the image has room for.
    pub image_sectors: u64,
    /// Bytes that were read from both and compared.
    pub compared_bytes: u64,
    /// Sectors that differ.
    pub differing: Stretches,
    /// Sectors that should have been compared and did not come, or not the same twice.
    pub unread: Stretches,
    /// Sectors of the disc that the image lacks: its map says so, or it ends before them.
    pub not_in_image: Stretches,
    /// Sectors that differ, those of ranges too many to be named too.
    pub differing_sectors: u64,
    /// Sectors that were not read.
    pub unread_sectors: u64,
    /// Sectors that the image lacks.
    pub not_in_image_sectors: u64,
    /// Files that lie in part in sectors that differ.
    pub differing_files: Vec<FileInside>,
    /// Files that lie in part in sectors that were not read.
    pub unread_files: Vec<FileInside>,
    /// Tracts that hold no data; they are not compared.
    pub left_out: LeftOut,
    /// Whether a sample was compared and not the whole disc.
    pub sampled: bool,
    /// Which sample.
    pub sample: Option<Sample>,
    /// Read commands to the source.
    pub read_commands: u64,
    /// How many of them failed.
    pub failed_reads: u64,
    /// Seconds on the wall.
    pub seconds: f64,
    /// What ended it before all was compared.
    pub stopped_by: Option<&'static str>,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// Ranges of sectors: `[{lba, sectors}]`, the first ten thousand of them.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Stretches(Vec<Stretch>);

/// A range of sectors.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Stretch {
    /// The first.
    pub lba: u64,
    /// How many.
    pub sectors: u64,
}

/// A file that lies in part in some sectors.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FileInside {
    /// Its path on the disc.
    pub path: String,
    /// Bytes of it in those sectors.
    pub bytes: u64,
}

impl Stretches {
    /// Of a set of sectors.
    #[must_use]
    pub fn of(set: &SectorSet) -> Self {
        let stretch = |range: &SectorRange| Stretch { lba: range.start(), sectors: range.len() };
        Self(set.ranges().iter().take(NAMED).map(stretch).collect())
    }

    /// Them, ascending.
    pub fn ranges(&self) -> impl ExactSizeIterator<Item = SectorRange> + '_ {
        self.0.iter().map(|stretch| SectorRange::with_len(stretch.lba, stretch.sectors))
    }
}

impl Report {
    /// Whether all that should be compared was, and is the same.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.differing_sectors == 0 && !self.lacks_something()
    }

    /// Whether something could not be compared.
    #[must_use]
    pub fn lacks_something(&self) -> bool {
        self.unread_sectors > 0 || self.not_in_image_sectors > 0 || self.left_out.has_loss()
    }
}
