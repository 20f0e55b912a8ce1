//! The writer thread: owns the image, makes checkpoints, recycles what the reader sent.

mod checkpoint;
pub(super) mod hash;
mod saver;
pub(super) mod stored;

use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use crate::base::clock::{Clock, SystemClock};
use crate::base::sector::SECTOR_BYTES;
use crate::base::sector::set::SectorSet;
use crate::image::{ImageStore, OutputKind};

use super::error::Error;
use super::reading::drive_log::DriveLog;
use super::reading::slot::Slot;
use checkpoint::Checkpoints;
use hash::Streamed;
use saver::Saver;
use stored::Stored;

/// How often a checkpoint under way is looked at while no data comes.
const TICK: Duration = Duration::from_millis(50);

/// Everything the writer thread needs.
pub(super) struct Writer {
    image: ImageStore,
    size_bytes: u64,
    checkpoints: Checkpoints,
    saver: Saver,
    empty: Sender<Slot>,
    clock: SystemClock,
    /// A mark of the image is awaited.
    marked: bool,
    /// The drive log, when one is kept.
    log: Option<DriveLog>,
    /// Where an image that cannot seek stands; `None` for one that can.
    next_in_order: Option<u64>,
    /// The strategy came to its end.
    done: bool,
    /// Sectors of the output that hold something else and have not been written yet.
    stale: SectorSet,
    hash: Option<Streamed>,
}

/// How the image stands when the writer is done.
#[derive(Debug)]
pub(super) struct Written {
    /// The stored map as it was saved last.
    pub stored: Option<Stored>,
    /// [`ImageStore::strategy_name`].
    pub strategy: &'static str,
    /// [`ImageStore::was_degraded`].
    pub degraded: bool,
    /// [`ImageStore::is_durable`].
    pub durable: bool,
    /// The SHA-256 of the image, when it was asked for and all of it was written now, in order.
    pub sha256: Option<String>,
    /// The first error; the map was not advanced past it.
    pub result: Result<(), Error>,
}

impl Writer {
    /// A writer of `image` whose changes go to `stored`, and what the drive did to `log`. What is `stale` and could not
    /// be read is made zero at the end.
    ///
    /// # Errors
    /// No thread can be started.
    pub(super) fn new(
        image: ImageStore,
        size_bytes: u64,
        stored: Stored,
        empty: Sender<Slot>,
        stale: SectorSet,
        log: Option<DriveLog>,
    ) -> std::io::Result<Self> {
        let clock = SystemClock::new();
        let next_in_order = (image.kind() == OutputKind::Stream).then_some(0);
        Ok(Self {
            image,
            size_bytes,
            checkpoints: Checkpoints::new(stored.line(), clock.now()),
            saver: Saver::start(stored)?,
            empty,
            clock,
            marked: false,
            log,
            next_in_order,
            done: false,
            stale,
            hash: None,
        })
    }

    /// The same, hashing what it writes.
    pub(super) fn hashing(mut self) -> Self {
        self.hash = Some(Streamed::default());
        self
    }

    /// Takes slots until the reader is done, then makes everything durable.
    pub(super) fn run(mut self, slots: &Receiver<Slot>) -> Written {
        let mut result = self.take_all(slots).and_then(|()| self.finish());
        let (strategy, degraded) = (self.image.strategy_name(), self.image.was_degraded());
        let durable = self.image.is_durable();
        let (stored, saved) = self.saver.finish();
        if result.is_ok() {
            result = saved.map_err(Error::from);
        }
        let sha256 = self.hash.and_then(|hash| hash.finish(self.size_bytes));
        Written { stored, strategy, degraded, durable, sha256, result }
    }

    fn take_all(&mut self, slots: &Receiver<Slot>) -> Result<(), Error> {
        loop {
            match slots.recv_timeout(TICK) {
                Ok(slot) => self.take(slot)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            self.tick()?;
        }
    }

    fn take(&mut self, mut slot: Slot) -> Result<(), Error> {
        let offset = slot.good.byte_start();
        // A file that ends inside its last sector gives an image that does.
        let end = (slot.good.end().saturating_mul(SECTOR_BYTES)).min(self.size_bytes);
        let length = usize::try_from(end.saturating_sub(offset)).unwrap_or(usize::MAX);
        let data = &slot.buffer[..length.min(slot.buffer.len())];
        if !data.is_empty() {
            self.fill_up_to(offset)?;
            self.image.write_at(offset, data)?;
            if let Some(hash) = &mut self.hash {
                hash.take(offset, data);
            }
            if let Some(next) = &mut self.next_in_order {
                *next = end;
            }
            self.stale.remove(slot.good);
        }
        if slot.last {
            self.zero_stale()?;
        }
        self.done |= slot.last;
        if let Some(log) = &mut self.log {
            log.append(&slot.entry);
        }
        self.checkpoints.add(&slot.changes, slot.line, slot.note.as_ref());
        self.checkpoints.leave_out(&slot.left_out);
        self.checkpoints.add_asides(&slot.asides, &slot.first);
        if let Some(seconds) = slot.seconds {
            self.checkpoints.add_speed(slot.good, seconds, self.size_bytes.div_ceil(SECTOR_BYTES));
        }
        if let Some(saved) = slot.saved.take() {
            self.image.sync_all()?;
            self.saver.save(self.checkpoints.rest());
            self.saver.wait()?;
            // Whoever waits may be gone.
            let _ = saved.send(());
        }
        // The reader may be gone already; then nobody wants the slot back.
        let _ = self.empty.try_send(slot);
        Ok(())
    }

    /// What could not be read is zeros in an output that cannot seek.
    fn fill_up_to(&mut self, offset: u64) -> Result<(), Error> {
        static ZEROS: [u8; 65536] = [0; 65536];
        let Some(mut next) = self.next_in_order else { return Ok(()) };
        while next < offset {
            let length = (offset - next).min(ZEROS.len() as u64);
            self.image.write_at(next, &ZEROS[..usize::try_from(length).unwrap_or(ZEROS.len())])?;
            next += length;
        }
        self.next_in_order = Some(next);
        Ok(())
    }

    /// What could not be read is zeros in a device that held another disc.
    fn zero_stale(&mut self) -> Result<(), Error> {
        for range in std::mem::take(&mut self.stale).ranges() {
            let end = range.end().saturating_mul(SECTOR_BYTES).min(self.size_bytes);
            self.image.zero(range.byte_start(), end.saturating_sub(range.byte_start()))?;
        }
        Ok(())
    }

    /// Moves the checkpoint under way one step on, when its next step is ready.
    fn tick(&mut self) -> Result<(), Error> {
        if let Some(saved) = self.saver.poll() {
            saved?;
            self.checkpoints.saved(self.clock.now());
        }
        if self.marked
            && let Some(mark) = self.image.poll_mark()
        {
            mark?;
            self.marked = false;
            if let Some(batch) = self.checkpoints.durable() {
                self.saver.save(batch);
            }
        }
        let now = self.clock.now();
        if self.checkpoints.is_due(now) {
            self.image.mark()?;
            self.marked = true;
            self.checkpoints.begin(now);
        }
        Ok(())
    }

    /// The last checkpoint: the whole image, then the whole map. A pipe is filled up only when the strategy
    /// came to its end: what was stopped must not look whole to the program at the other end.
    fn finish(&mut self) -> Result<(), Error> {
        if self.done {
            self.fill_up_to(self.size_bytes)?;
        }
        if self.image.kind() == OutputKind::File {
            self.image.finish(self.size_bytes)?;
        }
        self.image.sync_all()?;
        self.saver.save(self.checkpoints.rest());
        Ok(())
    }
}
