//! Completions and man pages, made from the one definition of the arguments.

use std::path::Path;

use clap::CommandFactory;

use crate::base::human::printable;
use crate::os::durable;

use super::super::args::Cli;
use super::super::context::Context;
use super::super::exit::{CliError, Exit, Failure};
use super::super::json;
use super::super::terminal::print;

/// Prints the completion script of `shell`; where JSON is wanted, as `script` of the object.
pub(crate) fn completions(shell: clap_complete::Shell, context: &Context) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "freemkv", &mut script);
    if context.json {
        let script = String::from_utf8_lossy(&script).into();
        let result = [("shell".to_owned(), shell.to_string().into()), ("script".to_owned(), script)];
        print::print_json(&json::product(Some("completions"), None, result.into_iter().collect(), Exit::Complete));
    } else {
        print::print_bytes(&script);
    }
    Exit::Complete
}

/// Writes `freemkv.1` and a page a subcommand into `folder`.
///
/// # Errors
/// A page cannot be written.
pub(crate) fn man(folder: &Path, context: &Context) -> Result<Exit, Failure> {
    std::fs::create_dir_all(folder).map_err(CliError::system(format!("cannot make {}", shown(folder))))?;
    let mut command = Cli::command();
    command.build();
    let mut written = Vec::new();
    pages(&command, folder, &mut written)?;
    if context.json {
        let result = [("folder".to_owned(), folder.to_string_lossy().into()), ("pages".to_owned(), written.into())];
        print::print_json(&json::product(Some("man"), None, result.into_iter().collect(), Exit::Complete));
    }
    Ok(Exit::Complete)
}

/// Writes the page of `command` and those of its subcommands, and tells their names.
fn pages(command: &clap::Command, folder: &Path, names: &mut Vec<String>) -> Result<(), CliError> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    // The help that clap adds to every level would be a page a subcommand of its own.
    if name.split('-').any(|part| part == "help") {
        return Ok(());
    }
    let path = folder.join(format!("{name}.1"));
    let mut page = Vec::new();
    let man = clap_mangen::Man::new(command.clone()).title(&name).manual("freemkv").date("");
    man.render(&mut page).map_err(CliError::system("cannot render a man page"))?;
    let written = durable::replace(&path, |out| out.write_all(&page));
    written.map_err(CliError::system(format!("cannot write {}", shown(&path))))?;
    names.push(format!("{name}.1"));
    command.get_subcommands().try_for_each(|sub| pages(sub, folder, names))
}

fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}
