//! A file that is written without ever leaving much to the kernel's write-back, and that tells when what
//! was written is durable.

mod durable;
mod stream;

use std::collections::VecDeque;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::background::Background;
pub use super::helper::WAIT_LIMIT;
use super::helper::{Helper, Ticket, Work};
use super::outlet::{self, Outlet};
use super::sink::{FileSink, Sink, Way};
use super::strategy::{OutputKind, SinkFacts, WriteChoice, WriteStrategy};
use super::window::{Goal, Step, Window};
use crate::base::clock::Clock;
use crate::image::error::{Fault, ImageError, Operation};

const CLOSED: &str = "be used: it is closed";

/// The number of a mark: all that was written before it was taken. Later marks are larger.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MarkId(u64);

/// A file, device or stream under [`WriteStrategy`].
///
/// At most two windows of it are dirty or under write-out at any time, except on network file systems and
/// while it is [`WritebackFile::degraded`]. Any error of writing, write-out, waiting or syncing is final:
/// every later call gives it again, whatever the system says by then.
///
/// Dropping it drains, for no longer than [`WAIT_LIMIT`], and closes it. It does not sync.
///
/// To whatever writes in order and comes back now and then it is [`Write`](std::io::Write) and [`Seek`](std::io::Seek):
///
/// ```
/// use std::io::{Seek, SeekFrom, Write};
/// use std::sync::Arc;
///
/// use freemkv::base::clock::SystemClock;
/// use freemkv::image::WriteChoice;
/// use freemkv::image::writeback::file::WritebackFile;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("film");
/// let file = std::fs::File::options().read(true).write(true).create_new(true).open(&path)?;
/// let mut film = WritebackFile::from_file(file, &path, WriteChoice::Auto, Arc::new(SystemClock::new()))?;
/// film.write_all(b"length: ????")?;
/// let end = film.stream_position()?;
/// film.seek(SeekFrom::Start(8))?;
/// write!(film, "{end:04}")?;
/// // Until this says so, a power cut may take all of it.
/// film.sync_all()?;
/// assert_eq!(std::fs::read(&path)?, b"length: 0012");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct WritebackFile {
    /// `None` only while it is being dropped.
    outlet: Option<Outlet>,
    facts: SinkFacts,
    path: PathBuf,
    clock: Arc<dyn Clock>,
    fault: Arc<Fault>,
    strategy: WriteStrategy,
    /// Streams have none: there is nothing to wait for.
    background: Option<Background>,
    position: u64,
    last_mark: u64,
    marks: VecDeque<(MarkId, Ticket)>,
    was_degraded: bool,
}

impl WritebackFile {
    /// Takes an open file over; `path` is its name in errors.
    ///
    /// # Errors
    /// The choice does not fit the file, or the file cannot be opened a second time.
    pub fn from_file(file: File, path: &Path, choice: WriteChoice, clock: Arc<dyn Clock>) -> Result<Self, ImageError> {
        let sink = FileSink::new(file, path).map_err(|e| ImageError::io(Operation::Inspect, path, e))?;
        Self::new(Box::new(sink), path, choice, clock)
    }

    /// Takes an open file over that is to be written in order from where it stands, whatever it is.
    ///
    /// # Errors
    /// The choice does not fit a stream.
    pub fn in_order(file: File, path: &Path, choice: WriteChoice, clock: Arc<dyn Clock>) -> Result<Self, ImageError> {
        Self::new(Box::new(FileSink::in_order(file, path)), path, choice, clock)
    }

