//! Command descriptor blocks: what a command looks like on the wire. All numbers in them are big-endian.

use std::ops::Deref;

use crate::base::sector::SectorRange;

/// Operation codes (SPC-4 for the common ones, MMC-6 for the rest).
pub mod op {
    /// TEST UNIT READY.
    pub const TEST_UNIT_READY: u8 = 0x00;
    /// REQUEST SENSE.
    pub const REQUEST_SENSE: u8 = 0x03;
    /// INQUIRY.
    pub const INQUIRY: u8 = 0x12;
    /// MODE SENSE (6): not one of MMC's, but asked for all the same.
    pub const MODE_SENSE_6: u8 = 0x1A;
    /// START STOP UNIT.
    pub const START_STOP_UNIT: u8 = 0x1B;
    /// PREVENT ALLOW MEDIUM REMOVAL.
    pub const PREVENT_ALLOW: u8 = 0x1E;
    /// READ CAPACITY (10).
    pub const READ_CAPACITY: u8 = 0x25;
    /// READ (10).
    pub const READ_10: u8 = 0x28;
    /// READ TOC/PMA/ATIP.
    pub const READ_TOC: u8 = 0x43;
    /// GET CONFIGURATION.
    pub const GET_CONFIGURATION: u8 = 0x46;
    /// GET EVENT STATUS NOTIFICATION.
    pub const GET_EVENT_STATUS: u8 = 0x4A;
    /// READ DISC INFORMATION.
    pub const READ_DISC_INFORMATION: u8 = 0x51;
    /// READ TRACK INFORMATION.
    pub const READ_TRACK_INFORMATION: u8 = 0x52;
    /// MODE SELECT (10).
    pub const MODE_SELECT_10: u8 = 0x55;
    /// MODE SENSE (10).
    pub const MODE_SENSE_10: u8 = 0x5A;
    /// REPORT LUNS.
    pub const REPORT_LUNS: u8 = 0xA0;
    /// READ (12).
    pub const READ_12: u8 = 0xA8;
    /// READ DISC STRUCTURE.
    pub const READ_DISC_STRUCTURE: u8 = 0xAD;
    /// SET STREAMING.
    pub const SET_STREAMING: u8 = 0xB6;
    /// SET CD SPEED.
    pub const SET_CD_SPEED: u8 = 0xBB;
}

/// The mode page of the error recovery parameters (MMC-6, Read/Write Error Recovery mode page).
pub const ERROR_PAGE: u8 = 0x01;

/// The mode page of what a drive can do (MMC-3, CD/DVD Capabilities and Mechanical Status; drives still have it).
pub const CAPABILITIES_PAGE: u8 = 0x2A;

/// READ DISC STRUCTURE of a DVD, format 00h: physical format information.
pub const DVD_PHYSICAL: u8 = 0;

/// READ TOC/PMA/ATIP, format 0000b: the tracks and the lead-out.
pub const TOC_TRACKS: u8 = 0;

/// READ TOC/PMA/ATIP, format 0001b: the first track of the last complete session.
pub const TOC_SESSIONS: u8 = 1;

/// READ TOC/PMA/ATIP, format 0010b: the full table of contents, session by session.
pub const TOC_FULL: u8 = 2;

/// One command, 6, 10 or 12 bytes long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cdb {
    bytes: [u8; 12],
    length: usize,
}

impl Cdb {
    fn of<const N: usize>(command: [u8; N]) -> Self {
        const { assert!(N <= 12) };
        let mut bytes = [0; 12];
        bytes[..N].copy_from_slice(&command);
        Self { bytes, length: N }
    }
}

