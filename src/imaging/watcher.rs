//! What a person sees while a run lasts.

use std::sync::Mutex;

use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events, Progress};

/// Tells how far the run is.
pub(super) struct Watcher<'a> {
    progress: &'a Mutex<Progress>,
    events: &'a dyn Events,
    cancel: &'a Cancel,
    /// The phase that was told last.
    shown: String,
    /// Somebody was told that it stops.
    stopping: bool,
}

impl<'a> Watcher<'a> {
    /// Of a run that tells its `progress`.
    pub(super) fn new(progress: &'a Mutex<Progress>, events: &'a dyn Events, cancel: &'a Cancel) -> Self {
        Self { progress, events, cancel, shown: String::new(), stopping: false }
    }

    /// The last of it; the run has ended, and nobody needs to hear that it stops.
    pub(super) fn end(&mut self) {
        self.stopping = true;
        self.tell();
    }

    /// Tells what has changed.
    pub(super) fn tell(&mut self) {
        if self.cancel.is_raised() && !self.stopping {
            self.stopping = true;
            let notice = "Stopping as soon as the read under way has ended. A second signal stops at once.";
            self.events.event(Event::Notice(notice.into()));
        }
        let Ok(now) = self.progress.lock().map(|p| p.clone()) else { return };
        if now.phase.is_empty() {
            return;
        }
        if self.shown != now.phase {
            self.shown.clone_from(&now.phase);
            self.events.event(Event::Phase(now.phase.clone()));
        }
        self.events.event(Event::Progress(now));
    }
}
