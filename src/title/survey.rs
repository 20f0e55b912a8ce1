//! What missing sectors do to the titles of a disc.

use std::collections::BTreeMap;
use std::ops::Range;

use super::bluray::damage::HurtClip;
use super::bluray::exact::Beside;
use super::bluray::tables::Tables;
use super::damage::{Holes, SPANS_LIMIT, bounded};
use super::dvd::damage::Places;
use super::model::{Packets, Part, Title};
use crate::base::sector::set::SectorSet;
use crate::base::time::Ticks90;
use crate::bluray::clip::clpi::{self, Clip};
use crate::fs::FileSystem;

/// Most spans of all titles together; a disc of 64 titles may have the most of a title in each.
const SPANS: usize = 64 * SPANS_LIMIT;
/// Spans of a title after which those that meet are joined, in multiples of those that it may have.
const TIDY_AT: usize = 4;

/// Bytes that are read beside holes, to tell times to a frame: of some tens of holes. Others are placed by entry points or
/// navigation packs.
const BESIDE: u64 = 256 << 20;

/// What the titles of a disc lose.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Hurt {
    /// Of each title, spans of its clock, ascending and apart; none where it is whole.
    pub spans: Vec<Vec<Range<Ticks90>>>,
    /// Some title has more spans than are kept apart: those nearest to each other are told as one.
    pub is_joined: bool,
}

/// What each title loses.
///
/// Where a stream file or its clip information cannot be read, all of what is played of it counts as lost.
#[must_use]
pub fn hurt(fs: &dyn FileSystem, titles: &[Title], missing: &SectorSet) -> Hurt {
    let most = (SPANS / titles.len().max(1)).min(SPANS_LIMIT);
    let mut is_joined = false;
    let mut spans: Vec<Vec<Range<Ticks90>>> = vec![Vec::new(); titles.len()];
    let mut tables = Tables::new(fs);
    let mut vobs = Places::new(fs);
    let mut left = BESIDE;
    for (path, users) in by_file(titles) {
        let holes = fs.open(path).map_or(Holes::Everything, |file| Holes::Bytes(file.bytes_in(missing)));
        let Some((_, first)) = users.first().filter(|_| !holes.is_empty()) else { continue };
        if first.packets == Packets::Program && first.pieces.iter().all(|piece| piece.owner.is_some()) {
            let file = fs.open(path).ok();
            for (title, part) in users {
                if let (Some(spans), Some(played)) = (spans.get_mut(title), titles.get(title)) {
                    spans.extend(vobs.spans((path, file.as_ref()), &holes, (played, part), &mut left));
                    tidy_if_many(spans, most, &mut is_joined);
                }
            }
            continue;
        }
        // What cannot be read was told when the titles were.
        let name = format!("{}.clpi", first.clip());
        let clip = tables.read("CLIPINF", &name, clpi::MAX_BYTES, Clip::parse).ok();
        let file = fs.open(path).ok();
        let hurt = HurtClip::told(&holes, clip.as_ref(), |clip, clock, hole| {
            Beside { fs, file: file.as_ref()?, left: &mut left }.times(clip, clock, hole)
        });
        for (title, part) in users {
            if let Some(spans) = spans.get_mut(title) {
                spans.extend(hurt.spans(part));
                tidy_if_many(spans, most, &mut is_joined);
            }
        }
    }
    spans.iter_mut().for_each(|spans| tidy(spans, most, &mut is_joined));
    Hurt { spans, is_joined }
}

/// A disc that repeats a hurt clip without end must not fill the memory.
fn tidy_if_many(spans: &mut Vec<Range<Ticks90>>, most: usize, is_joined: &mut bool) {
    if spans.len() > TIDY_AT * most {
        tidy(spans, most, is_joined);
    }
}

/// Puts spans in order, `most` of them.
fn tidy(spans: &mut Vec<Range<Ticks90>>, most: usize, is_joined: &mut bool) {
    let all = bounded(std::mem::take(spans), usize::MAX);
    *is_joined |= all.len() > most;
    *spans = bounded(all, most);
}

/// The parts that play each stream file, with the index of their title.
fn by_file(titles: &[Title]) -> BTreeMap<&str, Vec<(usize, &Part)>> {
    let mut users: BTreeMap<&str, Vec<(usize, &Part)>> = BTreeMap::new();
    for (index, title) in titles.iter().enumerate() {
        for part in title.all_parts() {
            for piece in &part.pieces {
                let list = users.entry(&piece.path).or_default();
                // A part of many pieces plays a file once.
                if list.last().is_none_or(|(title, last)| *title != index || !std::ptr::eq(*last, part)) {
                    list.push((index, part));
                }
            }
        }
    }
    users
}
