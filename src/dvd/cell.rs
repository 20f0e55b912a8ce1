//! Cells of a program chain: what they play and how, and the times of DVD tables.

use super::TableError;
use super::table::Table;
use crate::base::time::Ticks90;

/// Bytes of an entry of the cell playback table.
pub(super) const PLAYBACK_BYTES: usize = 24;
/// Bytes of an entry of the cell position table.
pub(super) const POSITION_BYTES: usize = 4;

/// Ticks of 90 kHz of a frame at 25 a second.
const TICKS_OF_25: i64 = 3600;
/// The same at 30000/1001, which is what times with 30 frames in a second count.
const TICKS_OF_30: i64 = 3003;

/// Which VOB and which cell of it: what navigation packs and address tables tell sectors apart by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct CellId {
    /// VOB id.
    pub vob: u16,
    /// Cell id in the VOB.
    pub cell: u8,
}

/// Where a cell stands in a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlockPlace {
    /// In no block.
    Outside,
    /// First of a block.
    First,
    /// In the middle.
    Inside,
    /// Last of a block.
    Last,
}

impl BlockPlace {
    pub(super) fn new(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::Outside,
            1 => Self::First,
            2 => Self::Inside,
            _ => Self::Last,
        }
    }
}

/// A cell as a program chain plays it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cell {
    /// Its place in an angle block; outside of all others.
    pub block: BlockPlace,
    /// Whether the block is one of angles.
    pub is_angle: bool,
    /// Whether the picture goes on from the cell before without a stop.
    pub is_seamless: bool,
    /// Whether it lies in interleaved units.
    pub is_interleaved: bool,
    /// Whether its clock is not that of the cell before.
    pub has_new_clock: bool,
    /// Seconds that the last picture stands: 255 until a button is used.
    pub still: u8,
    /// Number of its command among the cell commands of the chain, from 1; 0 is none.
    pub command: u8,
    /// How long it plays.
    pub time: Ticks90,
    /// First sector, in the title VOBs.
    pub first: u32,
    /// First sector of the last VOBU.
    pub last_vobu: u32,
    /// Last sector.
    pub last: u32,
    /// Which cell it is.
    pub id: CellId,
}

impl Cell {
    /// Reads a playback entry and the position entry that belongs to it.
    pub(super) fn read(playback: &Table<'_>, position: &Table<'_>) -> Result<Self, TableError> {
        let [flags, _, still, command]: [u8; 4] = playback.array(0)?;
        Ok(Self {
            block: BlockPlace::new(flags >> 6),
            is_angle: flags >> 4 & 3 == 1,
            is_seamless: flags & 0x08 != 0,
            is_interleaved: flags & 0x04 != 0,
            has_new_clock: flags & 0x02 != 0,
            still,
            command,
            time: time(playback.array(4)?),
            first: playback.u32(8)?,
            last_vobu: playback.u32(16)?,
            last: playback.u32(20)?,
            id: CellId { vob: position.u16(0)?, cell: position.u8(3)? },
        })
    }
}

/// A time of four bytes in decimal digits: hours, minutes, seconds, frames; the upper two bits of the frames say how many
/// of them a second has. Frames of NTSC are counted without drop: 30 of them last 1.001 seconds. A time without a known
/// rate is zero.
#[must_use]
pub fn time(field: [u8; 4]) -> Ticks90 {
    let digits = |byte: u8| i64::from(byte >> 4) * 10 + i64::from(byte & 15);
    let [hours, minutes, seconds, frames] = field;
    let seconds = digits(hours) * 3600 + digits(minutes) * 60 + digits(seconds);
    let (rate, ticks) = match frames >> 6 {
        1 => (25, TICKS_OF_25),
        3 => (30, TICKS_OF_30),
        _ => return Ticks90::ZERO,
    };
    Ticks90((seconds * rate + digits(frames & 0x3F)) * ticks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_count_frames_as_they_last() {
        assert_eq!(time([0, 0, 0x10, 0x40 | 0x05]), Ticks90(10 * 90_000 + 5 * 3600));
        // 10 s and 6 frames of NTSC are 10.2102 s.
        assert_eq!(time([0, 0, 0x10, 0xC0 | 0x06]), Ticks90(918_918));
        assert_eq!(time([0x01, 0x02, 0x03, 0x40]), Ticks90::from_seconds(3723));
        assert_eq!(time([0xFF, 0xFF, 0xFF, 0]), Ticks90::ZERO);
    }

    #[test]
    fn entries_give_flags_and_sectors() {
        let mut playback = [0u8; PLAYBACK_BYTES];
        playback[..8].copy_from_slice(&[0x5E, 0, 255, 2, 0, 0, 1, 0x40]);
        playback[11] = 9;
        playback[19] = 20;
        playback[23] = 30;
        let playback = Table::new(&playback, 0, "").unwrap();
        let cell = Cell::read(&playback, &Table::new(&[1, 2, 0, 3], 0, "").unwrap()).unwrap();
        assert_eq!((cell.block, cell.is_angle, cell.is_seamless), (BlockPlace::First, true, true));
        assert_eq!((cell.is_interleaved, cell.has_new_clock, cell.still, cell.command), (true, true, 255, 2));
        assert_eq!((cell.first, cell.last_vobu, cell.last, cell.time), (9, 20, 30, Ticks90::SECOND));
        assert_eq!(cell.id, CellId { vob: 0x0102, cell: 3 });
        assert!(Cell::read(&playback, &Table::new(&[1, 2], 0, "").unwrap()).is_err());
    }
}
