//! The thread that reads: the bytes of all parts, in order, into buffers that go round.

use std::ops::Range;
use std::time::Duration;

use crossbeam_channel::Sender;

use super::super::MuxError;
use super::course::Course;
use super::scout::{Signs, Timed};
use super::walk::{Next, Walk, unit};
use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events};
use crate::base::sector::set::SectorSet;
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
    Bytes { offset: u64, inside: Range<usize>, buffer: Buffer, signs: Signs },
    /// Bytes that are missing.
    Hole(Range<u64>),
    /// The source fails; nothing follows.
    Failed(MuxError),
}

/// Reads all parts in order into buffers of the pool. Ends early when nobody takes messages any more.
pub(in crate::mux) fn read(
    fs: &dyn FileSystem,
    parts: &[(&Part, Vec<Timed>)],
    missing: &SectorSet,
    pool: &Pool,
    messages: &Sender<Message>,
    events: &dyn Events,
    cancel: &Cancel,
) {
    let reader = Reader { fs, missing, pool, messages, events, cancel };
    let pieces = parts.iter().enumerate().flat_map(|(n, of)| of.0.pieces.iter().map(move |piece| (n, of, piece)));
    let mut before: Option<(usize, Course)> = None;
    for (number, (part, timed), piece) in pieces {
        let course = before.take().filter(|before| before.0 == number).map(|before| before.1);
        match reader.piece((number, part), timed, piece, course) {
            Ok(Some(course)) => before = Some((number, course)),
            Ok(None) => return,
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
    events: &'a dyn Events,
    cancel: &'a Cancel,
}

impl Reader<'_> {
    /// One piece, behind the one `before` it in its part; `None`: nobody wants more.
    fn piece(
        &self,
        (number, part): (usize, &Part),
        timed: &[Timed],
        piece: &Piece,
        before: Option<Course>,
    ) -> Result<Option<Course>, MuxError> {
        let mut walk = Walk::new(self.fs, piece, part.packets, self.missing)?;
        let mut course = Course::new(part, timed, piece, before, &mut walk);
        let unit = usize::try_from(unit(part.packets)).unwrap_or(usize::MAX);
        let opening = Opening { file: walk.file().clone(), start: walk.position(), owner: piece.owner };
        let begin = Message::Piece { part: number, opening };
        if self.messages.send(begin).is_err() {
            return Ok(None);
        }
        let mut idle = None;
        loop {
            if self.cancel.is_raised() {
                return Err(MuxError::Stopped);
            }
            let Some(mut buffer) = idle.take().or_else(|| self.pool.take(PATIENCE)) else { continue };
            let whole = buffer.len() - buffer.len() % unit;
            let message = match walk.next(&mut buffer[..whole])? {
                None if course.goes_on(&mut walk) => {
                    idle = Some(buffer);
                    continue;
                }
                None => break,
                Some(Next::Bytes { offset, inside }) => {
                    let bytes = buffer.get(inside.clone()).unwrap_or_default();
                    let signs = course.bytes(offset, bytes, &walk);
                    let inside = course.playable(offset, inside);
                    Message::Bytes { offset, inside, buffer, signs }
                }
                Some(Next::Hole(range)) => {
                    idle = Some(buffer);
                    if course.needs_nothing(&range, &walk) || self.next_goes_on(&mut course, part, piece, &range, &walk)
                    {
                        continue;
                    }
                    course.hole(range.end);
                    Message::Hole(range)
                }
            };
            if self.messages.send(message).is_err() {
                return Ok(None);
            }
        }
        course.warnings().into_iter().for_each(|warning| self.events.event(Event::Warning(warning)));
        Ok(Some(course))
    }

    /// Whether bytes behind the end of a piece's file are no loss, since the piece behind it goes on there.
    fn next_goes_on(
        &self,
        course: &mut Course,
        part: &Part,
        piece: &Piece,
        range: &Range<u64>,
        walk: &Walk<'_>,
    ) -> bool {
        let next = part.pieces.iter().skip_while(|of| *of != piece).nth(1);
        let next = next.and_then(|next| Walk::new(self.fs, next, part.packets, self.missing).ok());
        next.is_some_and(|next| course.next_goes_on(range, walk, &next))
    }
}
