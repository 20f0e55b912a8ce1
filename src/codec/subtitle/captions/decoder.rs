//! Pairs of bytes to what is on the screen: the first channel of field 1, CC1 (CTA-608-E, clauses 6 to 8 and annex B).

use super::characters::{extended, special, standard};
use super::screen::{COLUMNS, ROWS, Screen};

/// What is shown for a byte whose parity is wrong: a solid block.
const SOLID_BLOCK: u8 = 0x7F;
/// Of a control code: it belongs to the second channel of the field.
const SECOND_CHANNEL: u8 = 0x08;

/// How characters come to the screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mode {
    /// Nothing has said yet how.
    Unknown,
    /// They are written to a memory that is shown when it is whole.
    PopOn,
    /// The lowest row of a window of so many rows is written to as one watches, and moves up when it is full.
    RollUp(usize),
    /// Rows are written to as one watches.
    PaintOn,
    /// They are no captions but text beside the film.
    Text,
}

/// What a pair did to what is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Change {
    /// Nothing.
    None,
    /// What is shown is being written to.
    Grows,
    /// Rows moved up; the lowest is being written to from now on.
    Rolls,
    /// Something whole is shown from now on, or nothing any more.
    Turns,
}

/// Decodes one channel.
#[derive(Clone, Debug)]
pub(super) struct Decoder {
    mode: Mode,
    shown: Screen,
    /// The memory that is not shown.
    hidden: Screen,
    row: usize,
    column: usize,
    /// Pairs of characters belong to this channel, not to the other one of the field.
    is_ours: bool,
    /// The pair before, which a control code may repeat.
    before: [u8; 2],
}

impl Default for Decoder {
    fn default() -> Self {
        let (shown, hidden) = (Screen::default(), Screen::default());
        Self { mode: Mode::Unknown, shown, hidden, row: ROWS - 1, column: 0, is_ours: false, before: [0; 2] }
    }
}

/// The seven bits of a byte; `None` where its parity is even, which is wrong.
pub(super) fn checked(byte: u8) -> Option<u8> {
    (byte.count_ones() % 2 == 1).then_some(byte & 0x7F)
}

/// Whether this first byte of a pair, without parity, makes it a control code.
pub(super) fn is_control(first: u8) -> bool {
    matches!(first, 0x10..=0x1F)
}

impl Decoder {
    /// What is shown, as text.
    pub(super) fn text(&self) -> String {
        self.shown.text()
    }

    /// Takes the next pair of field 1, as it is on the disc. Pairs of nothing count too: a control code is repeated in the
    /// pair right behind it.
    pub(super) fn take(&mut self, pair: [u8; 2]) -> Change {
        let (first, second) = match (checked(pair[0]), checked(pair[1])) {
            (Some(first), None) if is_control(first) => {
                self.before = [0; 2];
                return Change::None;
            }
            (first, second) => (first.unwrap_or(SOLID_BLOCK), second.unwrap_or(SOLID_BLOCK)),
        };
        if is_control(first) {
            let is_repeated = std::mem::replace(&mut self.before, [first, second]) == [first, second];
            if is_repeated {
                // A third one is a new code.
                self.before = [0; 2];
                return Change::None;
            }
            return self.control(first, second);
        }
        self.before = [0; 2];
        if !self.is_ours || matches!(self.mode, Mode::Text | Mode::Unknown) {
            return Change::None;
        }
        let characters = [first, second].into_iter().filter(|byte| *byte >= 0x20);
        characters.fold(Change::None, |change, byte| change.or(self.write(standard(byte))))
    }

    fn control(&mut self, first: u8, second: u8) -> Change {
        if second < 0x20 {
            return Change::None;
        }
        self.is_ours = first & SECOND_CHANNEL == 0;
        if !self.is_ours {
            return Change::None;
        }
        match (first, second) {
            // In field 1 they are said to begin with 0x14; encoders exist that take the code of field 2.
            (0x14 | 0x15, 0x20..=0x2F) => self.order(second),
            _ if matches!(self.mode, Mode::Text | Mode::Unknown) => Change::None,
            (0x11, 0x20..=0x2F) => self.write(' '),
            (0x11, 0x30..=0x3F) => self.write(special(second)),
            (0x12 | 0x13, 0x20..=0x3F) => {
                // It takes the place of a plain character that older decoders keep.
                self.back();
                self.write(extended(first == 0x13, second))
            }
            (0x17, 0x21..=0x23) => {
                self.column = (self.column + usize::from(second & 3)).min(COLUMNS - 1);
                Change::None
            }
            (_, 0x40..) => self.place(first, second),
            _ => Change::None,
        }
    }

