//! `--progress json`: lines of JSON on standard error, for programs.

use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::base::event::{Event, Progress};

/// Time between two lines of progress at least.
const PROGRESS_EVERY: Duration = Duration::from_secs(1);

/// Turns events into lines: each change of phase, and progress at most once a second.
#[derive(Debug)]
pub(crate) struct JsonLines {
    begun: Instant,
    /// Of which source, where there are several.
    source: Option<String>,
    /// When progress was told last.
    told: Mutex<Option<Instant>>,
}

impl JsonLines {
    /// For a program that began at `now`.
    pub(crate) fn new(now: Instant) -> Self {
        Self { begun: now, source: None, told: Mutex::new(None) }
    }

    /// The same for one of several sources, which each line names.
    pub(crate) fn of_source(now: Instant, source: String) -> Self {
        Self { source: Some(source), ..Self::new(now) }
    }

    /// Tells an event, where there is something to be told.
    pub(crate) fn event(&self, event: Event, now: Instant) {
        let Some(mut line) = self.line(event, now) else { return };
        if let (Some(source), Some(object)) = (&self.source, line.as_object_mut()) {
            object.insert("source".to_owned(), source.clone().into());
        }
        write(&line);
    }

    fn line(&self, event: Event, now: Instant) -> Option<Value> {
        let elapsed = now.saturating_duration_since(self.begun).as_millis() as f64 / 1000.0;
        Some(match event {
            Event::Phase(phase) => json!({"event": "phase", "phase": phase, "elapsed_seconds": elapsed}),
            Event::Film(text) => json!({"event": "film", "message": text}),
            Event::Notice(text) => json!({"event": "notice", "message": text}),
            Event::Warning(text) => json!({"event": "warning", "message": text}),
            Event::Progress(progress) => {
                let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
                if told.is_some_and(|told| now.saturating_duration_since(told) < PROGRESS_EVERY) {
                    return None;
                }
                *told = Some(now);
                of_progress(&progress, elapsed)?
            }
        })
    }
}

fn of_progress(progress: &Progress, elapsed: f64) -> Option<Value> {
    let mut line = serde_json::to_value(progress).ok()?;
    let object = line.as_object_mut()?;
    object.insert("event".into(), "progress".into());
    object.insert("elapsed_seconds".into(), elapsed.into());
    Some(line)
}

/// One line on standard error. One that is closed is no reason to stop.
pub(crate) fn write(value: &Value) {
    let _ = writeln!(std::io::stderr().lock(), "{value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_told_once_a_second_and_everything_else_at_once() {
        let begun = Instant::now();
        let lines = JsonLines::new(begun);
        let at = |milliseconds| begun + Duration::from_millis(milliseconds);
        let progress = || Event::Progress(Progress { total_bytes: 4096, rescued_bytes: 2048, ..Progress::default() });
        let first = lines.line(progress(), at(10)).unwrap();
        assert_eq!((&first["event"], &first["total_bytes"]), (&"progress".into(), &4096.into()));
        assert_eq!((&first["elapsed_seconds"], &first["missing_bytes"]), (&0.01.into(), &0.into()));
        assert!(lines.line(progress(), at(1009)).is_none());
        let phase = lines.line(Event::Phase("hash".into()), at(500)).unwrap();
        assert_eq!((&phase["phase"], &phase["elapsed_seconds"]), (&"hash".into(), &0.5.into()));
        assert!(lines.line(Event::Notice("n".into()), at(501)).is_some());
        assert!(lines.line(progress(), at(1010)).is_some() && lines.line(progress(), at(1011)).is_none());
    }
}
