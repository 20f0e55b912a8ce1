//! Whether the time stamps of a stream follow each other as those of one clock do. Pure.
//!
//! A stamp that lies where it should is believed at once. For an odd one, and for the first of a stream, which nothing bears
//! out, the next stamps of its stream decide: they go on from it (there is a gap, or another clock begins: files that were joined, a receiver that changed channels), or
//! from the stamp before it, and then it is wrong.

use super::timestamp::step;
use crate::base::time::Ticks90;

/// How far stamps may go back where pictures are stamped with nothing but the time at which they are shown: no decoder
/// holds more of them.
const REORDERED: Ticks90 = Ticks90::SECOND;
/// How far those may go back that never should: sound, and what is stamped with the time of decoding.
const JITTER: Ticks90 = Ticks90(Ticks90::SECOND.0 / 10);
/// Stamps that show how far those of a stream lie apart.
const SETTLED: usize = 3;
/// A first stamp lies no more than so many times as far from the next one as those behind it from each other.
const NEIGHBOURS: i64 = 4;
/// How far the next stamp may lie ahead without being looked at more closely.
const AHEAD: Ticks90 = Ticks90::SECOND;
/// A stretch without stamps that is longer than this, and none of whose bytes are missing, is no gap: the clock is
/// another one.
const GAP: Ticks90 = Ticks90(10 * Ticks90::SECOND.0);
/// As much may pass before a stamp that none of its stream comes behind.
const LAST_GAP: Ticks90 = Ticks90(60 * Ticks90::SECOND.0);

/// How one stream goes on.
#[derive(Clone, Copy, Default, Debug)]
struct Line {
    last: Option<Ticks90>,
    /// Its stamps never go back.
    is_ordered: bool,
    /// Bytes of it are missing since the last stamp.
    is_broken: bool,
}

/// Watches the stamps of streams that share a clock.
#[derive(Clone, Debug)]
pub struct Watch {
    lines: Vec<Line>,
    /// The last stamp of any stream that was believed.
    latest: Ticks90,
}

/// A stamp that does not lie where it should.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Odd {
    stream: usize,
    stamp: Ticks90,
    before: Ticks90,
    latest: Ticks90,
    /// How far the stream's stamps go back.
    back: Ticks90,
    /// How far in front of the stamp before the next one may lie.
    near: Ticks90,
    /// It is the first of its stream.
    is_first: bool,
    is_broken: bool,
}

/// What an odd stamp is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Judgement {
    /// Wrong: it says nothing.
    Wrong,
    /// Right: time has passed without stamps.
    Gap,
    /// Right, and the first of another clock.
    NewClock,
    /// Wrong, but what it belongs to is the first of another clock, to which the next stamp, this one, belongs.
    WrongOnNewClock(Ticks90),
}

impl Watch {
    /// Watches streams, counted from 0, of a clock that starts at about `start`; for each, whether its stamps are known
    /// never to go back, as those of sound.
    #[must_use]
    pub fn new(start: Ticks90, ordered: impl IntoIterator<Item = bool>) -> Self {
        let line = |is_ordered| Line { is_ordered, ..Line::default() };
        Self { lines: ordered.into_iter().map(line).collect(), latest: start }
    }

    /// The next stamps of a stream (33 bits, or unwrapped). `Some`: it is odd, and [`Watch::settle`] must be told what
    /// it is before the next one comes.
    pub fn stamp(&mut self, stream: usize, pts: Ticks90, dts: Option<Ticks90>) -> Option<Odd> {
        let line = self.lines.get_mut(stream)?;
        line.is_ordered |= dts.is_some_and(|dts| dts != pts);
        let stamp = dts.unwrap_or(pts);
        let back = if line.is_ordered { JITTER } else { REORDERED };
        // A stream that begins may begin later than others, or a little earlier.
        let before = line.last.unwrap_or(self.latest);
        let is_first = line.last.is_none();
        let near = if is_first { GAP } else { back };
        let by = step(before, stamp);
        if !is_first && -back <= by && by <= AHEAD {
            line.last = Some(stamp);
            line.is_broken = false;
            self.latest = stamp;
            return None;
        }
        Some(Odd { stream, stamp, before, latest: self.latest, back, near, is_first, is_broken: line.is_broken })
    }

