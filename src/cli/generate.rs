//! Completions and man pages, made from the one definition of the arguments.

use std::path::Path;

use anyhow::Context;
use clap::CommandFactory;

use crate::os::durable;

use super::args::Cli;
use super::exit::Exit;
use super::report;

/// Prints the completion script of `shell`.
pub(super) fn completions(shell: clap_complete::Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "freemkv", &mut script);
    report::print_bytes(&script);
    Exit::Complete
}

/// Writes `freemkv.1` and a page a subcommand into `folder`.
///
/// # Errors
/// A page cannot be written.
pub(super) fn man(folder: &Path) -> anyhow::Result<Exit> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut command = Cli::command();
    command.build();
    pages(&command, folder)?;
    Ok(Exit::Complete)
}

fn pages(command: &clap::Command, folder: &Path) -> anyhow::Result<()> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    // The help that clap adds to every level would be a page a subcommand of its own.
    if name.split('-').any(|part| part == "help") {
        return Ok(());
    }
    let path = folder.join(format!("{name}.1"));
    let mut page = Vec::new();
    let man = clap_mangen::Man::new(command.clone()).title(&name).manual("freemkv").date("");
    man.render(&mut page).context("cannot render a man page")?;
    durable::replace(&path, |out| out.write_all(&page)).with_context(|| format!("cannot write {}", path.display()))?;
    command.get_subcommands().try_for_each(|sub| pages(sub, folder))
}
