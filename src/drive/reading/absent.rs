//! Reads inside the disc that the drive answers with "no such sector" or "not in this track": where the disc really ends,
//! and where a tract without data begins and ends. Firmware that has given up may say the same of every sector, so a place
//! that reads, or has read, is asked first.

use tracing::debug;

use crate::base::outcome::Fault;
use crate::base::sector::tract::TractKind;
use crate::base::sector::{SECTOR_BYTES, SECTOR_SIZE, SectorRange};
use crate::drive::Drive;
use crate::drive::disc::{Presence, end, hole, layout};
use crate::drive::link::COMMAND_LIMIT;
use crate::scsi::sense::{Verdict, classify};
use crate::scsi::{answers, cdb};

/// Sectors of the shortest tract that a disc has: the pause of two seconds in front of a track (ECMA-130). What is shorter, and
/// known from reads alone, is no part of the disc's structure but a place at which the drive fails in its own way.
const SHORTEST: u64 = 150;

/// First sector of the volume descriptors, from where a track begins (ECMA-119, ECMA-167): one that every data disc has.
const DESCRIPTORS: u64 = 16;

/// Places that are looked at where nothing was read yet: as many tracks, and as many shares of the disc.
const LOOK_AT: usize = 4;

/// What places away from a read say of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Elsewhere {
    /// The drive reads there: the answer is about the place.
    Reads,
    /// It says of a sector that it has read, or of every other one, that it is not there: the answer is about the drive.
    Absent,
    /// Neither.
    Unclear,
}

impl Drive {
    /// A read of `range` met sectors that are not there: takes what is found among those that are left out. Where each
    /// sector of the range is there by itself, or too few are not, nothing is changed: that was no word about the disc.
    /// Returns what the answer was about: `fault`, or [`Fault::Wedged`] where the drive says the same of what it has read.
    pub(super) fn find_tract(&mut self, range: SectorRange, fault: Fault) -> Fault {
        match self.look_elsewhere(range) {
            Elsewhere::Reads => self.find_edges(range, fault),
            Elsewhere::Absent => return Fault::Wedged,
            Elsewhere::Unclear => {}
        }
        fault
    }

    /// Whether there is anything that the drive reads now: what it has read before, past its cache, else what every disc
    /// has, else places far from `range`.
    fn look_elsewhere(&mut self, range: SectorRange) -> Elsewhere {
        let last = self.memory.last_good.map(SectorRange::start).filter(|last| Some(*last) != self.memory.first_good);
        let mut answers = Vec::new();
        for sector in self.memory.first_good.into_iter().chain(last) {
            match self.presence(sector, !self.memory.refuses_fua()) {
                // It was there: one such answer says enough.
                Some(Presence::Beyond) => return Elsewhere::Absent,
                answer => answers.push(answer),
            }
        }
        if answers.contains(&Some(Presence::There)) {
            return Elsewhere::Reads;
        }
        if !answers.is_empty() {
            return Elsewhere::Unclear;
        }
        for sector in self.places_that_may_read(range) {
            let answer = self.presence(sector, false);
            if answer == Some(Presence::There) {
                self.memory.note_good(SectorRange::with_len(sector, 1));
                return Elsewhere::Reads;
            }
            answers.push(answer);
        }
        let all_absent = answers.len() > 1 && answers.iter().all(|answer| *answer == Some(Presence::Beyond));
        if all_absent { Elsewhere::Absent } else { Elsewhere::Unclear }
    }

    /// Sectors outside of `range`, the likeliest to be data first.
    fn places_that_may_read(&self, range: SectorRange) -> Vec<u64> {
        let sectors = self.facts.sectors;
        let starts = self.layout.starts.iter().rev().map(|start| start + DESCRIPTORS).take(LOOK_AT);
        let shares = (0..LOOK_AT as u64).map(|share| share * (sectors / LOOK_AT as u64) + DESCRIPTORS);
        let mut places: Vec<u64> = Vec::new();
        for place in starts.chain(shares).filter(|place| *place < sectors && !range.contains(*place)) {
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places
    }

    fn find_edges(&mut self, range: SectorRange, fault: Fault) {
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
            .filter(|said| (known.max(2)..range.end()).contains(said))
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
        Some(match self.ask_for(sector, false)? {
            Some(Verdict::Fault(Fault::OutOfRange)) => true,
            Some(Verdict::Fault(Fault::WrongTrack)) => in_track,
            _ => false,
        })
    }

    /// What a read of one sector says of it; `None`: it is not to be asked any more.
    fn presence(&mut self, sector: u64, fua: bool) -> Option<Presence> {
        Some(match self.ask_for(sector, fua)? {
            Some(Verdict::Good | Verdict::Recovered) => Presence::There,
            Some(Verdict::Fault(Fault::OutOfRange | Fault::WrongTrack)) => Presence::Beyond,
            // The refusal may be meant for FUA alone.
            Some(Verdict::Refused) if fua => return self.presence(sector, false),
            _ => Presence::Unclear,
        })
    }

    /// The answer to a read of one sector, `Some(None)` where the command did not get to the drive; `None`: somebody wants
    /// to stop.
    fn ask_for(&mut self, sector: u64, fua: bool) -> Option<Option<Verdict>> {
        if self.link.is_cancelled() {
            return None;
        }
        let mut buffer = vec![0; SECTOR_SIZE];
        let range = SectorRange::with_len(sector, 1);
        let Some(cdb) = cdb::read(range, fua) else { return Some(Some(Verdict::Fault(Fault::OutOfRange))) };
        let reply = self.send_read(&cdb, &mut buffer, COMMAND_LIMIT, range, fua);
        Some(reply.ok().map(|reply| classify(&reply)))
    }
}
