//! The rows and columns that captions are written in (CTA-608-E, clause 7).

/// Rows, numbered from 0 here, from 1 in the standard.
pub(super) const ROWS: usize = 15;
/// Columns.
pub(super) const COLUMNS: usize = 32;

/// What is not written to.
const EMPTY: char = '\0';

/// One memory of captions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Screen {
    cells: [[char; COLUMNS]; ROWS],
}

impl Default for Screen {
    fn default() -> Self {
        Self { cells: [[EMPTY; COLUMNS]; ROWS] }
    }
}

impl Screen {
    /// Writes a character.
    pub(super) fn put(&mut self, row: usize, column: usize, character: char) {
        if let Some(cell) = self.cells.get_mut(row).and_then(|row| row.get_mut(column)) {
            *cell = character;
        }
    }

    /// Empties a row from a column on.
    pub(super) fn clear_from(&mut self, row: usize, column: usize) {
        if let Some(cells) = self.cells.get_mut(row).and_then(|row| row.get_mut(column..)) {
            cells.fill(EMPTY);
        }
    }

    /// Empties a cell.
    pub(super) fn clear_cell(&mut self, row: usize, column: usize) {
        self.put(row, column, EMPTY);
    }

    /// Moves the rows of a window of `depth` rows that ends with row `base` up by one; the lowest becomes empty.
    pub(super) fn roll(&mut self, base: usize, depth: usize) {
        let top = (base + 1).saturating_sub(depth);
        for row in 0..ROWS {
            let above =
                if row < top || row > base { None } else { self.cells.get(row + 1).filter(|_| row < base).copied() };
            if let Some(cells) = self.cells.get_mut(row) {
                *cells = above.unwrap_or([EMPTY; COLUMNS]);
            }
        }
    }

    /// Moves a window of `depth` rows that ends with row `from`, so that it ends with row `to`; other rows become empty.
    pub(super) fn shift(&mut self, from: usize, to: usize, depth: usize) {
        let mut moved = Self::default();
        for n in 0..depth {
            let (Some(from), Some(to)) = (from.checked_sub(n), to.checked_sub(n)) else { break };
            if let (Some(cells), Some(place)) = (self.cells.get(from), moved.cells.get_mut(to)) {
                *place = *cells;
            }
        }
        *self = moved;
    }

    /// The rows that show something, a line each; the spaces around them are not kept.
    pub(super) fn text(&self) -> String {
        let rows = self.cells.iter().map(|row| {
            let line: String = row.iter().map(|cell| if *cell == EMPTY { ' ' } else { *cell }).collect();
            line.trim().to_owned()
        });
        rows.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(rows: &[(usize, &str)]) -> Screen {
        let mut screen = Screen::default();
        for (row, text) in rows {
            text.chars().enumerate().for_each(|(column, character)| screen.put(*row, column + 4, character));
        }
        screen
    }

    #[test]
    fn text_has_a_line_for_each_row_that_shows_something() {
        assert_eq!(screen(&[(14, "two"), (12, " one "), (3, "  ")]).text(), "one\ntwo");
        assert_eq!(Screen::default().text(), "");
        let mut gap = screen(&[(0, "a")]);
        gap.put(0, 31, 'b');
        assert_eq!(gap.text(), format!("a{}b", " ".repeat(26)), "what is not written to is seen as space");
    }

    #[test]
    fn a_window_rolls_and_moves_and_nothing_else_stays() {
        let mut rows = screen(&[(10, "stale"), (12, "one"), (13, "two"), (14, "three")]);
        rows.roll(14, 3);
        assert_eq!(rows.text(), "two\nthree");
        rows.shift(14, 2, 3);
        assert_eq!(rows, screen(&[(0, "two"), (1, "three")]));
        rows.shift(2, 0, 3);
        assert_eq!(rows.text(), "", "what is moved beyond the top is gone");
        rows.roll(0, 4);
        assert_eq!(rows.text(), "");
    }

    #[test]
    fn nothing_is_written_outside() {
        let mut rows = Screen::default();
        rows.put(ROWS, 0, 'x');
        rows.put(0, COLUMNS, 'x');
        rows.clear_from(ROWS, 3);
        rows.clear_from(0, 40);
        assert_eq!(rows, Screen::default());
    }
}
