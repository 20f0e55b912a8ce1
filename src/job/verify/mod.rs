//! The verb `verify`: is an image what the disc holds? Nothing is written.

mod compare;
mod domain;
mod end;
mod found;
mod inside;
mod judge;
mod refused;
mod report;
mod sample;
mod trust;

use std::path::{Path, PathBuf};

use crate::base::cancel::Cancel;
use crate::base::clock::{Clock, SystemClock};
use crate::base::event::{Event, Events};
use crate::base::human;
use crate::base::media::Media;
use crate::base::sector::set::SectorSet;
use crate::base::sector::tract::LeftOut;
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::os::durable;
use crate::scsi::sg_io::Sharing;
use crate::source::{Input, SectorSource};

use super::open::{self, Opened};
use super::pace::Pace;
use super::source_name::SourceName;
use compare::{Comparison, State};
use domain::Domain;
use found::{Counted, Found};
use inside::Inside;
use trust::{Held, Known};

pub use end::{End, VerifyError};
pub use report::{FileInside, Report, Stretch, Stretches};
pub use sample::Sample;

/// What is to be compared.
#[derive(Clone, PartialEq, Debug)]
pub struct Verify {
    /// The image, by name.
    pub image: PathBuf,
    /// What that name means.
    pub name: SourceName,
    /// Its map; by default the image's name with `.map` added, where that is there.
    pub map: Option<PathBuf>,
    /// A sample; `None`: the whole disc.
    pub sample: Option<Sample>,
}

/// Compares the source of that name with an image. The drive has its settings back when this returns.
///
/// # Errors
/// [`VerifyError`]: nothing was compared. What ends it later is in the returned [`End`].
pub fn run(
    name: &SourceName,
    job: &Verify,
    cancel: &Cancel,
    events: &dyn Events,
) -> Result<(Report, End), VerifyError> {
    events.event(Event::Phase("open".to_owned()));
    let clock = SystemClock::new();
    let mut image = image(job, cancel)?;
    if let Some(path) = name.image()
        && path.is_dir()
    {
        return Err(VerifyError::Folder(path.to_owned()));
    }
    let Opened { mut source, notes, .. } = open::open(name, cancel).map_err(VerifyError::Source)?;
    let mut notes: Vec<String> = notes.into_iter().chain(std::mem::take(&mut image.notes)).collect();
    let mut input = source.input();
    let mut image = image.source.into_sectors();
    let domain = Domain::new(&mut input, image.as_ref(), job.sample);
    notes.extend(sizes(input.sectors(), image.as_ref()));
    let (found, left_out, end) = compare(input, image.as_mut(), &domain, cancel, events);
    let facts = source.input().sectors().facts().clone();
    drop(source);
    let mut report = Report {
        command: "verify",
        source: facts.name,
        image: job.image.clone(),
        media: facts.media,
        sectors: facts.sectors,
        sector_size: SECTOR_BYTES,
        image_sectors: image.facts().sectors,
        left_out,
        sampled: job.sample.is_some(),
        sample: job.sample,
        stopped_by: (end == End::Stopped).then_some("signal"),
        ..of(&found, &domain)
    };
    notes.extend(oddities(&found, &domain));
    name_files(&mut report, job, [&differing(&found, &domain).set, &unread(&found, &domain).set], &mut notes, cancel);
    report.notes = notes;
    report.seconds = clock.now().as_secs_f64();
    Ok((report, end))
}

/// Opens the image, without what its map lacks.
fn image(job: &Verify, cancel: &Cancel) -> Result<Opened, VerifyError> {
    let path = &job.image;
    if job.name.image().is_none() {
        return Err(VerifyError::ImageIsDrive(path.clone()));
    }
    if path.is_dir() {
        return Err(VerifyError::Folder(path.clone()));
    }
    let opened = open::open_as(&job.name, Sharing::Shared, cancel).map_err(VerifyError::Image)?;
    let map = match &job.map {
        Some(map) if opened.is_raw => return Err(VerifyError::MapOfRaw(map.clone())),
        Some(map) if !map.exists() => return Err(VerifyError::NoMap(map.clone())),
        Some(map) => map.clone(),
        None if opened.is_raw => return Ok(opened),
        None => durable::beside(path, ".map"),
    };
    with_map(opened, &job.name, &map)
}

fn with_map(opened: Opened, name: &SourceName, map: &Path) -> Result<Opened, VerifyError> {
    let notes = opened.notes.clone();
    match open::with_map(opened, name, map) {
        // What it lacks is told in the report.
        Ok(opened) => Ok(Opened { notes, ..opened }),
        Err(open::OpenError::Map(error)) => Err(VerifyError::Map(error)),
        Err(error) => Err(VerifyError::Image(error)),
    }
}

