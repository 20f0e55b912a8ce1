//! The thread that reads: the bytes of all parts, in order, into buffers that go round.

use std::ops::Range;
use std::time::Duration;

use crossbeam_channel::Sender;

use super::super::MuxError;
use super::walk::{Next, Walk, unit};
use crate::base::cancel::Cancel;
use crate::base::set::SectorSet;
use crate::fs::{File, FileSystem};
use crate::pipeline::buffers::{Buffer, Pool};
use crate::title::model::{Owner, Part, Piece};

/// How long one wait for a buffer lasts before a request to stop is looked at.
const PATIENCE: Duration = Duration::from_millis(100);

/// Where a piece begins.
pub(in crate::mux) struct Opening {
    pub(in crate::mux) file: File,
    pub(in crate::mux) start: u64,
    /// Which units of its bytes are meant.
    pub(in crate::mux) owner: Option<Owner>,
}

/// What the reader hands on.
pub(in crate::mux) enum Message {
    /// A piece of a part begins: the number of the part, its file and where in it.
    Piece { part: usize, opening: Opening },
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
    let reader = Reader { fs, missing, pool, messages, cancel };
    let pieces = parts.iter().enumerate().flat_map(|(n, part)| part.pieces.iter().map(move |piece| (n, part, piece)));
    for (number, part, piece) in pieces {
        match reader.piece(number, part, piece) {
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

struct Reader<'a> {
    fs: &'a dyn FileSystem,
    missing: &'a SectorSet,
    pool: &'a Pool,
    messages: &'a Sender<Message>,
    cancel: &'a Cancel,
}

impl Reader<'_> {
    /// One piece; whether to go on.
    fn piece(&self, number: usize, part: &Part, piece: &Piece) -> Result<bool, MuxError> {
        let mut walk = Walk::new(self.fs, piece, part.packets, self.missing)?;
        let unit = usize::try_from(unit(part.packets)).unwrap_or(usize::MAX);
        let opening = Opening { file: walk.file().clone(), start: walk.position(), owner: piece.owner };
        let begin = Message::Piece { part: number, opening };
        if self.messages.send(begin).is_err() {
            return Ok(false);
        }
        let mut idle = None;
        loop {
            if self.cancel.is_raised() {
                return Err(MuxError::Stopped);
            }
            let Some(mut buffer) = idle.take().or_else(|| self.pool.take(PATIENCE)) else { continue };
            let whole = buffer.len() - buffer.len() % unit;
            let message = match walk.next(&mut buffer[..whole])? {
                None => return Ok(true),
                Some(Next::Bytes { offset, inside }) => Message::Bytes { offset, inside, buffer },
                Some(Next::Hole(range)) => {
                    idle = Some(buffer);
                    Message::Hole(range)
                }
            };
            if self.messages.send(message).is_err() {
                return Ok(false);
            }
        }
    }
}
