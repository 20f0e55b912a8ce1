//! An image that goes into a pipe: it is written once and in order, and has no map.

use std::sync::Arc;
use std::time::Duration;

use crate::base::cancel::Cancel;
use crate::base::clock::SystemClock;
use crate::base::event::{Event, Events};
use crate::base::human;
use crate::base::sector::set::SectorSet;
use crate::image::error::Operation;
use crate::image::{ImageError, ImageStore, Prealloc};
use crate::imaging::error::Error;
use crate::imaging::job::{Job, Task};
use crate::imaging::reading::FirstSetup;
use crate::imaging::writing::stored::Stored;
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::status::StatusLine;
use crate::pipeline::bounded::{CallError, Running};
use crate::source::Facts;

use super::parts::Begun;

/// Straight into a pipe: no map, no second try.
///
/// # Errors
/// [`Error`]: the reason why this run must not begin.
pub(super) fn begin(job: &Job, facts: &Facts, cancel: &Cancel, events: &dyn Events) -> Result<Begun, Error> {
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
    let image = open(job, facts, cancel, events)?;
    let stored = Stored::in_memory(SectorMap::new(facts.sectors, facts.size_bytes));
    let (line, stale, first) = (StatusLine::default(), SectorSet::new(), FirstSetup::default());
    Ok(Begun { image, stored, map_file: None, line, known_good: None, stale, first })
}

/// The kernel opens a named pipe when somebody reads it; whoever wants to stop does not wait for that.
fn open(job: &Job, facts: &Facts, cancel: &Cancel, events: &dyn Events) -> Result<ImageStore, Error> {
    const LOOK: Duration = Duration::from_millis(100);
    let path = job.image.clone();
    let (format, size) = (job.format, facts.size_bytes);
    let (write, clock) = (job.write, Arc::new(SystemClock::new()));
    let failed = |error| ImageError::io(Operation::Open, &job.image, std::io::Error::other(error));
    let open = move || ImageStore::open_existing(&path, format, size, write, clock);
    let opening = Running::start("opening the pipe", open).map_err(failed)?;
    let mut told = false;
    loop {
        match opening.wait(LOOK) {
            Err(CallError::Timeout { .. }) if cancel.is_raised() => return Err(Error::Stopped),
            Err(CallError::Timeout { .. }) if told => {}
            Err(CallError::Timeout { .. }) => {
                told = true;
                let name = human::printable(&job.image.display().to_string());
                events.event(Event::Notice(format!("Waiting for a program to read {name}.")));
            }
            Err(error) => return Err(failed(error).into()),
            Ok(image) => return Ok(image?),
        }
    }
}
