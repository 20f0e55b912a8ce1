//! `--progress json`: lines of JSON on standard error, for programs.

use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::base::event::{Event, Progress};

/// Time between two lines of progress at least.
const PROGRESS_EVERY: Duration = Duration::from_secs(1);

/// Turns events into lines: each change of phase at once, and progress at most once a second. Both have the same keys.
#[derive(Debug)]
pub(crate) struct JsonLines {
    begun: Instant,
    /// Of which source, where there are several.
    source: Option<String>,
    told: Mutex<Told>,
}

/// What was told last.
#[derive(Debug, Default)]
struct Told {
    /// When progress was.
    at: Option<Instant>,
    /// How far the job was, and its phase.
    progress: Progress,
}

impl JsonLines {
    /// For a program that began at `now`.
    pub(crate) fn new(now: Instant) -> Self {
        Self { begun: now, source: None, told: Mutex::default() }
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
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Film(text) => Some(json!({"event": "film", "message": text})),
            Event::Notice(text) => Some(json!({"event": "notice", "message": text})),
            Event::Warning(text) => Some(json!({"event": "warning", "message": text})),
            Event::Phase(phase) if phase == told.progress.phase => None,
            Event::Phase(phase) => {
                told.progress.phase = phase;
                of_progress("phase", &told.progress, elapsed)
            }
            Event::Progress(progress) => {
                let is_new = progress.phase != told.progress.phase;
                told.progress = progress;
                if !is_new && told.at.is_some_and(|told| now.saturating_duration_since(told) < PROGRESS_EVERY) {
                    return None;
                }
                told.at = Some(now);
                of_progress(if is_new { "phase" } else { "progress" }, &told.progress, elapsed)
            }
        }
    }
}

fn of_progress(event: &str, progress: &Progress, elapsed: f64) -> Option<Value> {
    let mut line = serde_json::to_value(progress).ok()?;
    let object = line.as_object_mut()?;
    object.insert("event".into(), event.into());
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
    fn progress_is_told_once_a_second_and_each_change_of_phase_at_once() {
        let begun = Instant::now();
        let lines = JsonLines::new(begun);
        let at = |milliseconds| begun + Duration::from_millis(milliseconds);
        let progress = |phase: &str| {
            let progress =
                Progress { phase: phase.into(), total_bytes: 4096, rescued_bytes: 2048, ..Progress::default() };
            Event::Progress(progress)
        };
        let open = lines.line(Event::Phase("open".into()), at(1)).unwrap();
        let keys = [
            "event",
            "phase",
            "position_bytes",
            "total_bytes",
            "rescued_bytes",
            "missing_bytes",
            "errors",
            "bytes_per_second",
            "elapsed_seconds",
            "seconds_left",
        ];
        assert!(keys.iter().all(|key| open.get(key).is_some()) && open["event"] == "phase", "{open}");
        assert!(lines.line(Event::Phase("sweep".into()), at(5)).is_some());
        let first = lines.line(progress("sweep"), at(10)).unwrap();
        assert_eq!((&first["event"], &first["total_bytes"]), (&"progress".into(), &4096.into()));
        assert_eq!((&first["elapsed_seconds"], &first["missing_bytes"]), (&0.01.into(), &0.into()));
        assert!(lines.line(progress("sweep"), at(1009)).is_none());
        let phase = lines.line(Event::Phase("hash".into()), at(500)).unwrap();
        assert_eq!((&phase["phase"], &phase["elapsed_seconds"]), (&"hash".into(), &0.5.into()));
        assert_eq!(phase["rescued_bytes"], 2048, "what was known stays known");
        assert!(lines.line(Event::Phase("hash".into()), at(501)).is_none(), "that is no change");
        assert!(lines.line(Event::Notice("n".into()), at(501)).is_some());
        assert!(lines.line(progress("hash"), at(1010)).is_some() && lines.line(progress("hash"), at(1011)).is_none());
        let retry = lines.line(progress("retry 1/3"), at(1012)).unwrap();
        assert_eq!((&retry["event"], &retry["phase"]), (&"phase".into(), &"retry 1/3".into()));
    }
}
