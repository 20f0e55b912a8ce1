//! Everything that is looked at before the first read: what lies there, is it the same disc, is there room.

mod decision;
mod old_map;
mod same_disc;
mod sectors;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::base::cancel::Cancel;
use crate::base::clock::SystemClock;
use crate::base::event::{Event, Events};
use crate::base::human;
use crate::base::media::{Media, Sitting};
use crate::base::sector::SectorRange;
use crate::base::set::SectorSet;
use crate::base::tract::LeftOut;
use crate::image::error::Operation;
use crate::image::here::{free_space_check, what_lies_at};
use crate::image::{Format, Here, ImageError, ImageStore, Prealloc};
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::state::{Fingerprint, State};
use crate::mapfile::status::{Status, StatusLine};
use crate::mapfile::store::{self, MapStore};
use crate::pipeline::bounded::{CallError, Running};
use crate::source::{Facts, Input};

use super::error::Error;
use super::guard::Place;
use super::job::{Job, Task};
use super::own_files::MapFile;
use super::reading::Fresh;
use super::writing::hash;
use super::writing::stored::Stored;
use decision::{Decision, Found, Wanted, decide};
use same_disc::{Verdict, same_disc};
use sectors::Sectors;

pub(super) use sectors::forget_rescued;

/// Everything ready for the first read.
pub(super) struct Prepared {
    /// The image, open and locked.
    pub image: ImageStore,
    /// The map.
    pub stored: Stored,
    /// Where the map lies, under lock; a pipe has none.
    pub map_file: Option<MapFile>,
    /// Where the strategy begins.
    pub line: StatusLine,
    /// The sectors that may be read.
    pub domain: SectorSet,
    /// The sectors that hold data.
    pub data: SectorSet,
    /// The tracts that hold none, as far as they are known.
    pub left_out: LeftOut,
    /// Bytes of the image: those of the disc, or more where another drive has read more of it.
    pub size_bytes: u64,
    /// The kind of disc.
    pub media: Option<Media>,
    /// Its ECC unit.
    pub unit: u64,
    /// A place that reads as it did before.
    pub known_good: Option<Place>,
    /// Sectors of a device that may hold another disc still: those that stay unread are to be made zero.
    pub stale: SectorSet,
    /// Why what was remembered is not believed before it was tried once more, where that is so.
    pub fresh: Option<Fresh>,
}

/// What a run stands on.
struct Setup<'a> {
    job: &'a Job,
    facts: &'a Facts,
    domain: &'a SectorSet,
    /// What lies where the image is to be.
    here: Here,
}

/// Looks at everything; nothing has been written before all of it is settled.
///
/// # Errors
/// [`Error`]: the reason why this run must not begin.
pub(super) fn prepare(
    job: &Job,
    source: &mut Input<'_>,
    cancel: &Cancel,
    events: &dyn Events,
) -> Result<Prepared, Error> {
    if job.hash && job.format != Format::Raw {
        // sha256sum would hash the file with its tables, of which no two are the same.
        let image = human::printable(&job.image.display().to_string());
        return Err(Error::Usage(format!("{image} is not raw: a SHA-256 (--hash) is only made of raw images")));
    }
    if what_lies_at(&job.image)? == Here::Stream {
        return prepare_pipe(job, source, cancel, events);
    }
    let of_source = source.sectors().facts().clone();
    let (media, unit) = kind(job, &of_source);
    let map_file = MapFile::take(&job.map_name(), job)?;
    let path = map_file.path.as_path();
    // Another run may have ended while this one waited for the lock.
    let here = what_lies_at(&job.image)?;
    let old = old_map::load(path, job, &of_source, &fingerprint(&of_source, media))?;
    let Sectors { facts, data, left_out, domain } = Sectors::new(job, source, old.as_ref())?;
    let fingerprint = fingerprint(&facts, media);
    let setup = Setup { job, facts: &facts, domain: &domain, here };
    let mut known_good = None;
    let (mut store, image) = match decide(found(here, old.as_ref()), wanted(job)) {
        Decision::Resume => match old {
            Some(store) => resume(&setup, source, store, &mut known_good, cancel, events)?,
            None => fresh(&setup, path, cancel, events)?,
        },
        Decision::Fresh => fresh(&setup, path, cancel, events)?,
        Decision::MoveAside => {
            move_aside(&setup, path)?;
            fresh(&Setup { here: Here::Nothing, ..setup }, path, cancel, events)?
        }
        Decision::RefuseOverwrite => return Err(Error::Overwrite { image: job.image.clone() }),
        Decision::RefuseNoImage => return Err(Error::NoImage { image: job.image.clone(), map: path.to_owned() }),
        Decision::RefuseNothingToPatch => return Err(Error::NothingToPatch { map: path.to_owned() }),
    };
    store.set_left_out(left_out.clone());
    let line = store.status();
    let stale = match (here, job.task) {
        (Here::BlockDevice, Task::Sweep { .. }) => unread(&domain, store.map()),
        _ => SectorSet::new(),
    };
    let mut state = state_of(&store, &fingerprint);
    state.left_out = left_out.clone();
    let size_bytes = facts.size_bytes;
    let sitting = source.drive().and_then(|drive| drive.lies_in());
    let fresh = fresh_look(job, state.sitting.as_ref(), sitting.as_ref());
    state.sitting = sitting.or(state.sitting);
    let stored = Stored::in_file(store, state, fingerprint);
    let map_file = Some(map_file);
    Ok(Prepared {
        image,
        stored,
        map_file,
        line,
        domain,
        data,
        left_out,
        size_bytes,
        media,
        unit,
        known_good,
        stale,
        fresh,
    })
}

