//! Progress on standard error: a bar, plain lines, JSON lines, or nothing.

use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use crate::base::event::{Event, Events, Progress};
use crate::base::human::{self, printable};

use super::super::args::ProgressMode;
use super::super::exit::Failure;
use super::json_lines::{self, JsonLines};

/// Time between two plain lines: a log of cron should not fill up.
const PLAIN_EVERY: Duration = Duration::from_secs(30);

/// Shows events and log lines, whichever way was chosen. Can be called from any thread.
#[derive(Debug)]
pub(crate) struct Display {
    how: How,
    quiet: bool,
}

#[derive(Debug)]
enum How {
    Bar(ProgressBar),
    /// When the last line was written.
    Plain(Mutex<Option<Instant>>),
    Json(JsonLines),
    None,
}

impl Display {
    /// As the person asked for it; `quiet` leaves errors only.
    #[must_use]
    pub(crate) fn new(mode: ProgressMode, quiet: bool) -> Self {
        let mode = match mode {
            ProgressMode::Auto if quiet => ProgressMode::None,
            ProgressMode::Auto if std::io::stderr().is_terminal() => ProgressMode::Bar,
            ProgressMode::Auto => ProgressMode::Plain,
            mode => mode,
        };
        let how = match mode {
            ProgressMode::Bar => How::Bar(bar()),
            ProgressMode::Json => How::Json(JsonLines::new(Instant::now())),
            ProgressMode::None => How::None,
            ProgressMode::Plain | ProgressMode::Auto => How::Plain(Mutex::new(None)),
        };
        Self { how, quiet }
    }

    /// Takes the bar away, so that what is printed next stands alone.
    pub(crate) fn clear(&self) {
        if let How::Bar(bar) = &self.how {
            bar.finish_and_clear();
        }
    }

    /// One line of the log.
    pub(crate) fn log(&self, line: &str) {
        match &self.how {
            How::Json(_) => json_lines::write(&json!({"event": "log", "message": line})),
            _ => self.print(line),
        }
    }

    /// Whether nothing but JSON may appear on standard error.
    pub(crate) fn is_json(&self) -> bool {
        matches!(self.how, How::Json(_))
    }

    /// The failure that ends the program.
    pub(crate) fn failure(&self, failure: &Failure) {
        if self.is_json() {
            let Failure { message, hint, .. } = failure;
            json_lines::write(
                &json!({"event": "error", "code": failure.exit().code(), "message": message, "hint": hint}),
            );
            return;
        }
        // Names of files and of discs stand in both.
        self.print(&format!("freemkv: {}", printable(&failure.message)));
        if let Some(hint) = &failure.hint {
            self.print(&printable(hint));
        }
    }

    /// The final report, where standard output is taken.
    pub(crate) fn report(&self, text: &str) {
        match &self.how {
            // A report in JSON is a line of JSON already.
            How::Json(_) if !text.starts_with('{') => {
                json_lines::write(&json!({"event": "report", "message": text}));
            }
            _ => self.print(text),
        }
    }

    /// One line on standard error, above the bar when there is one.
    fn print(&self, line: &str) {
        // A closed standard error is no reason to stop imaging.
        let write = || {
            let _ = writeln!(std::io::stderr().lock(), "{line}");
        };
        match &self.how {
            How::Bar(bar) => bar.suspend(write),
            _ => write(),
        }
    }

    fn plain(&self, last: &Mutex<Option<Instant>>, progress: &Progress) {
        let Ok(mut last) = last.lock() else { return };
        let now = Instant::now();
        if last.is_none_or(|t| now.saturating_duration_since(t) >= PLAIN_EVERY) {
            // The first line comes one interval after the start: a short run needs none.
            if last.is_some() {
                self.print(&format!("{}: {} {}", progress.phase, percent(progress), line(progress)));
            }
            *last = Some(now);
        }
    }
}

/// One of several sources, shown by its name.
#[derive(Debug)]
struct Lane {
    display: Arc<Display>,
    name: String,
    how: How,
}