impl Deref for Cdb {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// TEST UNIT READY (SPC-4).
#[must_use]
pub fn test_unit_ready() -> Cdb {
    Cdb::of([0; 6])
}

/// REQUEST SENSE, fixed format, up to `length` bytes (SPC-4).
#[must_use]
pub fn request_sense(length: u8) -> Cdb {
    Cdb::of([op::REQUEST_SENSE, 0, 0, 0, length, 0])
}

/// INQUIRY, standard data, up to `length` bytes (SPC-4). 36 is what every device can say; some USB bridges choke on more.
#[must_use]
pub fn inquiry(length: u16) -> Cdb {
    let [high, low] = length.to_be_bytes();
    Cdb::of([op::INQUIRY, 0, 0, high, low, 0])
}

/// INQUIRY for a page of vital product data (SPC-4); 80h is the serial number of the unit.
#[must_use]
pub fn inquiry_page(page: u8, length: u16) -> Cdb {
    let [high, low] = length.to_be_bytes();
    Cdb::of([op::INQUIRY, 1, page, high, low, 0])
}

/// START STOP UNIT (MMC-6), waiting for the end of it. `tray` moves the tray too: out when stopping, in when starting.
#[must_use]
pub fn start_stop_unit(start: bool, tray: bool) -> Cdb {
    Cdb::of([op::START_STOP_UNIT, 0, 0, 0, u8::from(start) | u8::from(tray) << 1, 0])
}

/// READ CAPACITY (10) (MMC-6). Eight bytes come back.
#[must_use]
pub fn read_capacity() -> Cdb {
    Cdb::of([op::READ_CAPACITY, 0, 0, 0, 0, 0, 0, 0, 0, 0])
}

/// GET CONFIGURATION (MMC-6): the header and the one feature `feature`, if the drive has it.
#[must_use]
pub fn get_configuration(feature: u16, length: u16) -> Cdb {
    let [feature_high, feature_low] = feature.to_be_bytes();
    let [high, low] = length.to_be_bytes();
    Cdb::of([op::GET_CONFIGURATION, 0b10, feature_high, feature_low, 0, 0, 0, high, low, 0])
}

/// READ TOC/PMA/ATIP (MMC-6) with addresses as LBA, those of [`TOC_FULL`] as minute, second and frame. `format` is
/// [`TOC_TRACKS`], [`TOC_SESSIONS`] or [`TOC_FULL`], which is asked for from the first session on.
#[must_use]
pub fn read_toc(format: u8, length: u16) -> Cdb {
    let [high, low] = length.to_be_bytes();
    let (time, first) = if format == TOC_FULL { (0b10, 1) } else { (0, 0) };
    Cdb::of([op::READ_TOC, time, format & 0x0F, 0, 0, 0, first, high, low, 0])
}

/// MODE SENSE (10) of the current values of a page, without block descriptors (SPC-4).
#[must_use]
pub fn mode_sense(page: u8, length: u16) -> Cdb {
    let [high, low] = length.to_be_bytes();
    Cdb::of([op::MODE_SENSE_10, 0x08, page & 0x3F, 0, 0, 0, 0, high, low, 0])
}

/// MODE SELECT (10) of a parameter list of `length` bytes in page format, not saved for good (SPC-4).
#[must_use]
pub fn mode_select(length: u16) -> Cdb {
    let [high, low] = length.to_be_bytes();
    Cdb::of([op::MODE_SELECT_10, 0x10, 0, 0, 0, 0, 0, high, low, 0])
}

/// SET CD SPEED (MMC-6): reading speed in kB/s (1000 bytes), `None` for the fastest. The speed of writing is left at the fastest.
#[must_use]
pub fn set_cd_speed(kilobytes: Option<u16>) -> Cdb {
    let [high, low] = kilobytes.unwrap_or(u16::MAX).to_be_bytes();
    Cdb::of([op::SET_CD_SPEED, 0, high, low, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0])
}

/// SET STREAMING (MMC-6) with a performance descriptor of 28 bytes, see [`super::answers::streaming_descriptor`].
#[must_use]
pub fn set_streaming() -> Cdb {
    Cdb::of([op::SET_STREAMING, 0, 0, 0, 0, 0, 0, 0, 0, 0, 28, 0])
}

/// PREVENT ALLOW MEDIUM REMOVAL (MMC-6): whether the tray stays shut.
#[must_use]
pub fn prevent_removal(prevent: bool) -> Cdb {
    Cdb::of([op::PREVENT_ALLOW, 0, 0, 0, u8::from(prevent), 0])
}

/// READ DISC INFORMATION (MMC-6), standard: how far a disc was written, its sessions and tracks.
#[must_use]
pub fn read_disc_information(length: u16) -> Cdb {
    let [high, low] = length.to_be_bytes();
    Cdb::of([op::READ_DISC_INFORMATION, 0, 0, 0, 0, 0, 0, high, low, 0])
}

/// READ TRACK INFORMATION (MMC-6) of the track with this number.
#[must_use]
pub fn read_track_information_of(track: u16, length: u16) -> Cdb {
    let [a, b, c, d] = u32::from(track).to_be_bytes();
    let [high, low] = length.to_be_bytes();
    Cdb::of([op::READ_TRACK_INFORMATION, 1, a, b, c, d, 0, high, low, 0])
}

/// READ TRACK INFORMATION (MMC-6) of the track around a sector.
#[must_use]
pub fn read_track_information(sector: u32, length: u16) -> Cdb {
    let [a, b, c, d] = sector.to_be_bytes();
    let [high, low] = length.to_be_bytes();
    Cdb::of([op::READ_TRACK_INFORMATION, 0, a, b, c, d, 0, high, low, 0])
}

/// READ DISC STRUCTURE (MMC-6) of a DVD, layer 0, in one of its formats, such as [`DVD_PHYSICAL`].
#[must_use]
pub fn read_dvd_structure(format: u8, length: u16) -> Cdb {
    let [high, low] = length.to_be_bytes();
    Cdb::of([op::READ_DISC_STRUCTURE, 0, 0, 0, 0, 0, 0, format, high, low, 0, 0])
}

/// READ (10) (MMC-6); `fua` reads the medium and not the drive's cache.
///
/// `None` when an address needs more than 32 bits or the count more than 16.
#[must_use]
pub fn read_10(range: SectorRange, fua: bool) -> Option<Cdb> {
    let [a, b, c, d] = address(range)?.to_be_bytes();
    let [high, low] = u16::try_from(range.len()).ok()?.to_be_bytes();
    Some(Cdb::of([op::READ_10, u8::from(fua) << 3, a, b, c, d, 0, high, low, 0]))
}

/// READ (12) (MMC-6); `fua` reads the medium and not the drive's cache.
///
/// `None` when an address or the count needs more than 32 bits.
#[must_use]
pub fn read_12(range: SectorRange, fua: bool) -> Option<Cdb> {
    let [a, b, c, d] = address(range)?.to_be_bytes();
    let [e, f, g, h] = u32::try_from(range.len()).ok()?.to_be_bytes();
    Some(Cdb::of([op::READ_12, u8::from(fua) << 3, a, b, c, d, e, f, g, h, 0, 0]))
}

/// READ (10), or READ (12) where the count is too large for it; `None` where neither can say it.
#[must_use]
pub fn read(range: SectorRange, fua: bool) -> Option<Cdb> {
    read_10(range, fua).or_else(|| read_12(range, fua))
}

/// The first address of a range, when the last one fits into 32 bits as well.
fn address(range: SectorRange) -> Option<u32> {
    let past_the_last = 1 << 32;
    if range.end() > past_the_last {
        return None;
    }
    u32::try_from(range.start()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_read_says_its_range_or_nothing(start in 0u64..=0x1_0000_1000, count in 0u64..=0x1_0000_0001, fua: bool) {
            let range = SectorRange::with_len(start, count);
            let fits = start <= u64::from(u32::MAX) && range.end() <= 1 << 32;
            let ten = read_10(range, fua);
            prop_assert_eq!(ten.is_some(), fits && count <= 0xFFFF);
            let twelve = read_12(range, fua);
            prop_assert_eq!(twelve.is_some(), fits && count <= u64::from(u32::MAX));
            if let Some(cdb) = ten {
                prop_assert_eq!(cdb.len(), 10);
                prop_assert_eq!(u64::from(u32::from_be_bytes(cdb[2..6].try_into().unwrap())), start);
                prop_assert_eq!(u64::from(u16::from_be_bytes(cdb[7..9].try_into().unwrap())), count);
                prop_assert_eq!(cdb[1], if fua { 8 } else { 0 });
            }
            if let Some(cdb) = twelve {
                prop_assert_eq!(cdb.len(), 12);
                prop_assert_eq!(u64::from(u32::from_be_bytes(cdb[2..6].try_into().unwrap())), start);
                prop_assert_eq!(u64::from(u32::from_be_bytes(cdb[6..10].try_into().unwrap())), count);
            }
            prop_assert_eq!(read(range, fua), ten.or(twelve));
        }
    }

    #[test]
    fn the_group_of_the_operation_code_gives_the_length() {
        // SPC-4, 4.3.4.1: groups 0 (6 bytes), 1 and 2 (10 bytes), 5 (12 bytes).
        let all = [
            test_unit_ready(),
            request_sense(18),
            inquiry(36),
            inquiry_page(0x80, 252),
            start_stop_unit(true, false),
            read_capacity(),
            get_configuration(0, 8),
            read_toc(TOC_TRACKS, 804),
            mode_sense(ERROR_PAGE, 64),
            mode_select(20),
            set_cd_speed(None),
            set_streaming(),
            prevent_removal(true),
            read_disc_information(34),
            read_track_information(0, 36),
            read_track_information_of(1, 36),
            read_dvd_structure(DVD_PHYSICAL, 2052),
        ];
        for cdb in all {
            let expected = [6, 10, 10, 0, 16, 12, 0, 0][usize::from(cdb[0] >> 5)];
            assert_eq!(cdb.len(), expected, "{cdb:02X?}");
        }
    }

    #[test]
    fn settings_land_in_their_bytes() {
        assert_eq!(&*mode_sense(0x41, 64), [0x5A, 8, 1, 0, 0, 0, 0, 0, 64, 0]);
        assert_eq!(&*mode_select(20), [0x55, 0x10, 0, 0, 0, 0, 0, 0, 20, 0]);
        assert_eq!(&*set_cd_speed(Some(0x1234)), [0xBB, 0, 0x12, 0x34, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0]);
        assert_eq!(&*start_stop_unit(false, true), [0x1B, 0, 0, 0, 2, 0]);
        assert_eq!(&*prevent_removal(true), [0x1E, 0, 0, 0, 1, 0]);
        assert_eq!(&*read_track_information(0x0102, 36), [0x52, 0, 0, 0, 1, 2, 0, 0, 36, 0]);
        assert_eq!(&*read_track_information_of(0x0102, 36), [0x52, 1, 0, 0, 1, 2, 0, 0, 36, 0]);
        assert_eq!(&*read_disc_information(34), [0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0]);
        assert_eq!(&*read_toc(TOC_FULL, 2048), [0x43, 2, 2, 0, 0, 0, 1, 8, 0, 0]);
        assert_eq!(&*read_toc(TOC_TRACKS, 804), [0x43, 0, 0, 0, 0, 0, 0, 3, 0x24, 0]);
        assert_eq!(&*read_dvd_structure(4, 2052), [0xAD, 0, 0, 0, 0, 0, 0, 4, 8, 4, 0, 0]);
        assert_eq!(&*inquiry_page(0x80, 252), [0x12, 1, 0x80, 0, 252, 0]);
        assert_eq!(&*get_configuration(0x10, 24), [0x46, 2, 0, 0x10, 0, 0, 0, 0, 24, 0]);
    }
}
