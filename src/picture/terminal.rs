//! Pictures for the terminal: blocks and colours, or plain characters.

use std::fmt::Write as _;

use super::disc::EDGE_MM;
use super::share::{Kind, Share};
use super::spiral::{Grid, Spiral};

/// What a terminal can show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Style {
    /// Blocks of Unicode; else ASCII.
    pub unicode: bool,
    /// Colours (ECMA-48); else none.
    pub colour: bool,
}

/// Discs side by side are this far apart.
const BETWEEN: &str = "  ";

/// Cells as lines of `width` characters, the first cell at the top left; each line ends with a line end.
#[must_use]
pub fn rows(cells: &[Share], width: usize, style: Style) -> String {
    let mut out = String::new();
    for line in cells.chunks(width.max(1)) {
        let mut pen = Pen::new(&mut out, style);
        line.iter().for_each(|cell| pen.cell(Some(cell)));
        pen.end();
    }
    out
}

/// Characters from edge to edge of a disc, where so many discs stand in `width` characters.
#[must_use]
pub fn disc_width(width: usize, discs: usize) -> usize {
    let discs = discs.max(1);
    let all = width.saturating_sub((discs - 1) * BETWEEN.len()) / discs;
    // A character is twice as high as wide: an even width makes whole lines.
    (all & !1).max(8)
}

/// Discs that stand side by side, each readable; the others stand below.
#[must_use]
pub fn discs_in_a_line(width: usize, layers: usize) -> usize {
    const LEAST: usize = 36;
    ((width + BETWEEN.len()) / (LEAST + BETWEEN.len())).clamp(1, layers.max(1))
}

/// A map as the disc lies, in lines of no more than `width` characters.
#[must_use]
pub fn spiral(spiral: &Spiral, width: usize, style: Style) -> String {
    let abreast = discs_in_a_line(width, spiral.layers.len());
    let across = disc_width(width, abreast);
    let mut out = String::new();
    for layers in spiral.layers.chunks(abreast) {
        for line in 0..across / 2 {
            let mut pen = Pen::new(&mut out, style);
            for (index, grid) in layers.iter().enumerate() {
                if index > 0 {
                    BETWEEN.chars().for_each(|_| pen.cell(None));
                }
                (0..across).for_each(|column| pen.cell(place(grid, column, line, across)));
            }
            pen.end();
        }
    }
    out
}

/// The cell under a character: its middle.
fn place(grid: &Grid, column: usize, line: usize, across: usize) -> Option<&Share> {
    let step = 2.0 * EDGE_MM / across as f64;
    grid.at((column as f64 + 0.5) * step - EDGE_MM, (line as f64 + 0.5) * 2.0 * step - EDGE_MM)
}

/// The drive's speed in `width` characters, the fastest highest; `None` where nothing is known of it.
#[must_use]
pub fn speeds(speeds: &[Option<u32>], width: usize, style: Style) -> Option<String> {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const PLAIN: [char; 8] = ['_', '.', '-', '=', '+', 'o', '%', '#'];
    let most = speeds.iter().flatten().max().copied().filter(|most| *most > 0)?;
    let bars = if style.unicode { BARS } else { PLAIN };
    let bar = |column: usize| match mean(speeds, column, width) {
        Some(speed) => {
            let height = speed * (bars.len() as u64 - 1) / u64::from(most);
            usize::try_from(height).ok().and_then(|height| bars.get(height)).copied().unwrap_or(' ')
        }
        None => ' ',
    };
    Some((0..width).map(bar).collect())
}

/// The mean of what is known of a column's part of the disc.
fn mean(speeds: &[Option<u32>], column: usize, columns: usize) -> Option<u64> {
    let [start, end] = [column, column + 1].map(|column| column * speeds.len() / columns.max(1));
    let known: Vec<u64> =
        speeds.get(start..end.max(start + 1))?.iter().flatten().map(|speed| u64::from(*speed)).collect();
    known.iter().sum::<u64>().checked_div(known.len() as u64)
}

/// A sentence in lines of no more than `width` characters, as far as its words are no longer.
#[must_use]
pub fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            out.push('\n');
            used = 0;
        }
        if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += length;
    }
    out + "\n"
}