/// The kind of disc, as far as it is known, and its ECC unit.
fn kind(job: &Job, facts: &Facts) -> (Option<Media>, u64) {
    let media = job.media.or(facts.media);
    let unit = job.unit.unwrap_or_else(|| media.unwrap_or_else(|| Media::of_size(facts.sectors)).ecc_unit());
    (media, unit)
}

/// The same for an image that goes into a pipe.
fn prepare_pipe(job: &Job, source: &mut Input<'_>, cancel: &Cancel, events: &dyn Events) -> Result<Prepared, Error> {
    let Sectors { facts, data, left_out, domain } = Sectors::new(job, source, None)?;
    let (media, unit) = kind(job, &facts);
    let setup = Setup { job, facts: &facts, domain: &domain, here: Here::Stream };
    let (image, stored) = pipe(&setup, cancel, events)?;
    let (size_bytes, line, stale) = (facts.size_bytes, StatusLine::default(), SectorSet::new());
    let (map_file, known_good, fresh) = (None, None, None);
    Ok(Prepared {
        image,
        stored,
        map_file,
        line,
        domain,
        data,
        left_out,
        size_bytes,
        media,
        unit,
        known_good,
        stale,
        fresh,
    })
}

/// Whether the disc lies elsewhere than when `before` was written down, or a person wants all of it tried again.
fn fresh_look(job: &Job, before: Option<&Sitting>, now: Option<&Sitting>) -> Option<Fresh> {
    if job.fresh {
        return Some(Fresh::Asked);
    }
    let (before, now) = before.zip(now)?;
    let moved = before.since.as_ref().zip(now.since.as_ref()).is_some_and(|(before, now)| before != now);
    match before.drive == now.drive {
        false => Some(Fresh::OtherDrive),
        true => moved.then_some(Fresh::TakenOut),
    }
}

fn wanted(job: &Job) -> Wanted {
    let restart = matches!(job.task, Task::Sweep { restart: true });
    Wanted { patch: matches!(job.task, Task::Patch { .. }), restart, force: job.force }
}

fn found(here: Here, map: Option<&MapStore>) -> Found {
    let claims = map.is_some_and(|m| m.map().totals().bytes(Status::Finished) > 0);
    Found { image: !matches!(here, Here::Nothing | Here::File { length: 0 }), map: map.is_some(), claims }
}

fn fingerprint(facts: &Facts, media: Option<Media>) -> Fingerprint {
    Fingerprint { sectors: facts.sectors, size_bytes: facts.size_bytes, media, hash: String::new() }
}

/// What is not rescued yet of `domain`.
fn unread(domain: &SectorSet, map: &SectorMap) -> SectorSet {
    let mut left = domain.clone();
    map.iter().filter(|(_, status)| *status == Status::Finished).for_each(|(run, _)| left.remove(run));
    left
}

/// What the sidecar knows, if it is there and belongs to this map.
fn state_of(store: &MapStore, fingerprint: &Fingerprint) -> State {
    let rescued = store.map().totals().bytes(Status::Finished);
    let mut state = store::load_state(store.path(), fingerprint, rescued).unwrap_or_else(|reason| {
        tracing::debug!("{reason}");
        State::default()
    });
    state.agree_with(store.map());
    state
}

