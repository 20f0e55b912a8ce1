//! The report of a sweep or a patch.

use std::path::PathBuf;

use serde::Serialize;

use crate::base::human;
use crate::base::media::Media;
use crate::base::sector::set::SectorSet;
use crate::base::sector::tract::LeftOut;
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::mapfile::aside::{Asides, Cause};
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::Status;
use crate::recovery::{Forecast, Times};

use super::reading::TriedAgain;

/// Missing places that a report names.
const NAMED_PLACES: usize = 10;

/// Bytes of the disc's data by what the map says of them; audio tracks are not counted.
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
    fn add(&mut self, status: Status, bytes: u64) {
        *match status {
            Status::Finished => &mut self.rescued_bytes,
            Status::NonTried => &mut self.non_tried_bytes,
            Status::NonTrimmed => &mut self.non_trimmed_bytes,
            Status::NonScraped => &mut self.non_scraped_bytes,
            Status::Bad => &mut self.bad_bytes,
        } += bytes;
    }

    /// What the image lacks.
    #[must_use]
    pub fn missing_bytes(&self) -> u64 {
        self.non_tried_bytes + self.non_trimmed_bytes + self.non_scraped_bytes + self.bad_bytes
    }
}

/// Sectors that a drive answers otherwise than with data, though it is well: not tried, and no damage.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SetAside {
    /// The first sector.
    pub lba: u64,
    /// How many.
    pub sectors: u64,
    /// Why.
    pub cause: Cause,
    /// What the drive said: sense (`02/04/01`), `host 03` or `status 08`.
    pub said: String,
}

/// What is set aside of the disc's `data`, neighbours that are alike joined.
pub(super) fn set_aside(asides: &Asides, data: &SectorSet) -> Vec<SetAside> {
    let mut all: Vec<SetAside> = Vec::new();
    for (range, aside) in asides.limited_to(data).iter() {
        let (cause, said) = (aside.cause, aside.said.to_string());
        match all.last_mut() {
            Some(last) if last.lba + last.sectors == range.start() && last.cause == cause && last.said == said => {
                last.sectors += range.len();
            }
            _ => all.push(SetAside { lba: range.start(), sectors: range.len(), cause, said }),
        }
    }
    all
}

/// What a run did and how the image stands after it. The field names are the keys of `--json`.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Report {
    /// `sweep` or `patch`.
    pub command: &'static str,
    /// What was read.
    pub source: String,
    /// The image.
    #[serde(serialize_with = "human::path_text")]
    pub image: PathBuf,
    /// Its map; none is kept for a pipe.
    #[serde(serialize_with = "human::paths_text")]
    pub map: Option<PathBuf>,
    /// The kind of disc, when it is known.
    pub media: Option<Media>,
    /// Sectors that are read, and lost, together.
    pub unit_sectors: u64,
    /// Sectors of the disc.
    pub sectors: u64,
    /// Bytes of a sector.
    pub sector_size: u64,
    /// Tracts that hold no data; they are not missing.
    pub left_out: LeftOut,
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
    /// What the map calls rescued is on stable storage; not so where the file system refuses to sync (`fsync`).
    pub durable: bool,
    /// Nothing is missing.
    pub complete: bool,
    /// The drive refused sectors for protection.
    pub protected: bool,
    /// What ended the run before all was done: the option `budget`, `give-up-after` or `max-errors`, or a `signal`.
    pub stopped_by: Option<&'static str>,
    /// What the drive answers otherwise than with data though it is well; the map has it as not tried.
    pub set_aside: Vec<SetAside>,
    /// What one more attempt at all that was remembered brought; none where nothing was, or where it was believed.
    pub tried_again: Option<TriedAgain>,
    /// Sectors of what is set aside that were never answered and, for want of time, not asked for once more in this run.
    pub not_asked_again: u64,
    /// What reads take on this drive, when the run has learned it.
    #[serde(skip)]
    pub times: Option<Times>,
    /// Whether the drive wants its failures kept apart in time, when that is known.
    #[serde(skip)]
    pub needs_rest: Option<bool>,
    /// What asking again would bring.
    #[serde(skip)]
    pub forecast: Option<Forecast>,
    /// Nothing is missing of what this run was to read.
    #[serde(skip)]
    pub chosen_complete: bool,
    /// SHA-256 of what the image holds of the disc, in hexadecimal: when it was asked for and nothing is missing.
    pub sha256: Option<String>,
    /// The hash of the image as it was written, when that happened in order.
    #[serde(skip)]
    pub written_sha256: Option<String>,
    /// Bytes of the image.
    #[serde(skip)]
    pub image_bytes: u64,
    /// The first missing places, for people.
    #[serde(skip)]
    pub missing: Vec<SectorRange>,
    /// Number of missing places.
    #[serde(skip)]
    pub missing_places: usize,
    /// Files of the disc that lie in part where nothing can be read: behind its end, or in tracts that are left out.
    pub past_end: Vec<PastEnd>,
    /// All sectors of the image that hold no data of the disc.
    #[serde(skip)]
    pub lacking: SectorSet,
}

