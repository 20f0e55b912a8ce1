//! How far the pictures of a film lie apart: what its header says of that is a guess until all have come. Pure.
//!
//! Film with repeated fields is shown for two and three fields in turn, so four pictures last as long as five do elsewhere. A
//! film may change between the two, or have neither; then no number is true of all its blocks (RFC 9559, section 5.1.4.1.14).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::base::time::Nanoseconds;

/// Pictures that may come before one that is shown earlier.
const WINDOW: usize = 32;
/// Distances by which anything is told.
const ENOUGH: u64 = 16;
/// A distance of so many pictures is a gap.
const GAP: i64 = 4;
/// One of so many distances may be a gap.
const GAPS: u64 = 20;
/// One of so many distances may be none of video or film.
const STRANGERS: u64 = 10;
/// What video and film have, of what is said, in hundredths: two and three fields, of either, where either is said.
const KNOWN: [i64; 5] = [80, 100, 120, 125, 150];
/// The mean may be off by one of so many parts.
const PARTS: u128 = 100;

/// The distances of the pictures of a track.
#[derive(Debug)]
pub(in crate::mux::film) struct Pace {
    said: Option<Nanoseconds>,
    /// Ticks of 90 kHz; those that came and may not be the next to be shown.
    waiting: BinaryHeap<Reverse<i64>>,
    last: Option<i64>,
    /// Distances that are none of a gap, and their number.
    sum: i64,
    count: u64,
    gaps: u64,
    /// Distances among them that neither video nor film has.
    strangers: u64,
}

impl Pace {
    /// Of pictures that are said to lie `said` apart.
    pub(in crate::mux::film) fn new(said: Option<Nanoseconds>) -> Self {
        Self {
            said,
            waiting: BinaryHeap::with_capacity(WINDOW + 1),
            last: None,
            sum: 0,
            count: 0,
            gaps: 0,
            strangers: 0,
        }
    }

    /// A picture came that is shown at `time`, ticks of 90 kHz.
    pub(in crate::mux::film) fn add(&mut self, time: i64) {
        if self.said.is_none() {
            return;
        }
        self.waiting.push(Reverse(time));
        if self.waiting.len() > WINDOW {
            self.show();
        }
    }

    /// How far they lie apart, all having come. `None`: there is no such number.
    pub(in crate::mux::film) fn told(mut self) -> Option<Nanoseconds> {
        while !self.waiting.is_empty() {
            self.show();
        }
        let said = self.said?;
        if self.count + self.gaps < ENOUGH {
            return Some(said);
        }
        if self.gaps * GAPS > self.count || self.strangers * STRANGERS > self.count {
            return None;
        }
        // Film, where the header's guess was none, or the other way.
        [said, Nanoseconds(said.0 * 5 / 4), Nanoseconds((said.0 * 4).div_ceil(5))]
            .into_iter()
            .find(|d| self.is_mean(*d))
    }

    fn is_mean(&self, distance: Nanoseconds) -> bool {
        let sum = u128::from(u64::try_from(self.sum).unwrap_or(0)) * 1_000_000_000;
        let all = u128::from(self.count) * u128::from(distance.0) * 90_000;
        sum.abs_diff(all) * PARTS <= all
    }

    /// The next one is shown.
    fn show(&mut self) {
        let Some(Reverse(time)) = self.waiting.pop() else { return };
        let step = self.said.map_or(0, |said| said.ticks_90().0);
        match self.last.replace(time).map(|last| time.saturating_sub(last)) {
            Some(by) if by >= step.saturating_mul(GAP) => self.gaps += 1,
            Some(by) if by > 0 => {
                self.sum = self.sum.saturating_add(by);
                self.count += 1;
                let is_known = |part: &i64| (by * 100 - step * part).abs() <= step * 5;
                self.strangers += u64::from(!KNOWN.iter().any(is_known));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIDEO: Nanoseconds = Nanoseconds(33_366_667);
    const FILM: Nanoseconds = Nanoseconds(41_708_333);
    /// Ticks of a field.
    const FIELD: f64 = 1501.5;

    /// What is told of pictures that last these fields, each reference coming before the two that are shown before it.
    fn told(said: Nanoseconds, fields: impl IntoIterator<Item = u32>) -> Option<Nanoseconds> {
        let mut shown = 0;
        let times = fields.into_iter().map(|fields| {
            let time = (f64::from(shown) * FIELD).round() as i64;
            shown += fields;
            time
        });
        let times: Vec<i64> = times.collect();
        let mut pace = Pace::new(Some(said));
        for group in times.chunks(3) {
            group.iter().rev().for_each(|time| pace.add(*time));
        }
        pace.told()
    }

    fn film(pictures: usize) -> impl Iterator<Item = u32> {
        [3, 2].into_iter().cycle().take(pictures)
    }

    fn video(pictures: usize) -> impl Iterator<Item = u32> {
        std::iter::repeat_n(2, pictures)
    }

    #[test]
    fn video_and_film_have_a_distance_and_what_changes_between_them_has_none() {
        assert_eq!((told(VIDEO, video(300)), told(FILM, film(300))), (Some(VIDEO), Some(FILM)));
        assert_eq!((told(VIDEO, film(300)), told(FILM, video(300))), (Some(FILM), Some(VIDEO)));
        for said in [VIDEO, FILM] {
            assert_eq!(told(said, film(150).chain(video(150))), None);
            // Some pictures of another kind, at the start or where a cut broke the turns, are none of a change.
            assert_eq!(told(said, video(24).chain(film(2000))), Some(FILM));
            assert_eq!(told(said, film(24).chain(video(2000))), Some(VIDEO));
        }
        // 24 pictures a second as 25: each twelfth lasts three fields.
        assert_eq!(told(VIDEO, (0..240).map(|n| if n % 12 == 0 { 3 } else { 2 })), None);
    }

    #[test]
    fn gaps_are_no_distances_unless_there_is_nothing_else() {
        assert_eq!(told(VIDEO, video(100).chain([900]).chain(video(100))), Some(VIDEO));
        assert_eq!(told(VIDEO, std::iter::repeat_n(300, 40)), None, "a slide show");
        assert_eq!(told(VIDEO, video(4)), Some(VIDEO), "too few to tell");
    }

    #[test]
    fn parts_of_other_rates_have_no_distance_though_their_mean_is_one_of_film() {
        let fast = Nanoseconds(16_683_333);
        let (one, two) = (|count| std::iter::repeat_n(1, count), |count| std::iter::repeat_n(2, count));
        assert_eq!(told(fast, one(120).chain(two(40)).chain(one(120)).chain(two(40))), None);
        assert_eq!(told(fast, one(200).chain(two(1))), Some(fast), "one that was lost");
    }
}
