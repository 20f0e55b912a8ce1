//! Navigation packs: the first sector of each unit (VOBU) says where and when it plays, and which buttons it shows.

use super::cell::{CellId, time};
use super::command::{COMMAND_BYTES, Command};
use super::table::Table;
use super::{SECTOR, TableError};
use crate::base::time::Ticks90;

const TABLE: &str = "navigation pack";
/// Start codes of a pack and of private stream 2.
const PACK: [u8; 4] = [0, 0, 1, 0xBA];
const PRIVATE_2: [u8; 4] = [0, 0, 1, 0xBF];
/// Where the packets of PCI and DSI begin, and how far behind that their data.
const PCI_PACKET: usize = 0x26;
const DSI_PACKET: usize = 0x400;
const DATA: usize = 7;
/// Times of a pack have 32 bits.
const TURN: i64 = 1 << 32;
/// How far the clock of a pack may lie from what is shown then.
const CLOCK_NEAR: i64 = 10 * Ticks90::SECOND.0;
/// Highlights of the PCI data: from its start; the buttons of these.
const HIGHLIGHTS: usize = 0x60;
const BUTTONS: usize = 0x8E;
const BUTTON_BYTES: usize = 18;
const MOST_BUTTONS: usize = 36;

/// What a navigation pack says of its unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Nav {
    /// Which cell the unit belongs to.
    pub cell: CellId,
    /// Sector in the VOBs as recorded.
    pub sector: u32,
    /// Sectors behind it that the unit has.
    pub sectors: u32,
    /// When its first picture is shown. The pack has 32 bits of it; its clock tells the last of the 33 of time stamps.
    pub start: Ticks90,
    /// When its last one ends.
    pub end: Ticks90,
    /// When the pictures end that a sequence end code in it ends; `None` where they go on.
    pub sequence_end: Option<Ticks90>,
    /// How much of the cell was played before it, in whole frames.
    pub elapsed: Ticks90,
    /// When the first picture of its VOB is shown.
    pub vob_start: Ticks90,
    /// When its VOB ends.
    pub vob_end: Ticks90,
    /// Whether it lies in interleaved units.
    pub is_interleaved: bool,
}

/// Whether the packets of a navigation pack begin where they have to.
#[must_use]
pub fn is_nav(sector: &[u8]) -> bool {
    let has = |at: usize, code: [u8; 4], id: u8| {
        sector.get(at..).is_some_and(|packet| packet.starts_with(&code) && packet.get(6) == Some(&id))
    };
    sector.starts_with(&PACK) && has(PCI_PACKET, PRIVATE_2, 0) && has(DSI_PACKET, PRIVATE_2, 1)
}

impl Nav {
    /// Reads a sector; `None` where it is no navigation pack.
    #[must_use]
    pub fn parse(sector: &[u8]) -> Option<Self> {
        if !is_nav(sector) || sector.len() < SECTOR {
            return None;
        }
        Self::read(sector).ok()
    }

    /// Whether it says anything: programs that make streams for a disc leave packs empty for the one that makes the disc.
    #[must_use]
    pub fn is_filled(&self) -> bool {
        self.cell.vob != 0 && (self.end > self.start || self.vob_end > self.vob_start)
    }

    fn read(sector: &[u8]) -> Result<Self, TableError> {
        let pci = Table::new(sector, PCI_PACKET + DATA, TABLE)?;
        let dsi = Table::new(sector, DSI_PACKET + DATA, TABLE)?;
        let times = Times::new(sector, pci.u32(0x0C)?);
        Ok(Self {
            cell: CellId { vob: dsi.u16(0x18)?, cell: dsi.u8(0x1B)? },
            sector: dsi.u32(4)?,
            sectors: dsi.u32(8)?,
            start: times.near(times.start),
            end: times.near(pci.u32(0x10)?),
            sequence_end: Some(pci.u32(0x14)?).filter(|end| *end != 0).map(|end| times.near(end)),
            elapsed: time(dsi.array(0x1C)?),
            vob_start: times.near(dsi.u32(0x2C)?),
            vob_end: times.near(dsi.u32(0x30)?),
            is_interleaved: dsi.u16(0x20)? & 0x4000 != 0,
        })
    }
}

