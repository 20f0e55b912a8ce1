//! Reads inside the disc that the drive answers with "no such sector" or "not in this track": where the disc really ends,
//! and where a tract without data begins and ends.

use tracing::debug;

use crate::base::outcome::Fault;
use crate::base::sector::{SECTOR_BYTES, SECTOR_SIZE, SectorRange};
use crate::base::tract::TractKind;
use crate::drive::Drive;
use crate::drive::disc::{end, hole, layout};
use crate::drive::link::COMMAND_LIMIT;
use crate::scsi::sense::{Verdict, classify};
use crate::scsi::{answers, cdb};

/// Sectors of the shortest tract that a disc has: the pause of two seconds in front of a track (ECMA-130). What is shorter, and
/// known from reads alone, is no part of the disc's structure but a place at which the drive fails in its own way.
const SHORTEST: u64 = 150;

impl Drive {
    /// A read of `range` met sectors that are not there: takes what is found among those that are left out. Where each
    /// sector of the range is there by itself, or too few are not, nothing is changed: that was no word about the disc.
    pub(super) fn find_tract(&mut self, range: SectorRange, fault: Fault) {
        if fault == Fault::OutOfRange && self.find_end(range) {
            return;
        }
        let (sectors, known) = (self.facts.sectors, self.memory.last_good.map_or(0, SectorRange::end));
        let starts = self.layout.starts.clone();
        let found = hole::search(range, sectors, known, &starts, |sector| self.is_absent(sector, true));
        if let Some(tract) = found {
            let kind = layout::kind_of(tract, &starts, self.told.may_hold_form_2);
            if kind == TractKind::NotData && tract.len() < SHORTEST {
                return;
            }
            debug!("{}: sectors {tract} are left out: {kind}", self.name);
            self.layout.left_out.insert(tract, kind);
        }
    }

    /// A read of `range` was out of range though the disc should go on: believes a smaller capacity that the drive
    /// tells by now, else looks for the first sector that is not there. Whether the disc ends there. What lies behind is
    /// left out, but for data tracks that begin there: these are missing.
    fn find_end(&mut self, range: SectorRange) -> bool {
        let answer = self.link.ask(&cdb::read_capacity(), 8).ok();
        let said = answer.and_then(|answer| answers::capacity(&answer)).map(|c| u64::from(c.last) + 1);
        let said = said.filter(|said| self.told.capacity != Some(*said));
        let (sectors, known) = (self.facts.sectors, self.memory.last_good.map_or(0, SectorRange::end));
        let end = said
            .filter(|said| (2..range.end()).contains(said))
            .or_else(|| end::search(range, sectors, known, |sector| self.is_absent(sector, false)));
        let Some(end) = end.filter(|end| *end < sectors) else { return false };
        debug!("{}: the disc ends before sector {end}, not {sectors}", self.name);
        let behind = SectorRange::new(end, sectors);
        let first_track = self.layout.starts.iter().copied().filter(|start| *start >= end).min();
        let (spare, _) = behind.split_at(first_track.unwrap_or(sectors).saturating_sub(end));
        self.layout.left_out.insert(spare, TractKind::PastEnd);
        self.facts.sectors = end;
        self.facts.size_bytes = end * SECTOR_BYTES;
        true
    }

    /// Whether the drive says that there is no such sector, or with `in_track` that it holds no data; whatever else it
    /// says, the sector is there. `None`: it is not to be asked any more.
    fn is_absent(&mut self, sector: u64, in_track: bool) -> Option<bool> {
        if self.link.is_cancelled() {
            return None;
        }
        let mut buffer = vec![0; SECTOR_SIZE];
        let range = SectorRange::with_len(sector, 1);
        let Some(cdb) = cdb::read(range, false) else { return Some(true) };
        let reply = self.send_read(&cdb, &mut buffer, COMMAND_LIMIT, range, false);
        Some(reply.is_ok_and(|reply| match classify(&reply) {
            Verdict::Fault(Fault::OutOfRange) => true,
            Verdict::Fault(Fault::WrongTrack) => in_track,
            _ => false,
        }))
    }
}
