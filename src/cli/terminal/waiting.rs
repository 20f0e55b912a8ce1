//! Says what the program waits for when the system does not answer: a thread that the kernel holds cannot.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events};
use crate::base::human::{duration, printable};
use crate::os::waits::{self, Unanswered};

use super::progress::Display;

/// A call that takes longer is told. Slow sticks take some seconds for a sync.
const PATIENCE: Duration = Duration::from_secs(10);
/// Then again so often.
const AGAIN: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(500);

/// What was told.
#[derive(Debug, Default)]
struct Told {
    call: Option<(Unanswered, Duration)>,
}

/// Watches until the process ends. Without the thread nothing is said, and all the work is done.
pub(crate) fn watch(display: &Arc<Display>, cancel: &Cancel) {
    let (display, cancel) = (Arc::downgrade(display), cancel.clone());
    let watch = move || {
        let mut told = Told::default();
        while let Some(display) = display.upgrade() {
            let sentence = told.look(waits::unanswered_for(PATIENCE), Duration::MAX, cancel.is_raised());
            if let Some(sentence) = sentence {
                display.event(Event::Warning(sentence));
            }
            drop(display);
            thread::sleep(LOOK);
        }
    };
    let _ = thread::Builder::new().name("waits".to_owned()).spawn(watch);
}

impl Told {
    /// A sentence when there is something new to say of the call that waits longest. It has waited for what its beginning
    /// tells, at most for `most`.
    fn look(&mut self, waits: Option<Unanswered>, most: Duration, stopping: bool) -> Option<String> {
        let Some(call) = waits else {
            let (call, _) = self.call.take()?;
            return Some(format!("{} answers again.", name(&call)));
        };
        let time = call.since.elapsed().min(most);
        let is_told = self.call.as_ref().is_some_and(|(told, at)| *told == call && time < *at + AGAIN);
        if is_told {
            return None;
        }
        let then = if stopping { " A second signal ends the program without it." } else { "" };
        let text = format!("Waiting for {}: no answer to {} for {}.{then}", name(&call), call.what, duration(time));
        self.call = Some((call, time));
        Some(text)
    }
}

fn name(call: &Unanswered) -> String {
    printable(&call.path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_call_is_told_once_then_each_minute_and_when_it_is_answered() {
        let call = |seconds, what| {
            let since = Instant::now().checked_sub(Duration::from_secs(seconds)).unwrap();
            Unanswered { what, path: "far/out.iso".into(), since }
        };
        let mut told = Told::default();
        let (first, most) = (call(3600, "a write"), Duration::from_secs(11));
        assert_eq!(told.look(None, most, false), None);
        let said = told.look(Some(first.clone()), most, false).unwrap();
        assert_eq!(said, "Waiting for far/out.iso: no answer to a write for 11 s.");
        assert_eq!(told.look(Some(first.clone()), most, true), None);
        let said = told.look(Some(first), Duration::from_secs(75), true).unwrap();
        assert!(said.ends_with("for 1 min 15 s. A second signal ends the program without it."), "{said}");
        assert!(told.look(Some(call(40, "a sync")), Duration::MAX, false).unwrap().contains("a sync for 40 s"));
        assert_eq!(told.look(None, most, false).unwrap(), "far/out.iso answers again.");
        assert_eq!(told.look(None, most, false), None);
    }
}
