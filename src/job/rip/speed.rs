//! How fast the drive read over the disc: heard from the progress of a run, kept coarsely.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::base::event::{Event, Events};

/// Stretches of the disc that are told apart.
const STRETCHES: u64 = 200;

/// The speed on a stretch of the disc.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Speed {
    /// Where it begins.
    pub position_bytes: u64,
    /// The mean of what was heard there.
    pub bytes_per_second: u64,
}

/// Passes events on, and remembers the speeds that they tell.
pub(super) struct SpeedLog<'a> {
    events: &'a dyn Events,
    /// Sum and number of the speeds of each stretch, and the bytes of one.
    heard: Mutex<(Vec<(u64, u64)>, u64)>,
}

impl<'a> SpeedLog<'a> {
    /// Nothing heard yet.
    pub(super) fn new(events: &'a dyn Events) -> Self {
        Self { events, heard: Mutex::new((Vec::new(), 0)) }
    }

    /// The speeds, in the order of the disc; stretches of which nothing was heard are not among them.
    pub(super) fn finish(self) -> Vec<Speed> {
        let (heard, stretch) = self.heard.into_inner().unwrap_or_else(PoisonError::into_inner);
        let speeds = (0u64..).zip(heard).filter(|(_, (_, count))| *count > 0);
        speeds
            .map(|(index, (sum, count))| Speed {
                position_bytes: index * stretch,
                bytes_per_second: sum.checked_div(count).unwrap_or(0),
            })
            .collect()
    }
}

impl Events for SpeedLog<'_> {
    fn event(&self, event: Event) {
        if let Event::Progress(progress) = &event
            && progress.bytes_per_second > 0
            && progress.total_bytes > 0
        {
            let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
            let (stretches, stretch) = &mut *heard;
            *stretch = progress.total_bytes.div_ceil(STRETCHES).max(1);
            let index = (progress.position_bytes / *stretch).min(STRETCHES - 1);
            let index = usize::try_from(index).unwrap_or(0);
            if stretches.len() <= index {
                stretches.resize(index + 1, (0, 0));
            }
            if let Some((sum, count)) = stretches.get_mut(index) {
                (*sum, *count) = (sum.saturating_add(progress.bytes_per_second), *count + 1);
            }
        }
        self.events.event(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::event::{NoEvents, Progress};

    #[test]
    fn speeds_are_the_mean_of_each_stretch() {
        let log = SpeedLog::new(&NoEvents);
        let tell = |position_bytes, bytes_per_second| {
            let progress = Progress { position_bytes, bytes_per_second, total_bytes: 20_000, ..Progress::default() };
            log.event(Event::Progress(progress));
        };
        [(10, 100), (90, 300), (150, 0), (250, 50), (u64::MAX, 7)].into_iter().for_each(|(at, speed)| tell(at, speed));
        let speeds: Vec<_> = log.finish().into_iter().map(|s| (s.position_bytes, s.bytes_per_second)).collect();
        assert_eq!(speeds, [(0, 200), (200, 50), (19_900, 7)]);
    }
}