    /// Takes an output over, whatever carries out its calls.
    ///
    /// # Errors
    /// The choice does not fit the output, or it cannot be opened a second time.
    pub fn new(
        sink: Box<dyn Sink>,
        path: &Path,
        choice: WriteChoice,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ImageError> {
        let facts = sink.facts();
        let strategy = WriteStrategy::pick(choice, facts).ok_or_else(|| {
            outlet::unsupported(
                path,
                match choice {
                    WriteChoice::DontCache => WriteStrategy::DontCache,
                    WriteChoice::Direct => WriteStrategy::Direct,
                    _ => WriteStrategy::Window,
                },
            )
        })?;
        let outlet = Outlet::new(sink, path, strategy, choice != WriteChoice::Auto)?;
        let fault = Arc::new(Fault::default());
        let background = match facts.kind {
            OutputKind::Stream => None,
            OutputKind::File | OutputKind::BlockDevice => {
                let again = outlet.sink().reopen().map_err(|e| ImageError::io(Operation::Reopen, path, e))?;
                let helper = Helper::spawn(again, path, Arc::clone(&clock), Arc::clone(&fault))?;
                let window = match strategy {
                    WriteStrategy::DontCache | WriteStrategy::Window | WriteStrategy::Direct => {
                        Window::new(facts.network, clock.now())
                    }
                    WriteStrategy::Plain => Window::of_amounts(facts.network, clock.now()),
                };
                Some(Background::new(helper, window))
            }
        };
        Ok(Self {
            outlet: Some(outlet),
            facts,
            path: path.to_owned(),
            clock,
            fault,
            strategy,
            background,
            position: 0,
            last_mark: 0,
            marks: VecDeque::new(),
            was_degraded: false,
        })
    }

    /// What the output is.
    #[must_use]
    pub fn kind(&self) -> OutputKind {
        self.facts.kind
    }

    /// How it is written.
    #[must_use]
    pub fn strategy(&self) -> WriteStrategy {
        match &self.outlet {
            Some(outlet) if self.strategy == WriteStrategy::DontCache && outlet.way() == Way::Cached => {
                WriteStrategy::Window
            }
            _ => self.strategy,
        }
    }

    /// Whether a wait for write-out lasted over [`WAIT_LIMIT`], so that nobody waits at present.
    #[must_use]
    pub fn degraded(&self) -> bool {
        self.background.as_ref().is_some_and(|b| b.window.is_degraded())
    }

    /// Whether it was ever [`WritebackFile::degraded`].
    #[must_use]
    pub fn was_degraded(&self) -> bool {
        self.was_degraded
    }

    /// Whether what was synced is on stable storage: `false` where the file system has no such thing.
    #[must_use]
    pub fn is_durable(&self) -> bool {
        self.fault.is_durable()
    }

    /// Writes all of `bytes` at `offset`, wherever the last write was; [`Write`](std::io::Write) goes on behind them.
    /// A stream takes bytes in order only.
    ///
    /// # Errors
    /// [`ImageError::OutOfOrder`], or an error that is final.
    pub fn write_at(&mut self, mut offset: u64, mut bytes: &[u8]) -> Result<(), ImageError> {
        if self.background.is_none() && offset != self.position {
            return Err(ImageError::OutOfOrder { path: self.path.clone(), expected: self.position, offset });
        }
        while !bytes.is_empty() {
            let part = self.make_room(offset, bytes.len())?;
            let (now, later) = bytes.split_at(part);
            self.fault.check()?;
            self.through(|outlet| outlet.write_at(offset, now))?;
            offset += part as u64;
            bytes = later;
            self.position = offset;
            if let Some(background) = &mut self.background {
                background.window.wrote(part as u64);
                self.pursue(Goal::Rest, Duration::ZERO)?;
            }
        }
        self.position = offset;
        self.fault.check()
    }

    /// Fills `buffer` from what was written, durable or not.
    ///
    /// # Errors
    /// [`ImageError::Io`]; it is final only when it was about writing. The end of the file inside the buffer
    /// is one.
    pub fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), ImageError> {
        if self.background.is_none() {
            return Err(self.unsupported("be read back"));
        }
        self.flush_out()?;
        self.open()?.read_at(buffer, offset)
    }

    /// Writes a little elsewhere, where the tables of a format lie, without waiting for what is under way: whoever does so makes
    /// it durable next, so that it does not add up.
    ///
    /// # Errors
    /// An error that is final.
    #[cfg(feature = "qcow2")]
    pub(in crate::image) fn write_apart(&mut self, offset: u64, bytes: &[u8]) -> Result<(), ImageError> {
        self.flush_out()?;
        self.through(|outlet| outlet.write_apart(offset, bytes))
    }

    /// A way of its own to the same output, for reading what was written and does not wait in memory.
    ///
    /// # Errors
    /// It cannot be opened a second time.
    #[cfg(feature = "qcow2")]
    pub(in crate::image) fn reader(&self) -> Result<Box<dyn Sink>, ImageError> {
        let outlet = self.outlet.as_ref().ok_or_else(|| self.unsupported(CLOSED))?;
        outlet.sink().reopen().map_err(|e| ImageError::io(Operation::Reopen, &self.path, e))
    }

