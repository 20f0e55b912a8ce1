//! How far a run is.

use std::time::Duration;

use crate::base::clock::Clock;
use crate::base::event::{Event, Events, Progress};

/// Time between two reports of progress.
const REPORT_EVERY: Duration = Duration::from_millis(100);

/// Reports how far the run is, not too often.
pub(super) struct ProgressReport<'a> {
    events: &'a dyn Events,
    clock: &'a dyn Clock,
    start: Duration,
    reported: Duration,
    progress: Progress,
}

impl<'a> ProgressReport<'a> {
    pub(super) fn new(events: &'a dyn Events, clock: &'a dyn Clock, total_bytes: u64) -> Self {
        let start = clock.now();
        let progress = Progress { phase: "mux".to_owned(), total_bytes, ..Progress::default() };
        Self { events, clock, start, reported: start, progress }
    }

    pub(super) fn read(&mut self, bytes: u64) {
        self.progress.rescued_bytes += bytes;
        self.report(bytes);
    }

    pub(super) fn missing(&mut self, bytes: u64) {
        self.progress.missing_bytes += bytes;
        self.progress.errors += 1;
        self.report(bytes);
    }

    fn report(&mut self, bytes: u64) {
        let progress = &mut self.progress;
        progress.position_bytes += bytes;
        let now = self.clock.now();
        let is_end = progress.position_bytes >= progress.total_bytes;
        if now.saturating_sub(self.reported) < REPORT_EVERY && !is_end {
            return;
        }
        self.reported = now;
        let spent = now.saturating_sub(self.start).as_secs_f64();
        if spent > 0.0 {
            let speed = progress.position_bytes as f64 / spent;
            let left = progress.total_bytes.saturating_sub(progress.position_bytes) as f64;
            progress.bytes_per_second = whole(speed);
            progress.seconds_left = (speed > 0.0).then(|| whole(left / speed));
        }
        self.events.event(Event::Progress(progress.clone()));
    }
}

/// A number that is not negative as a whole one.
#[allow(clippy::cast_sign_loss)]
fn whole(number: f64) -> u64 {
    number as u64
}
