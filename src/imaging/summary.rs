//! The report of a sweep or a patch.

use std::path::PathBuf;

use serde::Serialize;

use crate::base::media::Media;
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::base::set::SectorSet;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::Status;

/// Missing places that a report names.
const NAMED_PLACES: usize = 10;

/// Bytes of the disc by what the map says of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Totals {
    /// `+`
    pub rescued_bytes: u64,
    /// `?`, unwritten space left out
    pub non_tried_bytes: u64,
    /// `*`
    pub non_trimmed_bytes: u64,
    /// `/`
    pub non_scraped_bytes: u64,
    /// `-`
    pub bad_bytes: u64,
    /// Unwritten space of a rewritable disc, zero in the image.
    pub blank_bytes: u64,
}

impl Totals {
    /// Counts a map; `blank_bytes` of what it calls not tried is unwritten space.
    #[must_use]
    pub fn of(map: &SectorMap, blank_bytes: u64) -> Self {
        let totals = map.totals();
        let not_tried = totals.bytes(Status::NonTried);
        let blank_bytes = blank_bytes.min(not_tried);
        Self {
            rescued_bytes: totals.bytes(Status::Finished),
            non_tried_bytes: not_tried - blank_bytes,
            non_trimmed_bytes: totals.bytes(Status::NonTrimmed),
            non_scraped_bytes: totals.bytes(Status::NonScraped),
            bad_bytes: totals.bytes(Status::Bad),
            blank_bytes,
        }
    }

    /// What the image lacks.
    #[must_use]
    pub fn missing_bytes(&self) -> u64 {
        self.non_tried_bytes + self.non_trimmed_bytes + self.non_scraped_bytes + self.bad_bytes
    }
}

/// What a run did and how the image stands after it. The field names are the keys of `--json`.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Report {
    /// `sweep` or `patch`.
    pub command: &'static str,
    /// What was read.
    pub source: String,
    /// The image.
    pub image: PathBuf,
    /// Its map; none is kept for a pipe.
    pub map: Option<PathBuf>,
    /// The kind of disc, when it is known.
    pub media: Option<Media>,
    /// Sectors that are read, and lost, together.
    pub unit_sectors: u64,
    /// Sectors of the disc.
    pub sectors: u64,
    /// Bytes of a sector.
    pub sector_size: u64,
    /// Bytes by status.
    #[serde(flatten)]
    pub totals: Totals,
    /// Read commands of this run.
    pub read_commands: u64,
    /// How many of them failed.
    pub failed_reads: u64,
    /// Seconds of this run on the wall.
    pub seconds: f64,
    /// Seconds that the drive was kept busy, pauses included.
    pub drive_seconds: f64,
    /// New bytes a second of drive time.
    pub bytes_per_second: u64,
    /// How the image was written.
    pub write_strategy: &'static str,
    /// The output was so slow that its memory was not bounded all the time.
    pub degraded: bool,
    /// Nothing is missing.
    pub complete: bool,
    /// The drive refused sectors for protection.
    pub protected: bool,
    /// SHA-256 of the image, in hexadecimal: when it was asked for and nothing is missing.
    pub sha256: Option<String>,
    /// The largest missing places, for people.
    #[serde(skip)]
    pub missing: Vec<SectorRange>,
    /// Number of missing places.
    #[serde(skip)]
    pub missing_places: usize,
}

impl Report {
    /// What a map says of a disc whose `data` is wanted, and of which `blank` was never written.
    #[must_use]
    pub fn new(map: &SectorMap, blank: &SectorSet, data: &SectorSet) -> Self {
        let lacks = |run: SectorRange| {
            let wanted = |range: SectorRange| data.within(range).map(SectorRange::len).sum::<u64>();
            wanted(run) > blank.within(run).map(wanted).sum()
        };
        let (missing_places, missing) = missing(map, NAMED_PLACES);
        Self {
            sectors: map.sectors(),
            sector_size: SECTOR_BYTES,
            totals: Totals::of(map, blank.len().saturating_mul(SECTOR_BYTES)),
            complete: !map.iter().any(|(run, status)| status != Status::Finished && lacks(run)),
            missing,
            missing_places,
            ..Self::default()
        }
    }
}

/// Missing ranges of the map (neighbours of different statuses joined): how many, and the `most` first ones.
fn missing(map: &SectorMap, most: usize) -> (usize, Vec<SectorRange>) {
    let (mut count, mut list): (usize, Vec<SectorRange>) = (0, Vec::new());
    let mut last_end = None;
    for (run, _) in map.iter().filter(|(_, status)| *status != Status::Finished) {
        if last_end == Some(run.start()) {
            if count == list.len()
                && let Some(last) = list.last_mut()
            {
                *last = SectorRange::new(last.start(), run.end());
            }
        } else {
            count += 1;
            if list.len() < most {
                list.push(run);
            }
        }
        last_end = Some(run.end());
    }
    (count, list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_different_status_are_one_missing_place() {
        let mut map = SectorMap::new(1000, 1000 * 2048);
        map.set(SectorRange::new(0, 1000), Status::Finished);
        map.set(SectorRange::new(10, 20), Status::NonTrimmed);
        map.set(SectorRange::new(20, 30), Status::NonScraped);
        map.set(SectorRange::new(50, 60), Status::Bad);
        map.set(SectorRange::new(60, 70), Status::NonTried);
        map.set(SectorRange::new(90, 91), Status::NonTried);
        let all = vec![SectorRange::new(10, 30), SectorRange::new(50, 70), SectorRange::new(90, 91)];
        assert_eq!(missing(&map, 9), (3, all.clone()));
        assert_eq!(missing(&map, 1), (3, all[..1].to_vec()));
        let everything: SectorSet = [SectorRange::new(0, 1000)].into_iter().collect();
        assert!(!Report::new(&map, &SectorSet::new(), &everything).complete);
        let holes: SectorSet = all.iter().copied().collect();
        assert!(Report::new(&map, &holes, &everything).complete, "what was never written is not missing");
        let rest: SectorSet = [SectorRange::new(100, 1000)].into_iter().collect();
        assert!(Report::new(&map, &SectorSet::new(), &rest).complete, "audio tracks are not missing");
        let totals = Totals::of(&map, 5 * 2048);
        assert_eq!(totals.non_tried_bytes, 6 * 2048);
        assert_eq!(totals.missing_bytes(), 36 * 2048);
        assert_eq!(totals.rescued_bytes + totals.missing_bytes() + totals.blank_bytes, 1000 * 2048);
    }
}
