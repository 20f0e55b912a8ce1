//! Progress on standard error: a line that is drawn over, plain lines, JSON lines, or nothing.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::base::event::{Event, Events};
use crate::base::human::{printable, without_error_numbers};

use super::super::args::ProgressMode;
use super::super::exit::Failure;
use super::json_lines::{self, JsonLines};
use super::lane::Lane;
use super::screen::Screen;

/// Time between two plain lines: a log of cron should not fill up; a terminal that draws nothing over is watched by somebody.
const PLAIN_EVERY: Duration = Duration::from_secs(30);
const DUMB_EVERY: Duration = Duration::from_secs(2);

/// How often the line is drawn, and looked whether a plain one is due.
const TICK: Duration = Duration::from_millis(100);

/// Columns where the terminal does not tell, and of plain lines.
const COLUMNS: usize = 80;
const PLAIN_COLUMNS: usize = 160;

/// Shows events and log lines, whichever way was chosen. Can be called from any thread.
#[derive(Debug)]
pub(crate) struct Display {
    shown: Arc<Shown>,
    quiet: bool,
    /// The log goes to a file, where failures are to be found, too.
    has_log: AtomicBool,
}

/// What the display and the thread that draws share.
#[derive(Debug)]
struct Shown {
    how: How,
    lanes: Mutex<Vec<Lane>>,
    /// What stands on the terminal. Whoever writes there holds it.
    screen: Mutex<Screen>,
}

#[derive(Debug)]
enum How {
    /// Drawn over and over.
    Line,
    /// A line so often.
    Plain(Duration),
    Json(Box<JsonLines>),
    None,
}

impl Display {
    /// As the person asked for it; `quiet` leaves errors only.
    #[must_use]
    pub(crate) fn new(mode: ProgressMode, quiet: bool) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let is_dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        let mode = match mode {
            ProgressMode::Auto if quiet => ProgressMode::None,
            ProgressMode::Auto if is_terminal && !is_dumb => ProgressMode::Bar,
            ProgressMode::Auto => ProgressMode::Plain,
            mode => mode,
        };
        let how = match mode {
            // Nothing can be drawn over in a file.
            ProgressMode::Bar if is_terminal => How::Line,
            ProgressMode::Json => How::Json(Box::new(JsonLines::new(Instant::now()))),
            ProgressMode::None | ProgressMode::Bar => How::None,
            ProgressMode::Plain | ProgressMode::Auto => How::Plain(if is_terminal { DUMB_EVERY } else { PLAIN_EVERY }),
        };
        let first = Lane::new(None, Instant::now());
        let shown = Arc::new(Shown { how, lanes: Mutex::new(vec![first]), screen: Mutex::default() });
        if matches!(shown.how, How::Line | How::Plain(_)) {
            let drawn = Arc::downgrade(&shown);
            // Without the thread nothing is shown, and all the work is done.
            let _ = thread::Builder::new().name("progress".to_owned()).spawn(move || draw_on(&drawn));
        }
        Self { shown, quiet, has_log: AtomicBool::new(false) }
    }

    /// Takes the lines away for good, so that what is printed next stands alone.
    pub(crate) fn clear(&self) {
        let now = Instant::now();
        self.shown.lanes().iter_mut().for_each(|lane| *lane = Lane::new(None, now));
        let _ = self.shown.screen().erase(&mut std::io::stderr().lock());
    }

    /// One line of the log.
    pub(crate) fn log(&self, line: &str) {
        match &self.shown.how {
            How::Json(_) => json_lines::write(&json!({"event": "log", "message": line})),
            _ => self.print(line),
        }
    }

    /// Whether nothing but JSON may appear on standard error.
    pub(crate) fn is_json(&self) -> bool {
        matches!(self.shown.how, How::Json(_))
    }

    /// From now on failures are logged, too: the log is a file of its own.
    pub(crate) fn log_failures(&self) {
        self.has_log.store(true, Ordering::Relaxed);
    }

    /// The failure that ends the program.
    pub(crate) fn failure(&self, failure: &Failure) {
        if self.has_log.load(Ordering::Relaxed) {
            let hint = failure.hint.as_deref().unwrap_or_default();
            tracing::error!(
                "{} (exit code {}) {}",
                printable(&failure.message),
                failure.exit().code(),
                printable(hint)
            );
        }
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
        match &self.shown.how {
            // A report in JSON is a line of JSON already.
            How::Json(_) if !text.starts_with('{') => {
                json_lines::write(&json!({"event": "report", "message": text}));
            }
            _ => self.print(text),
        }
    }

    /// Does something that writes to the terminal, with the lines out of the way.
    pub(crate) fn suspend(&self, write: impl FnOnce()) {
        self.shown.suspend(write);
    }

    /// Who shows what becomes of one of several sources.
    pub(crate) fn lane(&self, name: &str) -> Arc<dyn Events> {
        let name = printable(name);
        let json = self.is_json().then(|| JsonLines::of_source(Instant::now(), name.clone()));
        let mut lanes = self.shown.lanes();
        lanes.push(Lane::new(Some(name.clone()), Instant::now()));
        let place = lanes.len() - 1;
        Arc::new(LaneOf { shown: Arc::clone(&self.shown), quiet: self.quiet, place, name, json })
    }

    /// One line on standard error, above the lines of progress.
    fn print(&self, line: &str) {
        self.shown.print(line);
    }
}

