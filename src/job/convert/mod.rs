//! The verb `convert`: an image becomes one of another format, hole for hole, and is read back as it grows.

mod copy;
mod error;
mod images;
mod report;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::base::cancel::Cancel;
use crate::base::clock::{Clock as _, SystemClock};
use crate::base::event::{Event, Events};
use crate::base::human::printable;
use crate::base::sector::SECTOR_BYTES;
use crate::base::sector::tract::LeftOut;
use crate::image::error::Operation;
use crate::image::here::{free_space_check, what_lies_at};
use crate::image::{Here, ImageError, ImageStore, Lies, Prealloc, WriteChoice};
use crate::mapfile::store::{self, MapStore};
use crate::os::{durable, names};
use crate::source::Facts;
use crate::source::content::Content;

use super::open::OpenError;
use super::source_map;
pub use error::ConvertError;
pub use images::Job;
pub use report::ConvertReport;

/// What the name of an image ends in until all of it is there.
const PART: &str = ".part";

/// The map of the source, as it goes along with the copy.
struct Map {
    store: MapStore,
    /// Bytes of the disc.
    size_bytes: u64,
    missing_bytes: u64,
}

/// Makes the image, which gets its name when all of it is there: until then it is its name with `.part` added. What the source's
/// map says goes along, in a map beside it. When it fails or is stopped, nothing is left.
///
/// # Errors
/// [`ConvertError`].
pub fn run(job: &Job, cancel: &Cancel, events: &dyn Events) -> Result<ConvertReport, ConvertError> {
    let clock = SystemClock::new();
    events.event(Event::Phase("open".to_owned()));
    let (content, path) = images::open(&job.source)?;
    let name = printable(&path.to_string_lossy());
    let to_map = durable::beside(&job.image, ".map");
    let map = map_of(&path, job.source.unit(), &to_map, &name, content.size())?;
    // A disc that is longer is not in the image.
    let size = map.as_ref().map_or(content.size(), |map| map.size_bytes.min(content.size()));
    refuse_what_lies_there(&job.image, &to_map, map.is_some())?;
    let data = data_bytes(&content).map_err(|cause| ConvertError::Read { path: path.clone(), offset: 0, cause })?;
    room(&job.image, data, size)?;
    let part = durable::beside(&job.image, PART);
    // A link there would be followed, and nobody gave its name.
    if store::exists(&part) {
        return Err(ConvertError::Unfinished(part));
    }
    let mut image = ImageStore::create(&part, job.format, size, WriteChoice::Auto, Arc::new(SystemClock::new()))
        .map_err(|error| unfinished(error, &part))?;
    let mut copy = copy::Copy { to: &part, format: job.format, from: path, content, size, cancel, events, data: 0 };
    let done = image
        .preallocate(Prealloc::Zero, &|_| false)
        .map_err(ConvertError::from)
        .and_then(|_| copy.all(&mut image))
        .and_then(|()| name_it(&part, &job.image, map.as_ref()));
    if let Err(error) = done {
        image.remove();
        return Err(error);
    }
    let time = clock.now();
    let missing_bytes = map.as_ref().map_or(0, |map| map.missing_bytes);
    Ok(ConvertReport {
        command: "convert",
        source: name,
        image: job.image.clone(),
        map: map.map(|_| to_map),
        format: job.format.name(),
        size_bytes: size,
        data_bytes: copy.data,
        hole_bytes: size - copy.data,
        missing_bytes,
        verified: true,
        durable: image.is_durable(),
        write_strategy: image.strategy_name(),
        degraded: image.was_degraded(),
        complete: missing_bytes == 0,
        seconds: time.as_secs_f64(),
        bytes_per_second: speed(size, time),
    })
}

/// What lies where the unfinished image would.
fn unfinished(error: ImageError, part: &Path) -> ConvertError {
    match error {
        ImageError::Exists { .. } => ConvertError::Unfinished(part.to_owned()),
        error => error.into(),
    }
}

