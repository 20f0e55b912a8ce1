//! The saver thread: keeps the stored map, so that saving it never holds up the writing of data.

use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender};

use crate::mapfile::error::MapError;

use super::checkpoint::Batch;
use super::stored::Stored;

/// Hands batches to the thread that owns the stored map.
#[derive(Debug)]
pub(in crate::imaging) struct Saver {
    work: Option<Sender<Batch>>,
    saved: Receiver<Result<(), MapError>>,
    thread: Option<JoinHandle<Stored>>,
    /// What was asked for and is not answered yet.
    asked: usize,
}

impl Saver {
    /// Starts the thread.
    ///
    /// # Errors
    /// No thread can be started.
    pub(in crate::imaging) fn start(mut stored: Stored) -> std::io::Result<Self> {
        let (work, batches) = crossbeam_channel::bounded::<Batch>(1);
        let (answers, saved) = crossbeam_channel::unbounded();
        let thread = std::thread::Builder::new().spawn(move || {
            for batch in batches {
                stored.apply(&batch);
                if answers.send(stored.save()).is_err() {
                    break;
                }
            }
            stored
        })?;
        Ok(Self { work: Some(work), saved, thread: Some(thread), asked: 0 })
    }

    /// Asks for `batch` to be applied and saved.
    pub(in crate::imaging) fn save(&mut self, batch: Batch) {
        if let Some(work) = &self.work {
            self.asked += usize::from(work.send(batch).is_ok());
        }
    }

    /// The answer to an earlier [`save`](Self::save), when there is one.
    pub(in crate::imaging) fn poll(&mut self) -> Option<Result<(), MapError>> {
        let answer = self.saved.try_recv().ok();
        self.asked -= usize::from(answer.is_some());
        answer
    }

    /// Waits until everything that was asked for is saved.
    pub(in crate::imaging) fn wait(&mut self) -> Result<(), MapError> {
        while self.asked > 0 {
            let Ok(saved) = self.saved.recv() else { break };
            self.asked -= 1;
            saved?;
        }
        Ok(())
    }

    /// Waits for everything that was asked for; returns the stored map and the first error. A panic of the
    /// thread is carried on: a map that was not saved must not look as if it were.
    pub(in crate::imaging) fn finish(mut self) -> (Option<Stored>, Result<(), MapError>) {
        self.work = None;
        let stored =
            self.thread.take().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        let result = self.saved.try_iter().find(Result::is_err).unwrap_or(Ok(()));
        (stored, result)
    }
}
