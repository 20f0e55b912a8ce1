//! Where the disc really ends, when a read inside it is answered with "out of range".

use tracing::debug;

use super::Drive;
use super::link::COMMAND_LIMIT;
use crate::base::media::Media;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::scsi::sense::{Verdict, classify};
use crate::scsi::{answers, cdb};
use crate::source::ReadRequest;

/// Run-out blocks at the end of a track that was written at once (MMC-6, 4.2.3.8): they are counted and hold nothing.
const RUN_OUT: u64 = 2;

impl Drive {
    /// A read of `range` was out of range though the disc should go on: believes a smaller capacity that the drive
    /// tells now, else looks for the first sector that is not there. Where the disc's last sector is there after all,
    /// nothing is changed: that was no word about the disc.
    pub(super) fn find_end(&mut self, range: SectorRange) {
        let answer = self.link.ask(&cdb::read_capacity(), 8).ok();
        let said = answer.and_then(|answer| answers::capacity(&answer)).map(|c| u64::from(c.last) + 1);
        let end = match said.filter(|said| (2..range.end()).contains(said)) {
            Some(said) => Some(said),
            None => self.search_end(range),
        };
        if let Some(end) = end.filter(|end| *end < self.facts.sectors) {
            debug!("{}: the disc ends before sector {end}, not {}", self.name, self.facts.sectors);
            self.facts.sectors = end;
            self.facts.size_bytes = end * SECTOR_SIZE as u64;
        }
    }

    /// The first sector that is not there, found by halving. Three places must agree that there is an end.
    fn search_end(&mut self, range: SectorRange) -> Option<u64> {
        let last = self.facts.sectors.checked_sub(1)?;
        if !self.is_beyond(last) {
            return None;
        }
        // Below `there` is disc, from `beyond` on is none.
        let (mut there, mut beyond) = if self.is_beyond(range.start()) {
            let known = self.memory.last_good.map_or(0, SectorRange::end);
            (if known <= range.start() { known } else { 0 }, range.start())
        } else {
            (range.start() + 1, range.end().min(last))
        };
        while there < beyond && !self.link.is_cancelled() {
            let middle = there + (beyond - there) / 2;
            if self.is_beyond(middle) { beyond = middle } else { there = middle + 1 }
        }
        (there == beyond && beyond > 0).then_some(beyond)
    }

    /// Whether the drive says that this sector is out of range. Whatever else it says, the sector is there.
    fn is_beyond(&mut self, sector: u64) -> bool {
        let mut buffer = vec![0; SECTOR_SIZE];
        let range = SectorRange::with_len(sector, 1);
        let Some(cdb) = cdb::read(range, false) else { return true };
        let reply = self.send_read(&cdb, &mut buffer, COMMAND_LIMIT, range, false);
        reply.is_ok_and(|reply| classify(&reply) == Verdict::Fault(Fault::OutOfRange))
    }

    /// Of a recordable CD the last two sectors may be run-out blocks. When they fail they are none of the disc's data;
    /// when they read well they are.
    pub(super) fn judge_run_out(&mut self, request: &ReadRequest, buffer: &mut [u8], outcome: Outcome) -> Outcome {
        let edge = self.disc_sectors.saturating_sub(RUN_OUT);
        let range = request.range;
        let failed = matches!(outcome.fault, Some(Fault::Damage | Fault::WrongTrack | Fault::OutOfRange));
        let recordable = matches!(self.profile, 0x0009 | 0x000A) && self.facts.media == Some(Media::Cd);
        if !failed || !recordable || range.end() <= edge {
            return outcome;
        }
        if range.start() >= edge {
            debug!("{}: the last sectors of the disc are run-out blocks", self.name);
            return Outcome { fault: Some(Fault::Blank), ..outcome };
        }
        // What lies before them gets its own read.
        let before = SectorRange::new(range.start(), edge);
        let bytes = usize::try_from(before.bytes()).unwrap_or(0);
        let Some(buffer) = buffer.get_mut(..bytes) else { return outcome };
        let alone = self.read_sectors(&ReadRequest { range: before, ..*request }, buffer);
        let seconds = outcome.seconds + alone.seconds;
        let fault = alone.fault.or(Some(Fault::Blank));
        Outcome { fault, seconds, ..alone }
    }
}
