//! The lines at the foot of a terminal: drawn, drawn over, taken away. No other line of the terminal is touched.

use std::io::{self, Write};

/// The lines that stand on the terminal now.
///
/// Behind each drawing the cursor is put where the first line begins. A terminal that is made narrower may fold lines anew, or
/// cut them: the cursor stays where that line begins, so what is drawn next begins there whatever became of the lines.
#[derive(Debug, Default)]
pub(super) struct Screen {
    drawn: Vec<String>,
}

/// Back to the first column, and clear all from there on (ECMA-48, ED).
const ERASE: &str = "\r\x1b[J";

impl Screen {
    /// Draws lines in the place of those that stand there; does nothing where they are the same. None may be as wide as the
    /// terminal.
    ///
    /// # Errors
    /// What the terminal says.
    pub(super) fn draw(&mut self, lines: Vec<String>, to: &mut impl Write) -> io::Result<()> {
        if lines == self.drawn {
            return Ok(());
        }
        let mut text = if self.drawn.is_empty() { String::new() } else { ERASE.to_owned() };
        text.push_str(&lines.join("\n"));
        if !lines.is_empty() {
            text.push('\r');
        }
        if lines.len() > 1 {
            // ECMA-48, CUU.
            text.push_str(&format!("\x1b[{}A", lines.len() - 1));
        }
        self.drawn = lines;
        to.write_all(text.as_bytes())?;
        to.flush()
    }

    /// Takes the lines away.
    ///
    /// # Errors
    /// What the terminal says.
    pub(super) fn erase(&mut self, to: &mut impl Write) -> io::Result<()> {
        self.draw(Vec::new(), to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(screen: &mut Screen, lines: &[&str]) -> String {
        let mut out = Vec::new();
        screen.draw(lines.iter().map(|line| (*line).to_owned()).collect(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lines_are_drawn_over_and_taken_away() {
        let mut screen = Screen::default();
        assert_eq!(drawn(&mut screen, &["one", "two"]), "one\ntwo\r\x1b[1A");
        assert_eq!(drawn(&mut screen, &["one", "two"]), "", "nothing has changed");
        assert_eq!(drawn(&mut screen, &["three"]), "\r\x1b[Jthree\r");
        assert_eq!(drawn(&mut screen, &[]), "\r\x1b[J");
        assert_eq!(drawn(&mut screen, &[]), "");
    }
}
