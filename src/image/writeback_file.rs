//! A file that is written without ever leaving much to the kernel's write-back, and that tells when what
//! was written is durable.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::error::{Fault, ImageError, Operation};
pub use super::helper::WAIT_LIMIT;
use super::helper::{Helper, Ticket, Work};
use super::outlet::{self, Outlet};
use super::prealloc;
use super::sink::{FileSink, Sink, Way};
use super::strategy::{OutputKind, SinkFacts, WriteChoice, WriteStrategy};
use super::window::{ByteRange, Goal, Step, Window};
use crate::base::clock::Clock;

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

/// What an output that can be written out has besides.
struct Background {
    helper: Helper,
    window: Window,
    /// Work on what [`Window`] waits for, oldest first.
    watched: VecDeque<(Ticket, Duration)>,
    /// The last work handed over when the output degraded, or the probe since.
    probe: Ticket,
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
                Some(Background { helper, window, watched: VecDeque::with_capacity(2), probe: 0 })
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

    /// Writes all of `bytes` at `offset`, wherever the last write was; [`Write`] goes on behind them.
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

    /// Cuts or extends a regular file; what is new reads as zero. Zeros are written where the file system
    /// cannot extend.
    ///
    /// # Errors
    /// [`ImageError::Unsupported`] for what has no length to set, or an error that is final.
    pub fn set_length(&mut self, length: u64) -> Result<(), ImageError> {
        self.fault.check()?;
        if self.facts.kind != OutputKind::File {
            return Err(self.unsupported("be given a length"));
        }
        self.flush_out()?;
        let have = self.length()?;
        match self.open()?.sink().set_len(length) {
            // What ftruncate(2) says where nothing can be extended.
            Err(e) if length > have && matches!(e.raw_os_error(), Some(libc::EPERM | libc::EOPNOTSUPP)) => {
                prealloc::write_zeros(self, have, length, &|| false)
            }
            result => {
                result.map_err(|e| self.fault.raise(ImageError::io_at(Operation::SetLength, &self.path, length, e)))
            }
        }
    }

    /// Reserves room for the first `size` bytes of a regular file, which becomes so long when it is shorter.
    /// Says whether the file system does such a thing.
    ///
    /// # Errors
    /// An error that is final: a full disk.
    pub fn reserve(&mut self, size: u64) -> Result<bool, ImageError> {
        self.flush_out()?;
        match self.open()?.sink().reserve(ByteRange { offset: 0, len: size }) {
            Ok(()) => Ok(true),
            Err(e) if e.is_unsupported() => Ok(false),
            Err(e) => Err(self.fault.raise(ImageError::io(Operation::Reserve, &self.path, e))),
        }
    }

    /// Makes `len` bytes from `offset` zero, without room for them where that can be, else by writing.
    ///
    /// # Errors
    /// An error that is final.
    pub fn zero(&mut self, offset: u64, len: u64) -> Result<(), ImageError> {
        self.flush_out()?;
        match self.open()?.sink().zero(ByteRange { offset, len }) {
            Err(e) if e.is_unsupported() => prealloc::write_zeros(self, offset, offset.saturating_add(len), &|| false),
            result => result.map_err(|e| self.fault.raise(ImageError::io_at(Operation::Zero, &self.path, offset, e))),
        }
    }

    /// The error for something that this kind of output does not have.
    pub(super) fn unsupported(&self, what: &'static str) -> ImageError {
        ImageError::Unsupported { path: self.path.clone(), what }
    }

    /// Takes a mark: all that was written until now, and the length, is to be made durable. The helper
    /// does it; writing goes on meanwhile. Ask [`WritebackFile::poll_mark`] for the answer.
    ///
    /// # Errors
    /// An earlier error, which is final.
    pub fn mark(&mut self) -> Result<MarkId, ImageError> {
        self.flush_out()?;
        self.last_mark += 1;
        let mark = MarkId(self.last_mark);
        let ticket = self.background.as_ref().map_or(0, |b| b.helper.submit(Work::Sync));
        match self.marks.back_mut() {
            // One sync answers both.
            Some(last) if last.1 == ticket => last.0 = mark,
            _ => self.marks.push_back((mark, ticket)),
        }
        Ok(mark)
    }

