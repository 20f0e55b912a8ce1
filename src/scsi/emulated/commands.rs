//! The commands that the emulated drive knows.

use std::io;

use super::{EmulatedDrive, Ending};
use crate::base::bytes::Bytes;
use crate::base::media::Media;
use crate::base::outcome::Sense;
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::scsi::Data;
use crate::scsi::answers::TYPE_OPTICAL;
use crate::scsi::cdb::{self, op};
use crate::scsi::sense;

/// Mode page 01h as the drive wakes up with it: ARRE off, no bits set, 20 retries.
pub(super) const ERROR_PAGE_DEFAULT: [u8; 12] = [0x01, 10, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0];

/// Sense keys.
const NOT_READY: u8 = 2;
const MEDIUM_ERROR: u8 = 3;
const ILLEGAL_REQUEST: u8 = 5;
const UNIT_ATTENTION: u8 = 6;

/// One track of the emulated disc; it ends where the next one starts, the last one at the disc's end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TrackLayout {
    /// First sector.
    pub start: u32,
    /// Data, not sound.
    pub data: bool,
}

impl EmulatedDrive {
    /// Carries a command out; tells how it ends and how many seconds that takes.
    pub(super) fn carry_out(&mut self, cdb: &[u8], data: &mut Data<'_>) -> io::Result<(Ending, f64)> {
        let opcode = cdb.first().copied().unwrap_or_default();
        let seconds = self.mechanism.command_seconds();
        let told_anyway = matches!(opcode, op::INQUIRY | op::REQUEST_SENSE | op::GET_CONFIGURATION);
        if let (false, Some(sense)) = (told_anyway, self.attention) {
            self.attention = None;
            return Ok((Ending::Check { sense, information: None, transferred: 0 }, seconds));
        }
        let ending = match opcode {
            op::READ_10 | op::READ_12 => return self.read(cdb, data),
            op::TEST_UNIT_READY => self.unready().unwrap_or(Ending::Good(0)),
            op::REQUEST_SENSE => self.request_sense(cdb, data),
            op::INQUIRY => inquiry(cdb, data),
            op::START_STOP_UNIT => self.start_stop(cdb),
            op::PREVENT_ALLOW => {
                self.locked = cdb.get(4).is_some_and(|b| b & 1 != 0);
                Ending::Good(0)
            }
            op::READ_CAPACITY => self.unready().unwrap_or_else(|| self.capacity(data)),
            op::READ_TOC => self.unready().unwrap_or_else(|| self.toc(cdb, data)),
            op::GET_CONFIGURATION => self.configuration(cdb, data),
            op::MODE_SENSE_10 => self.mode_sense(cdb, data),
            op::MODE_SELECT_10 => self.mode_select(data),
            op::SET_CD_SPEED => {
                let speed = Bytes::at(cdb, 2).and_then(|mut b| b.u16_be()).unwrap_or(u16::MAX);
                self.mechanism.set_speed((speed != u16::MAX).then_some(speed));
                Ending::Good(0)
            }
            // INVALID COMMAND OPERATION CODE.
            _ => Ending::check(ILLEGAL_REQUEST, 0x20, 0),
        };
        Ok((ending, seconds))
    }

    /// Why the medium cannot be used now, if it cannot.
    fn unready(&self) -> Option<Ending> {
        if !self.disc_in {
            // MEDIUM NOT PRESENT - TRAY OPEN, or CLOSED.
            return Some(Ending::check(NOT_READY, 0x3A, if self.tray_open { 2 } else { 1 }));
        }
        if self.not_ready_until.is_some() {
            // LOGICAL UNIT IS IN PROCESS OF BECOMING READY.
            return Some(Ending::check(NOT_READY, 0x04, 1));
        }
        // LOGICAL UNIT NOT READY, INITIALIZING COMMAND REQUIRED.
        self.stopped.then(|| Ending::check(NOT_READY, 0x04, 2))
    }

    fn read(&mut self, cdb: &[u8], data: &mut Data<'_>) -> io::Result<(Ending, f64)> {
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
        let charge = self.mechanism.read(range, fua, self.age().as_secs_f64());
        let transferred = usize::try_from(charge.sectors).unwrap_or(0) * SECTOR_SIZE;
        if let Some(part) = buffer.get_mut(..transferred).filter(|part| !part.is_empty()) {
            self.medium.read_at(range.start(), part)?;
        }
        let ending = match charge.failing {
            None => Ending::Good(transferred),
            // UNRECOVERED READ ERROR.
            Some(lba) => Ending::Check {
                sense: Sense::new(MEDIUM_ERROR, 0x11, 0),
                information: u32::try_from(lba).ok(),
                transferred,
            },
        };
        Ok((ending, charge.seconds))
    }

