//! After a sweep or a patch: does the disc's own file system say that files lie where nothing could be read? Only then is
//! an image that ends sooner than something says, or that leaves tracts out, short of anything.

use std::sync::Arc;
use std::time::Duration;

use crate::base::allowance::Sentences;
use crate::base::cancel::Cancel;
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::fs::{self, FsError, Holed, PassedOver, Sectors, Sessions, SharedSource};
use crate::imaging::{PastEnd, Report};
use crate::source::SectorSource;

use crate::job::disc;
use crate::job::info::files::{self, Lost};

/// How long a read of the image may take.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Files that a report names.
const NAMED: usize = 1000;

/// What the disc's file system has to say of that.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Behind {
    /// The files that lie where nothing could be read.
    pub(super) files: Vec<PastEnd>,
    /// What could not be looked at, in sentences.
    pub(super) notes: Vec<String>,
}

/// Somebody wants to stop before that is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stopped;

/// The files of the disc that lie behind the end of the image that `report` is of, or in tracts that it leaves out. They
/// are read from `image`; what that lacks is not. Sessions begin at `starts`, or where the image shows it.
///
/// # Errors
/// [`Stopped`].
pub(super) fn behind_the_end(
    report: &Report,
    starts: Option<&[u64]>,
    image: Box<dyn SectorSource>,
    cancel: &Cancel,
) -> Result<Behind, Stopped> {
    let mut nowhere = report.left_out.sectors();
    nowhere.insert(SectorRange::new(report.sectors, u64::MAX / SECTOR_BYTES));
    let mut holes = report.lacking.clone();
    nowhere.ranges().iter().for_each(|range| holes.insert(*range));
    let sectors: Arc<dyn Sectors> = Arc::new(SharedSource::new(image, TIME_LIMIT));
    let sectors: Arc<dyn Sectors> = Arc::new(Holed::new(sectors, holes, report.sectors));
    let starts = starts.map_or_else(|| disc::starts_in_image(&*sectors, &report.left_out), <[u64]>::to_vec);
    let Sessions { files, passed_over, .. } = match fs::open_sessions(sectors, &starts) {
        Ok(sessions) => sessions,
        Err(error) => {
            let files = error.lies_in(&nowhere).then(|| the_file_system(&error)).into_iter().collect();
            return Ok(Behind { files, notes: Vec::new() });
        }
    };
    let lost = Lost { sectors: &nowhere, without_data: &nowhere };
    let mut notes = Sentences::default();
    notes.extend(passed_over.iter().filter(|session| !session.why.is_absence()).map(PassedOver::to_string));
    let cut_off = passed_over.iter().filter(|session| session.why.lies_in(&nowhere));
    let cut_off: Vec<PastEnd> = cut_off.map(|session| the_file_system(&session.why)).take(1).collect();
    let found = files::walk(files.as_ref(), false, lost, &mut notes, cancel).map_err(|_| Stopped)?;
    let named = found.hurt.into_iter().take(NAMED).map(|file| PastEnd { path: file.path, bytes: file.bytes });
    Ok(Behind { files: cut_off.into_iter().chain(named).collect(), notes: notes.finish() })
}

fn the_file_system(error: &FsError) -> PastEnd {
    tracing::debug!("no file system: {error}");
    PastEnd { path: "/".to_owned(), bytes: SECTOR_BYTES }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::sector::set::SectorSet;
    use crate::base::sector::tract::{LeftOut, TractKind};
    use crate::fs::iso9660::image as iso;
    use crate::mapfile::sector_map::SectorMap;
    use crate::mapfile::status::Status;
    use crate::source::file::FileSource;

    /// What is told of a small ISO 9660 of which `lost` is left out, or missing.
    fn told(lost: SectorRange, left_out: bool, cancel: &Cancel) -> Result<Behind, Stopped> {
        let bytes = iso::image(false, false);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &bytes).unwrap();
        let sectors = bytes.len() as u64 / SECTOR_BYTES;
        let mut map = SectorMap::new(sectors, bytes.len() as u64);
        let all = [SectorRange::new(0, sectors)].into_iter().collect();
        map.set(SectorRange::new(0, sectors), Status::Finished);
        map.set(lost, Status::NonTried);
        let mut tracts = LeftOut::new();
        if left_out {
            tracts.insert(lost, TractKind::NotData);
        }
        let report = Report::new(&map, tracts, &SectorSet::new(), &all, &all);
        behind_the_end(&report, None, Box::new(FileSource::open(file.path()).unwrap()), cancel)
    }

    #[test]
    fn what_cannot_be_looked_at_is_told() {
        let root = SectorRange::with_len(iso::ROOT as u64, 1);
        let whole = told(SectorRange::default(), false, &Cancel::new()).unwrap();
        assert_eq!(whole, Behind::default());
        let unread = told(SectorRange::with_len(iso::DEEP as u64, 1), false, &Cancel::new()).unwrap();
        assert!(unread.files.is_empty() && unread.notes[0].contains("cannot be listed"), "{unread:?}");
        let left_out = told(SectorRange::with_len(iso::DEEP as u64, 1), true, &Cancel::new()).unwrap();
        assert_eq!(left_out.files.len(), 1, "{left_out:?}");
        let nothing = told(root, true, &Cancel::new()).unwrap();
        assert_eq!(nothing.files.first().map(|file| file.path.as_str()), Some("/"));
    }

    #[test]
    fn whoever_wants_to_stop_is_not_told_that_nothing_is_missing() {
        let cancel = Cancel::new();
        cancel.raise();
        assert_eq!(told(SectorRange::default(), false, &cancel), Err(Stopped));
    }
}