/// A file of which a part lies where nothing can be read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PastEnd {
    /// Its path on the disc.
    pub path: String,
    /// Bytes of it that lie there.
    pub bytes: u64,
}

impl Report {
    /// What a map says of a disc whose `data` is wanted, but for what is `left_out`, of which `blank` was never written
    /// and of which this run was to read `chosen`.
    #[must_use]
    pub fn new(map: &SectorMap, left_out: LeftOut, blank: &SectorSet, data: &SectorSet, chosen: &SectorSet) -> Self {
        let mut wanted = data.clone();
        blank.ranges().iter().for_each(|range| wanted.remove(*range));
        left_out.tracts().iter().for_each(|tract| wanted.remove(tract.range));
        let mut lacking = SectorSet::new();
        let (mut totals, mut places) = (Totals::default(), Places::default());
        let mut chosen_complete = true;
        for (run, status) in map.iter() {
            for part in wanted.within(run) {
                totals.add(status, map.bytes_in(part));
                if status != Status::Finished {
                    places.add(part);
                    chosen_complete &= chosen.within(part).next().is_none();
                }
            }
            if status != Status::Finished {
                lacking.insert(run);
                totals.blank_bytes += blank.within(run).map(|part| map.bytes_in(part)).sum::<u64>();
            }
        }
        Self {
            sectors: map.sectors(),
            sector_size: SECTOR_BYTES,
            // A disc of which nothing came is not whole, whatever is left out of it.
            complete: places.count == 0 && !left_out.has_loss() && totals.rescued_bytes + totals.blank_bytes > 0,
            chosen_complete,
            totals,
            missing: places.first,
            missing_places: places.count,
            left_out,
            lacking,
            ..Self::default()
        }
    }
}

/// Missing places, neighbours of different statuses joined.
#[derive(Debug, Default)]
struct Places {
    count: usize,
    /// The first [`NAMED_PLACES`] of them.
    first: Vec<SectorRange>,
    end: Option<u64>,
}

