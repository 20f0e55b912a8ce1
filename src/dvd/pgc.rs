//! Program chains: what a title or a menu plays, in which order, and with which streams.

use std::sync::Arc;

use super::TableError;
use super::attributes::{AUDIO, SUBPICTURES};
use super::cell::{self, Cell, PLAYBACK_BYTES, POSITION_BYTES, time};
use super::command::{COMMAND_BYTES, Command};
use super::table::Table;
use crate::base::time::Ticks90;

const TABLE: &str = "program chain";
/// Bytes of an entry of a table of chains.
const ENTRY_BYTES: usize = 8;

/// Streams of a sub-picture, by the display it is drawn for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SubpictureStreams {
    /// On 4:3, of a 4:3 film.
    pub normal: u8,
    /// On 16:9.
    pub wide: u8,
    /// On 4:3, a 16:9 film with bars above and below.
    pub letterbox: u8,
    /// On 4:3, the middle of a 16:9 film.
    pub pan_scan: u8,
}

/// The commands of a chain.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Commands {
    /// Run in front of the first cell.
    pub pre: Vec<Command>,
    /// Run behind the last.
    pub post: Vec<Command>,
    /// Run behind a cell that names one, from 1.
    pub cell: Vec<Command>,
}

/// A program chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pgc {
    /// How long it plays.
    pub time: Ticks90,
    /// Physical audio streams by their logical numbers; `None` where there is none.
    pub audio: [Option<u8>; AUDIO],
    /// Physical sub-picture streams by their logical numbers.
    pub subpictures: [Option<SubpictureStreams>; SUBPICTURES],
    /// The chain that is played next; 0 is none.
    pub next: u16,
    /// The chain before; 0 is none.
    pub previous: u16,
    /// The chain above; 0 is none.
    pub up: u16,
    /// Whether programs are played in a random order.
    pub is_random: bool,
    /// Seconds that the last picture stands: 255 until a button is used.
    pub still: u8,
    /// Colours of sub-pictures: 0, Y, Cr, Cb.
    pub palette: [[u8; 4]; 16],
    /// Number of the first cell of each program, from 1.
    pub programs: Vec<u8>,
    /// The cells.
    pub cells: Vec<Cell>,
    /// The commands.
    pub commands: Commands,
}

impl Pgc {
    /// Reads the chain that begins at byte `offset` of a file.
    ///
    /// # Errors
    /// [`TableError`] where the file ends inside it.
    pub fn read(file: &[u8], offset: usize) -> Result<Self, TableError> {
        let t = Table::new(file, offset, TABLE)?;
        let audio = |n: usize| t.u16(0x0C + 2 * n).map(|w| (w & 0x8000 != 0).then_some((w >> 8 & 7) as u8));
        let mut pgc = Self {
            time: time(t.array(4)?),
            audio: [None; AUDIO],
            subpictures: [None; SUBPICTURES],
            next: t.u16(0x9C)?,
            previous: t.u16(0x9E)?,
            up: t.u16(0xA0)?,
            is_random: t.u8(0xA2)? != 0,
            still: t.u8(0xA3)?,
            palette: [[0; 4]; 16],
            programs: Vec::new(),
            cells: Vec::new(),
            commands: commands(&t)?,
        };
        for (n, place) in pgc.audio.iter_mut().enumerate() {
            *place = audio(n)?;
        }
        for (n, place) in pgc.subpictures.iter_mut().enumerate() {
            let [normal, wide, letterbox, pan_scan]: [u8; 4] = t.array(0x1C + 4 * n)?;
            let streams = SubpictureStreams { normal, wide, letterbox, pan_scan };
            *place = (normal & 0x80 != 0).then_some(streams.masked());
        }
        for (n, place) in pgc.palette.iter_mut().enumerate() {
            *place = t.array(0xA4 + 4 * n)?;
        }
        let (programs, cells) = (usize::from(t.u8(2)?), usize::from(t.u8(3)?));
        let map = usize::from(t.u16(0xE6)?);
        if map != 0 && programs != 0 {
            pgc.programs = t.at(map, TABLE)?.bytes(0, programs)?.to_vec();
        }
        let (playback, position) = (usize::from(t.u16(0xE8)?), usize::from(t.u16(0xEA)?));
        if playback != 0 && position != 0 {
            for n in 0..cells {
                let playback = t.at(playback + n * PLAYBACK_BYTES, "cell playback")?;
                let position = t.at(position + n * POSITION_BYTES, "cell position")?;
                pgc.cells.push(Cell::read(&playback, &position)?);
            }
        }
        Ok(pgc)
    }