    /// Length in bytes; of a stream what was written.
    ///
    /// # Errors
    /// [`ImageError::Io`]; it is not final.
    pub fn length(&self) -> Result<u64, ImageError> {
        if self.background.is_none() {
            return Ok(self.position);
        }
        let outlet = self.outlet.as_ref().ok_or_else(|| self.unsupported(CLOSED))?;
        outlet.length().map_err(|e| ImageError::io(Operation::Inspect, &self.path, e))
    }

    /// The error for something that this kind of output does not have.
    pub(in crate::image) fn unsupported(&self, what: &'static str) -> ImageError {
        ImageError::Unsupported { path: self.path.clone(), what }
    }

    /// Its name in errors.
    pub(in crate::image) fn path(&self) -> &Path {
        &self.path
    }

    /// The error that ended it, if one did.
    pub(super) fn check(&self) -> Result<(), ImageError> {
        self.fault.check()
    }

    /// Ends it with an error; what comes back is the first one.
    pub(super) fn raise(&self, error: ImageError) -> ImageError {
        self.fault.raise(error)
    }

    pub(super) fn open(&mut self) -> Result<&mut Outlet, ImageError> {
        self.outlet.as_mut().ok_or_else(|| ImageError::Unsupported { path: self.path.clone(), what: CLOSED })
    }

    /// Writes by way of the outlet; what goes wrong is final.
    fn through(&mut self, write: impl FnOnce(&mut Outlet) -> Result<(), ImageError>) -> Result<(), ImageError> {
        write(self.open()?).map_err(|e| self.fault.raise(e))
    }

    /// Writes what waits in the outlet.
    pub(super) fn flush_out(&mut self) -> Result<(), ImageError> {
        self.fault.check()?;
        self.through(Outlet::flush)
    }

    /// How much of `len` may be written at `offset` now.
    fn make_room(&mut self, offset: u64, len: usize) -> Result<usize, ImageError> {
        self.fault.check()?;
        self.pursue(Goal::Write(offset), Duration::MAX)?;
        let room = self.background.as_ref().map_or(u64::MAX, |b| b.window.room());
        Ok(usize::try_from(room).unwrap_or(usize::MAX).min(len))
    }

    /// Carries out the steps that `goal` needs, waiting no longer than `deadline` for any.
    fn pursue(&mut self, goal: Goal, deadline: Duration) -> Result<(), ImageError> {
        let (Some(background), Some(outlet)) = (&mut self.background, self.outlet.as_mut()) else {
            return Ok(());
        };
        background.ask_probe();
        let mut now = self.clock.now();
        while let Some(step) = background.window.step(goal, now) {
            match step {
                Step::Start { range, watch } => {
                    outlet.flush().map_err(|e| self.fault.raise(e))?;
                    let work = match (self.strategy, outlet.way()) {
                        (WriteStrategy::Plain, _) => Work::Sync,
                        // The kernel began when it was written.
                        (_, Way::DontCache) => Work::Wait(range),
                        _ => {
                            outlet.sink().start(range).map_err(|e| {
                                let e = ImageError::io_at(Operation::WriteOut, &self.path, range.offset, e);
                                self.fault.raise(e)
                            })?;
                            Work::Wait(range)
                        }
                    };
                    if watch {
                        background.watch(work, now);
                    }
                }
                Step::Wait(_) => {
                    let end = background.wait(deadline);
                    self.fault.check()?;
                    self.was_degraded |= end.is_none();
                    now = self.clock.now();
                    background.window.waited(end);
                }
                Step::Drop(_) if self.strategy == WriteStrategy::Plain => {}
                // Under every other strategy: pages that were in the cache before stay there else.
                Step::Drop(range) => outlet.sink().drop_cached(range),
            }
        }
        Ok(())
    }
}

impl Drop for WritebackFile {
    fn drop(&mut self) {
        let deadline = self.clock.now().saturating_add(WAIT_LIMIT);
        if !self.fault.is_raised() {
            // Nobody is left to tell; who wants to know calls `sync_all` before.
            let _ = self.flush_out();
            let _ = self.pursue(Goal::Drain, deadline);
        }
        if let Some(background) = self.background.take() {
            background.helper.close(self.outlet.take().map(Outlet::into_sink), deadline);
        }
    }
}

#[cfg(test)]
mod tests;
