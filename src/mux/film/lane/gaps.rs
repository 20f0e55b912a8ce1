//! Which pictures came lately. Pure.

use std::collections::VecDeque;

use crate::base::time::Nanoseconds;

/// Pictures that are remembered; a picture is shown no more than half as many after it came.
const WINDOW: usize = 32;

/// The times of the last pictures of a track, in the order of the stream, on the title's clock.
#[derive(Debug)]
pub(in crate::mux) struct Pictures {
    /// Ticks of 90 kHz that a picture lasts.
    step: i64,
    times: VecDeque<i64>,
}

impl Pictures {
    /// Pictures that last `duration`, if that is known.
    pub(in crate::mux) fn new(duration: Option<Nanoseconds>) -> Self {
        Self { step: duration.map_or(0, |d| d.ticks_90().0), times: VecDeque::with_capacity(WINDOW) }
    }

    /// Ticks of 90 kHz that a picture lasts; 0 where that is not known.
    pub(in crate::mux) fn step(&self) -> i64 {
        self.step
    }

    /// A picture came.
    pub(in crate::mux) fn add(&mut self, time: i64) {
        if self.step == 0 {
            return;
        }
        if self.times.len() == WINDOW {
            self.times.pop_front();
        }
        self.times.push_back(time);
    }

    /// Where the first picture belongs that is not there: pictures come out of turn, so one that is lost may belong
    /// in front of others that came. `None` where nothing is known.
    pub(in crate::mux) fn first_gap(&self) -> Option<i64> {
        let mut times: Vec<i64> = self.times.iter().copied().collect();
        // What belongs in front of the older half is forgotten in part.
        let from = *times.get(times.len().saturating_sub(WINDOW / 2)..)?.iter().min()?;
        times.sort_unstable();
        times.retain(|time| *time >= from);
        let mut end = from;
        for time in times {
            if time > end.saturating_add(self.step / 2) {
                break;
            }
            end = end.max(time.saturating_add(self.step));
        }
        Some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_picture_that_others_came_before() {
        let mut pictures = Pictures::new(Some(Nanoseconds(40_000_000)));
        assert_eq!(pictures.first_gap(), None);
        // Groups of a picture and two that are shown before it.
        let groups = (0..40).flat_map(|n| [3 * n + 3, 3 * n + 1, 3 * n + 2]);
        groups.for_each(|n| pictures.add(n * 3600));
        assert_eq!(pictures.first_gap(), Some(121 * 3600));
        pictures.add(123 * 3600);
        pictures.add(121 * 3600);
        assert_eq!(pictures.first_gap(), Some(122 * 3600));
    }

    #[test]
    fn knows_nothing_without_a_rate() {
        let mut pictures = Pictures::new(None);
        pictures.add(5);
        assert_eq!(pictures.first_gap(), None);
    }
}