/// Goes on where an earlier run stopped, after checking that it is the same disc.
fn resume(
    setup: &Setup<'_>,
    source: &mut Input<'_>,
    mut store: MapStore,
    known_good: &mut Option<Place>,
    cancel: &Cancel,
    events: &dyn Events,
) -> Result<(MapStore, ImageStore), Error> {
    let Setup { job, facts, here, .. } = setup;
    let mut image = open_image(setup)?;
    if let Here::File { .. } = *here {
        let length = image.length()?;
        if length < last_claimed(store.map()) {
            return Err(Error::ShortImage { image: job.image.clone(), length });
        }
    }
    room(setup, store.map())?;
    events.event(Event::Phase("compare".into()));
    match same_disc(source.sectors(), &mut image, store.map(), cancel, events)? {
        Verdict::Same(known) => *known_good = known,
        Verdict::Differs(sector) => {
            let reason = format!("sector {sector} differs from what was rescued");
            return Err(Error::WrongDisc { image: job.image.clone(), reason });
        }
        Verdict::Unreadable if job.force => {}
        Verdict::Unreadable => return Err(Error::UnknownDisc { image: job.image.clone() }),
    }
    let rescued = store.map().totals().bytes(Status::Finished);
    if rescued > 0 && rescued < facts.size_bytes {
        let (have, all) = (human::bytes(rescued), human::bytes(facts.size_bytes));
        let name = human::printable(&job.image.display().to_string());
        events.event(Event::Notice(format!("Going on with {name}: {have} of {all} are there.")));
    }
    note_command(&mut store, job);
    // A map that cannot be saved is found out now, and not when a dying disc has been read for nothing.
    store.save()?;
    preallocate(job, &mut image, cancel, events)?;
    Ok((store, image))
}

/// An image and an empty map. The image is opened, and thereby locked, before the map is touched, since another
/// run may be at work on both. A crash in between leaves an empty image, which is as good as none.
fn fresh(
    setup: &Setup<'_>,
    path: &Path,
    cancel: &Cancel,
    events: &dyn Events,
) -> Result<(MapStore, ImageStore), Error> {
    let map = SectorMap::new(setup.facts.sectors, setup.facts.size_bytes);
    room(setup, &map)?;
    let mut image = open_image(setup)?;
    if path.exists() {
        // There was none before the image was locked: another run has come and gone in between.
        return Err(ImageError::InUse { path: setup.job.image.clone() }.into());
    }
    let mut store = MapStore::new(path, map);
    note_command(&mut store, setup.job);
    // What another disc left there must not show through the holes of this one.
    let made = image
        .clear()
        .map_err(Error::from)
        .and_then(|()| Ok(store.save()?))
        .and_then(|()| preallocate(setup.job, &mut image, cancel, events));
    match made {
        Ok(()) => Ok((store, image)),
        Err(error) => {
            if setup.here == Here::Nothing {
                // They are ours, locked and empty; left there they would puzzle whoever finds them.
                let _ = std::fs::remove_file(path);
                image.remove();
            }
            Err(error)
        }
    }
}

/// `--prealloc`.
fn preallocate(job: &Job, image: &mut ImageStore, cancel: &Cancel, events: &dyn Events) -> Result<(), Error> {
    let name = human::printable(&job.image.display().to_string());
    if job.prealloc == Prealloc::Write {
        events.event(Event::Notice(format!("Writing zeros to {name} first.")));
    }
    let done = image.preallocate(job.prealloc, &|| cancel.is_raised())?;
    if done != job.prealloc {
        let text = format!("{name}: this file system reserves no room (fallocate); only the length was set");
        events.event(Event::Warning(text));
    }
    Ok(())
}

/// Straight into a pipe: no map, no second try.
fn pipe(setup: &Setup<'_>, cancel: &Cancel, events: &dyn Events) -> Result<(ImageStore, Stored), Error> {
    let Setup { job, facts, .. } = setup;
    if matches!(job.task, Task::Patch { .. }) {
        return Err(Error::Usage(format!("{} cannot be patched: it is no file", job.image.display())));
    }
    if job.map.is_some() {
        return Err(Error::Usage(format!(
            "{} is written once and in order, so no map can be kept for it",
            job.image.display()
        )));
    }
    if job.prealloc != Prealloc::None {
        return Err(Error::Usage(format!(
            "{} is written once and in order, so no room can be reserved for it (--prealloc)",
            job.image.display()
        )));
    }
    let image = open_pipe(setup, cancel, events)?;
    let stored = Stored::in_memory(SectorMap::new(facts.sectors, facts.size_bytes));
    Ok((image, stored))
}

