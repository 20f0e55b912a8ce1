//! What was written is made durable: by the helper while writing goes on, or here and now.

use std::time::Duration;

use super::{MarkId, WritebackFile};
use crate::image::error::{ImageError, Operation};
use crate::image::writeback::helper::Work;
use crate::image::writeback::window::Goal;

impl WritebackFile {
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

    /// Starts the write-out of everything and waits for it, a wait no longer than [`WAIT_LIMIT`](super::WAIT_LIMIT).
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
            let result = self.fault.after_sync(result);
            result.map_err(|e| self.fault.raise(ImageError::io(Operation::Sync, &self.path, e)))?;
        }
        self.fault.check()
    }
}