/// The times of a pack, which lack what is over 32 bits.
#[derive(Clone, Copy)]
struct Times {
    start: u32,
    /// What its start lacks.
    turn: i64,
    /// The clock of the pack is near its start. One that contradicts it says nothing of the other times either.
    is_near: bool,
}

impl Times {
    /// Those of a pack that starts at `start`, or a turn later where its clock (ISO/IEC 13818-1, 2.5.3.4), which runs a little
    /// ahead, says so.
    fn new(sector: &[u8], start: u32) -> Self {
        let first = Self { start, turn: 0, is_near: false };
        // Behind the start code six bytes: two bits, and 3, 15 and 15 of the clock with a marker behind each.
        let Some(clock) = sector.get(PACK.len()..PACK.len() + 6) else { return first };
        let bits = clock.iter().fold(0, |bits, byte| bits << 8 | i64::from(*byte));
        let clock = (bits >> 43 & 7) << 30 | (bits >> 27 & 0x7FFF) << 15 | bits >> 11 & 0x7FFF;
        let near = [0, TURN].into_iter().find(|turn| (i64::from(start) + turn - clock).abs() <= CLOCK_NEAR);
        near.map_or(first, |turn| Self { start, turn, is_near: true })
    }

    /// A time of the pack, which may lie on the other side of a turn than its start.
    fn near(self, time: u32) -> Ticks90 {
        let by = i64::from(time) - i64::from(self.start);
        let other = if by < -TURN / 2 && self.is_near {
            TURN
        } else if by > TURN / 2 && self.turn > 0 {
            -TURN
        } else {
            0
        };
        Ticks90(i64::from(time) + self.turn + other)
    }
}

/// The commands of the buttons that a navigation pack shows, from button 1 on; none where it shows none.
#[must_use]
pub fn buttons(sector: &[u8]) -> Vec<Command> {
    if !is_nav(sector) {
        return Vec::new();
    }
    let read = || -> Result<Vec<Command>, TableError> {
        let pci = Table::new(sector, PCI_PACKET + DATA, TABLE)?;
        let highlights = pci.at(HIGHLIGHTS, "highlights")?;
        if highlights.u16(0)? & 3 == 0 {
            return Ok(Vec::new());
        }
        // With several groups, for several shapes of display, the first has as many as the others.
        let groups = usize::from(highlights.u8(14)? >> 4 & 3).clamp(1, 3);
        let count = usize::from(highlights.u8(17)? & 0x3F).min(MOST_BUTTONS / groups);
        let command = |n: usize| highlights.array::<COMMAND_BYTES>(BUTTONS - HIGHLIGHTS + n * BUTTON_BYTES + 10);
        (0..count).map(|n| command(n).map(Command::new)).collect()
    };
    read().unwrap_or_default()
}

