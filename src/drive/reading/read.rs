//! One command, again and again as long as its answer asks for that.

use std::time::Duration;

use tracing::debug;

use super::command::outcome;
use super::tries::{Next, Tries};
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::drive::Drive;
use crate::drive::link::describe;
use crate::scsi::sense::{Verdict, classify};
use crate::scsi::{Reply, cdb};
use crate::source::ReadRequest;

/// Tries of one read, whatever happens; the single counters end well before.
const TRIES_MAX: u32 = 24;

/// The limit of a second try after a time-out: a drive that needs longer than this is not coming back.
const PATIENCE: Duration = Duration::from_secs(60);

/// Tries of a command that the system did not pass on, a second apart: memory that it lacks comes and goes.
const UNSENT_TRIES: u32 = 3;

/// What became of a command and of all that was tried for it.
pub(super) enum Ended {
    /// This.
    With(Outcome),
    /// It is longer than the way to the drive takes: shorter ones are to be sent.
    TooLong,
}

impl Drive {
    /// Reads a range with one command, again and again as long as the answer asks for that.
    pub(super) fn read_command(&mut self, request: &ReadRequest, buffer: &mut [u8]) -> Ended {
        let range = request.range;
        let slowest = self.memory.slowest_failure.saturating_mul(2).min(PATIENCE);
        let mut limit = request.time_limit.max(slowest);
        let mut tries = Tries::default();
        loop {
            // A try that went wrong may have left bytes in the cache of which the drive had more to say.
            let fua = (request.fua || tries.all > 0) && !tries.without_fua && !self.memory.refuses_fua();
            let Some(cdb) = cdb::read(range, fua) else {
                return Ended::With(Outcome::failed(0, Fault::OutOfRange, 0.0));
            };
            let reply = match self.send_read(&cdb, buffer, limit, range, fua) {
                Ok(reply) => reply,
                Err(fault) => match self.not_sent(fault, range, &mut tries) {
                    Ok(Next::Again) => continue,
                    Ok(Next::Shorter) => return Ended::TooLong,
                    Err(fault) => return Ended::With(Outcome::failed(0, fault, 0.0)),
                },
            };
            let outcome = |range, reply: &Reply, sectors, fault| Outcome {
                past_cache: fua,
                ..outcome(range, reply, sectors, fault)
            };
            let verdict = classify(&reply);
            match self.is_cut_short(verdict, range, &mut tries) {
                Ok(true) => return Ended::TooLong,
                Ok(false) => {}
                Err(fault) => return Ended::With(outcome(range, &reply, 0, Some(fault))),
            }
            if let Some(outcome) = self.settled(verdict, range, fua, buffer.len(), &reply) {
                if outcome.fault == Some(Fault::OutOfRange) && self.is_out_of_range_by_length(range, &mut tries) {
                    return Ended::TooLong;
                }
                return Ended::With(Outcome { past_cache: fua, ..outcome });
            }
            debug!("{}: read of {range}: {verdict:?} ({})", self.name, describe(&reply));
            tries.all += 1;
            let again =
                if tries.all >= TRIES_MAX { Err(Fault::Unknown) } else { self.act(verdict, fua, range, &mut tries) };
            match again {
                Ok(Next::Again) => {}
                Ok(Next::Shorter) => return Ended::TooLong,
                Err(fault) => {
                    if verdict != Verdict::TimedOut {
                        self.memory.slowest_failure = self.memory.slowest_failure.max(reply.duration);
                    }
                    return Ended::With(outcome(range, &reply, 0, Some(fault)));
                }
            }
            if verdict == Verdict::TimedOut {
                limit = limit.max(PATIENCE);
            }
        }
    }

    /// A command never got to the drive.
    fn not_sent(&mut self, fault: Fault, range: SectorRange, tries: &mut Tries) -> Result<Next, Fault> {
        if !matches!(fault, Fault::Unsent | Fault::Transport) {
            return Err(fault);
        }
        (tries.all, tries.unsent) = (tries.all + 1, tries.unsent + 1);
        if self.is_too_long(range, tries)? {
            return Ok(Next::Shorter);
        }
        if tries.unsent > UNSENT_TRIES {
            return Err(fault);
        }
        self.rest(Duration::from_secs(1), fault)?;
        Ok(Next::Again)
    }

    /// Whether the disc goes on behind `range`, and it was the length of the command that was out of range.
    fn is_out_of_range_by_length(&mut self, range: SectorRange, tries: &mut Tries) -> bool {
        let is_explained = self.layout.left_out.sectors().within(range).next().is_some();
        self.facts.sectors >= range.end() && !is_explained && self.is_too_long(range, tries) == Ok(true)
    }
}
