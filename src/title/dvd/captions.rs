//! Which channels of captions the pictures of a title set have: looked for at a few places, where the tables say that there
//! are any.

use std::collections::BTreeMap;

use super::damage::set_of;
use super::tables::{Set, Tables};
use super::vobs::Vobs;
use crate::codec::subtitle::captions::channels::Channels;
use crate::codec::subtitle::captions::user_data::{self, Pair};
use crate::fs::FileSystem;
use crate::title::DiscTitles;

/// Places in the VOBs that are looked at, and units in a row at each: a few seconds of film.
const PLACES: usize = 12;
const UNITS: usize = 6;
/// Sectors of a unit among which its first pictures are looked for.
const SECTORS: u32 = 3;
/// Units of which no sector can be read, after which nothing more is tried: a drive takes long over each.
const FAILURES: usize = 2;

/// Looks for channels of captions in the pictures of titles, a title set at a time, and tells where that was cut short. It
/// seeks across the disc: only whoever names them wants it.
pub fn look_for(fs: &dyn FileSystem, disc: &mut DiscTitles) {
    let mut tables = Tables::new(fs);
    let mut sets: BTreeMap<u8, Channels> = BTreeMap::new();
    for title in &mut disc.titles {
        let path = title.parts.iter().flat_map(|part| &part.pieces).map(|piece| piece.path.as_str()).next();
        let Some(number) = path.and_then(set_of) else { continue };
        let known = sets.entry(number).or_insert_with(|| {
            // A set that cannot be read is told of by its titles.
            let Ok(set) = tables.set(number) else { return Channels::default() };
            let (channels, is_whole) = channels(&set);
            if !is_whole {
                let why = "its sectors cannot be read";
                disc.problems.push(format!("captions of title set {number} were not looked for to the end: {why}"));
            }
            channels
        });
        title.captions = *known;
    }
}

/// The channels that are found, and whether all places were looked at.
fn channels(set: &Set<'_>) -> (Channels, bool) {
    let mut channels = Channels::default();
    if !set.table.streams.video.captions {
        return (channels, true);
    }
    let units = set.table.units.within(0..u32::MAX);
    let step = (units.len() / PLACES).max(1);
    let mut failures = 0;
    for place in units.chunks(step).take(PLACES + 1) {
        for unit in place.iter().take(UNITS) {
            match pairs(&set.vobs, *unit) {
                Some(pairs) => pairs.into_iter().for_each(|pair| channels.see(pair)),
                None => failures += 1,
            }
            if failures >= FAILURES {
                return (channels, false);
            }
        }
    }
    (channels, true)
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
