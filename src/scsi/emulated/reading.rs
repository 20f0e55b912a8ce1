//! READ (10) and (12) of the emulated drive: damage, odd manners, firmware that gives up.

use std::io;

use super::drive::EmulatedDrive;
use super::ending::{Ending, ILLEGAL_REQUEST};
use super::plan::faults::{Answered, Handed, Manner, Response};
use crate::base::bytes::Bytes;
use crate::base::outcome::Sense;
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::scsi::Data;
use crate::scsi::cdb::op;

/// Sense keys.
const RECOVERED: u8 = 1;
const MEDIUM_ERROR: u8 = 3;
const HARDWARE_ERROR: u8 = 4;

/// PER in byte 2 of mode page 01h.
const PER: u8 = 0b100;

/// Where a read ends before its end, and how.
struct Cut {
    at: u64,
    why: Why,
}

enum Why {
    Short,
    Blank,
    Answer(Response),
}

impl Cut {
    /// What of `range` is read all the same.
    fn readable(&self, range: SectorRange) -> SectorRange {
        match self.why {
            Why::Answer(Response { data: Handed::All, .. }) => range,
            Why::Answer(Response { data: Handed::First(sectors), .. }) => range.split_at(sectors).0,
            _ => SectorRange::new(range.start(), self.at),
        }
    }
}

impl EmulatedDrive {
    pub(super) fn read(&mut self, cdb: &[u8], data: &mut Data<'_>) -> io::Result<(Ending, f64)> {
        let seconds = self.mechanism.command_seconds();
        if let Some(ending) = self.unready() {
            return Ok((ending, seconds));
        }
        let Some((range, fua)) = read_request(cdb) else {
            return Ok((Ending::check(ILLEGAL_REQUEST, 0x24, 0), seconds));
        };
        let Data::In(buffer) = data else {
            return Ok((Ending::Good(0), seconds));
        };
        if let Some(ending) = self.forbidden(range) {
            return Ok((ending, seconds));
        }
        // No more can be transferred than there is room for.
        let range = range.split_at((buffer.len() / SECTOR_SIZE) as u64).0;
        if range.is_empty() {
            return Ok((Ending::Good(0), seconds));
        }
        if let Some(sense) = self.firmware.refusal() {
            return Ok((Ending::Check { sense, information: None, transferred: 0 }, seconds));
        }
        if self.firmware.gives_zeros() {
            let bytes = usize::try_from(range.bytes()).unwrap_or(0);
            buffer.get_mut(..bytes).unwrap_or_default().fill(0);
            return Ok((Ending::Good(bytes), seconds));
        }
        self.read_medium(range, fua, buffer)
    }

    fn read_medium(&mut self, range: SectorRange, fua: bool, buffer: &mut [u8]) -> io::Result<(Ending, f64)> {
        let cut = self.first_cut(range);
        let readable = cut.as_ref().map_or(range, |cut| cut.readable(range));
        let efforts = self.efforts(readable, fua);
        let now = self.age().as_secs_f64();
        let (mut seconds, mut sectors, mut failing) = (self.mechanism.command_seconds(), 0, None);
        if !readable.is_empty() {
            let charge = self.mechanism.read(readable, fua, now);
            (seconds, sectors, failing) = (charge.seconds, charge.sectors, charge.failing);
        }
        seconds += efforts.len() as f64 * self.mechanism.weak_seconds();
        let transferred = usize::try_from(sectors).unwrap_or(0) * SECTOR_SIZE;
        if let Some(part) = buffer.get_mut(..transferred).filter(|part| !part.is_empty()) {
            self.medium.read_at(range.start(), part)?;
            self.spoil(SectorRange::with_len(range.start(), sectors), part);
        }
        let check = |sense, lba| Ending::Check { sense, information: u32::try_from(lba).ok(), transferred };
        if let Some(lba) = failing {
            self.firmware.failed(now + seconds);
            // UNRECOVERED READ ERROR.
            return Ok((check(Sense::new(MEDIUM_ERROR, 0x11, 0), lba), seconds));
        }
        let ending = match cut {
            None => match efforts.last().filter(|_| self.tells_recovered()) {
                // RECOVERED DATA WITH RETRIES; the address is that of the last sector it was needed for.
                Some(unit) => {
                    let last = ((unit + 1) * self.mechanism.ecc()).min(range.end()) - 1;
                    check(Sense::new(1, 0x17, 1), last)
                }
                None => Ending::Good(transferred),
            },
            Some(Cut { why: Why::Short, .. }) => Ending::Good(transferred),
            Some(Cut { why: Why::Blank, at }) => check(Sense::new(8, 0, 0), at),
            // Nobody asked for recovered errors.
            Some(Cut { why: Why::Answer(Response { what: Answered::Sense(sense), .. }), .. })
                if sense.key == RECOVERED && !self.tells_recovered() =>
            {
                Ending::Good(transferred)
            }
            Some(Cut { why: Why::Answer(response), at }) => {
                if matches!(response.what, Answered::Sense(Sense { key: MEDIUM_ERROR | HARDWARE_ERROR, .. })) {
                    seconds += self.mechanism.effort_seconds();
                    self.firmware.failed(now + seconds);
                }
                seconds += Ending::planned_seconds(response.what, response.after);
                Ending::planned(response.what, u32::try_from(at).ok(), transferred)
            }
        };
        Ok((ending, seconds))
    }

