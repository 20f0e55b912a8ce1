//! Which titles play the same: duplicates, the same parts in another order, several titles in a row, one part over
//! and over.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::base::time::Ticks90;
use crate::title::model::{Part, Title};

/// How far two times may lie apart and still be the same place.
const NEAR: Ticks90 = Ticks90::SECOND;
/// A piece of a play-all title is at least this part of it: the scenes of a film are no episodes.
const SMALLEST_PIECE: i64 = 12;

/// What a title is beside the others. Numbers are indices into the list of titles.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Role {
    /// A title of its own.
    Own,
    /// Parts, times and tracks are those of an earlier title.
    DuplicateOf(usize),
    /// The parts of another title in another order, some perhaps more than once: bait.
    ShuffleOf(usize),
    /// Plays these titles one after the other.
    PlayAll(Vec<usize>),
    /// Plays the same part over and over.
    Repetition,
}

/// The same part of the same clip.
type Segment<'a> = (&'a str, u32, Ticks90, Ticks90);

fn segment(part: &Part) -> Segment<'_> {
    (part.clip(), part.clock.number(), part.clock.in_time(), part.clock.out_time())
}

/// The role of each title. Among duplicates and twins the one that the disc is most sure to play is the title
/// (`standing`); of several, of twins the one with the highest `order`, then the earliest.
pub(super) fn roles(titles: &[Title], standing: impl Fn(&Title) -> u8, order: impl Fn(&Title) -> i32) -> Vec<Role> {
    let mut roles = vec![Role::Own; titles.len()];
    let standing: Vec<u8> = titles.iter().map(standing).collect();
    let stands = |index: usize| standing.get(index).copied().unwrap_or(0);
    duplicates(titles, &mut roles, stands);
    repetitions(titles, &mut roles, stands);
    // One that plays each part once is more likely meant than one that plays some again.
    let once = |title: &Title| different(title).len() == title.parts.len();
    shuffles(titles, &mut roles, |index| {
        let rank = |title| (once(title), order(title));
        (stands(index), titles.get(index).map(rank))
    });
    play_alls(titles, &mut roles);
    roles
}

fn duplicates(titles: &[Title], roles: &mut [Role], stands: impl Fn(usize) -> u8) {
    let mut same: HashMap<_, Vec<usize>> = HashMap::new();
    for (index, title) in titles.iter().enumerate() {
        let segments: Vec<Segment<'_>> = title.parts.iter().map(segment).collect();
        let tracks: Vec<_> = title.tracks.iter().map(|t| (t.streams.first(), t.coding, t.language)).collect();
        same.entry((segments, tracks)).or_default().push(index);
    }
    for group in same.into_values() {
        let Some(first) = group.iter().copied().max_by_key(|i| (stands(*i), Reverse(*i))) else { continue };
        for index in group.into_iter().filter(|index| *index != first) {
            roles[index] = Role::DuplicateOf(first);
        }
    }
}

/// Titles that play their parts over and over. Where another title plays the same parts once, and the disc is sure to
/// play the one that repeats them and not the other, it is a title all the same.
fn repetitions(titles: &[Title], roles: &mut [Role], stands: impl Fn(usize) -> u8) {
    let mut once: HashMap<Vec<Segment<'_>>, u8> = HashMap::new();
    let own: Vec<usize> = (0..titles.len()).filter(|index| roles[*index] == Role::Own).collect();
    for &index in own.iter().filter(|index| !is_repetition(&titles[**index])) {
        let best = once.entry(different(&titles[index])).or_default();
        *best = stands(index).max(*best);
    }
    for &index in own.iter().filter(|index| is_repetition(&titles[**index])) {
        let parts = different(&titles[index]);
        if parts.len() < 2 || once.get(&parts).is_none_or(|best| stands(index) <= *best) {
            roles[index] = Role::Repetition;
        }
    }
}

/// The parts of a title, each once.
fn different(title: &Title) -> Vec<Segment<'_>> {
    let mut segments: Vec<Segment<'_>> = title.parts.iter().map(segment).collect();
    segments.sort_unstable();
    segments.dedup();
    segments
}

