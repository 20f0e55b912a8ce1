//! Which channels of captions the pictures of a title set have: looked for at a few places, where the tables say that there
//! are any.

use super::vobs::Vobs;
use crate::codec::subtitle::captions::channels::Channels;
use crate::codec::subtitle::captions::user_data::{self, Pair};
use crate::dvd::vts::Vts;

/// Places in the VOBs that are looked at, and units in a row at each: a few seconds of film.
const PLACES: usize = 12;
const UNITS: usize = 6;
/// Sectors of a unit among which its first pictures are looked for.
const SECTORS: u32 = 3;
/// Sectors of no place that can be read, after which nothing more is tried: a drive takes long over each.
const FAILURES: usize = 4;

/// The channels that are found.
pub(super) fn channels(set: &Vts, vobs: &Vobs<'_>) -> Channels {
    let mut channels = Channels::default();
    if !set.streams.video.captions {
        return channels;
    }
    let units = set.units.within(0..u32::MAX);
    let step = (units.len() / PLACES).max(1);
    let mut failures = 0;
    for place in units.chunks(step).take(PLACES + 1) {
        for unit in place.iter().take(UNITS) {
            match pairs(vobs, *unit) {
                Some(pairs) => pairs.into_iter().for_each(|pair| channels.see(pair)),
                None => failures += 1,
            }
            if failures >= FAILURES {
                return channels;
            }
        }
    }
    channels
}

/// The pairs of the group of pictures that a unit begins with; `None` where nothing of it can be read.
fn pairs(vobs: &Vobs<'_>, unit: u32) -> Option<Vec<Pair>> {
    let mut is_there = false;
    for sector in (1..=SECTORS).filter_map(|n| unit.checked_add(n)) {
        let Some(bytes) = vobs.sector(sector) else { continue };
        is_there = true;
        if let Some((_, pairs)) = user_data::of_units(&bytes) {
            return Some(pairs);
        }
    }
    is_there.then(Vec::new)
}