/// What the characters mean, in lines of no more than `width` characters, as far as its words are no longer.
#[must_use]
pub fn legend(cells: &[Share], width: usize, style: Style) -> String {
    let present = |kind: &Kind| cells.iter().any(|cell| cell.amount(*kind) > 0);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for (sign, words) in Kind::ALL.into_iter().filter(present).filter_map(|kind| entry(kind, &present, style)) {
        let length = sign.1 + 1 + words.len();
        if used > 0 && used + 2 + length > width {
            lines.push(String::new());
            used = 0;
        }
        let Some(line) = lines.last_mut() else { break };
        let between = if used > 0 { "  " } else { "" };
        let _ = write!(line, "{between}{} {words}", sign.0);
        used += between.len() + length;
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// The sign of a kind, with its length in characters, and its words; `None` where an earlier one stands for it too.
fn entry(kind: Kind, present: &impl Fn(&Kind) -> bool, style: Style) -> Option<((String, usize), &'static str)> {
    if style.unicode && !style.colour && Kind::FAILED.contains(&kind) {
        // Without colours they look alike.
        let is_first = Kind::FAILED.iter().find(|kind| present(kind)) == Some(&kind);
        return is_first.then(|| (("▒▓█".to_owned(), 3), "failed, by how much"));
    }
    let mut one = Share::default();
    one.add(kind, 1);
    let mut sign = String::new();
    Pen::new(&mut sign, style).one(&one);
    Some(((sign, 1), kind.words()))
}

/// Writes characters, and colours where they change.
struct Pen<'a> {
    out: &'a mut String,
    style: Style,
    colour: Option<u8>,
    /// Blanks that nothing has followed yet: none are left at the end of a line.
    blanks: usize,
}

impl<'a> Pen<'a> {
    fn new(out: &'a mut String, style: Style) -> Self {
        Self { out, style, colour: None, blanks: 0 }
    }

    fn cell(&mut self, share: Option<&Share>) {
        match share.and_then(|share| share.shown().map(|kind| (share, kind))) {
            None => self.blanks += 1,
            Some((share, kind)) => {
                self.out.extend(std::iter::repeat_n(' ', std::mem::take(&mut self.blanks)));
                self.put(share, kind);
            }
        }
    }

    /// A character by itself, its colour ended.
    fn one(mut self, share: &Share) {
        self.cell(Some(share));
        self.plain();
    }

    fn put(&mut self, share: &Share, kind: Kind) {
        let colour = self.style.colour.then(|| code(kind));
        if colour != self.colour
            && let Some(code) = colour
        {
            let _ = write!(self.out, "\x1b[{code}m");
            self.colour = colour;
        }
        self.out.push(character(share, kind, self.style.unicode));
    }

    fn plain(&mut self) {
        if self.colour.take().is_some() {
            self.out.push_str("\x1b[0m");
        }
    }

    fn end(mut self) {
        self.plain();
        self.out.push('\n');
    }
}

/// The character of a cell: in Unicode the darker, the more of it failed; in ASCII the status.
fn character(share: &Share, kind: Kind, unicode: bool) -> char {
    match (kind, unicode) {
        (Kind::Rescued, true) => '░',
        (Kind::NonTried, true) => '·',
        (Kind::LeftOut, true) => '╱',
        (Kind::NonTrimmed | Kind::NonScraped | Kind::Bad, true) => match share.failed() {
            failed if failed < 0.25 => '▒',
            failed if failed < 0.75 => '▓',
            _ => '█',
        },
        (Kind::Rescued, false) => '.',
        (Kind::NonTried, false) => '?',
        (Kind::NonTrimmed, false) => '*',
        (Kind::NonScraped, false) => '/',
        (Kind::Bad, false) => '-',
        (Kind::LeftOut, false) => '_',
    }
}

/// The colour of a kind: those that every terminal has.
fn code(kind: Kind) -> u8 {
    match kind {
        Kind::Rescued => 36,
        Kind::NonTried => 90,
        Kind::NonTrimmed => 33,
        Kind::NonScraped => 35,
        Kind::Bad => 31,
        Kind::LeftOut => 34,
    }
}

#[cfg(test)]
#[path = "terminal_tests.rs"]
mod tests;
