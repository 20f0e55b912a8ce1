//! Results of maps: into a file or to standard output, and the report beside them.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use crate::base::human::printable;
use crate::job::map::product;

use super::super::super::args::map::Product;
use super::super::super::context::Context;
use super::super::super::exit::{Exit, Failure, maps};
use super::super::super::json;
use super::super::super::terminal::print;
use super::super::super::words::shell;

/// Writes a result where it was asked for.
///
/// # Errors
/// A file is in the way or cannot be written. What standard output does not take is told at the end of the program.
pub(super) fn deliver(to: &Product, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    match &to.output {
        Some(path) => product::write(path, to.force, content).map_err(|e| maps::failed(&e)),
        None => {
            print::print_by(content);
            Ok(())
        }
    }
}

/// Says what was written: `words` to a person where it went into a file; a report on standard output, or on standard error
/// where that is the result.
pub(super) fn tell(to: &Product, words: &str, report: &impl Serialize, exit: Exit, context: &Context) -> Exit {
    if context.json {
        let ended = json::ended(report, exit, None);
        match &to.output {
            Some(_) => print::print_json(&ended),
            None => context.display.report(&serde_json::to_string(&ended).unwrap_or_default()),
        }
    } else if to.output.is_some() && !context.quiet {
        print::print(words);
    }
    exit
}

/// A name for a person.
pub(super) fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

/// The command that makes a result, for its comment.
pub(super) fn command_line(name: &str, names: &[&Path]) -> String {
    let names: String = names.iter().map(|name| format!(" {}", shell::word(name))).collect();
    format!("freemkv {name}{names}")
}