/// Gives the image its name, its map first: an image without it would look whole. When that fails, neither is there.
fn name_it(part: &Path, image: &Path, map: Option<&Map>) -> Result<(), ConvertError> {
    let saved = map.map_or(Ok(()), |map| map.store.save().map_err(ConvertError::from));
    let named = saved.and_then(|()| {
        names::rename_to_free(part, image).map_err(|cause| match cause.kind() {
            std::io::ErrorKind::AlreadyExists => ConvertError::Exists(image.to_owned()),
            _ => ConvertError::Image(ImageError::io(Operation::Open, image, cause)),
        })
    });
    let lasts = named.and_then(|()| {
        durable::sync_folder(image).map_err(|cause| {
            let _ = std::fs::remove_file(image);
            ConvertError::Image(ImageError::io(Operation::Open, image, cause))
        })
    });
    // Nothing lay under its name before, and one that could not be saved may lie there all the same.
    lasts.inspect_err(|_| map.iter().for_each(|map| drop(std::fs::remove_file(map.store.path()))))
}

/// The map beside an image of `size` bytes, to be saved as `to`.
fn map_of(image: &Path, unit: Option<u64>, to: &Path, name: &str, size: u64) -> Result<Option<Map>, ConvertError> {
    let path = store::file_of(&durable::beside(image, ".map"))?;
    let sectors = size.div_ceil(SECTOR_BYTES);
    let mut facts = Facts { name: name.to_owned(), size_bytes: size, sectors, media: None, max_sectors: 1 };
    let Some((missing, left_out)) = source_map::read(&path, unit, &mut facts).map_err(OpenError::from)? else {
        return Ok(None);
    };
    let Some(text) = store::read(&path, None)? else { return Ok(None) };
    let mut store = MapStore::of(to, &text, facts.size_bytes);
    let mut told: LeftOut = store.left_out().clone();
    told.extend(&left_out);
    store.set_left_out(told);
    Ok(Some(Map { store, size_bytes: facts.size_bytes, missing_bytes: missing.bytes }))
}

/// Neither the image nor its map may be there.
fn refuse_what_lies_there(image: &Path, map: &Path, has_map: bool) -> Result<(), ConvertError> {
    match what_lies_at(image)? {
        Here::Nothing => {}
        Here::File { .. } => return Err(ConvertError::Exists(image.to_owned())),
        Here::BlockDevice | Here::Stream => return Err(ConvertError::NoFile(image.to_owned())),
    }
    // A map of something else would lie beside the new image, and say what is missing in it.
    if store::exists(map) {
        return Err(if has_map {
            ConvertError::Exists(map.to_owned())
        } else {
            ConvertError::OtherMap(map.to_owned())
        });
    }
    Ok(())
}

/// Bytes a second.
fn speed(bytes: u64, time: Duration) -> u64 {
    let speed = u128::from(bytes) * 1000 / time.as_millis().max(1);
    u64::try_from(speed).unwrap_or(u64::MAX)
}

/// How much of the content was ever written.
fn data_bytes(content: &Content) -> std::io::Result<u64> {
    let (mut at, mut data) = (0, 0);
    loop {
        match content.lies_at(at, u64::MAX)? {
            (Lies::End, _) => return Ok(data),
            (lies, bytes) => {
                data += if lies == Lies::Data { bytes } else { 0 };
                at += bytes.max(1);
            }
        }
    }
}

/// Is there room, and does the file system take a file of that size?
fn room(image: &Path, data: u64, size: u64) -> Result<(), ConvertError> {
    // A file system that cannot tell is written until it is full.
    let Ok(Some(space)) = free_space_check(image, data) else { return Ok(()) };
    if let Some(limit) = space.largest_file.filter(|_| !space.takes_file_of(size)) {
        return Err(ConvertError::FileTooLarge { size, limit });
    }
    if space.is_enough() {
        Ok(())
    } else {
        Err(ConvertError::NoSpace { path: image.to_owned(), needed: data, free: space.free })
    }
}