/// Which of the buttons is activated by itself at the end of the selection, from 1.
#[must_use]
pub fn forced_button(sector: &[u8]) -> Option<u8> {
    let at = PCI_PACKET + DATA + HIGHLIGHTS + 21;
    sector.get(at).map(|byte| byte & 0x3F).filter(|button| *button != 0 && is_nav(sector))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dvd::fixture::put;
    use proptest::prelude::*;

    fn sector() -> Vec<u8> {
        let mut sector = vec![0; SECTOR];
        put(&mut sector, 0, &PACK);
        put(&mut sector, PCI_PACKET, &[0, 0, 1, 0xBF, 3, 0xD4, 0]);
        put(&mut sector, DSI_PACKET, &[0, 0, 1, 0xBF, 3, 0xFA, 1]);
        sector
    }

    #[test]
    fn cell_and_times_are_where_the_format_has_them() {
        let mut sector = sector();
        put(&mut sector, 0x2D + 0x0C, &90_000u32.to_be_bytes());
        put(&mut sector, 0x2D + 0x10, &135_000u32.to_be_bytes());
        put(&mut sector, 0x407 + 4, &17u32.to_be_bytes());
        put(&mut sector, 0x407 + 8, &200u32.to_be_bytes());
        put(&mut sector, 0x407 + 0x18, &[1, 2, 0, 3, 0, 0, 2, 0x40, 0x40, 0]);
        put(&mut sector, 0x2D + 0x14, &120_000u32.to_be_bytes());
        let nav = Nav::parse(&sector).unwrap();
        assert!(nav.is_filled() && !Nav::parse(&self::sector()).unwrap().is_filled());
        assert_eq!(nav.sequence_end, Some(Ticks90(120_000)));
        assert_eq!(nav.cell, CellId { vob: 0x0102, cell: 3 });
        assert_eq!((nav.sector, nav.sectors, nav.is_interleaved), (17, 200, true));
        assert_eq!((nav.start, nav.end, nav.elapsed), (Ticks90::SECOND, Ticks90(135_000), Ticks90(180_000)));
        put(&mut sector, 0x407 + 0x2C, &[12_012u32.to_be_bytes(), 90_090u32.to_be_bytes()].concat());
        let vob = Nav::parse(&sector).map(|nav| (nav.vob_start, nav.vob_end));
        assert_eq!(vob, Some((Ticks90(12_012), Ticks90(90_090))));
        sector[DSI_PACKET + 6] = 0;
        assert_eq!(Nav::parse(&sector), None);
    }

    #[test]
    fn the_clock_of_a_pack_tells_the_bit_that_its_times_lack() {
        let mut sector = sector();
        put(&mut sector, 0x2D + 0x0C, &[9000u32.to_be_bytes(), 54_000u32.to_be_bytes()].concat());
        put(&mut sector, 0x407 + 0x2C, &[(u32::MAX - 90_000).to_be_bytes(), 120_000u32.to_be_bytes()].concat());
        let of =
            |sector: &[u8]| Nav::parse(sector).map(|nav| [nav.start, nav.end, nav.vob_start, nav.vob_end].map(|t| t.0));
        assert_eq!(of(&sector), Some([9000, 54_000, i64::from(u32::MAX) - 90_000, 120_000]));
        // A clock a fifth of a second in front of the turn.
        let clock = TURN - 18_000;
        let bits = 1 << 46
            | (clock >> 30 & 7) << 43
            | 1 << 42
            | (clock >> 15 & 0x7FFF) << 27
            | 1 << 26
            | (clock & 0x7FFF) << 11
            | 1 << 10;
        put(&mut sector, 4, &bits.to_be_bytes()[2..]);
        assert_eq!(of(&sector), Some([TURN + 9000, TURN + 54_000, TURN - 90_001, TURN + 120_000]));
        // The end behind the turn, the start in front of it.
        put(&mut sector, 0x2D + 0x0C, &[(u32::MAX - 8999).to_be_bytes(), 54_000u32.to_be_bytes()].concat());
        assert_eq!(of(&sector).map(|times| [times[0], times[1]]), Some([TURN - 9000, TURN + 54_000]));
    }

    #[test]
    fn buttons_give_their_commands() {
        let mut sector = sector();
        assert!(buttons(&sector).is_empty());
        let highlights = 0x2D + HIGHLIGHTS;
        put(&mut sector, highlights, &[0, 1]);
        put(&mut sector, highlights + 14, &[0x10, 0, 0, 2, 2, 0, 0, 1]);
        put(&mut sector, 0x2D + BUTTONS + BUTTON_BYTES + 10, &[0x30, 2, 0, 0, 0, 5, 0, 0]);
        let found = buttons(&sector);
        assert_eq!(found.len(), 2);
        assert_eq!(found[1], Command::new([0x30, 2, 0, 0, 0, 5, 0, 0]));
        assert_eq!(forced_button(&sector), Some(1));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..64), at in 0usize..2048, cut in 0usize..2048) {
            let mut sector = sector();
            let at = at.min(SECTOR - bytes.len());
            put(&mut sector, at, &bytes);
            let _ = (Nav::parse(&sector), buttons(&sector), forced_button(&sector));
            let _ = (Nav::parse(&sector[..cut]), buttons(&sector[..cut]), forced_button(&sector[..cut]));
        }
    }
}