    /// A code that says how captions are shown.
    fn order(&mut self, code: u8) -> Change {
        match code {
            0x20 => self.mode = Mode::PopOn,
            0x25..=0x27 => return self.roll_up(usize::from(code - 0x23)),
            0x29 => self.mode = Mode::PaintOn,
            0x2A | 0x2B => self.mode = Mode::Text,
            0x2C => {
                self.shown = Screen::default();
                return Change::Turns;
            }
            0x2E => self.hidden = Screen::default(),
            0x2F => {
                self.mode = Mode::PopOn;
                std::mem::swap(&mut self.shown, &mut self.hidden);
                return Change::Turns;
            }
            _ if matches!(self.mode, Mode::Text | Mode::Unknown) => {}
            0x21 => {
                self.back();
                return self.touched();
            }
            0x24 => {
                let (row, column) = (self.row, self.column);
                self.memory().clear_from(row, column);
                return self.touched();
            }
            0x28 => return self.write(' '),
            0x2D => {
                if let Mode::RollUp(depth) = self.mode {
                    self.shown.roll(self.row, depth);
                    self.column = 0;
                    return Change::Rolls;
                }
            }
            _ => {}
        }
        Change::None
    }

    fn roll_up(&mut self, depth: usize) -> Change {
        if let Mode::RollUp(before) = self.mode {
            self.mode = Mode::RollUp(depth);
            if depth < before {
                self.shown.shift(self.row, self.row, depth);
                return Change::Grows;
            }
            return Change::None;
        }
        self.mode = Mode::RollUp(depth);
        (self.shown, self.hidden) = (Screen::default(), Screen::default());
        (self.row, self.column) = (ROWS - 1, 0);
        Change::Turns
    }

    /// A preamble: the row and the column to go on at.
    fn place(&mut self, first: u8, second: u8) -> Change {
        // Rows from 1, of the codes 0x10 to 0x17, for each half of the second byte.
        const PLACES: [[usize; 2]; 8] = [[11, 11], [1, 2], [3, 4], [12, 13], [14, 15], [5, 6], [7, 8], [9, 10]];
        let half = usize::from(second >> 5 & 1);
        let row = PLACES.get(usize::from(first & 7)).and_then(|halves| halves.get(half)).map_or(0, |row| row - 1);
        let indent = if second & 0x10 != 0 { usize::from(second >> 1 & 7) * 4 } else { 0 };
        let from = std::mem::replace(&mut self.row, row);
        self.column = indent;
        match self.mode {
            Mode::RollUp(depth) if from != row => {
                self.shown.shift(from, row, depth);
                Change::Grows
            }
            _ => Change::None,
        }
    }

    /// The memory that characters go to.
    fn memory(&mut self) -> &mut Screen {
        if self.mode == Mode::PopOn { &mut self.hidden } else { &mut self.shown }
    }

    fn touched(&self) -> Change {
        if self.mode == Mode::PopOn { Change::None } else { Change::Grows }
    }

    fn write(&mut self, character: char) -> Change {
        let (row, column) = (self.row, self.column);
        self.memory().put(row, column, character);
        // At the end of a row the last character is written over.
        self.column = (column + 1).min(COLUMNS - 1);
        self.touched()
    }

    fn back(&mut self) {
        self.column = self.column.saturating_sub(1);
        let (row, column) = (self.row, self.column);
        self.memory().clear_cell(row, column);
    }
}

impl Change {
    fn or(self, other: Self) -> Self {
        if self == Self::None { other } else { self }
    }
}

#[cfg(test)]
#[path = "tests/decoder.rs"]
mod tests;