    /// Bytes of a stream are missing.
    pub fn missing(&mut self, stream: usize) {
        if let Some(line) = self.lines.get_mut(stream) {
            line.is_broken = true;
        }
    }

    /// Says what an odd stamp was found to be.
    pub fn settle(&mut self, odd: &Odd, judgement: Judgement) {
        match judgement {
            Judgement::Wrong => return,
            Judgement::Gap => {}
            Judgement::NewClock => self.lines.iter_mut().for_each(|line| line.last = None),
            Judgement::WrongOnNewClock(next) => {
                self.lines.iter_mut().for_each(|line| line.last = None);
                self.latest = next;
                return;
            }
        }
        if let Some(line) = self.lines.get_mut(odd.stream) {
            line.last = Some(odd.stamp);
            line.is_broken = false;
        }
        self.latest = odd.stamp;
    }
}

impl Odd {
    /// The stream.
    #[must_use]
    pub fn stream(&self) -> usize {
        self.stream
    }

    /// What the stamp is by the next ones of its stream; where there are none, by the streams beside it.
    #[must_use]
    pub fn judge(&self, next: &[Ticks90]) -> Judgement {
        for one in next {
            let from_before = (-self.near..=GAP).contains(&step(self.before, *one));
            let from_it = (-self.back..=GAP).contains(&step(self.stamp, *one));
            match (from_before, from_it) {
                (true, false) => return Judgement::Wrong,
                (false, true) => return self.kind(),
                // Both are near: it is wrong if it went back and the next did not, and where a stream begins if it stands
                // alone.
                (true, true) if self.is_first && self.stands_alone(next) => return Judgement::Wrong,
                (true, true) if step(self.before, self.stamp) < -self.near => return Judgement::Wrong,
                (true, true) => return Judgement::Gap,
                (false, false) => {}
            }
        }
        if let [first, second, ..] = next
            && (-self.back..=GAP).contains(&step(*first, *second))
        {
            return if self.is_broken { Judgement::Wrong } else { Judgement::WrongOnNewClock(*first) };
        }
        let is_near = (-GAP..=LAST_GAP).contains(&step(self.latest, self.stamp));
        if next.is_empty() && !is_near { Judgement::Wrong } else { Judgement::Gap }
    }

    /// The same where no more of its stream comes, and streams beside it tell how far it may lie from them. Behind a hole it may
    /// be the first of all.
    #[must_use]
    pub fn judge_last(&self, beside: Ticks90) -> Judgement {
        let by = step(self.latest, self.stamp);
        let is_behind_hole = self.is_broken && (Ticks90::ZERO..=GAP).contains(&by);
        if by.abs() <= beside || is_behind_hole { Judgement::Gap } else { Judgement::Wrong }
    }

    /// Whether it is neither where the stream should begin nor near those behind it.
    fn stands_alone(&self, next: &[Ticks90]) -> bool {
        let is_at_start = (Ticks90::ZERO..=AHEAD).contains(&step(self.before, self.stamp));
        let near = self.distance(next);
        !is_at_start && !next.iter().take(2).any(|next| step(self.stamp, *next).abs() <= near)
    }

    /// How far from the next stamps one lies at most that belongs to them: where none goes back, some times as far as they lie
    /// apart.
    fn distance(&self, next: &[Ticks90]) -> Ticks90 {
        let apart = next.windows(2).filter_map(|pair| Some(step(*pair.first()?, *pair.last()?)));
        let apart = apart.max().filter(|apart| self.back == JITTER && next.len() >= SETTLED && *apart > Ticks90::ZERO);
        apart.map_or(AHEAD, |apart| apart.times(NEIGHBOURS).min(AHEAD))
    }

    /// What a stamp is that others go on from.
    fn kind(&self) -> Judgement {
        let by = step(self.before, self.stamp);
        let is_gap = if self.is_broken { by >= -self.near } else { (-self.near..=GAP).contains(&by) };
        if is_gap { Judgement::Gap } else { Judgement::NewClock }
    }
}

