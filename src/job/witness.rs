//! After a sweep or a patch: does the disc's own file system say that files lie where nothing could be read? Only then is
//! an image that ends sooner than something says, or that leaves tracts out, short of anything.

use std::sync::Arc;
use std::time::Duration;

use crate::base::allowance::Sentences;
use crate::base::cancel::Cancel;
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::base::set::SectorSet;
use crate::fs::{self, FsError, Holed, Sectors, SharedSource};
use crate::imaging::{PastEnd, Report};
use crate::source::SectorSource;

use super::info::files::{self, Lost};

/// How long a read of the image may take.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Files that a report names.
const NAMED: usize = 1000;

/// The files of the disc that lie behind the end of the image that `report` is of, or in tracts that it leaves out. They
/// are read from `image`; what that lacks is not. Sessions begin at `starts`.
pub(super) fn past_end(report: &Report, starts: &[u64], image: Box<dyn SectorSource>, cancel: &Cancel) -> Vec<PastEnd> {
    let mut nowhere = report.left_out.sectors();
    nowhere.insert(SectorRange::new(report.sectors, u64::MAX / SECTOR_BYTES));
    let mut holes = report.lacking.clone();
    nowhere.ranges().iter().for_each(|range| holes.insert(*range));
    let sectors: Arc<dyn Sectors> = Arc::new(SharedSource::new(image, TIME_LIMIT));
    let sectors: Arc<dyn Sectors> = Arc::new(Holed::new(sectors, holes, report.sectors));
    let files = match fs::open_sessions(sectors, starts) {
        Ok(sessions) => sessions.files,
        Err(error) => return lies_in(&error, &nowhere).then(|| the_file_system(&error)).into_iter().collect(),
    };
    let lost = Lost { sectors: &nowhere, without_data: &nowhere };
    let found = files::walk(files.as_ref(), false, lost, &mut Sentences::default(), cancel);
    let hurt = found.map(|found| found.hurt).unwrap_or_default();
    hurt.into_iter().take(NAMED).map(|file| PastEnd { path: file.path, bytes: file.bytes }).collect()
}

/// Whether a file system cannot be read because a part of it lies where nothing is.
fn lies_in(error: &FsError, nowhere: &SectorSet) -> bool {
    match error {
        FsError::None { udf, iso } => lies_in(udf, nowhere) || lies_in(iso, nowhere),
        FsError::Unreadable { sector, .. } => !error.is_of_search() && nowhere.contains(*sector),
        _ => false,
    }
}

fn the_file_system(error: &FsError) -> PastEnd {
    tracing::debug!("no file system: {error}");
    PastEnd { path: "/".to_owned(), bytes: SECTOR_BYTES }
}
