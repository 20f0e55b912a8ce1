//! Which sectors a run is about, and what is known of them before the first read.

use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;
use crate::base::sector::tract::{LeftOut, Tract, TractKind};
use crate::imaging::error::Error;
use crate::imaging::job::Job;
use crate::mapfile::state::forget_rescued;
use crate::mapfile::store::MapStore;
use crate::source::{Facts, Input};

/// The sectors of a run.
pub(in crate::imaging) struct Sectors {
    /// What is known of the source, with the size of the image: that of an image that is longer than this drive says the
    /// disc is, stays.
    pub(in crate::imaging) facts: Facts,
    /// Those that hold data, as far as no read has to say so.
    pub(in crate::imaging) data: SectorSet,
    /// The tracts that hold none, as far as they are known.
    pub(in crate::imaging) left_out: LeftOut,
    /// Those that may be read.
    pub(in crate::imaging) domain: SectorSet,
}

impl Sectors {
    /// What the source, the map that lies there, and the person say.
    ///
    /// # Errors
    /// [`Error::Usage`] when nothing is left to be read.
    pub(super) fn new(job: &Job, source: &mut Input<'_>, old: Option<&MapStore>) -> Result<Self, Error> {
        let facts = source.sectors().facts().clone();
        let of_drive = source.drive().map(|drive| drive.data().clone());
        let is_drive = of_drive.is_some();
        let mut data = of_drive.unwrap_or_else(|| [SectorRange::new(0, facts.sectors)].into_iter().collect());
        let mut left_out = source.sectors().left_out().clone();
        left_out.tracts().iter().for_each(|tract| data.remove(tract.range));
        let mut beyond = SectorRange::default();
        let mut of_image = facts.clone();
        if let Some(map) = old.map(MapStore::map) {
            (of_image.size_bytes, of_image.sectors) = (map.size_bytes(), map.sectors());
            beyond = SectorRange::new(facts.sectors, map.sectors());
            data.insert(beyond);
        }
        if let Some(old) = old {
            let mut told = old.left_out().clone();
            forget_rescued(&mut told, old.map());
            // A drive says itself how far a disc was written, and it may have been written further since.
            if is_drive {
                let is_unwritten = |tract: &&Tract| tract.kind == TractKind::Unwritten;
                let unwritten = told.tracts().iter().filter(is_unwritten).map(|tract| tract.range).collect();
                told.remove(&unwritten);
            }
            // What reads may have told is asked of a drive again: this one may read it. A file has zeros there.
            let is_firm = |kind| !is_drive || matches!(kind, TractKind::Audio | TractKind::SessionGap);
            told.tracts().iter().filter(|tract| is_firm(tract.kind)).for_each(|tract| data.remove(tract.range));
            left_out.extend(&told);
        }
        let mut domain = chosen(job, &data, of_image.sectors)?;
        source.sectors().lacking().ranges().iter().for_each(|range| domain.remove(*range));
        domain.remove(beyond);
        Ok(Self { facts: of_image, data, left_out, domain })
    }
}

/// The sectors that were chosen, of those that hold `data`.
fn chosen(job: &Job, data: &SectorSet, sectors: u64) -> Result<SectorSet, Error> {
    let mut chosen = if job.only.is_empty() { data.clone() } else { data.intersect(&job.only) };
    for range in job.skip.ranges() {
        chosen.remove(*range);
    }
    if chosen.is_empty() && sectors > 0 {
        let last = sectors - 1;
        return Err(Error::Usage(format!(
            "--only and --skip leave nothing to read: this disc has the sectors 0-{last}"
        )));
    }
    Ok(chosen)
}
