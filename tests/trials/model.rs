//! A model of a terminal: what stands on it after these bytes. Of ECMA-48 it knows what freemkv uses; anything else is a fault.

/// Lines of any number; each keeps what was written, whatever its width has become.
#[derive(Debug)]
pub(crate) struct Model {
    rows: Vec<Vec<char>>,
    row: usize,
    column: usize,
    width: usize,
    escape: String,
    /// The line under way went on in another row.
    is_wrapped: bool,
    after_return: bool,
    /// Something was written since a drawing ended.
    is_fresh: bool,
    /// Lines that were drawn to be drawn over: each ends with a return, and no end of line behind it.
    pub(crate) drawn: Vec<String>,
    /// Drawn lines that needed more than one row.
    pub(crate) wrapped: Vec<String>,
    /// Lines that were printed for good and needed more than one row.
    pub(crate) overlong: usize,
    /// Drawings that may still be of the width before.
    in_flight: usize,
    /// Whether any colour was set.
    pub(crate) has_colour: bool,
}

impl Model {
    pub(crate) fn new(width: usize) -> Self {
        Self {
            rows: vec![Vec::new()],
            row: 0,
            column: 0,
            width,
            escape: String::new(),
            is_wrapped: false,
            after_return: false,
            is_fresh: false,
            drawn: Vec::new(),
            wrapped: Vec::new(),
            overlong: 0,
            in_flight: 0,
            has_colour: false,
        }
    }

    pub(crate) fn feed(&mut self, text: &str) {
        text.chars().for_each(|c| self.take(c));
    }

    fn take(&mut self, c: char) {
        if !self.escape.is_empty() {
            return self.go_on_escaping(c);
        }
        if self.after_return && self.is_fresh && c != '\n' {
            self.end_drawing();
        }
        self.after_return = false;
        match c {
            '\r' => {
                self.column = 0;
                self.after_return = true;
            }
            '\n' => {
                self.row += 1;
                self.overlong += usize::from(self.is_wrapped);
                (self.is_wrapped, self.is_fresh) = (false, false);
                self.need_row();
            }
            '\x1b' => self.escape.push(c),
            c if c.is_control() => panic!("a terminal gets {c:?}"),
            c => self.put(c),
        }
    }

    /// A line has ended with a return alone: it will be drawn over.
    fn end_drawing(&mut self) {
        let line: String = self.rows[self.row].iter().collect();
        if !line.is_empty() {
            if self.is_wrapped && self.in_flight == 0 {
                self.wrapped.push(line.clone());
            }
            self.in_flight = self.in_flight.saturating_sub(1);
            self.drawn.push(line);
        }
        (self.is_wrapped, self.is_fresh) = (false, false);
    }

    fn put(&mut self, c: char) {
        if self.column == self.width {
            self.row += 1;
            self.column = 0;
            self.is_wrapped = true;
            self.need_row();
        }
        let row = &mut self.rows[self.row];
        row.resize(row.len().max(self.column + 1), ' ');
        row[self.column] = c;
        self.column += 1;
        self.is_fresh = true;
    }

    fn go_on_escaping(&mut self, c: char) {
        self.escape.push(c);
        if c == '[' || c.is_ascii_digit() || c == ';' {
            return;
        }
        let number = self.escape[2..self.escape.len() - 1].parse().unwrap_or(0);
        match c {
            // ED: from here to the end.
            'J' => {
                self.rows[self.row].truncate(self.column);
                self.rows.truncate(self.row + 1);
            }
            // CUU.
            'A' => self.row = self.row.saturating_sub(number),
            // SGR.
            'm' => self.has_colour = true,
            _ => panic!("a terminal gets {:?}", self.escape),
        }
        self.escape.clear();
    }

    fn need_row(&mut self) {
        let rows = self.rows.len().max(self.row + 1);
        self.rows.resize(rows, Vec::new());
    }

    /// The window gets another width: lines that are too long for it go on in new rows, and the cursor stays at what it is at.
    pub(crate) fn resize(&mut self, width: usize) {
        let mut rows = Vec::new();
        let mut cursor = 0;
        for (index, row) in self.rows.iter().enumerate() {
            if index == self.row {
                cursor = rows.len();
            }
            match row.chunks(width) {
                parts if parts.len() == 0 => rows.push(Vec::new()),
                parts => rows.extend(parts.map(<[char]>::to_vec)),
            }
        }
        (self.rows, self.row, self.width) = (rows, cursor, width);
        self.in_flight = 2;
    }

    /// What stands there, line by line.
    pub(crate) fn rows(&self) -> Vec<String> {
        self.rows.iter().map(|row| row.iter().collect()).collect()
    }
}

#[test]
fn a_line_that_is_too_long_and_one_that_is_left_are_seen() {
    let mut model = Model::new(10);
    model.feed("1234567890123\r\x1b[Jshort\r\x1b[J");
    assert_eq!(model.wrapped, ["123"]);
    assert_eq!(model.rows(), ["1234567890", ""], "and what it left in the row above is there");
    let mut model = Model::new(10);
    model.feed("one\r\x1b[Jtwo\r\x1b[Jthe end\r\n");
    assert_eq!((model.drawn.len(), model.wrapped.len()), (2, 0));
    assert_eq!(model.rows(), ["the end", ""]);
}
