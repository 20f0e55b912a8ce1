//! The index of a disc (`index.bdmv`): its titles, and what plays first.

use super::TableError;
use super::cursor::{self, Cursor};

const TABLE: &str = "disc index";

/// Most bytes of an index; one with a thousand titles has 12,000.
pub const MAX_BYTES: usize = 2 << 20;

/// What a title starts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Object {
    /// A program of `MovieObject.bdmv`, by its number.
    Movie(u16),
    /// A Java program, by its name of five digits.
    Java(String),
    /// Nothing that is known.
    Unknown,
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
    pub titles: Vec<Object>,
}

impl Index {
    /// Reads the index.
    ///
    /// # Errors
    /// [`TableError`] where the file is no index, or is damaged.
    pub fn parse(file: &[u8]) -> Result<Self, TableError> {
        let version = cursor::version(file, b"INDX", MAX_BYTES, TABLE)?;
        let mut c = Cursor::at(file, cursor::required(file, 8, TABLE)?, TABLE)?.block_u32(TABLE)?;
        let first_playback = object(&mut c)?;
        let top_menu = object(&mut c)?;
        let count = c.u16()?;
        let titles = (0..count).map(|_| object(&mut c)).collect::<Result<_, _>>()?;
        Ok(Self { version, first_playback, top_menu, titles })
    }

    /// Whether it is an Ultra HD disc.
    #[must_use]
    pub fn is_ultra_hd(&self) -> bool {
        self.version >= *b"0300"
    }
}

/// An entry of twelve bytes: type in the top two bits, then what the type needs.
fn object(c: &mut Cursor<'_>) -> Result<Object, TableError> {
    let mut c = c.sub(12, "title of the index")?;
    let kind = c.u8()? >> 6;
    c.skip(3 + 2)?;
    match kind {
        1 => Ok(Object::Movie(c.u16()?)),
        2 => {
            let name: [u8; 5] = c.array()?;
            let letters = name.iter().all(u8::is_ascii_alphanumeric);
            let name = || name.iter().map(|b| char::from(*b)).collect();
            Ok(if letters { Object::Java(name()) } else { Object::Unknown })
        }
        _ => Ok(Object::Unknown),
    }
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;