impl Events for Display {
    fn event(&self, event: Event) {
        match &self.shown.how {
            How::Json(lines) => lines.event(event, Instant::now()),
            _ => self.shown.hear(0, event, "", self.quiet),
        }
    }
}

/// One of several sources, shown by its name.
#[derive(Debug)]
struct LaneOf {
    shown: Arc<Shown>,
    quiet: bool,
    place: usize,
    name: String,
    json: Option<JsonLines>,
}

impl Events for LaneOf {
    fn event(&self, event: Event) {
        match &self.json {
            Some(lines) => lines.event(event, Instant::now()),
            None => self.shown.hear(self.place, event, &format!("{}: ", self.name), self.quiet),
        }
    }
}

impl Shown {
    fn lanes(&self) -> MutexGuard<'_, Vec<Lane>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn screen(&self) -> MutexGuard<'_, Screen> {
        self.screen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an event of the lane at `place`; sentences are printed behind `name`.
    fn hear(&self, place: usize, event: Event, name: &str, quiet: bool) {
        match event {
            Event::Notice(text) => {
                if !quiet {
                    self.print(&format!("{name}{}", without_error_numbers(&text)));
                }
            }
            Event::Warning(text) => self.print(&format!("freemkv: {name}{}", without_error_numbers(&text))),
            event => {
                if let Some(lane) = self.lanes().get_mut(place) {
                    lane.hear(event, Instant::now());
                }
            }
        }
    }

    /// The line of each lane that is at something.
    fn lines(&self, width: usize, now: Instant) -> Vec<String> {
        self.lanes().iter().filter(|lane| !lane.is_idle()).map(|lane| lane.line(width, now)).collect()
    }

    fn suspend(&self, write: impl FnOnce()) {
        let mut screen = self.screen();
        let _ = screen.erase(&mut std::io::stderr().lock());
        write();
    }

    fn print(&self, line: &str) {
        // A closed standard error is no reason to stop imaging.
        self.suspend(|| {
            let _ = writeln!(std::io::stderr().lock(), "{line}");
        });
    }

    /// Draws what is to be seen now.
    fn draw(&self, now: Instant) {
        let mut screen = self.screen();
        let lines = self.lines(room(COLUMNS), now);
        let _ = screen.draw(lines, &mut std::io::stderr().lock());
    }
}

/// Columns for a line on standard error; `usual` where that is no terminal. One column stays free: a line that fills the last
/// one may begin another.
fn room(usual: usize) -> usize {
    let width = terminal_size::terminal_size_of(std::io::stderr()).map(|(width, _)| usize::from(width.0));
    width.filter(|width| *width > 0).unwrap_or(usual).saturating_sub(1)
}

/// Draws until the display is gone.
fn draw_on(shown: &Weak<Shown>) {
    let mut told = Instant::now();
    loop {
        thread::sleep(TICK);
        let Some(shown) = shown.upgrade() else { return };
        let now = Instant::now();
        match &shown.how {
            How::Line => shown.draw(now),
            // The first line comes one interval after the start: a short run needs none.
            How::Plain(every) if now.saturating_duration_since(told) >= *every => {
                told = now;
                shown.lines(room(PLAIN_COLUMNS), now).iter().for_each(|line| shown.print(line));
            }
            _ => {}
        }
    }
}
