//! What missing sectors do to the titles of a disc.

use std::collections::BTreeMap;
use std::ops::Range;

use super::damage::{Holes, HurtClip, bounded};
use super::from_bluray::read_table;
use super::model::{Part, Title};
use crate::base::set::SectorSet;
use crate::bluray::clpi::{self, Clip};
use crate::fs::FileSystem;

/// Spans of a title after which those that meet are joined.
const TIDY_AT: usize = 1 << 14;

/// What each title loses: spans of its clock in ticks of 90 kHz, ascending and apart; none where it is whole.
///
/// Where a stream file or its clip information cannot be read, all of what is played of it counts as lost.
#[must_use]
pub fn hurt(fs: &dyn FileSystem, titles: &[Title], missing: &SectorSet) -> Vec<Vec<Range<u64>>> {
    let mut spans = vec![Vec::new(); titles.len()];
    for (path, users) in by_file(titles) {
        let holes = fs.open(path).map_or(Holes::Everything, |file| Holes::Bytes(file.bytes_in(missing)));
        let Some((_, first)) = users.first().filter(|_| !holes.is_empty()) else { continue };
        // What cannot be read was told when the titles were.
        let name = format!("{}.clpi", first.clip);
        let clip = read_table(fs, "CLIPINF", &name, clpi::MAX_BYTES, Clip::parse, &mut Vec::new()).ok();
        let hurt = HurtClip::new(&holes, clip.as_ref());
        for (title, part) in users {
            if let Some(spans) = spans.get_mut(title) {
                spans.extend(hurt.spans(part));
                // A disc that repeats a hurt clip without end must not fill the memory.
                if spans.len() > TIDY_AT {
                    *spans = bounded(std::mem::take(spans));
                }
            }
        }
    }
    spans.into_iter().map(bounded).collect()
}

/// The parts that play each stream file, with the index of their title.
fn by_file(titles: &[Title]) -> BTreeMap<&str, Vec<(usize, &Part)>> {
    let mut users: BTreeMap<&str, Vec<(usize, &Part)>> = BTreeMap::new();
    for (index, title) in titles.iter().enumerate() {
        for part in title.parts.iter().chain(title.side_paths.iter().flat_map(|side| &side.parts)) {
            users.entry(&part.path).or_default().push((index, part));
        }
    }
    users
}