/// Compares what is to be compared, and tells what was found, which tracts hold no data, and how it ended.
fn compare<'a>(
    mut input: Input<'a>,
    image: &'a mut dyn SectorSource,
    domain: &Domain,
    cancel: &'a Cancel,
    events: &'a dyn Events,
) -> (Found, LeftOut, End) {
    let facts = input.sectors().facts().clone();
    let is_drive = input.drive().is_some();
    let unit = if is_drive { facts.media.unwrap_or_else(|| Media::of_size(facts.sectors)).ecc_unit() } else { 1 };
    let total = domain.compared.len().saturating_mul(SECTOR_BYTES);
    let found = Found { size_bytes: facts.size_bytes.max(image.facts().size_bytes), ..Found::default() };
    let mut comparison = Comparison {
        input,
        image,
        unit,
        cancel,
        pace: Pace::new(events, "verify", total),
        found,
        known: Known::new(facts.sectors),
        held: Held::default(),
        state: State::default(),
    };
    let end = comparison.run(&domain.compared).err().unwrap_or(End::Done);
    let Comparison { mut input, found, state, .. } = comparison;
    let mut left_out = domain.left_out.clone();
    left_out.extend(input.sectors().left_out());
    left_out.extend(&state.blank);
    if let Some(drive) = input.drive() {
        drive.give_back().into_iter().for_each(|sentence| events.event(Event::Warning(sentence)));
    }
    (found, left_out, end)
}

/// The part of the report that the comparison and what could not be compared make.
fn of(found: &Found, domain: &Domain) -> Report {
    let (differing, unread) = (differing(found, domain), unread(found, domain));
    Report {
        compared_bytes: found.compared_bytes,
        differing: Stretches::of(&differing.set),
        unread: Stretches::of(&unread.set),
        not_in_image: Stretches::of(&domain.not_in_image.set),
        differing_sectors: differing.sectors,
        unread_sectors: unread.sectors,
        not_in_image_sectors: domain.not_in_image.sectors,
        read_commands: found.commands,
        failed_reads: found.failed,
        ..Report::default()
    }
}

/// What differs: what was found, and what the image has too much.
fn differing(found: &Found, domain: &Domain) -> Counted {
    let mut differing = found.differing.clone();
    if !domain.surplus.is_empty() {
        differing.add(domain.surplus);
    }
    differing
}

/// What was not read: what did not come, and what the source is known to lack.
fn unread(found: &Found, domain: &Domain) -> Counted {
    let mut unread = found.unread.clone();
    unread.sectors = unread.sectors.saturating_add(domain.unread.sectors);
    unread.is_cut |= domain.unread.is_cut;
    domain.unread.set.ranges().iter().for_each(|range| unread.set.insert(*range));
    unread
}

/// Names the files that lie in sectors that differ, and in those that were not read.
fn name_files(report: &mut Report, job: &Verify, of: [&SectorSet; 2], notes: &mut Vec<String>, cancel: &Cancel) {
    let [differing, unread] = of;
    if cancel.is_raised() || (differing.is_empty() && unread.is_empty()) {
        return;
    }
    match Inside::open(&job.name, job.map.as_deref(), cancel) {
        Some(inside) => {
            let mut files =
                |sectors: &SectorSet| if sectors.is_empty() { Vec::new() } else { inside.of(sectors, notes, cancel) };
            report.differing_files = files(differing);
            report.unread_files = files(unread);
        }
        None => notes.push("the image has no file system that can be read, so no files are named".to_owned()),
    }
}

/// A sentence where the sizes differ.
fn sizes(source: &dyn SectorSource, image: &dyn SectorSource) -> Option<String> {
    let (source, image) = (source.facts(), image.facts());
    (source.size_bytes != image.size_bytes).then(|| {
        format!(
            "the sizes differ: {} has {} bytes, {} has {}",
            source.name, source.size_bytes, image.name, image.size_bytes
        )
    })
}

/// What else a person should know.
fn oddities(found: &Found, domain: &Domain) -> Vec<String> {
    let mut notes = Vec::new();
    let sectors = |count: u64| if count == 1 { "1 sector".to_owned() } else { format!("{count} sectors") };
    if found.at_second_read > 0 {
        notes.push(format!(
            "{} came otherwise at first, and the second time as the image has them: this drive does not always read alike",
            sectors(found.at_second_read)
        ));
    }
    if found.unread_of_image > 0 {
        notes.push(format!("the image's own disk did not bring {} of it", sectors(found.unread_of_image)));
    }
    if !domain.surplus.is_empty() {
        let more = human::bytes(SectorRange::bytes(domain.surplus));
        notes.push(format!("the image goes on for {more} behind the end of the source; that counts as a difference"));
    }
    if found.differing.is_cut || found.unread.is_cut || domain.not_in_image.is_cut {
        notes.push("there are more ranges than are named; the numbers of sectors count all of them".to_owned());
    }
    notes
}
