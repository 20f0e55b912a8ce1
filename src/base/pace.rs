//! How far a long job is, and how fast: told now and then.

use std::time::Duration;

use crate::base::clock::{Clock, SystemClock};
use crate::base::event::{Event, Events, Progress};

/// Time between two reports: ten a second at most are taken.
const EVERY: Duration = Duration::from_millis(100);

/// How far back "recent" speed goes, at least; at most twice as far.
const SPAN: Duration = Duration::from_secs(5);

/// A job that goes through a known number of bytes.
pub struct Pace<'a> {
    events: &'a dyn Events,
    clock: SystemClock,
    phase: &'static str,
    total_bytes: u64,
    told: Option<Duration>,
    /// When how many bytes were done: the end of the last span, and of the one before.
    points: [(Duration, u64); 2],
}

/// Where a job is.
#[derive(Clone, Copy, Debug, Default)]
pub struct At {
    /// Where the last read ended.
    pub position_bytes: u64,
    /// Bytes that are behind it.
    pub done_bytes: u64,
    /// Bytes of them that came to nothing.
    pub failed_bytes: u64,
    /// Reads that failed.
    pub errors: u64,
}

impl<'a> Pace<'a> {
    /// Of a job of `total_bytes` that is called `phase` and begins now.
    pub fn new(events: &'a dyn Events, phase: &'static str, total_bytes: u64) -> Self {
        events.event(Event::Phase(phase.to_owned()));
        let points = [(Duration::ZERO, 0); 2];
        Self { events, clock: SystemClock::new(), phase, total_bytes, told: None, points }
    }

    /// Tells how far it is, unless that was just told.
    pub fn tell(&mut self, at: At) {
        let now = self.clock.now();
        if self.told.is_none_or(|told| now.saturating_sub(told) >= EVERY) {
            self.told = Some(now);
            self.events.event(Event::Progress(self.progress(at, now)));
        }
    }

    fn progress(&mut self, at: At, now: Duration) -> Progress {
        let [_, (last, _)] = self.points;
        if now.saturating_sub(last) >= SPAN {
            self.points = [self.points[1], (now, at.done_bytes)];
        }
        let [(since, before), _] = self.points;
        let milliseconds = u64::try_from(now.saturating_sub(since).as_millis()).unwrap_or(u64::MAX);
        let bytes_per_second =
            at.done_bytes.saturating_sub(before).saturating_mul(1000).checked_div(milliseconds).unwrap_or(0);
        let left = self.total_bytes.saturating_sub(at.done_bytes);
        Progress {
            phase: self.phase.to_owned(),
            position_bytes: at.position_bytes,
            total_bytes: self.total_bytes,
            rescued_bytes: at.done_bytes.saturating_sub(at.failed_bytes),
            missing_bytes: left.saturating_add(at.failed_bytes),
            failed_bytes: at.failed_bytes,
            errors: at.errors,
            bytes_per_second,
            seconds_left: left.checked_div(bytes_per_second).filter(|_| left > 0),
            ..Progress::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::event::NoEvents;

    #[test]
    fn speed_is_that_of_the_last_seconds_and_what_failed_stays_missing() {
        let mut pace = Pace::new(&NoEvents, "verify", 100_000);
        let at = |done_bytes| At { done_bytes, failed_bytes: 1000, errors: 1, ..At::default() };
        let second = Duration::from_secs;
        assert_eq!(pace.progress(at(1000), Duration::ZERO).bytes_per_second, 0, "no time has passed");
        pace.progress(at(50_000), second(5));
        pace.progress(at(51_000), second(10));
        let now = pace.progress(at(52_000), second(15));
        assert_eq!((now.bytes_per_second, now.seconds_left), (200, Some(240)));
        assert_eq!((now.rescued_bytes, now.missing_bytes), (51_000, 49_000));
        let end = pace.progress(at(100_000), second(20));
        assert_eq!((end.missing_bytes, end.seconds_left), (1000, None));
    }
}
