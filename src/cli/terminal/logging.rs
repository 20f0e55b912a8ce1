//! The log: to the display, so that it does not tear the bar, or to a file.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::os::names::{self, Kind};

use super::super::args::Everywhere;
use super::super::exit::CliError;
use super::progress::Display;

/// Starts the log for the rest of the process.
///
/// # Errors
/// The log file cannot be made.
pub(crate) fn start(options: &Everywhere, display: &Arc<Display>) -> Result<(), CliError> {
    let level = match (options.quiet, options.verbose, &options.log_file) {
        (_, 2.., _) => LevelFilter::DEBUG,
        (_, 1, _) | (_, 0, Some(_)) => LevelFilter::INFO,
        (true, _, None) => LevelFilter::ERROR,
        (false, 0, None) => LevelFilter::WARN,
    };
    let builder = tracing_subscriber::fmt().with_max_level(level).with_target(false).with_ansi(false);
    match &options.log_file {
        // A log that is read tomorrow needs the times.
        Some(path) => {
            builder.with_writer(Mutex::new(append_to(path)?)).init();
            display.log_failures();
        }
        None => builder.without_time().with_writer(ToDisplay(Arc::clone(display))).init(),
    }
    Ok(())
}

/// Runs of one rescue share a log; and a wrong name must not cost somebody a file. A pipe or a terminal takes a log, too.
fn append_to(path: &Path) -> Result<File, CliError> {
    let failed = || CliError::place("cannot write the log", path);
    let refuse = |kind| Err(CliError::LogIs { path: path.to_owned(), kind });
    let there = names::kind_behind(path).map_err(failed())?;
    if let Some(kind @ (Kind::Folder | Kind::Socket | Kind::BlockDevice)) = there {
        return refuse(kind);
    }
    let mut options = OpenOptions::new();
    // Without this, opening a pipe would wait for its reader.
    let file = options.append(true).create(true).custom_flags(libc::O_NONBLOCK).open(path);
    match file {
        Err(e) if e.raw_os_error() == Some(libc::ENXIO) => refuse(Kind::Pipe),
        file => file.and_then(waiting).map_err(failed()),
    }
}

/// The file, written without giving up when its reader is slow.
fn waiting(file: File) -> io::Result<File> {
    let flags = OFlag::from_bits_truncate(fcntl(&file, FcntlArg::F_GETFL)?);
    fcntl(&file, FcntlArg::F_SETFL(flags & !OFlag::O_NONBLOCK))?;
    Ok(file)
}

/// Hands whole lines to the display.
struct ToDisplay(Arc<Display>);

impl<'a> MakeWriter<'a> for ToDisplay {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line { display: Arc::clone(&self.0), text: Vec::new() }
    }
}

/// One line in the making; shown when it is dropped.
struct Line {
    display: Arc<Display>,
    text: Vec<u8>,
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let text = String::from_utf8_lossy(&self.text);
        for line in text.lines() {
            self.display.log(line.trim());
        }
    }
}