    /// The latest mark that became durable since the last time somebody asked, and with it all before it;
    /// `None` when there is nothing new. After an error no mark is acknowledged any more.
    #[must_use]
    pub fn poll_mark(&mut self) -> Option<Result<MarkId, ImageError>> {
        if let Err(error) = self.fault.check() {
            return Some(Err(error));
        }
        let mut latest = None;
        while let Some(&(mark, ticket)) = self.marks.front() {
            if self.background.as_ref().is_some_and(|b| b.helper.finished(ticket).is_none()) {
                break;
            }
            latest = Some(mark);
            self.marks.pop_front();
        }
        // The sync that just finished may be the one that failed.
        match self.fault.check() {
            Err(error) => Some(Err(error)),
            Ok(()) => latest.map(Ok),
        }
    }

    /// Whether a mark is still to be acknowledged.
    #[must_use]
    pub fn mark_under_way(&self) -> bool {
        !self.marks.is_empty()
    }

    /// Waits until the last mark is durable, then answers like [`WritebackFile::poll_mark`]; `None` also
    /// when `limit` passed: ask again, nothing is lost.
    #[must_use]
    pub fn wait_mark(&mut self, limit: Duration) -> Option<Result<MarkId, ImageError>> {
        if let (Some(background), Some(&(_, ticket))) = (&self.background, self.marks.back()) {
            background.helper.wait_until(ticket, self.clock.now().saturating_add(limit));
        }
        self.poll_mark()
    }

    /// Starts the write-out of everything and waits for it, a wait no longer than [`WAIT_LIMIT`].
    ///
    /// # Errors
    /// An error that is final.
    pub fn drain(&mut self) -> Result<(), ImageError> {
        self.flush_out()?;
        self.pursue(Goal::Drain, Duration::MAX)?;
        self.fault.check()
    }

    /// Drains, then makes everything durable. The sync itself lasts as long as the system needs;
    /// [`WritebackFile::mark`] and [`WritebackFile::wait_mark`] do the same with a limit.
    ///
    /// # Errors
    /// An error that is final.
    pub fn sync_all(&mut self) -> Result<(), ImageError> {
        self.drain()?;
        if self.background.is_some() {
            let result = self.open()?.sink().sync();
            result.map_err(|e| self.fault.raise(ImageError::io(Operation::Sync, &self.path, e)))?;
        }
        self.fault.check()
    }

    fn open(&mut self) -> Result<&mut Outlet, ImageError> {
        self.outlet.as_mut().ok_or_else(|| ImageError::Unsupported { path: self.path.clone(), what: CLOSED })
    }

    /// Writes by way of the outlet; what goes wrong is final.
    fn through(&mut self, write: impl FnOnce(&mut Outlet) -> Result<(), ImageError>) -> Result<(), ImageError> {
        write(self.open()?).map_err(|e| self.fault.raise(e))
    }

    /// Writes what waits in the outlet.
    fn flush_out(&mut self) -> Result<(), ImageError> {
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

impl Background {
    /// Hands work over whose end matters to the window.
    fn watch(&mut self, work: Work, now: Duration) {
        let ticket = self.helper.submit(work);
        self.probe = ticket;
        if !self.window.is_degraded() {
            self.watched.push_back((ticket, now));
        }
    }

    /// Waits for the oldest watched work until [`WAIT_LIMIT`] after it was handed over, or `deadline`,
    /// and says when it ended; `None` when it did not.
    fn wait(&mut self, deadline: Duration) -> Option<Duration> {
        let (ticket, since) = self.watched.pop_front()?;
        let end = self.helper.wait_until(ticket, since.saturating_add(WAIT_LIMIT).min(deadline));
        if end.is_none() {
            self.watched.clear();
        }
        end
    }

    /// While degraded: tells the window when the work came back that was not waited for.
    fn ask_probe(&mut self) {
        if self.window.is_degraded()
            && let Some(in_time) = self.helper.finished(self.probe)
        {
            self.window.came_back(in_time);
        }
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

impl Write for WritebackFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_at(self.position, bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(self.flush_out()?)
    }
}

impl Seek for WritebackFile {
    /// Moves the position of [`Write`]. Only a write elsewhere than behind the last one is a seek to the
    /// output; going away and coming back is none.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, by) = match to {
            SeekFrom::Start(offset) => (offset, 0),
            SeekFrom::Current(by) => (self.position, by),
            SeekFrom::End(by) => (self.length()?, by),
        };
        let position = from.checked_add_signed(by).ok_or(io::ErrorKind::InvalidInput)?;
        if self.background.is_none() && position != self.position {
            let expected = self.position;
            return Err(ImageError::OutOfOrder { path: self.path.clone(), expected, offset: position }.into());
        }
        self.position = position;
        Ok(position)
    }
}

#[cfg(test)]
#[path = "writeback_file_tests.rs"]
mod tests;
