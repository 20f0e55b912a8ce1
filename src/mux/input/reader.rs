//! The thread that reads: the bytes of all parts, in order, into buffers that go round.

use std::ops::Range;
use std::time::Duration;

use crossbeam_channel::Sender;

use super::super::MuxError;
use super::walk::{Next, Walk};
use crate::base::cancel::Cancel;
use crate::base::set::SectorSet;
use crate::fs::{File, FileSystem};
use crate::pipeline::buffers::{Buffer, Pool};
use crate::title::model::Part;

/// How long one wait for a buffer lasts before a request to stop is looked at.
const PATIENCE: Duration = Duration::from_millis(100);

/// What the reader hands on.
pub(in crate::mux) enum Message {
    /// The part of this number begins; its file.
    Part(usize, File),
    /// Bytes of it.
    Bytes { offset: u64, inside: Range<usize>, buffer: Buffer },
    /// Bytes that are missing.
    Hole(Range<u64>),
    /// The source fails; nothing follows.
    Failed(MuxError),
}

/// Reads all parts in order into buffers of the pool. Ends early when nobody takes messages any more.
pub(in crate::mux) fn read(
    fs: &dyn FileSystem,
    parts: &[Part],
    missing: &SectorSet,
    pool: &Pool,
    messages: &Sender<Message>,
    cancel: &Cancel,
) {
    for (number, part) in parts.iter().enumerate() {
        match read_part(fs, number, part, missing, pool, messages, cancel) {
            Ok(true) => {}
            Ok(false) => return,
            Err(e) => {
                // Without a receiver there is nobody to tell.
                let _ = messages.send(Message::Failed(e));
                return;
            }
        }
    }
}

/// One part; whether to go on.
fn read_part(
    fs: &dyn FileSystem,
    number: usize,
    part: &Part,
    missing: &SectorSet,
    pool: &Pool,
    messages: &Sender<Message>,
    cancel: &Cancel,
) -> Result<bool, MuxError> {
    let mut walk = Walk::new(fs, part, missing)?;
    if messages.send(Message::Part(number, walk.file().clone())).is_err() {
        return Ok(false);
    }
    let mut idle = None;
    loop {
        if cancel.is_raised() {
            return Err(MuxError::Stopped);
        }
        let Some(mut buffer) = idle.take().or_else(|| pool.take(PATIENCE)) else { continue };
        let message = match walk.next(&mut buffer)? {
            None => return Ok(true),
            Some(Next::Bytes { offset, inside }) => Message::Bytes { offset, inside, buffer },
            Some(Next::Hole(range)) => {
                idle = Some(buffer);
                Message::Hole(range)
            }
        };
        if messages.send(message).is_err() {
            return Ok(false);
        }
    }
}
