//! What a run is made of when it begins.

use crate::base::media::Media;
use crate::base::sector::set::SectorSet;
use crate::image::{Here, ImageStore};
use crate::imaging::guard::Place;
use crate::imaging::job::Job;
use crate::imaging::own_files::MapFile;
use crate::imaging::reading::FirstSetup;
use crate::imaging::writing::stored::Stored;
use crate::mapfile::status::StatusLine;
use crate::source::Facts;

use super::sectors::Sectors;

/// What a run stands on.
pub(super) struct Setup<'a> {
    pub(super) job: &'a Job,
    /// What is known of the source, with the size of the image.
    pub(super) facts: &'a Facts,
    /// The sectors that may be read.
    pub(super) domain: &'a SectorSet,
    /// What lies where the image is to be.
    pub(super) here: Here,
}

/// Everything ready for the first read.
pub(in crate::imaging) struct Prepared {
    /// What it is about.
    pub(in crate::imaging) sectors: Sectors,
    /// The kind of disc.
    pub(in crate::imaging) media: Option<Media>,
    /// Its ECC unit.
    pub(in crate::imaging) unit: u64,
    /// Where it goes.
    pub(in crate::imaging) begun: Begun,
}

/// The image and its map, and what earlier runs say.
pub(in crate::imaging) struct Begun {
    /// The image, open and locked.
    pub(in crate::imaging) image: ImageStore,
    /// The map.
    pub(in crate::imaging) stored: Stored,
    /// Where the map lies, under lock; a pipe has none.
    pub(in crate::imaging) map_file: Option<MapFile>,
    /// Where the strategy begins.
    pub(in crate::imaging) line: StatusLine,
    /// A place that reads as it did before.
    pub(in crate::imaging) known_good: Option<Place>,
    /// Sectors of a device that may hold another disc still: those that stay unread are to be made zero.
    pub(in crate::imaging) stale: SectorSet,
    /// What is to be asked for before anything else.
    pub(in crate::imaging) first: FirstSetup,
}
