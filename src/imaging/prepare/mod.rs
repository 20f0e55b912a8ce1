//! Everything that is looked at before the first read: what lies there, is it the same disc, is there room.

mod begin;
mod decision;
mod old_map;
mod parts;
mod pipe;
mod remembered;
mod room;
mod same_disc;
mod sectors;

use crate::base::cancel::Cancel;
use crate::base::event::Events;
use crate::base::media::Media;
use crate::image::Here;
use crate::image::here::what_lies_at;
use crate::mapfile::state::Fingerprint;
use crate::source::{Facts, Input};

use super::error::Error;
use super::job::Job;
use super::own_files::MapFile;
use parts::Setup;
use sectors::Sectors;

pub(super) use parts::{Begun, Prepared};

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
    let of_source = source.sectors().facts().clone();
    let (media, unit) = kind(job, &of_source);
    if what_lies_at(&job.image)? == Here::Stream {
        let sectors = Sectors::new(job, source, None)?;
        let begun = pipe::begin(job, &sectors.facts, cancel, events)?;
        return Ok(Prepared { sectors, media, unit, begun });
    }
    let map_file = MapFile::take(&job.map_name(), job)?;
    // Another run may have ended while this one waited for the lock.
    let here = what_lies_at(&job.image)?;
    let old = old_map::load(&map_file.path, job, &of_source, &fingerprint(&of_source, media), events)?;
    let sectors = Sectors::new(job, source, old.as_ref())?;
    let fingerprint = fingerprint(&sectors.facts, media);
    let setup = Setup { job, facts: &sectors.facts, domain: &sectors.domain, here };
    let begun = begin::begin(setup, source, (map_file, old), (&sectors, fingerprint), cancel, events)?;
    Ok(Prepared { sectors, media, unit, begun })
}

/// The kind of disc, as far as it is known, and its ECC unit.
fn kind(job: &Job, facts: &Facts) -> (Option<Media>, u64) {
    let media = job.media.or(facts.media);
    let unit = job.unit.unwrap_or_else(|| media.unwrap_or_else(|| Media::of_size(facts.sectors)).ecc_unit());
    (media, unit)
}

fn fingerprint(facts: &Facts, media: Option<Media>) -> Fingerprint {
    Fingerprint { sectors: facts.sectors, size_bytes: facts.size_bytes, media, hash: String::new() }
}
