//! Image and map, where both are files: gone on with, begun, or begun after what lies there was moved aside.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::cancel::Cancel;
use crate::base::clock::SystemClock;
use crate::base::event::{Event, Events};
use crate::base::human;
use crate::base::sector::set::SectorSet;
use crate::image::{Here, ImageError, ImageStore};
use crate::imaging::error::Error;
use crate::imaging::guard::Place;
use crate::imaging::job::{Job, Task};
use crate::imaging::own_files::MapFile;
use crate::imaging::writing::hash;
use crate::imaging::writing::stored::Stored;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::state::Fingerprint;
use crate::mapfile::status::Status;
use crate::mapfile::store::{self, MapStore};
use crate::source::Input;

use super::decision::{Decision, Found, Wanted, decide};
use super::parts::{Begun, Setup};
use super::remembered;
use super::room::{preallocate, room};
use super::same_disc::{Verdict, same_disc};
use super::sectors::Sectors;

/// Makes image and map ready, as they lie there and the person wants it.
///
/// # Errors
/// [`Error`]: the reason why this run must not begin.
pub(super) fn begin(
    setup: Setup<'_>,
    source: &mut Input<'_>,
    (map_file, old): (MapFile, Option<MapStore>),
    (sectors, fingerprint): (&Sectors, Fingerprint),
    cancel: &Cancel,
    events: &dyn Events,
) -> Result<Begun, Error> {
    let Setup { job, domain, here, .. } = setup;
    let path = map_file.path.as_path();
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
    store.set_left_out(sectors.left_out.clone());
    // What another drive told in an earlier run stays, where this one knows nothing of it.
    if let Some(note) = source.sectors().size_note() {
        store.set_size_note(note.to_owned());
    }
    let stale = match (here, job.task) {
        (Here::BlockDevice, Task::Sweep { .. }) => unread(domain, store.map()),
        _ => SectorSet::new(),
    };
    let mut state = remembered::state_of(&store, &fingerprint);
    state.left_out = sectors.left_out.clone();
    let first = remembered::first(job, &mut state, domain, source.drive().and_then(|drive| drive.lies_in()));
    let line = store.status();
    let stored = Stored::in_file(store, state, fingerprint);
    Ok(Begun { image, stored, map_file: Some(map_file), line, known_good, stale, first })
}

fn wanted(job: &Job) -> Wanted {
    let restart = matches!(job.task, Task::Sweep { restart: true });
    Wanted { patch: matches!(job.task, Task::Patch { .. }), restart, force: job.force }
}

fn found(here: Here, map: Option<&MapStore>) -> Found {
    let claims = map.is_some_and(|m| m.map().totals().bytes(Status::Finished) > 0);
    Found { image: !matches!(here, Here::Nothing | Here::File { length: 0 }), map: map.is_some(), claims }
}

/// What is not rescued yet of `domain`.
fn unread(domain: &SectorSet, map: &SectorMap) -> SectorSet {
    let mut left = domain.clone();
    map.iter().filter(|(_, status)| *status == Status::Finished).for_each(|(run, _)| left.remove(run));
    left
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
    preallocate((job, facts.size_bytes), &mut image, cancel, events)?;
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
        .and_then(|()| preallocate((setup.job, setup.facts.size_bytes), &mut image, cancel, events));
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