    /// Whether errors that were recovered are told.
    fn tells_recovered(&self) -> bool {
        self.error_page.get(2).is_some_and(|bits| bits & PER != 0)
    }

    fn units(&self, range: SectorRange) -> std::ops::Range<u64> {
        let ecc = self.mechanism.ecc();
        if range.is_empty() || self.manners.is_empty() { 0..0 } else { range.start() / ecc..range.end().div_ceil(ecc) }
    }

    fn manner(&self, unit: u64) -> Option<(usize, Manner)> {
        let index = *self.manner_of.get(&unit)?;
        Some((index, *self.manners.get(index)?))
    }

    /// Where the manners of the units end a read of `range`, if they do.
    fn first_cut(&mut self, range: SectorRange) -> Option<Cut> {
        let ecc = self.mechanism.ecc();
        for unit in self.units(range) {
            let wanted = SectorRange::with_len(unit * ecc, ecc).intersect(range);
            let Some((index, manner)) = self.manner(unit) else { continue };
            let (at, why) = match manner {
                Manner::Recovered { .. } => continue,
                Manner::Short { sectors } if sectors >= wanted.len() => continue,
                Manner::Short { sectors } => (wanted.start() + sectors, Why::Short),
                Manner::Blank => (wanted.start(), Why::Blank),
                Manner::Answer { times: Some(0), .. } => continue,
                Manner::Answer { response, times } => {
                    if let (Some(times), Some(manner)) = (times, self.manners.get_mut(index)) {
                        *manner = Manner::Answer { response, times: Some(times - 1) };
                    }
                    (wanted.start(), Why::Answer(response))
                }
            };
            return Some(Cut { at, why });
        }
        None
    }

    /// The units of `range` that take effort now; those in the cache did earlier.
    fn efforts(&mut self, range: SectorRange, fua: bool) -> Vec<u64> {
        let mut efforts = Vec::new();
        for unit in self.units(range) {
            let recovered = matches!(self.manner(unit), Some((_, Manner::Recovered { .. })));
            if recovered && (fua || !self.mechanism.holds(unit)) {
                *self.tried.entry(unit).or_default() += 1;
                efforts.push(unit);
            }
        }
        efforts
    }

    /// Makes bytes wrong where the drive is wrong for now.
    fn spoil(&self, range: SectorRange, bytes: &mut [u8]) {
        let ecc = self.mechanism.ecc();
        for unit in self.units(range) {
            let tried = self.tried.get(&unit).copied().unwrap_or(0);
            let Some((_, Manner::Recovered { wrong, same })) = self.manner(unit) else { continue };
            if tried > wrong {
                continue;
            }
            let way = 0x80 | if same { 1 } else { tried.to_le_bytes()[0] };
            let part = SectorRange::with_len(unit * ecc, ecc).intersect(range);
            for (sector, lba) in bytes.chunks_mut(SECTOR_SIZE).zip(range.start()..) {
                if part.contains(lba)
                    && let Some(byte) = sector.first_mut()
                {
                    *byte ^= way;
                }
            }
        }
    }
}

/// Range and FUA bit of a READ (10) or (12).
fn read_request(cdb: &[u8]) -> Option<(SectorRange, bool)> {
    let mut bytes = Bytes::new(cdb);
    let [opcode, flags] = bytes.array().ok()?;
    let start = bytes.u32_be().ok()?;
    let count = if opcode == op::READ_12 {
        bytes.u32_be().ok()?
    } else {
        bytes.skip(1).ok()?;
        bytes.u16_be().ok()?.into()
    };
    Some((SectorRange::with_len(start.into(), count.into()), flags & 0x08 != 0))
}