/// Three parts or more, and at most half of them different.
fn is_repetition(title: &Title) -> bool {
    title.parts.len() >= 3 && different(title).len() * 2 <= title.parts.len()
}

fn shuffles<Rank: Ord>(titles: &[Title], roles: &mut [Role], rank: impl Fn(usize) -> Rank) {
    let mut groups: HashMap<Vec<Segment<'_>>, Vec<usize>> = HashMap::new();
    for (index, title) in titles.iter().enumerate() {
        if roles[index] == Role::Own {
            groups.entry(different(title)).or_default().push(index);
        }
    }
    for group in groups.values() {
        let best = group.iter().copied().max_by_key(|i| (rank(*i), Reverse(*i)));
        let Some(best) = best else { continue };
        let row = |i: usize| titles[i].parts.iter().map(segment).collect::<Vec<_>>();
        for index in group {
            // The same order with other tracks is another version of the film, not bait.
            if row(*index) != row(best) {
                roles[*index] = Role::ShuffleOf(best);
            }
        }
    }
}

fn play_alls(titles: &[Title], roles: &mut [Role]) {
    let mut by_clip: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, title) in titles.iter().enumerate() {
        if let (Role::Own, Some(first)) = (&roles[index], title.parts.first()) {
            by_clip.entry(first.clip()).or_default().push(index);
        }
    }
    let found: Vec<(usize, Vec<usize>)> = (0..titles.len())
        .filter(|index| roles[*index] == Role::Own)
        .filter_map(|index| pieces(titles, index, &by_clip).map(|pieces| (index, pieces)))
        .collect();
    for (index, pieces) in found {
        roles[index] = Role::PlayAll(pieces);
    }
}

/// The titles that together, one after the other, are title `whole`: at least two.
fn pieces(titles: &[Title], whole: usize, by_clip: &HashMap<&str, Vec<usize>>) -> Option<Vec<usize>> {
    let parts = &titles.get(whole)?.parts;
    let duration = titles.get(whole)?.duration();
    let mut pieces = Vec::new();
    let mut at = Position { part: 0, time: parts.first()?.clock.in_time() };
    while at.part < parts.len() {
        let candidates = by_clip.get(parts.get(at.part)?.clip())?;
        let fits = |index: &usize| -> Option<(usize, Position)> {
            let piece = titles.get(*index)?;
            let long_enough = piece.duration().times(SMALLEST_PIECE) >= duration && piece.duration() < duration;
            let fresh = *index != whole && !pieces.contains(index);
            (fresh && long_enough).then(|| at.behind(parts, &piece.parts).map(|next| (*index, next)))?
        };
        // The longest that fits: a title that plays a piece of another one is no piece of this.
        let (index, next) =
            candidates.iter().filter_map(fits).max_by_key(|(index, next)| (*next, usize::MAX - index))?;
        pieces.push(index);
        at = next;
    }
    (pieces.len() > 1).then_some(pieces)
}

/// A position in a row of parts, on the clock of the part's clip.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Position {
    part: usize,
    time: Ticks90,
}

impl Position {
    /// The position behind `piece`, when that lies here.
    fn behind(self, parts: &[Part], piece: &[Part]) -> Option<Self> {
        let mut at = self;
        for (index, own) in piece.iter().enumerate() {
            let part = parts.get(at.part)?;
            let same_clip = (part.clip(), part.clock.number()) == (own.clip(), own.clock.number());
            let (out_time, own_out) = (part.clock.out_time(), own.clock.out_time());
            let begins = at.time.distance(own.clock.in_time()) <= NEAR;
            let ends_with_it = out_time.distance(own_out) <= NEAR;
            let last = index + 1 == piece.len();
            // Only the last part of a piece may end inside a part of the whole.
            if !same_clip || !begins || !(ends_with_it || last && own_out < out_time) {
                return None;
            }
            at = if ends_with_it {
                let next = at.part + 1;
                Self { part: next, time: parts.get(next).map_or(Ticks90::ZERO, |p| p.clock.in_time()) }
            } else {
                Self { part: at.part, time: own_out }
            };
        }
        (at > self).then_some(at)
    }
}
