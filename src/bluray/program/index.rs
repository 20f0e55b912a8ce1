//! The index of a disc (`index.bdmv`): its titles, and what plays first.

use crate::bluray::TableError;
use crate::bluray::cursor::{self, Cursor};

const TABLE: &str = "disc index";

/// Most bytes of an index; one with a thousand titles has 12,000.
pub const MAX_BYTES: usize = 2 << 20;

/// Title number of the top menu.
pub const TOP_MENU: u16 = 0;
/// Title number of first playback.
pub const FIRST_PLAYBACK: u16 = 0xffff;

/// What an entry of the index starts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Object {
    /// A program of `MovieObject.bdmv`, by its number.
    Movie(u16),
    /// A Java program, by its name of five digits or letters.
    Java(String),
    /// Nothing: an entry that names no program.
    None,
    /// Nothing that is known.
    Unknown,
}

/// A title.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TitleEntry {
    /// What it starts.
    pub object: Object,
    /// Whether the viewer may go there by its number.
    pub may_be_searched: bool,
    /// Whether its number is shown.
    pub is_shown: bool,
}

/// The index.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Index {
    /// Four digits; 0300 is Ultra HD Blu-ray.
    pub version: [u8; 4],
    /// What plays when the disc is inserted.
    pub first_playback: Object,
    /// The top menu.
    pub top_menu: Object,
    /// The titles, from title 1 on.
    pub titles: Vec<TitleEntry>,
}

impl Index {
    /// Reads the index.
    ///
    /// # Errors
    /// [`TableError`] where the file is no index, or is damaged.
    pub fn parse(file: &[u8]) -> Result<Self, TableError> {
        let version = cursor::version(file, b"INDX", MAX_BYTES, TABLE)?;
        let mut c = Cursor::at(file, cursor::required(file, 8, TABLE)?, TABLE)?.block_u32(TABLE)?;
        let first_playback = entry(&mut c)?.object;
        let top_menu = entry(&mut c)?.object;
        let count = c.u16()?;
        let titles = (0..count).map(|_| entry(&mut c)).collect::<Result<_, _>>()?;
        Ok(Self { version, first_playback, top_menu, titles })
    }

    /// Whether it is an Ultra HD disc.
    #[must_use]
    pub fn is_ultra_hd(&self) -> bool {
        self.version >= *b"0300"
    }

    /// What a title number starts: [`TOP_MENU`], [`FIRST_PLAYBACK`], or a title counted from 1.
    #[must_use]
    pub fn object(&self, number: u16) -> Option<&Object> {
        match number {
            TOP_MENU => Some(&self.top_menu),
            FIRST_PLAYBACK => Some(&self.first_playback),
            _ => self.titles.get(usize::from(number) - 1).map(|t| &t.object),
        }
    }

    /// All that starts something, with its title number.
    pub fn entries(&self) -> impl Iterator<Item = (u16, &Object)> {
        let ends = [(FIRST_PLAYBACK, &self.first_playback), (TOP_MENU, &self.top_menu)];
        ends.into_iter().chain((1..FIRST_PLAYBACK).zip(self.titles.iter().map(|t| &t.object)))
    }
}

/// An entry of twelve bytes: type in the top two bits, access in the next, then what the type needs.
fn entry(c: &mut Cursor<'_>) -> Result<TitleEntry, TableError> {
    let mut c = c.sub(12, "title of the index")?;
    let flags = c.u8()?;
    c.skip(3 + 2)?;
    let object = match flags >> 6 {
        1 => match c.u16()? {
            0xffff => Object::None,
            number => Object::Movie(number),
        },
        2 => {
            let name: [u8; 5] = c.array()?;
            let letters = name.iter().all(u8::is_ascii_alphanumeric);
            let name = || name.iter().map(|b| char::from(*b)).collect();
            if letters { Object::Java(name()) } else { Object::Unknown }
        }
        _ => Object::Unknown,
    };
    Ok(TitleEntry { object, may_be_searched: flags & 0x10 == 0, is_shown: flags & 0x20 == 0 })
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;