impl Places {
    fn add(&mut self, part: SectorRange) {
        if self.end != Some(part.start()) {
            self.count += 1;
            if self.first.len() < NAMED_PLACES {
                self.first.push(part);
            }
        } else if let Some(last) = self.first.last_mut().filter(|_| self.count <= NAMED_PLACES) {
            *last = SectorRange::new(last.start(), part.end());
        }
        self.end = Some(part.end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(ranges: &[SectorRange]) -> SectorSet {
        ranges.iter().copied().collect()
    }

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
        let (none, everything) = (SectorSet::new(), set(&[SectorRange::new(0, 1000)]));
        let report = Report::new(&map, LeftOut::new(), &none, &everything, &everything);
        assert_eq!((report.missing_places, &report.missing, report.complete), (3, &all, false));
        assert_eq!(report.totals.non_tried_bytes, 11 * 2048);

        let report = Report::new(&map, LeftOut::new(), &set(&all), &everything, &everything);
        assert!(report.complete, "what was never written is not missing");
        assert_eq!((report.totals.missing_bytes(), report.totals.blank_bytes), (0, 41 * 2048));

        let rest = set(&[SectorRange::new(100, 1000)]);
        let report = Report::new(&map, LeftOut::new(), &none, &rest, &rest);
        assert!(report.complete, "audio tracks are not missing");
        assert_eq!(report.totals, Totals { rescued_bytes: 900 * 2048, ..Totals::default() });

        let report = Report::new(&map, LeftOut::new(), &none, &everything, &rest);
        assert!(!report.complete && report.chosen_complete, "all that was asked for is there");
    }

    #[test]
    fn a_disc_of_which_nothing_came_is_not_complete_whatever_is_left_out_of_it() {
        let mut map = SectorMap::new(1000, 1000 * 2048);
        let everything = set(&[SectorRange::new(0, 1000)]);
        let report = |map: &SectorMap, tract: SectorRange, blank: &SectorSet| {
            let mut left_out = LeftOut::new();
            left_out.insert(tract, crate::base::sector::tract::TractKind::NotData);
            Report::new(map, left_out, blank, &everything, &everything).complete
        };
        assert!(!report(&map, SectorRange::new(0, 1000), &SectorSet::new()));
        assert!(report(&map, SectorRange::new(10, 1000), &set(&[SectorRange::new(0, 10)])), "an empty one is");
        map.set(SectorRange::new(0, 10), Status::Finished);
        assert!(report(&map, SectorRange::new(10, 1000), &SectorSet::new()));
    }

    #[test]
    fn neighbours_that_a_drive_answers_alike_are_told_as_one() {
        use crate::base::outcome::{Complaint, Sense};
        use crate::mapfile::aside::Aside;
        let said = |sense| Complaint { sense: Some(sense), status: 2, host_status: 0 };
        let aside = |attempts, sense| Aside { cause: Cause::Answer, said: said(sense), attempts, seconds: 0.1 };
        let mut asides = Asides::default();
        asides.insert(SectorRange::new(10, 20), aside(1, Sense::new(2, 4, 1)));
        asides.insert(SectorRange::new(20, 30), aside(2, Sense::new(2, 4, 1)));
        asides.insert(SectorRange::new(30, 40), aside(1, Sense::new(5, 0x24, 0)));
        let told = set_aside(&asides, &set(&[SectorRange::new(0, 35)]));
        let told: Vec<_> = told.iter().map(|place| (place.lba, place.sectors, place.said.as_str())).collect();
        assert_eq!(told, [(10, 20, "02/04/01"), (30, 5, "05/24/00")]);
    }

    #[test]
    fn only_the_first_places_are_named() {
        let map = SectorMap::new(100, 100 * 2048);
        let data: SectorSet = (0..20).map(|i| SectorRange::with_len(i * 5, 3)).collect();
        let report = Report::new(&map, LeftOut::new(), &SectorSet::new(), &data, &data);
        assert_eq!((report.missing_places, report.missing.len()), (20, NAMED_PLACES));
        assert_eq!(report.missing.last(), Some(&SectorRange::new(45, 48)));
    }

    #[test]
    fn a_name_that_is_not_utf_8_does_not_cost_the_report() {
        use std::os::unix::ffi::OsStrExt;
        let image: PathBuf = std::ffi::OsStr::from_bytes(b"a\xFF.iso").into();
        let value = serde_json::to_value(Report { map: Some(image.clone()), image, ..Report::default() }).unwrap();
        assert_eq!((&value["image"], &value["map"]), (&"a\u{fffd}.iso".into(), &"a\u{fffd}.iso".into()));
    }
}
