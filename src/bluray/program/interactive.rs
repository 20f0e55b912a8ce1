//! Menus: the buttons of an interactive graphics stream and what they do.
//!
//! The stream is a row of segments as in PGS. Its pictures are of no interest here; the composition segment holds the
//! pages with their buttons, and each button its commands.

use super::command::Command;
use crate::base::allowance::ALLOCATION;
use crate::bluray::TableError;
use crate::bluray::cursor::Cursor;

const TABLE: &str = "menu composition";

/// Most bytes of a composition; the largest of ten commercial menus has 15,000.
pub const MAX_BYTES: usize = 1 << 20;
/// Type of a composition segment.
const COMPOSITION: u8 = 0x18;
/// Bytes in front of a segment's content: type, length.
const SEGMENT_HEAD: usize = 3;
/// Bytes that each fragment repeats: video descriptor 5, composition number 2, state 1, sequence 1.
const FRAGMENT_HEAD: usize = 9;
/// Two times of five bytes, where the menu is multiplexed with the film.
const TIMES: usize = 10;

/// A button.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Button {
    /// Its number, in player register 10 while it is selected.
    pub id: u16,
    /// Whether it acts as soon as it is selected.
    pub is_automatic: bool,
    /// What it does.
    pub commands: Vec<Command>,
}

/// A page: what is on the screen at once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// Its number, in player register 11.
    pub id: u8,
    /// Its buttons, all groups in a row.
    pub buttons: Vec<Button>,
}

/// A menu.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Composition {
    /// Whether it shows only when the viewer calls it.
    pub is_popup: bool,
    /// Its pages.
    pub pages: Vec<Page>,
}

impl Composition {
    /// Reads a composition whose fragments are joined, from its own length on.
    ///
    /// # Errors
    /// [`TableError`] where it is damaged.
    pub fn parse(joined: &[u8]) -> Result<Self, TableError> {
        let mut c = Cursor::at(joined, 0, TABLE)?;
        let length = length(&mut c)?;
        let mut c = c.sub(length, TABLE)?;
        let models = c.u8()?;
        if models & 0x80 == 0 {
            c.skip(TIMES)?;
        }
        c.skip(3)?;
        let count = c.u8()?;
        let pages = (0..count).map(|_| page(&mut c)).collect::<Result<_, _>>()?;
        Ok(Self { is_popup: models & 0x40 != 0, pages })
    }

    /// Bytes of memory that it takes.
    #[must_use]
    pub fn memory(&self) -> usize {
        let button = |b: &Button| size_of::<Button>() + ALLOCATION + size_of_val(b.commands.as_slice());
        let page = |p: &Page| size_of::<Page>() + ALLOCATION + p.buttons.iter().map(button).sum::<usize>();
        size_of::<Self>() + self.pages.iter().map(page).sum::<usize>()
    }
}

/// A length of three bytes.
fn length(c: &mut Cursor<'_>) -> Result<usize, TableError> {
    let [a, b, d] = c.array()?;
    Ok(u32::from_be_bytes([0, a, b, d]) as usize)
}

fn page(c: &mut Cursor<'_>) -> Result<Page, TableError> {
    let id = c.u8()?;
    // Version, user operation mask.
    c.skip(1 + 8)?;
    effects(c)?;
    effects(c)?;
    // Animation rate, default selected and activated button, palette.
    c.skip(1 + 2 + 2 + 1)?;
    let mut buttons = Vec::new();
    for _ in 0..c.u8()? {
        // Default button of the group.
        c.skip(2)?;
        for _ in 0..c.u8()? {
            buttons.push(button(c)?);
        }
    }
    Ok(Page { id, buttons })
}

/// Windows and effects of a page that comes or goes.
fn effects(c: &mut Cursor<'_>) -> Result<(), TableError> {
    let windows = usize::from(c.u8()?);
    c.skip(windows * 9)?;
    for _ in 0..c.u8()? {
        // Duration, palette.
        c.skip(3 + 1)?;
        for _ in 0..c.u8()? {
            let [_, _, _, flags, ..] = c.array::<8>()?;
            if flags & 0x80 != 0 {
                c.skip(8)?;
            }
        }
    }
    Ok(())
}

fn button(c: &mut Cursor<'_>) -> Result<Button, TableError> {
    let id = c.u16()?;
    c.skip(2)?;
    let is_automatic = c.u8()? & 0x80 != 0;
    // Place 4, neighbours 8; pictures: normal 5, selected 6, activated 5.
    c.skip(4 + 8 + 5 + 6 + 5)?;
    Ok(Button { id, is_automatic, commands: Command::list(c)? })
}

/// Finds compositions in the bytes of a stream.
#[derive(Debug, Default)]
pub struct Finder {
    /// The start of a segment whose end has not come yet.
    segment: Vec<u8>,
    /// Fragments of a composition, joined.
    joined: Vec<u8>,
    is_open: bool,
}

impl Finder {
    /// Takes the next bytes; gives the compositions that they complete. One that cannot be read is an error.
    pub fn push(&mut self, mut bytes: &[u8]) -> Vec<Result<Composition, TableError>> {
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let wanted = self.wanted();
            let (more, rest) = bytes.split_at(wanted.saturating_sub(self.segment.len()).min(bytes.len()));
            self.segment.extend_from_slice(more);
            bytes = rest;
            if self.segment.len() >= SEGMENT_HEAD && self.segment.len() == self.wanted() {
                found.extend(self.take());
                self.segment.clear();
            }
        }
        found
    }

    /// Bytes are missing here: what is open is void, the next byte begins a segment.
    pub fn lost(&mut self) {
        *self = Self::default();
    }

    /// Length of the open segment, as far as it is known.
    fn wanted(&self) -> usize {
        match self.segment[..] {
            [_, high, low, ..] => SEGMENT_HEAD + usize::from(u16::from_be_bytes([high, low])),
            _ => SEGMENT_HEAD,
        }
    }

    /// A whole segment.
    fn take(&mut self) -> Option<Result<Composition, TableError>> {
        let (&kind, content) = self.segment.split_first()?;
        if kind != COMPOSITION {
            return None;
        }
        let (head, fragment) = content.get(2..)?.split_at_checked(FRAGMENT_HEAD)?;
        let sequence = *head.last()?;
        if sequence & 0x80 != 0 {
            self.joined.clear();
            self.is_open = true;
        }
        if !self.is_open {
            return None;
        }
        if self.joined.len() + fragment.len() > MAX_BYTES {
            self.is_open = false;
            let problem = format!("it has more than {MAX_BYTES} bytes");
            return Some(Err(TableError { table: TABLE, offset: 0, problem }));
        }
        self.joined.extend_from_slice(fragment);
        if sequence & 0x40 == 0 {
            return None;
        }
        self.is_open = false;
        Some(Composition::parse(&self.joined))
    }
}

#[cfg(test)]
#[path = "interactive_tests.rs"]
mod tests;