/// The kernel opens a named pipe when somebody reads it; whoever wants to stop does not wait for that.
fn open_pipe(setup: &Setup<'_>, cancel: &Cancel, events: &dyn Events) -> Result<ImageStore, Error> {
    const LOOK: Duration = Duration::from_millis(100);
    let path = setup.job.image.clone();
    let (format, size) = (setup.job.format, setup.facts.size_bytes);
    let (write, clock) = (setup.job.write, Arc::new(SystemClock::new()));
    let failed = |error| ImageError::io(Operation::Open, &setup.job.image, std::io::Error::other(error));
    let open = move || ImageStore::open_existing(&path, format, size, write, clock);
    let opening = Running::start("opening the pipe", open).map_err(failed)?;
    let mut told = false;
    loop {
        match opening.wait(LOOK) {
            Err(CallError::Timeout { .. }) if cancel.is_raised() => return Err(Error::Stopped),
            Err(CallError::Timeout { .. }) if told => {}
            Err(CallError::Timeout { .. }) => {
                told = true;
                let name = human::printable(&setup.job.image.display().to_string());
                events.event(Event::Notice(format!("Waiting for a program to read {name}.")));
            }
            Err(error) => return Err(failed(error).into()),
            Ok(image) => return Ok(image?),
        }
    }
}

fn note_command(store: &mut MapStore, job: &Job) {
    if let Some(command) = &job.command_line {
        store.set_command(command.clone());
    }
}

/// End of the last byte that the map calls rescued.
fn last_claimed(map: &SectorMap) -> u64 {
    map.prev(Status::Finished, u64::MAX).map_or(0, |run| (run.byte_start() + run.bytes()).min(map.size_bytes()))
}

/// The image, open and locked.
fn open_image(setup: &Setup<'_>) -> Result<ImageStore, Error> {
    let (clock, Setup { job, facts, .. }) = (Arc::new(SystemClock::new()), setup);
    Ok(match setup.here {
        Here::Nothing => ImageStore::create(&job.image, job.format, facts.size_bytes, job.write, clock)?,
        _ => ImageStore::open_existing(&job.image, job.format, facts.size_bytes, job.write, clock)?,
    })
}

/// Is there room for what is still to be written, and does the file system take a file of that size?
fn room(setup: &Setup<'_>, map: &SectorMap) -> Result<(), Error> {
    let Setup { job, domain, here, .. } = setup;
    if job.force || !matches!(here, Here::Nothing | Here::File { .. }) {
        return Ok(());
    }
    let wanted = |run: SectorRange| domain.within(run).map(SectorRange::bytes).sum::<u64>();
    let unread: u64 = map.iter().filter(|(_, status)| *status != Status::Finished).map(|(run, _)| wanted(run)).sum();
    // A file system that cannot tell is written until it is full.
    let Ok(Some(mut space)) = free_space_check(&job.image, unread) else { return Ok(()) };
    // What the file takes beyond its rescued data was reserved for the rest, or is written over.
    let needed = unread.saturating_sub(space.taken.saturating_sub(map.totals().bytes(Status::Finished)));
    space.wanted = needed;
    if let Some(limit) = space.largest_file.filter(|_| !space.takes_file_of(map.size_bytes())) {
        return Err(Error::FileTooLarge { size: map.size_bytes(), limit });
    }
    if !space.is_enough() {
        return Err(Error::NoSpace { path: job.image.clone(), needed, free: space.free });
    }
    Ok(())
}

/// Image, map, state, hash and drive log get `.old` added, or none of them does. Not while another run is at work on
/// them.
fn move_aside(setup: &Setup<'_>, map: &Path) -> Result<(), Error> {
    let image = &setup.job.image;
    if setup.here == Here::BlockDevice {
        let image = human::printable(&image.display().to_string());
        return Err(Error::Usage(format!(
            "{image} is a device, which --restart cannot move aside; --force writes over it"
        )));
    }
    let beside = [store::state_path(map), hash::path_for(image), setup.job.log_name()];
    let files: Vec<PathBuf> = [image.clone(), map.to_owned()].into_iter().chain(beside).collect();
    for file in &files {
        let aside = store::aside(file);
        if store::exists(&aside) {
            return Err(Error::OldInTheWay { path: aside });
        }
    }
    let _locked = if let Here::File { .. } = setup.here { Some(open_image(setup)?) } else { None };
    for file in &files {
        store::move_aside(file)?;
    }
    Ok(())
}
