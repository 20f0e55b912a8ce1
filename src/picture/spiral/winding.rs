//! How a disc is really wound: pitch, density and inner radius differ from the nominal ones by a per cent or so, which over
//! the tens of thousands of turns of a layer leaves nothing of the angle at which something lies.
//!
//! A scratch tells: it meets every turn at one angle. So the winding is looked for under which what failed singly lies at one
//! angle; where there is none, the disc is drawn as its nominal figures have it.

use std::f64::consts::TAU;

/// Turns of the stretch in which the most failures are looked at: longer ones would need finer steps.
const STRETCH: f64 = 3000.0;

/// Failures that it takes, so that chance does not line them up.
const LEAST: usize = 64;

/// Failures that are looked at.
const MOST: usize = 400;

/// How far the nominal turns may be off, as a part of them, at most.
const OFF: f64 = 0.02;

/// Steps of the search, in turns at the end of the stretch.
const STEP: f64 = 0.2;

/// How much of all failures must point one way. Units of a scratch begin anywhere in front of it, and they are up to half a
/// turn long: 0.57 of them do then. Of 64 random ones 0.37 do in the best of all windings that are tried.
const ALIGNED: f64 = 0.45;

/// Turns of a layer as they are, by what they are nominally.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Winding {
    /// Where both agree.
    middle: f64,
    /// What a turn more or less has, beyond itself.
    linear: f64,
    /// The same by the square of the distance.
    square: f64,
}

impl Winding {
    /// As the nominal figures have it.
    pub(super) const NOMINAL: Self = Self { middle: 0.0, linear: 0.0, square: 0.0 };

    /// Real turns where there are so many nominal ones.
    pub(super) fn real(self, turns: f64) -> f64 {
        let from = turns - self.middle;
        turns + self.linear * from + self.square * from * from
    }

    /// Nominal turns where there are so many real ones.
    pub(super) fn nominal(self, real: f64) -> f64 {
        // The difference changes by a few per cent of what the turns change by, so each round gains a digit and more.
        (0..6).fold(real, |turns, _| turns - (self.real(turns) - real))
    }

    /// The winding under which failures lie at one angle, on a layer of `turns`: `failures` are the nominal turns of those that
    /// are shorter than a turn, ascending.
    pub(super) fn fit(failures: &[f64], turns: f64) -> Self {
        let stretch = densest(failures);
        if stretch.len() < LEAST {
            return Self::NOMINAL;
        }
        let (first, last) = (stretch.first().copied().unwrap_or(0.0), stretch.last().copied().unwrap_or(0.0));
        let middle = first.midpoint(last);
        let half = ((last - first) / 2.0).max(1.0);
        let looked_at = sample(stretch, middle);
        // A layer that is off by so much in all bends by no more within the stretch.
        let bend = OFF * half / turns.max(half);
        let candidates = steps(OFF, STEP / half).flat_map(|linear| {
            steps(bend, STEP / half).map(move |square| Self { middle, linear, square: square / half })
        });
        let best = best_of(candidates, &looked_at);
        best.map_or(Self::NOMINAL, |winding| winding.refined(failures, half))
    }

    /// The same more closely, by failures farther and farther from the middle, up to where none lie or they point anywhere.
    /// `half` is how far those lie that it was found by.
    fn refined(mut self, failures: &[f64], half: f64) -> Self {
        const GROWTH: f64 = 1.6;
        const CLOSE: f64 = STEP / 2.0;
        let farthest = failures.iter().map(|at| (at - self.middle).abs()).fold(0.0, f64::max);
        let mut reach = half;
        loop {
            let first = failures.partition_point(|at| *at < self.middle - reach);
            let end = failures.partition_point(|at| *at <= self.middle + reach);
            let looked_at = sample(failures.get(first..end).unwrap_or_default(), self.middle);
            let nearby = |found: f64, unit: f64| steps(4.0 * CLOSE, CLOSE).map(move |step| found + step / unit);
            let candidates = nearby(self.linear, reach).flat_map(|linear| {
                nearby(self.square, reach * reach).map(move |square| Self { linear, square, ..self })
            });
            match best_of(candidates, &looked_at) {
                Some(better) => self = better,
                None => return self,
            }
            if reach >= farthest {
                return self;
            }
            reach *= GROWTH;
        }
    }