    /// Index of the first cell of a program, which counts from 1.
    #[must_use]
    pub fn cell_of_program(&self, program: u8) -> Option<usize> {
        let first = self.programs.get(usize::from(program).checked_sub(1)?)?;
        usize::from(*first).checked_sub(1).filter(|index| *index < self.cells.len())
    }
}

impl SubpictureStreams {
    fn masked(self) -> Self {
        let Self { normal, wide, letterbox, pan_scan } = self;
        Self { normal: normal & 31, wide: wide & 31, letterbox: letterbox & 31, pan_scan: pan_scan & 31 }
    }
}

/// The command table of the chain; a count that runs past the table's end counts what is there.
fn commands(chain: &Table<'_>) -> Result<Commands, TableError> {
    let offset = usize::from(chain.u16(0xE4)?);
    if offset == 0 {
        return Ok(Commands::default());
    }
    let t = chain.at(offset, "commands")?;
    let mut at = 8;
    let mut list = |count: u16| {
        let mut list = Vec::new();
        for _ in 0..count.min(255) {
            let Ok(bytes) = t.array::<COMMAND_BYTES>(at) else { break };
            list.push(Command::new(bytes));
            at += COMMAND_BYTES;
        }
        list
    };
    Ok(Commands { pre: list(t.u16(0)?), post: list(t.u16(2)?), cell: list(t.u16(4)?) })
}

/// An entry of a table of chains.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Whether a title or a menu begins with it.
    pub is_entry: bool,
    /// Of titles, the number of the title in its set; of menus, which menu it is.
    pub number: u8,
    /// Its place in a block of chains, of which one is played.
    pub block: cell::BlockPlace,
    /// Parental mask: bits that tell by which levels it may be played.
    pub parental: u16,
    offset: usize,
}

/// A table of program chains (PGCIT).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chains {
    file: Arc<[u8]>,
    entries: Vec<Entry>,
}

impl Chains {
    /// Reads the table at byte `offset` of a file.
    ///
    /// # Errors
    /// [`TableError`] where the file ends inside it.
    pub(super) fn read(file: &Arc<[u8]>, offset: usize) -> Result<Self, TableError> {
        let t = Table::new(file, offset, "table of program chains")?;
        let count = usize::from(t.u16(0)?);
        let mut entries = Vec::new();
        for n in 0..count {
            let at = 8 + n * ENTRY_BYTES;
            let id = t.u8(at)?;
            entries.push(Entry {
                is_entry: id & 0x80 != 0,
                number: id & 0x7F,
                block: cell::BlockPlace::new(t.u8(at + 1)? >> 6),
                parental: t.u16(at + 2)?,
                offset: t.base().saturating_add(t.u32(at + 4)? as usize),
            });
        }
        Ok(Self { file: Arc::clone(file), entries })
    }

    /// Bytes of memory that it takes beside the file.
    pub(super) fn memory(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>()
    }

    /// The entries; the first belongs to chain 1.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of a chain, which counts from 1.
    #[must_use]
    pub fn entry(&self, number: u16) -> Option<Entry> {
        self.entries.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// A chain, which counts from 1; `None` where the table has no such chain.
    ///
    /// # Errors
    /// [`TableError`] where the file ends inside it.
    pub fn chain(&self, number: u16) -> Option<Result<Pgc, TableError>> {
        self.entry(number).map(|entry| Pgc::read(&self.file, entry.offset))
    }
}

/// The menus of a title set or of the disc in one language.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Menus {
    /// Language, two letters of ISO 639.
    pub language: [u8; 2],
    /// Its chains.
    pub chains: Chains,
}

/// Most languages that menus come in.
const LANGUAGES: usize = 100;
/// Most chains of menus in all languages; several may name one table.
const MENUS: usize = 1 << 16;

/// Reads a table of menus by languages (PGCI_UT) at byte `offset` of a file; languages that cannot be read are left out, and
/// those behind the first that name too many chains.
pub(super) fn menus(file: &Arc<[u8]>, offset: usize) -> Result<Vec<Menus>, TableError> {
    let t = Table::new(file, offset, "menus")?;
    let count = usize::from(t.u16(0)?).min(LANGUAGES);
    let mut menus: Vec<Menus> = Vec::new();
    let mut left = MENUS;
    for n in 0..count {
        let at = 8 + n * ENTRY_BYTES;
        let (language, start) = (t.array(at)?, t.u32(at + 4)? as usize);
        if let Ok(chains) = Chains::read(file, offset.saturating_add(start)) {
            let Some(rest) = left.checked_sub(chains.entries.len()) else { break };
            left = rest;
            menus.push(Menus { language, chains });
        }
    }
    Ok(menus)
}

#[cfg(test)]
#[path = "pgc_tests.rs"]
mod tests;
