//! Completions and man pages, made from the one definition of the arguments.

use std::path::Path;

use clap::CommandFactory;

use crate::base::human::printable;
use crate::os::durable;

use super::super::args::Cli;
use super::super::exit::{CliError, Exit, Failure};
use super::super::terminal::print;

/// Prints the completion script of `shell`.
pub(crate) fn completions(shell: clap_complete::Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "freemkv", &mut script);
    print::print_bytes(&script);
    Exit::Complete
}

/// Writes `freemkv.1` and a page a subcommand into `folder`.
///
/// # Errors
/// A page cannot be written.
pub(crate) fn man(folder: &Path) -> Result<Exit, Failure> {
    std::fs::create_dir_all(folder).map_err(CliError::system(format!("cannot make {}", shown(folder))))?;
    let mut command = Cli::command();
    command.build();
    pages(&command, folder)?;
    Ok(Exit::Complete)
}

fn pages(command: &clap::Command, folder: &Path) -> Result<(), CliError> {
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
    command.get_subcommands().try_for_each(|sub| pages(sub, folder))
}

fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}
