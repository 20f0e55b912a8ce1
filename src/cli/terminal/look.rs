//! What standard output can show.

use std::ffi::OsString;
use std::io::IsTerminal;

use crate::picture::terminal::Style;

use super::super::exit::Exit;

/// Narrowest and widest that anything is drawn.
const WIDTHS: std::ops::RangeInclusive<u16> = 20..=200;

/// Columns where nothing tells.
const USUAL: u16 = 80;

/// How wide standard output is, and what it shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Look {
    /// Columns, within [`WIDTHS`].
    pub(crate) width: usize,
    /// Characters and colours.
    pub(crate) style: Style,
}

/// Columns of the terminal that standard output is; `None` where it is none.
pub(crate) fn terminal_columns() -> Option<usize> {
    let out = std::io::stdout();
    let columns = terminal_size::terminal_size_of(&out).map(|(columns, _)| columns.0).filter(|columns| *columns > 0);
    columns.filter(|_| out.is_terminal()).map(|columns| usize::from(columns.max(*WIDTHS.start())))
}

/// A text whose first line is coloured by how well it ended, where standard output has colours.
pub(crate) fn headed(text: &str, exit: Exit) -> String {
    if Look::of_standard_output(None).style.colour { painted(text, exit) } else { text.to_owned() }
}

/// Green for all, yellow for what lacks something, red for the rest (ECMA-48, SGR).
fn painted(text: &str, exit: Exit) -> String {
    let colour = match exit {
        Exit::Complete => 32,
        Exit::Missing => 33,
        _ => 31,
    };
    let (head, rest) = text.split_at(text.find('\n').unwrap_or(text.len()));
    format!("\x1b[{colour}m{head}\x1b[0m{rest}")
}

impl Look {
    /// That of standard output; `width` is what a person says.
    pub(crate) fn of_standard_output(width: Option<u16>) -> Self {
        let out = std::io::stdout();
        let columns = width.or_else(|| terminal_size::terminal_size_of(&out).map(|(columns, _)| columns.0));
        Self::told(|name| std::env::var_os(name), out.is_terminal(), columns)
    }

    /// What the environment tells. A locale says whether characters beyond ASCII are known; colours are for terminals that
    /// have them, and for those who want them (`NO_COLOR`).
    fn told(variable: impl Fn(&str) -> Option<OsString>, is_terminal: bool, columns: Option<u16>) -> Self {
        let text =
            |name| variable(name).map(|value| value.to_string_lossy().into_owned()).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(text).unwrap_or_default().to_ascii_lowercase();
        let unicode = ["utf-8", "utf8"].iter().any(|name| locale.contains(name));
        let is_dumb = text("TERM").is_none_or(|term| term == "dumb");
        let colour = is_terminal && !is_dumb && text("NO_COLOR").is_none();
        let columns = columns.or_else(|| text("COLUMNS")?.parse().ok()).filter(|columns| *columns > 0).unwrap_or(USUAL);
        Self { width: usize::from(columns.clamp(*WIDTHS.start(), *WIDTHS.end())), style: Style { unicode, colour } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_shows_how_it_ended() {
        assert_eq!(painted("done\n  more", Exit::Missing), "\x1b[33mdone\x1b[0m\n  more");
        assert_eq!(painted("done", Exit::Complete), "\x1b[32mdone\x1b[0m");
        assert_eq!(painted("done", Exit::Wedged), "\x1b[31mdone\x1b[0m");
    }

    #[test]
    fn locale_terminal_and_wishes_decide() {
        let told = |variables: &[(&str, &str)], is_terminal, columns| {
            let find = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
            let Look { width, style } = Look::told(find, is_terminal, columns);
            (width, style.unicode, style.colour)
        };
        let xterm = ("TERM", "xterm");
        assert_eq!(told(&[xterm, ("LANG", "de_DE.UTF-8")], true, Some(100)), (100, true, true));
        assert_eq!(told(&[xterm, ("LANG", "de_DE.utf8"), ("LC_ALL", "C")], true, None), (80, false, true));
        assert_eq!(told(&[xterm, ("LC_ALL", ""), ("LC_CTYPE", "C.UTF-8")], false, None), (80, true, false));
        assert_eq!(told(&[xterm, ("NO_COLOR", "1")], true, Some(5)), (20, false, false));
        assert_eq!(told(&[xterm, ("NO_COLOR", "")], true, Some(999)), (200, false, true));
        assert_eq!(told(&[("TERM", "dumb"), ("COLUMNS", "132")], true, None), (132, false, false));
        assert_eq!(told(&[("COLUMNS", "many")], true, Some(0)), (80, false, false));
    }
}
