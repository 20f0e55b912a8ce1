//! Room for the image: is there enough, and what is done about it before the first read.

use std::cell::RefCell;

use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events};
use crate::base::human;
use crate::base::pace::{At, Pace};
use crate::base::sector::SectorRange;
use crate::image::here::free_space_check;
use crate::image::{Here, ImageStore, Prealloc};
use crate::imaging::error::Error;
use crate::imaging::job::Job;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::Status;

use super::parts::Setup;

/// `--prealloc` for an image of a disc of so many bytes.
pub(super) fn preallocate(
    (job, size_bytes): (&Job, u64),
    image: &mut ImageStore,
    cancel: &Cancel,
    events: &dyn Events,
) -> Result<(), Error> {
    let name = human::printable(&job.image.display().to_string());
    if job.prealloc == Prealloc::Write {
        events.event(Event::Notice(format!("Writing zeros to {name} first.")));
    }
    let pace = (job.prealloc != Prealloc::None).then(|| RefCell::new(Pace::new(events, "allocate", size_bytes)));
    let stop = |done_bytes| {
        if let Some(pace) = &pace {
            pace.borrow_mut().tell(At { position_bytes: done_bytes, done_bytes, ..At::default() });
        }
        cancel.is_raised()
    };
    let done = image.preallocate(job.prealloc, &stop)?;
    if done != job.prealloc {
        let text = format!("{name}: this file system reserves no room (fallocate); only the length was set");
        events.event(Event::Warning(text));
    }
    Ok(())
}

/// Is there room for what is still to be written, and does the file system take a file of that size?
pub(super) fn room(setup: &Setup<'_>, map: &SectorMap) -> Result<(), Error> {
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
