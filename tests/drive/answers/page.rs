//! The page.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::cases::How;
use super::{Row, UNIT, UNITS};

/// What came of a case in one of its ways.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    /// The exit code.
    pub(super) code: i32,
    /// The statuses of the map, a character a sector; empty where there is no map.
    pub(super) map: String,
    /// The words that the run ended with.
    pub(super) words: Option<Words>,
    /// Why places were set aside.
    pub(super) aside: BTreeSet<String>,
}

/// What a run says at its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Words {
    pub(super) message: String,
    pub(super) hint: String,
}

/// Writes it.
pub(super) fn write(rows: &[Row]) -> String {
    let mut text = head();
    let mut words: Vec<Words> = Vec::new();
    for (case, cells) in rows {
        let _ = write!(text, "| {} | {} |", case.name, case.meaning);
        for cell in cells {
            let shown = cell.as_ref().map_or_else(|| "–".to_owned(), |cell| shown(cell, &mut words));
            let _ = write!(text, " {shown} |");
        }
        text.push('\n');
    }
    text.push_str("\n## The words\n\n");
    for (number, Words { message, hint }) in (1..).zip(&words) {
        let _ = writeln!(text, "{number}. {message}. *{hint}*");
    }
    text
}

/// Words without the numbers of one case: places are A-B or N, and what the drive said is left to its row.
pub(super) fn in_general(text: &str) -> String {
    let text = match (text.find(" (status "), text.find(" (host status ")) {
        (Some(at), _) | (None, Some(at)) => text.get(..at).unwrap_or_default(),
        (None, None) => text,
    };
    let words = text.split(' ').map(|word| {
        let bare = word.trim_end_matches(['.', ',', ':']);
        let general = match bare.split_once('-') {
            Some((first, last)) if is_number(first) && is_number(last) => "A-B",
            None if is_number(bare) => "N",
            _ => return word.to_owned(),
        };
        word.replacen(bare, general, 1)
    });
    words.collect::<Vec<_>>().join(" ")
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn head() -> String {
    let columns = How::ALL.map(|how| match how {
        How::Once => "once",
        How::AtOneUnit => "always at one unit",
        How::Everywhere => "always everywhere",
    });
    format!(
        "# What becomes of every answer of a drive\n\n\
         Made by `tests/drive/answers.rs` from runs on the [emulated drive](emulated-drive.md), in virtual time; `tests/generate` \
         renews it. A DVD of {UNITS} units of 16 sectors; the answer comes to reads in place of data: once at unit {UNIT}, always \
         there, or at every unit, while TEST UNIT READY and all other commands are answered well. The last rows are about the \
         drive itself, which then answers so to whatever it is asked. A sweep, and where it ends with 3 a patch of one pass.\n\n\
         A cell has the exit code, how many sectors have which status in the map when not all are `+`, why places were set \
         aside (`left out`: taken for a tract that holds no data), and the number of the [words](#the-words) that the run ends with.\n\n\
         | Answer | Meaning | {} |\n|---|---|---|---|---|\n",
        columns.join(" | ")
    )
}

/// A cell as the page has it; words that are new join the others.
fn shown(cell: &Cell, words: &mut Vec<Words>) -> String {
    let mut parts = vec![cell.code.to_string()];
    for status in ['?', '*', '/', '-'] {
        let count = cell.map.chars().filter(|other| *other == status).count();
        match count {
            0 => {}
            _ if count == cell.map.len() => parts.push(format!("all `{status}`")),
            _ => parts.push(format!("{count} `{status}`")),
        }
    }
    if cell.map.is_empty() {
        parts.push("no map".to_owned());
    }
    if !cell.aside.is_empty() {
        parts.extend(cell.aside.iter().cloned());
    }
    if let Some(said) = &cell.words {
        let known = words.iter().position(|other| other == said);
        let number = known.unwrap_or_else(|| {
            words.push(said.clone());
            words.len() - 1
        });
        parts.push(format!("({})", number + 1));
    }
    parts.join(", ")
}
