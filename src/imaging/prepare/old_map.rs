//! The map that lies there, when the disc in the drive is not just as long as it says.
//!
//! Drives differ by some sectors at the end of the same disc (run-out blocks, pauses, a lead-out that is counted in), and
//! ddrescue writes maps that go on behind it. Whether it is the same disc, its content decides later.

use std::path::Path;

use crate::base::event::{Event, Events};
use crate::base::human;
use crate::base::sector::SECTOR_BYTES;
use crate::base::sector::tract::{LeftOut, Tract, TractKind};
use crate::imaging::error::Error;
use crate::imaging::job::{Job, Task};
use crate::mapfile::sector_map::SectorMap;
use crate::mapfile::state::{Dropped, Fingerprint, TAIL};
use crate::mapfile::status::Status;
use crate::mapfile::store::{self, MapStore};
use crate::mapfile::text::MapText;
use crate::source::Facts;

/// What becomes of a map.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Length {
    /// It gets so many bytes: what it lacks is not tried, and what it says behind them, of which nothing was rescued, is cut.
    Bytes(u64),
    /// It is another disc's.
    Other,
}

/// The map at `path` with the size that the image is to have, and the tracts that map and sidecar tell of; `None` where
/// there is none. It is brought to the size of the disc; what it calls rescued behind that end stays, and with it the size
/// of the image.
///
/// # Errors
/// [`Error::WrongDisc`] when the sizes are too far apart; the map cannot be read.
pub(super) fn load(
    path: &Path,
    job: &Job,
    facts: &Facts,
    fingerprint: &Fingerprint,
    events: &dyn Events,
) -> Result<Option<MapStore>, Error> {
    if matches!(job.task, Task::Sweep { restart: true }) {
        // It is moved aside unread, even when it is broken.
        return Ok(store::exists(path).then(|| MapStore::new(path, SectorMap::new(facts.sectors, facts.size_bytes))));
    }
    let Some(text) = store::read(path, None)? else { return Ok(None) };
    let is_foreign = || matches!(store::load_state(path, fingerprint, u64::MAX), Err(Dropped::Foreign));
    let beside = store::left_out_beside(path, &text);
    let end = end(&text, &beside, facts.size_bytes);
    let Length::Bytes(size) = length(end, claimed(&text), facts.size_bytes, job.force, is_foreign) else {
        let (was, is) = (text.end(), facts.size_bytes);
        let reason = format!("its map is for {was} bytes, this disc holds {is} (with --force their content decides)");
        return Err(Error::WrongDisc { image: job.image.clone(), reason });
    };
    if end > size.saturating_add(TAIL * SECTOR_BYTES) {
        let (name, cut) = (human::printable(&path.display().to_string()), human::bytes(end - size));
        events.event(Event::Warning(format!(
            "{name} goes on for {cut} behind the end of this disc. Nothing was rescued there, and that part of it is cut."
        )));
    }
    let mut old = MapStore::of(path, &text, size);
    beside.tracts().iter().for_each(|tract| old.leave_out(*tract));
    Ok(Some(old))
}

/// End of the last byte that a map calls rescued.
fn claimed(text: &MapText) -> u64 {
    let finished = text.blocks.iter().rev().find(|block| block.status == Status::Finished);
    finished.map_or(0, |block| block.end())
}

/// Where the disc ends that a map is of. What its last tracts call behind the end is none of it, as far as it lies behind
/// the end of the `disc` in the drive, in bytes.
fn end(text: &MapText, beside: &LeftOut, disc: u64) -> u64 {
    let mut end = text.end();
    for left_out in [beside, &text.left_out] {
        let last = left_out.tracts().last().filter(|tract| tract.kind == TractKind::PastEnd);
        let is_end = |tract: &&Tract| tract.range.byte_start() + tract.range.bytes() >= text.end();
        end = last.filter(is_end).map_or(end, |tract| end.min(tract.range.byte_start()));
    }
    end.max(text.end().min(disc))
}

/// The size that a map gets which ends at `map` and calls rescued what lies before `claimed`, for a disc of that size, all
/// in bytes. `is_foreign`: its sidecar is that of a disc of another size.
fn length(map: u64, claimed: u64, disc: u64, force: bool, is_foreign: impl FnOnce() -> bool) -> Length {
    let is_near = |one: u64, other: u64| one.abs_diff(other) <= TAIL * SECTOR_BYTES;
    if map <= disc {
        // ddrescue leaves an unread end out of its maps, so that a map may be much shorter than the disc.
        let is_other = map != 0 && !is_near(map, disc) && !force && is_foreign();
        return if is_other { Length::Other } else { Length::Bytes(disc) };
    }
    match claimed {
        // Unfinished: cut, as ddrescue does, unless it is known to be of a longer disc.
        claimed if claimed <= disc => {
            let is_other = !is_near(map, disc) && !force && is_foreign();
            if is_other { Length::Other } else { Length::Bytes(disc) }
        }
        _ if is_near(map, disc) => Length::Bytes(map),
        claimed if is_near(claimed, disc) || force => Length::Bytes(claimed),
        _ => Length::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(map: u64, claimed: u64, disc: u64, force: bool, foreign: bool) -> Option<u64> {
        let sectors = |sectors: u64| sectors * SECTOR_BYTES;
        match length(sectors(map), sectors(claimed), sectors(disc), force, || foreign) {
            Length::Bytes(bytes) => Some(bytes / SECTOR_BYTES),
            Length::Other => None,
        }
    }

    #[test]
    fn a_tail_is_cut_or_added() {
        assert_eq!(of(1000, 1000, 1002, false, true), Some(1002), "another drive counts two more");
        assert_eq!(of(1000, 990, 998, false, true), Some(998), "or two fewer");
        assert_eq!(of(5000, 600, 1000, false, false), Some(1000), "unfinished behind the end");
        assert_eq!(of(300, 300, 100_000, false, false), Some(100_000), "ddrescue leaves an unread end out");
        assert_eq!(of(0, 0, 100_000, false, true), Some(100_000));
    }

    #[test]
    fn what_was_rescued_behind_the_end_stays() {
        assert_eq!(of(1000, 1000, 998, false, true), Some(1000));
        assert_eq!(of(900_000, 1000, 998, false, false), Some(1000), "the unfinished rest is cut");
        assert_eq!(of(5000, 5000, 1000, false, true), None);
        assert_eq!(of(5000, 5000, 1000, true, true), Some(5000), "forced, and the content decides");
    }

    #[test]
    fn a_sidecar_of_another_size_is_another_discs() {
        assert_eq!(of(1000, 500, 5000, false, true), None);
        assert_eq!(of(1000, 500, 5000, true, true), Some(5000));
        assert_eq!(of(5000, 600, 1000, false, true), None);
        assert_eq!(of(5000, 600, 1000, true, true), Some(1000));
        assert_eq!(of(1200, 600, 1000, false, true), Some(1000), "drives differ by so much");
    }
}