impl Display {
    /// Who shows what becomes of one of several sources.
    pub(crate) fn lane(self: &Arc<Self>, name: &str) -> Arc<dyn Events> {
        let how = match &self.how {
            How::Bar(_) => How::None,
            How::Plain(_) => How::Plain(Mutex::new(None)),
            How::Json(_) => How::Json(JsonLines::of_source(Instant::now(), name.to_owned())),
            How::None => How::None,
        };
        Arc::new(Lane { display: Arc::clone(self), name: printable(name), how })
    }

    /// Does something that writes to the terminal, with the bar out of the way.
    pub(crate) fn suspend(&self, write: impl FnOnce()) {
        match &self.how {
            How::Bar(bar) => bar.suspend(write),
            _ => write(),
        }
    }
}

impl Events for Lane {
    fn event(&self, event: Event) {
        match (&self.how, event) {
            (How::Json(lines), event) => lines.event(event, Instant::now()),
            (_, Event::Notice(text)) => self.display.event(Event::Notice(format!("{}: {text}", self.name))),
            (_, Event::Warning(text)) => self.display.event(Event::Warning(format!("{}: {text}", self.name))),
            (How::Plain(last), Event::Progress(p)) => {
                self.display.plain(last, &Progress { phase: format!("{}: {}", self.name, p.phase), ..p });
            }
            _ => {}
        }
    }
}

impl Events for Display {
    fn event(&self, event: Event) {
        match (&self.how, event) {
            (How::Json(lines), event) => lines.event(event, Instant::now()),
            (How::Bar(bar), Event::Phase(phase)) => bar.set_prefix(phase),
            (How::Bar(bar), Event::Progress(p)) => {
                bar.set_length(p.total_bytes.max(1));
                bar.set_position(p.rescued_bytes.min(p.total_bytes));
                bar.set_prefix(p.phase.clone());
                bar.set_message(format!("{} {}", percent(&p), line(&p)));
            }
            (How::Plain(last), Event::Progress(p)) => self.plain(last, &p),
            (How::None, Event::Progress(_)) | (_, Event::Phase(_)) => {}
            (_, Event::Notice(text)) => {
                if !self.quiet {
                    self.print(&text);
                }
            }
            (_, Event::Warning(text)) => self.print(&format!("freemkv: {text}")),
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::stderr_with_hz(10));
    if let Ok(style) = ProgressStyle::with_template("{prefix} [{wide_bar}] {msg}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}

/// Never "100 %" while a byte is missing.
fn percent(p: &Progress) -> String {
    let share = if p.total_bytes == 0 { 1.0 } else { p.rescued_bytes as f64 / p.total_bytes as f64 };
    format!("{:.1} %", (share * 1000.0).floor() / 10.0)
}

fn line(p: &Progress) -> String {
    let mut text = format!("{}/s", human::bytes(p.bytes_per_second));
    if p.errors > 0 {
        let word = if p.errors == 1 { "error" } else { "errors" };
        text.push_str(&format!(", {} {word}, {} failed", p.errors, human::bytes(p.failed_bytes)));
    }
    if let Some(seconds) = p.seconds_left {
        text.push_str(&format!(", {} left", human::duration(Duration::from_secs(seconds))));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_missing_is_the_only_hundred_percent() {
        let p = Progress { total_bytes: 100_000, rescued_bytes: 99_999, ..Progress::default() };
        assert_eq!(percent(&p), "99.9 %");
        assert_eq!(percent(&Progress { rescued_bytes: 100_000, ..p }), "100.0 %");
    }

    #[test]
    fn errors_are_told_once_there_are_some() {
        let mut p = Progress { bytes_per_second: 4096, ..Progress::default() };
        assert_eq!(line(&p), "4.0 KiB/s");
        p.errors = 2;
        p.failed_bytes = 65536;
        p.seconds_left = Some(61);
        assert_eq!(line(&p), "4.0 KiB/s, 2 errors, 64.0 KiB failed, 1 min 1 s left");
    }
}
