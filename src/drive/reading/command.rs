//! One read command, and what its answer says of the sectors.

use std::time::Duration;

use tracing::debug;

use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::drive::Drive;
use crate::drive::disc::media;
use crate::drive::link::describe;
use crate::scsi::sense::{Verdict, classify, decode};
use crate::scsi::{Data, Reply};
use crate::source::drive::{Incident, Trouble};

/// Incidents that are kept when nobody asks for them.
const INCIDENTS_MAX: usize = 64;

impl Drive {
    /// Sends a read of `range`, at a distance in time from earlier failures, and notes what was wrong with it.
    pub(super) fn send_read(
        &mut self,
        cdb: &[u8],
        buffer: &mut [u8],
        limit: Duration,
        range: SectorRange,
        fua: bool,
    ) -> Result<Reply, Fault> {
        let clock = self.link.clock();
        let wait = self.pace.wait(clock.now());
        if !wait.is_zero() && !self.link.pause(wait) {
            return Err(Fault::NotReady);
        }
        self.settle_settings()?;
        let reply = self.link.send(cdb, Data::In(&mut *buffer), limit)?;
        let seconds = reply.duration.as_secs_f64();
        let verdict = classify(&reply);
        match verdict {
            Verdict::Good | Verdict::Recovered if reply.residual == 0 => self.length.note_whole(range.len()),
            Verdict::Short => self.length.note_short(range.len()),
            _ => {}
        }
        let trouble = match verdict {
            Verdict::Good if seconds < Incident::SLOW => return Ok(reply),
            Verdict::Good => Trouble::Slow,
            Verdict::Recovered => Trouble::Recovered,
            _ => Trouble::Failed,
        };
        let sense = decode(&reply.sense).map(|data| data.sense);
        let strains = matches!(
            verdict,
            Verdict::Fault(Fault::Damage)
                | Verdict::Servo
                | Verdict::SoftHardware
                | Verdict::Refused
                | Verdict::Aborted
                | Verdict::CannotReadToc
        );
        if strains {
            self.pace.failed(clock.now());
        }
        if self.incidents.len() >= INCIDENTS_MAX {
            self.incidents.remove(0);
        }
        let (status, host_status) = (reply.status, reply.host_status);
        let at = clock.now();
        self.incidents.push(Incident { range, fua, trouble, at, seconds, status, host_status, sense });
        Ok(reply)
    }

    /// The outcome of a read that needs no action.
    pub(super) fn settled(
        &mut self,
        verdict: Verdict,
        range: SectorRange,
        fua: bool,
        asked: usize,
        reply: &Reply,
    ) -> Option<Outcome> {
        let transferred = (asked - reply.residual.min(asked)) / SECTOR_SIZE;
        let (sectors, fault) = match verdict {
            // The tail of the buffer after a short transfer is stale: that part has failed.
            Verdict::Good | Verdict::Short | Verdict::Recovered => {
                let sectors = (transferred as u64).min(range.len());
                (sectors, (sectors < range.len()).then_some(Fault::Damage))
            }
            // A pressed disc has no space that was never written: that is no word about it.
            Verdict::Fault(Fault::Blank) if !self.may_be_unwritten() => (0, Some(Fault::Unknown)),
            Verdict::Fault(fault @ (Fault::Damage | Fault::Blank)) => (agreed_head(range, asked, reply), Some(fault)),
            Verdict::Fault(fault @ (Fault::OutOfRange | Fault::WrongTrack)) => (0, Some(self.find_tract(range, fault))),
            // The drive is asked once more whether that is so.
            Verdict::Fault(Fault::NoMedium) => return None,
            Verdict::Fault(fault) => (0, Some(fault)),
            _ => return None,
        };
        if !matches!(fault, None | Some(Fault::Damage | Fault::Blank)) {
            // Whoever asked for the read says it in a sentence.
            debug!("{}: read of {range}: {}", self.name, describe(reply));
        }
        match fault {
            None => {
                self.memory.note_good(range);
                self.memory.fua_works |= fua;
            }
            Some(_) => self.memory.slowest_failure = self.memory.slowest_failure.max(reply.duration),
        }
        self.memory.soft_errors.clear();
        let (short, recovered) = (verdict == Verdict::Short, verdict == Verdict::Recovered);
        Some(Outcome { short, recovered, ..outcome(range, reply, sectors, fault) })
    }

    /// Whether the disc can hold space that was never written; a drive without profiles does not say.
    fn may_be_unwritten(&self) -> bool {
        self.profile() == 0 || media::is_recordable(self.profile())
    }
}

/// Sectors at the head of a failed read that may be believed: only what the residual count and the INFORMATION field
/// agree on. Either alone is wrong on some drives and bridges: a residual of zero is the default of those that do not
/// count, and INFORMATION names the first sector of the unit, or of the command, on some.
fn agreed_head(range: SectorRange, asked: usize, reply: &Reply) -> u64 {
    let transferred = asked - reply.residual.min(asked);
    let named = decode(&reply.sense).and_then(|data| data.information).filter(|lba| range.contains(*lba));
    match named.map(|lba| lba - range.start()) {
        Some(head) if usize::try_from(head).is_ok_and(|head| head.checked_mul(SECTOR_SIZE) == Some(transferred)) => {
            head
        }
        _ => 0,
    }
}

/// What an answer says: that many sectors at the head of `range` came, and why the others did not.
pub(super) fn outcome(range: SectorRange, reply: &Reply, sectors: u64, fault: Option<Fault>) -> Outcome {
    let data = decode(&reply.sense);
    Outcome {
        sectors,
        fault,
        short: false,
        unasked: 0,
        recovered: false,
        past_cache: false,
        status: reply.status,
        host_status: reply.host_status,
        sense: data.map(|data| data.sense),
        information: data.and_then(|data| data.information).filter(|lba| range.contains(*lba)),
        seconds: reply.duration.as_secs_f64(),
    }
}
