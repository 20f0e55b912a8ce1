//! One image of several of the same disc: what one lacks is taken from the next, and what two have must be the same.

mod copy;
mod job;
mod maps;
mod report;

use std::sync::Arc;

use super::super::source_name::FormatChoice;
use super::error::Error;
use super::extents::ImageFile;
use super::part::Part;
use super::product;
use crate::base::cancel::Cancel;
use crate::base::clock::{Clock, SystemClock};
use crate::base::event::{Event, Events};
use crate::image::here::free_space_check;
use crate::image::{ImageStore, WriteChoice};
use crate::mapfile::ops::merge::merged;
use crate::mapfile::ops::pairs::side_by_side;
use crate::mapfile::status::Status;
use crate::mapfile::store;
use crate::mapfile::text::Block;
use crate::os::durable;

use copy::Copier;
pub use job::Job;
pub use maps::Maps;
pub use report::{MergeReport, Source};

/// Merges the images of `job` into a new one with a map of its own. The map is written when the image is on stable storage;
/// when this fails, neither is there.
///
/// # Errors
/// [`Error`].
pub fn merge(job: &Job, cancel: &Cancel, events: &dyn Events) -> Result<MergeReport, Error> {
    events.event(Event::Phase("maps".to_owned()));
    let maps = Maps::read(&job.parts)?;
    let mut images = open_all(&job.parts)?;
    let map = durable::beside(&job.image, ".map");
    product::check(&job.image, false)?;
    product::check(&map, false)?;
    has_room(job, maps.tally().bytes(Status::Finished))?;
    if !job.force {
        overlap(job, &maps)?;
    }
    let _lock = store::lock(&map)?;
    let size = maps.size_bytes();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let format = FormatChoice::ByName.written(&job.image)?;
    let mut image = ImageStore::create(&job.image, format, size, WriteChoice::Auto, clock.clone())?;
    let copied = Copier::new(&maps.texts, &mut images, size, clock.as_ref()).run(&mut image, cancel, events);
    let written = copied.and_then(|copied| {
        if !job.force {
            copied.check(&job.parts)?;
        }
        events.event(Event::Phase("sync".to_owned()));
        image.finish(size)?;
        image.sync_all()?;
        product::write(&map, false, |out| maps.write(out, &job.command))?;
        Ok(copied)
    });
    match written {
        Ok(copied) => Ok(MergeReport::new(job, &map, &maps, copied, image.is_durable())),
        Err(error) => {
            image.remove();
            Err(error)
        }
    }
}

fn open_all(parts: &[Part]) -> Result<Vec<ImageFile>, Error> {
    let open = |part: &Part| match &part.image {
        Some(image) => ImageFile::open(image),
        None => Err(Error::NoImage(part.map.clone())),
    };
    parts.iter().map(open).collect()
}

/// Checks that every image shares rescued bytes with one before it, so that there is something to compare.
fn overlap(job: &Job, maps: &Maps) -> Result<(), Error> {
    for (index, part) in job.parts.iter().enumerate().skip(1) {
        let before: Vec<&[Block]> = maps.texts.iter().take(index).map(|text| text.blocks.as_slice()).collect();
        let before: Vec<Block> = merged(&before).collect();
        let own = maps.texts.get(index).map_or(&[][..], |text| &text.blocks);
        let both = [Some(Status::Finished); 2];
        let mut pairs = side_by_side(&before, own);
        if !pairs.any(|pair| [pair.one, pair.other] == both) {
            return Err(Error::NothingInCommon(part.image.clone().unwrap_or_else(|| part.map.clone())));
        }
    }
    Ok(())
}

fn has_room(job: &Job, needed: u64) -> Result<(), Error> {
    match free_space_check(&job.image, needed)? {
        Some(space) if !space.is_enough() && !job.force => {
            Err(Error::NoSpace { path: job.image.clone(), needed, free: space.free })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