/// Where the first of `count` stamps belongs that are not believed, by the ones behind them: there or a little later.
#[must_use]
pub fn in_front_of(next: &[Ticks90], count: usize) -> Option<Ticks90> {
    let first = *next.first()?;
    let mut steps: Vec<Ticks90> = next.iter().map(|next| step(first, *next)).collect();
    steps.sort_unstable();
    let apart = steps.windows(2).take(SETTLED - 1).filter_map(|pair| Some(*pair.last()? - *pair.first()?));
    let longest = apart.max().unwrap_or(JITTER);
    Some(first + *steps.first()? - longest.times(i64::try_from(count).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PERIOD: i64 = 1 << 33;

    fn seconds(seconds: f64) -> Ticks90 {
        Ticks90((seconds * 90_000.0).round() as i64)
    }

    /// Judges each stamp of a stream by the two behind it; gives the odd ones, but for a first one that is right.
    fn odd(stamps: &[f64], is_broken_at: Option<usize>) -> Vec<(usize, Judgement)> {
        let stamps: Vec<Ticks90> = stamps.iter().map(|s| Ticks90(seconds(*s).0.rem_euclid(PERIOD))).collect();
        let mut watch = Watch::new(stamps[0], [true]);
        let mut found = Vec::new();
        for (n, stamp) in stamps.iter().enumerate() {
            if is_broken_at == Some(n) {
                watch.missing(0);
            }
            if let Some(odd) = watch.stamp(0, *stamp, None) {
                let judgement = odd.judge(&stamps[n + 1..stamps.len().min(n + 3)]);
                watch.settle(&odd, judgement);
                found.extend(Some((n, judgement)).filter(|found| *found != (0, Judgement::Gap)));
            }
        }
        found
    }

    #[test]
    fn one_stamp_that_its_neighbours_contradict_is_wrong() {
        for off in [3.0, -3.0, 20.0, -20.0, 3600.0, -3600.0, 40_000.0, -0.5] {
            let stamps = [100.0, 100.04, 100.08 + off, 100.12, 100.16];
            assert_eq!(odd(&stamps, None), [(2, Judgement::Wrong)], "{off}");
        }
        let last = [100.0, 100.04, 9000.0];
        assert_eq!(odd(&last, None), [(2, Judgement::Wrong)]);
    }

    #[test]
    fn the_last_stamp_of_all_may_lie_behind_a_hole_but_not_elsewhere() {
        let mut watch = Watch::new(seconds(100.0), [true]);
        let first = watch.stamp(0, seconds(100.0), None).unwrap();
        watch.settle(&first, Judgement::Gap);
        let mut judged = |stamp: f64| watch.stamp(0, seconds(stamp), None).unwrap().judge_last(Ticks90::SECOND);
        assert_eq!([judged(101.5), judged(98.5)], [Judgement::Wrong; 2]);
        watch.missing(0);
        let judged = |stamp: f64| watch.clone().stamp(0, seconds(stamp), None).unwrap().judge_last(Ticks90::SECOND);
        assert_eq!([judged(101.5), judged(98.5), judged(3600.0)], [Judgement::Gap, Judgement::Wrong, Judgement::Wrong]);
    }

    #[test]
    fn the_first_stamp_is_wrong_where_the_next_say_so() {
        for off in [0.5, 3.0, -3.0, -30.0, 20.0, -20.0, 3600.0, -3600.0, 40_000.0] {
            let mut watch = Watch::new(seconds(100.0), [true]);
            let next = [100.04, 100.08, 100.12].map(seconds);
            let odd = watch.stamp(0, seconds(100.0 + off), None).unwrap();
            assert_eq!(odd.judge(&next), Judgement::Wrong, "{off}");
        }
    }

    #[test]
    fn a_first_stamp_in_front_of_the_start_lies_as_near_to_the_next_as_they_to_each_other() {
        let judged = |by: f64| {
            let mut watch = Watch::new(seconds(100.0), [true]);
            let next = [100.0, 100.0, 100.04, 100.04].map(seconds);
            watch.stamp(0, seconds(100.0 - by), None).unwrap().judge(&next)
        };
        assert_eq!(
            [0.04, 0.12, 0.2, 0.5].map(judged),
            [Judgement::Gap, Judgement::Gap, Judgement::Wrong, Judgement::Wrong]
        );
    }

    #[test]
    fn a_last_stamp_lies_near_those_beside_it() {
        for (off, judgement) in [(5.0, Judgement::Wrong), (-5.0, Judgement::Wrong), (0.5, Judgement::Gap)] {
            let mut watch = Watch::new(seconds(100.0), [true, true]);
            for stream in 0..2 {
                let first = watch.stamp(stream, seconds(100.0), None).unwrap();
                watch.settle(&first, Judgement::Gap);
            }
            let odd = watch.stamp(0, seconds(100.0 + off), None);
            assert_eq!(odd.map_or(Judgement::Gap, |odd| odd.judge_last(AHEAD)), judgement, "{off}");
        }
    }

    #[test]
    fn a_clock_may_begin_with_a_wrong_stamp() {
        for to in [95.0, 1.0, 130.0, 9000.0] {
            let stamps = [100.0, 100.04, 100.08, to + 1234.0, to + 0.04, to + 0.08, to + 0.12, to + 0.16];
            assert_eq!(odd(&stamps, None)[0], (3, Judgement::WrongOnNewClock(seconds(to + 0.04))), "{to}");
        }
        // Behind a hole a wrong stamp is just that.
        let stamps = [100.0, 100.04, 9000.0, 300.0, 300.04, 300.08];
        assert_eq!(odd(&stamps, Some(2)), [(2, Judgement::Wrong), (3, Judgement::Gap)]);
    }

    #[test]
    fn what_comes_before_others_lies_as_far_from_them_as_they_from_each_other() {
        let front = |next: &[f64], count| in_front_of(&next.iter().map(|s| seconds(*s)).collect::<Vec<_>>(), count);
        assert_eq!(front(&[10.04, 10.08, 10.12], 1), Some(seconds(10.0)));
        // A picture that is shown behind those that come after it.
        assert_eq!(front(&[10.16, 10.08, 10.04, 10.12], 2), Some(seconds(10.04) - Ticks90(7200)));
        assert_eq!((front(&[10.0], 1), front(&[], 1)), (Some(seconds(9.9)), None));
    }

    #[test]
    fn a_clock_that_begins_again_or_elsewhere_is_another() {
        for to in [95.0, 1.0, 0.5, 130.0, 9000.0] {
            let stamps = [100.0, 100.04, 100.08, to, to + 0.04, to + 0.08];
            assert_eq!(odd(&stamps, None), [(3, Judgement::NewClock)], "{to}");
        }
    }

    #[test]
    fn time_may_pass_and_more_of_it_where_bytes_are_missing() {
        assert_eq!(odd(&[1.0, 1.04, 6.0, 6.04], None), [(2, Judgement::Gap)]);
        assert_eq!(odd(&[1.0, 1.04, 600.0, 600.04], Some(2)), [(2, Judgement::Gap)]);
        // Pictures of a slide show.
        let slides = odd(&[0.0, 15.0, 30.0, 45.0, 60.0], None);
        assert!(slides.iter().all(|(_, judgement)| *judgement == Judgement::Gap), "{slides:?}");
    }

    #[test]
    fn the_wrap_is_nothing_odd() {
        let end = PERIOD as f64 / 90_000.0;
        assert_eq!(odd(&[end - 0.04, end, end + 0.04, end + 0.08], None), []);
    }

    #[test]
    fn pictures_may_come_out_of_the_order_in_which_they_are_shown() {
        let mut watch = Watch::new(Ticks90::ZERO, [false]);
        let first = watch.stamp(0, seconds(0.0), None).unwrap();
        watch.settle(&first, Judgement::Gap);
        for stamp in [0.16, 0.08, 0.04, 0.12, 0.32, 0.24] {
            assert_eq!(watch.stamp(0, seconds(stamp), None), None);
        }
        // Where they are stamped for decoding too, going back is odd.
        assert_eq!(watch.stamp(0, seconds(0.5), Some(seconds(0.36))), None);
        assert!(watch.stamp(0, seconds(0.1), None).is_some());
    }

    proptest! {
        #[test]
        fn any_stamps_are_taken(stamps in prop::collection::vec((0usize..3, any::<i64>(), prop::option::of(any::<i64>())), 0..40)) {
            let mut watch = Watch::new(Ticks90::ZERO, [true, false]);
            for (stream, pts, dts) in &stamps {
                if let Some(odd) = watch.stamp(*stream, Ticks90(*pts), dts.map(Ticks90)) {
                    let judgement = odd.judge(&[Ticks90(*pts)]);
                    watch.settle(&odd, judgement);
                }
            }
        }
    }
}