    /// Why a range cannot be read at all, if so: past the end, or in an audio track.
    fn forbidden(&self, range: SectorRange) -> Option<Ending> {
        if range.end() > self.medium.sectors() {
            // LOGICAL BLOCK ADDRESS OUT OF RANGE.
            return Some(Ending::check(ILLEGAL_REQUEST, 0x21, 0));
        }
        let ends = self.tracks.iter().skip(1).map(|t| u64::from(t.start)).chain([u64::MAX]);
        let mut audio = self.tracks.iter().zip(ends).filter(|(track, _)| !track.data);
        let hit = audio.any(|(track, end)| !SectorRange::new(track.start.into(), end).intersect(range).is_empty());
        // ILLEGAL MODE FOR THIS TRACK.
        hit.then(|| Ending::check(ILLEGAL_REQUEST, 0x64, 0))
    }

    fn request_sense(&mut self, cdb: &[u8], data: &mut Data<'_>) -> Ending {
        let sense = match (self.attention.take(), self.unready()) {
            (Some(sense), _) | (None, Some(Ending::Check { sense, .. })) => sense,
            _ => Sense::default(),
        };
        give(data, &sense::encode_fixed(sense, None), cdb.get(4).copied().unwrap_or(0).into())
    }

    fn start_stop(&mut self, cdb: &[u8]) -> Ending {
        let bits = cdb.get(4).copied().unwrap_or_default();
        match (bits & 2 != 0, bits & 1 != 0) {
            // MEDIUM REMOVAL PREVENTED.
            (true, false) if self.locked => return Ending::check(ILLEGAL_REQUEST, 0x53, 2),
            (true, false) => (self.disc_in, self.tray_open) = (false, true),
            (true, true) => {
                if !self.disc_in {
                    // NOT READY TO READY CHANGE, MEDIUM MAY HAVE CHANGED.
                    self.attention = Some(Sense::new(UNIT_ATTENTION, 0x28, 0));
                }
                (self.disc_in, self.tray_open, self.stopped) = (true, false, false);
            }
            (false, start) => self.stopped = !start,
        }
        Ending::Good(0)
    }

    fn capacity(&self, data: &mut Data<'_>) -> Ending {
        let last = u32::try_from(self.medium.sectors().saturating_sub(1)).unwrap_or(u32::MAX);
        let mut answer = last.to_be_bytes().to_vec();
        answer.extend(2048u32.to_be_bytes());
        give(data, &answer, 8)
    }

    fn configuration(&self, cdb: &[u8], data: &mut Data<'_>) -> Ending {
        let profile: u16 = match self.media {
            _ if !self.disc_in => 0,
            Media::Cd => 0x0008,
            Media::Dvd => 0x0010,
            // An Ultra HD disc is a BD-ROM to the drive.
            Media::Bd | Media::Uhd => 0x0040,
        };
        let mut features = Vec::new();
        if Bytes::at(cdb, 2).and_then(|mut b| b.u16_be()) == Ok(0) {
            // Feature 0000h, Profile List: persistent and current, the profile that is current marked.
            features.extend([0, 0, 0b11, 12]);
            for known in [0x0008u16, 0x0010, 0x0040] {
                features.extend(known.to_be_bytes());
                features.extend([u8::from(known == profile), 0]);
            }
        }
        let mut answer = (u32::try_from(features.len()).unwrap_or(0) + 4).to_be_bytes().to_vec();
        answer.extend([0, 0]);
        answer.extend(profile.to_be_bytes());
        answer.extend(features);
        give(data, &answer, allocation(cdb))
    }

