//! What the emulated drive tells of the disc, its tracks, its abilities and its events.

use super::drive::EmulatedDrive;
use super::ending::{Ending, ILLEGAL_REQUEST, allocation, give};
use super::plan::faults::Manner;
use crate::base::bytes::Bytes;
use crate::base::media::Media;
use crate::scsi::Data;

/// First address of a DVD's data area (ECMA-267), which READ DISC STRUCTURE counts from.
const DVD_FIRST: u32 = 0x03_0000;

/// Largest DVD of one layer, sectors.
const DVD_LAYER_MAX: u64 = 2_298_496;

/// The media class, as a class and as a bit of the classes asked for.
const MEDIA_CLASS: u8 = 4;

impl EmulatedDrive {
    /// READ CAPACITY (10).
    pub(super) fn capacity(&self, data: &mut Data<'_>) -> Ending {
        let said = self.said_capacity.unwrap_or_else(|| self.medium.sectors());
        let last = u32::try_from(said.saturating_sub(1)).unwrap_or(u32::MAX);
        let mut answer = last.to_be_bytes().to_vec();
        answer.extend(self.disc.block.unwrap_or(2048).to_be_bytes());
        give(data, &answer, 8)
    }

    /// GET CONFIGURATION: the header, and the profile list when it is asked for.
    pub(super) fn configuration(&self, cdb: &[u8], data: &mut Data<'_>) -> Ending {
        let profile: u16 = match (self.media, self.is_rewritable()) {
            _ if !self.disc_in => 0,
            _ if self.disc.profile.is_some() => self.disc.profile.unwrap_or_default(),
            (Media::Cd, false) => 0x0008,
            (Media::Cd, true) => 0x000A,
            (Media::Dvd, false) => 0x0010,
            (Media::Dvd, true) => 0x001A,
            // An Ultra HD disc is a BD-ROM to the drive.
            (Media::Bd | Media::Uhd, false) => 0x0040,
            (Media::Bd | Media::Uhd, true) => 0x0043,
        };
        let mut features = Vec::new();
        if Bytes::at(cdb, 2).and_then(|mut b| b.u16_be()) == Ok(0) {
            // Feature 0000h, Profile List: persistent and current, the profile that is current marked.
            features.extend([0, 0, 0b11, 24]);
            for known in [0x0008u16, 0x000A, 0x0010, 0x001A, 0x0040, 0x0043] {
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

    pub(super) fn is_rewritable(&self) -> bool {
        self.settings.rewritable >= 1.0 || self.manners.contains(&Manner::Blank)
    }

    /// First sector from which on the disc was never written, when there is one.
    pub(super) fn blank_tail(&self) -> Option<u32> {
        let ecc = self.mechanism.ecc();
        let units = self.medium.sectors().div_ceil(ecc);
        let is_blank = |unit: u64| {
            self.manner_of.get(&unit).and_then(|index| self.manners.get(*index)).is_some_and(|m| *m == Manner::Blank)
        };
        let first = (0..units).rev().take_while(|unit| is_blank(*unit)).last()?;
        u32::try_from(first * ecc).ok()
    }

    /// READ DISC STRUCTURE: physical format and copyright of a DVD, disc information of a Blu-ray.
    pub(super) fn structure(&self, cdb: &[u8], data: &mut Data<'_>) -> Ending {
        let kind = cdb.get(1).map_or(0, |b| b & 0x0F);
        let mut body = match (self.media, kind, cdb.get(7)) {
            (Media::Dvd, 0, Some(0)) => self.dvd_layer(),
            // No protection, all regions.
            (Media::Dvd, 0, Some(1)) => vec![0; 4],
            (Media::Bd | Media::Uhd, 1, Some(0)) => {
                let mut units = b"DI\x01\0\0\0\x70\0BDO\x12".to_vec();
                units.resize(4096, 0);
                units
            }
            _ => return Ending::check(ILLEGAL_REQUEST, 0x24, 0),
        };
        let mut answer = u16::try_from(body.len() + 2).unwrap_or(u16::MAX).to_be_bytes().to_vec();
        answer.extend([0, 0]);
        answer.append(&mut body);
        let length = Bytes::at(cdb, 8).and_then(|mut b| b.u16_be()).unwrap_or(0);
        give(data, &answer, length.into())
    }

    /// The physical format information of a DVD; two layers with opposite track paths when one would not do.
    fn dvd_layer(&self) -> Vec<u8> {
        let sectors = self.disc.said_format.unwrap_or(u32::try_from(self.medium.sectors()).unwrap_or(0));
        let last = |sectors: u32| DVD_FIRST.saturating_add(sectors).saturating_sub(1);
        let (layers, end, layer_end) = if u64::from(sectors) > DVD_LAYER_MAX {
            let first = sectors.div_ceil(2).next_multiple_of(16);
            // The second layer is addressed with the complement, counting on inwards.
            let second = (!last(first) & 0xFF_FFFF).saturating_add(sectors - first).saturating_sub(1);
            (0b0011_0001, second, last(first))
        } else {
            (0b0000_0001, last(sectors), 0)
        };
        let mut body = vec![0x01, 0x02, layers, 0x10];
        for word in [DVD_FIRST, end, layer_end] {
            body.extend(word.to_be_bytes());
        }
        body.resize(2048, 0);
        body
    }

    /// GET EVENT STATUS NOTIFICATION, polled, media class: what happened to the disc since the last question.
    pub(super) fn event_status(&mut self, cdb: &[u8], data: &mut Data<'_>) -> Ending {
        if cdb.get(1).is_none_or(|b| b & 1 == 0) {
            return Ending::check(ILLEGAL_REQUEST, 0x24, 0);
        }
        let media = 1 << MEDIA_CLASS;
        let wanted = cdb.get(4).is_some_and(|classes| classes & media != 0);
        let answer = if wanted {
            let state = u8::from(self.tray_open) | u8::from(self.disc_in) << 1;
            vec![0, 6, MEDIA_CLASS, media, std::mem::take(&mut self.media_event), state, 0, 0]
        } else {
            // No event available.
            vec![0, 2, 0x80, media]
        };
        give(data, &answer, allocation(cdb))
    }

    /// Mode page 2Ah: what the drive can do, its top speed and the present one.
    pub(super) fn capabilities(&self) -> Vec<u8> {
        let [top_high, top_low] = kilobytes(self.mechanism.top_speed());
        let [now_high, now_low] = kilobytes(self.speed.map_or(self.mechanism.top_speed(), f64::from));
        let mut page = vec![0x2A, 0x18, 0x3F, 0, 0x71, 0x03];
        // Lock, eject, a tray; whether it is locked now.
        page.extend([0x29 | u8::from(self.locked) << 1, 0, top_high, top_low, 1, 0, 16, 0, now_high, now_low]);
        page.resize(26, 0);
        page
    }
}

/// A speed as drives say it: kB/s in 16 bits.
fn kilobytes(speed: f64) -> [u8; 2] {
    u16::try_from(super::latency::whole(speed)).unwrap_or(u16::MAX).to_be_bytes()
}
