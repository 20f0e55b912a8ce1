//! What a person chooses of a disc for a sweep or a patch: sectors, files, titles. The disc's own file system says where
//! those lie, by the extents that `info` tells of, too.

mod error;
mod lent;
mod nearest;
mod places;

use std::sync::{Arc, Mutex, PoisonError};

use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events};
use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;
use crate::fs::{self, FileSystem, Sectors};
use crate::imaging::{Job, Task};
use crate::source::Source;

use super::disc;
use super::source_map;
use super::source_name::SourceName;
use super::titles::TitleChoice;
use lent::{Lent, Rescued};

pub use error::WantedError;

/// One thing that is chosen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Chosen {
    /// Sectors.
    Sectors(SectorRange),
    /// A file, or all that lies below a directory, by its path on the disc.
    File(String),
    /// Titles: the stream files that they play.
    Titles(TitleChoice),
}

/// What a run is to read, and what not.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wanted {
    /// Only these; all where it is empty.
    pub only: Vec<Chosen>,
    /// Not these.
    pub skip: Vec<Chosen>,
}

impl Wanted {
    /// Whether the disc has to be asked where something lies.
    #[must_use]
    pub fn is_by_name(&self) -> bool {
        self.only.iter().chain(&self.skip).any(|chosen| !matches!(chosen, Chosen::Sectors(_)))
    }
}

/// The job with the sectors that `wanted` means on this disc; the source is given back. What an earlier run of the job has
/// rescued is read from its image, so that a disc whose tables cannot be read can be gone on with.
///
/// # Errors
/// [`WantedError`].
pub(super) fn choose(
    job: &Job,
    wanted: &Wanted,
    source: Source,
    cancel: &Cancel,
    events: &dyn Events,
) -> (Option<Source>, Result<Job, WantedError>) {
    if !wanted.is_by_name() {
        let only = sectors_of(&wanted.only);
        let skip = sectors_of(&wanted.skip);
        return (Some(source), Ok(Job { only, skip, ..job.clone() }));
    }
    events.event(Event::Phase("find".to_owned()));
    let source = Arc::new(Mutex::new(source));
    let result = by_name(job, wanted, &source, cancel);
    let source = Arc::into_inner(source).map(|source| source.into_inner().unwrap_or_else(PoisonError::into_inner));
    (source, result)
}

fn sectors_of(chosen: &[Chosen]) -> SectorSet {
    let sectors = |chosen: &Chosen| match chosen {
        Chosen::Sectors(range) => Some(*range),
        Chosen::File(_) | Chosen::Titles(_) => None,
    };
    chosen.iter().filter_map(sectors).collect()
}

fn by_name(job: &Job, wanted: &Wanted, source: &Arc<Mutex<Source>>, cancel: &Cancel) -> Result<Job, WantedError> {
    let lent = Arc::new(Lent::new(source, rescued(job)));
    let files = open(&lent, source, wanted)?;
    let places = |chosen: &[Chosen]| -> Result<SectorSet, WantedError> {
        let mut all = sectors_of(chosen);
        for one in chosen {
            let found = match one {
                Chosen::Sectors(_) => continue,
                Chosen::File(path) => places::of_file(files.as_ref(), path, cancel)?,
                Chosen::Titles(titles) => places::of_titles(files.as_ref(), titles, &words(one), cancel)?,
            };
            found.ranges().iter().for_each(|range| all.insert(*range));
        }
        Ok(all)
    };
    let mut only = places(&wanted.only)?;
    if wanted.only.iter().any(|chosen| matches!(chosen, Chosen::Titles(_))) {
        // A title is of no use without the tables that lead to it.
        lent.asked().ranges().iter().for_each(|range| only.insert(*range));
    }
    let skip = places(&wanted.skip)?;
    Ok(Job { only, skip, ..job.clone() })
}

/// The file system of the disc.
fn open(lent: &Arc<Lent>, source: &Arc<Mutex<Source>>, wanted: &Wanted) -> Result<Box<dyn FileSystem>, WantedError> {
    let mut guard = source.lock().unwrap_or_else(PoisonError::into_inner);
    let is_drive = guard.input().drive().is_some();
    let mut input = guard.input();
    let (left_out, mut starts) = (input.sectors().left_out().clone(), input.sectors().sessions().to_vec());
    // Reads take the source by themselves.
    drop(guard);
    let sectors: Arc<dyn Sectors> = Arc::<Lent>::clone(lent);
    if !is_drive {
        starts = disc::starts_in_image(sectors.as_ref(), &left_out);
    }
    let opened = fs::open_sessions(sectors, &starts).map(|sessions| sessions.files);
    opened.map_err(|cause| {
        let named = wanted.only.iter().chain(&wanted.skip).find(|chosen| !matches!(chosen, Chosen::Sectors(_)));
        WantedError::Files { what: named.map(words).unwrap_or_default(), cause }
    })
}

/// What an earlier run has brought; `None` where nothing tells, or the run begins anew.
fn rescued(job: &Job) -> Option<Rescued> {
    if matches!(job.task, Task::Sweep { restart: true }) || !job.image.is_file() {
        return None;
    }
    let image = super::open::written(&job.image, job.format).ok()?;
    let (mut facts, unit) = (image.facts().clone(), SourceName::of_written(&job.image, job.format).unit());
    let (missing, left_out) = source_map::read(&job.map_name(), unit, &mut facts).ok()??;
    let mut sectors: SectorSet = [SectorRange::new(0, image.facts().sectors)].into_iter().collect();
    missing.sectors.ranges().iter().for_each(|range| sectors.remove(*range));
    left_out.tracts().iter().for_each(|tract| sectors.remove(tract.range));
    Some(Rescued { image, sectors })
}

/// As a person writes it.
fn words(chosen: &Chosen) -> String {
    let path = |path: &str| crate::base::human::printable(path);
    match chosen {
        Chosen::Sectors(range) => range.to_string(),
        Chosen::File(name) => path(name),
        Chosen::Titles(TitleChoice::Main) => "the main title".to_owned(),
        Chosen::Titles(TitleChoice::All) => "the titles".to_owned(),
        Chosen::Titles(TitleChoice::Named(names)) if names.len() == 1 => "the title".to_owned(),
        Chosen::Titles(TitleChoice::Named(_)) => "the titles".to_owned(),
        Chosen::Titles(TitleChoice::Stream(name)) => format!("{}.m2ts", path(name)),
    }
}