    fn toc(&self, cdb: &[u8], data: &mut Data<'_>) -> Ending {
        let format = cdb.get(2).map_or(0, |b| b & 0x0F);
        let control = |data: bool| if data { 0x14 } else { 0x10 };
        let end = u32::try_from(self.medium.sectors()).unwrap_or(u32::MAX);
        let numbered = (1u8..=99).zip(&self.tracks);
        let entries: Vec<(u8, u8, u32)> = match format {
            cdb::TOC_TRACKS => {
                let lead_out = (0xAA, control(self.tracks.last().is_none_or(|t| t.data)), end);
                numbered.map(|(n, t)| (n, control(t.data), t.start)).chain([lead_out]).collect()
            }
            cdb::TOC_SESSIONS => numbered.take(1).map(|(n, t)| (n, control(t.data), t.start)).collect(),
            _ => return Ending::check(ILLEGAL_REQUEST, 0x24, 0),
        };
        // First and last track, or first and last session, which is one.
        let last = if format == cdb::TOC_TRACKS { u8::try_from(self.tracks.len()).unwrap_or(99) } else { 1 };
        let mut answer = u16::try_from(entries.len() * 8 + 2).unwrap_or(u16::MAX).to_be_bytes().to_vec();
        answer.extend([1, last]);
        for (number, control, start) in entries {
            answer.extend([0, control, number, 0]);
            answer.extend(start.to_be_bytes());
        }
        give(data, &answer, allocation(cdb))
    }

    fn mode_sense(&self, cdb: &[u8], data: &mut Data<'_>) -> Ending {
        let Some([flags, page]) = cdb.get(1..3).and_then(|b| <[u8; 2]>::try_from(b).ok()) else {
            return Ending::check(ILLEGAL_REQUEST, 0x24, 0);
        };
        if page & 0x3F != cdb::ERROR_PAGE || flags & 0x08 == 0 {
            return Ending::check(ILLEGAL_REQUEST, 0x24, 0);
        }
        let body = match page >> 6 {
            // Changeable values: the bits of byte 2 and the retry count.
            1 => vec![0x01, 10, 0x37, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0],
            2 => ERROR_PAGE_DEFAULT.to_vec(),
            // SAVING PARAMETERS NOT SUPPORTED.
            3 => return Ending::check(ILLEGAL_REQUEST, 0x39, 0),
            _ => self.error_page.clone(),
        };
        let mut answer = u16::try_from(body.len() + 6).unwrap_or(u16::MAX).to_be_bytes().to_vec();
        answer.extend([0; 6]);
        answer.extend(body);
        give(data, &answer, allocation(cdb))
    }

    fn mode_select(&mut self, data: &mut Data<'_>) -> Ending {
        let Data::Out(list) = data else { return Ending::Good(0) };
        match list.get(8..) {
            Some([]) => Ending::Good(list.len()),
            Some(page) if page.len() == 12 && page.starts_with(&[0x01, 10]) && page.iter().skip(4).all(|b| *b == 0) => {
                self.error_page = page.to_vec();
                Ending::Good(list.len())
            }
            // INVALID FIELD IN PARAMETER LIST, or PARAMETER LIST LENGTH ERROR.
            Some(_) => Ending::check(ILLEGAL_REQUEST, 0x26, 0),
            None => Ending::check(ILLEGAL_REQUEST, 0x1A, 0),
        }
    }
}

fn inquiry(cdb: &[u8], data: &mut Data<'_>) -> Ending {
    let length = Bytes::at(cdb, 3).and_then(|mut b| b.u16_be()).unwrap_or(0).into();
    let mut answer = vec![TYPE_OPTICAL];
    match (cdb.get(1).map(|b| b & 1), cdb.get(2)) {
        (Some(0), Some(0)) => {
            answer.extend([0x80, 0x05, 0x02, 31, 0, 0, 0]);
            answer.extend(b"FREEMKV EMULATED DRIVE  1.00");
        }
        (Some(1), Some(0x00)) => answer.extend([0x00, 0, 2, 0x00, 0x80]),
        (Some(1), Some(0x80)) => answer.extend(b"\x80\0\x08EMULATED"),
        _ => return Ending::check(ILLEGAL_REQUEST, 0x24, 0),
    }
    give(data, &answer, length)
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

/// The allocation length of a 10-byte command.
fn allocation(cdb: &[u8]) -> usize {
    Bytes::at(cdb, 7).and_then(|mut b| b.u16_be()).unwrap_or(0).into()
}

/// Transfers as much of an answer as was asked for and there is room for.
fn give(data: &mut Data<'_>, answer: &[u8], allocation: usize) -> Ending {
    let Data::In(buffer) = data else { return Ending::Good(0) };
    let length = answer.len().min(allocation).min(buffer.len());
    for (to, from) in buffer.iter_mut().zip(answer.iter().take(length)) {
        *to = *from;
    }
    Ending::Good(length)
}