    /// What part of failures points one way, 0 to 1; `from` are their distances from the middle in turns.
    fn aligned(self, from: &[f64]) -> f64 {
        let (mut x, mut y) = (0.0, 0.0);
        for at in from {
            let (sin, cos) = ((at + self.linear * at + self.square * at * at) * TAU).sin_cos();
            x += cos;
            y += sin;
        }
        f64::hypot(x, y) / from.len().max(1) as f64
    }
}

/// The one under which most failures point one way; `None` when that is no more than chance.
fn best_of(candidates: impl Iterator<Item = Winding>, from: &[f64]) -> Option<Winding> {
    let aligned = candidates.map(|winding| (winding.aligned(from), winding));
    let best = aligned.max_by(|one, other| one.0.total_cmp(&other.0));
    best.filter(|(aligned, _)| *aligned > ALIGNED).map(|(_, winding)| winding)
}

/// Some of the failures, evenly, by their distance from the middle.
fn sample(failures: &[f64], middle: f64) -> Vec<f64> {
    failures.iter().step_by(failures.len().div_ceil(MOST).max(1)).map(|at| at - middle).collect()
}

/// From `-most` to `most`, 0 among them, so close to each other.
fn steps(most: f64, close: f64) -> impl Iterator<Item = f64> {
    let count = (most / close).ceil() as i32;
    (-count..=count).map(move |step| f64::from(step) * close)
}

/// The most failures that lie within [`STRETCH`] turns.
fn densest(failures: &[f64]) -> &[f64] {
    let mut best: &[f64] = &[];
    let mut end = 0;
    for (start, first) in failures.iter().enumerate() {
        while failures.get(end).is_some_and(|last| last - first <= STRETCH) {
            end += 1;
        }
        if end - start > best.len() {
            best = failures.get(start..end).unwrap_or_default();
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_and_nominal_turns_are_found_from_each_other() {
        let winding = Winding { middle: 20_000.0, linear: 0.013, square: -2e-7 };
        for turns in [0.0, 19_999.3, 46_000.0] {
            assert!((winding.nominal(winding.real(turns)) - turns).abs() < 1e-3, "{turns}");
        }
        assert_eq!(Winding::NOMINAL.real(5.5), 5.5);
    }

    /// SplitMix64, as a part of 1.
    fn luck(state: &mut u64) -> f64 {
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = *state;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (word ^ (word >> 31)) as f64 / u64::MAX as f64
    }

    #[test]
    fn a_scratch_shows_how_the_disc_is_wound_and_chance_shows_nothing() {
        let real = Winding { middle: 22_000.0, linear: -0.0137, square: 1.1e-7 };
        let mut state = 7;
        // Units of half a turn, that begin anywhere in front of the scratch.
        let hits: Vec<f64> =
            (20_000..23_500).map(|turn| real.nominal(f64::from(turn) + 0.3 - luck(&mut state) / 2.0)).collect();
        let found = Winding::fit(&hits, 46_000.0);
        assert_ne!(found, Winding::NOMINAL);
        let from: Vec<f64> = densest(&hits).iter().map(|at| at - found.middle).collect();
        assert!(found.aligned(&from) > 0.55, "{found:?}");
        let mut anywhere: Vec<f64> = (0..900).map(|_| 20_000.0 + 3000.0 * luck(&mut state)).collect();
        anywhere.sort_by(f64::total_cmp);
        assert_eq!(Winding::fit(&anywhere, 46_000.0), Winding::NOMINAL);
        assert_eq!(Winding::fit(&hits[..40], 46_000.0), Winding::NOMINAL, "too few");
        assert_eq!(Winding::fit(&[], 46_000.0), Winding::NOMINAL);
    }
}
